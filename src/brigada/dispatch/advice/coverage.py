"""What the free teams cover now, where it is bare, and where the team just freed should wait."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.db.base import AnyRow
from brigada.dispatch.advice import repository
from brigada.dispatch.advice.picture import DEFAULT_NORMS_S, place_of, set_off_s
from brigada.dispatch.optimiser.coverage import Coverage, clipped_busy_fraction, expected_coverage, reachable
from brigada.dispatch.optimiser.standby import standby
from brigada.dispatch.readiness import TURNOUT_S
from brigada.errors import NotFound
from brigada.geocoding.port import Geocoder, GeocoderDownError
from brigada.kit.geo import Point
from brigada.routing.port import Profile, Router

STEP_DEG = 0.01
"""Side of a square: 1.1 km north to south, about as wide at 55 degrees north (two steps of longitude)."""
DEMAND_DAYS = 56
BUSY_DAYS = 14
MOST_ZONES = 150
"""The squares with most calls; one question to the roads for each, 1-5 ms."""
TRIAGE_S = 60.0
"""From the receipt to the order, taken off the norm."""
HOURS_NEAR = 1
"""Calls of the hours beside count as well: a single hour of eight weeks is too few."""
BACKGROUND = 0.1
"""Weight of the whole day beside the hour: no square is ever quite without demand."""
BAREST = 5
"""Districts shown as the barest."""
ASKED = 10
"""Squares whose district is asked for where calls name none; a district is often several of them."""
KEPT = timedelta(seconds=10)
"""Road times from the free teams serve so long again: a reckoning takes 0.1-0.4 s of CPU, and every dispatcher's
screen asks. Who is free is looked up each time, so a team that was sent covers nothing from that moment on."""


@dataclass(frozen=True, slots=True)
class Zones:
    """Squares with demand at one hour (shares that sum to one)."""

    keys: tuple[tuple[int, int], ...]
    districts: tuple[str, ...]
    demand: NDArray[np.float64]

    def centre(self, zone: int) -> Point:
        row, column = self.keys[zone]
        return Point((row + 0.5) * STEP_DEG, (column + 0.5) * 2 * STEP_DEG)

    def show(self, zone: int, covered: float) -> dict[str, Any]:
        row, column = self.keys[zone]
        return {
            "id": zone,
            "district": self.districts[zone],
            "south": row * STEP_DEG,
            "north": (row + 1) * STEP_DEG,
            "west": column * 2 * STEP_DEG,
            "east": (column + 1) * 2 * STEP_DEG,
            "demand": float(self.demand[zone]),
            "covered": covered,
        }


async def zones_now(session: AsyncSession, now: datetime) -> Zones:
    """Demand of this hour by square, from the service's own calls."""
    rows = await repository.demand(session, now, DEMAND_DAYS, STEP_DEG)
    weight: dict[tuple[int, int], float] = {}
    name: dict[tuple[int, int], tuple[int, str]] = {}
    for row in rows:
        key = (int(row.row), int(row.column))
        apart = abs(int(row.hour) - now.hour)
        near = min(apart, 24 - apart) <= HOURS_NEAR
        weight[key] = weight.get(key, 0.0) + row.calls * (BACKGROUND + (1.0 if near else 0.0))
        name[key] = max(name.get(key, (0, "")), (int(row.calls), row.district or ""))
    keys = sorted(weight, key=lambda key: (-weight[key], key))[:MOST_ZONES]
    values = np.array([weight[key] for key in keys], dtype=np.float64)
    total = float(values.sum())
    return Zones(tuple(keys), tuple(name[key][1] for key in keys), values / total if total else values)


async def times_to(
    roads: Router, origins: Sequence[Point], zones: Zones, now: datetime
) -> tuple[NDArray[np.float64], bool]:
    """Road seconds `[origin, zone]`, and whether any of them is an estimate."""
    times = np.full((len(origins), len(zones.keys)), np.inf)
    approximate = False
    for zone in range(len(zones.keys)):
        if not origins:
            break
        reaches = await roads.table(origins, zones.centre(zone), Profile.EMERGENCY, now)
        times[:, zone] = [reach.duration_s for reach in reaches]
        approximate = approximate or any(reach.estimate is not None for reach in reaches)
    return times, approximate


