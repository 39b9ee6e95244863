"""Limits on attempts: counted in Redis for all processes, in this process while Redis is away."""

import time
from collections import OrderedDict

from redis.asyncio import Redis

from brigada.errors import TooManyRequests
from brigada.kit.cache import Cache

WINDOW_S = 60
"""Limits are counted in windows of one minute."""

_LOCAL_KEYS = 50_000
"""Counters kept in one process at the most, about 10 MB; the oldest goes first."""


class Limiter:
    """Counts events of a name in the present minute."""

    now = staticmethod(time.time)

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._local: OrderedDict[str, int] = OrderedDict()

    async def hit(self, name: str, limit: int) -> None:
        """Count one more attempt.

        Raises:
            TooManyRequests: it was one too many; says in how many seconds the window ends.
        """
        if await self._add(name, 1) > limit:
            raise TooManyRequests(self._left())

    async def forgive(self, name: str) -> None:
        """Take back one attempt that turned out to be good."""
        await self._add(name, -1)

    def hit_here(self, name: str, limit: int) -> None:
        """Count one more attempt in this process alone: for what comes too often to ask Redis each time.

        Raises:
            TooManyRequests: it was one too many.
        """
        if self._add_here(self._key(name), 1) > limit:
            raise TooManyRequests(self._left())

    def refuse_if_spent_here(self, name: str, limit: int) -> None:
        """Refuse before any work for what this process has seen too often already.

        Raises:
            TooManyRequests: so it is.
        """
        if self._local.get(self._key(name), 0) > limit:
            raise TooManyRequests(self._left())

    def _key(self, name: str) -> str:
        return f"limit:{name}:{int(self.now()) // WINDOW_S}"

    def _add_here(self, key: str, amount: int) -> int:
        local = self._local.get(key, 0) + amount
        self._local[key] = local
        self._local.move_to_end(key)
        while len(self._local) > _LOCAL_KEYS:
            self._local.popitem(last=False)
        return local

    def _left(self) -> int:
        return max(1, WINDOW_S - int(self.now()) % WINDOW_S)

    async def _add(self, name: str, amount: int) -> int:
        key = self._key(name)
        local = self._add_here(key, amount)

        async def count(redis: Redis) -> int:
            async with redis.pipeline(transaction=False) as pipe:
                pipe.incrby(key, amount)
                pipe.expire(key, WINDOW_S * 2)
                answers = await pipe.execute()
            return int(answers[0])

        # The larger of the two: a restart of Redis must not forgive what this process has seen itself.
        return max(local, await self._cache.attempt(count, otherwise=local))
