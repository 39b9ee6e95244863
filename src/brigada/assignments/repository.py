"""SQL of assignments and milestones."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, RowMapping, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.assignments.models import Assignment, Milestone
from brigada.assignments.view import COLUMNS
from brigada.db.base import AnyRow
from brigada.db.engine import WriteSession

# Every command reads these: built once, not each time.
_OF_CALLS = (
    select(*COLUMNS)
    .where(Assignment.call_id == any_(bindparam("call_ids", type_=ARRAY(BigInteger))))
    .order_by(Assignment.id)
)
_ACTIVE_OF_TEAM = select(*COLUMNS).where(
    Assignment.team_id == bindparam("team_id"), Assignment.ended_at.is_(None)
)
_ACTIVE_TEAMS_OF_CALL = select(Assignment.team_id).where(
    Assignment.call_id == bindparam("call_id"), Assignment.ended_at.is_(None)
)
_LOCK_ACTIVE_OF_CALL = (
    select(Assignment)
    .where(Assignment.call_id == bindparam("call_id"), Assignment.ended_at.is_(None))
    .order_by(Assignment.id)
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


async def find(session: AsyncSession, assignment_id: int) -> AnyRow | None:
    """Return an assignment's columns, unlocked."""
    return (await session.execute(select(*COLUMNS).where(Assignment.id == assignment_id))).one_or_none()


async def lock_active_of_call(session: WriteSession, call_id: int) -> list[Assignment]:
    """Lock the call's active assignments in the order of their numbers. The call's own row must be locked before."""
    return list((await session.execute(_LOCK_ACTIVE_OF_CALL, {"call_id": call_id})).scalars())


async def active_teams_of_call(session: AsyncSession, call_id: int) -> Sequence[int]:
    """Return the teams that are on the call now."""
    return (await session.execute(_ACTIVE_TEAMS_OF_CALL, {"call_id": call_id})).scalars().all()


async def any_completed(session: WriteSession, call_id: int) -> bool:
    """Return whether some team has completed its work on the call."""
    query = (
        select(Assignment.id).where(Assignment.call_id == call_id, Assignment.status == "completed").limit(1)
    )
    return (await session.execute(query)).first() is not None


async def last_end(session: WriteSession, call_id: int) -> datetime | None:
    """Return when the call's last team ended its work on it."""
    query = select(func.max(Assignment.ended_at)).where(Assignment.call_id == call_id)
    return (await session.execute(query)).scalar_one()


async def of_calls(session: AsyncSession, call_ids: Iterable[int]) -> Sequence[AnyRow]:
    """Return the assignments of these calls, the oldest first."""
    return (await session.execute(_OF_CALLS, {"call_ids": list(call_ids)})).all()


async def active_of_team(session: AsyncSession, team_id: int) -> AnyRow | None:
    """Return the team's active assignment, if it has one."""
    return (await session.execute(_ACTIVE_OF_TEAM, {"team_id": team_id})).one_or_none()


async def inferred_steps(session: WriteSession, assignment_id: int) -> frozenset[str]:
    """Return the steps whose only entry was inferred from a later one."""
    query = (
        select(Milestone.step, Milestone.source)
        .where(Milestone.assignment_id == assignment_id)
        .order_by(Milestone.id)
    )
    sources: dict[str, str] = {row.step: row.source for row in await session.execute(query)}
    return frozenset(step for step, source in sources.items() if source == "inferred")


async def first_milestone_id(session: WriteSession, assignment_id: int, step: str) -> int:
    """Return the entry that a correction of this step refers to."""
    query = select(Milestone.id).where(
        Milestone.assignment_id == assignment_id, Milestone.step == step, Milestone.corrects.is_(None)
    )
    return (await session.execute(query)).scalar_one()


async def time_line(session: AsyncSession, assignment_id: int) -> Sequence[RowMapping]:
    """Return every entry of the time line, corrections too, in the order in which they were written."""
    columns = (
        Milestone.step, Milestone.at, Milestone.device_at, Milestone.recorded_at, Milestone.actor_id,
        Milestone.source, Milestone.corrects.is_not(None).label("correction"), Milestone.reason,
    )  # fmt: skip
    query = select(*columns).where(Milestone.assignment_id == assignment_id).order_by(Milestone.id)
    return (await session.execute(query)).mappings().all()
