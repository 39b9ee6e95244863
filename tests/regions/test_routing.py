"""Roads of the imported demo city: what must hold of every route, and that all engines agree."""

import itertools
import math
import os
import random
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from brigada.kit.geo import Point, haversine_m
from brigada.regions.democity import City
from brigada.regions.democity.canvas import Canvas, to_degrees
from brigada.regions.democity.ground import river_y
from brigada.regions.importer import ImportOrder, import_region
from brigada.regions.rules import EmergencyRules
from brigada.regions.store import Installed, RegionStore
from brigada.routing.composed import Roads
from brigada.routing.osrm_http import OsrmHttp
from brigada.routing.osrm_process import START_TIMEOUT_S, OsrmProcess
from brigada.routing.port import Profile, RouterDownError, RouterSilentError, Why
from brigada.routing.speeds import load_speed_factors
from osrm_server import osrm_server

pytestmark = pytest.mark.anyio

MOSCOW = ZoneInfo("Europe/Moscow")
TOP_SPEED_MPS = 110 / 3.6
"""No road of the demo city is driven faster, even by an ambulance."""


@pytest.fixture
async def engine(region: Installed) -> AsyncIterator[OsrmProcess]:
    engine = await OsrmProcess.start({p: region.graph(p) for p in Profile})
    yield engine
    await engine.close()


@pytest.fixture
def places(city: City) -> list[Point]:
    """Forty houses all over the town."""
    return [address.point for address in random.Random(5).sample(city.addresses, 40)]


