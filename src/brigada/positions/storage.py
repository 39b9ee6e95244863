"""Fixes into PostgreSQL: one COPY into the history, one statement for the latest of each car."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import asyncpg

from brigada.db.engine import Database
from brigada.positions import partitions
from brigada.positions.fixes import COLUMNS, Fix, Record, Source, to_record

# In the order of the cars' numbers, so that two processes that store at once can't block each other crosswise.
_LATEST_WINS = """
    INSERT INTO car_positions AS p (car_id, lat, lon, at, received_at, accuracy_m, speed_mps, heading_deg, source)
    SELECT * FROM unnest($1::bigint[], $2::float8[], $3::float8[], $4::timestamptz[], $5::timestamptz[],
                         $6::float8[], $7::float8[], $8::float8[], $9::text[])
    ON CONFLICT (car_id) DO UPDATE
        SET lat = excluded.lat, lon = excluded.lon, at = excluded.at, received_at = excluded.received_at,
            accuracy_m = excluded.accuracy_m, speed_mps = excluded.speed_mps, heading_deg = excluded.heading_deg,
            source = excluded.source
        WHERE excluded.at > p.at
    RETURNING p.car_id
"""
_LATEST = """
    SELECT p.car_id, t.id AS team_id, p.lat, p.lon, p.at, p.received_at, p.accuracy_m, p.speed_mps, p.heading_deg,
           p.source
    FROM car_positions p LEFT JOIN teams t ON t.car_id = p.car_id AND t.ended_at IS NULL
    WHERE p.received_at > $1
"""
_CARS_OF_TEAMS = "SELECT id, car_id FROM teams WHERE ended_at IS NULL"
_TIMES = "SELECT car_id, at, source FROM positions WHERE car_id = ANY($1::int[]) AND at BETWEEN $2 AND $3"


class Storage:
    """Writes and reads of one process; remembers which days have their partition."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._days: set[date] = set()

    async def write(self, history: Sequence[Fix], latest: Sequence[Fix]) -> set[int]:
        """Store fixes durably, in one transaction; return the cars whose marker moved.

        `latest` holds one fix a car, the newest; whether it is newer than what the table has is decided there.
        """
        records = [to_record(fix) for fix in history]
        try:
            return await self._write(records, latest)
        except asyncpg.CheckViolationError:
            # "No partition found for row": somebody dropped a day, or the clock went a day on. Made anew, once.
            self._days.clear()
            return await self._write(records, latest)

    async def _write(self, records: Sequence[Record], latest: Sequence[Fix]) -> set[int]:
        async with self._database.fast.acquire() as connection:
            missing = {partitions.day_of(record[0]) for record in records} - self._days
            if missing:
                await partitions.make(connection, missing)
                self._days |= missing
            async with connection.transaction():
                if records:
                    await connection.copy_records_to_table("positions", records=records, columns=COLUMNS)
                return await _move(connection, latest)

    async def keep_house(self, *, now: datetime, keep_days: int, hot_days: int) -> list[date]:
        """Make the days ahead, drop the old ones; return the days dropped."""
        async with self._database.fast.acquire() as connection:
            dropped = await partitions.keep_house(connection, now=now, keep_days=keep_days, hot_days=hot_days)
        self._days -= set(dropped)
        return dropped

    async def known_times(self, late: Iterable[Fix]) -> set[tuple[int, datetime, int]]:
        """Return (car, time, source) of what the history holds around these fixes, to leave out what comes twice."""
        fixes = list(late)
        rows = await self._database.fetch_all(
            _TIMES,
            sorted({fix.car_id for fix in fixes}),
            min(fix.at for fix in fixes),
            max(fix.at for fix in fixes) + timedelta(microseconds=1),
        )
        return {(row["car_id"], row["at"], row["source"]) for row in rows}

    async def latest(self, received_after: datetime) -> list[Fix]:
        """Return the latest fix of each car heard of after a moment."""
        rows = await self._database.fetch_all(_LATEST, received_after)
        return [_fix_of(row) for row in rows]

    async def cars_of_teams(self) -> dict[int, int]:
        """Return the car of each living team."""
        return {row["id"]: row["car_id"] for row in await self._database.fetch_all(_CARS_OF_TEAMS)}


async def _move(
    connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]", latest: Sequence[Fix]
) -> set[int]:
    if not latest:
        return set()
    rows = sorted(latest, key=lambda fix: fix.car_id)
    moved = await connection.fetch(
        _LATEST_WINS,
        [fix.car_id for fix in rows],
        [fix.lat for fix in rows],
        [fix.lon for fix in rows],
        [fix.at for fix in rows],
        [fix.received_at for fix in rows],
        [fix.accuracy_m for fix in rows],
        [fix.speed_mps for fix in rows],
        [fix.heading_deg for fix in rows],
        [Source(fix.source).word for fix in rows],
    )
    return {row["car_id"] for row in moved}


def _fix_of(row: asyncpg.Record) -> Fix:
    return Fix(
        car_id=row["car_id"],
        team_id=row["team_id"],
        lat=row["lat"],
        lon=row["lon"],
        at=row["at"],
        received_at=row["received_at"],
        accuracy_m=row["accuracy_m"],
        speed_mps=row["speed_mps"],
        heading_deg=row["heading_deg"],
        source=Source[row["source"].upper()],
    )
