"""The one path of all fixes: gathered, judged, stored together, shown.

How a fix goes:

1. `offer` (a frame on a socket) only puts it into the buffer: a `kill -9` within the next half second loses it, and
   the track has a gap of at most that. `store` (HTTP, where the device forgets what was answered) puts it there too,
   wakes the writer, and returns when it is in the database.
2. The writer takes everything gathered. Fixes of a car are judged in the order of their times (`rules.judge`).
3. One transaction: a COPY into the history, one statement for the latest of each car. It says whose marker moved.
4. Those go to the board of this process and, through Redis, to the others.

When PostgreSQL is away, `store` fails (the caller answers 503, the device keeps its points), and what was offered
waits in the buffer, up to `BUFFER`.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence

from brigada.edge import is_database_away
from brigada.kit.clock import Clock
from brigada.positions.board import Board
from brigada.positions.fixes import Fix, Flag
from brigada.positions.rules import Track, in_order, judge
from brigada.positions.storage import Known, Storage

BUFFER = 200_000
"""Fixes that wait while PostgreSQL is away: 200 s of 1,000 a second, about 60 MB."""

GATHER_S = 0.05
"""Between two writes asked for by `store` at least this long passes: single posts, 1,000 a second of them, then cost
20 transactions a second, not 1,000, and nobody waits longer than a tap on a button is felt."""

_log = logging.getLogger(__name__)


class Intake:
    """The buffer and the writer of one process."""

    def __init__(
        self, storage: Storage, board: Board, clock: Clock, *, flush_s: float, fastest_mps: float
    ) -> None:
        self._storage = storage
        self._board = board
        self._clock = clock
        self._flush_s = flush_s
        self._fastest_mps = fastest_mps
        self._offered: list[Fix] = []
        self._wanted: list[tuple[Sequence[Fix], asyncio.Future[int]]] = []
        self._urgent = asyncio.Event()
        self._tracks: defaultdict[int, Track] = defaultdict(Track)
        self.stored = 0
        """Rows written to the history by this process."""
        self.lost = 0
        """Fixes dropped because the buffer was full."""

    @property
    def waiting(self) -> int:
        """Fixes in the buffer."""
        return len(self._offered)

    def offer(self, fixes: Sequence[Fix]) -> None:
        """Gather fixes; they are stored within the flush interval. Never waits."""
        room = BUFFER - len(self._offered)
        if room < len(fixes):
            self.lost += len(fixes) - max(0, room)
            fixes = fixes[: max(0, room)]
        self._offered.extend(fixes)

    async def store(self, fixes: Sequence[Fix]) -> int:
        """Store fixes before returning; return how many are new.

        Raises:
            asyncpg.PostgresError, OSError, …: the database is away; nothing is stored.
        """
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._wanted.append((fixes, done))
        self._urgent.set()
        return await done

    async def run(self) -> None:
        """Write what was gathered, until cancelled; then once more, so that a restart loses nothing."""
        try:
            while True:
                await self._wait()
                await self._write_gathered()
        finally:
            await asyncio.shield(self._write_gathered())

    async def _wait(self) -> None:
        await asyncio.sleep(GATHER_S)
        try:
            await asyncio.wait_for(self._urgent.wait(), max(0.0, self._flush_s - GATHER_S))
        except TimeoutError:
            return
        self._urgent.clear()

    async def _write_gathered(self) -> None:
        offered, self._offered = self._offered, []
        wanted, self._wanted = self._wanted, []
        if not offered and not wanted:
            return
        try:
            stored = await self._write([*offered, *(fix for fixes, _ in wanted for fix in fixes)])
        except Exception as error:  # noqa: BLE001 -- whatever it is, those who wait must hear of it
            self._tracks.clear()  # judged, but not stored: asked anew of the board, which knows what is
            for _, done in wanted:
                if not done.done():
                    done.set_exception(error)
            if not is_database_away(error):
                _log.exception("%d fixes could not be stored", len(offered))
                self.lost += len(offered)
                return
            _log.warning("positions wait: %s", type(error).__name__)
            self._offered = [*offered, *self._offered][-BUFFER:]
            return
        for fixes, done in wanted:
            if not done.done():
                done.set_result(sum(1 for fix in fixes if id(fix) in stored))

    async def _write(self, fixes: Sequence[Fix]) -> set[int]:
        """Judge and store; return the identities of the fixes that the service has now and had not before."""
        ordered = in_order(fixes)
        known = await self._known(ordered)
        history: list[Fix] = []
        latest: dict[int, Fix] = {}
        new: set[int] = set()
        for fix in ordered:
            before = None
            if known is not None:
                if known.has(fix):
                    continue
                before = known.before(fix)
            verdict = judge(fix, self._track_of(fix.car_id), fastest_mps=self._fastest_mps, before=before)
            fix.flags = verdict.flags
            new.add(id(fix))
            if verdict.keep:
                history.append(fix)
            if verdict.move:
                latest[fix.car_id] = fix
        moved = await self._storage.write(history, list(latest.values()))
        self.stored += len(history)
        markers = [fix for car_id, fix in latest.items() if car_id in moved]
        self._board.moved(markers)
        await self._board.tell_others(markers)
        return new

    def _track_of(self, car_id: int) -> Track:
        """Return what is remembered of a car; another process may have heard of it later than this one."""
        track = self._tracks[car_id]
        shown = self._board.latest.get(car_id)
        if shown is not None and (track.marker is None or shown.at > track.marker.at):
            track.marker = shown
        return track

    async def _known(self, ordered: Sequence[Fix]) -> Known | None:
        """Return what the history holds around the fixes that may have come before; asks only where that can be."""
        doubtful = [
            fix
            for fix in ordered
            if fix.flags & Flag.LATE
            or ((t := self._track_of(fix.car_id).marker) is not None and fix.at <= t.at)
        ]
        return await self._storage.around(doubtful) if doubtful else None
