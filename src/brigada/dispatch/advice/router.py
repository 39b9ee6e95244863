"""`/advice`, `/proposals`, `/coverage`, `/standby`: what the plan says, and the dispatcher's word on it."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from brigada.assignments.errors import AssignmentEnded, PatientReached
from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.calls.errors import CallClosed, CallHasTeam
from brigada.deps import AppState, CallerLanguage, Command, Id, QueryId, Reads, allowed, command
from brigada.dispatch.advice import coverage, deciding, repository
from brigada.dispatch.advice.errors import ProposalDecided, ProposalStale
from brigada.dispatch.advice.schemas import (
    AdviceList,
    AdviceSettingsIn,
    AdviceSettingsOut,
    CoverageOut,
    ProposalOut,
    StandbyOut,
)
from brigada.dispatch.advice.view import advice_view, presets_view, proposal_view, settings_view
from brigada.edge import CommandRoute, json_response
from brigada.errors import Forbidden, NotFound, NotSignedIn, Outdated
from brigada.schema import problems
from brigada.teams.errors import TeamBusy, TeamNotOnShift, TeamOnBreak

router = APIRouter(tags=["advice"], route_class=CommandRoute)

Looks = Annotated[Principal, allowed(Permission.CALLS_READ)]
Dispatching = Annotated[Command, command(Permission.DISPATCH)]
Administering = Annotated[Command, command(Permission.SERVICE_WRITE)]
_DECIDED = (NotSignedIn, Forbidden, NotFound, ProposalDecided)


@router.get(
    "/advice",
    response_model=AdviceList,
    summary="Whom to send, for every open call",
    responses=problems(NotSignedIn, Forbidden),
)
async def get_advice(_: Looks, session: Reads, language: CallerLanguage) -> Response:
    """Solved anew after each event and every minute; nothing is sent by it."""
    items = await repository.current(session)
    numbers = {call.id: call.number for call in await repository.open_calls(session)}
    settings = await repository.settings(session)
    return json_response(
        {
            "items": [advice_view(item, language, numbers) for item in items],
            "proposals": [proposal_view(p, language) for p in await repository.proposals_open(session)],
            "computed_at": max((item.computed_at for item in items), default=None),
            "automatic": settings.automatic,
        }
    )


@router.post(
    "/proposals/{proposal_id}/confirm",
    response_model=ProposalOut,
    summary="Carry out a proposal",
    responses=problems(
        *_DECIDED, ProposalStale, PatientReached, AssignmentEnded, CallClosed, CallHasTeam, TeamBusy,
        TeamNotOnShift, TeamOnBreak,
    ),
)  # fmt: skip
async def confirm(proposal_id: Id, cmd: Dispatching, language: CallerLanguage) -> Response:
    """All moves or none; a call that loses its team waits again and its clock runs on."""
    return json_response(await deciding.confirm(cmd.uow, cmd.principal, proposal_id, language))


@router.post(
    "/proposals/{proposal_id}/decline",
    response_model=ProposalOut,
    summary="Decline a proposal",
    responses=problems(*_DECIDED),
)
async def decline(proposal_id: Id, cmd: Dispatching, language: CallerLanguage) -> Response:
    """The same one is not made again for ten minutes."""
    return json_response(await deciding.decline(cmd.uow, cmd.principal, proposal_id, language))


@router.get(
    "/advice/settings",
    response_model=AdviceSettingsOut,
    summary="Settings of the advice",
    responses=problems(NotSignedIn, Forbidden),
)
async def get_settings(
    _: Annotated[Principal, allowed(Permission.CALLS_READ, Permission.SERVICE_WRITE)], session: Reads
) -> Response:
    return json_response(settings_view(await repository.settings(session)) | {"presets": presets_view()})


@router.put(
    "/advice/settings",
    response_model=AdviceSettingsOut,
    summary="Change the settings of the advice",
    responses=problems(NotSignedIn, Forbidden, Outdated),
)
async def put_settings(body: AdviceSettingsIn, cmd: Administering) -> Response:
    """Automatic sending is off unless a criticality is named here. The figures of a preset are in the answer."""
    return json_response(await deciding.change_settings(cmd.uow, body) | {"presets": presets_view()})


@router.get(
    "/coverage",
    response_model=CoverageOut,
    summary="What the free teams cover now",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def get_coverage(
    _: Looks,
    session: Reads,
    state: AppState,
    without: Annotated[
        list[QueryId],
        Query(max_length=10, description="Preview: what is left if this team is sent; one for each team."),
    ] = [],  # noqa: B006 -- FastAPI copies it
    within_s: Annotated[
        float | None,
        Query(
            ge=60,
            le=7200,
            allow_inf_nan=False,
            description="Seconds of turnout and drive that count as in time.",
        ),
    ] = None,
) -> Response:
    """Squares of about a kilometre with their demand at this hour, one number, and the five barest districts.

    Without `within_s` the norm of the most urgent calls says what is in time.
    """
    region, now = state.region.now, state.clock.now()
    found = await state.coverages.coverage(
        session, region.roads, now, without=without, within_s=within_s, geocoder=region.geocoder
    )
    return json_response(found)


@router.get(
    "/teams/{team_id}/standby",
    response_model=StandbyOut,
    summary="Where a free team should wait",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def get_standby(team_id: Id, _: Looks, session: Reads, state: AppState) -> Response:
    """Stations by the coverage that they would add."""
    roads, now = state.region.now.roads, state.clock.now()
    return json_response(await coverage.standby_of(session, roads, now, team_id))
