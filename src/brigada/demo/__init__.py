"""The demo: an invented town with a year of history, and callers that never stop."""
