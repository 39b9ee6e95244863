"""Fixes into PostgreSQL: one COPY into the history, one statement for the latest of each car."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import asyncpg

from brigada.db.engine import Database
from brigada.positions import partitions
from brigada.positions.fixes import COLUMNS, Fix, Flag, Record, Source, to_record
from brigada.positions.rules import PARKED_EVERY, POOR_ACCURACY_M

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
# What judging one late fix needs: the same moment, and the last good fix up to it. Two steps down the index (team,
# time) each, however many points a minute holds. The bounds of all ($4, $5) are said once more for the planner, which
# sees by them which days it needs: to plan for each of forty days cost more than the finding.
_BESIDE = f"""
    SELECT p.* FROM unnest($1::int[], $2::int[], $3::timestamptz[]) AS late (team_id, car_id, at)
    CROSS JOIN LATERAL (
        (SELECT h.car_id, h.team_id, h.at, h.lat_e7, h.lon_e7, h.accuracy_dm, h.source, h.flags FROM positions h
         WHERE h.team_id = late.team_id AND h.car_id = late.car_id AND h.at = late.at AND h.at BETWEEN $4 AND $5)
        UNION ALL
        (SELECT h.car_id, h.team_id, h.at, h.lat_e7, h.lon_e7, h.accuracy_dm, h.source, h.flags FROM positions h
         WHERE h.team_id = late.team_id AND h.car_id = late.car_id AND h.at BETWEEN late.at - $6::interval AND late.at
           AND h.at BETWEEN $4 AND $5 AND h.flags & {int(Flag.JUMP)} = 0
         ORDER BY h.at DESC LIMIT 1)
    ) p
"""  # noqa: S608 -- a constant of this program
# Of days that may have lost that index everything around is read, by one scan of their index on the time.
# By team, which has an index with the time; each team's own span, since one burst may be hours long.
_AROUND_OF_TEAMS = """
    SELECT p.car_id, p.team_id, p.at, p.lat_e7, p.lon_e7, p.accuracy_dm, p.source, p.flags
    FROM unnest($1::int[], $2::timestamptz[], $3::timestamptz[]) AS span (team_id, since, until)
    JOIN positions p ON p.team_id = span.team_id AND p.at BETWEEN span.since AND span.until
    WHERE p.at BETWEEN $4 AND $5
    ORDER BY p.at
"""
# What was stored of a car without a team: found by the index' other half.
_AROUND_OF_CARS = """
    SELECT p.car_id, p.team_id, p.at, p.lat_e7, p.lon_e7, p.accuracy_dm, p.source, p.flags
    FROM positions p
    WHERE p.team_id IS NULL AND p.car_id = ANY($1::int[]) AND p.at BETWEEN $2 AND $3
    ORDER BY p.at
"""
_JUMP = int(Flag.JUMP)
HOT = timedelta(hours=24)
"""So long after its fixes a day has the index of teams for certain: `BRIGADA_POSITION_HOT_DAYS` is a day or more."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


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

    async def around(self, late: Sequence[Fix]) -> "Known":
        """Return what the history holds around these fixes: one may have come before, or tell nothing new."""
        rows = await self._beside([fix for fix in late if _is_hot(fix)])
        rest = [fix for fix in late if not _is_hot(fix)]
        return Known([*rows, *await self._spans(rest)] if rest else rows)

    async def _beside(self, late: Sequence[Fix]) -> Sequence[asyncpg.Record]:
        if not late:
            return []
        times = [fix.at for fix in late]
        return await self._database.fetch_all(
            _BESIDE, [fix.team_id for fix in late], [fix.car_id for fix in late], times,
            min(times) - PARKED_EVERY, max(times), PARKED_EVERY,
        )  # fmt: skip

    async def _spans(self, late: Sequence[Fix]) -> list[asyncpg.Record]:
        spans: dict[int | None, tuple[datetime, datetime]] = {}
        for fix in late:
            since, until = spans.get(fix.team_id, (fix.at, fix.at))
            spans[fix.team_id] = min(since, fix.at), max(until, fix.at)
        nobodys = spans.pop(None, None)
        rows: list[asyncpg.Record] = []
        if spans:
            starts = [start - PARKED_EVERY for start, _ in spans.values()]
            ends = [end for _, end in spans.values()]
            rows += await self._database.fetch_all(
                _AROUND_OF_TEAMS, list(spans), starts, ends, min(starts), max(ends)
            )
        if nobodys is not None:
            cars = sorted({fix.car_id for fix in late if fix.team_id is None})
            rows += await self._database.fetch_all(
                _AROUND_OF_CARS, cars, nobodys[0] - PARKED_EVERY, nobodys[1]
            )
        return rows

    async def latest(self, received_after: datetime) -> list[Fix]:
        """Return the latest fix of each car heard of after a moment."""
        rows = await self._database.fetch_all(_LATEST, received_after)
        return [_fix_of(row) for row in rows]

    async def cars_of_teams(self) -> dict[int, int]:
        """Return the car of each living team."""
        return {row["id"]: row["car_id"] for row in await self._database.fetch_all(_CARS_OF_TEAMS)}


class Known:
    """Rows of the history, by car, in the order of their times; made into fixes only where one is asked for.

    Rows of one car's team and those of the same car without a team lie apart in time, so that sorting is cheap.
    """

    def __init__(self, rows: Sequence[asyncpg.Record]) -> None:
        self._keys = {(row["car_id"], row["at"], row["source"]) for row in rows}
        self._good: defaultdict[int, list[asyncpg.Record]] = defaultdict(list)
        for row in rows:
            if not row["flags"] & _JUMP:
                self._good[row["car_id"]].append(row)
        for good in self._good.values():
            good.sort(key=_time)

    def has(self, fix: Fix) -> bool:
        """Is this very fix there: the same moment of the same source?"""
        return (fix.car_id, fix.at, fix.source) in self._keys

    def before(self, fix: Fix) -> Fix | None:
        """Return the car's last good fix up to this one."""
        good = self._good[fix.car_id]
        place = bisect_right(good, fix.at, key=_time)
        return _kept_fix(good[place - 1]) if place else None


def _is_hot(fix: Fix) -> bool:
    return fix.team_id is not None and fix.received_at - fix.at < HOT


def _time(row: asyncpg.Record) -> datetime:
    at: datetime = row["at"]
    return at


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


def _kept_fix(row: asyncpg.Record) -> Fix:
    """Return a row of the history as far as judging others needs it."""
    accuracy = row["accuracy_dm"]
    return Fix(
        car_id=row["car_id"], team_id=row["team_id"], lat=row["lat_e7"] / 1e7, lon=row["lon_e7"] / 1e7, at=row["at"],
        received_at=row["at"], accuracy_m=None if accuracy is None else accuracy / 10, source=row["source"],
        flags=row["flags"],
    )  # fmt: skip


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
        source=Source.of_word(row["source"]),
        flags=int(Flag.POOR) if (row["accuracy_m"] or 0) > POOR_ACCURACY_M else 0,
    )
