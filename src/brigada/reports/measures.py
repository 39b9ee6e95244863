"""Intervals between moments, and what is said of them: count, mean, median, P90, share within the norm.

No measurement is dropped silently: what can't be measured is counted under the reason why.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from brigada.calls.norms import Norm, verdict
from brigada.reports.facts import COMPLETED, LOST, NEVER, STATUSES, STEPS, Array, Bools, Facts, Floats, Ints
from brigada.reports.periods import MICRO

INTERVALS: Final = {
    "processing": ("received", "assigned"),
    "turnout": ("assigned", "en_route"),
    "travel": ("en_route", "on_scene"),
    "response": ("received", "on_scene"),
    "on_scene": ("on_scene", "left_scene"),
    "transport": ("transporting", "at_hospital"),
    "turnaround": ("at_hospital", "completed"),
    "committed": ("assigned", "ended"),
}
"""Name → clock start, clock stop. From `received` it is one value for a call: to the first team that reached the
step. Any other is one value for each team sent."""

MEASURED, OPEN, MISSING, REVERSED, INFERRED, NOT_MEANT = range(6)
"""Why a duration counts or not: open: the call or assignment still runs; missing: it is over and the moment was never
recorded; reversed: the end is before the beginning; inferred: a moment was only filled in from a later step;
not meant: there is no such interval (a rejected call, a team that was called back, a call without a transport)."""

_OPTIONAL: Final = frozenset({"transporting", "at_hospital"})
_REJECTED: Final = STATUSES.index("rejected")
_DONE: Final = STATUSES.index("completed")


@dataclass(frozen=True, slots=True)
class Values:
    """Durations: of which call and assignment (rows; -1: none), seconds (NaN unless measured), the state."""

    call: Ints
    assignment: Ints
    seconds: Floats
    state: Array
    corrected: Bools

    def take(self, which: Array) -> "Values":
        return Values(
            self.call[which],
            self.assignment[which],
            self.seconds[which],
            self.state[which],
            self.corrected[which],
        )


def interval(facts: Facts, start: str, stop: str, calls: Bools, sent: Bools) -> Values:
    """Return the durations from one moment to another: from receipt for these calls, else for these assignments."""
    if start == "received":
        return _of_calls(facts, stop, np.flatnonzero(calls))
    return _of_assignments(facts, start, stop, np.flatnonzero(sent))


def _bits(step: str) -> int:
    return 1 << STEPS.index(step) if step in STEPS else 0


def _of_calls(facts: Facts, stop: str, rows: Ints) -> Values:
    when, which = facts.first(stop)
    begin, end, which = facts.calls["received"][rows], when[rows], which[rows]
    status = facts.calls["status"][rows]
    marks = _marks(facts, which, stop)
    absent = np.where(status == _REJECTED, NOT_MEANT, np.where(status == _DONE, MISSING, OPEN))
    return _values(rows, which, begin, end, absent, *marks)


def _of_assignments(facts: Facts, start: str, stop: str, rows: Ints) -> Values:
    frame = facts.assignments
    begin, end = _moments(facts, start, rows), _moments(facts, stop, rows)
    status = frame["status"][rows]
    over = frame["ended"][rows] != NEVER
    lost = np.isin(status, LOST)
    absent = np.where(over, np.where(lost, NOT_MEANT, MISSING), OPEN)
    if start in _OPTIONAL:  # no transport, no transport time
        absent = np.where(begin == NEVER, NOT_MEANT, absent)
        if start == "at_hospital":  # carried away, but the arrival was never recorded
            carried = (frame["transporting"][rows] != NEVER) & (begin == NEVER) & (status == COMPLETED)
            absent = np.where(carried, MISSING, absent)
    first, second = _marks(facts, rows, start), _marks(facts, rows, stop)
    return _values(facts.call_row[rows], rows, begin, end, absent, first[0] | second[0], first[1] | second[1])


def _moments(facts: Facts, step: str, rows: Ints) -> Ints:
    frame = facts.assignments
    if step == "left_scene":
        leaving = frame["transporting"][rows]
        return np.where(leaving == NEVER, frame["completed"][rows], leaving)
    return frame[step][rows]


def _marks(facts: Facts, rows: Ints, step: str) -> tuple[Bools, Bools]:
    """Return whether the step's moment was inferred, and whether it was corrected, for assignments (-1: neither)."""
    if not len(facts.assignments):
        nothing = np.zeros(len(rows), dtype=np.bool_)
        return nothing, nothing
    bit, there = _bits(step), rows >= 0
    inferred: Bools = there & ((facts.assignments["inferred"][rows] & bit) != 0)
    corrected: Bools = there & ((facts.assignments["corrected"][rows] & bit) != 0)
    if step == "left_scene":
        with_transport = there & (facts.assignments["transporting"][rows] != NEVER)
        one, other = _marks(facts, rows, "transporting"), _marks(facts, rows, "completed")
        return np.where(with_transport, one[0], other[0]), np.where(with_transport, one[1], other[1])
    return inferred, corrected


