"""Addresses, the map, the advice and routes through the API, over the imported demo city."""

import itertools
import json
import math
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import select

from brigada.app import create_app
from brigada.assignments.models import Assignment
from brigada.auth.models import User
from brigada.auth.passwords import Passwords
from brigada.cars.models import Car, LatestPosition
from brigada.dispatch.route_watch import RouteWatch
from brigada.kit.geo import Point, haversine_m
from brigada.regions.democity import City
from brigada.regions.live import LiveRegion
from brigada.regions.store import Installed, RegionStore
from brigada.routing.composed import Roads
from brigada.routing.speeds import load_speed_factors
from brigada.settings import load_settings
from brigada.state import State
from brigada.stations.models import Station
from brigada.teams.models import Team

MOSCOW = ZoneInfo("Europe/Moscow")
PASSWORD = "Zvezda-na-nebe-19"
BETWEEN_BRIDGES_LON = 33.8625
LONDON = {"lat": 51.5, "lon": -0.12}

pytestmark = pytest.mark.anyio

_numbers = itertools.count(1)


class Service:
    """The service on the demo city, a dispatcher who has signed in, and teams at will."""

    def __init__(self, client: httpx.AsyncClient, state: State, city: City) -> None:
        self.client, self.state, self.city = client, state, city

    async def team(
        self, where: Point, *, profile: str = "physician", hours_left: float = 8.0, age_s: float = 5.0
    ) -> int:
        now = self.state.clock.now()
        number = next(_numbers)
        async with self.state.unit_of_work() as uow:
            station = Station(name=f"Подстанция {number}", address="", lat=where.lat, lon=where.lon)
            car = Car(
                number=f"А{number:03d}ВС77", car_class="B", model="ГАЗель NEXT", serviceability="in_service"
            )
            uow.session.add_all([station, car])
            await uow.session.flush()
            team = Team(
                name=str(number),
                profile=profile,
                car_id=car.id,
                station_id=station.id,
                shift_start=now - timedelta(hours=2),
                shift_end=now + timedelta(hours=hours_left),
            )
            uow.session.add(team)
            at = now - timedelta(seconds=age_s)
            uow.session.add(
                LatestPosition(
                    car_id=car.id, lat=where.lat, lon=where.lon, at=at, received_at=at, source="test"
                )
            )
            await uow.session.flush()
            number = team.id
            await uow.commit()
        return number

    async def sign_in(self, login: str) -> None:
        answer = await self.client.post("/api/v1/auth/login", json={"login": login, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        self.client.headers["X-CSRF-TOKEN"] = self.client.cookies["csrf_access_token"]

    async def move(self, team_id: int, where: Point) -> None:
        async with self.state.unit_of_work() as uow:
            team = await uow.session.get_one(Team, team_id)
            fix = await uow.session.get_one(LatestPosition, team.car_id)
            fix.lat, fix.lon, fix.at = where.lat, where.lon, self.state.clock.now()
            await uow.commit()

    async def call(self, where: Point, **more: object) -> int:
        body = {
            "reason": "Боль в груди",
            "address": "где-то",
            "criticality": "critical",
            "location": {"lat": where.lat, "lon": where.lon},
            **more,
        }
        answer = await self.client.post("/api/v1/calls", json=body)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])


@pytest.fixture
async def service(
    region: Installed, city: City, database_url: str, redis_url: str, tmp_path: Path
) -> AsyncIterator[Service]:
    store = RegionStore(tmp_path)
    shutil.copytree(region.folder.parent, store.root / "demo", symlinks=True)
    store.use("demo")
    settings = load_settings(
        _env_file=None, mode="test", data_dir=tmp_path, database_url=database_url, redis_url=redis_url
    )
    app = create_app(settings)
    state: State = app.state.brigada
    async with app.router.lifespan_context(app):
        async with state.unit_of_work() as uow:
            secret = await Passwords().hash(PASSWORD)
            uow.session.add(
                User(login="anna", password_hash=secret, role="dispatcher", name="Анна", surname="Иванова")
            )
            uow.session.add(
                User(login="olga", password_hash=secret, role="admin", name="Ольга", surname="Петрова")
            )
            await uow.commit()
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="https://testserver") as client:
            service = Service(client, state, city)
            await service.sign_in("anna")
            yield service


