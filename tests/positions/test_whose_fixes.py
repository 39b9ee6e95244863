"""A fix belongs to the team and the car of its moment, whenever it arrives."""

from datetime import timedelta
from typing import Any

import pytest

from stage import Crew, Stage

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)


def at(stage: Stage, hours_ago: float, *, lat: float = 59.9, minutes: float = 0) -> dict[str, Any]:
    moment = stage.state.clock.now() - hours_ago * HOUR + timedelta(minutes=minutes)
    return {"lat": lat, "lon": 30.31, "accuracy_m": 5, "at": moment.isoformat()}


async def moved_to_team_13_two_hours_ago(stage: Stage) -> None:
    """The first worker of team 12 was on it for six hours and has been on team 13 since."""
    await stage.sql(
        "UPDATE teams SET created_at = now() - interval '9 hours', shift_start = now() - interval '8 hours'"
    )
    await stage.sql(
        "UPDATE team_members SET joined_at = now() - interval '8 hours', left_at = now() - interval '2 hours'"
        " WHERE user_id = :user",
        user=stage.crew12.worker.id,
    )
    await stage.sql(
        "INSERT INTO team_members (team_id, user_id, place, joined_at)"
        " VALUES (:team, :user, 5, now() - interval '2 hours')",
        team=stage.crew13.id, user=stage.crew12.worker.id,
    )  # fmt: skip


async def lats(stage: Stage, crew: Crew) -> list[float]:
    now = stage.state.clock.now()
    window = {"from": (now - 20 * HOUR).isoformat(), "to": (now + HOUR).isoformat()}
    found = await stage.petrova.get(f"/positions/{crew.id}/track", **window, exact=True)
    return [item["lat"] for item in found["items"]]


async def test_what_was_kept_over_a_change_of_teams_is_of_the_team_of_then(stage: Stage) -> None:
    await moved_to_team_13_two_hours_ago(stage)
    items = [
        at(stage, 5, lat=59.81),
        at(stage, 3, lat=59.82),
        at(stage, 1, lat=59.83),
        at(stage, 0, lat=59.84),
    ]
    taken = await stage.crew12.worker.post("/positions", {"items": items})
    assert taken == {"accepted": 4, "new": 4, "refused": []}
    assert await lats(stage, stage.crew12) == [59.81, 59.82]
    assert await lats(stage, stage.crew13) == [59.83, 59.84]
    rows = await stage.sql("SELECT DISTINCT team_id, car_id FROM positions ORDER BY 1")
    assert [(row["team_id"], row["car_id"]) for row in rows] == [
        (crew.id, crew.car_id) for crew in stage.crews
    ]


async def test_what_nobody_was_on_duty_for_is_refused(stage: Stage) -> None:
    await moved_to_team_13_two_hours_ago(stage)
    taken = await stage.crew12.worker.post("/positions", {"items": [at(stage, 12), at(stage, 1)]})
    assert (taken["accepted"], taken["refused"]) == (1, [{"index": 0, "code": "no_team"}])


async def test_a_crew_written_down_after_it_began_to_drive_keeps_its_first_fixes(stage: Stage) -> None:
    items = [
        at(stage, 1.5),
        at(stage, 0.5),
        at(stage, 0),
    ]  # the shift began an hour ago, the crew is of this minute
    taken = await stage.crew12.worker.post("/positions", {"items": items})
    assert taken["accepted"] == 3


async def test_the_last_fixes_of_a_shift_arrive_after_its_end(stage: Stage) -> None:
    await stage.sql("UPDATE team_members SET joined_at = now() - interval '8 hours'")
    kept = {"items": [at(stage, 2), at(stage, 1)]}
    await stage.admin.delete(f"/teams/{stage.crew12.id}")
    assert (await stage.crew12.worker.post("/positions", kept))["accepted"] == 2
    assert len(await lats(stage, stage.crew12)) == 2


async def test_a_tracker_tells_of_the_team_that_had_the_car_then(stage: Stage) -> None:
    """Its car was team 12's until two hours ago, nobody's for an hour, and is team 14's now."""
    await stage.sql(
        "UPDATE teams SET created_at = now() - interval '8 hours', shift_start = now() - interval '8 hours',"
        " ended_at = now() - interval '3 hours' WHERE id = :id",
        id=stage.crew12.id,
    )
    (team,) = await stage.sql(
        "INSERT INTO teams (name, profile, car_id, shift_start, shift_end, created_at)"
        " VALUES ('14', 'paramedic', :car, now() - interval '1 hour', now() + interval '9 hours',"
        " now() - interval '1 hour') RETURNING id",
        car=stage.crew12.car_id,
    )
    made = await stage.admin.post("/devices", {"name": "Трекер", "car_id": stage.crew12.car_id})
    tracker = await stage.stranger()
    locations = [
        {"timestamp": one["at"], "coords": {"latitude": one["lat"], "longitude": one["lon"]}}
        for one in (at(stage, 5, lat=59.81), at(stage, 2.5, lat=59.82), at(stage, 0.5, lat=59.83))
    ]
    answer = await tracker.send(
        "POST", f"/positions/osmand/{made['token']}", json={"location": locations, "device_id": "1"}
    )
    assert answer.status_code == 200
    rows = await stage.sql("SELECT team_id, lat_e7 FROM positions ORDER BY at")
    assert [(row["team_id"], row["lat_e7"]) for row in rows] == [
        (stage.crew12.id, 598100000), (None, 598200000), (team["id"], 598300000)
    ]  # fmt: skip
