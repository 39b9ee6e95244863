"""The demo: an invented town with a year of history, and callers that never stop."""

from brigada.demo.seed import seed

__all__ = ["seed"]
