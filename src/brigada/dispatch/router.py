"""Commands that send teams (`/calls/{id}/…`) and what crews report (`/assignments`)."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from brigada.assignments.errors import AssignmentEnded, PatientReached, StepMissing, StepOutOfOrder
from brigada.auth import audit
from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.calls.errors import CallClosed, CallHasTeam, CallNotAccepted
from brigada.calls.schemas import AssignmentOut, CallOut, CompleteIn, RejectIn
from brigada.cars.errors import CarUnserviceable
from brigada.deps import AppState, CallerLanguage, Command, Id, Reads, allowed, command
from brigada.dispatch import assigning, closing, losing, queries, routes, stepping
from brigada.dispatch.advice.agreement import plan_beside
from brigada.dispatch.candidates import service as candidates_service
from brigada.dispatch.candidates.errors import CallHasNoPlace
from brigada.dispatch.candidates.schemas import CandidateList, HomeRouteOut, RouteOut
from brigada.dispatch.schemas import (
    AssignIn,
    AssignmentDetailOut,
    CancelIn,
    CorrectionIn,
    CurrentAssignmentOut,
    DeclineIn,
    StepIn,
    TroubleIn,
)
from brigada.edge import CommandRoute, json_response
from brigada.errors import Forbidden, NotFound, NotSignedIn, Outdated
from brigada.schema import problems
from brigada.teams.errors import TeamBusy, TeamNotOnShift, TeamOnBreak

router = APIRouter(prefix="/assignments", tags=["assignments"], route_class=CommandRoute)
calls_router = APIRouter(prefix="/calls", tags=["calls"], route_class=CommandRoute)
teams_router = APIRouter(prefix="/teams", tags=["teams"], route_class=CommandRoute)

Dispatching = Annotated[Command, command(Permission.DISPATCH)]
Crew = Annotated[Command, command(Permission.CREW_WORK)]
_USUAL = (NotSignedIn, Forbidden, NotFound, Outdated)


@calls_router.post(
    "/{call_id}/assignments",
    status_code=201,
    response_model=AssignmentOut,
    summary="Send a team",
    responses=problems(
        *_USUAL, CallClosed, CallHasTeam, TeamBusy, TeamNotOnShift, TeamOnBreak, CarUnserviceable
    ),
)
async def assign(call_id: Id, body: AssignIn, cmd: Dispatching, state: AppState) -> Response:
    """A call that has a team gets another only by `additional: true`. A refusal carries the present state.

    Another team than the advised one is not questioned; both are recorded, with the difference in seconds.
    """
    region = state.region.now
    return json_response(await assigning.assign(cmd.uow, cmd.principal, call_id, body, region), 201)


@calls_router.get(
    "/{call_id}/candidates",
    response_model=CandidateList,
    summary="Whom to send",
    responses=problems(NotSignedIn, Forbidden, NotFound, CallHasNoPlace),
)
async def candidates(
    call_id: Id,
    principal: Annotated[Principal, allowed(Permission.DISPATCH)],
    session: Reads,
    state: AppState,
    language: CallerLanguage,
    limit: Annotated[int, Query(ge=1, le=1000, description="Teams shown.")] = 20,
) -> Response:
    """Free teams and those soon free by road time, with reasons; then those who can't go, and why.

    The list is for this call alone. `plan` is what the joint plan says of it, and why where that is another team.
    """
    now = state.clock.now()
    found = await candidates_service.candidates(session, state.region.now, call_id, now, limit)
    first = (found[0].asked.team_id, found[0].asked.name) if found and found[0].possible else None
    return json_response(
        {
            "plan": await plan_beside(session, call_id, first, language, state.settings.zone),
            "items": [candidates_service.shown(c, language, state.settings) for c in found],
            "next_cursor": None,
            "call_id": call_id,
            "approximate": any(c.asked.estimate for c in found),
            "computed_at": now,
        }
    )


@calls_router.post(
    "/{call_id}/reject",
    response_model=CallOut,
    summary="Reject a call",
    responses=problems(*_USUAL, CallClosed),
)
async def reject(call_id: Id, body: RejectIn, cmd: Dispatching) -> Response:
    """Teams on their way are called back."""
    return json_response(await closing.reject(cmd.uow, cmd.principal, call_id, body))


@calls_router.post(
    "/{call_id}/complete",
    response_model=CallOut,
    summary="Complete a call",
    responses=problems(*_USUAL, CallClosed, CallNotAccepted),
)
async def complete(
    call_id: Id, cmd: Dispatching, body: Annotated[CompleteIn | None, Body()] = None
) -> Response:
    """Its open assignments end with it."""
    return json_response(await closing.complete(cmd.uow, cmd.principal, call_id, body or CompleteIn()))


@router.get(
    "/current",
    response_model=CurrentAssignmentOut,
    summary="The crew's own work now",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def current(
    principal: Annotated[Principal, allowed(Permission.OWN_ACCOUNT)], session: Reads, state: AppState
) -> Response:
    """404 while there is none."""
    found = await queries.current(session, principal)
    await audit.note_read(state.database, principal, "call", found["call_id"], state.clock.now())
    return json_response(found)


@router.get(
    "/{assignment_id}",
    response_model=AssignmentDetailOut,
    summary="One assignment",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def get_assignment(
    assignment_id: Id,
    principal: Annotated[Principal, allowed(Permission.CALLS_READ, Permission.CREW_WORK)],
    session: Reads,
) -> Response:
    """With every entry of its time line."""
    return json_response(await queries.get_assignment(session, principal, assignment_id))


@router.get(
    "/{assignment_id}/route",
    response_model=RouteOut,
    summary="The way of an assignment",
    responses=problems(NotSignedIn, Forbidden, NotFound, AssignmentEnded, CallHasNoPlace),
)
async def route(
    assignment_id: Id,
    principal: Annotated[Principal, allowed(Permission.CALLS_READ, Permission.CREW_WORK)],
    session: Reads,
    state: AppState,
    language: CallerLanguage,
) -> Response:
    """From where the crew is now to where it is due: the call, or the hospital once the patient is aboard.

    The socket tells of a new way (`assignment.route`) when the crew leaves the one that was reckoned.
    """
    await queries.get_assignment(session, principal, assignment_id)
    now = state.clock.now()
    return json_response(await routes.route_of(session, state.region.now, assignment_id, now, language))


@teams_router.get(
    "/{team_id}/route",
    response_model=HomeRouteOut,
    summary="The way of a team to its station",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def route_home(
    team_id: Id,
    principal: Annotated[Principal, allowed(Permission.TEAMS_READ, Permission.CREW_WORK)],
    session: Reads,
    state: AppState,
    language: CallerLanguage,
) -> Response:
    """From where it is now; for a crew without work (one at work has `GET /assignments/{id}/route`).

    A worker asks for the own team.
    """
    await queries.check_team(session, principal, team_id)
    now = state.clock.now()
    return json_response(await routes.route_home(session, state.region.now, team_id, now, language))


@router.post(
    "/{assignment_id}/steps",
    response_model=AssignmentOut,
    summary="Report a step",
    responses=problems(*_USUAL, AssignmentEnded, StepOutOfOrder),
)
async def report_step(assignment_id: Id, body: StepIn, cmd: Crew) -> Response:
    """Skipped steps are filled in, marked as inferred; one reported before changes nothing and is no error."""
    return json_response(await stepping.report_step(cmd.uow, cmd.principal, assignment_id, body))


@router.post(
    "/{assignment_id}/corrections",
    response_model=AssignmentOut,
    summary="Correct a step's time",
    responses=problems(*_USUAL, StepMissing, StepOutOfOrder),
)
async def correct_step(assignment_id: Id, body: CorrectionIn, cmd: Crew) -> Response:
    """A new entry with a reason; nothing is overwritten."""
    return json_response(await stepping.correct_step(cmd.uow, cmd.principal, assignment_id, body))


@router.post(
    "/{assignment_id}/decline",
    response_model=AssignmentOut,
    summary="Decline",
    responses=problems(*_USUAL, AssignmentEnded, PatientReached),
)
async def decline_assignment(
    assignment_id: Id, cmd: Crew, body: Annotated[DeclineIn | None, Body()] = None
) -> Response:
    """Before the patient is reached; the call waits again."""
    return json_response(await losing.decline(cmd.uow, cmd.principal, assignment_id, body or DeclineIn()))


@router.post(
    "/{assignment_id}/trouble",
    response_model=AssignmentOut,
    summary="Report trouble",
    responses=problems(*_USUAL, AssignmentEnded),
)
async def trouble(assignment_id: Id, body: TroubleIn, cmd: Crew) -> Response:
    """The call waits again; a broken car goes out of service and the administrators are told."""
    return json_response(await losing.trouble(cmd.uow, cmd.principal, assignment_id, body))


@router.post(
    "/{assignment_id}/cancel",
    response_model=AssignmentOut,
    summary="Take a team back",
    responses=problems(*_USUAL, AssignmentEnded),
)
async def cancel(
    assignment_id: Id, cmd: Dispatching, body: Annotated[CancelIn | None, Body()] = None
) -> Response:
    return json_response(await losing.cancel(cmd.uow, cmd.principal, assignment_id, body or CancelIn()))