async def test_an_address_is_found_as_it_is_typed_and_given_back_for_its_point(service: Service) -> None:
    answer = await service.client.get("/api/v1/geocode", params={"q": "пр мира 7"})
    assert answer.status_code == 200
    first = answer.json()["items"][0]
    assert (first["kind"], first["label"]) == ("house", "проспект Мира, 7")
    assert first["confidence"] > 0.9
    back = await service.client.get("/api/v1/geocode/reverse", params=first["location"])
    assert back.json()["label"] == "проспект Мира, 7"


async def test_the_region_says_where_it_lies_and_whose_data_it_is(service: Service) -> None:
    answer = (await service.client.get("/api/v1/region")).json()
    assert answer["installed"] is True
    assert (answer["title"], answer["time_zone"]) == ("Бригадск", "Europe/Moscow")
    assert answer["bounds"]["south"] < answer["centre"]["lat"] < answer["bounds"]["north"]
    assert "OpenStreetMap" in answer["attribution"]
    assert {"roads", "water", "buildings", "places"} <= set(answer["layers"])


async def test_a_tile_is_compressed_tagged_and_not_sent_twice(service: Service) -> None:
    x, y = _tile_of(service.city.addresses[0].point, 14)
    path = f"/api/v1/map/14/{x}/{y}.mvt"
    first = await service.client.get(path)
    assert first.status_code == 200
    assert first.headers["content-encoding"] == "gzip"
    assert first.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert "проспект Мира".encode() in first.content
    again = await service.client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    build = (await service.client.get("/api/v1/region")).json()["build"]
    kept = {
        name: (await service.client.get(f"{path}?build={name}")).headers["cache-control"]
        for name in (build, "another")
    }
    assert kept == {build: "private, max-age=86400, immutable", "another": "no-store"}
    assert first.headers["cache-control"] == "private, no-cache"
    plain = await service.client.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == first.content
    assert (await service.client.get("/api/v1/map/14/0/0.mvt")).status_code == 204


async def test_without_a_base_map_the_road_tiles_of_the_router_serve_from_zoom_12(service: Service) -> None:
    region = service.state.region
    installed = RegionStore(service.state.settings.data_dir).active()
    assert installed is not None
    installed.base_map.unlink()
    region._tried = None
    assert await region.refresh()
    x, y = _tile_of(service.city.addresses[0].point, 14)
    tile = await service.client.get(f"/api/v1/map/14/{x}/{y}.mvt")
    assert tile.status_code == 200
    assert b"speeds" in tile.content
    x, y = _tile_of(service.city.addresses[0].point, 10)
    assert (await service.client.get(f"/api/v1/map/10/{x}/{y}.mvt")).status_code == 204


@pytest.mark.parametrize("drawn_by", ["the base map", "the router"])
async def test_a_tile_off_the_world_is_empty(service: Service, drawn_by: str) -> None:
    live = service.state.region
    with_map = live.now
    if drawn_by == "the router":
        live._now = replace(with_map, tiles=None)
    for place in ("14/16384/0", "14/0/16384", "0/1/0", "12/4194303/4194303"):
        answer = await service.client.get(f"/api/v1/map/{place}.mvt")
        assert (answer.status_code, answer.content, answer.headers.get("etag")) == (204, b"", None), place
    live._now = with_map


def _tile_of(point: Point, zoom: int) -> tuple[int, int]:
    n = 2**zoom
    y = math.asinh(math.tan(math.radians(point.lat)))
    return int((point.lon + 180) / 360 * n), int((1 - y / math.pi) / 2 * n)


async def test_a_call_outside_the_region_is_refused_or_taken_with_a_warning(service: Service) -> None:
    body = {"reason": "Упал", "address": "Лондон", "criticality": "common", "location": LONDON}
    refused = await service.client.post("/api/v1/calls", json=body)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "outside_region"
    service.state.settings = service.state.settings.model_copy(update={"region_outside": "warn"})
    for replayed in (None, "true"):
        taken = await service.client.post("/api/v1/calls", json=body, headers={"Idempotency-Key": "london"})
        assert taken.status_code == 201
        assert taken.headers["x-brigada-warning"] == "outside_region"
        assert taken.headers.get("idempotency-replayed") == replayed


