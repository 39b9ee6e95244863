"""What a play gave, day by day; how two plays differ, with intervals; where and when."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from brigada.regions.road_graph import Floats
from brigada.simulator.policy.engine import Outcome
from brigada.simulator.policy.scenario import Duty
from brigada.whatif.changes import DAY_S, Play
from brigada.whatif.past import CRITICALITIES
from brigada.whatif.town import Town

WARM_UP_S = 6 * 3600.0
"""Left out at the start: all teams begin free and at home, which no service ever is."""
CONFIDENCE = 0.95
STEP_DEG = 0.01
"""Side of a square of the map from north to south; twice as many degrees from west to east."""
LEAST_IN_CELL = 5
"""Calls from which a square's mean is shown."""

type Targets = dict[int, tuple[float, ...]]
"""For each criticality the norms by which it is judged, seconds: today's, and those of the variants."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A sum over another sum, both by day: a mean, or a share."""

    top: Floats
    under: Floats

    @property
    def value(self) -> float | None:
        under = float(self.under.sum())
        return float(self.top.sum()) / under if under > 0 else None

    def __add__(self, other: "Ratio") -> "Ratio":
        return Ratio(self.top + other.top, self.under + other.under)


def difference(ratio: Ratio, base: Ratio) -> tuple[float, float] | None:
    """How much two ratios differ, and the half-width of the 95 % t interval over the days, paired.

    Days are the sample: another such period would have other days. The error of a ratio is that of its linear form.
    """
    one, other = ratio.value, base.value
    days = len(ratio.top)
    if one is None or other is None or days < 2:
        return None
    errors = _linear(ratio, one) - _linear(base, other)
    half = stats.t.ppf(0.5 + CONFIDENCE / 2, days - 1) * np.std(errors, ddof=1) / np.sqrt(days)
    return one - other, float(half)


def _linear(ratio: Ratio, value: float) -> Floats:
    linear: Floats = (ratio.top - value * ratio.under) / ratio.under.mean()
    return linear


@dataclass(slots=True)
class Tally:
    """Sums of one variant over its repeats."""

    ratios: dict[str, Ratio]
    responses: list[list[Floats]]
    """By criticality, one array for a repeat."""
    by_hour: tuple[Floats, Floats]
    by_call: tuple[Floats, Floats]
    """Sum of responses and their number for each call of the past; twins count with their own."""
    driven_s: float = 0.0
    unserved: int = 0
    repeats: int = 0


def new_tally(town: Town) -> Tally:
    calls = len(town.past.calls)
    hours = (np.zeros(24), np.zeros(24))
    return Tally({}, [[], [], []], hours, (np.zeros(calls), np.zeros(calls)))


