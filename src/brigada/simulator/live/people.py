"""People who play along: whoever signed in as the worker of a crew, or sits at the dispatcher's desk."""

from datetime import datetime, timedelta
from typing import Any

SEEN_WITHIN = timedelta(minutes=20)
"""A page that is open is heard of every quarter of an hour, when it renews its session."""
PATIENCE_S = 180.0
"""Seconds of ours that a crew waits for its person's tap."""


class Person:
    """Somebody with an account, as far as the service tells: here, or not."""

    def __init__(self, user_id: int, *, patience_s: float = PATIENCE_S) -> None:
        self.user_id = user_id
        self.patience_s = patience_s
        self.is_here = False
        self._seen_at: datetime | None = None
        self._gone_at: datetime | None = None

    def seen(self, at: datetime | None, now: datetime) -> None:
        """Take in when the service last heard of the person; None: signed out."""
        self._seen_at = at
        fresh = at is not None and now - at < SEEN_WITHIN
        self.is_here = fresh and (self._gone_at is None or (at is not None and at > self._gone_at))

    def heard_of(self, actor: dict[str, Any]) -> None:
        """Take in who did something: what the person does proves that it is here."""
        if actor.get("id") == self.user_id:
            self.is_here, self._gone_at = True, None

    def gone(self) -> None:
        """The person let something wait for too long; it is away until heard of again."""
        self.is_here, self._gone_at = False, self._seen_at
