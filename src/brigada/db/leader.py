"""Chores that exactly one process of many does: whoever holds an advisory lock of PostgreSQL."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg

from brigada.db.engine import asyncpg_dsn

LOCK_KEY = 0x4C454144
"""Advisory lock of the leader, bound to its connection: free at once when the process ends, soon when its host does."""

TRY_EVERY_S = 2.0
"""How soon another process takes over, and how soon a leader notices that it has lost its connection."""

SILENCE_S = 20
"""Seconds after which PostgreSQL itself ends the connection of a leader that does not ask any more. A host that lost
its power closes no connection: without this its lock would be held until TCP gives up, two hours by default."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done again and again, `every_s` seconds after it was done last.

    It must be harmless to do twice: when a leader is cut off from PostgreSQL, its last turn may overlap with the
    first turn of the next one for a moment.
    """

    name: str
    every_s: float
    run: Callable[[], Awaitable[None]]


class Leader:
    """Tries to become the one that does the chores, and does them as long as the lock is held."""

    def __init__(self, url: str, chores: Sequence[Chore], *, try_every_s: float = TRY_EVERY_S) -> None:
        self.leads = False
        self._url = url
        self._chores = chores
        self._try_every_s = try_every_s

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            try:
                await self._lead_once()
            except Exception as error:  # noqa: BLE001 -- whatever broke the connection, the chores must go on
                _log.warning("the chores rest: %s", type(error).__name__)
            await asyncio.sleep(self._try_every_s)

    async def _lead_once(self) -> None:
        connection = await asyncpg.connect(
            asyncpg_dsn(self._url),
            timeout=10,
            server_settings={
                "application_name": "brigada-leader",
                "idle_session_timeout": str(SILENCE_S * 1000),
            },
        )
        try:
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK_KEY):  # noqa: ASYNC110 -- it is another program that holds it
                await asyncio.sleep(self._try_every_s)
            self.leads = True
            await self._lead(connection)
        finally:
            self.leads = False
            connection.terminate()

    async def _lead(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        tasks = [asyncio.create_task(_again_and_again(chore), name=chore.name) for chore in self._chores]
        try:
            while True:
                await connection.fetchval("SELECT 1", timeout=5)
                await asyncio.sleep(self._try_every_s)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _again_and_again(chore: Chore) -> None:
    while True:
        try:
            await chore.run()
        except Exception:  # noqa: BLE001 -- one bad turn must not end the chore for good
            _log.exception("the chore %s failed", chore.name)
        await asyncio.sleep(chore.every_s)
