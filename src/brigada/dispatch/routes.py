"""The way of an assignment: reckoned when somebody looks, and pushed when the crew takes another."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from brigada.assignments.errors import AssignmentEnded
from brigada.db.base import AnyRow
from brigada.dispatch.candidates import repository
from brigada.dispatch.candidates.errors import CallHasNoPlace
from brigada.errors import Language, NotFound
from brigada.kit.geo import EARTH_RADIUS_M, Point
from brigada.regions.live import Loaded
from brigada.routing.port import Profile, Route

_DIGITS = 5  # of a degree: about a metre, and a third fewer bytes than OSRM's seven

TO_HOSPITAL = frozenset({"transporting", "at_hospital"})


async def route_of(
    session: AsyncSession, region: Loaded, assignment_id: int, now: datetime, language: Language
) -> dict[str, Any]:
    """The way from where the crew is to where it is due.

    Raises:
        NotFound, CallHasNoPlace.
        AssignmentEnded: there is nowhere to go any more.
    """
    row = await repository.ends_of(session, assignment_id)
    if row is None:
        raise NotFound
    if row.ended_at is not None:
        raise AssignmentEnded
    start, finish = ends(row)
    if finish is None or start is None:
        raise CallHasNoPlace
    found = await region.roads.route(start, finish, Profile.EMERGENCY, now)
    return {
        **route_view(row, found, now),
        "position_at": row.position_at,
        "steps": _steps(found, language),
    }


async def route_home(
    session: AsyncSession, region: Loaded, team_id: int, now: datetime, language: Language
) -> dict[str, Any]:
    """The way of a team from where it is to its station, without haste.

    Raises:
        NotFound: no such living team, or it has no station.
    """
    row = await repository.home_of(session, team_id)
    if row is None:
        raise NotFound
    finish = Point(row.station_lat, row.station_lon)
    start = Point(row.lat, row.lon) if row.lat is not None else finish
    found = await region.roads.route(start, finish, Profile.CAR, now)
    return {
        "team_id": team_id,
        "station_id": row.station_id,
        **_way_view(found, now),
        "position_at": row.position_at,
        "steps": _steps(found, language),
    }


def _steps(found: Route, language: Language) -> list[dict[str, Any]]:
    return [
        {
            "text": step.ru if language == "ru" else step.en,
            "street": step.street,
            "distance_m": round(step.distance_m),
            "duration_s": round(step.duration_s, 1),
            "location": {"lat": step.point.lat, "lon": step.point.lon},
        }
        for step in found.steps
    ]


def ends(row: AnyRow) -> tuple[Point | None, Point | None]:
    """(where the crew is, where it is due); None where that is unknown."""
    if row.lat is not None:
        start: Point | None = Point(row.lat, row.lon)
    elif row.start_lat is not None:
        start = Point(row.start_lat, row.start_lon)
    else:
        start = Point(row.station_lat, row.station_lon) if row.station_lat is not None else None
    if row.status in TO_HOSPITAL and row.hospital_lat is not None:
        return start, Point(row.hospital_lat, row.hospital_lon)
    return start, Point(row.call_lat, row.call_lon) if row.call_lat is not None else None


def route_view(row: AnyRow, found: Route, now: datetime) -> dict[str, Any]:
    """What the answer and the socket both tell of a way."""
    return {
        "assignment_id": row.id,
        "target": "hospital" if row.status in TO_HOSPITAL and row.hospital_lat is not None else "call",
        **_way_view(found, now),
    }


def _way_view(found: Route, now: datetime) -> dict[str, Any]:
    return {
        "geometry": {
            "type": "LineString",
            "coordinates": [[round(p.lon, _DIGITS), round(p.lat, _DIGITS)] for p in found.line],
        },
        "distance_m": round(found.distance_m),
        "duration_s": round(found.duration_s, 1),
        "arrives_at": now + timedelta(seconds=found.duration_s),
        "approximate": found.estimate is not None,
        "why_approximate": found.estimate.value if found.estimate else None,
        "computed_at": now,
    }


def metres_off(line: Sequence[Point], point: Point) -> float:
    """How far a point lies from a line, metres; on a plane that touches the point, good for a city."""
    if not line:
        return math.inf
    scale_y = math.radians(1) * EARTH_RADIUS_M
    scale_x = scale_y * math.cos(math.radians(point.lat))
    flat = [((p.lon - point.lon) * scale_x, (p.lat - point.lat) * scale_y) for p in line]
    nearest = min(math.hypot(x, y) for x, y in flat)
    for (ax, ay), (bx, by) in pairwise(flat):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        if length:
            share = min(1.0, max(0.0, -(ax * dx + ay * dy) / length))
            nearest = min(nearest, math.hypot(ax + share * dx, ay + share * dy))
    return nearest
