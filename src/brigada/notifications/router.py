"""`/notifications`: the caller's own."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.deps import FIRST_LIMIT, Command, Cursor, Id, Limit, Reads, allowed, command
from brigada.edge import CommandRoute, json_response
from brigada.errors import Forbidden, NotFound, NotSignedIn
from brigada.notifications import service
from brigada.schema import View, problems

router = APIRouter(prefix="/notifications", tags=["notifications"], route_class=CommandRoute)

Owner = Annotated[Command, command(Permission.NOTIFICATIONS_OWN)]


class NotificationOut(View):
    """What one person was told. Names the call and the team, never the patient."""

    id: int
    kind: str
    call_id: int | None
    team_id: int | None
    data: dict[str, Any]
    created_at: AwareDatetime
    read_at: AwareDatetime | None


class NotificationList(View):
    items: list[NotificationOut]
    next_cursor: str | None


@router.get(
    "",
    response_model=NotificationList,
    summary="Own notifications",
    responses=problems(NotSignedIn, Forbidden),
)
async def own_notifications(
    principal: Annotated[Principal, allowed(Permission.NOTIFICATIONS_OWN)],
    session: Reads,
    unread: Annotated[bool, Query(description="Only those not read.")] = False,
    limit: Limit = FIRST_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """The latest first."""
    return json_response(await service.own(session, principal, unread=unread, cursor=cursor, limit=limit))


@router.post(
    "/{notification_id}/read",
    status_code=204,
    response_class=Response,
    summary="Mark as read",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def mark_notification_read(notification_id: Id, cmd: Owner) -> Response:
    await service.read(cmd.uow, cmd.principal, notification_id)
    return Response(status_code=204)


@router.delete(
    "/{notification_id}",
    status_code=204,
    response_class=Response,
    summary="Put away",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def put_notification_away(notification_id: Id, cmd: Owner) -> Response:
    await service.put_away(cmd.uow, cmd.principal, notification_id)
    return Response(status_code=204)
