"""From the past to a scenario that can be played: places on roads, shifts as vehicles, times fitted to what was."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from brigada.dispatch.advice.picture import wanted_profiles
from brigada.regions.road_graph import Floats, Ints
from brigada.simulator.policy.distributions import Duration
from brigada.simulator.policy.jemss import locate
from brigada.simulator.policy.scenario import CallLog, Demand, Duty, Fleet, Scenario, Service
from brigada.whatif.errors import NotEnoughError
from brigada.whatif.past import Past, PastCall, PlaceRow
from brigada.whatif.roads import NoRoadsError, roads_of, straight_lines

ZONES_MOST = 500
"""Places at which calls happen; each costs one search over the roads."""
CELL_DEG = 0.004
"""Calls nearer than about 400 m to each other may share a place."""
LEAST_CALLS, LEAST_DAYS = 50, 7
LONGEST_S = 4 * 3600.0
"""A step of a crew's work that took longer was forgotten, not long."""
LEAST_TRIPS = 30
"""Measured trips from which the travel times of an hour are believed; below, those of the whole day."""
SIGMA_UNKNOWN = 0.25
SEED = 942

type Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Slot:
    """A vehicle: shifts of one station and profile, one after another."""

    station: int
    """Index into the posts."""
    profile: str
    duty: Duty


@dataclass(frozen=True, slots=True)
class Fit:
    """How the model's times were fitted to what was recorded."""

    triage_s: float
    """From the receipt to the order, median."""
    turnout_s: float
    travel: float
    """Real over reckoned travel time, median of all trips."""
    sigma: float
    """Spread of that ratio."""
    trips: int


@dataclass(frozen=True, slots=True)
class Town:
    """The past on its roads. `posts` are the stations, then the places that some variant adds."""

    past: Past
    scenario: Scenario
    slots: tuple[Slot, ...]
    posts: tuple[PlaceRow, ...]
    stations: int
    """How many of the posts there are today."""
    counted: NDArray[np.bool_]
    fit: Fit
    approximate: bool
    """Straight lines stand for the roads."""


