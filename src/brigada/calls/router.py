"""`/calls`: intake, lists, one card; `/reasons`, `/norms`. What sends teams stands in `dispatch.router`."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from brigada.auth import audit
from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.calls import intake, norm_keeping, queries, reasons
from brigada.calls import repository as calls
from brigada.calls.duplicates import Facts
from brigada.calls.errors import CallClosed, ExternalIdTaken, NormTaken, ReasonTaken, ReasonUnknown
from brigada.calls.schemas import (
    CallIn,
    CallList,
    CallOut,
    CallPatch,
    CallStatus,
    Criticality,
    DuplicateList,
    FactsIn,
    HistoryList,
    NormIn,
    NormList,
    NormOut,
    NormPatch,
    NormSetIn,
    ReasonIn,
    ReasonList,
    ReasonOut,
    ReasonPatch,
)
from brigada.deps import (
    FIRST_LIMIT,
    AppState,
    Command,
    Cursor,
    Id,
    Limit,
    QueryId,
    QueryText,
    Reads,
    allowed,
    command,
)
from brigada.edge import CommandRoute, json_response
from brigada.errors import Forbidden, NotFound, NotSignedIn, Outdated
from brigada.kit.geo import Point
from brigada.places.bounds import check_inside, warned
from brigada.schema import Moment, problems

router = APIRouter(prefix="/calls", tags=["calls"], route_class=CommandRoute)
reasons_router = APIRouter(prefix="/reasons", tags=["calls"], route_class=CommandRoute)
norms_router = APIRouter(prefix="/norms", tags=["calls"], route_class=CommandRoute)

Reader = Annotated[Principal, allowed(Permission.CALLS_READ)]
Seer = Annotated[Principal, allowed(Permission.CALLS_READ, Permission.CREW_WORK)]
ReasonCode = Annotated[str, Path(max_length=40, pattern=r"^[a-z][a-z0-9_]*$")]


@router.get("", response_model=CallList, summary="Calls", responses=problems(NotSignedIn, Forbidden))
async def list_calls(
    principal: Reader,
    session: Reads,
    state: AppState,
    view: Annotated[
        Literal["actual"] | None, Query(description="`actual`: all open calls, the board.")
    ] = None,
    status: Annotated[list[CallStatus] | None, Query(max_length=4)] = None,
    criticality: Annotated[Criticality | None, Query()] = None,
    since: Annotated[Moment | None, Query(alias="from", description="Received at or after.")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="Received before.")] = None,
    team_id: QueryId | None = None,
    q: Annotated[
        QueryText | None,
        Query(description="Number, or part of address, reason, phone, name (90 days back unless `from`)."),
    ] = None,
    limit: Limit = FIRST_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """`view=actual` answers all open calls by criticality, then waiting time; otherwise the latest first, in pages.

    The filters narrow either; the board is always whole, without pages.
    """
    wanted = calls.Wanted(
        statuses=tuple(status or ()), criticality=criticality, since=since, until=until, q=q, team_id=team_id
    )
    if view == "actual" and wanted == calls.Wanted():
        if principal.kind == "token":
            # What people on duty have in front of them all day is known by their sessions; an outside system asks.
            await audit.note_read(state.database, principal, "list", None, state.clock.now(), view="actual")
        return await state.boards.calls(principal.log)
    if view == "actual":
        page = await queries.board(session, wanted)
    else:
        page = await queries.list_calls(session, wanted, now=state.clock.now(), cursor=cursor, limit=limit)
    await audit.note_read(state.database, principal, "list", None, state.clock.now(), rows=len(page.items))
    return json_response(page)


@router.post(
    "",
    status_code=201,
    response_model=CallOut,
    summary="Take in a call",
    responses=problems(NotSignedIn, Forbidden, ReasonUnknown, ExternalIdTaken),
)
async def receive_call(
    body: CallIn, cmd: Annotated[Command, command(Permission.CALLS_CREATE)], state: AppState
) -> Response:
    """`reason`, `address` and a criticality (or a reason that implies one) are enough.

    A place outside the region is refused, or taken with `X-Brigada-Warning: outside_region`, as the service wishes.
    """
    warning = check_inside(state, body.location)
    return warned(json_response(await intake.receive_call(cmd.uow, cmd.principal, body), 201), warning)


@router.get(
    "/duplicates",
    response_model=DuplicateList,
    summary="Possible duplicates",
    responses=problems(NotSignedIn, Forbidden),
)
async def possible_duplicates(
    principal: Annotated[Principal, allowed(Permission.CALLS_CREATE)],
    session: Reads,
    state: AppState,
    address: Annotated[QueryText, Query()] = "",
    lat: Annotated[float | None, Query(ge=-90, le=90, allow_inf_nan=False)] = None,
    lon: Annotated[float | None, Query(ge=-180, le=180, allow_inf_nan=False)] = None,
    caller_phone: Annotated[QueryText, Query()] = "",
    reason: Annotated[QueryText, Query()] = "",
) -> Response:
    """Calls of the last two hours that share the place, the address or the phone; asked while a new one is typed.

    Their cards come only to those who may read calls; `call` is null for a key that may only create them.
    """
    place = Point(lat, lon) if lat is not None and lon is not None else None
    return await _alike(
        state, session, principal, Facts(address, place, caller_phone, reason, state.clock.now())
    )


@router.post(
    "/duplicates",
    response_model=DuplicateList,
    summary="Possible duplicates, asked in the body",
    responses=problems(NotSignedIn, Forbidden),
)
async def possible_duplicates_of(
    body: FactsIn,
    principal: Annotated[Principal, allowed(Permission.CALLS_CREATE)],
    session: Reads,
    state: AppState,
) -> Response:
    """The same answer as by `GET`. A caller's phone in an address lands in logs on its way; a body does not.

    Nothing is changed.
    """
    place = Point(body.location.lat, body.location.lon) if body.location else None
    return await _alike(
        state, session, principal,
        Facts(body.address, place, body.caller_phone, body.reason, state.clock.now()),
    )  # fmt: skip


async def _alike(state: AppState, session: Reads, principal: Principal, new: Facts) -> Response:
    """Answer with the calls like this one, and write down that they were looked at."""
    found = await queries.possible_duplicates(session, principal, new)
    if found:
        await audit.note_read(state.database, principal, "duplicates", None, new.received_at, rows=len(found))
    return json_response({"items": found, "next_cursor": None})


@router.get(
    "/{call_id}",
    response_model=CallOut,
    summary="One call",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def get_call(call_id: Id, principal: Seer, session: Reads, state: AppState) -> Response:
    """A worker sees the calls of the own team."""
    return json_response(
        await queries.get_call(state.database, session, principal, call_id, state.clock.now())
    )


@router.patch(
    "/{call_id}",
    response_model=CallOut,
    summary="Change a call",
    responses=problems(NotSignedIn, Forbidden, NotFound, Outdated, CallClosed),
)
async def change_call(
    call_id: Id, body: CallPatch, cmd: Annotated[Command, command(Permission.CALLS_WRITE)], state: AppState
) -> Response:
    """What is absent stays; the crews on the call are told."""
    warning = check_inside(state, body.location)
    return warned(json_response(await intake.change_call(cmd.uow, call_id, body)), warning)


@router.get(
    "/{call_id}/history",
    response_model=HistoryList,
    summary="What happened to a call",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def call_history(
    call_id: Id, principal: Seer, session: Reads, state: AppState, limit: Limit = 200, cursor: Cursor = None
) -> Response:
    """The log's entries about this call, the oldest first, with old and new values."""
    page = await queries.call_history(
        state.database, session, principal, call_id, now=state.clock.now(), cursor=cursor, limit=limit
    )
    return json_response(page)


