"""Long work as rows: claimed by the leading process, done in a worker process, told of, cancelled.

A table of jobs has at least the columns `status` (queued, running, done, failed, cancelled), `progress` (0 to 1),
`step`, `cancel_requested`, `problem`, `beat_at` and `finished_at`.
"""

from datetime import datetime, timedelta
from typing import Final

import asyncpg
from sqlalchemy import text

from brigada.db.engine import WriteSession, asyncpg_dsn

LOOK_S: Final = 1.0
"""Seconds between looks for a queued job."""
DEAD_AFTER: Final = timedelta(seconds=120)
"""A worker tells of itself each half second; a large report up to some tens of seconds apart."""


class CancelledJobError(Exception):
    """The job was cancelled while it ran, or taken away from its worker."""


async def claim_next(session: WriteSession, table: str, now: datetime) -> int | None:
    """Fail the jobs whose worker has fallen silent, then take the oldest queued one.

    A compare-and-set under SKIP LOCKED: of two leaders at once only one gets it.
    """
    await session.execute(
        text(
            f"UPDATE {table} SET status = 'failed', problem = 'interrupted', finished_at = :now"  # noqa: S608 -- a constant of the program
            " WHERE status = 'running' AND beat_at < :silent"
        ),
        {"now": now, "silent": now - DEAD_AFTER},
    )
    claimed = text(
        f"UPDATE {table} SET status = 'running', beat_at = :now WHERE id = ("  # noqa: S608 -- as above
        f" SELECT id FROM {table} WHERE status = 'queued' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
        ") RETURNING id"
    )
    found: int | None = (await session.execute(claimed, {"now": now})).scalar_one_or_none()
    return found


async def tell(url: str, table: str, job_id: int, part: float, step: str) -> None:
    """Write how far a running job is; called from its worker process.

    Raises:
        CancelledJobError: somebody asked to stop it, or it runs no more.
    """
    connection = await asyncpg.connect(asyncpg_dsn(url), timeout=10)
    try:
        cancelled = await connection.fetchval(
            f"UPDATE {table} SET progress = $2, step = $3, beat_at = now() WHERE id = $1 AND status = 'running'"  # noqa: S608 -- a constant of the program
            " RETURNING cancel_requested",
            job_id, part, step,
        )  # fmt: skip
    finally:
        await connection.close()
    if cancelled is not False:
        raise CancelledJobError
