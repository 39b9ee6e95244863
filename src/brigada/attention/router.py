"""`/attention`: what asks for attention now, and its rules."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from brigada.attention import repository, service
from brigada.attention.schemas import AttentionList, RuleList, RuleOut, RulePatch
from brigada.auth.errors import CsrfMissing
from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.deps import Command, Id, Reads, allowed, command
from brigada.edge import CommandRoute, json_response
from brigada.errors import Forbidden, NotFound, NotSignedIn, Outdated
from brigada.schema import problems

router = APIRouter(prefix="/attention", tags=["attention"], route_class=CommandRoute)


@router.get(
    "",
    response_model=AttentionList,
    summary="What asks for attention now",
    responses=problems(NotSignedIn, Forbidden),
)
async def open_items(
    principal: Annotated[Principal, allowed(Permission.DISPATCH, Permission.SERVICE_WRITE)], session: Reads
) -> Response:
    """The oldest first; changes come as `attention.raised`, `.moved`, `.escalated`, `.acknowledged`, `.ended`."""
    return json_response({"items": await repository.open_items(session), "next_cursor": None})


@router.post(
    "/{attention_id}/acknowledge",
    status_code=204,
    response_class=Response,
    summary="Say that somebody is on it",
    responses=problems(NotSignedIn, Forbidden, CsrfMissing, NotFound),
)
async def acknowledge(
    attention_id: Id, cmd: Annotated[Command, command(Permission.DISPATCH, Permission.SERVICE_WRITE)]
) -> Response:
    await service.acknowledge(cmd.uow, cmd.principal, attention_id)
    return Response(status_code=204)


@router.get(
    "/rules",
    response_model=RuleList,
    summary="Rules of attention",
    responses=problems(NotSignedIn, Forbidden),
)
async def rules(
    principal: Annotated[Principal, allowed(Permission.DISPATCH, Permission.SERVICE_WRITE)], session: Reads
) -> Response:
    return json_response({"items": await repository.rules(session), "next_cursor": None})


@router.patch(
    "/rules/{code}",
    response_model=RuleOut,
    summary="Change a rule's times",
    responses=problems(NotSignedIn, Forbidden, CsrfMissing, NotFound, Outdated),
)
async def change_rule(
    code: Annotated[str, Path(max_length=40, pattern="^[a-z_]+$")],
    body: RulePatch,
    cmd: Annotated[Command, command(Permission.SERVICE_WRITE)],
) -> Response:
    return json_response(await service.change_rule(cmd.uow, code, body))
