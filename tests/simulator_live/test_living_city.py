"""The city lives for half an hour, sixty times faster, and leaves the service in order."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import uvicorn

from brigada.assignments.rules import STEPS
from brigada.demo.feeder import invent_call
from brigada.kit.geo import Point, haversine_m
from brigada.regions.democity import build_city
from brigada.server.worker import server_config
from brigada.settings import Settings
from brigada.simulator.live.api import Account, Service
from brigada.simulator.live.city import Cast, City
from brigada.simulator.live.pace import Pace
from brigada.simulator.live.plan import Habits
from stage import PASSWORD, Stage, running_app, seeded_tables, set_stage, settings_for_tests

pytestmark = pytest.mark.anyio

TEAMS = 8
CURRENT = "/assignments/current"
LIVELY = Habits(
    scene_s=90, handover_s=60, declines=0.1, troubles=0.1, breaks_every_s=1500, break_s=60,
    offline_every_s=300, offline_s=40, repair_s=60, transported=0.5,
)  # fmt: skip
"""As people, but more often: thirty minutes have to hold everything that happens in a week."""


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    return settings_for_tests(
        database_url, redis_url, position_fastest_kmh=100_000, login_limit_per_address=1000, tls=False
    )


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[tuple[Stage, str]]:
    """The service on a real port, with its cast and enough teams."""
    async with running_app(settings) as app:
        stage = await set_stage(app, await seeded_tables(app))
        await more_teams(stage)
        config = server_config(app, settings)
        config.lifespan = "off"
        server = uvicorn.Server(config)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            task = asyncio.create_task(server.serve([listener]))
            while not server.started:  # noqa: ASYNC110 -- the server tells it in no other way
                await asyncio.sleep(0.01)
            yield stage, f"http://127.0.0.1:{listener.getsockname()[1]}"
            server.should_exit = True
            await task
        await stage.close()


async def more_teams(stage: Stage) -> None:
    for number in range(TEAMS):
        worker = await stage.admin.post(
            "/users",
            {
                "login": f"worker{number}",
                "password": PASSWORD,
                "role": "worker",
                "name": "Имя",
                "surname": f"Ф{number}",
            },
        )
        car = await stage.admin.post(
            "/cars", {"number": f"В{number:03}КХ178", "class": "B", "model": "ГАЗель"}
        )
        await stage.admin.post(
            "/teams",
            {
                "name": f"2{number}", "car_id": car["id"], "member_ids": [worker["id"]],
                "station_id": stage.station_id,
            },
        )  # fmt: skip


async def live(
    stage: Stage,
    url: str,
    *,
    minutes: float,
    enough: Callable[[City], bool] | None = None,
    spared: frozenset[str] = frozenset(),
    per_day: float = 3000,
) -> City:
    """Let the city live for so long, or until it has seen enough."""
    town = build_city()
    service = Service(url, trust=None)
    dispatcher = Account(service, "petrova", PASSWORD)

    def invent(rng: random.Random) -> dict[str, Any]:
        return dict(invent_call(rng, town)) | {
            "location": {"lat": 59.93 + rng.uniform(-0.008, 0.008), "lon": 30.31 + rng.uniform(-0.016, 0.016)}
        }

    city = City(
        service, Cast(Account(service, "orlova", PASSWORD), dispatcher, dispatcher, PASSWORD, spared), invent,
        Pace(60), seed=5, per_day=per_day, flat=True, dispatch_after_s=10, habits=LIVELY,
    )  # fmt: skip
    living = asyncio.create_task(city.live(minutes * 60))
    try:
        while not living.done():
            await asyncio.wait({living}, timeout=0.1)
            if enough is not None and enough(city):
                living.cancel()
        if not living.cancelled():
            living.result()
    finally:
        await service.close()
    return city


async def check_order(stage: Stage) -> None:
    """Every time line is complete and in order, no team was on two calls, states agree with each other."""
    for row in await stage.sql("SELECT * FROM assignments"):
        moments = [row["assigned_at"], *(row[f"{step}_at"] for step in STEPS)]
        happened = [moment for moment in moments if moment is not None]
        assert happened == sorted(happened), row
        if row["status"] == "completed":
            assert all(row[f"{step}_at"] for step in ("acknowledged", "en_route", "on_scene", "completed")), (
                row
            )
        assert (row["ended_at"] is not None) == (
            row["status"] in {"completed", "declined", "cancelled", "diverted", "troubled"}
        )
    overlaps = await stage.sql(
        "SELECT 1 FROM assignments a JOIN assignments b ON a.team_id = b.team_id AND a.id < b.id"
        " WHERE a.assigned_at < coalesce(b.ended_at, 'infinity') AND b.assigned_at < coalesce(a.ended_at, 'infinity')"
    )
    assert overlaps == []
    wrong = await stage.sql(
        "SELECT c.id, c.status FROM calls c WHERE (c.status = 'accepted') !="
        " EXISTS (SELECT 1 FROM assignments a WHERE a.call_id = c.id AND a.ended_at IS NULL)"
    )
    assert wrong == []


async def check_replay(stage: Stage) -> None:
    """The events alone, replayed, give the state that the tables hold; their numbers have no gap."""
    log = await stage.sql("SELECT seq, kind, data FROM events ORDER BY seq")
    assert [row["seq"] for row in log] == list(range(log[0]["seq"], log[0]["seq"] + len(log)))
    held: dict[str, dict[int, dict[str, Any]]] = {"call": {}, "assignment": {}, "team": {}}
    for row in log:
        data = row["data"] if isinstance(row["data"], dict) else msgspec.json.decode(row["data"])
        for entity, known in held.items():
            if entity in data:
                known.setdefault(data[entity]["id"], {}).update(data[entity])
    for table, entity in (("calls", "call"), ("assignments", "assignment")):
        for row in await stage.sql(f"SELECT id, status, version FROM {table}"):
            replayed = held[entity][row["id"]]
            assert (replayed["status"], replayed["version"]) == (row["status"], row["version"]), (
                row,
                replayed,
            )
    for row in await stage.sql(
        "SELECT t.id, a.id AS assignment_id FROM teams t JOIN assignments a ON a.team_id = t.id AND a.ended_at IS NULL"
    ):
        assert held["team"][row["id"]]["assignment_id"] == row["assignment_id"]


async def check_positions(stage: Stage) -> None:
    """Each crew's track is in order of time, and the marker is its newest good fix."""
    rows = await stage.sql(
        "SELECT p.car_id, p.at, (SELECT max(h.at) FROM positions h WHERE h.car_id = p.car_id AND h.flags & 7 = 0)"
        " AS newest FROM car_positions p"
    )
    assert rows
    assert all(row["at"] >= row["newest"] for row in rows if row["newest"] is not None)
    assert (await stage.sql("SELECT count(*) AS n FROM positions WHERE delay_ms < 0"))[0]["n"] == 0


