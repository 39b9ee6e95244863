"""Sockets: the log, delivered."""
