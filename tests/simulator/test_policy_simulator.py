"""The simulator is right before it is believed: theory, conservation, no team in two places, determinism."""

from dataclasses import replace
from itertools import pairwise
from math import factorial

import numpy as np
import pytest

from brigada.simulator.policy.arrivals import draw_calls
from brigada.simulator.policy.distributions import DAY_S, Duration, ExpectedRest, parse_days
from brigada.simulator.policy.engine import Simulation, simulate
from brigada.simulator.policy.grid import ARC_S, grid_graph
from brigada.simulator.policy.grid import grid_city as city
from brigada.simulator.policy.policies import CATALOGUE, REFERENCE, Greedy
from brigada.simulator.policy.roads import TravelTable
from brigada.simulator.policy.scenario import HOURLY, Demand, Scenario, Service, Shift
from brigada.simulator.policy.vehicles import Drive


def erlang_c_wait_s(servers: int, arrivals_per_s: float, mean_s: float) -> float:
    """Mean wait of M/M/c in seconds, all arrivals counted."""
    load = arrivals_per_s * mean_s
    top = load**servers / factorial(servers) * servers / (servers - load)
    probability = top / (sum(load**k / factorial(k) for k in range(servers)) + top)
    return probability * mean_s / (servers - load)


def one_crossing(servers: int, per_day: float) -> Scenario:
    """Everything at one place: no driving, so the service is a plain queue."""
    service = Service(0, 0, Duration("exponential", 900), Duration("constant", 0), 0.0)
    scenario = city(side=1, posts=(0,), homes=(0,) * servers, hospitals=(0,), service=service)
    return replace(scenario, demand=Demand(per_day, (1, 0, 0), (480.0, 480.0, 1200.0)))


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("servers", "per_day"), [(1, 60.0), (3, 220.0)])
def test_one_station_waits_as_erlang_says_within_one_per_cent(servers: int, per_day: float) -> None:
    scenario = one_crossing(servers, per_day)
    days = 260_000 / per_day
    waits = []
    for seed in range(4):
        calls = draw_calls(scenario, seed, days)
        # Theory is for the nominal rates, a draw has its own: scale it to them, or 1 % would need 100 times more.
        calls = replace(calls, scene_s=calls.scene_s * 900 / calls.scene_s.mean())
        calls = replace(calls, at_s=calls.at_s * (len(calls) * DAY_S / per_day) / calls.at_s[-1])
        waits.append(Simulation(scenario, Greedy("queue"), calls).run(days * 1.1).response_s.mean())
    assert np.mean(waits) == pytest.approx(erlang_c_wait_s(servers, per_day / DAY_S, 900), rel=0.01)


@pytest.mark.parametrize(("servers", "per_day"), [(1, 60.0), (3, 220.0), (5, 400.0)])
def test_each_call_of_one_station_waits_as_the_queue_recursion_says(servers: int, per_day: float) -> None:
    scenario = one_crossing(servers, per_day)
    calls = draw_calls(scenario, 1, 20.0)
    free = [0.0] * servers
    expected = []
    for at, work in zip(calls.at_s.tolist(), calls.scene_s.tolist(), strict=True):
        start = max(at, free[0])
        expected.append(start - at)
        free = sorted([start + work, *free[1:]])
    outcome = Simulation(scenario, Greedy("queue"), calls).run(20.0)
    assert outcome.response_s == pytest.approx(np.array(expected), abs=1e-6)


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_call_is_served_once_and_no_team_is_in_two_places(name: str) -> None:
    scenario = city()
    outcome = simulate(scenario, CATALOGUE[name](), 3, 2.0)
    calls = draw_calls(scenario, 3, 2.0)
    assert len(outcome.response_s) == len(calls) > 150
    assert np.isfinite(outcome.response_s).all()
    assert (outcome.response_s >= scenario.service.triage_s).all()
    assert (outcome.freed_s >= calls.at_s + outcome.response_s + calls.scene_s - 1e-6).all()
    finished = [call for work in outcome.work for _, end, call in work if end == outcome.freed_s[call]]
    assert sorted(finished) == list(range(len(calls)))
    for work in outcome.work:
        for (_, end, _), (start, _, _) in pairwise(work):
            assert start >= end


@pytest.mark.parametrize("name", [REFERENCE, "joint + standby"])
def test_no_team_arrives_faster_than_the_road_allows(name: str) -> None:
    """From where its last job ended: a team that waited has had even more time."""
    scenario = replace(city(), service=replace(city().service, noise_sigma=0.0))
    calls = draw_calls(scenario, 4, 2.0)
    outcome = Simulation(scenario, CATALOGUE[name](), calls).run(2.0)
    places, travel = scenario.places, scenario.travel
    for team, work in enumerate(outcome.work):
        node = int(travel.destinations[places.posts[scenario.fleet.homes[team]]])
        since = 0.0
        for _, end, call in work:
            if end != outcome.freed_s[call]:
                continue
            arrived = outcome.received_s[call] + outcome.response_s[call]
            goal = int(places.zones[outcome.zone[call]])
            assert arrived - since >= travel.seconds[0, goal, node] - 1e-3
            since = end
            hospital = int(travel.destinations[places.hospitals[0]])
            node = hospital if calls.transport[call] else int(travel.destinations[goal])