async def free_teams(session: AsyncSession, now: datetime) -> list[AnyRow]:
    """Teams that can be sent this moment and whose place is known."""
    busy = {assignment.team_id for assignment in await repository.active_assignments(session)}
    rows = await repository.teams(session, now)
    return [t for t in rows if t.id not in busy and t.on_break_since is None and place_of(t) is not None]


async def threshold_s(session: AsyncSession) -> float:
    """Turnout and drive that still meet the norm of critical calls."""
    return (DEFAULT_NORMS_S | await repository.norms_s(session))["critical"] - TRIAGE_S


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Road times from the teams that were free at one moment to every zone with demand."""

    made_at: datetime
    zones: Zones
    team_ids: tuple[int, ...]
    times: NDArray[np.float64]
    ready: NDArray[np.float64]
    norm_s: float
    busy_fraction: float
    approximate: bool

    def reached(self, team_ids: Sequence[int], limit_s: float) -> NDArray[np.bool_]:
        """`[team, zone]` of these teams: who would be there within so many seconds."""
        rows = [self.team_ids.index(team_id) for team_id in team_ids]
        return reachable(self.times[rows], self.ready[rows], limit_s)


class Coverages:
    """The latest reckoning of this process; one is made at a time, whoever asks."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._latest: Reckoning | None = None
        self._named: tuple[Geocoder | None, dict[tuple[int, int], str]] = (None, {})

    async def coverage(
        self,
        session: AsyncSession,
        roads: Router,
        now: datetime,
        *,
        without: Sequence[int] = (),
        within_s: float | None = None,
        geocoder: Geocoder | None = None,
    ) -> dict[str, Any]:
        """Expected coverage now, square by square, and what is left when one team is sent.

        `without`: teams to leave out, one preview for each; those that are not free have none. `within_s`: seconds of
        turnout and drive that count as in time; the norm of critical calls when not given. `geocoder` names the
        district of a bare place whose calls do not.

        Raises:
            NotFound: teams were to be left out, and none of them is free.
        """
        teams = [team.id for team in await free_teams(session, now)]
        if without and not set(without) & set(teams):
            raise NotFound
        async with self._lock:
            latest = self._latest
            if latest is None or now - latest.made_at > KEPT or set(teams) - set(latest.team_ids):
                latest = self._latest = await _reckon(session, roads, now)
        teams = [team_id for team_id in latest.team_ids if team_id in teams]
        limit = within_s if within_s is not None else latest.norm_s
        zones, q = latest.zones, latest.busy_fraction
        whole = expected_coverage(latest.reached(teams, limit), zones.demand, q)
        lost = {one: self._left(latest, teams, one, limit) for one in without if one in teams}
        names = await self._districts(geocoder, zones, [whole, *lost.values()])
        previews = [
            {
                "team_id": one,
                "share": rest.share,
                "loss": whole.share - rest.share,
                "barest": _barest(zones, rest, names),
            }
            for one, rest in lost.items()
        ]
        return {
            "share": whole.share,
            "busy_fraction": q,
            "threshold_s": limit,
            "norm_s": latest.norm_s,
            "free_teams": len(teams),
            "zones": [zones.show(zone, float(whole.by_zone[zone])) for zone in range(len(zones.keys))],
            "barest": _barest(zones, whole, names),
            "preview": previews[0] if previews else None,
            "previews": previews,
            "approximate": latest.approximate,
            "computed_at": latest.made_at,
        }

    @staticmethod
    def _left(latest: Reckoning, teams: Sequence[int], sent: int, limit_s: float) -> Coverage:
        """The coverage without one team."""
        others = [team_id for team_id in teams if team_id != sent]
        return expected_coverage(latest.reached(others, limit_s), latest.zones.demand, latest.busy_fraction)

    async def _districts(
        self, geocoder: Geocoder | None, zones: Zones, found: Sequence[Coverage]
    ) -> dict[int, str]:
        """Districts of the barest squares whose calls name none, each asked once of a geocoder."""
        if geocoder is not self._named[0]:
            self._named = (geocoder, {})
        known = self._named[1]
        bare = {
            zone for one in found for zone in one.barest(zones.demand, ASKED) if not zones.districts[zone]
        }
        for zone in sorted(bare):
            key = zones.keys[zone]
            if geocoder is None or key in known:
                continue
            try:
                place = await geocoder.reverse(zones.centre(zone))
            except GeocoderDownError:
                break
            known[key] = "" if place is None else place.district or place.town
        return {zone: known[zones.keys[zone]] for zone in bare if zones.keys[zone] in known}


