"""SQL of candidates: one flat query, whatever the number of teams."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.assignments.models import Assignment
from brigada.calls.models import Call
from brigada.cars.models import Car, LatestPosition
from brigada.db.base import AnyRow
from brigada.kit.geo import Point
from brigada.stations.models import Hospital, Station
from brigada.teams.models import Team


class Living(NamedTuple):
    """A living team: its shift, its car, its work, and where it is. Named as the columns of `_TEAMS`, in their order.

    Twenty values are asked of each of 300 teams, and a field of a tuple is thirty times cheaper than one of a Row.
    """

    id: int
    name: str
    profile: str
    shift_start: datetime
    shift_end: datetime
    on_break_since: datetime | None
    ended_at: datetime | None
    serviceability: str
    assignment_id: int | None
    call_id: int | None
    work: str | None
    at_hospital_at: datetime | None
    lat: float | None
    lon: float | None
    position_at: datetime | None
    station_lat: float | None
    station_lon: float | None


_TEAMS = (
    select(
        Team.id, Team.name, Team.profile, Team.shift_start, Team.shift_end, Team.on_break_since, Team.ended_at,
        Car.serviceability, Assignment.id.label("assignment_id"), Assignment.call_id,
        Assignment.status.label("work"), Assignment.at_hospital_at,
        LatestPosition.lat, LatestPosition.lon, LatestPosition.at.label("position_at"),
        Station.lat.label("station_lat"), Station.lon.label("station_lon"),
    )
    .join(Car, Car.id == Team.car_id)
    .outerjoin(Assignment, and_(Assignment.team_id == Team.id, Assignment.ended_at.is_(None)))
    .outerjoin(LatestPosition, LatestPosition.car_id == Team.car_id)
    .outerjoin(Station, Station.id == Team.station_id)
    .where(Team.ended_at.is_(None))
)  # fmt: skip


async def living_teams(session: AsyncSession) -> Sequence[Living]:
    """All living teams with where they are and what they do."""
    # By the connection: a session takes each row apart once more, for entities that are none here.
    connection = await session.connection()
    return [Living._make(row) for row in await connection.execute(_TEAMS)]


async def near_teams(
    session: AsyncSession, place: Point, *, limit: int, team_id: int, now: datetime
) -> Sequence[Living]:
    """Teams that could go, the nearest by the straight line, and this one wherever it is."""
    lat = func.coalesce(LatestPosition.lat, Station.lat)
    lon = func.coalesce(LatestPosition.lon, Station.lon)
    squeeze = math.cos(math.radians(place.lat))
    distance = func.power(lat - place.lat, 2) + func.power((lon - place.lon) * squeeze, 2)
    able = _TEAMS.where(
        Team.shift_start <= now,
        Team.shift_end > now,
        Team.on_break_since.is_(None),
        Car.serviceability == "in_service",
        Assignment.id.is_(None) | (Assignment.status == "at_hospital"),
        lat.is_not(None),
    )
    near = [Living._make(row) for row in await session.execute(able.order_by(distance, Team.id).limit(limit))]
    if all(team.id != team_id for team in near):
        near += [Living._make(row) for row in await session.execute(_TEAMS.where(Team.id == team_id))]
    return near


async def call_in_question(session: AsyncSession, call_id: int) -> AnyRow | None:
    """What the ranking needs of a call."""
    query = select(Call.id, Call.status, Call.lat, Call.lon, Call.required_profile).where(Call.id == call_id)
    return (await session.execute(query)).one_or_none()


_ENDS = (
    select(
        Assignment.id, Assignment.team_id, Assignment.status, Assignment.ended_at,
        Assignment.start_lat, Assignment.start_lon, Call.lat.label("call_lat"), Call.lon.label("call_lon"),
        Hospital.lat.label("hospital_lat"), Hospital.lon.label("hospital_lon"),
        LatestPosition.lat, LatestPosition.lon, LatestPosition.at.label("position_at"),
        Station.lat.label("station_lat"), Station.lon.label("station_lon"),
    )
    .join(Call, Call.id == Assignment.call_id)
    .join(Team, Team.id == Assignment.team_id)
    .outerjoin(Hospital, Hospital.id == Assignment.hospital_id)
    .outerjoin(LatestPosition, LatestPosition.car_id == Team.car_id)
    .outerjoin(Station, Station.id == Team.station_id)
)  # fmt: skip

DRIVING = ("assigned", "acknowledged", "en_route", "transporting")


async def ends_of(session: AsyncSession, assignment_id: int) -> AnyRow | None:
    """From where to where an assignment drives: the car's latest fix, the call, the hospital."""
    return (await session.execute(_ENDS.where(Assignment.id == assignment_id))).one_or_none()


async def home_of(session: AsyncSession, team_id: int) -> AnyRow | None:
    """Where a living team is and where its station; None without one."""
    query = (
        select(
            Team.id, Station.id.label("station_id"), Station.lat.label("station_lat"), Station.lon.label("station_lon"),
            LatestPosition.lat, LatestPosition.lon, LatestPosition.at.label("position_at"),
        )
        .join(Station, Station.id == Team.station_id)
        .outerjoin(LatestPosition, LatestPosition.car_id == Team.car_id)
        .where(Team.id == team_id, Team.ended_at.is_(None))
    )  # fmt: skip
    return (await session.execute(query)).one_or_none()


async def driving(session: AsyncSession) -> Sequence[AnyRow]:
    """The same of all crews that are on the road."""
    query = _ENDS.where(Assignment.ended_at.is_(None), Assignment.status.in_(DRIVING))
    return (await session.execute(query.order_by(Assignment.id))).all()
