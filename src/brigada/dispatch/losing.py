"""An assignment ends without being done: declined, cancelled, troubled, diverted."""

from typing import Any

from brigada.assignments.errors import AssignmentEnded, PatientReached
from brigada.assignments.rules import Ending, Refuse, decide_ending
from brigada.assignments.view import assignment_view
from brigada.auth.principal import Principal
from brigada.cars import repository as cars
from brigada.cars.service import record_change as record_car_change
from brigada.dispatch.picture import (
    Locked,
    lock_assignment,
    record_assignment,
    record_call_change,
    settle_call,
)
from brigada.dispatch.schemas import CancelIn, DeclineIn, TroubleIn
from brigada.events.unit_of_work import UnitOfWork
from brigada.teams import repository as teams

_REFUSALS = {"ended": AssignmentEnded, "not_before_patient": PatientReached}


async def decline(
    uow: UnitOfWork, principal: Principal, assignment_id: int, body: DeclineIn
) -> dict[str, Any]:
    """The crew can't go; the call waits again unless another team is on it.

    Raises:
        NotFound, Outdated, AssignmentEnded, PatientReached.
    """
    locked = await lock_assignment(uow, principal, assignment_id, body.version)
    comment = " ".join(part for part in (body.reason, body.comment) if part)
    await end(uow, locked, "declined", comment=comment)
    return assignment_view(locked.assignment)


async def cancel(uow: UnitOfWork, principal: Principal, assignment_id: int, body: CancelIn) -> dict[str, Any]:
    """The dispatcher takes the team back (an undo, or it is needed no more).

    Raises:
        NotFound, Outdated, AssignmentEnded.
    """
    locked = await lock_assignment(uow, principal, assignment_id, body.version)
    await end(uow, locked, "cancelled", comment=body.comment)
    return assignment_view(locked.assignment)


async def trouble(
    uow: UnitOfWork, principal: Principal, assignment_id: int, body: TroubleIn
) -> dict[str, Any]:
    """Something befell the crew; a broken car also goes out of service, and the administrators are told.

    Raises:
        NotFound, Outdated, AssignmentEnded.
    """
    locked = await lock_assignment(uow, principal, assignment_id, body.version)
    await end(uow, locked, "troubled", comment=body.comment, trouble_kind=body.kind)
    if body.kind == "car_broken":
        team = await teams.lock(uow.session, locked.assignment.team_id)
        car = await cars.lock(uow.session, team.car_id) if team is not None else None
        if car is not None and car.serviceability != "broken":
            before = car.serviceability
            car.serviceability = "broken"
            await record_car_change(uow, car, {"serviceability": before})
    return assignment_view(locked.assignment)


async def end(
    uow: UnitOfWork, locked: Locked, ending: Ending, *, comment: str, trouble_kind: str | None = None
) -> None:
    """End a locked assignment, settle its call, tell everybody.

    Raises:
        AssignmentEnded, PatientReached: with the present state.
    """
    assignment = locked.assignment
    decision = decide_ending(assignment.status, ending)
    if isinstance(decision, Refuse):
        raise _REFUSALS[decision.reason](present=assignment_view(assignment))
    old = {"assignment": {"id": assignment.id, "status": assignment.status, "version": assignment.version}}
    assignment.status, assignment.ended_at = decision.status, uow.now
    assignment.end_comment, assignment.trouble_kind = comment, trouble_kind
    assignment.version += 1
    kind = await settle_call(uow, locked, completed=False)
    await record_assignment(uow, f"assignment.{ending}", locked, old=old, frees=True)
    if kind is not None:
        await record_call_change(uow, kind, locked.call, before=locked.before, team_ids=())
