"""What teams did within the period, whenever it began: busy time, kilometres, hours on shift, hours out of service."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from brigada.reports.facts import COMPLETED, NEVER, Bools, CarName, Floats, Ints
from brigada.reports.figures.common import Context, narrowed
from brigada.reports.filters import Filters, checks_of_calls, passing_assignments, teams_of
from brigada.reports.periods import MICRO, micros
from brigada.reports.selection import chosen_of

HOUR_US: Final = 3600 * MICRO
EARTH_KM: Final = 6371.0088


@dataclass(frozen=True, slots=True)
class Work:
    """Work within the period for each assignment that touches it.

    Attributes:
        rows: the assignments' rows.
        busy_us: microseconds of each within the period.
        km: estimated kilometres of each, NaN unknown; counted where the assignment began within the period.
        begun: whether it began within the period.
    """

    rows: Ints
    busy_us: Ints
    km: Floats
    begun: Bools


def until(ctx: Context) -> int:
    """Return the end of what the period can hold by now, microseconds."""
    return min(micros(ctx.query.now), ctx.query.period.span[1])


def work(ctx: Context) -> Work:
    """Return what was done within the period; work over its borders counts by the part that lies inside."""
    frame = ctx.facts.assignments
    (start, end), now = ctx.query.period.span, until(ctx)
    ended = np.where(frame["ended"] == NEVER, now, frame["ended"])
    touching = (frame["assigned"] < end) & (ended > start)
    rows = np.flatnonzero(touching & _passing(ctx, touching))
    inside = np.minimum(ended[rows], end) - np.maximum(frame["assigned"][rows], start)
    return Work(rows, np.maximum(inside, 0), _kilometres(ctx, rows), frame["assigned"][rows] >= start)


def _passing(ctx: Context, touching: Bools) -> Bools:
    """Return which assignments pass the filters; their calls may have come in before the period."""
    facts, query = ctx.facts, ctx.query
    if query.filters == Filters():
        return np.ones(len(facts.assignments), dtype=np.bool_)
    own = passing_assignments(facts, query.filters)
    rows = np.unique(facts.call_row[touching & own])
    for passes in checks_of_calls(facts, query.filters, query.period):
        rows = rows[passes(rows)]
    return narrowed(Context(facts, query, chosen_of(facts, query, rows, own))).chosen.sent


def _kilometres(ctx: Context, rows: Ints) -> Floats:
    """Estimate each trip as the crow flies: from where the team stood to the patient, and on to the hospital."""
    frame, calls = ctx.facts.assignments, ctx.facts.calls
    call = ctx.facts.call_row[rows]
    lat, lon = calls["lat"][call], calls["lon"][call]
    reached = frame["on_scene"][rows] != NEVER
    to_patient = _distance_km(frame["start_lat"][rows], frame["start_lon"][rows], lat, lon)
    places = ctx.facts.names.hospitals
    ids = np.array(sorted(places) or [0])
    spots = np.array([places[i][1:] if i in places else (np.nan, np.nan) for i in ids.tolist()])
    which = np.minimum(np.searchsorted(ids, frame["hospital_id"][rows]), len(ids) - 1)
    carried = (frame["transporting"][rows] != NEVER) | (frame["at_hospital"][rows] != NEVER)
    known = carried & (ids[which] == frame["hospital_id"][rows])
    onward = _distance_km(lat, lon, spots[which, 0], spots[which, 1])
    return np.where(reached, to_patient, 0.0) + np.where(known & ~np.isnan(onward), onward, 0.0)


def _distance_km(lat: Floats, lon: Floats, other_lat: Floats, other_lon: Floats) -> Floats:
    a, b = np.radians(lat), np.radians(other_lat)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(other_lon - lon) / 2) ** 2
    distance: Floats = 2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return distance


def shifts_us(ctx: Context) -> Ints:
    """Return how long each team's shift lies within the period so far, microseconds; in the order of `team_ids`."""
    begin, end = ctx.facts.team_span
    found: Ints = np.maximum(0, np.minimum(end, until(ctx)) - np.maximum(begin, ctx.query.period.span[0]))
    return found


