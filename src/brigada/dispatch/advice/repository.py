"""SQL of the advice."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.assignments.models import Assignment
from brigada.calls.models import Call, Norm
from brigada.cars.models import Car, LatestPosition
from brigada.db.base import AnyRow
from brigada.db.engine import WriteSession
from brigada.dispatch.advice.models import Advice, AdviceSettings, Proposal
from brigada.stations.models import Station
from brigada.teams.models import Team

OPEN = ("new", "accepted")


async def settings(session: AsyncSession) -> AdviceSettings:
    """The settings; the row is made by the migration."""
    return (await session.execute(select(AdviceSettings))).scalar_one()


async def lock_settings(session: WriteSession) -> AdviceSettings:
    return (await session.execute(select(AdviceSettings).with_for_update())).scalar_one()


async def open_calls(session: AsyncSession) -> Sequence[AnyRow]:
    """Open calls that have a point, by number."""
    query = (
        select(
            Call.id, Call.number, Call.status, Call.criticality, Call.received_at, Call.lat, Call.lon,
            Call.required_profile,
        )
        .where(Call.status.in_(OPEN), Call.lat.is_not(None))
        .order_by(Call.id)
    )  # fmt: skip
    return (await session.execute(query)).all()


async def active_assignments(session: AsyncSession) -> Sequence[AnyRow]:
    """Assignments under way, the oldest first."""
    query = (
        select(
            Assignment.id, Assignment.call_id, Assignment.team_id, Assignment.status, Assignment.assigned_at,
            Assignment.assigned_by, Assignment.at_hospital_at,
        )
        .where(Assignment.ended_at.is_(None))
        .order_by(Assignment.id)
    )  # fmt: skip
    return (await session.execute(query)).all()


async def diversions(session: AsyncSession, call_ids: Sequence[int]) -> dict[int, int]:
    """How often each call has lost a team by a diversion."""
    query = (
        select(Assignment.call_id, func.count())
        .where(Assignment.call_id.in_(call_ids), Assignment.status == "diverted")
        .group_by(Assignment.call_id)
    )
    return {int(call_id): int(count) for call_id, count in (await session.execute(query)).all()}


async def teams(session: AsyncSession, now: datetime) -> Sequence[AnyRow]:
    """Teams on shift whose car works, with where they are."""
    query = (
        select(
            Team.id, Team.name, Team.profile, Team.shift_end, Team.on_break_since, Team.station_id,
            LatestPosition.lat, LatestPosition.lon, LatestPosition.at.label("position_at"),
            Station.lat.label("station_lat"), Station.lon.label("station_lon"),
        )
        .join(Car, Car.id == Team.car_id)
        .outerjoin(LatestPosition, LatestPosition.car_id == Team.car_id)
        .outerjoin(Station, Station.id == Team.station_id)
        .where(Team.ended_at.is_(None), Team.shift_start <= now, Team.shift_end > now)
        .where(Car.serviceability == "in_service")
        .order_by(Team.id)
    )  # fmt: skip
    return (await session.execute(query)).all()


async def norms_s(session: AsyncSession) -> dict[str, float]:
    """The tightest active target of each criticality that is a share of arrivals, from the receipt."""
    query = (
        select(Norm.criticality, func.min(Norm.target_s))
        .where(
            Norm.active,
            Norm.statistic == "share",
            Norm.clock_start == "received",
            Norm.clock_stop == "on_scene",
        )
        .group_by(Norm.criticality)
    )
    return {str(name): float(target) for name, target in (await session.execute(query)).all()}


async def current(session: AsyncSession) -> Sequence[Advice]:
    """The advice in force, by call."""
    query = select(Advice).where(Advice.superseded_at.is_(None)).order_by(Advice.call_id)
    return (await session.execute(query.execution_options(populate_existing=True))).scalars().all()


async def current_of(session: AsyncSession, call_id: int) -> tuple[Advice, str | None] | None:
    """The advice in force for one call, and what its team is called."""
    query = (
        select(Advice, Team.name)
        .outerjoin(Team, Team.id == Advice.team_id)
        .where(Advice.call_id == call_id, Advice.superseded_at.is_(None))
    )
    found = (await session.execute(query)).first()
    return None if found is None else (found[0], found[1])


async def call_numbers(session: AsyncSession, call_ids: Collection[int]) -> dict[int, int]:
    """What people call these calls, by id."""
    query = select(Call.id, Call.number).where(Call.id.in_(call_ids))
    return {row.id: row.number for row in await session.execute(query)}


async def proposals_open(session: AsyncSession) -> Sequence[Proposal]:
    query = select(Proposal).where(Proposal.status == "open").order_by(Proposal.id)
    return (await session.execute(query.execution_options(populate_existing=True))).scalars().all()


async def lock_idle_proposals(session: WriteSession) -> Sequence[Proposal]:
    """The open proposals on which nobody is deciding this moment, locked."""
    query = select(Proposal).where(Proposal.status == "open").order_by(Proposal.id)
    query = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return (await session.execute(query)).scalars().all()


async def settled(session: AsyncSession, *, declined: datetime, confirmed: datetime) -> frozenset[str]:
    """Fingerprints that were declined, or confirmed, since these moments.

    Proposals live for minutes: by the day of their making the index finds them among years of others.
    """
    query = select(Proposal.fingerprint).where(
        Proposal.made_at >= min(declined, confirmed) - timedelta(days=1),
        or_(
            and_(Proposal.status == "declined", Proposal.decided_at >= declined),
            and_(Proposal.status == "confirmed", Proposal.decided_at >= confirmed),
        ),
    )
    return frozenset((await session.execute(query)).scalars())


async def lock_proposal(session: WriteSession, proposal_id: int) -> Proposal | None:
    return await session.get(Proposal, proposal_id, with_for_update=True, populate_existing=True)


async def demand(session: AsyncSession, now: datetime, days: int, step: float) -> Sequence[AnyRow]:
    """Calls of the last days by square of `step` degrees and hour of the day (UTC), with the usual district."""
    row, column = func.floor(Call.lat / step), func.floor(Call.lon / (2 * step))
    query = (
        select(
            row.label("row"), column.label("column"), func.extract("hour", Call.received_at).label("hour"),
            func.count().label("calls"), func.mode().within_group(Call.district).label("district"),
        )
        .where(Call.received_at >= now - timedelta(days=days), Call.lat.is_not(None))
        .group_by(row, column, func.extract("hour", Call.received_at))
    )  # fmt: skip
    return (await session.execute(query)).all()


async def busy_and_shift_s(session: AsyncSession, now: datetime, days: int) -> tuple[float, float]:
    """Seconds that teams were assigned, and seconds of their shifts, in the last days."""
    since = now - timedelta(days=days)

    def seconds(start: ColumnElement[datetime], end: ColumnElement[datetime]) -> ColumnElement[Any]:
        return func.sum(func.extract("epoch", func.least(end, now) - func.greatest(start, since)))

    work_end = func.coalesce(Assignment.ended_at, now)
    busy = select(seconds(Assignment.assigned_at.expression, work_end)).where(
        Assignment.assigned_at < now, work_end > since
    )
    end = func.least(func.coalesce(Team.ended_at, Team.shift_end), Team.shift_end)
    shift = select(seconds(Team.shift_start.expression, end)).where(Team.shift_start < now, end > since)
    return (
        float((await session.execute(busy)).scalar() or 0.0),
        float((await session.execute(shift)).scalar() or 0.0),
    )


async def stations(session: AsyncSession) -> Sequence[AnyRow]:
    query = select(Station.id, Station.name, Station.lat, Station.lon).where(Station.deleted_at.is_(None))
    return (await session.execute(query.order_by(Station.id))).all()


async def last_ends(session: AsyncSession, since: datetime) -> dict[int, datetime]:
    """When each team's latest assignment ended, if lately and if it has none under way."""
    running = select(Assignment.team_id).where(Assignment.ended_at.is_(None))
    query = (
        select(Assignment.team_id, func.max(Assignment.ended_at))
        .where(and_(Assignment.ended_at >= since, Assignment.team_id.not_in(running)))
        .group_by(Assignment.team_id)
    )
    rows = (await session.execute(query)).all()
    return {int(team): at for team, at in rows if at is not None}