async def test_no_station_gets_outside_the_region_unless_the_service_takes_it_with_a_warning(
    service: Service,
) -> None:
    await service.sign_in("olga")
    inside = service.city.addresses[0].point
    here = {"lat": inside.lat, "lon": inside.lon}

    async def refused(method: str, path: str, **body: object) -> None:
        answer = await service.client.request(method, f"/api/v1{path}", json=body)
        assert answer.status_code == 422, answer.text
        assert [one["code"] for one in answer.json()["errors"]] == ["outside_region"]

    await refused("POST", "/stations", name="Лондонская", location=LONDON)
    made = await service.client.post("/api/v1/stations", json={"name": "Своя", "location": here})
    assert made.status_code == 201, made.text
    assert "x-brigada-warning" not in made.headers
    path = f"/stations/{made.json()['id']}"
    await refused("PATCH", path, location=LONDON)
    assert (await service.client.get(f"/api/v1{path}")).json()["location"] == here

    service.state.settings = service.state.settings.model_copy(update={"region_outside": "warn"})
    taken = await service.client.post("/api/v1/stations", json={"name": "Лондонская", "location": LONDON})
    moved = await service.client.patch(f"/api/v1{path}", json={"location": LONDON})
    assert (taken.status_code, moved.status_code) == (201, 200)
    for answer in (taken, moved):
        assert answer.headers["x-brigada-warning"] == "outside_region"
        assert answer.json()["location"] == LONDON


async def test_a_call_is_not_moved_out_of_the_region_either(service: Service) -> None:
    call_id = await service.call(service.city.addresses[0].point)
    answer = await service.client.patch(f"/api/v1/calls/{call_id}", json={"location": LONDON})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["code"] == "outside_region"


def _about_the_river(city: City) -> tuple[Point, Point, Point]:
    """A place on the north bank, one across the river between two bridges, one farther off on the same bank.

    The second is 350 m from the first by air and kilometres by road.
    """
    banks = ("Набережная реки Светлой", "Заречная набережная")
    north, south = (
        min(
            (a for a in city.addresses if a.street == bank),
            key=lambda a: abs(a.point.lon - BETWEEN_BRIDGES_LON),
        )
        for bank in banks
    )
    same_bank = next(
        a
        for a in city.addresses
        if a.district == "Западный район" and 700 < haversine_m(a.point, north.point) < 800
    )
    assert haversine_m(south.point, north.point) < 600
    return north.point, south.point, same_bank.point


async def test_the_nearest_by_road_comes_first_though_another_is_nearer_as_the_crow_flies(
    service: Service,
) -> None:
    north, south, same_bank = _about_the_river(service.city)
    over, here = await service.team(south), await service.team(same_bank)
    call_id = await service.call(north)
    answer = (await service.client.get(f"/api/v1/calls/{call_id}/candidates")).json()
    assert [item["team_id"] for item in answer["items"]] == [here, over]
    first, second = answer["items"]
    assert not answer["approximate"]
    assert first["eta_s"] < second["eta_s"]
    assert first["reasons"][0]["text"] == "ближе всех"
    assert second["reasons"][0]["code"] == "slower"


