"""The city lives for half an hour, sixty times faster, and leaves the service in order."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import osmium
import pytest
import uvicorn
from sqlalchemy import text

from brigada.demo.callers import invent_call
from brigada.kit.geo import Point, haversine_m
from brigada.regions.democity import build_city
from brigada.regions.importer import ImportOrder, import_region
from brigada.regions.store import RegionStore
from brigada.server.worker import server_config
from brigada.settings import Settings
from brigada.simulator.live.api import Account, Service
from brigada.simulator.live.city import Cast, City
from brigada.simulator.live.pace import Pace
from brigada.simulator.live.plan import Habits
from simulator_live.invariants import check
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
            IN_FLIGHT[stage.address] = server.server_state.tasks
            yield stage, f"http://127.0.0.1:{listener.getsockname()[1]}"
            server.should_exit = True
            await task
        await stage.close()


IN_FLIGHT: dict[str, set[asyncio.Task[None]]] = {}
"""The requests that a stage's server is at work on."""


async def check_when_quiet(stage: Stage) -> None:
    """Check once what the city had asked for before it ended is done: it hung up in the middle of it."""
    while running := [task for task in IN_FLIGHT[stage.address] if not task.done()]:
        await asyncio.wait(running)
    await check(stage)


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
    places: Sequence[Point] = (),
    dispatch_after_s: float | None = 10,
    welcome: int = 0,
) -> City:
    """Let the city live for so long, or until it has seen enough; calls come from `places`, else the centre."""
    town = build_city()
    service = Service(url, trust=None)
    dispatcher = Account(service, "petrova", PASSWORD)

    def invent(rng: random.Random) -> dict[str, Any]:
        spot = Point(59.93 + rng.uniform(-0.008, 0.008), 30.31 + rng.uniform(-0.016, 0.016))
        if places:
            spot = rng.choice(places)
        return dict(invent_call(rng, town)) | {"location": {"lat": spot.lat, "lon": spot.lon}}

    city = City(
        service, Cast(Account(service, "orlova", PASSWORD), dispatcher, dispatcher, PASSWORD, spared), invent,
        Pace(60), seed=5, per_day=per_day, flat=True, dispatch_after_s=dispatch_after_s,
        welcome=welcome, habits=LIVELY,
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


@pytest.mark.long
async def test_a_few_minutes_of_the_city_leave_the_service_in_order(settings: Settings) -> None:
    async with serving(settings) as (stage, url):
        city = await live(stage, url, minutes=600, enough=lambda city: city.counts["completed"] >= 2)
        assert city.counts["completed"] >= 2, city.counts
        assert not [name for name in city.counts if name.startswith("crew failed")], city.counts
        await check_when_quiet(stage)


@pytest.mark.long
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
        await check_when_quiet(stage)


@pytest.mark.long
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


async def test_calls_wait_for_whoever_sits_down_at_the_desk(settings: Settings) -> None:
    async with serving(settings) as (stage, url):
        await stage.petrova.take_in()
        city = await live(
            stage, url, minutes=600, per_day=1, dispatch_after_s=None, welcome=3,
            enough=lambda city: city.counts["calls for a person"] == 2,
        )  # fmt: skip
        board = await stage.petrova.get("/calls", view="actual")
        waiting = [call for call in board["items"] if call["status"] == "new"]
        assert len(waiting) == 3, city.counts


async def arrived(stage: Stage, assignment: dict[str, Any]) -> None:
    """Wait until the car stands at the call."""
    place = assignment["call"]["location"]
    while True:
        items = (await stage.petrova.get("/positions"))["items"]
        here = next(item for item in items if item["team_id"] == stage.crew12.id)
        if haversine_m(Point(here["lat"], here["lon"]), Point(place["lat"], place["lon"])) < 100:
            return
        await asyncio.sleep(0.1)


DAMAGE = {
    "a milestone out of order": "UPDATE assignments SET on_scene_at = en_route_at - interval '1 second'",
    "a milestone lost": "UPDATE assignments SET acknowledged_at = NULL",
    "a milestone that nobody wrote": "DELETE FROM milestones WHERE step = 'on_scene'",
    "a team on two calls": "UPDATE assignments SET team_id = (SELECT min(team_id) FROM assignments),"
    " assigned_at = assigned_at - interval '1 hour' WHERE ended_at IS NOT NULL",
    "a call that nobody did": "UPDATE calls SET status = 'completed', closed_at = now() WHERE status = 'new'",
    "a call without its team": "UPDATE calls SET status = 'new' WHERE status = 'accepted'",
    "a state that no event tells of": "UPDATE assignments SET version = version + 1",
    "an outcome that no event tells of": "UPDATE assignments SET outcome = 'refused_transport'",
    "a lost event": "DELETE FROM events WHERE seq = (SELECT max(seq) - 5 FROM events)",
    "a call without its beginning": "UPDATE events SET kind = 'call.updated' WHERE kind = 'call.created'",
    "a marker that went back": "UPDATE car_positions SET at = at - interval '1 hour'",
    "a fix of another car": "UPDATE positions SET car_id = car_id + 1",
    "a fix stored twice": "INSERT INTO positions SELECT * FROM positions LIMIT 1",
}


DAMAGED = ("milestones", "assignments", "calls", "events", "car_positions", "positions")


@pytest.mark.long
async def test_each_damage_is_found(settings: Settings) -> None:
    """What the checks are worth: a service in order passes them, and one damaged in any of these ways does not."""
    others = asyncio.all_tasks()  # the loop also runs the app that other tests share
    async with serving(settings) as (stage, url):
        await live(stage, url, minutes=600, enough=lambda city: city.counts["completed"] >= 2)
        for task in asyncio.all_tasks() - others:
            if task.get_name() == "leader":
                task.cancel()  # its chores would write events between a damage and its repair
        await stage.petrova.take_in()
        free = (await stage.petrova.get("/teams", free=True))["items"][0]
        call = await stage.petrova.take_in()
        await stage.petrova.post(f"/calls/{call['id']}/assignments", {"team_id": free["id"]})
        await check_when_quiet(stage)
        for table in DAMAGED:
            await stage.sql(f"CREATE TABLE kept_{table} AS TABLE {table}")
        for name, statement in DAMAGE.items():
            await by_force(stage, statement)
            assert await is_found(stage), f"nothing was found: {name}"
            await by_force(
                stage,
                *(f"DELETE FROM {table}" for table in DAMAGED),
                *(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE kept_{table}" for table in DAMAGED),
            )
        await check_when_quiet(stage)
        for table in DAMAGED:
            await stage.sql(f"DROP TABLE kept_{table}")


async def is_found(stage: Stage) -> bool:
    try:
        await check(stage)
    except (AssertionError, KeyError):
        return True
    return False


async def by_force(stage: Stage, *statements: str) -> None:
    """Change tables as no program can: past triggers and foreign keys."""
    async with stage.state.database.engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            await connection.execute(text(statement))


def has_seen_everything(city: City) -> bool:
    """Half an hour has passed, and longer on a machine too busy for what half an hour holds."""
    counts = city.counts
    rare = counts["declined"] + sum(count for name, count in counts.items() if name.startswith("trouble"))
    return (
        city.elapsed() >= timedelta(minutes=30)
        and counts["completed"] >= TEAMS
        and counts["at_hospital"] > 0
        and counts["buffered fixes"] > 0
        and counts["breaks"] > 0
        and rare > 0
    )


@pytest.fixture(scope="module")
def real_roads(real_extracts: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Point]]:
    """A data folder with the roads of a real country in use, and ends of its streets."""
    extract = real_extracts / "liechtenstein.osm.pbf"
    folder = tmp_path_factory.mktemp("real_roads")
    import_region(
        RegionStore(folder), ImportOrder("liechtenstein", extract), datetime(2026, 11, 23, tzinfo=UTC)
    )
    return folder, street_ends(extract)


def street_ends(extract: Path) -> list[Point]:
    ends = []
    for way in osmium.FileProcessor(str(extract), osmium.osm.NODE | osmium.osm.WAY).with_locations():
        if isinstance(way, osmium.osm.Way) and way.tags.get("highway") in {"residential", "tertiary"}:
            end = next((node for node in way.nodes if node.location.valid()), None)
            if end is not None:
                ends.append(Point(end.lat, end.lon))
    return random.Random(11).sample(ends, 200)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_half_an_hour_on_real_roads_leaves_the_service_in_order(
    settings: Settings, real_roads: tuple[Path, list[Point]]
) -> None:
    folder, places = real_roads
    async with serving(settings.model_copy(update={"data_dir": folder})) as (stage, url):
        home, hospital = places[0], places[1]
        await stage.sql("UPDATE stations SET lat = :lat, lon = :lon", lat=home.lat, lon=home.lon)
        await stage.sql("UPDATE hospitals SET lat = :lat, lon = :lon", lat=hospital.lat, lon=hospital.lon)
        city = await live(stage, url, minutes=600, enough=has_seen_everything, places=places[2:])
        assert has_seen_everything(city), city.counts
        assert not [name for name in city.counts if name.startswith("crew failed")], city.counts
        await check_when_quiet(stage)
        call = await stage.petrova.take_in(location={"lat": places[5].lat, "lon": places[5].lon})
        found = (await stage.petrova.get(f"/calls/{call['id']}/candidates"))["items"]
        assert any(not one["approximate"] for one in found), "nobody was reckoned along a road"


@pytest.mark.long
async def test_half_an_hour_of_the_city_leaves_the_service_in_order(settings: Settings) -> None:
    async with serving(settings) as (stage, url):
        city = await live(stage, url, minutes=600, enough=has_seen_everything)
        assert has_seen_everything(city), city.counts
        assert not [name for name in city.counts if name.startswith("crew failed")], city.counts
        await check_when_quiet(stage)
