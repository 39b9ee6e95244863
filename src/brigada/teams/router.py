"""`/teams`."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.cars.errors import CarUnserviceable
from brigada.deps import FIRST_LIMIT, AppState, Command, Cursor, Id, Limit, Reads, allowed, command
from brigada.edge import CommandRoute, json_response
from brigada.errors import Forbidden, NotFound, NotSignedIn, Outdated
from brigada.schema import Moment, Version, problems
from brigada.teams import service
from brigada.teams.errors import CarTaken, TeamBusy, TeamNameTaken, TeamNotOnShift, WorkerTaken
from brigada.teams.schemas import TeamIn, TeamList, TeamOut, TeamPatch, VersionIn

router = APIRouter(prefix="/teams", tags=["teams"], route_class=CommandRoute)

Reader = Annotated[Principal, allowed(Permission.TEAMS_READ)]
Editor = Annotated[Command, command(Permission.TEAMS_WRITE)]
Pauser = Annotated[Command, command(Permission.TEAMS_PAUSE)]
SeenVersion = Annotated[VersionIn | None, Body()]


@router.get("", response_model=TeamList, summary="Teams", responses=problems(NotSignedIn, Forbidden))
async def list_teams(
    principal: Reader,
    session: Reads,
    state: AppState,
    free: Annotated[bool | None, Query(description="Can be sent now.")] = None,
    on_shift: Annotated[bool | None, Query()] = None,
    ended: Annotated[bool, Query(description="The ended ones instead of the living.")] = False,
    since: Annotated[Moment | None, Query(alias="from", description="Shift begins at or after.")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="Shift begins before.")] = None,
    limit: Limit = FIRST_LIMIT,
    cursor: Cursor = None,
) -> Response:
    page = await service.list_teams(
        session, state.clock, free=free, on_shift=on_shift, ended=ended, since=since, until=until,
        cursor=cursor, limit=limit,
    )  # fmt: skip
    return json_response(page)


@router.post(
    "",
    status_code=201,
    response_model=TeamOut,
    summary="Form a team",
    responses=problems(NotSignedIn, Forbidden, CarUnserviceable, CarTaken, WorkerTaken, TeamNameTaken),
)
async def form_team(body: TeamIn, cmd: Editor) -> Response:
    """A car and one to four workers for one shift; each of them in at most one living team."""
    return json_response(await service.form_team(cmd.uow, body), 201)


@router.get(
    "/mine",
    response_model=TeamOut,
    summary="The caller's own team",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def own_team(
    principal: Annotated[Principal, allowed(Permission.OWN_ACCOUNT)], session: Reads, state: AppState
) -> Response:
    return json_response(await service.own_team(session, state.clock, principal))


@router.get(
    "/{team_id}",
    response_model=TeamOut,
    summary="One team",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def get_team(team_id: Id, principal: Reader, session: Reads, state: AppState) -> Response:
    return json_response(await service.get_team(session, state.clock, team_id))


@router.patch(
    "/{team_id}",
    response_model=TeamOut,
    summary="Change a team",
    responses=problems(
        NotSignedIn, Forbidden, NotFound, Outdated, CarUnserviceable, CarTaken, WorkerTaken, TeamNameTaken
    ),
)
async def change_team(team_id: Id, body: TeamPatch, cmd: Editor) -> Response:
    return json_response(await service.change_team(cmd.uow, team_id, body))


@router.delete(
    "/{team_id}",
    status_code=204,
    response_class=Response,
    summary="End a team",
    responses=problems(NotSignedIn, Forbidden, NotFound, Outdated, TeamBusy),
)
async def end_team(team_id: Id, cmd: Editor, version: Annotated[Version | None, Query()] = None) -> Response:
    """Its car and workers are free for another team; a team on a call can't be ended."""
    await service.end_team(cmd.uow, team_id, version)
    return Response(status_code=204)


@router.post(
    "/{team_id}/break",
    response_model=TeamOut,
    summary="Start a break",
    responses=problems(NotSignedIn, Forbidden, NotFound, Outdated, TeamBusy, TeamNotOnShift),
)
async def start_break(team_id: Id, cmd: Pauser, body: SeenVersion = None) -> Response:
    return json_response(
        await service.start_break(cmd.uow, cmd.principal, team_id, body.version if body else None)
    )


@router.post(
    "/{team_id}/resume",
    response_model=TeamOut,
    summary="End a break",
    responses=problems(NotSignedIn, Forbidden, NotFound, Outdated),
)
async def end_break(team_id: Id, cmd: Pauser, body: SeenVersion = None) -> Response:
    return json_response(
        await service.end_break(cmd.uow, cmd.principal, team_id, body.version if body else None)
    )
