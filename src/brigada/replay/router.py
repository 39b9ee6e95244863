"""`GET /replay`: what a screen needs to show any past second."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from brigada.auth import audit
from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.deps import AppState, Reads, allowed
from brigada.edge import CommandRoute, json_response
from brigada.errors import Forbidden, Invalid, NotSignedIn
from brigada.replay import service
from brigada.schema import Moment, View, problems
from brigada.teams.schemas import TeamOut

router = APIRouter(prefix="/replay", tags=["replay"], route_class=CommandRoute)


class PastEntry(View):
    """An entry of the log."""

    seq: int
    at: AwareDatetime
    kind: str
    actor: dict[str, Any]
    call_id: int | None
    data: dict[str, Any]
    old: dict[str, Any]


class PastTrack(View):
    """Where a team was: seconds from `since` (below 0: before it), latitude, longitude."""

    team_id: int
    fixes: list[tuple[float, float, float]]


class PastOut(View):
    """A stretch of the past. Calls are as they are now: `events` name the values before each later change."""

    since: AwareDatetime
    until: AwareDatetime
    calls: list[dict[str, Any]]
    """Those open at some moment of it, without patient and caller."""
    teams: list[TeamOut]
    events: list[PastEntry]
    tracks: list[PastTrack]
    step_s: float
    """Fixes lie no closer than this."""
    parked_every_s: float
    """A parked car keeps one fix in this time: a gap so long is no lost signal."""
    complete: bool
    """False: more happened than one answer holds; ask for a shorter stretch."""


@router.get(
    "",
    response_model=PastOut,
    summary="A stretch of the past",
    responses=problems(NotSignedIn, Forbidden, Invalid),
)
async def replay(
    principal: Annotated[Principal, allowed(Permission.EVENTS_READ)],
    session: Reads,
    state: AppState,
    since: Annotated[Moment, Query(alias="from")],
    until: Annotated[Moment | None, Query(alias="to", description="An hour later when empty.")] = None,
) -> Response:
    """Calls, teams, the log and tracks between two moments, at most two hours."""
    now = state.clock.now()
    start, to = service.stretch(since, until, now)
    found = await service.past(state.database, session, start, to, now)
    await audit.note_read(state.database, principal, "replay", None, now, rows=len(found["calls"]))
    return json_response(found)
