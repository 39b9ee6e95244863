"""Reading the log backwards, by time too, at a cost that does not grow with it."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from brigada.db.engine import Database

SLACK = 1_000
"""An event's moment is taken at the start of its command, its number at the end: neighbours may be out of order by the
commands that ran meanwhile, some dozens. A thousand numbers on each side are looked through as well."""

_PAGE = """
    SELECT seq, at, kind, actor_kind, actor_id, actor_name, cause, call_id, data, old
    FROM events
    WHERE seq BETWEEN $1 AND $2
      AND ($3::timestamptz IS NULL OR at >= $3) AND ($4::timestamptz IS NULL OR at < $4)
      AND ($5::text IS NULL OR kind = $5 OR kind LIKE $5 || '.%')
      AND ($6::bigint IS NULL OR call_id = $6)
      AND ($7::bigint IS NULL OR actor_id = $7)
      AND ($8::text IS NULL OR $8 = ANY(roles))
      AND ($9::boolean IS NULL OR (actor_kind = 'system') = $9)
    ORDER BY seq DESC LIMIT $10
"""
_MOMENT = "SELECT seq, at FROM events WHERE seq >= $1 ORDER BY seq LIMIT 1"
_ENDS = "SELECT min(seq) AS first, max(seq) AS last FROM events"


async def number_at(database: Database, moment: datetime, first: int, last: int) -> int:
    """Return about the number of the first event at or after the moment: a search by halves over the numbers."""
    low, high = first, last + 1
    while low < high:
        middle = (low + high) // 2
        row = await database.fetch_one(_MOMENT, middle)
        if row is not None and row["at"] < moment:
            low = max(middle + 1, row["seq"] + 1)
        else:
            high = middle
    return low


async def page(
    database: Database,
    *,
    since: datetime | None,
    until: datetime | None,
    kind: str | None,
    call_id: int | None,
    actor_id: int | None,
    role: str | None,
    by_system: bool | None,
    before: int | None,
    limit: int,
) -> Sequence[asyncpg.Record]:
    """Return entries, the newest first; of `role` when given, only what that role is told.

    `by_system`: only what the service did by itself, or only what others did.
    """
    ends = await database.fetch_one(_ENDS)
    if ends is None or ends["first"] is None:
        return []
    low, high = ends["first"], ends["last"]
    if since is not None:
        low = max(low, await number_at(database, since, ends["first"], ends["last"]) - SLACK)
    if until is not None:
        high = min(high, await number_at(database, until, ends["first"], ends["last"]) + SLACK)
    if before is not None:
        high = min(high, before - 1)
    return await database.fetch_all(
        _PAGE, low, high, since, until, kind, call_id, actor_id, role, by_system, limit
    )
