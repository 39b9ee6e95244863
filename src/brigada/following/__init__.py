"""What positions tell of a crew at work: steps to propose, and when it will arrive."""