def _chosen_teams(ctx: Context) -> Bools:
    """Return the mask of teams, in the order of `team_ids`, that pass the filters."""
    ids, names = ctx.facts.team_ids, ctx.facts.names.teams
    chosen = teams_of(ctx.facts, ctx.query.filters)
    if len(chosen) == len(names):
        return np.full(len(ids), fill_value=bool(names))
    return np.isin(ids, np.array(sorted(chosen), dtype=np.int64))


def utilisation(ctx: Context) -> float | None:
    """Return busy time over shift time of the chosen teams, None where nobody was on shift."""
    shift = int(shifts_us(ctx)[_chosen_teams(ctx)].sum())
    return float(work(ctx).busy_us.sum()) / shift if shift else None


def driven_km(ctx: Context, column: str, place: dict[int, int], size: int) -> list[float | None]:
    """Return what was driven by positions, for each of so many groups; None where no position tells of one.

    `column`: `id` (the car's) or `team_id`; `place`: the group of each car or team. An hour over a border of the period
    counts by the part that lies inside.
    """
    frame, (start, end) = ctx.facts.mileage, ctx.query.period.span
    rows = np.flatnonzero((frame["hour"] < end) & (frame["hour"] + HOUR_US > start))
    ids = np.array(sorted(place) or [0])
    at = np.minimum(np.searchsorted(ids, frame[column][rows]), len(ids) - 1)
    groups = np.array([place.get(i, -1) for i in ids.tolist()])[at]
    groups = np.where(ids[at] == frame[column][rows], groups, -1)
    inside = np.minimum(frame["hour"][rows] + HOUR_US, end) - np.maximum(frame["hour"][rows], start)
    km, known = frame["metres"][rows] / 1000 * (inside / HOUR_US), groups >= 0
    sums = np.bincount(groups[known], weights=km[known], minlength=size)
    counts = np.bincount(groups[known], minlength=size)
    return [float(total) if n else None for total, n in zip(sums.tolist(), counts.tolist(), strict=True)]


def out_of_service(ctx: Context, car: CarName) -> tuple[int, int]:
    """Return how often a car went out of service within the period, and how long it was, microseconds."""
    start, end = ctx.query.period.span[0], until(ctx)
    times, length, since = 0, 0, None
    for at, serves in car.states:
        if not serves:
            times += start <= at < end
            since = at
        elif since is not None:
            length += max(0, min(at, end) - max(since, start))
            since = None
    if since is not None:
        length += max(0, end - max(since, start))
    return times, length


@dataclass(frozen=True, slots=True)
class Load:
    """Sums over the assignments of each group."""

    calls: list[int]
    completed: list[int]
    busy_h: list[float]
    km: list[float]


def load_of(ctx: Context, done: Work, codes: Ints, size: int) -> Load:
    """Add work up by groups: the code of each assignment, -1 to leave it out."""
    inside = codes >= 0
    begun = inside & done.begun
    completed = begun & (ctx.facts.assignments["status"][done.rows] == COMPLETED)
    known = begun & ~np.isnan(done.km)
    return Load(
        np.bincount(codes[begun], minlength=size).tolist(),
        np.bincount(codes[completed], minlength=size).tolist(),
        (np.bincount(codes[inside], weights=done.busy_us[inside], minlength=size) / HOUR_US).tolist(),
        np.bincount(codes[known], weights=done.km[known], minlength=size).tolist(),
    )


def keyed(ctx: Context, done: Work, key: Any) -> tuple[dict[Hashable, int], dict[int, int], list[int]]:  # noqa: ANN401 -- a function of a team
    """Put the chosen teams that were on shift or worked into groups by a key.

    Returns the number of each group by its key, the group of each team by its id, the microseconds on shift by group.
    """
    ids, teams, lengths = ctx.facts.team_ids, ctx.facts.names.teams, shifts_us(ctx)
    worked = np.isin(ids, ctx.facts.assignments["team_id"][done.rows])
    groups: dict[Hashable, int] = {}
    place: dict[int, int] = {}
    shift: list[int] = []
    rows = np.flatnonzero(_chosen_teams(ctx) & ((lengths > 0) | worked))
    for number, length in zip(ids[rows].tolist(), lengths[rows].tolist(), strict=True):
        own = key(teams[number])
        if own not in groups:
            groups[own] = len(groups)
            shift.append(0)
        place[number] = groups[own]
        shift[groups[own]] += length
    return groups, place, shift