def pairs(places: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    return zip(places[::2], places[1::2], strict=True)


def north_of_river(point: Point) -> bool:
    lat, lon = to_degrees(0, 0)
    y = math.radians(point.lat - lat) * 6_371_008.8
    x = math.radians(point.lon - lon) * 6_371_008.8 * math.cos(math.radians(lat))
    return y > river_y(x)


async def test_no_route_is_quicker_than_the_straight_line_at_top_speed(
    engine: OsrmProcess, places: list[Point]
) -> None:
    for start, finish in pairs(places):
        route = await engine.route(start, finish)
        straight = haversine_m(route.line[0], route.line[-1])
        assert route.distance_m >= straight * 0.99
        assert route.duration_s >= straight / TOP_SPEED_MPS
        assert route.estimate is None


async def test_the_steps_add_up_to_the_route_and_the_line_begins_and_ends_at_the_doors(
    engine: OsrmProcess, places: list[Point]
) -> None:
    for start, finish in pairs(places):
        route = await engine.route(start, finish)
        assert sum(step.distance_m for step in route.steps) == pytest.approx(route.distance_m, abs=2)
        assert sum(step.duration_s for step in route.steps) == pytest.approx(route.duration_s, abs=2)
        assert haversine_m(route.line[0], start) < 150
        assert haversine_m(route.line[-1], finish) < 150
        drawn = sum(haversine_m(a, b) for a, b in itertools.pairwise(route.line))
        assert drawn == pytest.approx(route.distance_m, rel=0.02)


async def test_the_river_is_crossed_only_by_bridges(engine: OsrmProcess, city: City) -> None:
    bridges = [
        [Point(*to_degrees(*city.canvas.xy(node))) for node in nodes]
        for nodes, tags in city.canvas.ways
        if tags.get("bridge") == "yes" and "highway" in tags
    ]
    north = [a.point for a in city.addresses if a.district == "Центральный район"][:8]
    south = [a.point for a in city.addresses if a.district == "Заречный район"][::330]
    crossed = 0
    for start, finish in itertools.product(north, south):
        route = await engine.route(start, finish)
        for a, b in itertools.pairwise(route.line):
            if north_of_river(a) != north_of_river(b):
                crossed += 1
                middle = Point((a.lat + b.lat) / 2, (a.lon + b.lon) / 2)
                ends = [p for bridge in bridges for p in bridge]
                assert min(haversine_m(middle, p) for p in ends) < 400
    assert crossed >= len(north) * len(south)


async def test_one_way_streets_are_driven_in_their_direction_alone(
    engine: OsrmProcess, city: City, places: list[Point]
) -> None:
    forbidden: set[tuple[tuple[float, float], tuple[float, float]]] = set()
    allowed: set[tuple[tuple[float, float], tuple[float, float]]] = set()

    def spot(node: int) -> tuple[float, float]:
        lat, lon = to_degrees(*city.canvas.xy(node))
        return round(lat, 5), round(lon, 5)

    for nodes, tags in city.canvas.ways:
        if "highway" in tags:
            for a, b in itertools.pairwise(nodes):
                allowed.add((spot(a), spot(b)))
                if tags.get("oneway") == "yes":
                    forbidden.add((spot(b), spot(a)))
                else:
                    allowed.add((spot(b), spot(a)))
    driven = 0
    for profile in Profile:
        for start, finish in itertools.product(places[:12], places[12:22]):
            route = await engine.route(start, finish, profile)
            spots = [(round(p.lat, 5), round(p.lon, 5)) for p in route.line]
            for step in itertools.pairwise(spots):
                assert step not in forbidden
                driven += step in allowed
    assert driven > 1_000


@pytest.mark.long
async def test_a_service_that_allows_it_drives_against_one_way_streets(
    city: City, extract: Path, tmp_path: Path, region: Installed
) -> None:
    rules = EmergencyRules(against_oneway=True, keep_turn_restrictions=False, speed_factor=1.0)
    order = ImportOrder("free", extract, rules=rules)
    free = import_region(RegionStore(tmp_path), order, datetime(2026, 11, 23, tzinfo=MOSCOW))
    strict = await OsrmProcess.start({Profile.EMERGENCY: region.graph("car")})
    bent = await OsrmProcess.start({Profile.EMERGENCY: free.graph("emergency")})
    oneway = [
        nodes for nodes, tags in city.canvas.ways if tags.get("oneway") == "yes" and "junction" not in tags
    ]
    shorter = 0
    for nodes in oneway:
        last, first = (Point(*to_degrees(*city.canvas.xy(n))) for n in (nodes[-1], nodes[0]))
        shorter += (await bent.route(last, first)).distance_m < (
            await strict.route(last, first)
        ).distance_m - 50
    await strict.close()
    await bent.close()
    assert shorter > len(oneway) / 2


async def test_an_ambulance_is_never_slower_than_a_car(engine: OsrmProcess, places: list[Point]) -> None:
    for start, finish in pairs(places):
        ambulance, car = [await engine.route(start, finish, profile) for profile in Profile]
        assert ambulance.duration_s <= car.duration_s + 0.2


@pytest.mark.parametrize("profile", list(Profile))
async def test_the_table_says_what_the_routes_say(
    engine: OsrmProcess, places: list[Point], profile: Profile
) -> None:
    *origins, goal = places
    table = await engine.table(origins, goal, profile)
    for origin, reach in zip(origins, table, strict=True):
        route = await engine.route(origin, goal, profile)
        assert reach.duration_s == pytest.approx(route.duration_s, abs=0.3)
        assert reach.distance_m == pytest.approx(route.distance_m, abs=5)


async def test_a_triangle_is_never_shorter_by_two_sides(engine: OsrmProcess, places: list[Point]) -> None:
    # A stop in between costs at most the turn round that a through drive spares.
    a, b, c = places[0], places[1], places[2]
    direct = await engine.route(a, c)
    assert (
        direct.duration_s
        <= (await engine.route(a, b)).duration_s + (await engine.route(b, c)).duration_s + 25
    )


async def test_a_point_far_from_any_road_gets_a_marked_estimate(
    engine: OsrmProcess, places: list[Point]
) -> None:
    wild = Point(58.80, 33.60)
    route = await engine.route(places[0], wild)
    assert route.estimate is Why.FAR_FROM_ROAD
    assert route.line == (places[0], wild)
    near, far = await engine.table([places[0], wild], places[1])
    assert (near.estimate, far.estimate) == (None, Why.FAR_FROM_ROAD)


async def test_an_island_gets_a_marked_estimate(tmp_path: Path) -> None:
    canvas = Canvas()
    for x in (0.0, 9_000.0):
        for y in range(0, 12_000, 300):  # long enough not to be dropped as a crumb
            a, b = canvas.node(x, y), canvas.node(x, y + 299.0)
            canvas.way([a, b], {"highway": "residential", "name": "Улица"})
    rows = [[canvas.node(x + 20 * n, -50) for n in range(1_200)] for x in (-30_000.0, 30_000.0)]
    for row in rows:
        canvas.way(row, {"highway": "residential", "name": "Остров"})
    path = tmp_path / "islands.osm.pbf"
    canvas.write(path)
    installed = import_region(
        RegionStore(tmp_path), ImportOrder("islands", path), datetime(2026, 1, 1, tzinfo=MOSCOW)
    )
    engine = await OsrmProcess.start({p: installed.graph(p) for p in Profile})
    ends = [Point(*to_degrees(*canvas.xy(row[600]))) for row in rows]
    route = await engine.route(ends[0], ends[1])
    [reach] = await engine.table(ends[:1], ends[1])
    await engine.close()
    assert route.estimate is Why.UNREACHABLE
    assert reach.estimate is Why.UNREACHABLE
    assert route.duration_s == pytest.approx(reach.duration_s)


async def test_the_engine_agrees_with_osrms_own_server_on_the_same_graph(
    engine: OsrmProcess, region: Installed, places: list[Point]
) -> None:
    with osrm_server(region.graph("emergency")) as url:
        remote = OsrmHttp(url)
        for start, finish in pairs(places):
            here, there = await engine.route(start, finish), await remote.route(start, finish)
            assert here.duration_s == pytest.approx(there.duration_s, abs=0.2)
            assert here.distance_m == pytest.approx(there.distance_m, abs=1)
            assert len(here.line) == len(there.line)
            assert [s.ru for s in here.steps] == [s.ru for s in there.steps]
        origins = places * 6  # more than the server takes in one request
        mine, theirs = await engine.table(origins, places[0]), await remote.table(origins, places[0])
        for one, other in zip(mine, theirs, strict=True):
            assert one.duration_s == pytest.approx(other.duration_s, abs=0.2)
        road, same = await engine.nearest(places[3]), await remote.nearest(places[3])
        assert road is not None
        assert same is not None
        assert road.street == same.street
        await remote.close()


async def test_a_server_that_is_away_is_said_to_be_down_and_the_roads_give_an_estimate(
    places: list[Point],
) -> None:
    remote = OsrmHttp("http://127.0.0.1:9", timeout_s=0.5)
    with pytest.raises(RouterDownError):
        await remote.route(places[0], places[1])
    roads = Roads(remote, load_speed_factors(), MOSCOW)
    route = await roads.route(places[0], places[1])
    assert route.estimate is Why.ROUTER_DOWN
    assert route.duration_s > haversine_m(places[0], places[1]) / TOP_SPEED_MPS
    table = await roads.table(places[:5], places[9])
    assert [reach.estimate for reach in table] == [Why.ROUTER_DOWN] * 5
    assert await roads.nearest(places[0]) is None
    await remote.close()


async def test_a_child_that_hangs_is_replaced(engine: OsrmProcess, places: list[Point]) -> None:
    await engine.route(places[0], places[1])
    [child] = engine._pool._processes.values()
    assert child.pid is not None
    os.kill(child.pid, signal.SIGSTOP)
    engine._timeout_s = 0.3
    with pytest.raises(RouterSilentError):
        await engine.route(places[0], places[1])
    engine._timeout_s = START_TIMEOUT_S
    assert (await engine.route(places[0], places[1])).estimate is None
    child.join()
    assert child.exitcode == -signal.SIGKILL


async def test_the_rush_hour_is_slower_than_the_night(engine: OsrmProcess, places: list[Point]) -> None:
    roads = Roads(engine, load_speed_factors(), MOSCOW)
    night, rush = datetime(2026, 11, 24, 3, 0, tzinfo=MOSCOW), datetime(2026, 11, 24, 18, 0, tzinfo=MOSCOW)
    for profile, slower in ((Profile.EMERGENCY, 1 / 0.83), (Profile.CAR, 1 / 0.66)):
        quiet = await roads.route(places[0], places[1], profile, night)
        busy = await roads.route(places[0], places[1], profile, rush)
        assert busy.duration_s == pytest.approx(quiet.duration_s * slower, rel=0.01)
        assert busy.distance_m == quiet.distance_m
        [in_table] = await roads.table([places[0]], places[1], profile, rush)
        assert in_table.duration_s == pytest.approx(busy.duration_s, abs=0.5)


async def test_every_step_has_words_in_both_languages(engine: OsrmProcess, places: list[Point]) -> None:
    texts: set[str] = set()
    for start, finish in pairs(places):
        for step in (await engine.route(start, finish)).steps:
            assert step.ru
            assert step.en
            assert step.ru != step.en
            texts.add(step.ru.split(":")[0])
    assert {"Поверните налево", "Поверните направо"} <= texts
    assert any(text.startswith("Выезжайте на ") for text in texts)
