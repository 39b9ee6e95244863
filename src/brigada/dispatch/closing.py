"""A dispatcher closes a call: completes it, or rejects it with a reason."""

from typing import Any

from brigada.assignments import repository as assignments
from brigada.assignments.models import Assignment, Milestone
from brigada.assignments.rules import BEFORE_PATIENT
from brigada.auth.principal import Principal
from brigada.calls import repository as calls
from brigada.calls.errors import CallClosed, CallNotAccepted
from brigada.calls.intake import locked_call, shown_call
from brigada.calls.models import Call
from brigada.calls.rules import OPEN, why_not_complete
from brigada.calls.schemas import CompleteIn, RejectIn
from brigada.dispatch.picture import Locked, call_partial, record_assignment, record_call_change
from brigada.errors import Invalid
from brigada.events.unit_of_work import UnitOfWork


async def complete(uow: UnitOfWork, principal: Principal, call_id: int, body: CompleteIn) -> dict[str, Any]:
    """Complete a call. Its open assignments end with it: at the patient or later as completed, before as cancelled.

    Raises:
        NotFound, Outdated, CallClosed, CallNotAccepted.
    """
    call = await locked_call(uow, call_id, body.version)
    refusal = why_not_complete(call.status)
    if refusal == "closed":
        raise CallClosed(present=await shown_call(uow, call_id))
    if refusal is not None:
        raise CallNotAccepted(present=await shown_call(uow, call_id))
    before = call_partial(call)
    told = await _end_all(uow, principal, call, body.comment)
    call.status, call.closed_at = "completed", uow.now
    call.version += 1
    await record_call_change(uow, "call.completed", call, before=before, team_ids=told)
    return await shown_call(uow, call_id)


async def reject(uow: UnitOfWork, principal: Principal, call_id: int, body: RejectIn) -> dict[str, Any]:
    """Reject a call with a reason; the teams on their way are called back.

    Raises:
        NotFound, Outdated, CallClosed.
        Invalid: it can't be a duplicate of itself, nor of a call that is not there.
    """
    call = await locked_call(uow, call_id, body.version)
    if call.status not in OPEN:
        raise CallClosed(present=await shown_call(uow, call_id))
    if body.duplicate_of is not None and (
        body.duplicate_of == call_id or await calls.view(uow.session, body.duplicate_of) is None
    ):
        raise Invalid.field(
            "body", "duplicate_of", code="unknown", ru="Нет такого вызова.", en="There is no such call."
        )
    before = call_partial(call)
    told = await _end_all(uow, principal, call, body.comment)
    call.status, call.closed_at = "rejected", uow.now
    call.reject_reason, call.reject_comment, call.duplicate_of = body.reason, body.comment, body.duplicate_of
    call.version += 1
    await record_call_change(uow, "call.rejected", call, before=before, team_ids=told)
    return await shown_call(uow, call_id)


async def _end_all(uow: UnitOfWork, principal: Principal, call: Call, comment: str) -> tuple[int, ...]:
    """End the call's active assignments; return their teams."""
    active = await assignments.lock_active_of_call(uow.session, call.id)
    for assignment in active:
        old = {
            "assignment": {"id": assignment.id, "status": assignment.status, "version": assignment.version}
        }
        reached = assignment.status not in BEFORE_PATIENT
        if reached:
            _complete_by_dispatcher(uow, principal, assignment)
        assignment.status = "completed" if reached else "cancelled"
        assignment.ended_at, assignment.end_comment = uow.now, comment[:500]
        assignment.version += 1
        kind = "assignment.completed" if reached else "assignment.cancelled"
        await record_assignment(uow, kind, Locked(call, assignment), old=old, frees=True)
    return tuple(assignment.team_id for assignment in active)


def _complete_by_dispatcher(uow: UnitOfWork, principal: Principal, assignment: Assignment) -> None:
    assignment.completed_at = uow.now
    uow.session.add(
        Milestone(
            assignment_id=assignment.id, step="completed", at=uow.now, device_at=None, recorded_at=uow.now,
            actor_id=principal.user_id, source="dispatcher", reason="",
        )
    )  # fmt: skip
