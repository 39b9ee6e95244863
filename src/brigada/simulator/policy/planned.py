"""Where teams should wait in each part of the week: expected coverage raised move by move (MEXCLP, Daskin 1983).

Unlike `homes`, which plays whole days to judge one set of homes, this needs no play: it is done in a moment, so each
part of the week gets homes of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from brigada.dispatch.optimiser.coverage import clipped_busy_fraction, expected_coverage
from brigada.simulator.policy.distributions import DAY_S, Duration
from brigada.simulator.policy.roads import Floats
from brigada.simulator.policy.scenario import Fleet, Scenario

HOUR_S = 3600.0
WEEK_H = 168
DAY_FROM, DAY_TO = 8, 20
"""When the shifts of a day begin and end at most services; a night belongs to the day on which it begins."""
WEEKEND = (5, 6)
MARGIN = 0.002
"""Part of the demand by which a move must raise the coverage: below one call in 500 nobody would feel it."""
STEADY_CALLS = 50.0
"""How many calls of the whole week stand beside the block's own: a handful of night calls is no pattern."""
AWAY = 1.5
"""How much farther than the nearest post the nearest *free* team is, about: it only enters the busy fraction."""

type Counts = tuple[int, ...]
"""Teams at each post."""
type Reach = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Block:
    """Hours of the week that share their homes; hour 0 begins on Monday at midnight."""

    name: str
    hours: tuple[int, ...]


def _block(name: str, days: Sequence[int], first: int, count: int) -> Block:
    hours = ((24 * day + first + step) % WEEK_H for day in days for step in range(count))
    return Block(name, tuple(sorted(hours)))


_DAY, _NIGHT = (DAY_FROM, DAY_TO - DAY_FROM), (DAY_TO, 24 - DAY_TO + DAY_FROM)
_WORK = tuple(day for day in range(7) if day not in WEEKEND)
BLOCKS: dict[str, tuple[Block, ...]] = {
    "day": (_block("day", range(7), *_DAY), _block("night", range(7), *_NIGHT)),
    "week": (
        _block("weekday_day", _WORK, *_DAY),
        _block("weekday_night", _WORK, *_NIGHT),
        _block("weekend_day", WEEKEND, *_DAY),
        _block("weekend_night", WEEKEND, *_NIGHT),
    ),
    "hours": tuple(Block(str(hour), (hour,)) for hour in range(WEEK_H)),
}
"""Ways to part a week."""


@dataclass(frozen=True, slots=True)
class Week:
    """What an ordinary week is like, by its hours."""

    calls: Floats
    """`[hour, zone]`: calls expected."""
    teams: Floats
    """`[hour, post]`: teams on duty whose home is there, mean."""
    counted: float
    """Calls behind the figures; 0 where they come from a model."""


@dataclass(frozen=True, slots=True)
class Move:
    """One team's home from one post to another, and the part of the demand that is covered more by it."""

    source: int
    target: int
    gain: float


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """Homes of a part of the week."""

    block: Block
    calls_per_hour: float
    busy_fraction: float
    today: Counts
    homes: Counts
    coverage_today: float
    coverage: float
    moves: tuple[Move, ...]


def plan(
    scenario: Scenario,
    week: Week,
    blocks: Sequence[Block],
    *,
    within_s: float | None = None,
    most: int | None = None,
    margin: float = MARGIN,
) -> list[BlockPlan]:
    """Homes for each block, each from the homes of today by the moves that gain most; `most` teams find room at a post.

    In time is what arrives within `within_s` of turnout and drive, by the road times of these hours.
    """
    service = scenario.service
    threshold = (in_time_s(scenario) if within_s is None else within_s) - service.turnout_s
    travel = scenario.post_to_zone(service.modes[0])
    whole = week.calls.sum(axis=0)
    work = committed_s(scenario)
    plans = []
    for block in blocks:
        hours = np.array(block.hours)
        calls = week.calls[hours].sum(axis=0)
        slow = float(np.mean([service.slow_by_hour[hour % 24] for hour in block.hours]))
        reach = travel * slow <= threshold
        today = _whole(week.teams[hours].mean(axis=0))
        per_hour = float(calls.sum()) / len(hours)
        busy = clipped_busy_fraction(per_hour * work, sum(today) * HOUR_S)
        demand = calls + STEADY_CALLS * whole / max(1e-9, float(whole.sum())) * _weeks(week)
        homes, moves = improved(reach, demand, today, busy, most=most, margin=margin)
        before, after = (coverage_of(reach, demand, counts, busy) for counts in (today, homes))
        plans.append(BlockPlan(block, per_hour, busy, today, homes, before, after, moves))
    return plans


def in_time_s(scenario: Scenario) -> float:
    """Seconds of turnout and drive that still meet the norm of the most urgent calls."""
    return scenario.demand.norms_s[0] - scenario.service.triage_s


def _weeks(week: Week) -> float:
    """By how much a call of the record counts in an ordinary week: 1 for a model."""
    return float(week.calls.sum()) / week.counted if week.counted > 0 else 1.0


def coverage_of(reach: Reach, demand: Floats, counts: Sequence[int], busy_fraction: float) -> float:
    """Expected covered part of the demand with so many teams at each post. `reach[post, zone]`."""
    return expected_coverage(np.repeat(reach, counts, axis=0), demand, busy_fraction).share


