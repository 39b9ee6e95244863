"""Reads the log for one process: woken by its own commits, by Redis, and at the latest after a second."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from redis.exceptions import RedisError

from brigada.db.engine import Database
from brigada.edge import is_database_away
from brigada.events.log import LocalBell, position, read_after, renew_epoch
from brigada.kit.cache import Cache
from brigada.kit.clock import Clock
from brigada.middleware import Meters
from brigada.realtime.hub import Hub

CHANNEL = b"brigada:doorbell"
BATCH = 128
"""Events read at once: a quarter of a socket's queue, so that a burst in the log cuts off no client that reads."""
DRAIN_S = 1.0
"""A burst waits this long for the sockets to take one batch before it gives them the next."""
RETRY_S = 0.5
SILENCE_S = 15.0
"""After so many seconds without a ring Redis is asked whether the line still stands: a host that lost its power closes
no connection, and the ear would wait at a dead one for ever. Until then the poll brings the news."""

_log = logging.getLogger(__name__)


class Doorbell:
    """Rings in this process at once and in the others through Redis; a ring lost costs them a second."""

    def __init__(self, cache: Cache) -> None:
        self.local = LocalBell()
        self._cache = cache
        self._ringing: asyncio.Task[None] | None = None
        self._again = False

    def ring(self, _seq: int) -> None:
        """Say that there is something new; never waits, and rings that come together become one."""
        self.local.ring()
        if self._ringing is None or self._ringing.done():
            self._ringing = asyncio.get_running_loop().create_task(self._ring())
        else:
            self._again = True

    async def _ring(self) -> None:
        while True:
            self._again = False
            await self._cache.attempt(lambda redis: redis.publish(CHANNEL, b"1"), otherwise=0)
            if not self._again:
                return

    async def listen(self) -> None:
        """Ring the local bell whenever another process rings; comes back by itself when Redis does."""
        while True:
            with contextlib.suppress(RedisError, OSError, TimeoutError):
                pubsub = self._cache.redis.pubsub(ignore_subscribe_messages=True)
                try:
                    await pubsub.subscribe(CHANNEL)
                    self.local.ring()
                    while True:
                        if await pubsub.get_message(timeout=SILENCE_S) is None:
                            await pubsub.ping()
                            if await pubsub.get_message(timeout=RETRY_S) is None:
                                break
                        self.local.ring()  # for an answer to the ping, too: it does no harm
                finally:
                    with contextlib.suppress(RedisError, OSError, RuntimeError):
                        await pubsub.aclose()  # type: ignore[no-untyped-call]  # the client has no annotation here
            await asyncio.sleep(1.0)  # Redis is away; the poll goes on meanwhile


class Tail:
    """Follows the log and hands it to the hub."""

    def __init__(
        self,
        database: Database,
        hub: Hub,
        bell: LocalBell,
        clock: Clock,
        meters: Meters,
        *,
        poll_s: float,
        heartbeat_s: float,
        on_events: Callable[[int], None] | None = None,
    ) -> None:
        self._database = database
        self._hub = hub
        self._bell = bell
        self._clock = clock
        self._meters = meters
        self._poll_s = poll_s
        self._heartbeat_s = heartbeat_s
        self._on_events = on_events
        self._last_beat = 0.0
        self.started = asyncio.Event()

    async def run(self) -> None:
        """Follow the log until cancelled; while PostgreSQL is away no heartbeat is sent, so screens say so.

        A bug must not leave sockets that look alive and are deaf: everybody is sent to resume, and it goes on.
        """
        while True:
            try:
                await self._find_place()
                await self._follow()
            except Exception as error:  # noqa: BLE001 -- see above
                if is_database_away(error):
                    _log.warning("the log can't be read: %s", type(error).__name__)
                else:
                    _log.exception("following the log failed", exc_info=error)
                    self._hub.close_all("following the log failed")
                self._hub.cut_stuck()
                await asyncio.sleep(RETRY_S)

    async def _find_place(self) -> None:
        """Start at the log's end, or go on where this process was, if it is still the same log.

        A log that is shorter than what was delivered lost entries (a standby took over, a copy was restored) and will
        give their numbers to others: its epoch changes, so that nobody resumes in it as if nothing had happened.
        """
        where = await position(self._database)
        if not self._hub.epoch:
            self._hub.begin(where.seq, where.epoch)
            self.started.set()
        elif where.epoch != self._hub.epoch or where.seq < self._hub.seq:
            if where.epoch == self._hub.epoch:
                where = await renew_epoch(self._database, where.epoch, shorter_than=self._hub.seq)
            self._hub.begin_anew(where.seq, where.epoch)

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            events = await read_after(self._database, self._hub.seq, limit=BATCH)
            if events:
                self._hub.publish(events)
                self._meters.event_lag.set((self._clock.now() - events[-1].at).total_seconds())
                if self._on_events is not None:
                    self._on_events(self._hub.seq)
            if loop.time() - self._last_beat >= self._heartbeat_s:
                self._last_beat = loop.time()
                # A lost connection is replaced unnoticed, and behind the new one may be another log.
                await self._find_place()
                self._hub.cut_stuck()
                # Asked of one process, the measures are those of all: each keeps its own fresh.
                self._meters.queue_depth.set(self._hub.deepest)
                self._meters.note_pool(in_use=self._database.in_use, limit=self._database.limit)
                self._hub.heartbeat(self._clock.now())
            if len(events) < BATCH:
                await self._bell.wait(min(self._poll_s, self._heartbeat_s))
            else:
                await self._let_drain(loop.time() + DRAIN_S)

    async def _let_drain(self, deadline: float) -> None:
        """Wait for the writers, but not for a client that does not read: its queue overflows, and it is cut."""
        loop = asyncio.get_running_loop()
        # A thousand queues that empty, and no one event to wait for.
        while self._hub.deepest > BATCH and loop.time() < deadline:  # noqa: ASYNC110 -- as said
            await asyncio.sleep(0.005)
