"""Redis as what it is here: a cache and a doorbell that may be away at any moment."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

REST_S = 1.0
"""After a failure Redis is left alone this long, so that its absence costs one time-out a second, not one a request."""

_log = logging.getLogger(__name__)


class Cache:
    """A Redis client whose every use has an answer for "Redis is away"."""

    def __init__(self, url: str, *, timeout_s: float) -> None:
        self.redis: Redis = Redis.from_url(
            url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, decode_responses=False
        )
        self._rest_until = 0.0

    @property
    def resting(self) -> bool:
        return time.monotonic() < self._rest_until

    async def attempt[T](self, use: Callable[[Redis], Awaitable[T]], *, otherwise: T) -> T:
        """Return what `use` answers, or `otherwise` while Redis is away."""
        if self.resting:
            return otherwise
        try:
            return await use(self.redis)
        except (RedisError, OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            self._rest_until = time.monotonic() + REST_S
            _log.warning("redis is away: %s", type(error).__name__)
            return otherwise

    async def alive(self) -> bool:
        """Return whether Redis answers now."""

        async def ping(redis: Redis) -> bool:
            return bool(await redis.ping())

        self._rest_until = 0.0
        return await self.attempt(ping, otherwise=False)

    async def close(self) -> None:
        with contextlib.suppress(RedisError, OSError):
            await self.redis.aclose()