def _values(
    call: Ints, assignment: Ints, begin: Ints, end: Ints, absent: Array, inferred: Bools, corrected: Bools
) -> Values:
    there = (begin != NEVER) & (end != NEVER)
    state = np.where(there, MEASURED, absent)
    with np.errstate(over="ignore"):  # differences with NEVER are thrown away below
        length = np.where(there, end - begin, 0)
    state = np.where(there & inferred, INFERRED, state)
    state = np.where(there & ~inferred & (length < 0), REVERSED, state)
    seconds = np.where(state == MEASURED, length / MICRO, np.nan)
    return Values(call, assignment, seconds, state.astype(np.int8), corrected & (state == MEASURED))


@dataclass(frozen=True, slots=True)
class Stats:
    """For each group: how many were measured, their mean, median, P90; why the others were not."""

    n: Ints
    mean: Floats
    median: Floats
    p90: Floats
    states: Array
    """Groups by states."""
    corrected: Ints


def statistics(values: Values, group: Ints, groups: int) -> Stats:
    """Return statistics for each of so many groups; `group` is each value's own, -1 to leave it out.

    Percentiles interpolate between neighbours (NumPy's `linear`, PostgreSQL's `percentile_cont`).
    """
    inside = group >= 0
    states = np.bincount(group[inside] * 6 + values.state[inside], minlength=groups * 6).reshape(groups, 6)
    measured = inside & (values.state == MEASURED)
    own, seconds = group[measured], values.seconds[measured]
    n = np.bincount(own, minlength=groups)
    sums = np.bincount(own, weights=seconds, minlength=groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(n > 0, sums / n, np.nan)
    seconds = _in_groups(own, seconds)
    starts = np.concatenate(([0], np.cumsum(n)))[:-1]
    corrected = np.bincount(group[inside & values.corrected], minlength=groups)
    return Stats(
        n, mean, _percentile(seconds, starts, n, 0.5), _percentile(seconds, starts, n, 0.9), states, corrected
    )


def _in_groups(own: Ints, seconds: Floats) -> Floats:
    """Return the durations by group, then by length.

    Group and microseconds packed into one integer sort several times faster than by two keys.
    """
    length = np.rint(seconds * MICRO).astype(np.int64)
    bits = int(length.max(initial=0)).bit_length()
    if bits + int(own.max(initial=0)).bit_length() < 63:
        return (np.sort((own << bits) | length) & ((1 << bits) - 1)) / MICRO
    return seconds[np.lexsort((seconds, own))]


def _percentile(ordered: Floats, starts: Ints, n: Ints, part: float) -> Floats:
    found = np.full(len(n), np.nan)
    there = n > 0
    place = (n[there] - 1) * part
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, n[there] - 1)
    first = starts[there]
    below, above = ordered[first + low], ordered[first + high]
    found[there] = below + (above - below) * (place - low)
    return found


@dataclass(frozen=True, slots=True)
class Judged:
    """How a group stands to a norm."""

    norm: Norm
    n: int
    within: int
    mean_s: float | None
    met: bool | None

    @property
    def share(self) -> float | None:
        return self.within / self.n if self.n else None


def judged(norm: Norm, values: Values) -> Judged:
    """Judge durations by a norm; only the measured ones count."""
    seconds = values.seconds[values.state == MEASURED]
    n, within = len(seconds), int((seconds <= norm.target_s).sum())
    found = verdict(norm, n, within, float(seconds.mean()) if n else None)
    return Judged(norm, n, within, found.mean_s, found.met)
