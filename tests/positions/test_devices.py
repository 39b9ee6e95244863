"""Trackers bound to cars: made by the administrator, heard by the OsmAnd protocol."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from brigada.positions.devices_router import DEVICE_LIMIT
from stage import API, Caller, Stage

pytestmark = pytest.mark.anyio


async def device(stage: Stage) -> tuple[dict[str, Any], Caller]:
    """Return a device of the first crew's car, and the tracker itself, which has no session."""
    made = await stage.admin.post("/devices", {"name": "Трекер", "car_id": stage.crew12.car_id})
    return made, await stage.stranger()


async def send(made: dict[str, Any], tracker: Caller, **query: str) -> httpx.Response:
    return await tracker.send("GET", f"/positions/osmand/{made['token']}", params=query)


async def marker(stage: Stage) -> dict[str, Any] | None:
    items = (await stage.petrova.get("/positions"))["items"]
    return next((item for item in items if item["team_id"] == stage.crew12.id), None)


async def test_a_token_is_shown_once_and_its_hash_alone_is_kept(stage: Stage) -> None:
    made, _ = await device(stage)
    assert made["url"] == f"{API}/positions/osmand/{made['token']}"
    (listed,) = (await stage.admin.get("/devices"))["items"]
    assert "token" not in listed
    assert listed["car_id"] == stage.crew12.car_id
    assert made["token"] not in str(await stage.sql("SELECT * FROM devices"))


async def test_a_repeated_request_for_a_device_gets_no_token(stage: Stage) -> None:
    body = {"name": "Трекер", "car_id": stage.crew12.car_id}
    first = await stage.admin.post("/devices", body, headers={"Idempotency-Key": "the same"})
    again = await stage.admin.post("/devices", body, headers={"Idempotency-Key": "the same"})
    assert (first["id"], bool(first["token"])) == (again["id"], True)
    assert (again["token"], again["url"]) == ("", "")
    assert first["token"] not in str(await stage.sql("SELECT * FROM idempotency_keys"))


async def test_a_tracker_speaks_for_its_car_without_a_session(stage: Stage) -> None:
    made, tracker = await device(stage)
    at = str(int(stage.state.clock.now().timestamp()))
    answer = await send(made, tracker, id="1", lat="59.94", lon="30.32", timestamp=at, speed="20", batt="70")
    assert (answer.status_code, answer.content) == (200, b"")
    position = await marker(stage)
    assert position is not None
    assert (position["lat"], position["source"]) == (59.94, "tracker")
    assert position["speed_mps"] == pytest.approx(10.3, abs=0.1)
    (listed,) = (await stage.admin.get("/devices"))["items"]
    assert listed["battery"] == pytest.approx(0.7)
    assert listed["last_seen_at"] is not None


async def test_a_form_and_json_go_the_same_way(stage: Stage) -> None:
    made, tracker = await device(stage)
    path = f"/positions/osmand/{made['token']}"
    assert (
        await tracker.send("POST", path, data={"id": "1", "lat": "59.95", "lon": "30.33"})
    ).status_code == 200
    later = (stage.state.clock.now() + timedelta(seconds=1)).isoformat()
    locations = [
        {"timestamp": later, "coords": {"latitude": 59.951, "longitude": 30.331, "speed": -1, "heading": -1}}
    ]
    answer = await tracker.send("POST", path, json={"location": locations, "device_id": "1"})
    assert answer.status_code == 200
    position = await marker(stage)
    assert position is not None
    assert (position["lat"], position["speed_mps"], position["heading_deg"]) == (59.951, None, None)


async def test_a_heartbeat_is_no_position_and_keeps_the_device_alive(stage: Stage) -> None:
    made, tracker = await device(stage)
    assert (await send(made, tracker, id="1", batt="50")).status_code == 200
    assert await marker(stage) is None
    (listed,) = (await stage.admin.get("/devices"))["items"]
    assert listed["last_seen_at"] is not None


