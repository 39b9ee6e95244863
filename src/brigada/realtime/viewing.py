"""Who looks at which call now: "смотрит Петрова", so that two dispatchers do not do the same thing.

Told by the screens themselves (`{"type": "viewing", "call_id": 7}`, again every few seconds while the card is open)
and told to the other dispatchers. Nothing of it is kept: it is no part of the log, and without Redis each process
knows only its own screens.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec
from sqlalchemy import select

from brigada.auth.models import User
from brigada.auth.principal import short_name
from brigada.db.engine import Database
from brigada.kit.cache import Cache
from brigada.kit.clock import Clock
from brigada.realtime.audience import SEE_POSITIONS, Listener
from brigada.realtime.hub import Hub

KEY = "brigada:viewing"
ROUND_S = 1.0
"""Processes look at each other's screens this often: quicker than a person decides."""

FORGOTTEN_S = 25.0
"""A screen says again every 10 s what it shows; one that was silent for two of these is closed."""

_log = logging.getLogger(__name__)
_encoder = msgspec.json.Encoder()


class Look(msgspec.Struct):
    """One person's open card, or that none is open, and when this was last said (seconds of the epoch)."""

    call_id: int | None
    at: float


class _Up(msgspec.Struct, forbid_unknown_fields=False):
    call_id: int | msgspec.UnsetType | None = msgspec.UNSET
    """null: no card is open; left out: the screen only asks, which another tab of the same person must survive."""


_up = msgspec.json.Decoder(_Up)
_look = msgspec.json.Decoder(Look)


def picture(looks: Mapping[int, Look], names: Mapping[int, str], now: datetime) -> list[dict[str, object]]:
    """Return for each call who looks at it, by names; looks that were not confirmed lately are left out."""
    by_call: dict[int, list[dict[str, object]]] = {}
    for user_id, look in sorted(looks.items()):
        if look.call_id is not None and now.timestamp() - look.at <= FORGOTTEN_S:
            by_call.setdefault(look.call_id, []).append({"id": user_id, "name": names.get(user_id, "")})
    return [{"call_id": call_id, "users": users} for call_id, users in sorted(by_call.items())]


class Viewing:
    """The open cards of this process's screens, and through Redis those of the others."""

    def __init__(self, database: Database, cache: Cache, clock: Clock, hub: Hub) -> None:
        self._database = database
        self._cache = cache
        self._clock = clock
        self._hub = hub
        self._changes: dict[int, Look] = {}
        self._own: dict[int, Look] = {}
        self._names: dict[int, str] = {}
        self._told: list[dict[str, object]] = []
        self._wake = asyncio.Event()

    def heard(self, listener: Listener, raw: bytes, answer: Callable[[bytes], None]) -> None:
        """Take a screen's word; answer with the picture, which a screen that has just opened does not have."""
        if listener.role not in SEE_POSITIONS:
            return
        try:
            call_id = _up.decode(raw).call_id
        except msgspec.MsgspecError:
            return
        if not isinstance(call_id, msgspec.UnsetType):
            self._say(listener.user_id, call_id)
        answer(_encoder.encode({"type": "viewing", "items": self._told}))

    def _say(self, user_id: int, call_id: int | None) -> None:
        # That a card was closed is said too, not only left out: elsewhere an older word may still be remembered.
        self._changes[user_id] = self._own[user_id] = Look(call_id, self._clock.now().timestamp())
        self._wake.set()

    async def run(self) -> None:
        """Share what changed here, read what the others share, tell the screens when the picture is another one."""
        while True:
            try:
                await self._round()
            except Exception as error:  # noqa: BLE001 -- a courtesy between colleagues must not end the process's jobs
                _log.warning("who looks at what is not known: %s", type(error).__name__)
            try:
                await asyncio.wait_for(self._wake.wait(), ROUND_S)
            except TimeoutError:
                continue

    async def _round(self) -> None:
        self._wake.clear()
        changes, self._changes = self._changes, {}
        for user_id, look in changes.items():
            await self._share(user_id, look)
        nothing: dict[bytes | str, bytes | str] = {}
        shared = await self._cache.attempt(lambda redis: redis.hgetall(KEY), otherwise=nothing)
        oldest = self._clock.now().timestamp() - FORGOTTEN_S
        self._own = {user_id: look for user_id, look in self._own.items() if look.at >= oldest}
        looks = {int(user_id): _look.decode(value) for user_id, value in shared.items()}
        for user_id, look in self._own.items():
            # A screen that has moved on to another process said its latest word there.
            if user_id not in looks or looks[user_id].at < look.at:
                looks[user_id] = look
        await self._learn_names(looks)
        now = picture(looks, self._names, self._clock.now())
        if now == self._told:
            return
        self._told = now
        frame = _encoder.encode({"type": "viewing", "items": now})
        for connection in self._hub.connections:
            if connection.listener.role in SEE_POSITIONS:
                connection.push(frame)

    async def _share(self, user_id: int, look: Look) -> None:
        field, value = str(user_id), _encoder.encode(look)
        await self._cache.attempt(lambda redis: redis.hset(KEY, field, value), otherwise=0)

    async def _learn_names(self, looks: Mapping[int, Look]) -> None:
        unknown = looks.keys() - self._names.keys()
        if not unknown:
            return
        async with self._database.read() as session:
            rows = await session.execute(
                select(User.id, User.surname, User.name, User.patronym).where(User.id.in_(unknown))
            )
            for row in rows:
                self._names[row.id] = short_name(row.surname, row.name, row.patronym)
