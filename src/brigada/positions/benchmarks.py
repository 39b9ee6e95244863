"""Measures of positions that need a database alone: judging, storing, the track among millions of points."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec
import psutil

from brigada.db.engine import Database, asyncpg_dsn
from brigada.kit.figures import Figure, median, percentile
from brigada.positions import partitions
from brigada.positions.fixes import COLUMNS, Fix, Record, to_record
from brigada.positions.rules import Track, judge
from brigada.positions.storage import Storage
from brigada.positions.track import points

DAY = datetime(2031, 3, 5, tzinfo=UTC)
"""A day on which nobody else stores anything."""
TEAMS = 300
EVERY_S = 5
CHUNK = 100_000
KEPT_DAYS = 30
"""Days of history beside the one measured: a late point must not cost more for each of them."""


async def measure(database_url: str, progress: Callable[[str], None], *, short: bool) -> list[Figure]:
    """Measure storage and tracks in this database, which has the service's tables; its own days are dropped again."""
    rows = 200_000 if short else 10_000_000
    database = Database(database_url, pool_size=2)
    await database.open()
    try:
        return [
            _judging(20_000 if short else 200_000),
            *await _flushing(database, 10 if short else 40),
            *await _late(database, 200 if short else 2000),
            *await _tracks(database_url, database, rows, progress),
        ]
    finally:
        await _drop_days(database_url)
        await database.close()


def fix(number: int, at: datetime) -> Fix:
    """Return a fix of a car that drives on and on."""
    return Fix(
        car_id=number % TEAMS + 1, team_id=number % TEAMS + 1, lat=59.9 + number % 1000 * 1e-4, lon=30.3, at=at,
        received_at=at + timedelta(milliseconds=300), accuracy_m=5.0, speed_mps=11.0, heading_deg=90.0,
    )  # fmt: skip


def _judging(count: int) -> Figure:
    tracks = [Track() for _ in range(TEAMS)]
    fixes = [fix(n, DAY + timedelta(seconds=n // TEAMS * EVERY_S)) for n in range(count)]
    started = time.process_time()
    for one in fixes:
        judge(one, tracks[one.car_id - 1])
    each = (time.process_time() - started) / count * 1e6
    return Figure("judging a point", each, "µs of CPU", less_is_better=True)


async def _flushing(database: Database, rounds: int) -> list[Figure]:
    """As in service at 1,000 points/s: 500 points by one COPY, their cars' latest by one statement."""
    storage = Storage(database)
    cars = [row["id"] for row in await database.fetch_all("SELECT id FROM cars ORDER BY id LIMIT 500")]
    times: list[float] = []
    for number in range(rounds):
        at = DAY + timedelta(seconds=number)
        batch = [fix(n, at) for n in range(500)]
        latest = [Fix(**{**_fields(batch[n]), "car_id": car}) for n, car in enumerate(cars)]
        started = time.perf_counter()
        await storage.write(batch, latest)
        times.append(time.perf_counter() - started)
    note = f"with the latest of {len(cars)} cars"
    return [
        Figure("a flush of 500 points", median(times) * 1000, "ms", goal=500, less_is_better=True, note=note),
        Figure("a flush of 500 points, p99", percentile(times, 0.99) * 1000, "ms", less_is_better=True),
    ]


def _fields(of: Fix) -> dict[str, object]:
    return {name: getattr(of, name) for name in Fix.__struct_fields__}


async def _late(database: Database, count: int) -> list[Figure]:
    """Buffered points that come one by one behind the marker: what the history holds beside each is looked up."""
    storage = Storage(database)
    async with database.fast.acquire() as pooled:
        await partitions.make(pooled, [(DAY - timedelta(days=ago)).date() for ago in range(KEPT_DAYS)])
    figures = []
    for team, every_s in ((TEAMS + 1, float(EVERY_S)), (TEAMS + 2, 0.05)):
        kept = [
            msgspec.structs.replace(fix(n, DAY + timedelta(seconds=n * every_s)), car_id=team, team_id=team)
            for n in range(2400)
        ]
        await storage.write(kept, [])
        last = kept[-1].at
        before = _cpu_s()
        for n in range(count):
            at = last - timedelta(seconds=(n + 0.5) / count)
            await storage.around([msgspec.structs.replace(kept[-1], at=at)])
        note = f"one by one; PostgreSQL's CPU is in it; {KEPT_DAYS} days are kept"
        name = f"looking up {count:,} late points among {60 / every_s:,.0f} a minute"
        figures.append(Figure(name, _cpu_s() - before, "s of CPU", less_is_better=True, note=note))
    return figures


def _cpu_s() -> float:
    """Return the processor time of this process and of the database's."""
    used = time.process_time()
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "postgres" in child.name():
                times = child.cpu_times()
                used += times.user + times.system
    return used


def _records(first: int, count: int) -> Iterator[Record]:
    for n in range(first, first + count):
        yield to_record(fix(n, DAY + timedelta(seconds=n // TEAMS * EVERY_S)))


async def _tracks(
    database_url: str, database: Database, rows: int, progress: Callable[[str], None]
) -> list[Figure]:
    connection = await asyncpg.connect(asyncpg_dsn(database_url))
    seconds = 0.0
    try:
        days = {
            (DAY + timedelta(seconds=n // TEAMS * EVERY_S)).date() for n in (*range(0, rows, 17_280), rows)
        }
        async with database.fast.acquire() as pooled:
            await partitions.make(pooled, days)
        for first in range(0, rows, CHUNK):
            progress(f"points stored: {first:,}")
            records = list(_records(first, min(CHUNK, rows - first)))
            started = time.perf_counter()
            await connection.copy_records_to_table("positions", records=records, columns=COLUMNS)
            seconds += time.perf_counter() - started
        await connection.execute("ANALYZE positions")
        size = await connection.fetchval(
            "SELECT sum(pg_relation_size(i.inhrelid)) FROM pg_inherits i WHERE i.inhparent = 'positions'::regclass"
        )
    finally:
        await connection.close()
    last = DAY + timedelta(seconds=rows // TEAMS * EVERY_S)
    short_ms, day_ms = [], []
    for team in range(1, 41):
        until = DAY + (last - DAY) * (team / 41)
        short_ms.append(await _timed(database, team, until - timedelta(minutes=5), until))
        day_ms.append(await _timed(database, team, until - timedelta(hours=12), until))
    note = f"among {rows:,} points"
    return [
        Figure(
            "points stored by COPY", rows / seconds, "/s", goal=4000, note="one connection, both indexes kept"
        ),
        Figure("heap of a million points", float(size) / rows, "MB", less_is_better=True),
        Figure("track of 5 minutes", median(short_ms), "ms", less_is_better=True, note=note),
        Figure("track of 12 hours", median(day_ms), "ms", less_is_better=True, note=note),
    ]


async def _timed(database: Database, team_id: int, since: datetime, until: datetime) -> float:
    started = time.perf_counter()
    await points(database, team_id, since, until)
    return (time.perf_counter() - started) * 1000


async def _drop_days(database_url: str) -> None:
    connection = await asyncpg.connect(asyncpg_dsn(database_url))
    try:
        for row in await connection.fetch(
            "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
        ):
            if row["relname"].startswith("positions_2031"):
                await connection.execute(f"DROP TABLE {row['relname']}")
        await connection.execute("DELETE FROM car_positions WHERE at >= $1", DAY)
    finally:
        await connection.close()


def run(database_url: str, progress: Callable[[str], None], *, short: bool) -> list[Figure]:
    """Measure, from code that is not asynchronous."""
    return asyncio.run(measure(database_url, progress, short=short))