def test_the_same_seed_gives_the_same_run_and_another_seed_another() -> None:
    scenario = city()
    first, again, other = (
        simulate(scenario, CATALOGUE["joint + standby"](), seed, 1.0) for seed in (5, 5, 6)
    )
    assert first.response_s.tolist() == again.response_s.tolist()
    assert first.team.tolist() == again.team.tolist()
    assert first.response_s.tolist() != other.response_s.tolist()


def test_all_policies_meet_the_same_calls_and_the_same_luck() -> None:
    scenario = city()
    one, two = draw_calls(scenario, 9, 1.0), draw_calls(scenario.with_homes((1, 1, 1, 1)), 9, 1.0)
    for field in ("at_s", "criticality", "zone", "scene_s", "transport", "handover_s", "noise"):
        assert getattr(one, field).tolist() == getattr(two, field).tolist()


def test_without_waiting_and_switching_the_optimiser_is_nearest_by_road() -> None:
    scenario = city(per_day=15.0, homes=(0, 0, 0, 1, 1, 1))
    nearest = simulate(scenario, CATALOGUE[REFERENCE](), 7, 4.0)
    batch = simulate(scenario, CATALOGUE["batch"](), 7, 4.0)
    assert nearest.response_s == pytest.approx(batch.response_s)
    assert nearest.team.tolist() == batch.team.tolist()


def test_a_moving_team_is_between_the_right_nodes() -> None:
    drive = Drive([4, 5, 6], [0.0, 30.0, 60.0], 10.0, 5.0, start=100.0, factor=2.0)
    assert drive.predicted() == 75
    assert drive.arrival() == 250
    assert drive.where(90) == (4, 10)
    assert drive.where(120) == (4, 0)
    assert drive.where(140) == (5, 20)
    assert drive.where(180) == (5, 0)
    assert drive.where(500) == (6, 0)


def test_a_path_is_as_long_as_the_table_says_and_follows_the_arcs() -> None:
    graph = grid_graph(6)
    table = TravelTable.build(graph, np.array([0, 35], dtype=np.intp))
    way = table.path(0, 1, 0)
    assert (way.nodes[0], way.nodes[-1]) == (0, 35)
    assert way.at_s[-1] == pytest.approx(float(table.seconds[0, 1, 0])) == pytest.approx(10 * ARC_S)
    arcs = set(zip(graph.source.tolist(), graph.target.tolist(), strict=True))
    assert all(pair in arcs for pair in pairwise(way.nodes))


def test_a_team_is_not_sent_outside_its_shift() -> None:
    scenario = city(homes=(0, 1, 1))
    shifts = (Shift(8, 20), Shift(), Shift(20, 8))
    scenario = replace(scenario, fleet=replace(scenario.fleet, shifts=shifts))
    outcome = simulate(scenario, CATALOGUE["joint + standby"](), 8, 3.0)
    assert np.isfinite(outcome.response_s).all()
    for start, _, _ in outcome.work[0]:
        assert 8 <= start / 3600 % 24 < 20
    for start, _, _ in outcome.work[2]:
        assert not 8 <= start / 3600 % 24 < 20


def test_calls_follow_the_hours_of_the_day() -> None:
    scenario = city(per_day=400.0)
    scenario = replace(scenario, demand=replace(scenario.demand, hourly=HOURLY))
    calls = draw_calls(scenario, 1, 60.0)
    counts = np.bincount((calls.at_s // 3600 % 24).astype(int), minlength=24)
    expected = np.asarray(HOURLY) / np.mean(HOURLY) * 400 * 60 / 24
    assert np.abs(counts - expected).max() < 5 * np.sqrt(expected.max())


def test_a_surge_brings_its_calls_to_one_neighbourhood() -> None:
    scenario = city(per_day=1.0)
    demand = Demand(1.0, (1, 1, 1), (480.0, 480.0, 1200.0), surge_per_day=1.0, surge_calls=30.0)
    calls = draw_calls(replace(scenario, demand=demand), 2, 30.0)
    assert len(calls) > 400
    assert (np.diff(calls.at_s) >= 0).all()


def test_the_expected_rest_of_an_exponential_work_does_not_change() -> None:
    rest = ExpectedRest(Duration("exponential", 700))
    assert rest(0) == pytest.approx(700, rel=0.03)
    assert rest(700) == pytest.approx(700, rel=0.06)
    assert ExpectedRest(Duration("constant", 300))(100) == pytest.approx(200)


def test_distributions_of_the_folder_format_are_read_in_days() -> None:
    assert parse_days("Exponential(12/60/24)").shape == "exponential"
    assert parse_days("Exponential(12/60/24)").first == pytest.approx(720)
    assert parse_days("Normal(50/60/60/24, 0)").first == pytest.approx(50)
    with pytest.raises(ValueError, match="not supported"):
        parse_days("Cauchy(1, 2)")
    with pytest.raises(ValueError, match="cannot read"):
        parse_days("soon")
