"""The administrator's work on accounts."""
