"""The latest fix of every car in one process, and the frames made of it: one a second, only what changed."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from brigada.events.log import StoredEvent
from brigada.kit.cache import Cache
from brigada.kit.clock import Clock
from brigada.positions.fixes import Fix, item_of
from brigada.positions.storage import LONG_AGO, Storage

CHANNEL = b"brigada:positions"
LOOK_EVERY_S = 5.0
"""Redis forgets what it could not deliver, so the table is read this often behind it; every second while Redis is
away. A look at 20,000 cars of which none moved takes 3 ms; each car that did, 8 µs of CPU."""
OVERLAP = timedelta(seconds=3)
"""A look reaches back a little: what another process wrote a moment ago may have been committed only now."""

Publish = Callable[[Iterable[dict[str, Any]], datetime], None]

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Fix])
_log = logging.getLogger(__name__)


class Board:
    """Where every car is. What this process stores comes by `moved`, what others store through Redis or the table."""

    def __init__(
        self, storage: Storage, cache: Cache, clock: Clock, publish: Publish, *, frame_s: float
    ) -> None:
        self.latest: dict[int, Fix] = {}
        """The marker of each car."""
        self.car_of_team: dict[int, int] = {}
        self._team_of_car: dict[int, int] = {}
        self._storage = storage
        self._cache = cache
        self._clock = clock
        self._publish = publish
        self._frame_s = frame_s
        self._changed: set[int] = set()
        self._teams_changed = True
        self._heard = asyncio.Event()
        self._me = token_bytes(8) + os.getpid().to_bytes(4, "big")
        self._looked_at = LONG_AGO
        self._next_look = 0.0
        self._listening = False

    def moved(self, fixes: Iterable[Fix]) -> None:
        """Take in markers that moved; whichever is later by the device's clock stays."""
        for fix in fixes:
            known = self.latest.get(fix.car_id)
            if known is None or fix.at > known.at:
                self.latest[fix.car_id] = fix
                self._changed.add(fix.car_id)

    def heard(self, event: StoredEvent) -> None:
        """Take note of an event: which team has which car may have changed."""
        if event.kind.startswith("team."):
            self._teams_changed = True

    async def _learn_teams(self) -> None:
        self._teams_changed = False
        try:
            self.car_of_team = await self._storage.cars_of_teams()
        except Exception:
            self._teams_changed = True
            raise
        before, self._team_of_car = self._team_of_car, {car: team for team, car in self.car_of_team.items()}
        # A car that changed hands is shown under its new team at once.
        self._changed |= {car for car, team in self._team_of_car.items() if before.get(car) != team}

    async def tell_others(self, fixes: list[Fix]) -> None:
        """Hand markers to the other processes; without Redis they read them from the table."""
        if not fixes:
            return

        async def send(redis: Redis) -> None:
            await redis.publish(CHANNEL, self._me + _encoder.encode(fixes))

        await self._cache.attempt(send, otherwise=None)

    async def listen(self) -> None:
        """Take in what other processes tell; comes back by itself when Redis does."""
        while True:
            with contextlib.suppress(RedisError, OSError, TimeoutError):
                pubsub = self._cache.redis.pubsub(ignore_subscribe_messages=True)
                try:
                    await pubsub.subscribe(CHANNEL)
                    self._listening, self._next_look = True, 0.0
                    while True:
                        message = await pubsub.get_message(timeout=None)
                        if message is not None:
                            self._take(message["data"])
                finally:
                    self._listening = False
                    with contextlib.suppress(RedisError, OSError, RuntimeError):
                        await pubsub.aclose()  # type: ignore[no-untyped-call]  # the client has no annotation here
            await asyncio.sleep(1.0)  # Redis is away; the table is read every second meanwhile

    def _take(self, raw: bytes) -> None:
        if raw.startswith(self._me):
            return
        try:
            self.moved(_decoder.decode(raw[len(self._me) :]))
        except msgspec.MsgspecError:
            _log.warning("a message about positions was not understood: another version?")

    async def run(self) -> None:
        """Once a second, offer what changed to the screens of this process."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            try:
                await self._tick(loop.time())
            except Exception as error:  # noqa: BLE001 -- PostgreSQL is away in more ways than can be listed; the next tick tries
                _log.warning("positions can't be read: %s", type(error).__name__)
            due = max(due + self._frame_s, loop.time())
            await asyncio.sleep(due - loop.time())

    async def _tick(self, now: float) -> None:
        if self._teams_changed:
            await self._learn_teams()
        if not self._listening or now >= self._next_look:
            self._next_look = now + LOOK_EVERY_S
            before = self._clock.now() - OVERLAP
            self.moved(await self._storage.latest(self._looked_at))
            self._looked_at = before
        changed, self._changed = self._changed, set()
        items = [
            item_of(self.latest[car_id], team_id)
            for car_id in changed
            if car_id in self.latest and (team_id := self._team_of_car.get(car_id)) is not None
        ]
        if items:
            self._publish(items, self._clock.now())
