"""The days of the history: made ahead, made when a late point needs one, dropped when they are too old."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import asyncpg

LOCK_KEY = 0x504F5350
"""Advisory lock of whoever changes partitions, so that two processes never make the same day."""

AHEAD_DAYS = 3
"""Made ahead, so that midnight finds its table; a weekend without the job is no harm: a flush makes what it lacks."""


def name_of(day: date) -> str:
    """Return the name of a day's partition."""
    return f"positions_{day:%Y%m%d}"


def day_of(at: datetime) -> date:
    """Return the day, in UTC, to which a moment belongs."""
    return at.astimezone(UTC).date()


async def days(connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]") -> list[date]:
    """Return the days that have a partition, oldest first."""
    rows = await connection.fetch(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = 'positions'::regclass ORDER BY 1"
    )
    return [datetime.strptime(row["relname"], "positions_%Y%m%d").replace(tzinfo=UTC).date() for row in rows]


async def make(
    connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]", wanted: Iterable[date]
) -> None:
    """Make the partitions of these days where they are missing.

    A table is made apart and attached: ATTACH takes a lock that lets reads and writes of the other days go on, while
    CREATE … PARTITION OF would wait for all of them.
    """
    for day in sorted(set(wanted)):
        name = name_of(day)
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = '4s'")
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK_KEY)
            if await connection.fetchval("SELECT to_regclass($1)", name) is not None:
                continue
            await connection.execute(f"CREATE TABLE {name} (LIKE positions INCLUDING ALL)")
            await connection.execute(f"CREATE INDEX {name}_team_at ON {name} (team_id, at)")
            await connection.execute(
                f"ALTER TABLE positions ATTACH PARTITION {name}"
                f" FOR VALUES FROM ('{day.isoformat()} 00:00+00') TO ('{day + timedelta(days=1)} 00:00+00')"
            )


async def keep_house(
    connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]",
    *,
    now: datetime,
    keep_days: int,
    hot_days: int,
) -> list[date]:
    """Make the days ahead, drop the days past keeping, take the second index from days gone cold.

    Returns the days dropped. Each step is its own transaction: a lock not given within 4 s fails this round alone.
    """
    today = day_of(now)
    await make(connection, (today + timedelta(days=ahead) for ahead in range(-1, AHEAD_DAYS + 1)))
    dropped = []
    for day in await days(connection):
        name = name_of(day)
        if day < today - timedelta(days=keep_days):
            await connection.execute(f"ALTER TABLE positions DETACH PARTITION {name} CONCURRENTLY")
            await connection.execute(f"DROP TABLE {name}")
            dropped.append(day)
        elif day < today - timedelta(days=hot_days):
            await connection.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}_team_at")
    return dropped
