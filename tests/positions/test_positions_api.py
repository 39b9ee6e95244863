"""Positions through the API: taken in, latest, tracks."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import asyncpg
import pytest

from brigada.db.engine import asyncpg_dsn
from stage import Stage

pytestmark = pytest.mark.anyio

STEP = 0.0005  # degrees of latitude, about 56 m


def drive(count: int, until: datetime, *, every_s: int = 5, lat: float = 59.9) -> list[dict[str, Any]]:
    """Fixes of a car that drives north at 40 km/h and arrives at `until`."""
    return [
        {
            "lat": round(lat + STEP * number, 7), "lon": 30.31, "accuracy_m": 5, "speed_mps": 11.1, "heading_deg": 0,
            "at": (until - timedelta(seconds=every_s * (count - 1 - number))).isoformat(),
        }
        for number in range(count)
    ]  # fmt: skip


def now(stage: Stage) -> datetime:
    return stage.state.clock.now()


async def on_shift_since(stage: Stage, hours: float) -> None:
    """Let both crews have been on their teams for so long."""
    for table, column in (("teams", "shift_start"), ("team_members", "joined_at")):
        await stage.sql(f"UPDATE {table} SET {column} = now() - make_interval(hours => :h)", h=hours)


async def shown(stage: Stage, team_id: int) -> dict[str, Any] | None:
    items = (await stage.petrova.get("/positions"))["items"]
    return next((item for item in items if item["team_id"] == team_id), None)


async def track(stage: Stage, team_id: int, **more: object) -> dict[str, Any]:
    moment = now(stage)
    window = {
        "from": (moment - timedelta(hours=6)).isoformat(),
        "to": (moment + timedelta(minutes=1)).isoformat(),
    }
    found: dict[str, Any] = await stage.petrova.get(f"/positions/{team_id}/track", **window, **more)
    return found


async def test_what_was_answered_is_stored_and_shown(stage: Stage) -> None:
    moment = now(stage)
    taken = await stage.crew12.worker.post("/positions", {"items": drive(3, moment)})
    assert taken == {"accepted": 3, "new": 3, "refused": []}
    position = await shown(stage, stage.crew12.id)
    assert position is not None
    assert (position["lat"], position["stale"], position["source"]) == (
        round(59.9 + 2 * STEP, 7),
        False,
        "phone",
    )
    assert (await track(stage, stage.crew12.id, exact=True))["total"] == 3


async def test_a_bare_list_and_a_single_point_are_batches_too(stage: Stage) -> None:
    points = drive(3, now(stage))
    worker = stage.crew12.worker
    assert (await worker.post("/positions", points[:2]))["accepted"] == 2
    assert (await worker.post("/positions", points[2]))["accepted"] == 1


async def test_a_burst_of_two_thousand_buffered_points_leaves_the_marker_at_the_newest(stage: Stage) -> None:
    await on_shift_since(stage, 4)
    points = drive(2000, now(stage))
    worker = stage.crew12.worker
    await worker.post("/positions", points[-1])
    answer = await worker.post("/positions", {"items": [*points[1000:], *points[:1000]]})
    assert answer["accepted"] == 2000
    assert answer["new"] == 1999
    position = await shown(stage, stage.crew12.id)
    assert position is not None
    assert position["lat"] == points[-1]["lat"]
    found = await track(stage, stage.crew12.id, exact=True)
    times = [item["at"] for item in found["items"]]
    assert len(times) == 2000
    assert times == sorted(times)
    assert "late" in found["items"][0]["marks"]


async def test_a_batch_sent_again_changes_nothing(stage: Stage) -> None:
    points = drive(50, now(stage) - timedelta(minutes=10))
    worker = stage.crew12.worker
    assert (await worker.post("/positions", {"items": points}))["new"] == 50
    assert await worker.post("/positions", {"items": points}) == {"accepted": 50, "new": 0, "refused": []}
    assert (await track(stage, stage.crew12.id, exact=True))["total"] == 50


async def test_a_parked_hour_sent_again_changes_nothing(stage: Stage) -> None:
    await on_shift_since(stage, 4)
    moment = now(stage)
    worker = stage.crew12.worker
    start = moment - timedelta(hours=2)
    parked = [
        {
            "lat": 59.9, "lon": 30.31, "accuracy_m": 5, "speed_mps": 0,
            "at": (start + timedelta(seconds=5 * n)).isoformat(),
        }
        for n in range(721)
    ]  # fmt: skip
    await worker.post("/positions", {"items": parked})
    kept = (await track(stage, stage.crew12.id, exact=True))["total"]
    assert kept == 61
    await worker.post("/positions", drive(1, moment)[0])
    for again in (parked, parked[100:], parked[:100]):
        await worker.post("/positions", {"items": again})
    assert (await track(stage, stage.crew12.id, exact=True))["total"] == kept + 1


async def test_buffered_points_never_move_the_marker_back(stage: Stage) -> None:
    moment = now(stage)
    worker = stage.crew12.worker
    await worker.post("/positions", drive(1, moment)[0])
    await worker.post("/positions", {"items": drive(10, moment - timedelta(minutes=20), lat=59.8)})
    position = await shown(stage, stage.crew12.id)
    assert position is not None
    assert position["lat"] == 59.9


async def test_one_bad_point_does_not_hold_up_the_others(stage: Stage) -> None:
    moment = now(stage)
    items = [
        *drive(2, moment),
        {"lat": "north", "lon": 30},
        {"lat": 95, "lon": 30},
        {"lat": 0, "lon": 0},
        {"lat": 59.9, "lon": 30.3, "at": "2026-11-23T12:00:00"},
        {"lat": 59.9, "lon": 30.3, "at": (moment - timedelta(days=200)).isoformat()},
        {"lat": 59.9, "lon": 30.3, "at": "1970-01-01T00:00:00Z"},
    ]
    answer = await stage.crew12.worker.post("/positions", {"items": items})
    assert answer["accepted"] == 2
    codes = {one["index"]: one["code"] for one in answer["refused"]}
    assert codes == {
        2: "unreadable", 3: "coordinates", 4: "no_fix", 5: "time_without_offset", 6: "too_old", 7: "time"
    }  # fmt: skip


async def test_a_clock_wrong_by_a_day_is_put_right(stage: Stage) -> None:
    moment = now(stage)
    tomorrow = drive(3, moment + timedelta(days=1))
    await stage.crew12.worker.post("/positions", {"items": tomorrow})
    yesterday = {
        "items": drive(3, moment - timedelta(days=1)),
        "sent_at": (moment - timedelta(days=1)).isoformat(),
    }
    await stage.crew13.worker.post("/positions", yesterday)
    for crew in stage.crews:
        position = await shown(stage, crew.id)
        assert position is not None
        assert abs(datetime.fromisoformat(position["at"]) - moment) < timedelta(seconds=5)
        items = (await track(stage, crew.id, exact=True))["items"]
        assert [item["marks"] for item in items] == [["clock"]] * 3


@pytest.mark.parametrize("sent_at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", None])
@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+14:00", "2026-11-01T00:00:00Z", "9999-12-31T23:59:59-12:00"]
)
async def test_times_at_the_ends_of_the_calendar_are_no_fault_of_the_server(
    stage: Stage, at: str, sent_at: str | None
) -> None:
    items = [{"lat": 59.93, "lon": 30.3, "at": at}]
    answer = await stage.crew12.worker.send("POST", "/positions", json={"items": items, "sent_at": sent_at})
    assert answer.status_code in {202, 422}


async def test_a_day_has_its_own_partition_and_a_track_crosses_midnight(stage: Stage) -> None:
    await on_shift_since(stage, 50)
    midnight = now(stage).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    points = drive(20, midnight + timedelta(seconds=50))
    await stage.crew12.worker.post("/positions", {"items": points})
    rows = await stage.sql("SELECT tableoid::regclass::text AS part, count(*) AS n FROM positions GROUP BY 1")
    days = [f"positions_{midnight - timedelta(seconds=1):%Y%m%d}", f"positions_{midnight:%Y%m%d}"]
    assert {row["part"]: row["n"] for row in rows} == {days[0]: 9, days[1]: 11}
    moscow = {
        "from": (midnight - timedelta(hours=1)).isoformat().replace("+00:00", "Z"),
        "to": f"{midnight + timedelta(hours=4):%Y-%m-%dT%H:%M:%S}+03:00",
    }
    found = await stage.petrova.get(f"/positions/{stage.crew12.id}/track", **moscow, exact=True)
    assert found["total"] == 20


async def test_a_drawn_track_is_simpler_and_as_right_in_time(stage: Stage) -> None:
    moment = now(stage)
    await stage.crew12.worker.post("/positions", {"items": drive(100, moment)})
    found = await track(stage, stage.crew12.id)
    assert found["total"] == 100
    assert 2 <= len(found["items"]) < 10
    assert [found["items"][0]["lat"], found["items"][-1]["lat"]] == [59.9, round(59.9 + 99 * STEP, 7)]


async def test_a_jump_is_in_the_files_and_not_on_the_map(stage: Stage) -> None:
    points = drive(3, now(stage))
    points[1]["lat"] = 60.9
    await stage.crew12.worker.post("/positions", {"items": points})
    assert len((await track(stage, stage.crew12.id, tolerance_m=0))["items"]) == 2
    exact = await track(stage, stage.crew12.id, exact=True)
    assert [item["marks"] for item in exact["items"]] == [[], ["jump"], []]


async def test_a_track_shows_where_its_steps_were(stage: Stage) -> None:
    moment = now(stage)
    call = await stage.petrova.take_in()
    assignment = await stage.petrova.assign(call, stage.crew12)
    await stage.crew12.worker.post("/positions", {"items": drive(3, moment)})
    await stage.crew12.worker.step(assignment, "en_route")
    found = await track(stage, stage.crew12.id)
    assert [step["step"] for step in found["steps"]] == ["assigned", "acknowledged", "en_route"]
    assert {step["assignment_id"] for step in found["steps"]} == {assignment["id"]}
    assert found["steps"][0]["location"] == {"lat": round(59.9 + 2 * STEP, 7), "lon": 30.31}


async def test_a_track_leaves_as_gpx_and_geojson(stage: Stage) -> None:
    await stage.crew12.worker.post("/positions", {"items": drive(5, now(stage))})
    moment = now(stage)
    path = f"/positions/{stage.crew12.id}/track"
    window = {"from": (moment - timedelta(hours=1)).isoformat(), "to": moment.isoformat()}
    gpx = await stage.petrova.send("GET", path, params={**window, "format": "gpx"})
    assert gpx.headers["content-type"] == "application/gpx+xml"
    space = {"g": "http://www.topografix.com/GPX/1/1"}
    points = ET.fromstring(gpx.text).findall(".//g:trkpt", space)  # noqa: S314 -- our own file
    assert len(points) == 5
    geojson = await stage.petrova.send("GET", path, params={**window, "format": "geojson"})
    line = json.loads(geojson.text)["features"][0]
    assert line["geometry"]["coordinates"][0] == [30.31, 59.9]
    assert len(line["properties"]["times"]) == 5


async def test_a_crew_sees_its_own_track_alone(stage: Stage) -> None:
    await stage.crew12.worker.get(f"/positions/{stage.crew12.id}/track")
    await stage.crew12.worker.refused(404, "not_found", "GET", f"/positions/{stage.crew13.id}/track")
    await stage.petrova.refused(404, "not_found", "GET", "/positions/999999/track")


@pytest.mark.parametrize(
    ("start", "end"),
    [("2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z"), ("2026-11-20T12:00:00Z", "2026-11-23T12:00:00Z")],
)
async def test_a_track_has_a_beginning_and_an_end_within_two_days(stage: Stage, start: str, end: str) -> None:
    path = f"/positions/{stage.crew12.id}/track"
    await stage.petrova.refused(422, "invalid", "GET", path, params={"from": start, "to": end})


async def test_only_a_crew_sends_and_only_the_desk_sees_all(stage: Stage) -> None:
    body = {"items": drive(1, now(stage))}
    await stage.petrova.refused(403, "forbidden", "POST", "/positions", json=body)
    await stage.nobody.refused(401, "not_signed_in", "POST", "/positions", json=body)
    await stage.free_workers[0].refused(409, "no_team", "POST", "/positions", json=body)
    await stage.crew12.worker.refused(403, "forbidden", "GET", "/positions")


@pytest.mark.parametrize(
    "content", ["", "nonsense", "7", '{"items": 7}', '{"items": ', '{"lat": "x"}', "[" * 100_000]
)
async def test_a_body_that_is_no_batch_is_refused_whole(stage: Stage, content: str) -> None:
    await stage.crew12.worker.refused(422, "invalid", "POST", "/positions", content=content)


async def test_too_many_points_at_once_are_refused(stage: Stage) -> None:
    items = [{"lat": 59.9, "lon": 30.3}] * 5001
    await stage.crew12.worker.refused(413, "too_many_points", "POST", "/positions", json={"items": items})


async def test_crews_that_send_at_once_are_all_stored(stage: Stage) -> None:
    moment = now(stage)
    batches = [
        (crew, drive(20, moment - timedelta(minutes=number))) for crew in stage.crews for number in range(10)
    ]
    answers = await asyncio.gather(
        *(crew.worker.post("/positions", {"items": items}) for crew, items in batches)
    )
    assert sum(answer["accepted"] for answer in answers) == 400
    assert (await stage.sql("SELECT count(*) AS n FROM positions"))[0]["n"] == sum(a["new"] for a in answers)


async def test_a_day_whose_dropping_was_cut_short_is_dropped_by_the_next_round(stage: Stage) -> None:
    """A report reads the days while the oldest is being detached, and the process is gone before it ends."""
    storage = stage.state.positions.storage
    today = datetime(2029, 8, 10, 12, tzinfo=UTC)
    await storage.keep_house(now=today - timedelta(days=40), keep_days=10_000, hot_days=10_000)
    dsn = asyncpg_dsn(stage.state.database.url)
    reader, house, killer = [await asyncpg.connect(dsn) for _ in range(3)]
    detach = "ALTER TABLE positions DETACH PARTITION positions_2029{} CONCURRENTLY"
    pending = "SELECT count(*) FROM pg_inherits WHERE inhdetachpending"
    try:
        await killer.execute(detach.format("0701"))  # and nobody dropped it
        async with reader.transaction():
            await reader.fetchval("SELECT count(*) FROM positions")
            detaching = asyncio.create_task(house.execute(detach.format("0630")))
            while await killer.fetchval(pending) == 0:  # noqa: ASYNC110 -- the database tells it in no other way
                await asyncio.sleep(0.01)
            await killer.execute("SELECT pg_terminate_backend($1)", house.get_server_pid())
            with pytest.raises(asyncpg.PostgresError):
                await detaching
        assert await killer.fetchval(pending) == 1
        dropped = await storage.keep_house(now=today, keep_days=30, hot_days=14)
        assert [f"{day:%m%d}" for day in dropped if day.year == 2029] == [
            "0630",
            "0701",
            "0702",
            "0703",
            "0704",
        ]
        left = await killer.fetch("SELECT relname FROM pg_class WHERE relname ~ '^positions_20290[67]'")
        assert left == []
    finally:
        for connection in (reader, house, killer):
            await connection.close()


async def test_days_are_made_ahead_and_dropped_when_too_old(stage: Stage) -> None:
    storage = stage.state.positions.storage
    today = datetime(2030, 5, 10, 12, tzinfo=UTC)
    await storage.keep_house(now=today - timedelta(days=40), keep_days=10_000, hot_days=10_000)
    dropped = await storage.keep_house(now=today, keep_days=30, hot_days=14)
    april = [day.isoformat() for day in dropped if day.year == 2030]
    assert april == ["2030-03-30", "2030-03-31", "2030-04-01", "2030-04-02", "2030-04-03"]
    rows = await stage.sql("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1")
    assert [row["relname"] for row in rows] == [f"positions_203005{day:02}" for day in range(9, 14)]
