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


DETACH_TIMEOUT_S = 600.0
"""DETACH … CONCURRENTLY waits for every transaction that may read the day, a long report for example."""

type Connection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]


async def days(connection: Connection) -> dict[date, bool]:
    """Return the days that have a partition, oldest first; True for one whose detaching was cut short."""
    rows = await connection.fetch(
        "SELECT c.relname, i.inhdetachpending FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = 'positions'::regclass ORDER BY 1"
    )
    return {_day_of_name(row["relname"]): row["inhdetachpending"] for row in rows}


async def _left_over(connection: Connection) -> list[date]:
    """Return the days that were detached and then not dropped: the process was killed in between."""
    rows = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relispartition"
        " AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'positions'::regclass)"
        " AND relname ~ '^positions_[0-9]{8}$' ORDER BY 1"
    )
    return [_day_of_name(row["relname"]) for row in rows]


def _day_of_name(name: str) -> date:
    return datetime.strptime(name, "positions_%Y%m%d").replace(tzinfo=UTC).date()


async def make(connection: Connection, wanted: Iterable[date]) -> None:
    """Make the partitions of these days where they are missing.

    A table is made apart and attached: ATTACH takes a lock that lets reads and writes of the other days go on, while
    CREATE … PARTITION OF would wait for all of them.
    """
    for day in sorted(set(wanted)):
        name = name_of(day)
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = '4s'")
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK_KEY)
            attached = await connection.fetchval(
                "SELECT relispartition FROM pg_class WHERE oid = to_regclass($1)", name
            )
            if attached:
                continue
            if attached is None:
                await connection.execute(f"CREATE TABLE {name} (LIKE positions INCLUDING ALL)")
                await connection.execute(f"CREATE INDEX {name}_team_at ON {name} (team_id, at)")
            await connection.execute(
                f"ALTER TABLE positions ATTACH PARTITION {name}"
                f" FOR VALUES FROM ('{day.isoformat()} 00:00+00') TO ('{day + timedelta(days=1)} 00:00+00')"
            )


async def keep_house(
    connection: Connection,
    *,
    now: datetime,
    keep_days: int,
    hot_days: int,
) -> list[date]:
    """Make the days ahead, drop the days past keeping, take the second index from days gone cold.

    Returns the days dropped. Each step stands alone: what one round could not finish, or a kill cut short, the next
    one finishes.
    """
    today = day_of(now)
    await make(connection, (today + timedelta(days=ahead) for ahead in range(-1, AHEAD_DAYS + 1)))
    oldest = today - timedelta(days=keep_days)
    found = await days(connection)
    halves = [day for day, half_detached in found.items() if half_detached]
    for day in halves:  # first: while there is one, PostgreSQL detaches no other
        await _detach(connection, day, "FINALIZE")
    for day in [day for day in found if day not in halves]:
        if day < oldest:
            await _detach(connection, day, "CONCURRENTLY")
        elif day < today - timedelta(days=hot_days):
            await connection.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name_of(day)}_team_at")
    dropped = [day for day in await _left_over(connection) if day < oldest]
    for day in dropped:
        await connection.execute(f"DROP TABLE {name_of(day)}")
    return dropped


async def _detach(connection: Connection, day: date, how: str) -> None:
    await connection.execute(
        f"ALTER TABLE positions DETACH PARTITION {name_of(day)} {how}", timeout=DETACH_TIMEOUT_S
    )
