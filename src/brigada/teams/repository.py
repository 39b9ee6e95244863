"""SQL of teams: two flat queries joined in Python, whatever the number of teams."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.assignments.models import Assignment
from brigada.auth.models import User
from brigada.cars.models import Car, LatestPosition
from brigada.db.base import AnyRow, AnySelect
from brigada.db.engine import WriteSession
from brigada.stations.models import Station
from brigada.teams.models import Team, TeamMember
from brigada.teams.rules import is_free, on_shift

# Those who joined together stand in the order in which they were named.
_AS_THEY_CAME = (TeamMember.joined_at, TeamMember.place, TeamMember.id)
_BY_NAME = (func.char_length(Team.name), Team.name, Team.id)
"""Teams are mostly called by numbers: 2 comes before 10."""
_LOCK = (
    select(Team)
    .where(Team.id == bindparam("id"), Team.ended_at.is_(None))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


def _query() -> AnySelect:
    return (
        select(
            Team.id, Team.name, Team.profile, Team.station_id, Team.shift_start, Team.shift_end,
            Team.on_break_since, Team.ended_at, Team.version,
            Car.id.label("car_id"), Car.number, Car.car_class, Car.model, Car.serviceability,
            Assignment.id.label("assignment_id"), Assignment.call_id,
            LatestPosition.lat, LatestPosition.lon, LatestPosition.at.label("position_at"),
            Station.lat.label("station_lat"), Station.lon.label("station_lon"),
        )
        .join(Car, Car.id == Team.car_id)
        .outerjoin(Assignment, and_(Assignment.team_id == Team.id, Assignment.ended_at.is_(None)))
        .outerjoin(LatestPosition, LatestPosition.car_id == Team.car_id)
        .outerjoin(Station, Station.id == Team.station_id)
    )  # fmt: skip


def _view(row: AnyRow, members: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    lat, lon = (row.lat, row.lon) if row.lat is not None else (row.station_lat, row.station_lon)
    return {
        "id": row.id,
        "name": row.name,
        "profile": row.profile,
        "members": members,
        "car": {
            "id": row.car_id,
            "number": row.number,
            "class": row.car_class,
            "model": row.model,
            "serviceable": row.serviceability == "in_service",
        },
        "station_id": row.station_id,
        "shift_start": row.shift_start,
        "shift_end": row.shift_end,
        "on_shift": on_shift(row, now),
        "on_break_since": row.on_break_since,
        "ended_at": row.ended_at,
        "free": is_free(
            row,
            busy=row.assignment_id is not None,
            car_serves=row.serviceability == "in_service",
            now=now,
        ),
        "assignment_id": row.assignment_id,
        "call_id": row.call_id,
        "location": None if lat is None else {"lat": lat, "lon": lon},
        "position_at": row.position_at,
        "version": row.version,
    }


async def _members(session: AsyncSession, rows: Sequence[AnyRow]) -> dict[int, list[dict[str, Any]]]:
    """Return who is on each team; of an ended one, who was on it when it ended."""
    ended = {row.id: row.ended_at for row in rows}
    query = (
        select(TeamMember.team_id, TeamMember.left_at, User.id, User.name, User.surname, User.patronym)
        .join(User, User.id == TeamMember.user_id)
        .where(TeamMember.team_id.in_(ended))
        .order_by(TeamMember.team_id, *_AS_THEY_CAME)
    )
    members: dict[int, list[dict[str, Any]]] = {team_id: [] for team_id in ended}
    for row in await session.execute(query):
        if row.left_at == ended[row.team_id]:
            members[row.team_id].append(
                {"id": row.id, "name": row.name, "surname": row.surname, "patronym": row.patronym}
            )
    return members


async def _views(session: AsyncSession, query: AnySelect, now: datetime) -> list[dict[str, Any]]:
    rows = (await session.execute(query)).all()
    if not rows:
        return []
    members = await _members(session, rows)
    return [_view(row, members[row.id], now) for row in rows]


async def view(session: AsyncSession, team_id: int, now: datetime) -> dict[str, Any] | None:
    """Return one team, ended ones too, as the API shows it."""
    found = await _views(session, _query().where(Team.id == team_id), now)
    return found[0] if found else None


async def views(session: AsyncSession, team_ids: Sequence[int], now: datetime) -> list[dict[str, Any]]:
    """Return these teams, ended ones too, as the API shows them, by name."""
    return await _views(session, _query().where(Team.id.in_(team_ids)).order_by(*_BY_NAME), now)


async def living(session: AsyncSession, now: datetime) -> list[dict[str, Any]]:
    """Return all living teams by name."""
    return await _views(session, _query().where(Team.ended_at.is_(None)).order_by(*_BY_NAME), now)


async def page(
    session: AsyncSession,
    *,
    now: datetime,
    free: bool | None,
    on_shift: bool | None,
    ended: bool,
    since: datetime | None,
    until: datetime | None,
    after: tuple[int, str, int] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return teams by name."""
    query = _query().order_by(*_BY_NAME).limit(limit)
    query = query.where(Team.ended_at.is_not(None) if ended else Team.ended_at.is_(None))
    working = and_(Team.shift_start <= now, Team.shift_end > now, Team.ended_at.is_(None))
    sendable = and_(
        working, Team.on_break_since.is_(None), Assignment.id.is_(None), Car.serviceability == "in_service"
    )
    if on_shift is not None:
        query = query.where(working if on_shift else ~working)
    if free is not None:
        query = query.where(sendable if free else ~sendable)
    if since is not None:
        query = query.where(Team.shift_start >= since)
    if until is not None:
        query = query.where(Team.shift_start < until)
    if after is not None:
        query = query.where(tuple_(*_BY_NAME) > after)
    return await _views(session, query, now)


