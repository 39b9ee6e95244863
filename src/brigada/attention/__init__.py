"""What asks for attention: rules as data, judged in one process of all, kept until it is over."""