async def _reckon(session: AsyncSession, roads: Router, now: datetime) -> Reckoning:
    zones = await zones_now(session, now)
    teams = await free_teams(session, now)
    q = clipped_busy_fraction(*await repository.busy_and_shift_s(session, now, BUSY_DAYS))
    places = [place for team in teams if (place := place_of(team)) is not None]
    times, approximate = await times_to(roads, places, zones, now)
    ready = np.array([set_off_s(team) for team in teams], dtype=np.float64)
    numbers = tuple(team.id for team in teams)
    return Reckoning(now, zones, numbers, times, ready, await threshold_s(session), q, approximate)


def _barest(zones: Zones, found: Coverage, names: Mapping[int, str]) -> list[dict[str, Any]]:
    """Districts where most demand is left uncovered, each at its barest square; a nameless square stands for itself."""
    places: dict[str | int, dict[str, Any]] = {}
    lost = zones.demand * (1 - found.by_zone)
    for zone in found.barest(zones.demand, len(zones.keys)):
        district = names.get(zone, zones.districts[zone])
        place = places.get(district or zone)
        if place is not None:
            place["uncovered"] += float(lost[zone])
            continue
        centre = zones.centre(zone)
        places[district or zone] = {
            "zone_id": zone,
            "district": district,
            "location": {"lat": centre.lat, "lon": centre.lon},
            "uncovered": float(lost[zone]),
        }
    return sorted(places.values(), key=lambda place: (-place["uncovered"], place["zone_id"]))[:BAREST]


async def standby_of(session: AsyncSession, roads: Router, now: datetime, team_id: int) -> dict[str, Any]:
    """Stations for a free team: the one to wait at, then the others by the coverage they add (DMEXCLP).

    The team's own comes first unless another adds more by a margin worth the drive.

    Raises:
        NotFound: the team is not free, its place is unknown, or there is no station.
    """
    teams = await free_teams(session, now)
    team = next((t for t in teams if t.id == team_id), None)
    here = place_of(team) if team is not None else None
    stations = await repository.stations(session)
    if team is None or here is None or not stations:
        raise NotFound
    zones = await zones_now(session, now)
    limit = await threshold_s(session)
    points = [Point(station.lat, station.lon) for station in stations]
    times, _ = await times_to(roads, points, zones, now)
    reach = reachable(times, np.full(len(points), TURNOUT_S), limit)
    drive = np.array([(await roads.table([here], point, Profile.CAR, now))[0].duration_s for point in points])
    number = {station.id: index for index, station in enumerate(stations)}
    others = [number[t.station_id] for t in teams if t.id != team_id and t.station_id in number]
    found = standby(reach, zones.demand, others, drive_s=drive, home=number.get(team.station_id))
    order = sorted(range(len(points)), key=lambda i: (i != found.post, -found.gains[i], drive[i], i))
    ends = await repository.last_ends(session, now.replace(hour=0, minute=0, second=0, microsecond=0))
    return {
        "team_id": team_id,
        "freed_at": ends.get(team_id),
        "posts": [
            {
                "station_id": stations[i].id,
                "name": stations[i].name,
                "gain": found.gains[i],
                "drive_s": float(drive[i]),
            }
            for i in order
        ],
    }