async def test_no_team_is_first_by_a_guess_while_its_road_can_be_asked_for(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Only the road of the nearest by air is asked for at first, and it is the team across the river.
    monkeypatch.setattr("brigada.dispatch.candidates.service.NEAREST_ASKED", 1)
    north, south, same_bank = _about_the_river(service.city)
    over, here = await service.team(south), await service.team(same_bank)
    call_id = await service.call(north)
    answer = (await service.client.get(f"/api/v1/calls/{call_id}/candidates")).json()
    assert [item["team_id"] for item in answer["items"]] == [here, over]
    assert not answer["approximate"]


async def test_the_choice_is_recorded_beside_the_advice_with_the_difference_in_seconds(
    service: Service,
) -> None:
    place = service.city.addresses[100].point
    near = await service.team(service.city.addresses[110].point)
    far = await service.team(service.city.addresses[4000].point)
    call_id = await service.call(place)
    listed = (await service.client.get(f"/api/v1/calls/{call_id}/candidates")).json()["items"]
    assert [item["team_id"] for item in listed] == [near, far]
    answer = await service.client.post(f"/api/v1/calls/{call_id}/assignments", json={"team_id": far})
    assert answer.status_code == 201
    async with service.state.database.read() as session:
        row = (await session.execute(select(Assignment).where(Assignment.call_id == call_id))).scalar_one()
    assert row.advice_team_id == near
    assert row.advice_cost_s == pytest.approx(listed[1]["eta_s"] - listed[0]["eta_s"], abs=2)
    assert row.eta_s == pytest.approx(listed[1]["eta_s"], abs=2)


async def test_a_busy_team_is_passed_over_and_says_why(service: Service) -> None:
    place = service.city.addresses[200].point
    team = await service.team(place)
    one, other = await service.call(place), await service.call(place)
    await service.client.post(f"/api/v1/calls/{one}/assignments", json={"team_id": team})
    answer = await service.client.get(f"/api/v1/calls/{other}/candidates", headers={"Accept-Language": "en"})
    item = answer.json()["items"][0]
    assert (item["possible"], item["standing"]) == (False, "busy")
    assert item["reasons"][0]["text"] == "busy on a call"


async def test_a_call_without_a_point_has_no_advice_but_a_team_can_be_sent(service: Service) -> None:
    team = await service.team(service.city.addresses[0].point)
    body = {"reason": "Упал", "address": "за гаражами", "criticality": "common"}
    call_id = (await service.client.post("/api/v1/calls", json=body)).json()["id"]
    answer = await service.client.get(f"/api/v1/calls/{call_id}/candidates")
    assert (answer.status_code, answer.json()["code"]) == (409, "call_has_no_place")
    sent = await service.client.post(f"/api/v1/calls/{call_id}/assignments", json={"team_id": team})
    assert sent.status_code == 201


async def test_the_way_of_an_assignment_leads_by_road_to_the_call(service: Service) -> None:
    start, finish = service.city.addresses[0].point, service.city.addresses[3000].point
    team, call_id = await service.team(start), await service.call(finish)
    sent = (await service.client.post(f"/api/v1/calls/{call_id}/assignments", json={"team_id": team})).json()
    way = (await service.client.get(f"/api/v1/assignments/{sent['id']}/route")).json()
    assert way["target"] == "call"
    assert not way["approximate"]
    assert len(way["geometry"]["coordinates"]) > 5
    assert way["steps"][0]["text"].startswith("Выезжайте")
    assert way["steps"][-1]["text"].startswith("Вы на месте")
    arrives = datetime.fromisoformat(way["arrives_at"]) - datetime.now(UTC)
    assert arrives.total_seconds() == pytest.approx(way["duration_s"], abs=5)


async def test_a_free_team_is_shown_the_way_to_its_station(service: Service) -> None:
    station, here = service.city.addresses[0].point, service.city.addresses[3000].point
    team = await service.team(station)
    await service.move(team, here)
    way = (await service.client.get(f"/api/v1/teams/{team}/route")).json()
    assert not way["approximate"]
    line = [Point(lat, lon) for lon, lat in way["geometry"]["coordinates"]]
    assert haversine_m(line[0], here) < 100
    assert haversine_m(line[-1], station) < 100
    assert len(line) > 5
    assert (await service.client.get("/api/v1/teams/999999/route")).status_code == 404


async def test_a_crew_that_leaves_its_way_gets_a_new_one_on_the_socket(service: Service) -> None:
    start, finish = service.city.addresses[0].point, service.city.addresses[3000].point
    team, call_id = await service.team(start), await service.call(finish)
    await service.client.post(f"/api/v1/calls/{call_id}/assignments", json={"team_id": team})
    watch = RouteWatch(service.state)
    assert await watch.look() == 1  # the way of a new assignment
    assert await watch.look() == 0
    roads = service.state.region.now.roads
    way = await roads.route(start, finish)
    await service.move(team, way.line[len(way.line) // 2])
    assert await watch.look() == 0  # it is on its way
    await service.move(team, service.city.addresses[5000].point)
    assert await watch.look() == 1
    rows = await service.state.database.fetch_all(
        "SELECT data, roles, team_ids FROM events WHERE kind = 'assignment.route' ORDER BY seq"
    )
    assert len(rows) >= 2
    assert (rows[-1]["roles"], rows[-1]["team_ids"]) == (["dispatcher", "admin"], [team])


async def test_a_call_whose_place_is_put_right_gets_a_new_way_at_once(service: Service) -> None:
    start, finish, other = (service.city.addresses[n].point for n in (0, 3000, 4500))
    team, call_id = await service.team(start), await service.call(finish)
    await service.client.post(f"/api/v1/calls/{call_id}/assignments", json={"team_id": team})
    watch = RouteWatch(service.state)
    assert await watch.look() == 1
    body = {"location": {"lat": other.lat, "lon": other.lon}}
    assert (await service.client.patch(f"/api/v1/calls/{call_id}", json=body)).status_code == 200
    assert await watch.look() == 1
    [_, row] = await _ways_told(service)
    end = row["data"]["route"]["geometry"]["coordinates"][-1]
    assert haversine_m(Point(end[1], end[0]), other) < 150


async def test_without_roads_the_way_is_told_once_and_as_an_estimate(service: Service) -> None:
    start, finish = service.city.addresses[0].point, service.city.addresses[3000].point
    team, call_id = await service.team(start), await service.call(finish)
    await service.client.post(f"/api/v1/calls/{call_id}/assignments", json={"team_id": team})
    live = service.state.region
    with_roads = live.now
    live._now = replace(with_roads, roads=Roads(None, load_speed_factors(), MOSCOW), engine=None)
    watch = RouteWatch(service.state)
    assert await watch.look() == 1
    await service.move(team, service.city.addresses[5000].point)
    assert await watch.look() == 0
    [row] = await _ways_told(service)
    assert row["data"]["route"]["approximate"] is True
    assert row["data"]["route"]["why_approximate"] == "no_region"
    live._now = with_roads


async def _ways_told(service: Service) -> list[dict[str, Any]]:
    rows = await service.state.database.fetch_all(
        "SELECT data FROM events WHERE kind = 'assignment.route' ORDER BY seq"
    )
    return [
        {"data": json.loads(row["data"]) if isinstance(row["data"], str) else row["data"]} for row in rows
    ]


async def test_a_region_installed_while_the_service_runs_is_taken_over_without_a_pause(
    service: Service,
) -> None:
    live = service.state.region
    store = RegionStore(service.state.settings.data_dir)
    before = live.now.generation
    shutil.copytree(store.root / "demo", store.root / "other", symlinks=True)
    store.use("other")
    assert await live.refresh()
    assert live.now.generation != before
    way = await live.now.roads.route(service.city.addresses[0].point, service.city.addresses[9].point)
    assert way.estimate is None


@pytest.mark.parametrize(
    ("damaged", "content"),
    [
        ("*/roads/*/region.osrm.mldgr", b""),
        ("*/places.sqlite", b""),
        ("*/places.sqlite", b"not what it was " * 4096),
        ("*/map.pmtiles", b"not what it was " * 4096),
    ],
    ids=["roads", "places-empty", "places", "map"],
)
async def test_a_build_that_cannot_be_opened_leaves_the_one_in_use(
    service: Service, damaged: str, content: bytes
) -> None:
    live = service.state.region
    store = RegionStore(service.state.settings.data_dir)
    shutil.copytree(store.root / "demo", store.root / "broken", symlinks=True)
    files = list((store.root / "broken").glob(damaged))
    assert files
    for item in files:
        item.write_bytes(content)
    store.use("broken")
    before = live.now
    assert not await live.refresh()
    assert live.now is before
    answer = await service.client.get("/api/v1/geocode", params={"q": "проспект мира 7"})
    assert answer.json()["items"][0]["number"] == "7"

    newcomer = LiveRegion(service.state.settings)  # a process that starts now
    await newcomer.start()
    way = await newcomer.now.roads.route(service.city.addresses[0].point, service.city.addresses[9].point)
    assert way.estimate == "no_region"
    store.use("demo")
    assert await newcomer.refresh()
    await newcomer.close()


async def test_the_process_with_the_roads_may_die_and_comes_back(service: Service) -> None:
    from brigada.routing.osrm_process import OsrmProcess

    live = service.state.region.now
    assert isinstance(live.engine, OsrmProcess)
    start, finish = service.city.addresses[0].point, service.city.addresses[3000].point
    [child] = live.engine._pool._processes.values()
    child.kill()
    child.join()
    lost = await live.roads.route(start, finish)
    assert lost.estimate == "router_down"
    found = await live.roads.route(start, finish)
    assert found.estimate is None
