"""What may be forgotten, and when: chores of the one process that leads.

The log, calls and milestones are never touched here: they are the service's memory.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import TextClause, text

from brigada.auth.repository import end_expired
from brigada.auth.service import sessions_ended
from brigada.db.engine import WriteSession
from brigada.db.leader import Chore
from brigada.edge import KEY_LIFE
from brigada.notifications import repository as notifications
from brigada.state import State

EVERY_S = 300.0
SESSIONS_EVERY_S = 60.0
BATCH = 5_000
"""Rows deleted at once: a statement of some milliseconds, which holds up nobody."""
SESSION_MEMORY = timedelta(days=90)
"""Ended sessions answer "was it me who signed in?" for a quarter."""


async def _until_done(state: State, forget: Callable[..., Awaitable[int]]) -> None:
    """Forget batch after batch, each in its own transaction, until nothing old is left, however much came in.

    At shutdown the leader cancels this between two batches, or undoes the one under way.
    """
    forgotten = BATCH
    while forgotten >= BATCH:
        async with state.unit_of_work() as uow:
            forgotten = await forget(uow.session, limit=BATCH)
            await uow.commit()


async def _forget_rows(session: WriteSession, *, statement: TextClause, oldest: datetime, limit: int) -> int:
    found: int = (await session.execute(statement, {"oldest": oldest, "most": limit})).scalar_one()
    return found


def chores(state: State) -> Sequence[Chore]:
    """Return what this module wants done again and again."""

    async def end_expired_sessions() -> None:
        # Requests look at the time themselves; this closes the sockets that were left open.
        async with state.unit_of_work() as uow:
            for user_id, session_ids in (await end_expired(uow.session, uow.now)).items():
                uow.record(sessions_ended(user_id, session_ids))
            await uow.commit()

    async def forget() -> None:
        now = state.clock.now()
        keep = timedelta(days=state.settings.notification_keep_days)
        await _until_done(state, partial(notifications.forget_before, oldest=now - keep))
        for table, key, moment, oldest in (
            ("idempotency_keys", "(account, key)", "created_at", now - KEY_LIFE),
            ("sessions", "id", "expires_at", now - SESSION_MEMORY),
        ):
            statement = text(
                f"WITH gone AS (DELETE FROM {table} WHERE {key} IN"  # noqa: S608 -- names from the lines above
                f" (SELECT {key.strip('()')} FROM {table} WHERE {moment} < :oldest LIMIT :most) RETURNING 1)"
                " SELECT count(*) FROM gone"
            )
            await _until_done(state, partial(_forget_rows, statement=statement, oldest=oldest))

    return (
        Chore("retention", EVERY_S, forget),
        Chore("expired sessions", SESSIONS_EVERY_S, end_expired_sessions),
    )
