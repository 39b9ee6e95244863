"""Reading calls: the board, lists, one card, its history, possible duplicates."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from brigada.auth import audit
from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.calls import repository
from brigada.calls.duplicates import RADIUS_M, THRESHOLD, WINDOW, Facts, likeness
from brigada.calls.repository import Wanted
from brigada.db.engine import Database, ReadSession
from brigada.errors import NotFound
from brigada.kit.geo import Point
from brigada.kit.pagination import Page, decode_cursor, encode_cursor
from brigada.teams.repository import living_team_of_worker

SEARCH_WINDOW = timedelta(days=90)
"""How far back words are sought by themselves: about 130,000 calls of a large city, 0.2 s to read through."""


async def board(session: ReadSession, wanted: Wanted) -> Page[dict[str, Any]]:
    """Return the wanted ones of the open calls, all of them, by criticality, then waiting time."""
    return Page(await repository.board(session, wanted), None)


async def list_calls(
    session: ReadSession, wanted: Wanted, *, now: datetime, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """Return a page of calls, the latest received first.

    Words are sought in the last 90 days unless `since` says otherwise: a search's cost must not grow with history.
    """
    after = decode_cursor(cursor, tuple[datetime, int]) if cursor else None
    wanted = replace(wanted, search_since=None if wanted.since else now - SEARCH_WINDOW)
    rows = await repository.page(session, wanted, after=after, limit=limit + 1)
    items = rows[:limit]
    more = encode_cursor(items[-1]["received_at"].isoformat(), items[-1]["id"]) if len(rows) > limit else None
    return Page(items, more)


async def check_may_see(session: ReadSession, principal: Principal, call_id: int) -> None:
    """Let through those who see all calls, and a worker whose team is or was sent to this one.

    Raises:
        NotFound: for everybody else, as if there were no such call.
    """
    if principal.may(Permission.CALLS_READ):
        return
    team_id = await living_team_of_worker(session, principal.id)
    if team_id is None or not await repository.team_knows(session, call_id, team_id):
        raise NotFound


async def get_call(
    database: Database, session: ReadSession, principal: Principal, call_id: int, now: datetime
) -> dict[str, Any]:
    """Return one call; the look at patient data is written down.

    Raises:
        NotFound: absent, or not the caller's to know.
    """
    await check_may_see(session, principal, call_id)
    found = await repository.view(session, call_id)
    if found is None:
        raise NotFound
    await audit.note_read(database, principal, "call", call_id, now)
    return found


async def call_history(
    database: Database,
    session: ReadSession,
    principal: Principal,
    call_id: int,
    *,
    now: datetime,
    cursor: str | None,
    limit: int,
) -> Page[dict[str, Any]]:
    """Return a page of what happened to a call, the oldest first.

    Raises:
        NotFound: absent, or not the caller's to know.
    """
    await check_may_see(session, principal, call_id)
    after = decode_cursor(cursor, tuple[int])[0] if cursor else 0
    rows = await repository.history(session, call_id, after, limit + 1)
    if not rows and not cursor and await repository.view(session, call_id) is None:
        raise NotFound
    await audit.note_read(database, principal, "history", call_id, now)
    items = [
        {
            "seq": row["seq"],
            "at": row["at"],
            "kind": row["kind"],
            "actor": {"kind": row["actor_kind"], "id": row["actor_id"], "name": row["actor_name"]},
            "data": row["data"],
            "old": row["old"],
        }
        for row in rows[:limit]
    ]
    return Page(items, encode_cursor(items[-1]["seq"]) if len(rows) > limit else None)


async def possible_duplicates(
    session: ReadSession, principal: Principal, new: Facts, *, limit: int = 5
) -> list[dict[str, Any]]:
    """Return recent calls that may be about the same thing, the likeliest first.

    Who may only bring calls in learns which ones they are and why: their cards are for those who may read calls.
    """
    rows = await repository.possible_duplicates(
        session, since=new.received_at - WINDOW, place=new.place, radius_m=RADIUS_M, phone=new.phone,
        address=new.address, limit=50,
    )  # fmt: skip
    judged = []
    for row in rows:
        place = None if row.lat is None else Point(row.lat, row.lon)
        score, reasons = likeness(
            new, Facts(row.address, place, row.caller_phone, row.reason, row.received_at)
        )
        if score >= THRESHOLD:
            judged.append((score, reasons, row))
    judged.sort(key=lambda item: -item[0])
    best = judged[:limit]
    shown = [row.id for _, _, row in best] if principal.may(Permission.CALLS_READ) else []
    calls = {call["id"]: call for call in await repository.views(session, shown)}
    return [
        {
            "id": row.id,
            "number": row.number,
            "score": round(score, 2),
            "reasons": reasons,
            "call": calls.get(row.id),
        }
        for score, reasons, row in best
    ]
