"""The forms that a report may take."""
