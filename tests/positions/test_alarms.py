"""A call for help from a car is told at once and once, and is over when a person has said so."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from brigada.attention import service
from brigada.positions.alarms import Going, Said, after, is_new
from stage import Caller, Stage

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def rings(*said: tuple[float, str | None]) -> list[float]:
    """Return the seconds at which a device's messages, each at a second with or without an alarm, make a new one."""
    going, rang = Going(), []
    for second, alarm in said:
        message = Said(NOON + timedelta(seconds=second), alarm, None, None)
        if is_new(going, message):
            rang.append(second)
        going = after(going, message)
    return rang


def test_an_alarm_with_every_point_is_one_alarm() -> None:
    assert rings(*((second, "sos") for second in range(0, 3600, 5))) == [0]


def test_an_alarm_in_every_second_message_is_one_alarm() -> None:
    assert rings(*((second, "sos" if second % 20 == 0 else None) for second in range(0, 600, 10))) == [0]


def test_a_button_pressed_again_after_points_without_an_alarm_is_another() -> None:
    assert rings((0, "sos"), (5, None), (70, "sos")) == [0, 70]
    assert rings((0, "sos"), (300, "sos"), (601, "sos")) == [0, 601]


def test_a_call_for_help_after_an_accident_is_another_and_an_accident_within_a_call_for_help_is_not() -> None:
    assert rings((0, "crash"), (5, "sos"), (10, "crash"), (15, "sos")) == [0, 5]


def test_a_late_copy_of_an_alarm_is_none() -> None:
    assert rings((100, "sos"), (105, None), (90, "sos"), (100, "sos"), (80, None)) == [100]


async def tracker_of(stage: Stage, car_id: int) -> tuple[str, Caller]:
    made = await stage.admin.post("/devices", {"name": "Трекер", "car_id": car_id})
    return f"/positions/osmand/{made['token']}", await stage.stranger()


async def open_items(stage: Stage) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await stage.petrova.get("/attention"))["items"]
    return items


SOS = {"id": "1", "lat": "59.94", "lon": "30.32", "alarm": "sos"}


@pytest.mark.anyio
async def test_a_call_for_help_names_the_car_its_team_the_place_and_the_time_to_dispatchers_at_once(
    stage: Stage,
) -> None:
    path, tracker = await tracker_of(stage, stage.crew12.car_id)
    at = stage.state.clock.now().replace(microsecond=0) - timedelta(seconds=7)
    sent = await tracker.send("GET", path, params={**SOS, "timestamp": at.isoformat()})
    assert sent.status_code == 200
    (item,) = await open_items(stage)
    assert (item["rule"], item["car_id"], item["team_id"]) == ("sos", stage.crew12.car_id, stage.crew12.id)
    assert item["location"] == {"lat": 59.94, "lon": 30.32}
    assert [datetime.fromisoformat(item[name]) for name in ("since", "place_at")] == [at, at]
    (number,) = await stage.sql("SELECT number FROM cars WHERE id = :id", id=stage.crew12.car_id)
    assert item["car_number"] == number["number"]
    (told,) = (await stage.petrova.get("/notifications"))["items"]
    assert (told["kind"], told["team_id"]) == ("attention", stage.crew12.id)
    assert told["data"] == {"rule": "sos", "car_number": number["number"]}
    assert (await stage.crew12.worker.get("/notifications"))["items"] == []


@pytest.mark.anyio
async def test_it_is_told_once_however_often_and_by_how_many_it_is_repeated(stage: Stage) -> None:
    path, tracker = await tracker_of(stage, stage.crew12.car_id)
    other, phone = await tracker_of(stage, stage.crew12.car_id)
    sending = [
        one.send("GET", to, params=SOS) for one, to in ((tracker, path), (phone, other)) for _ in range(6)
    ]
    assert {answer.status_code for answer in await asyncio.gather(*sending)} == {200}
    assert len(await open_items(stage)) == 1
    assert len(await stage.events("attention.raised")) == 1
    assert len((await stage.petrova.get("/notifications"))["items"]) == 1


