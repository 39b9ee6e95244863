"""Positions of one process: what requests, sockets and jobs use."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from brigada.auth.principal import Principal
from brigada.db.engine import Database
from brigada.db.leader import Chore
from brigada.events.log import StoredEvent
from brigada.kit.cache import Cache
from brigada.kit.clock import Clock
from brigada.positions import stints
from brigada.positions.board import Board, Publish
from brigada.positions.errors import NoTeam
from brigada.positions.familiar import Familiar
from brigada.positions.fixes import DeviceFix
from brigada.positions.intake import Intake
from brigada.positions.reading import make_fixes, read_body, read_frame, was_kept
from brigada.positions.stints import Whose
from brigada.positions.storage import Storage
from brigada.settings import Settings

_BAD_FRAME = msgspec.json.encode(
    {
        "type": "error",
        "code": "bad_position",
        "detail": "A position has lat, lon and, with its offset, the time `at` of the fix.",
    }
)
_NO_TEAM = msgspec.json.encode({"type": "error", "code": NoTeam.code, "detail": NoTeam.en})
HOUSE_EVERY_S = 3600.0
"""Days are made three ahead, so an hour's delay is nothing."""

_log = logging.getLogger(__name__)


class Sender(Protocol):
    """Whoever is behind a socket."""

    @property
    def user_id(self) -> int: ...

    @property
    def role(self) -> str: ...

    @property
    def team_id(self) -> int | None: ...


class Positions:
    """Intake, history and latest of one process."""

    def __init__(
        self, settings: Settings, database: Database, cache: Cache, clock: Clock, publish: Publish
    ) -> None:
        self.clock = clock
        self.database = database
        self._hot_days = settings.position_hot_days
        self.keep = timedelta(days=settings.position_keep_days)
        self.storage = Storage(database)
        self.board = Board(self.storage, cache, clock, publish, frame_s=settings.position_frame_s)
        self.intake = Intake(
            self.storage, self.board, clock,
            flush_s=settings.position_flush_s, fastest_mps=settings.position_fastest_kmh / 3.6,
        )  # fmt: skip
        self.familiar = Familiar()
        self._looking_up: set[asyncio.Task[None]] = set()

    def jobs(self) -> list[tuple[str, Coroutine[Any, Any, None]]]:
        """Return what must run as long as the process does."""
        return [
            ("positions", self.intake.run()),
            ("positions-out", self.board.run()),
            ("positions-relay", self.board.listen()),
        ]

    def chores(self) -> list[Chore]:
        """Return what one process of all must do."""
        return [Chore("positions-house", HOUSE_EVERY_S, self.keep_house)]

    async def keep_house(self) -> None:
        """Make the coming days' tables, drop those past keeping."""
        dropped = await self.storage.keep_house(
            now=self.clock.now(), keep_days=self.keep.days, hot_days=self._hot_days
        )
        if dropped:
            _log.info("dropped %d days of positions, up to %s", len(dropped), dropped[-1].isoformat())

    def heard(self, event: StoredEvent) -> None:
        """Take note of an event of the log."""
        self.board.heard(event)

    def from_socket(self, sender: Sender, raw: bytes, answer: Callable[[bytes], None]) -> None:
        """Take the fixes of a frame; anything wrong is answered, and the socket lives on. Never waits."""
        try:
            points, sent_at = read_frame(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            answer(_BAD_FRAME)
            return
        team_id = sender.team_id if sender.role == "worker" else None
        if team_id is None:
            answer(_NO_TEAM)
            return
        now = self.clock.now()

        def offer(whose: Whose) -> None:
            made = make_fixes(points, sent_at=sent_at, received_at=now, oldest=now - self.keep, whose=whose)
            if made.refused:
                answer(_NO_TEAM if all(one.code == "no_team" for one in made.refused) else _BAD_FRAME)
            if made.fixes:
                self.intake.offer(made.fixes)

        car_id = self.board.car_of_team.get(team_id)
        if car_id is not None and not any(was_kept(point, now) for point in points):
            offer(stints.now_with(car_id, team_id))
        else:
            self._look_up(sender.user_id, now, offer)

    def _look_up(self, user_id: int, now: datetime, offer: Callable[[Whose], None]) -> None:
        """A team formed a moment ago, or fixes kept for a while: the database is asked whose they are."""

        async def ask() -> None:
            try:
                found = await stints.of_worker(self.database, user_id, now - self.keep)
            except Exception as error:  # noqa: BLE001 -- PostgreSQL is away; the next fix of this crew asks again
                _log.warning("a crew's car is not known yet: %s", type(error).__name__)
                return
            offer(stints.among(found))

        if len(self._looking_up) < 1000:
            task = asyncio.create_task(ask())
            self._looking_up.add(task)
            task.add_done_callback(self._looking_up.discard)

    async def from_crew(self, principal: Principal, body: bytes) -> dict[str, Any]:
        """Store a batch of the crew's own device; return how many points were taken and which were not.

        Raises:
            BadPositions, TooManyPoints: nothing is taken.
            NoTeam: the caller was on no team in all the time that is kept.
        """
        points, sent_at = read_body(body)
        found = await stints.of_worker(self.database, principal.id, self.clock.now() - self.keep)
        if not found:
            raise NoTeam
        return await self.store(points, sent_at=sent_at, whose=stints.among(found))

    async def store(
        self,
        points: list[DeviceFix | None],
        *,
        whose: Whose,
        **more: Any,  # noqa: ANN401 -- handed on to `make_fixes`, which checks them
    ) -> dict[str, Any]:
        """Store points of one sending durably; return how many were taken, how many are new, which were refused."""
        now = self.clock.now()
        made = make_fixes(points, received_at=now, oldest=now - self.keep, whose=whose, **more)
        new = await self.intake.store(made.fixes) if made.fixes else 0
        return {"accepted": len(made.fixes), "new": new, "refused": made.refused}
