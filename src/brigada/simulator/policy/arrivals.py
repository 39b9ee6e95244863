"""The calls of one run, with all their luck drawn beforehand, so that every policy meets the very same."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from brigada.simulator.policy.distributions import DAY_S
from brigada.simulator.policy.roads import Floats, Ints
from brigada.simulator.policy.scenario import CallLog, Demand, Scenario

HOUR_S = 3600.0
SURGE_S = 1200.0
RUSH_HOURS = frozenset({7, 8, 9, 16, 17, 18})


@dataclass(frozen=True, slots=True)
class Calls:
    """One row for a call, in order of time. Durations in seconds; `noise[call, team]` multiplies travel."""

    at_s: Floats
    criticality: NDArray[np.int8]
    zone: Ints
    scene_s: Floats
    transport: NDArray[np.bool_]
    handover_s: Floats
    noise: NDArray[np.float32]
    need: NDArray[np.int8]
    """Index into `Scenario.profile_needs`."""
    hospital: Ints
    """Where the patient is taken; -1: the nearest one."""

    def __len__(self) -> int:
        return len(self.at_s)


def draw_calls(scenario: Scenario, seed: int, days: float) -> Calls:
    """All calls of a run of `days`; the same seed gives the same calls whatever the policy."""
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(5)]
    when, kind, place, work, luck = streams
    if scenario.log is not None:
        inside = scenario.log.at_s < days * DAY_S
        at, criticality = scenario.log.at_s[inside], scenario.log.criticality[inside]
        zone = scenario.log.zone[inside]
    else:
        at, zone = _times_and_zones(scenario, when, place, days)
        criticality = kind.choice(3, size=len(at), p=_normalised(scenario.demand.shares)).astype(np.int8)
    count, teams = len(at), len(scenario.fleet.homes)
    needs = _normalised(tuple(share for share, _, _ in scenario.profile_needs))
    calls = Calls(
        at,
        criticality,
        zone,
        scenario.service.scene.draw(work, count),
        work.random(count) < scenario.service.transport,
        scenario.service.handover.draw(work, count),
        _noise(scenario, luck, at, teams),
        kind.choice(len(needs), size=count, p=needs).astype(np.int8),
        np.full(count, -1, dtype=np.intp),
    )
    return calls if scenario.log is None else _as_logged(calls, scenario.log)


def _as_logged(calls: Calls, log: CallLog) -> Calls:
    """Put what the log knows in place of what was drawn; calls are the first of the log."""
    names = ("scene_s", "transport", "handover_s", "need", "hospital")
    known = {name: getattr(log, name) for name in names if getattr(log, name) is not None}
    return replace(calls, **{name: values[: len(calls)] for name, values in known.items()})


def _normalised(shares: tuple[float, ...]) -> Floats:
    values = np.asarray(shares, dtype=np.float64)
    return values / values.sum()


def _noise(scenario: Scenario, rng: np.random.Generator, at: Floats, teams: int) -> NDArray[np.float32]:
    sigma = scenario.service.noise_sigma
    factor = np.exp(sigma * rng.standard_normal((len(at), teams)) - sigma**2 / 2)
    if scenario.service.rush_bias:
        hour = (at // HOUR_S % 24).astype(int)
        factor *= np.where(np.isin(hour, list(RUSH_HOURS)), 1 + scenario.service.rush_bias, 1.0)[:, None]
    return factor.astype(np.float32)


def _times_and_zones(
    scenario: Scenario, when: np.random.Generator, place: np.random.Generator, days: float
) -> tuple[Floats, Ints]:
    """Thinning of a Poisson stream by hour, weekday and the luck of the day, and surges on top."""
    demand = scenario.demand
    whole = int(np.ceil(days))
    luck = np.ones(whole)
    if demand.day_cv > 0:
        shape = 1 / demand.day_cv**2
        luck = when.gamma(shape, 1 / shape, whole)
    rate = _hourly_rate(demand, luck)
    top = float(rate.max())
    expected = top * days * DAY_S
    gaps = when.exponential(1 / top, int(expected + 8 * np.sqrt(expected) + 20))
    at = np.cumsum(gaps)
    at = at[at < days * DAY_S]
    at = at[when.random(len(at)) * top < rate[(at // HOUR_S).astype(int)]]
    weight = scenario.places.zone_weight / scenario.places.zone_weight.sum()
    zone = place.choice(len(weight), size=len(at), p=weight)
    if demand.surge_per_day > 0:
        at, zone = _with_surges(scenario, when, at, zone, days)
    return at, zone


def _hourly_rate(demand: Demand, luck: Floats) -> Floats:
    """Calls a second for each hour of the run."""
    hourly = np.asarray(demand.hourly) / np.mean(demand.hourly)
    weekdays = np.asarray(demand.weekdays) / np.mean(demand.weekdays)
    day = np.arange(len(luck))
    return np.outer(demand.per_day / DAY_S * luck * weekdays[day % 7], hourly).ravel()


def _with_surges(
    scenario: Scenario, rng: np.random.Generator, at: Floats, zone: Ints, days: float
) -> tuple[Floats, Ints]:
    places = scenario.places
    times, zones = [at], [zone]
    for start in rng.uniform(0, days * DAY_S, rng.poisson(scenario.demand.surge_per_day * days)):
        centre = rng.integers(len(places.zone_weight))
        away = np.hypot(
            places.zone_lat - places.zone_lat[centre],
            (places.zone_lon - places.zone_lon[centre]) * np.cos(np.radians(places.zone_lat[centre])),
        )
        near = np.argsort(away, kind="stable")[: max(1, len(away) // 40)]
        size = int(rng.poisson(scenario.demand.surge_calls))
        times.append(rng.uniform(start, start + SURGE_S, size))
        zones.append(rng.choice(near, size=size))
    joined = np.concatenate(times)
    order = np.argsort(joined, kind="stable")
    order = order[joined[order] < days * DAY_S]
    return joined[order], np.concatenate(zones)[order]