async def lock(session: WriteSession, team_id: int) -> Team | None:
    """Return the living team, locked against other commands until the commit."""
    return (await session.execute(_LOCK, {"id": team_id})).scalar_one_or_none()


async def lock_workers(session: WriteSession, user_ids: Iterable[int]) -> list[User]:
    """Lock these accounts in the order of their numbers; return the ones that are active workers.

    Without their keys: who writes a notification for them does not wait.
    """
    query = select(User).where(User.id.in_(user_ids)).order_by(User.id).with_for_update(key_share=True)
    found = (await session.execute(query)).scalars()
    return [user for user in found if user.role == "worker" and user.active and user.deleted_at is None]


async def teams_of_workers(session: WriteSession, user_ids: Iterable[int]) -> dict[int, int]:
    """Return the living team of each of these workers who is on one."""
    query = select(TeamMember.user_id, TeamMember.team_id).where(
        TeamMember.user_id.in_(user_ids), TeamMember.left_at.is_(None)
    )
    return {row.user_id: row.team_id for row in await session.execute(query)}


async def living_team_of_car(session: WriteSession, car_id: int) -> int | None:
    query = select(Team.id).where(Team.car_id == car_id, Team.ended_at.is_(None))
    return (await session.execute(query)).scalar_one_or_none()


async def living_of_station(session: WriteSession, station_id: int) -> Sequence[int]:
    """Return the living teams of a station."""
    query = select(Team.id).where(Team.station_id == station_id, Team.ended_at.is_(None)).order_by(Team.id)
    return (await session.execute(query)).scalars().all()


async def living_team_of_worker(session: AsyncSession, user_id: int) -> int | None:
    query = select(TeamMember.team_id).where(TeamMember.user_id == user_id, TeamMember.left_at.is_(None))
    return (await session.execute(query)).scalar_one_or_none()


async def latest_team_of_worker(session: AsyncSession, user_id: int) -> tuple[int, datetime | None] | None:
    """Return the team that a worker is on, else the last one left, and when it was left; None: never on any."""
    query = (
        select(TeamMember.team_id, TeamMember.left_at)
        .where(TeamMember.user_id == user_id)
        .order_by(TeamMember.left_at.desc().nulls_first(), TeamMember.id.desc())
        .limit(1)
    )
    found = (await session.execute(query)).first()
    return (found.team_id, found.left_at) if found is not None else None


async def members_leave(
    session: WriteSession, team_id: int, at: datetime, *, only: Iterable[int] | None = None
) -> None:
    """Note that members left, all or `only` these."""
    query = (
        update(TeamMember)
        .where(TeamMember.team_id == team_id, TeamMember.left_at.is_(None))
        .values(left_at=at)
    )
    if only is not None:
        query = query.where(TeamMember.user_id.in_(only))
    await session.execute(query)


async def living_member_ids(session: AsyncSession, team_id: int) -> list[int]:
    query = (
        select(TeamMember.user_id)
        .where(TeamMember.team_id == team_id, TeamMember.left_at.is_(None))
        .order_by(*_AS_THEY_CAME)
    )
    return list((await session.execute(query)).scalars())
