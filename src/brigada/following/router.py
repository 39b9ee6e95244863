"""`GET /assignments/{id}/gps`: steps as the positions tell them, beside the declared ones."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import AwareDatetime

from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.deps import Id, Reads, allowed
from brigada.dispatch.queries import get_assignment
from brigada.edge import CommandRoute, json_response
from brigada.errors import Forbidden, NotFound, NotSignedIn
from brigada.following import service
from brigada.schema import View, problems

router = APIRouter(prefix="/assignments", tags=["assignments"], route_class=CommandRoute)


class GpsStepOut(View):
    """A step as the positions tell it; `declared_at` is what the crew said, None while it has not."""

    step: str
    at: AwareDatetime
    noticed_at: AwareDatetime
    distance_m: float
    accuracy_m: float | None
    declared_at: AwareDatetime | None


class GpsStepList(View):
    items: list[GpsStepOut]
    next_cursor: str | None


@router.get(
    "/{assignment_id}/gps",
    response_model=GpsStepList,
    summary="Steps as the positions tell them",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def gps(
    assignment_id: Id,
    principal: Annotated[Principal, allowed(Permission.CALLS_READ, Permission.CREW_WORK)],
    session: Reads,
) -> Response:
    """Proposed by the event `assignment.proposed`; a step counts when somebody reports it (`source: gps`)."""
    assignment = await get_assignment(session, principal, assignment_id)
    items = [
        {**step, "declared_at": assignment["milestones"][f"{step['step']}_at"]}
        for step in await service.gps_steps(session, assignment_id)
    ]
    return json_response({"items": items, "next_cursor": None})
