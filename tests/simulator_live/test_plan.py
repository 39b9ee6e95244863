"""What the living city will do is drawn from its seed."""

import random
from datetime import UTC, datetime
from itertools import islice, pairwise
from typing import Any

import pytest

from brigada.demo.callers import invent_call
from brigada.kit.geo import Point, haversine_m
from brigada.regions.democity import build_city
from brigada.simulator.live.driving import noisy, way_along, way_of
from brigada.simulator.live.plan import Habits, calls, errand, rate_at

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def planned(seed: int, count: int = 200) -> list[tuple[float, dict[str, Any]]]:
    def invent(rng: random.Random) -> dict[str, Any]:
        return {"n": rng.random()}

    return [(call.after_s, call.body) for call in islice(calls(seed, MONDAY, 600, invent), count)]


def test_the_same_seed_gives_the_same_calls_and_another_seed_others() -> None:
    assert planned(1) == planned(1)
    assert planned(1) != planned(2)


def test_the_same_seed_gives_whole_calls_of_the_town_alike() -> None:
    town = build_city()
    first, second = ([dict(invent_call(random.Random(7), town)) for _ in range(3)] for _ in range(2))
    assert first == second


def test_calls_come_in_order_and_as_often_as_asked() -> None:
    moments = [after for after, _ in planned(3, 4000)]
    assert all(earlier <= later for earlier, later in pairwise(moments))
    assert 4000 / (moments[-1] / 86_400) == pytest.approx(600, rel=0.08)


def test_a_morning_has_more_calls_than_a_night() -> None:
    assert rate_at(MONDAY.replace(hour=10), 600) > 4 * rate_at(MONDAY.replace(hour=4), 600)
    assert rate_at(MONDAY.replace(hour=10), 600, flat=True) == rate_at(MONDAY.replace(hour=4), 600, flat=True)


def test_an_errand_depends_on_the_crew_and_its_number_alone() -> None:
    habits = Habits()
    assert errand(1, "12", 3, habits) == errand(1, "12", 3, habits)
    assert errand(1, "12", 3, habits) != errand(1, "13", 3, habits)


def test_a_third_of_patients_is_taken_to_a_hospital() -> None:
    errands = [errand(1, "12", number, Habits()) for number in range(3000)]
    assert sum(one.transports for one in errands) / 3000 == pytest.approx(0.35, abs=0.03)
    assert sum(one.scene_s for one in errands) / 3000 == pytest.approx(25 * 60, rel=0.05)


ROUTE = {
    "geometry": {"type": "LineString", "coordinates": [[30.30, 59.90], [30.30, 59.91], [30.32, 59.91]]},
    "duration_s": 200.0,
    "steps": [{"distance_m": 1112.0, "duration_s": 50.0}, {"distance_m": 1115.0, "duration_s": 150.0}],
}


def test_a_route_is_driven_at_the_speeds_of_its_pieces() -> None:
    way = way_of(ROUTE, Point(59.90, 30.30))
    assert way.duration_s == pytest.approx(200)
    corner, _, _ = way.at(50)
    assert haversine_m(corner, Point(59.91, 30.30)) < 10
    _, fast, north = way.at(25)
    _, slow, east = way.at(125)
    assert fast == pytest.approx(22.2, rel=0.02)
    assert slow == pytest.approx(7.4, rel=0.02)
    assert north == pytest.approx(0, abs=1)
    assert east == pytest.approx(90, abs=1)


def test_a_slower_drive_takes_the_same_way_longer() -> None:
    assert way_of(ROUTE, Point(59.90, 30.30), stretch=1.5).duration_s == pytest.approx(300)


def test_a_way_ends_where_it_ends_and_stands_there() -> None:
    way = way_of(ROUTE, Point(59.90, 30.30))
    place, speed, _ = way.at(1000)
    assert (place, speed) == (Point(59.91, 30.32), 0.0)


def test_a_crew_that_stands_at_its_goal_is_there_at_once() -> None:
    here = Point(59.9, 30.3)
    assert way_along([here], 10).duration_s == 0
    assert way_of({"geometry": {"coordinates": [[30.3, 59.9]]}, "duration_s": 0}, here).at(5)[0] == here


def test_a_receiver_errs_by_metres_and_says_when_it_errs_by_more() -> None:
    rng = random.Random(5)
    place = Point(59.9, 30.3)
    seen = [noisy(place, rng) for _ in range(2000)]
    errors = sorted(haversine_m(place, point) for point, _ in seen)
    assert errors[1000] < 10
    assert all(accuracy > 50 for point, accuracy in seen if haversine_m(place, point) > 60)