@reasons_router.get(
    "", response_model=ReasonList, summary="Reasons for calls", responses=problems(NotSignedIn, Forbidden)
)
async def list_reasons(
    principal: Annotated[Principal, allowed(Permission.REASONS_READ)],
    session: Reads,
    inactive: Annotated[bool, Query(description="The retired ones too.")] = False,
) -> Response:
    return json_response(
        {"items": await reasons.list_reasons(session, inactive=inactive), "next_cursor": None}
    )


@reasons_router.post(
    "",
    status_code=201,
    response_model=ReasonOut,
    summary="Add a reason",
    responses=problems(NotSignedIn, Forbidden, ReasonTaken),
)
async def add_reason(body: ReasonIn, cmd: Annotated[Command, command(Permission.REASONS_WRITE)]) -> Response:
    return json_response(await reasons.add_reason(cmd.uow, body), 201)


@reasons_router.patch(
    "/{code}",
    response_model=ReasonOut,
    summary="Change a reason",
    responses=problems(NotSignedIn, Forbidden, NotFound, ReasonTaken),
)
async def change_reason(
    code: ReasonCode, body: ReasonPatch, cmd: Annotated[Command, command(Permission.REASONS_WRITE)]
) -> Response:
    return json_response(await reasons.change_reason(cmd.uow, code, body))


@reasons_router.delete(
    "/{code}",
    status_code=204,
    response_class=Response,
    summary="Retire a reason",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def retire_reason(
    code: ReasonCode, cmd: Annotated[Command, command(Permission.REASONS_WRITE)]
) -> Response:
    await reasons.retire_reason(cmd.uow, code)
    return Response(status_code=204)


@norms_router.get("", response_model=NormList, summary="Norms", responses=problems(NotSignedIn, Forbidden))
async def list_norms(
    principal: Annotated[Principal, allowed(Permission.REASONS_READ)], session: Reads
) -> Response:
    """How soon is soon enough; the active set drives the timers and the reports."""
    rows = await calls.norms(session)
    return json_response({"items": [dict(row) for row in rows], "next_cursor": None})


@norms_router.post(
    "",
    status_code=201,
    response_model=NormOut,
    summary="Add a norm",
    responses=problems(NotSignedIn, Forbidden, NormTaken),
)
async def add_norm(body: NormIn, cmd: Annotated[Command, command(Permission.SERVICE_WRITE)]) -> Response:
    """The active norms drive the timers and the reports; a set is made by its first norm."""
    return json_response(await norm_keeping.add_norm(cmd.uow, body), 201)


@norms_router.post(
    "/in-force",
    response_model=NormList,
    summary="Put a set of norms in force",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def put_norm_set_in_force(
    body: NormSetIn, cmd: Annotated[Command, command(Permission.SERVICE_WRITE)]
) -> Response:
    """Its norms become active, all others cease to be, at one moment. Reports judge history anew by it."""
    rows = await norm_keeping.put_in_force(cmd.uow, body.norm_set)
    return json_response({"items": rows, "next_cursor": None})


@norms_router.patch(
    "/{norm_id}",
    response_model=NormOut,
    summary="Correct a norm",
    responses=problems(NotSignedIn, Forbidden, NotFound, Outdated, NormTaken),
)
async def change_norm(
    norm_id: Id, body: NormPatch, cmd: Annotated[Command, command(Permission.SERVICE_WRITE)]
) -> Response:
    """Reports judge history anew by the corrected norm, and say which version they used."""
    return json_response(await norm_keeping.change_norm(cmd.uow, norm_id, body))
