"""Planned homes: moves that raise the expected coverage, for each part of the week."""

from dataclasses import replace
from itertools import combinations_with_replacement

import numpy as np
import pytest

from brigada.simulator.policy.grid import grid_city
from brigada.simulator.policy.planned import BLOCKS, WEEK_H, coverage_of, improved, plan, week_of
from brigada.simulator.policy.scenario import CallLog, Fleet, Scenario, Shift

BUSY = 0.4
DAY_S = 86_400.0


def town(seed: int, posts: int = 5, zones: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Reach and demand of an invented town on a plane."""
    rng = np.random.default_rng(seed)
    post, zone = rng.random((posts, 2)), rng.random((zones, 2))
    away = np.hypot(*(post[:, None, :] - zone[None, :, :]).transpose(2, 0, 1))
    return away < 0.35, rng.gamma(1.0, 1.0, zones)


@pytest.mark.parametrize("seed", range(20))
def test_a_plan_is_never_worse_than_today_and_no_single_move_would_better_it(seed: int) -> None:
    reach, demand = town(seed)
    today = np.random.default_rng(seed + 100).multinomial(6, [0.2] * 5).tolist()
    homes, moves = improved(reach, demand, today, BUSY, margin=0.0)
    assert sum(homes) == 6
    reached = coverage_of(reach, demand, homes, BUSY)
    gained = sum(move.gain for move in moves)
    assert reached == pytest.approx(coverage_of(reach, demand, today, BUSY) + gained)
    assert all(move.gain > 0 for move in moves)
    for source in np.flatnonzero(homes):
        for target in range(5):
            other = list(homes)
            other[source] -= 1
            other[target] += 1
            assert coverage_of(reach, demand, other, BUSY) <= reached + 1e-9


@pytest.mark.parametrize("seed", range(20))
def test_a_plan_is_as_good_as_the_best_of_all_plans_in_a_small_town(seed: int) -> None:
    reach, demand = town(seed, posts=4)
    best = max(
        coverage_of(reach, demand, [homes.count(post) for post in range(4)], BUSY)
        for homes in combinations_with_replacement(range(4), 4)
    )
    homes, _ = improved(reach, demand, [4, 0, 0, 0], BUSY, margin=0.0)
    assert coverage_of(reach, demand, homes, BUSY) >= 0.99 * best


def test_a_move_that_nobody_would_feel_is_not_made() -> None:
    reach, demand = np.array([[True, True, False], [True, False, True]]), np.array([1.0, 0.500, 0.501])
    assert improved(reach, demand, [1, 0], BUSY)[1] == ()
    assert len(improved(reach, demand, [1, 0], BUSY, margin=0.0)[1]) == 1
    everywhere = np.ones((3, 10), dtype=bool)
    assert improved(everywhere, np.ones(10), [3, 0, 0], BUSY, margin=0.0) == ((3, 0, 0), ())


def test_no_post_gets_more_teams_than_find_room_there() -> None:
    reach, demand = np.array([[True, True], [True, False], [False, False]]), np.array([5.0, 1.0])
    assert improved(reach, demand, [0, 0, 4], BUSY, margin=0.0)[0] == (4, 0, 0)
    assert improved(reach, demand, [0, 0, 4], BUSY, most=2, margin=0.0)[0] == (2, 2, 0)


def test_the_parts_of_a_week_hold_each_of_its_hours_once() -> None:
    for blocks in BLOCKS.values():
        assert sorted(hour for block in blocks for hour in block.hours) == list(range(WEEK_H))
    night = {block.name: block for block in BLOCKS["week"]}["weekend_night"]
    assert 0 in night.hours, "the night after a Sunday ends on Monday morning"
    assert 5 * 24 + 2 not in night.hours, "the night after a Friday is one after a weekday"


def logged(scenario: Scenario, at_s: list[float], zone: list[int], weekday: int = 0) -> Scenario:
    log = CallLog(np.array(at_s), np.zeros(len(at_s), dtype=np.int8), np.array(zone), weekday=weekday)
    return replace(scenario, log=log)


def test_calls_are_counted_by_the_hour_of_the_week_of_an_ordinary_week() -> None:
    city = logged(grid_city(), [3600 * 5.0, 3600 * 5.5, 7 * DAY_S + 3600 * 5.0], [0, 1, 0], weekday=2)
    week = week_of(city, 14, weekday=2)
    assert week.calls[2 * 24 + 5, 0] == 1.0
    assert week.calls[2 * 24 + 5, 1] == 0.5
    assert week.calls.sum() == 1.5
    counted = np.array([True, False, True])
    assert week_of(city, 14, weekday=2, counted=counted).calls[2 * 24 + 5, 1] == 0.0


def test_teams_of_today_are_counted_where_and_while_they_are_on_duty() -> None:
    city = replace(grid_city(), fleet=Fleet((0, 1, 1), shifts=(Shift(), Shift(8, 20), Shift(20, 8))))
    week = week_of(city, 7)
    assert week.teams[:, 0].tolist() == [1.0] * WEEK_H
    assert week.teams[:, 1].tolist() == [1.0] * WEEK_H
    assert week_of(replace(city, fleet=Fleet((0, 1), shifts=(Shift(), Shift(8, 20)))), 7).teams[
        24 + 7 : 24 + 9, 1
    ].tolist() == [0.0, 1.0]


def test_teams_follow_the_calls_of_each_part_of_the_week() -> None:
    city = grid_city()
    corner = {
        "day": int(np.argmin(city.places.zone_lat + city.places.zone_lon)),
        "night": int(np.argmax(city.places.zone_lat + city.places.zone_lon)),
    }
    at_s, zone = [], []
    for day in range(14):
        for hour in range(24):
            at_s += [day * DAY_S + hour * 3600.0 + minute * 60 for minute in (5, 25, 45)]
            zone += [corner["day" if 8 <= hour < 20 else "night"]] * 3
    city = logged(city, at_s, zone).with_homes((0, 0))
    travel = city.post_to_zone(city.service.modes[0])
    city = replace(
        city,
        demand=replace(city.demand, norms_s=(float(np.median(travel)) + 200.0, *city.demand.norms_s[1:])),
    )
    found = {p.block.name: p for p in plan(city, week_of(city, 14), BLOCKS["day"])}
    for name, block in found.items():
        assert block.calls_per_hour == pytest.approx(3.0)
        near = int(np.argmin(travel[:, corner[name]]))
        assert block.homes[near] >= 1, name
        assert block.coverage >= block.coverage_today
    assert found["day"].homes != found["night"].homes
