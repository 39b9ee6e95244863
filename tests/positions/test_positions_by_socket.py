"""Positions by the crew's open socket, and what screens get of them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from listening import PATIENCE_S, Listening, listening
from stage import Caller, Crew, Stage

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def known_teams(stage: Stage) -> None:
    """The stage puts its teams straight into the tables; the process hears of teams by the log."""
    for crew in stage.crews:
        await stage.admin.patch(f"/teams/{crew.id}", {"profile": "physician"})


@asynccontextmanager
async def joined(stage: Stage, caller: Caller) -> AsyncIterator[Listening]:
    """Open a socket and wait for its hello: from there on it is known whose it is."""
    async with listening(stage, caller) as socket:
        await socket.has("hello")
        yield socket


def frame(stage: Stage, lat: float, *, ago_s: float = 0, **more: object) -> str:
    at = stage.state.clock.now() - timedelta(seconds=ago_s)
    return json.dumps(
        {"type": "position", "lat": lat, "lon": 30.31, "at": at.isoformat(), "accuracy_m": 5, **more}
    )


def seen(screen: Listening, crew: Crew) -> list[float]:
    """The places of this crew that the screen was told, in order."""
    return [
        item["lat"]
        for one in screen.frames
        if one["type"] == "positions"
        for item in one["items"]
        if item["team_id"] == crew.id
    ]


async def has_seen(desk: Listening, crew: Crew, phone: Listening, stage: Stage, lat: float) -> None:
    """Let the crew be somewhere, and wait until the desk knows."""
    phone.say(frame(stage, lat))
    await desk.until(lambda: lat in seen(desk, crew))


async def stored(stage: Stage, count: int) -> list[dict[str, Any]]:
    """Wait until the history holds so many rows; return them."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            rows = await stage.sql("SELECT * FROM positions ORDER BY at")
            if len(rows) >= count:
                return rows
            await asyncio.sleep(0.02)


async def test_a_frame_is_stored_and_on_the_desk_and_on_the_crews_own_screen_alone(stage: Stage) -> None:
    async with (
        joined(stage, stage.crew12.worker) as phone,
        joined(stage, stage.crew13.worker) as other,
        joined(stage, stage.petrova) as desk,
    ):
        phone.say(frame(stage, 59.91, speed_mps=11.0, heading_deg=-1))
        await desk.until(lambda: seen(desk, stage.crew12) == [59.91])
        await phone.until(lambda: seen(phone, stage.crew12) == [59.91])
        (row,) = await stored(stage, 1)
        assert (row["car_id"], row["team_id"]) == (stage.crew12.car_id, stage.crew12.id)
        assert (row["speed_cmps"], row["heading_deg"]) == (1100, None)
        other.say(frame(stage, 59.99))
        await desk.until(lambda: seen(desk, stage.crew13) == [59.99])
        await other.until(lambda: seen(other, stage.crew13) == [59.99])
        assert seen(other, stage.crew12) == seen(phone, stage.crew13) == []


async def test_every_item_on_a_screen_says_how_old_it_is(stage: Stage) -> None:
    async with joined(stage, stage.petrova) as desk, joined(stage, stage.crew12.worker) as phone:
        phone.say(frame(stage, 59.91, ago_s=7))
        await desk.until(lambda: seen(desk, stage.crew12) == [59.91])
        told = [one for one in desk.frames if one["type"] == "positions"][-1]
        (item,) = [item for item in told["items"] if item["team_id"] == stage.crew12.id]
        age = datetime.fromisoformat(told["at"]) - datetime.fromisoformat(item["at"])
        assert timedelta(seconds=7) <= age < timedelta(seconds=17)
        assert item["received_at"] > item["at"]
        assert (await desk.has("hello"))["settings"]["stale_after_s"] == stage.state.settings.position_stale_s


