"""Positions propose departures and arrivals, and keep the arrival current; people decide."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from brigada.following.rules import Fence, Proposal, Seen, worth_telling
from brigada.following.service import Following
from brigada.kit.geo import Point
from stage import Stage

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUSE = Point(59.93, 30.31)
METRE = 1 / 111_195  # degrees of latitude


def seen(second: float, north_m: float, accuracy_m: float | None = 5) -> Seen:
    return Seen(Point(59.93 + north_m * METRE, 30.31), NOON + timedelta(seconds=second), accuracy_m)


def drive(fence: Fence, *fixes: Seen) -> list[Proposal]:
    return [proposal for fix in fixes if (proposal := fence.see(fix)) is not None]


def test_an_arrival_is_the_moment_of_crossing_once_the_car_has_stayed() -> None:
    (proposal,) = drive(Fence("on_scene", HOUSE), seen(0, 400), seen(10, 0), seen(40, 0))
    assert (proposal.at - NOON).total_seconds() == pytest.approx(8, abs=0.01)
    assert proposal.step == "on_scene"


def test_driving_past_is_no_arrival() -> None:
    assert drive(Fence("on_scene", HOUSE), seen(0, 400), seen(10, 20), seen(20, -300), seen(60, -900)) == []


def test_a_poor_fix_inside_the_fence_proves_nothing() -> None:
    fixes = [seen(second, 0, 300) for second in range(0, 120, 5)]
    assert drive(Fence("on_scene", HOUSE), seen(-5, 400), *fixes) == []


def test_a_fence_is_wider_for_a_worse_receiver() -> None:
    near = [seen(second, 100, 60) for second in (10, 40)]
    assert drive(Fence("on_scene", HOUSE), seen(0, 400), *near)
    assert not drive(Fence("on_scene", HOUSE), seen(0, 400), *[seen(second, 100, 5) for second in (10, 40)])


def test_a_departure_needs_certainty_that_the_car_is_out() -> None:
    assert drive(Fence("en_route", HOUSE), seen(0, 0), seen(10, 120, 60), seen(60, 120, 60)) == []
    (proposal,) = drive(Fence("en_route", HOUSE), seen(0, 0), seen(20, 200), seen(45, 800))
    assert (proposal.at - NOON).total_seconds() == pytest.approx(10, abs=0.01)


def test_one_stray_fix_proposes_no_departure() -> None:
    assert drive(Fence("en_route", HOUSE), seen(0, 0), seen(10, 900), seen(20, 0), seen(60, 5)) == []


def test_fixes_out_of_order_change_nothing() -> None:
    assert drive(Fence("on_scene", HOUSE), seen(0, 400), seen(10, 0), seen(5, 0), seen(10, 0)) == []


def test_an_arrival_is_told_again_only_when_it_moves_by_a_minute() -> None:
    assert worth_telling(None, NOON)
    assert not worth_telling(NOON, NOON + timedelta(seconds=59))
    assert worth_telling(NOON, NOON - timedelta(seconds=60))


async def stand(stage: Stage, place: Point, *seconds_ago: float) -> None:
    now = stage.state.clock.now()
    items: list[dict[str, Any]] = [
        {
            "lat": place.lat,
            "lon": place.lon,
            "accuracy_m": 5,
            "at": (now - timedelta(seconds=ago)).isoformat(),
        }
        for ago in seconds_ago
    ]
    await stage.crew12.worker.post("/positions", {"items": items})


async def assigned_an_hour_ago(stage: Stage) -> dict[str, Any]:
    """A crew whose work began an hour ago, so that its fixes may lie between then and now."""
    await stand(stage, Point(59.90, 30.31), 3700)
    call = await stage.petrova.take_in(location={"lat": HOUSE.lat, "lon": HOUSE.lon})
    assignment = await stage.petrova.assign(call, stage.crew12)
    await stage.sql(
        "UPDATE assignments SET assigned_at = assigned_at - interval '1 hour', start_lat = 59.90, start_lon = 30.31"
    )
    return assignment


@pytest.mark.anyio
async def test_a_departure_and_an_arrival_are_proposed_once_and_decided_by_the_crew(stage: Stage) -> None:
    assignment = await assigned_an_hour_ago(stage)
    following = Following(stage.state)
    await stand(stage, Point(59.91, 30.31), 600, 570, 540)
    await following.look()
    await stage.crew12.worker.step(assignment, "en_route", source="gps")
    await stand(stage, HOUSE, 120, 90, 60)
    await following.look()
    await following.look()
    await Following(stage.state).look()
    proposed = [
        event["data"]["assignment"]["proposed"]["step"] for event in await stage.events("assignment.proposed")
    ]
    assert proposed == ["en_route", "on_scene"]
    path = f"/assignments/{assignment['id']}/gps"
    steps = (await stage.crew12.worker.get(path))["items"]
    assert [step["step"] for step in steps] == ["en_route", "on_scene"]
    assert steps[0]["declared_at"] is not None
    assert steps[1]["declared_at"] is None
    assert (await stage.petrova.get(f"/assignments/{assignment['id']}"))["status"] == "en_route"
    await stage.crew13.worker.refused(404, "not_found", "GET", path)


@pytest.mark.anyio
async def test_the_arrival_is_kept_current_on_the_way(stage: Stage) -> None:
    assignment = await assigned_an_hour_ago(stage)
    await stage.crew12.worker.step(assignment, "en_route")
    await stand(stage, Point(59.91, 30.31), 5)
    await Following(stage.state).look()
    first = (await stage.petrova.get(f"/assignments/{assignment['id']}"))["arrives_at"]
    assert datetime.fromisoformat(first) > stage.state.clock.now()
    await stand(stage, Point(59.99, 30.31), 0)
    await stage.sql("UPDATE car_positions SET lat = 59.99")
    await Following(stage.state).look()
    second = (await stage.petrova.get(f"/assignments/{assignment['id']}"))["arrives_at"]
    assert datetime.fromisoformat(second) - datetime.fromisoformat(first) > timedelta(minutes=1)
    assert [event["data"]["assignment"]["arrives_at"] for event in await stage.events("assignment.arrival")] == [
        first, second
    ]  # fmt: skip


@pytest.mark.anyio
async def test_a_crew_sent_from_the_hospital_has_not_arrived_there_before_it_has_a_patient(
    stage: Stage,
) -> None:
    """It stood at the hospital when it was sent, drove away, took a patient, and is on its way back."""
    (hospital,) = (await stage.petrova.get("/hospitals"))["items"]
    there = Point(hospital["location"]["lat"], hospital["location"]["lon"])
    assignment = await assigned_an_hour_ago(stage)
    await stand(stage, there, 3500, 3470, 3440)
    await stand(stage, HOUSE, 1200, 1170)
    await stage.crew12.worker.step(assignment, "on_scene")
    await stage.crew12.worker.step(assignment, "transporting", hospital_id=hospital["id"])
    await stage.sql("UPDATE assignments SET transporting_at = now() - interval '15 minutes'")
    following = Following(stage.state)
    await following.look()
    path = f"/assignments/{assignment['id']}/gps"
    assert "at_hospital" not in [step["step"] for step in (await stage.crew12.worker.get(path))["items"]]
    await stand(stage, there, 120, 90, 60)
    await following.look()
    steps = {step["step"]: step for step in (await stage.crew12.worker.get(path))["items"]}
    arrived = datetime.fromisoformat(steps["at_hospital"]["at"])
    assert abs(stage.state.clock.now() - arrived - timedelta(seconds=120)) < timedelta(seconds=30)


@pytest.mark.anyio
async def test_an_arrival_is_not_reckoned_from_a_place_that_is_old(stage: Stage) -> None:
    assignment = await assigned_an_hour_ago(stage)
    await stage.crew12.worker.step(assignment, "en_route")
    await stand(stage, Point(59.91, 30.31), 5)
    await Following(stage.state).look()
    told = (await stage.petrova.get(f"/assignments/{assignment['id']}"))["arrives_at"]
    stale = stage.state.settings.position_stale_s + 1
    await stage.sql("UPDATE car_positions SET lat = 59.99, at = now() - make_interval(secs => :s)", s=stale)
    await Following(stage.state).look()
    assert (await stage.petrova.get(f"/assignments/{assignment['id']}"))["arrives_at"] == told
