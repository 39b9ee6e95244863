"""What cars drive is counted from their positions, hour by hour, and stays when the positions are forgotten."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from brigada.db.engine import asyncpg_dsn
from brigada.positions import partitions
from brigada.positions.fixes import Flag
from brigada.reports.mileage import Mileage
from brigada.reports.store import Store
from reports.oracle import metres
from stage import Stage

pytestmark = pytest.mark.anyio

type Fix = tuple[datetime, float, float]
EAST = 0.001
"""Degrees of longitude: some 55 metres at the latitude of these tests."""


def drive(start: datetime, minutes: int, *, lat: float = 60.0, lon: float = 30.0) -> list[Fix]:
    """Eastwards at some 40 km/h, a fix every five seconds."""
    return [(start + timedelta(seconds=5 * n), lat, lon + EAST * n) for n in range(minutes * 12 + 1)]


def length_m(track: Sequence[Fix], hour: datetime) -> float:
    """Metres of the legs that end within the hour."""
    legs = itertools.pairwise(track)
    return sum(metres(a[1:], b[1:]) for a, b in legs if hour <= b[0] < hour + timedelta(hours=1))


async def store(stage: Stage, car_id: int, team_id: int | None, track: Sequence[Fix], flags: int = 0) -> None:
    connection = await asyncpg.connect(asyncpg_dsn(stage.state.database.url))
    try:
        async with stage.state.database.fast.acquire() as pooled:
            await partitions.make(pooled, {at.astimezone(UTC).date() for at, *_ in track})
        rows = [
            (at, 100, car_id, team_id, round(lat * 1e7), round(lon * 1e7), 1, flags) for at, lat, lon in track
        ]
        columns = ("at", "delay_ms", "car_id", "team_id", "lat_e7", "lon_e7", "source", "flags")
        await connection.copy_records_to_table("positions", records=rows, columns=columns)
    finally:
        await connection.close()


async def counted(stage: Stage) -> dict[tuple[int, int, datetime], float]:
    rows = await stage.sql("SELECT car_id, team_id, hour, metres FROM car_mileage ORDER BY 1, 2, 3")
    return {(row["car_id"], row["team_id"], row["hour"]): row["metres"] for row in rows}


def an_hour_ago(stage: Stage, hours: int) -> datetime:
    return stage.state.clock.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours)


async def test_what_is_driven_counts_in_the_hour_and_for_the_team_that_drove(stage: Stage) -> None:
    start = an_hour_ago(stage, 3)
    track = drive(start + timedelta(minutes=50), 20)
    await store(stage, 1, 7, track)
    alone = drive(start, 5, lat=60.5)
    await store(stage, 2, None, alone)
    await Mileage(stage.state).count()
    found = await counted(stage)
    assert set(found) == {(1, 7, start), (1, 7, start + timedelta(hours=1)), (2, 0, start)}
    for (car, _, hour), driven in found.items():
        assert driven == pytest.approx(length_m(track if car == 1 else alone, hour), rel=1e-3)


async def test_a_count_done_twice_or_by_another_leader_changes_nothing(stage: Stage) -> None:
    start = an_hour_ago(stage, 3)
    await store(stage, 1, 7, drive(start, 10))
    mileage = Mileage(stage.state)
    await mileage.count()
    first = await counted(stage)
    await mileage.count()
    await Mileage(stage.state).count()
    assert await counted(stage) == first


async def test_a_car_that_stands_jumps_or_is_silent_drives_nothing(stage: Stage) -> None:
    start = an_hour_ago(stage, 3)
    wandering = [(start + timedelta(minutes=n), 60.0 + n % 2 * 1e-4, 30.0) for n in range(20)]
    await store(stage, 1, 7, wandering)
    thrown = [(start, 60.0, 31.0), (start + timedelta(seconds=5), 60.1, 31.0)]
    await store(stage, 2, 7, thrown)
    doubtful = drive(start, 5, lat=61.0)
    await store(stage, 3, 7, doubtful, flags=int(Flag.JUMP))
    silent = [(start, 62.0, 30.0), (start + timedelta(minutes=31), 62.1, 30.0)]
    await store(stage, 4, 7, silent)
    await Mileage(stage.state).count()
    assert await counted(stage) == {}


async def test_what_a_phone_sent_late_is_in_the_next_count_of_the_day(stage: Stage) -> None:
    start = an_hour_ago(stage, 30)
    await store(stage, 1, 7, drive(an_hour_ago(stage, 2), 10))
    await Mileage(stage.state).count()
    late = drive(start, 10)
    await store(stage, 1, 7, late)
    await Mileage(stage.state).count()  # the first turn of another day, or of another leader
    assert (await counted(stage))[1, 7, start] == pytest.approx(length_m(late, start), rel=1e-3)


async def test_kilometres_stay_when_positions_are_forgotten_and_reports_follow(stage: Stage) -> None:
    url = stage.state.database.url
    reader = Store(url)
    assert len((await reader.facts()).mileage) == 0
    start = an_hour_ago(stage, 3)
    track = drive(start, 10)
    await store(stage, 1, stage.crew12.id, track)
    await Mileage(stage.state).count()
    await stage.sql("TRUNCATE positions")
    await Mileage(stage.state).count()
    mileage = (await reader.facts()).mileage
    assert mileage["id"].tolist() == [1]
    assert mileage["team_id"].tolist() == [stage.crew12.id]
    assert mileage["metres"][0] == pytest.approx(length_m(track, start), rel=1e-3)
    await store(stage, 1, stage.crew12.id, drive(an_hour_ago(stage, 2), 10, lon=30.2))
    await Mileage(stage.state).count()
    assert len((await reader.facts()).mileage) == 2, (
        "the hour counted anew replaces itself, the next one is added"
    )
