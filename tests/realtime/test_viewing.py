"""Who looks at which call, seen by two processes: the latest word counts, wherever it was said."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from brigada.db.engine import Database
from brigada.kit.cache import Cache
from brigada.realtime.hub import Hub
from brigada.realtime.viewing import FORGOTTEN_S, Viewing


@dataclass
class HandClock:
    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def later(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def test_a_screen_that_moved_to_another_process_is_seen_as_it_is_there(
    database_url: str, redis_url: str
) -> None:
    asyncio.run(_move(database_url, redis_url))


async def _move(database_url: str, redis_url: str) -> None:
    clock, cache = HandClock(datetime(2026, 11, 30, 12, tzinfo=UTC)), Cache(redis_url, timeout_s=5)
    connection = await asyncpg.connect(database_url)
    anna: int = await connection.fetchval(
        "INSERT INTO users (login, password_hash, role, name, surname)"
        " VALUES ('a', '', 'dispatcher', 'Анна', 'Петрова') RETURNING id"
    )
    await connection.close()
    database = Database(database_url, pool_size=2)
    await database.open()
    first, second = (Viewing(database, cache, clock, Hub()) for _ in range(2))

    async def both() -> list[list[object]]:
        await first._round()
        await second._round()
        return [[item["call_id"] for item in process._told] for process in (first, second)]

    try:
        first._say(anna, 7)
        assert await both() == [[7], [7]]
        clock.later(5)
        second._say(anna, 8)
        await second._round()
        assert await both() == [[8], [8]]
        clock.later(1)
        second._say(anna, None)
        await second._round()
        assert await both() == [[], []], "closed there, so not open here"
        first._say(anna, 9)
        assert await both() == [[9], [9]]
        clock.later(FORGOTTEN_S + 1)
        assert await both() == [[], []]
        assert first._own == second._own == {}, "nothing is remembered for good"
    finally:
        await cache.close()
        await database.close()
