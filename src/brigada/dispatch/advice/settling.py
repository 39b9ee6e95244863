"""When a proposal is told: a dispatcher who is asked about what a moment later is nothing stops reading; pure."""

from collections.abc import Collection
from datetime import datetime, timedelta

SECOND_LOOK = timedelta(seconds=3)
"""From the first look that makes a proposal to the one that may tell it. Taps and fixes of one moment come as several
events within two seconds, and plans made between them are those that hold no more; a crew drives 40 m in it."""


class TwoLooks:
    """What the last looks proposed: a proposal is told when a second one in a row, some seconds later, makes it too.

    It lives in the leader's memory: another leader looks twice anew.
    """

    def __init__(self, apart: timedelta = SECOND_LOOK) -> None:
        self._apart = apart
        self._since: dict[str, datetime] = {}
        self._told: frozenset[str] = frozenset()

    def look(self, proposed: Collection[str], now: datetime) -> frozenset[str]:
        """Take in what this look proposes; return what may be told. What a look leaves out begins anew."""
        before = self._since
        self._since = {mark: before.get(mark, now) for mark in proposed}
        self._told = frozenset(
            mark for mark, since in self._since.items() if mark in before and now - since >= self._apart
        )
        return self._told

    def due(self, now: datetime) -> bool:
        """Whether something waits for its second look and it is time for it."""
        waiting = self._since.keys() - self._told
        return any(now - self._since[mark] >= self._apart for mark in waiting)