async def check(stage: Stage) -> None:
    await check_order(stage)
    await check_replay(stage)
    await check_positions(stage)


async def test_a_few_minutes_of_the_city_leave_the_service_in_order(settings: Settings) -> None:
    async with serving(settings) as (stage, url):
        city = await live(stage, url, minutes=600, enough=lambda city: city.counts["completed"] >= 2)
        assert city.counts["completed"] >= 2, city.counts
        assert not [name for name in city.counts if name.startswith("crew failed")], city.counts
        await check(stage)


async def test_a_city_that_begins_anew_goes_on_where_it_was_left(settings: Settings) -> None:
    """The same seed, the same people: a crew on a break comes back, a broken car is repaired, nothing is refused."""
    async with serving(settings) as (stage, url):
        await live(stage, url, minutes=600, enough=lambda city: city.counts["en_route"] >= 2)
        resting, broken = stage.crews
        await stage.admin.patch(f"/cars/{broken.car_id}", {"serviceable": False})
        await stage.sql(
            "UPDATE teams SET on_break_since = now() - interval '1 hour', shift_end = now() + interval '10 minutes'"
            " WHERE id = :id",
            id=resting.id,
        )
        again = await live(
            stage,
            url,
            minutes=600,
            enough=lambda city: city.counts["completed"] >= 2 and city.counts["repaired"] >= 1,
        )
        assert again.counts["completed"] >= 2, again.counts
        assert again.counts["refused: key_reused"] == 0, again.counts
        assert again.counts["repaired"] >= 1
        (team,) = await stage.sql(
            "SELECT shift_end > now() + interval '11 hours' AS prolonged, on_break_since < now() - interval '1 hour'"
            " AS still_resting FROM teams WHERE id = :id",
            id=resting.id,
        )
        assert (team["prolonged"], team["still_resting"]) in {(True, False), (True, None)}
        await check(stage)


async def test_a_crew_with_a_person_on_it_gets_a_call_and_waits_for_the_taps(settings: Settings) -> None:
    """The person signed in as a worker: the others of the crew drive, the steps are the person's."""
    async with serving(settings) as (stage, url):
        person, mate = stage.crew12.workers
        seen: list[str] = []

        async def tap() -> None:
            """Take each step as soon as the work shows the one before, the arrival after the car has come there."""
            for step in ("acknowledged", "en_route", "on_scene", "completed"):
                async with asyncio.timeout(300):
                    while (found := await person.send("GET", CURRENT)).status_code == 404:  # noqa: ASYNC110 -- as a page without a socket
                        await asyncio.sleep(0.05)
                    if step == "on_scene":
                        await arrived(stage, found.json())
                await person.step(found.json(), step)
                seen.append(step)

        tapping = asyncio.create_task(tap())
        login = (await stage.admin.get(f"/users/{person.id}"))["login"]
        city = await live(
            stage, url, minutes=600, enough=lambda _: tapping.done(), spared=frozenset({login}), per_day=800
        )
        await tapping
        assert seen == ["acknowledged", "en_route", "on_scene", "completed"]
        rows = await stage.sql(
            "SELECT DISTINCT m.actor_id FROM milestones m JOIN assignments a ON a.id = m.assignment_id"
            " WHERE a.team_id = :team AND m.step NOT IN ('assigned') AND a.id ="
            " (SELECT min(id) FROM assignments WHERE team_id = :team)",
            team=stage.crew12.id,
        )
        assert [row["actor_id"] for row in rows] == [person.id], city.counts
        assert mate.id != person.id


async def arrived(stage: Stage, assignment: dict[str, Any]) -> None:
    """Wait until the car stands at the call."""
    place = assignment["call"]["location"]
    while True:
        items = (await stage.petrova.get("/positions"))["items"]
        here = next(item for item in items if item["team_id"] == stage.crew12.id)
        if haversine_m(Point(here["lat"], here["lon"]), Point(place["lat"], place["lon"])) < 100:
            return
        await asyncio.sleep(0.1)


@pytest.mark.long
async def test_half_an_hour_of_the_city_leaves_the_service_in_order(settings: Settings) -> None:
    async with serving(settings) as (stage, url):
        city = await live(stage, url, minutes=30)
        assert city.counts["completed"] >= TEAMS, city.counts
        assert city.counts["signal lost"] > 0
        assert (
            city.counts["declined"]
            + sum(
                city.counts[f"trouble: {kind}"] for kind in ("car_broken", "human_factor", "external_factor")
            )
            > 0
        )
        assert not [name for name in city.counts if name.startswith("crew failed")], city.counts
        await check(stage)