@pytest.mark.anyio
async def test_it_is_over_when_somebody_acknowledges_it_and_by_nothing_else(stage: Stage) -> None:
    path, tracker = await tracker_of(stage, stage.crew12.car_id)
    await tracker.send("GET", path, params=SOS)
    await tracker.send("GET", path, params={name: SOS[name] for name in ("id", "lat", "lon")})
    await service.look(stage.state)
    (item,) = await open_items(stage)
    await stage.petrova.post(f"/attention/{item['id']}/acknowledge")
    assert await open_items(stage) == []
    (told,) = await stage.events("attention.acknowledged")
    assert told["data"]["attention"]["acknowledged_by"] == stage.petrova.id
    assert told["data"]["attention"]["ended_at"] is not None
    # The tracker goes on with its alarm: that is known, and rings for nobody a second time.
    await tracker.send("GET", path, params=SOS)
    assert await open_items(stage) == []


@pytest.mark.anyio
async def test_pressed_anew_from_elsewhere_it_moves_there_and_rings_for_nobody_a_second_time(
    stage: Stage,
) -> None:
    path, tracker = await tracker_of(stage, stage.crew12.car_id)
    now = stage.state.clock.now().replace(microsecond=0)
    first, quiet, again = (now - timedelta(seconds=ago) for ago in (200, 150, 5))
    await tracker.send("GET", path, params={**SOS, "timestamp": first.isoformat()})
    places = {name: SOS[name] for name in ("id", "lat", "lon")}
    await tracker.send("GET", path, params={**places, "timestamp": quiet.isoformat()})
    elsewhere = {**SOS, "lat": "59.95", "timestamp": again.isoformat()}
    await tracker.send("GET", path, params=elsewhere)
    (item,) = await open_items(stage)
    assert item["location"] == {"lat": 59.95, "lon": 30.32}
    assert [datetime.fromisoformat(item[name]) for name in ("since", "place_at")] == [first, again]
    (moved,) = await stage.events("attention.moved")
    assert moved["data"]["attention"]["location"] == item["location"]
    assert len(await stage.events("attention.raised")) == 1
    assert len((await stage.petrova.get("/notifications"))["items"]) == 1


@pytest.mark.anyio
async def test_nobody_on_it_within_a_minute_tells_the_administrators(stage: Stage) -> None:
    path, tracker = await tracker_of(stage, stage.crew12.car_id)
    await tracker.send("POST", path, json={"location": {"coords": {}, "extras": {"alarm": "sos"}}})
    await service.look(stage.state)
    await stage.sql("UPDATE attentions SET raised_at = raised_at - interval '61 seconds'")
    await service.look(stage.state)
    (item,) = await open_items(stage)
    assert item["level"] == 2
    kinds = [one["kind"] for one in (await stage.admin.get("/notifications"))["items"]]
    assert kinds == ["attention_escalated"]


@pytest.mark.anyio
async def test_an_alarm_without_a_fix_is_told_with_the_last_place_and_of_when_it_is(stage: Stage) -> None:
    path, tracker = await tracker_of(stage, stage.crew12.car_id)
    at = stage.state.clock.now().replace(microsecond=0) - timedelta(seconds=40)
    await tracker.send("GET", path, params={"lat": "59.9", "lon": "30.3", "timestamp": at.isoformat()})
    await tracker.send("GET", path, params={"alarm": "sos"})
    (item,) = await open_items(stage)
    assert item["location"] == {"lat": 59.9, "lon": 30.3}
    assert datetime.fromisoformat(item["place_at"]) == at
    assert datetime.fromisoformat(item["since"]) > at


@pytest.mark.anyio
async def test_a_car_without_a_team_and_without_a_place_can_call_for_help(stage: Stage) -> None:
    (car,) = await stage.sql("SELECT id, number FROM cars WHERE id NOT IN (SELECT car_id FROM teams) LIMIT 1")
    path, tracker = await tracker_of(stage, car["id"])
    assert (await tracker.send("GET", path, params={"id": "1", "alarm": "accident"})).status_code == 200
    (item,) = await open_items(stage)
    assert (item["rule"], item["car_number"], item["team_id"]) == ("crash", car["number"], None)
    assert (item["location"], item["place_at"]) == (None, None)


@pytest.mark.anyio
async def test_a_low_battery_and_a_cut_cable_ring_for_nobody(stage: Stage) -> None:
    path, tracker = await tracker_of(stage, stage.crew12.car_id)
    for word in ("lowBattery", "powerCut", "hardBraking"):
        await tracker.send("GET", path, params={**SOS, "alarm": word})
    assert await open_items(stage) == []
