"""Time as a thing that is passed in, so that a rule can be tested at any hour."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Source of the present moment."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)