def improved(
    reach: Reach,
    demand: Floats,
    today: Sequence[int],
    busy_fraction: float,
    *,
    most: int | None = None,
    margin: float = MARGIN,
) -> tuple[Counts, tuple[Move, ...]]:
    """Move one team's home after another, each time the move that gains most, while one gains the margin.

    What comes out can't be bettered by a single move. Equal moves go to the lower posts.
    """
    weights = demand / max(1e-12, float(demand.sum()))
    counts = np.array(today, dtype=np.intp)
    room = np.full(len(counts), np.iinfo(np.intp).max if most is None else most)
    moves: list[Move] = []
    while True:
        reached = counts @ reach
        best = Move(-1, -1, 0.0)
        for source in np.flatnonzero(counts):
            gains = reach @ (weights * (1 - busy_fraction) * busy_fraction ** (reached - reach[source]))
            gains = np.where(counts < room, gains - gains[source], -np.inf)
            target = int(np.argmax(np.round(gains, 12)))
            if gains[target] > best.gain + 1e-12:
                best = Move(int(source), target, float(gains[target]))
        if best.gain < max(margin, 1e-9):
            return tuple(int(count) for count in counts), tuple(moves)
        counts[best.source] -= 1
        counts[best.target] += 1
        moves.append(best)


def week_of(
    scenario: Scenario, days: int, *, weekday: int = 0, counted: NDArray[np.bool_] | None = None
) -> Week:
    """The ordinary week of a log of so many days that begins on `weekday` (0 Monday), else of the model's own rates.

    `counted` masks the calls of the log that are calls of their own.
    """
    zones = len(scenario.places.zones)
    log = scenario.log
    if log is None:
        calls, counts = _model_week(scenario), 0.0
    else:
        kept = np.ones(len(log.at_s), dtype=bool) if counted is None else counted
        hour = (weekday * 24 + (log.at_s[kept] // HOUR_S).astype(np.intp)) % WEEK_H
        calls = np.zeros((WEEK_H, zones))
        np.add.at(calls, (hour, log.zone[kept]), 1.0)
        lived = np.bincount((weekday * 24 + np.arange(24 * days)) % WEEK_H, minlength=WEEK_H)
        calls /= np.maximum(1, lived)[:, None]
        counts = float(kept.sum())
    return Week(calls, _on_duty(scenario.fleet, len(scenario.places.posts), days, weekday), counts)


def _model_week(scenario: Scenario) -> Floats:
    demand = scenario.demand
    hourly = np.asarray(demand.hourly) / np.mean(demand.hourly)
    weekdays = np.asarray(demand.weekdays) / np.mean(demand.weekdays)
    rates = demand.per_day / 24 * np.outer(weekdays, hourly).ravel()
    weight = scenario.places.zone_weight
    return np.outer(rates, weight / weight.sum())


def _on_duty(fleet: Fleet, posts: int, days: int, weekday: int) -> Floats:
    """`[hour of the week, post]`: teams on duty, mean."""
    edges = np.arange(24 * days + 1) * HOUR_S
    worked = np.zeros((24 * days, posts))
    for team, home in enumerate(fleet.homes):
        for begin, end in fleet.duty(team, days):
            inside = np.clip(edges, begin, end) if np.isfinite([begin, end]).all() else edges
            worked[:, home] += np.diff(inside) / HOUR_S
    hour = (weekday * 24 + np.arange(24 * days)) % WEEK_H
    total = np.zeros((WEEK_H, posts))
    np.add.at(total, hour, worked)
    return total / np.maximum(1, np.bincount(hour, minlength=WEEK_H))[:, None]


def _whole(mean: Floats) -> Counts:
    """Whole teams that add up to the rounded sum: the largest remainders are rounded up."""
    counts = np.floor(mean + 1e-9).astype(np.intp)
    short = round(float(mean.sum())) - int(counts.sum())
    order = np.argsort(-(mean - counts), kind="stable")
    counts[order[: max(0, short)]] += 1
    return tuple(int(count) for count in counts)


def committed_s(scenario: Scenario) -> float:
    """About how long a call keeps its team: turnout, the way, the scene, and for some the hospital."""
    service, log, weight = scenario.service, scenario.log, scenario.places.zone_weight
    weight = weight / weight.sum()
    way = AWAY * float(weight @ scenario.post_to_zone(service.modes[0]).min(axis=0))
    scene = _mean(None if log is None else log.scene_s, service.scene)
    handover = _mean(None if log is None else log.handover_s, service.handover)
    taken = service.transport if log is None or log.transport is None else float(log.transport.mean())
    return (
        service.turnout_s + way + scene + taken * (float(weight @ scenario.nearest_hospital()[1]) + handover)
    )


def _mean(known: Floats | None, duration: Duration) -> float:
    if known is not None and np.isfinite(known).any():
        return float(np.nanmean(known))
    return float(duration.draw(np.random.default_rng(0), 20_000).mean())


def days_of(log_at_s: Floats) -> int:
    """Whole days that hold these moments."""
    return int(np.floor(float(log_at_s.max()) / DAY_S)) + 1
