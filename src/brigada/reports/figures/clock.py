"""Work laid along the clock: how much of shifts, busy time and mileage lies in each hour, day or weekday.

The period is cut into quarters of an hour, which no clock change and no offset of a zone cuts; what lies in each is
counted once for all, then added up by the group that the quarter belongs to.
"""

from dataclasses import dataclass

import numpy as np

from brigada.reports.facts import Floats, Ints
from brigada.reports.figures.common import Context
from brigada.reports.figures.work import HOUR_US
from brigada.reports.periods import MICRO, STEP_S
from brigada.reports.selection import Groups, grouped_by_time


@dataclass(frozen=True, slots=True)
class Slots:
    """The quarters of a period.

    Attributes:
        edges: where they begin, microseconds, and the period's end: one more than there are quarters.
        groups: the group of each quarter.
    """

    edges: Ints
    groups: Groups

    def sums(self, values: Floats | Ints) -> list[float]:
        """Add up by groups what lies in each quarter."""
        found: list[float] = np.bincount(self.groups.codes, values, len(self.groups)).tolist()
        return found


def slots_of(ctx: Context, by: str) -> Slots:
    """Cut the period: one of TIME_GROUPS."""
    start, end = ctx.query.period.span
    step = STEP_S * MICRO
    begins = np.maximum(np.arange(start // step, -(-end // step), dtype=np.int64) * step, start)
    return Slots(np.append(begins, end), grouped_by_time(ctx.query, by, begins))


def time_in(slots: Slots, begins: Ints, ends: Ints) -> list[float]:
    """Return how much of these times lies in each group, microseconds; one that ends before it begins counts nothing.

    The sum of what has passed by a moment x is Σ (x - begin) over what has begun less Σ (x - end) over what has ended:
    two sorted columns answer for every edge at once. Sums of moments overflow and wrap around; their differences, the
    times in a quarter, come out exact.
    """
    lasting = begins < ends
    passed = _passed(slots.edges, begins[lasting]) - _passed(slots.edges, ends[lasting])
    return slots.sums(np.diff(passed))


def _passed(edges: Ints, moments: Ints) -> Ints:
    ordered = np.sort(moments)
    before = np.searchsorted(ordered, edges)
    sums = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(ordered)))
    found: Ints = edges * before - sums[before]
    return found


def km_in(ctx: Context, slots: Slots, teams: Ints) -> list[float | None]:
    """Return what these teams drove in each group by positions; None where no position tells of one.

    Mileage is counted by hours: each quarter of one has its quarter.
    """
    frame, (start, end) = ctx.facts.mileage, ctx.query.period.span
    own = (frame["hour"] < end) & (frame["hour"] + HOUR_US > start)
    rows = np.flatnonzero(own & np.isin(frame["team_id"], teams))
    first = start // HOUR_US
    which = frame["hour"][rows] // HOUR_US - first
    size = max(0, -(-end // HOUR_US) - first)
    metres, counts = (np.bincount(which, weights, size) for weights in (frame["metres"][rows], None))
    hour = slots.edges[:-1] // HOUR_US - first
    km = metres[hour] / 1000 * (np.diff(slots.edges) / HOUR_US)
    known = slots.sums(counts[hour])
    return [total if n else None for total, n in zip(slots.sums(km), known, strict=True)]
