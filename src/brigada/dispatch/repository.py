"""SQL of commands on a call and one of its assignments."""

from sqlalchemy import bindparam, select

from brigada.assignments.models import Assignment
from brigada.calls.models import Call
from brigada.db.engine import WriteSession

# PostgreSQL locks the rows of a join in the order of this list, and reads anew what it had to wait for. As everywhere,
# FOR NO KEY UPDATE: commands shut out each other, and not the rows that only name a call or a team (advice, positions).
_LOCK = (
    select(Call, Assignment)
    .join(Assignment, Assignment.call_id == Call.id)
    .where(Assignment.id == bindparam("id"))
    .with_for_update(of=[Call, Assignment], key_share=True)
    .execution_options(populate_existing=True)
)


async def lock_with_call(session: WriteSession, assignment_id: int) -> tuple[Call, Assignment] | None:
    """Return an assignment with its call, locked against other commands until the commit; the call's row first."""
    row = (await session.execute(_LOCK, {"id": assignment_id})).one_or_none()
    return None if row is None else (row[0], row[1])