def add(tally: Tally, town: Town, play: Play, outcome: Outcome, targets: Targets) -> None:
    """Count one repeat."""
    days = town.past.days
    counted = town.counted[play.origin] & (outcome.received_s >= WARM_UP_S)
    day = np.minimum((outcome.received_s // DAY_S).astype(np.intp), days - 1)
    reached = np.isfinite(outcome.response_s)
    rank = outcome.criticality

    def ratio(top: Floats, mask: NDArray[np.bool_]) -> Ratio:
        return Ratio(
            np.bincount(day[mask], weights=top[mask], minlength=days),
            np.bincount(day[mask], minlength=days).astype(np.float64),
        )

    found = {"mean": ratio(outcome.response_s, counted & reached)}
    for index, name in enumerate(CRITICALITIES):
        own = counted & (rank == index)
        found[f"mean_{name}"] = ratio(outcome.response_s, own & reached)
        for target in targets[index]:
            late = (~(outcome.response_s <= target)).astype(np.float64)
            found[f"late_{name}_{target:g}"] = ratio(late, own)
        tally.responses[index].append(outcome.response_s[own & reached])
    work = np.array([span[:2] for team in outcome.work for span in team]).reshape(-1, 2)
    duty = np.array([span for slot in play.slots for span in slot.duty]).reshape(-1, 2)
    found["busy"] = Ratio(by_day(work, days), by_day(duty, days))
    for key, value in found.items():
        tally.ratios[key] = tally.ratios[key] + value if key in tally.ratios else value
    hour = (outcome.received_s // 3600).astype(np.intp) % 24
    seen = counted & reached
    tally.by_hour[0][:] += np.bincount(hour[seen], weights=outcome.response_s[seen], minlength=24)
    tally.by_hour[1][:] += np.bincount(hour[seen], minlength=24)
    size = len(town.past.calls)
    tally.by_call[0][:] += np.bincount(play.origin[seen], weights=outcome.response_s[seen], minlength=size)
    tally.by_call[1][:] += np.bincount(play.origin[seen], minlength=size)
    tally.driven_s += outcome.driven_s
    tally.unserved += int((counted & ~reached).sum())
    tally.repeats += 1


def by_day(spans: Floats, days: int) -> Floats:
    """Seconds of the spans within each day."""
    edges = np.arange(days + 1) * DAY_S
    before = np.array([np.clip(np.minimum(spans[:, 1], edge) - spans[:, 0], 0, None).sum() for edge in edges])
    return np.diff(before)


def team_hours(duties: list[Duty], days: int) -> float:
    """Hours of shifts in a day, mean."""
    spans = np.array([span for duty in duties for span in duty]).reshape(-1, 2)
    return float(by_day(spans, days).sum()) / days / 3600


def summary(tally: Tally, base: Tally | None, town: Town, play: Play) -> dict[str, Any]:
    """A variant's figures as plain data; with `base`, what changed and how surely."""
    days = town.past.days
    values = {key: ratio.value for key, ratio in tally.ratios.items()}
    for index, name in enumerate(CRITICALITIES):
        pooled = np.concatenate(tally.responses[index]) if tally.responses[index] else np.empty(0)
        values[f"p90_{name}"] = float(np.percentile(pooled, 90)) if len(pooled) else None
        values[f"calls_{name}"] = len(pooled) / tally.repeats
    values["driven_h"] = tally.driven_s / tally.repeats / days / 3600
    values["team_h"] = team_hours([slot.duty for slot in play.slots], days)
    values["unserved"] = tally.unserved / tally.repeats
    changes = {}
    if base is not None:
        for key, ratio in tally.ratios.items():
            found = difference(ratio, base.ratios[key])
            if found is not None:
                changes[key] = {"value": found[0], "half": found[1]}
    return {"values": values, "changes": changes, "hours": _means(*tally.by_hour)}


def _means(total: Floats, count: Floats) -> list[float | None]:
    return [
        float(top / under) if under else None
        for top, under in zip(total.tolist(), count.tolist(), strict=True)
    ]


def fact(town: Town, targets: Targets) -> dict[str, float | None]:
    """The same figures as they were recorded: by them one sees how far to trust the model."""
    calls = [c for c in town.past.calls if c.counted and c.at_s >= WARM_UP_S and c.arrived_s is not None]
    response = np.array([(c.arrived_s or 0.0) - c.at_s for c in calls])
    rank = np.array([c.criticality for c in calls])
    found: dict[str, float | None] = {"mean": float(response.mean()) if len(response) else None}
    for index, name in enumerate(CRITICALITIES):
        own = response[rank == index]
        found[f"calls_{name}"] = float(len(own))
        found[f"mean_{name}"] = float(own.mean()) if len(own) else None
        found[f"p90_{name}"] = float(np.percentile(own, 90)) if len(own) else None
        for target in targets[index]:
            found[f"late_{name}_{target:g}"] = float((own > target).mean()) if len(own) else None
    return found


def cells(town: Town, base: Tally, tallies: list[Tally]) -> list[dict[str, Any]]:
    """Squares of the map with the mean response before and after, and the half-width of its change over calls."""
    lat = np.array([call.lat for call in town.past.calls])
    lon = np.array([call.lon for call in town.past.calls])
    keys = np.column_stack([np.floor(lat / STEP_DEG), np.floor(lon / (2 * STEP_DEG))]).astype(int)
    squares, cell = np.unique(keys, axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    seen = base.by_call[1] > 0
    before = np.divide(base.by_call[0], base.by_call[1], where=seen, out=np.full(len(lat), np.nan))
    found = []
    for number, (row, column) in enumerate(squares.tolist()):
        own = seen & (cell == number)
        if own.sum() < LEAST_IN_CELL:
            continue
        after = [_moved(tally, before, own) for tally in tallies]
        districts = [town.past.calls[i].district for i in np.flatnonzero(own).tolist()]
        found.append(
            {
                "south": row * STEP_DEG,
                "north": (row + 1) * STEP_DEG,
                "west": column * 2 * STEP_DEG,
                "east": (column + 1) * 2 * STEP_DEG,
                "district": max(sorted(set(districts)), key=districts.count),
                "calls": int(own.sum()),
                "before_s": float(before[own].mean()),
                "changes": after,
            }
        )
    return found


def _moved(tally: Tally, before: Floats, own: NDArray[np.bool_]) -> dict[str, float] | None:
    both = own & (tally.by_call[1] > 0)
    count = int(both.sum())
    if count < LEAST_IN_CELL:
        return None
    moved = tally.by_call[0][both] / tally.by_call[1][both] - before[both]
    half = stats.t.ppf(0.5 + CONFIDENCE / 2, count - 1) * np.std(moved, ddof=1) / np.sqrt(count)
    return {"value": float(moved.mean()), "half": float(half)}
