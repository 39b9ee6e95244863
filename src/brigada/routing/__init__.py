"""Roads: how long a team needs to a place and by which way. A port and its engines."""
