"""Send a team to a call."""

from typing import Any

from brigada.assignments import repository as assignments
from brigada.assignments.models import Assignment, Milestone
from brigada.assignments.view import assignment_view
from brigada.auth.principal import Principal
from brigada.calls.errors import CallClosed, CallHasTeam
from brigada.calls.intake import locked_call, shown_call
from brigada.calls.rules import why_not_assign
from brigada.cars import repository as cars
from brigada.cars.errors import CarUnserviceable
from brigada.cars.models import LatestPosition
from brigada.dispatch.candidates.service import NO_ADVICE, Advice, advice_for
from brigada.dispatch.picture import Locked, record_assignment
from brigada.dispatch.schemas import AssignIn
from brigada.errors import NotFound
from brigada.events.unit_of_work import UnitOfWork
from brigada.regions.live import Loaded
from brigada.teams import repository as teams
from brigada.teams.errors import TeamBusy, TeamNotOnShift, TeamOnBreak
from brigada.teams.models import Team
from brigada.teams.rules import why_not_free

_REFUSALS = {
    "busy": TeamBusy,
    "not_on_shift": TeamNotOnShift,
    "on_break": TeamOnBreak,
    "car_unserviceable": CarUnserviceable,
}


async def assign(
    uow: UnitOfWork, principal: Principal, call_id: int, body: AssignIn, region: Loaded | None = None
) -> dict[str, Any]:
    """Send a team to a call; return the new assignment. What the advice was is kept beside it.

    1. The call's row is locked: of two dispatchers the second waits, then sees the first one's team (`CallHasTeam`
       says who sent it and when).
    2. The team's row is locked: of two calls that want it the second sees that it is busy (`TeamBusy`).
    3. Behind both stands the partial unique index on a team's active assignment.

    Raises:
        NotFound: no such call.
        Outdated: the call has changed since the caller saw it.
        CallClosed, CallHasTeam, TeamBusy, TeamNotOnShift, TeamOnBreak, CarUnserviceable: with the present state.
    """
    # Before any row is locked: the roads are asked here, and nobody waits for them.
    advice = NO_ADVICE
    if region is not None:
        advice = await advice_for(uow.session, region, call_id=call_id, team_id=body.team_id, now=uow.now)
    call = await locked_call(uow, call_id, body.version)
    active = await assignments.lock_active_of_call(uow.session, call_id)
    refusal = why_not_assign(call.status, active_teams=len(active), additional=body.additional)
    if refusal == "closed":
        raise CallClosed(present=await shown_call(uow, call_id))
    if refusal == "has_team":
        raise CallHasTeam(present=await shown_call(uow, call_id))
    team = await _free_team(uow, body.team_id)
    crews = frozenset(assignment.team_id for assignment in active)
    locked = Locked(call, await _insert(uow, principal, call_id, team, advice), crews)
    call.status = "accepted"
    call.accepted_at = call.accepted_at or uow.now
    call.version += 1
    await record_assignment(uow, "assignment.created", locked, old={}, frees=False, with_call=True)
    return assignment_view(locked.assignment)


async def _free_team(uow: UnitOfWork, team_id: int) -> Team:
    team = await teams.lock(uow.session, team_id)
    if team is None:
        raise NotFound
    busy = await assignments.active_of_team(uow.session, team_id)
    car = await cars.lock(uow.session, team.car_id)
    serves = car is not None and car.serviceability == "in_service"
    refusal = why_not_free(team, busy=busy is not None, car_serves=serves, now=uow.now)
    if refusal is not None:
        raise _REFUSALS[refusal](present=await teams.view(uow.session, team_id, uow.now))
    return team


async def _insert(
    uow: UnitOfWork, principal: Principal, call_id: int, team: Team, advice: Advice
) -> Assignment:
    where = await uow.session.get(LatestPosition, team.car_id)
    assignment = Assignment(
        call_id=call_id,
        team_id=team.id,
        status="assigned",
        assigned_by=principal.user_id,
        assigned_at=uow.now,
        start_lat=where.lat if where else None,
        start_lon=where.lon if where else None,
        end_comment="",
        advice_team_id=advice.first_team_id,
        advice_cost_s=advice.cost_s,
        eta_s=advice.eta_s,
        outcome="",
        version=1,
    )
    uow.session.add(assignment)
    await uow.session.flush()
    uow.session.add(
        Milestone(
            assignment_id=assignment.id, step="assigned", at=uow.now, device_at=None, recorded_at=uow.now,
            actor_id=principal.user_id, source="dispatcher", reason="",
        )
    )  # fmt: skip
    return assignment
