"""The unit of work: the only place that commits, so that a change without its event is impossible."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from sqlalchemy.exc import DBAPIError

from brigada.db.engine import Database, WriteSession
from brigada.errors import OutcomeUnknown
from brigada.events.kinds import check
from brigada.events.log import SYSTEM, Actor, Event, append_last_before_commit

Projection = Callable[["UnitOfWork", Sequence[Event]], Awaitable[None]]
"""Runs inside the transaction, before the numbers are given: it may write rows and record further events."""


class UnitOfWork:
    """One command: a session, the events that it records, one commit.

    Order at the commit: the session's changes, the projections (notifications), the numbering, COMMIT, the bell.
    Nobody but the edge (the route class, a job, the command line) calls `commit`.
    """

    def __init__(
        self,
        database: Database,
        *,
        now: datetime,
        actor: Actor = SYSTEM,
        cause: str | None = None,
        projections: Sequence[Projection] = (),
        on_commit: Callable[[int], None] | None = None,
    ) -> None:
        self.now = now
        """The one moment of this command; rules take it as an argument."""
        self.actor = actor
        self.cause = cause
        self.session: WriteSession = database.write_session()
        self.last_seq: int | None = None
        self._projections = projections
        self._on_commit = on_commit
        self._events: list[Event] = []

    def record(self, event: Event) -> None:
        """Keep an event for the commit.

        Raises:
            WrongEventError: its kind or its audience is not in the table of `events.kinds`.
        """
        check(event)
        self._events.append(event)

    @property
    def recorded(self) -> Sequence[Event]:
        return tuple(self._events)

    def forget_events(self) -> None:
        """Drop what was recorded: the savepoint that it belonged to was rolled back."""
        self._events.clear()

    async def commit(self) -> None:
        """Make it so: all of it with its events, or nothing.

        Raises:
            OutcomeUnknown: the connection broke during the commit.
        """
        await self.session.flush()
        done = 0
        while done < len(self._events):
            batch, done = self._events[done:], len(self._events)
            for projection in self._projections:
                await projection(self, batch)
        await self.session.flush()
        if self._events:
            self.last_seq = await append_last_before_commit(
                self.session, self._events, at=self.now, actor=self.actor, cause=self.cause
            )
        await self._make_final()
        if self.last_seq is not None and self._on_commit is not None:
            self._on_commit(self.last_seq)
        self._events.clear()

    async def _make_final(self) -> None:
        try:
            await self.session.commit()
        except DBAPIError as error:
            if error.connection_invalidated:  # whether the database got so far, nobody can tell
                raise OutcomeUnknown from error
            raise
        except TimeoutError as error:  # nor here
            raise OutcomeUnknown from error

    async def rollback(self) -> None:
        self._events.clear()
        await self.session.rollback()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the connection back; what was not committed is rolled back."""
        self._events.clear()
        await self.session.close()