def build_town(
    past: Past,
    added: Sequence[PlaceRow] = (),
    *,
    graph: Path | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Town:
    """Make the scenario of the past. `graph` is the region's file of roads.

    Raises:
        NotEnoughError: too few calls or days with calls, no station, or no shifts.
    """
    _enough(past)
    lat = np.array([call.lat for call in past.calls])
    lon = np.array([call.lon for call in past.calls])
    zone, zone_lat, zone_lon = zones_of(lat, lon)
    posts = (*past.stations, *added)
    wards = past.hospitals or past.stations
    post_points, ward_points = _points(posts), _points(wards)
    every = (
        np.concatenate([zone_lat, post_points[0], ward_points[0]]),
        np.concatenate([zone_lon, post_points[1], ward_points[1]]),
    )
    try:
        roads, approximate = roads_of(graph, *every), False
    except NoRoadsError:
        roads, approximate = straight_lines(*every), True
    places, table = locate(
        roads, (zone_lat, zone_lon), post_points, ward_points, cache=cache, progress=progress
    )
    weight = np.bincount(zone, minlength=len(zone_lat)).astype(np.float64)
    places = replace(places, zone_weight=weight / weight.sum())
    shares = np.bincount([call.criticality for call in past.calls], minlength=3) / len(past.calls)
    needs, need = _needs(past.calls)
    service = Service(
        60.0, 60.0, Duration("lognormal", 1500, 0.5), Duration("weibull", 2.5, 2040), 0.35, modes=(0, 0, 0)
    )
    start_nodes, _ = roads.nearest(*_starts(past.calls, posts))
    reckoned = table.seconds[0, zone, start_nodes] + places.off_road_s[0, zone]
    fit, slow = _fitted(past.calls, np.asarray(reckoned, dtype=np.float64))
    service = replace(
        service, triage_s=fit.triage_s, turnout_s=fit.turnout_s, noise_sigma=fit.sigma, slow_by_hour=slow
    )
    slots = slots_of(past)
    scenario = Scenario(
        "past", table, places,
        Demand(len(past.calls) / past.days, (float(shares[0]), float(shares[1]), float(shares[2])), past.norms_s),
        service, fleet_of(slots), roads.lat, roads.lon, needs, _log(past, zone, need, wards),
    )  # fmt: skip
    counted = np.array([call.counted for call in past.calls])
    return Town(past, scenario, slots, posts, len(past.stations), counted, fit, approximate)


def _enough(past: Past) -> None:
    counted = [call for call in past.calls if call.counted]
    if len(counted) < LEAST_CALLS or len({int(call.at_s // 86_400) for call in counted}) < LEAST_DAYS:
        raise NotEnoughError("not_enough_calls")
    if not past.stations:
        raise NotEnoughError("no_stations")
    if not past.shifts:
        raise NotEnoughError("no_shifts")


def _points(rows: Sequence[PlaceRow]) -> tuple[Floats, Floats]:
    return np.array([row.lat for row in rows]), np.array([row.lon for row in rows])


def zones_of(lat: Floats, lon: Floats) -> tuple[Ints, Floats, Floats]:
    """Group calls into at most `ZONES_MOST` places: squares, in each the middle of its calls."""
    step = CELL_DEG
    while True:
        keys = np.column_stack([np.floor(lat / step), np.floor(lon / (2 * step))])
        squares, zone, size = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
        if len(squares) <= ZONES_MOST:
            break
        step *= 1.25
    zone = zone.reshape(-1).astype(np.intp)
    return zone, np.bincount(zone, weights=lat) / size, np.bincount(zone, weights=lon) / size


def _needs(
    calls: Sequence[PastCall],
) -> tuple[tuple[tuple[float, frozenset[str], frozenset[str] | None], ...], NDArray[np.int8]]:
    """The kinds of profile wanted, and which of them each call wants."""
    kinds = sorted({call.profile or "" for call in calls})
    needs = tuple((1.0, wanted_profiles(kind or None), None) for kind in kinds)
    return needs, np.array([kinds.index(call.profile or "") for call in calls], dtype=np.int8)


def _starts(calls: Sequence[PastCall], posts: Sequence[PlaceRow]) -> tuple[Floats, Floats]:
    first = (posts[0].lat, posts[0].lon)
    places = [call.start or first for call in calls]
    return np.array([lat for lat, _ in places]), np.array([lon for _, lon in places])


def _fitted(calls: Sequence[PastCall], reckoned: Floats) -> tuple[Fit, tuple[float, ...]]:
    """Fit the order, the turnout and the travel to what was recorded; travel by hour of the day."""

    def median(values: list[float], least: float, most: float, otherwise: float) -> float:
        return float(np.clip(np.median(values), least, most)) if len(values) >= 10 else otherwise

    sent = [(c, c.assigned_s) for c in calls if c.assigned_s is not None]
    triage = median([at - c.at_s for c, at in sent if c.counted], 0, 900, 60)
    turnout = median(
        [c.departed_s - at for c, at in sent if c.measured and c.departed_s is not None], 0, 600, 60
    )
    hours, logs = [], []
    for call, seconds in zip(calls, reckoned.tolist(), strict=True):
        if call.departed_s is None or call.arrived_s is None or call.start is None or not call.measured:
            continue
        took = call.arrived_s - call.departed_s
        if 30 < took < LONGEST_S and 30 < seconds < LONGEST_S:
            hours.append(int(call.departed_s // 3600) % 24)
            logs.append(np.log(took / seconds))
    if len(logs) < LEAST_TRIPS:
        return Fit(triage, turnout, 1.0, SIGMA_UNKNOWN, len(logs)), (1.0,) * 24
    hour, ratio = np.array(hours), np.array(logs)
    whole = float(np.median(ratio))
    slow = []
    for h in range(24):
        near = np.isin(hour, [(h - 1) % 24, h, (h + 1) % 24])
        slow.append(float(np.exp(np.median(ratio[near]) if near.sum() >= LEAST_TRIPS else whole)))
    # Half the width between the 16th and the 84th per cent: the spread of a normal law, deaf to a few wild values.
    sigma = float(np.clip((np.percentile(ratio, 84.1) - np.percentile(ratio, 15.9)) / 2, 0.05, 0.6))
    # Noise has the mean 1, what was fitted is the median.
    slow = [value * float(np.exp(sigma**2 / 2)) for value in slow]
    return Fit(triage, turnout, float(np.exp(whole)), sigma, len(logs)), tuple(slow)


def _log(past: Past, zone: Ints, need: NDArray[np.int8], wards: Sequence[PlaceRow]) -> CallLog:
    """The calls as they were; what was not recorded is taken from another call of the same criticality."""
    rng = np.random.default_rng(SEED)
    rank = np.array([call.criticality for call in past.calls], dtype=np.int8)
    scene = np.array([_span(call.arrived_s, call.left_s or call.ended_s) for call in past.calls])
    handover = np.array([_span(call.at_hospital_s, call.ended_s) for call in past.calls])
    index = {row.id: number for number, row in enumerate(wards)}
    return CallLog(
        np.array([call.at_s for call in past.calls]),
        rank,
        zone,
        _filled(rng, scene, rank, 1200.0),
        np.array([call.transported for call in past.calls]),
        _filled(rng, handover, rank, 1200.0),
        np.array([index.get(call.hospital_id or 0, -1) for call in past.calls], dtype=np.intp),
        need,
    )


def _span(start: float | None, end: float | None) -> float:
    if start is None or end is None or not 0 <= end - start <= LONGEST_S:
        return float("nan")
    return end - start


def _filled(rng: np.random.Generator, values: Floats, rank: NDArray[np.int8], otherwise: float) -> Floats:
    filled = values.copy()
    for criticality in range(3):
        own = rank == criticality
        known = values[own & np.isfinite(values)]
        missing = own & ~np.isfinite(values)
        if missing.any():
            filled[missing] = rng.choice(known, int(missing.sum())) if len(known) else otherwise
    return filled


def slots_of(past: Past) -> tuple[Slot, ...]:
    """Pack shifts into vehicles: as few as can be, each of one station and profile."""
    index = {row.id: number for number, row in enumerate(past.stations)}
    common = np.bincount([index[s.station_id] for s in past.shifts if s.station_id in index] or [0]).argmax()
    open_slots: dict[tuple[int, str], list[list[tuple[float, float]]]] = {}
    for shift in sorted(past.shifts, key=lambda s: (s.start_s, s.end_s)):
        if shift.end_s <= shift.start_s:
            continue
        station = index.get(shift.station_id or 0, int(common))
        group = open_slots.setdefault((station, shift.profile), [])
        last = next((spans for spans in group if spans[-1][1] <= shift.start_s), None)
        if last is None:
            group.append([(shift.start_s, shift.end_s)])
        else:
            last.append((shift.start_s, shift.end_s))
    return tuple(
        Slot(station, profile, tuple(spans))
        for (station, profile), group in sorted(open_slots.items())
        for spans in group
    )


def fleet_of(slots: Sequence[Slot]) -> Fleet:
    """The fleet of these vehicles."""
    return Fleet(
        tuple(slot.station for slot in slots),
        tuple(slot.profile for slot in slots),
        duties=tuple(slot.duty for slot in slots),
    )