@pytest.mark.parametrize(
    "query",
    [
        {"lat": "95", "lon": "30"},
        {"lat": "0", "lon": "0"},
        {"lat": "59.9", "lon": "30.3", "timestamp": "noon"},
        {"lat": "59.9", "lon": "30.3", "timestamp": "946684800"},
        {"lat": "59.9", "lon": "30.3", "valid": "0"},
    ],
)
async def test_a_point_that_can_never_be_used_is_answered_so_that_it_is_not_sent_for_ever(
    stage: Stage, query: dict[str, str]
) -> None:
    made, tracker = await device(stage)
    assert (await send(made, tracker, id="1", **query)).status_code == 200
    assert await marker(stage) is None


async def test_a_revoked_device_and_an_unknown_one_are_refused_alike(stage: Stage) -> None:
    made, tracker = await device(stage)
    await stage.admin.delete(f"/devices/{made['id']}")
    assert (await send(made, tracker, id="1", lat="59.9", lon="30.3")).status_code == 404
    assert (await send({"token": "brd_unknown"}, tracker, id="1", lat="59.9", lon="30.3")).status_code == 404
    await stage.admin.refused(404, "not_found", "DELETE", f"/devices/{made['id']}")


async def test_what_is_not_the_protocol_is_refused(stage: Stage) -> None:
    made, tracker = await device(stage)
    assert (await send(made, tracker, q="1")).status_code == 400
    answer = await tracker.send("POST", f"/positions/osmand/{made['token']}", content="{")
    assert answer.status_code == 400


@pytest.mark.usefixtures("within_a_minute")
async def test_who_guesses_tokens_is_slowed_down_before_the_database_is_asked(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, tracker = await device(stage)
    point = {"id": "1", "lat": "59.9", "lon": "30.3"}
    assert (await send(made, tracker, **point)).status_code == 200
    guess = {"token": "brd_guess"}
    assert (await send(guess, tracker, id="1")).status_code == 404
    limit = stage.state.settings.public_limit_per_address
    await stage.state.limiter._add(f"device:ip:{stage.address}", limit)  # as if it had guessed so often
    asked: list[object] = []
    true = stage.state.database.fetch_one

    async def count(sql: str, *args: object) -> Any:
        asked.append(args)
        return await true(sql, *args)

    monkeypatch.setattr(stage.state.database, "fetch_one", count)
    assert (await send(guess, tracker, id="1")).status_code == 429
    assert asked == []
    assert (await send(made, tracker, **point)).status_code == 200, "a good tracker behind the same address"
    await stage.admin.delete(f"/devices/{made['id']}")
    assert {(await send(made, tracker, **point)).status_code for _ in range(2)} == {429}


@pytest.mark.usefixtures("within_a_minute")
async def test_a_device_gone_wild_is_slowed_down(stage: Stage) -> None:
    made, tracker = await device(stage)
    point = {"id": "1", "lat": "59.9", "lon": "30.3"}
    stage.state.limiter._add_here(stage.state.limiter._key(f"device:{made['id']}"), DEVICE_LIMIT - 1)
    assert (await send(made, tracker, **point)).status_code == 200
    slowed = await send(made, tracker, **point)
    assert slowed.status_code == 429
    assert int(slowed.headers["retry-after"]) > 0


async def test_an_alarm_is_on_the_track(stage: Stage) -> None:
    made, tracker = await device(stage)
    await send(made, tracker, id="1", lat="59.9", lon="30.3", alarm="sos")
    found = await stage.petrova.get(f"/positions/{stage.crew12.id}/track", exact=True)
    assert [item["marks"] for item in found["items"]] == [["alarm"]]


async def test_only_the_administrator_makes_devices_and_only_for_cars_that_are(stage: Stage) -> None:
    body = {"name": "Трекер", "car_id": stage.crew12.car_id}
    await stage.petrova.refused(403, "forbidden", "POST", "/devices", json=body)
    await stage.petrova.refused(403, "forbidden", "GET", "/devices")
    await stage.admin.refused(422, "invalid", "POST", "/devices", json=body | {"car_id": 999_999})