@pytest.mark.long
async def test_a_screen_gets_one_frame_a_second_with_the_latest_of_who_moved(stage: Stage) -> None:
    async with (
        joined(stage, stage.petrova) as desk,
        joined(stage, stage.crew12.worker) as phone12,
        joined(stage, stage.crew13.worker) as phone13,
    ):
        for number in range(40):
            phone12.say(frame(stage, 59.90 + number * 1e-4, ago_s=40 - number))
        phone13.say(frame(stage, 59.99))
        await desk.until(lambda: bool(seen(desk, stage.crew12)) and bool(seen(desk, stage.crew13)))
        assert len(seen(desk, stage.crew12)) <= 2  # the burst may fall on both sides of a tick
        assert seen(desk, stage.crew12)[-1] == pytest.approx(59.90 + 39e-4)
        for number in range(1, 6):
            await has_seen(desk, stage.crew12, phone12, stage, round(59.904 + number * 1e-4, 6))
        assert len(seen(desk, stage.crew13)) == 1  # who did not move is not told again
        moments = [datetime.fromisoformat(one["at"]) for one in desk.frames if one["type"] == "positions"]
        gaps = [later - earlier for earlier, later in pairwise(moments)]
        assert min(gaps) > timedelta(seconds=0.8 * stage.state.settings.position_frame_s)


async def test_a_frame_of_kept_positions_never_moves_the_marker_back(stage: Stage) -> None:
    async with joined(stage, stage.petrova) as desk, joined(stage, stage.crew12.worker) as phone:
        phone.say(frame(stage, 59.95))
        await desk.until(lambda: seen(desk, stage.crew12) == [59.95])
        kept = [json.loads(frame(stage, 59.90 + n * 1e-3, ago_s=600 - n * 60)) for n in range(5)]
        phone.say(json.dumps({"type": "positions", "items": kept}))
        rows = await stored(stage, 6)
        assert {row["team_id"] for row in rows} == {stage.crew12.id}
        assert (await stage.petrova.get("/positions"))["items"][0]["lat"] == 59.95
        assert seen(desk, stage.crew12) == [59.95]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ('{"type": "position"}', "bad_position"),
        ('{"type": "position", "lat": 99, "lon": 30}', "bad_position"),
        ('{"type": "position", "lat": 0, "lon": 0}', "bad_position"),
        ('{"type": "position", "lat": 59.9, "lon": 30.3, "at": "2026-11-23T12:00:00"}', "bad_position"),
        ('{"type": "positions", "items": 7}', "bad_position"),
        ('{"type": "position", "lat": 59.9, "lon": 30.3, "at": "2020-01-01T00:00:00Z"}', "bad_position"),
    ],
)
async def test_a_frame_that_holds_no_fix_is_answered_and_the_socket_lives_on(
    stage: Stage, sent: str, code: str
) -> None:
    async with joined(stage, stage.crew12.worker) as phone:
        phone.say(sent)
        assert (await phone.has("error"))["code"] == code
        phone.say(frame(stage, 59.91))
        await stored(stage, 1)


async def test_who_is_on_no_team_is_told_so(stage: Stage) -> None:
    for caller in (stage.free_workers[0], stage.petrova):
        async with joined(stage, caller) as socket:
            socket.say(frame(stage, 59.91))
            assert (await socket.has("error"))["code"] == "no_team"


async def test_a_team_formed_a_moment_ago_is_heard_at_once(stage: Stage) -> None:
    worker = stage.free_workers[0]
    async with joined(stage, worker) as phone, joined(stage, stage.petrova) as desk:
        body = {"name": "15", "car_id": stage.spare_car_id, "member_ids": [worker.id]}
        team = await stage.admin.post("/teams", body)
        await phone.has("team.created")
        phone.say(frame(stage, 59.97))
        await desk.until(
            lambda: any(
                item["team_id"] == team["id"]
                for one in desk.frames
                if one["type"] == "positions"
                for item in one["items"]
            )
        )


async def test_a_team_that_has_ended_is_forgotten(stage: Stage) -> None:
    async with joined(stage, stage.petrova) as desk, joined(stage, stage.crew12.worker) as phone:
        phone.say(frame(stage, 59.91))
        await desk.until(lambda: seen(desk, stage.crew12) == [59.91])
        await stage.admin.delete(f"/teams/{stage.crew12.id}")
        await desk.has("team.ended")
        assert stage.crew12.id not in stage.state.hub._positions
    assert (await stage.petrova.get("/positions"))["items"] == []
