"""`/users`: accounts."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.auth.schemas import Role
from brigada.deps import FIRST_LIMIT, AppState, Command, Cursor, Id, Limit, QueryText, Reads, allowed, command
from brigada.edge import CommandRoute, json_response
from brigada.errors import Forbidden, NotFound, NotSignedIn, Outdated
from brigada.schema import problems
from brigada.users import service
from brigada.users.errors import LastAdministrator, LoginTaken, UserOnTeam
from brigada.users.schemas import UserIn, UserList, UserOut, UserPatch

router = APIRouter(prefix="/users", tags=["users"], route_class=CommandRoute)


@router.get("", response_model=UserList, summary="Accounts", responses=problems(NotSignedIn, Forbidden))
async def list_users(
    principal: Annotated[Principal, allowed(Permission.USERS_READ)],
    session: Reads,
    role: Annotated[Role | None, Query()] = None,
    free: Annotated[bool | None, Query(description="Workers on no living team, or on one.")] = None,
    active: Annotated[bool | None, Query()] = None,
    q: Annotated[QueryText | None, Query(description="Part of a name or login.")] = None,
    limit: Limit = FIRST_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Accounts by surname."""
    page = await service.list_users(
        session, role=role, free=free, q=q, active=active, cursor=cursor, limit=limit
    )
    return json_response(page)


@router.post(
    "",
    status_code=201,
    response_model=UserOut,
    summary="Add an account",
    responses=problems(NotSignedIn, Forbidden, LoginTaken),
)
async def add_user(
    body: UserIn, state: AppState, cmd: Annotated[Command, command(Permission.USERS_WRITE)]
) -> Response:
    return json_response(await service.add_user(cmd.uow, state.passwords, body), 201)


@router.get(
    "/{user_id}",
    response_model=UserOut,
    summary="One account",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def get_user(
    user_id: Id, principal: Annotated[Principal, allowed(Permission.USERS_READ)], session: Reads
) -> Response:
    return json_response(await service.get_user(session, user_id))


@router.patch(
    "/{user_id}",
    response_model=UserOut,
    summary="Change an account",
    responses=problems(NotSignedIn, Forbidden, NotFound, Outdated, LoginTaken, LastAdministrator, UserOnTeam),
)
async def change_user(
    user_id: Id, body: UserPatch, state: AppState, cmd: Annotated[Command, command(Permission.USERS_WRITE)]
) -> Response:
    """A deactivation, a new role or a new password ends the account's sessions at once."""
    return json_response(await service.change_user(cmd.uow, state.passwords, user_id, body))


@router.delete(
    "/{user_id}",
    status_code=204,
    response_class=Response,
    summary="Delete an account",
    responses=problems(NotSignedIn, Forbidden, NotFound, LastAdministrator, UserOnTeam),
)
async def delete_user(user_id: Id, cmd: Annotated[Command, command(Permission.USERS_WRITE)]) -> Response:
    """It can't sign in any more and its login is free; what it did stays in history."""
    await service.delete_user(cmd.uow, user_id)
    return Response(status_code=204)


@router.delete(
    "/{user_id}/sessions",
    status_code=204,
    response_class=Response,
    summary="End all sessions of an account",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def end_user_sessions(
    user_id: Id, cmd: Annotated[Command, command(Permission.USERS_WRITE)]
) -> Response:
    """A lost phone or tablet is signed out at once; the person signs in again with the same password."""
    await service.end_user_sessions(cmd.uow, user_id)
    return Response(status_code=204)
