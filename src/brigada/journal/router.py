"""`/events`: the journal."""

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from brigada.auth import audit
from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.deps import FIRST_LIMIT, AppState, Cursor, Limit, QueryId, allowed
from brigada.edge import CommandRoute, json_response
from brigada.errors import Forbidden, NotSignedIn
from brigada.journal import repository
from brigada.kit.pagination import decode_cursor, encode_cursor
from brigada.schema import Moment, View, problems

router = APIRouter(prefix="/events", tags=["events"], route_class=CommandRoute)


class JournalEntry(View):
    """One entry of the log."""

    seq: int
    at: AwareDatetime
    kind: str
    actor: dict[str, Any]
    cause: str | None
    """Id of the request that did it."""
    call_id: int | None
    data: dict[str, Any]
    old: dict[str, Any]


class Journal(View):
    items: list[JournalEntry]
    next_cursor: str | None


@router.get("", response_model=Journal, summary="The journal", responses=problems(NotSignedIn, Forbidden))
async def read_journal(
    principal: Annotated[Principal, allowed(Permission.EVENTS_READ)],
    state: AppState,
    kind: Annotated[
        str | None, Query(max_length=60, pattern=r"^[a-z_.]+$", description="`call`, or `call.created`.")
    ] = None,
    since: Annotated[Moment | None, Query(alias="from", description="At or after.")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="Before.")] = None,
    call_id: QueryId | None = None,
    actor_id: QueryId | None = None,
    actor: Annotated[
        Literal["people", "system"] | None,
        Query(
            description="Only what people and outside systems did, or only what the service did by itself."
        ),
    ] = None,
    limit: Limit = FIRST_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Every change of the service, the newest first; a dispatcher sees what dispatchers are told."""
    before = decode_cursor(cursor, tuple[int])[0] if cursor else None
    rows = await repository.page(
        state.database, since=since, until=until, kind=kind, call_id=call_id, actor_id=actor_id,
        by_system=None if actor is None else actor == "system",
        role=None if principal.may(Permission.USERS_WRITE) else principal.role, before=before, limit=limit + 1,
    )  # fmt: skip
    items = [
        {
            "seq": row["seq"],
            "at": row["at"],
            "kind": row["kind"],
            "actor": {"kind": row["actor_kind"], "id": row["actor_id"], "name": row["actor_name"]},
            "cause": row["cause"],
            "call_id": row["call_id"],
            "data": msgspec.Raw(row["data"].encode()),
            "old": msgspec.Raw(row["old"].encode()),
        }
        for row in rows[:limit]
    ]
    await audit.note_read(state.database, principal, "journal", call_id, state.clock.now(), rows=len(items))
    more = encode_cursor(rows[limit - 1]["seq"]) if len(rows) > limit else None
    return json_response({"items": items, "next_cursor": more})
