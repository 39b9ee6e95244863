"""What a crew reports: the steps of its work, and corrections of their times."""

from typing import Any

from brigada.assignments import repository as assignments
from brigada.assignments.errors import AssignmentEnded, StepMissing, StepOutOfOrder
from brigada.assignments.models import Assignment, Milestone
from brigada.assignments.rules import Do, Entry, Precise, Refuse, Same, decide_correction, decide_step
from brigada.assignments.view import assignment_view, milestones_of
from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.dispatch.picture import (
    Locked,
    lock_assignment,
    record_assignment,
    record_call_change,
    settle_call,
)
from brigada.dispatch.schemas import CorrectionIn, StepIn
from brigada.errors import Invalid
from brigada.events.unit_of_work import UnitOfWork
from brigada.kit.changes import apply_changes
from brigada.stations.models import Hospital
from brigada.stations.repository import get as get_place

_REFUSALS = {"ended": AssignmentEnded, "out_of_order": StepOutOfOrder, "step_missing": StepMissing}


async def report_step(
    uow: UnitOfWork, principal: Principal, assignment_id: int, body: StepIn
) -> dict[str, Any]:
    """Write down a step of the crew; return the assignment.

    Steps skipped before it are filled in, marked as inferred. A step reported before is no error and changes nothing,
    but for the hospital and the outcome: a crew may tap first and say where to afterwards.
    The last active assignment's completion completes the call.

    Raises:
        NotFound: absent, or another team's.
        Outdated, AssignmentEnded, StepOutOfOrder: with the present state.
    """
    locked = await lock_assignment(uow, principal, assignment_id, body.version)
    assignment = locked.assignment
    milestones = milestones_of(assignment)
    inferred: frozenset[str] = frozenset()
    if milestones[body.step] is not None:  # only then it matters whether the crew told it or a later step did
        inferred = await assignments.inferred_steps(uow.session, assignment_id)
    decision = decide_step(assignment.status, milestones, inferred, body.step, body.occurred_at, uow.now)
    if isinstance(decision, Refuse):
        raise _REFUSALS[decision.reason](present=assignment_view(assignment))
    before = {"status": assignment.status, "version": assignment.version}
    said = await _take_what_is_said(uow, assignment, body)
    if isinstance(decision, Same):
        if said:
            await _record_correction(uow, locked, {"version": before["version"], **said})
        return assignment_view(assignment)
    if isinstance(decision, Precise):
        entry = Entry(decision.step, decision.at, inferred=False)
        await _correct(uow, principal, locked, entry, body, reason="reported later", said=said)
        return assignment_view(assignment)
    _write(uow, principal, assignment, decision, body)
    assignment.version += 1
    await _finish(uow, locked, {"assignment": {"id": assignment.id, **before}})
    return assignment_view(assignment)


async def _take_what_is_said(uow: UnitOfWork, assignment: Assignment, body: StepIn) -> dict[str, Any]:
    """Set the hospital and the outcome that a report names; return what was there, of those that differ.

    Raises:
        Invalid: no such hospital.
    """
    said: dict[str, Any] = {}
    if body.hospital_id is not None and body.hospital_id != assignment.hospital_id:
        if await get_place(uow.session, Hospital, body.hospital_id) is None:
            raise Invalid.field(
                "body",
                "hospital_id",
                code="unknown",
                ru="Нет такого стационара.",
                en="There is no such hospital.",
            )
        said["hospital_id"] = body.hospital_id
    if body.outcome:
        said["outcome"] = body.outcome
    old, _ = apply_changes(assignment, said)
    return old


def _write(uow: UnitOfWork, principal: Principal, assignment: Assignment, decision: Do, body: StepIn) -> None:
    for entry in decision.entries:
        setattr(assignment, f"{entry.step}_at", entry.at)
        uow.session.add(
            Milestone(
                assignment_id=assignment.id,
                step=entry.step,
                at=entry.at,
                device_at=None if entry.inferred else body.occurred_at,
                recorded_at=uow.now,
                actor_id=principal.user_id,
                source="inferred" if entry.inferred else _source(principal, body),
                reason="",
            )
        )
    assignment.status = decision.status
    if decision.status == "completed":
        assignment.ended_at = assignment.completed_at


def _source(principal: Principal, body: StepIn) -> str:
    return "dispatcher" if principal.may(Permission.DISPATCH) and body.source == "tap" else body.source


async def _finish(uow: UnitOfWork, locked: Locked, old: dict[str, Any]) -> None:
    """Settle the call and tell everybody."""
    ended = locked.assignment.status == "completed"
    kind = None
    if ended:
        kind = await settle_call(uow, locked, completed=True)
    else:
        locked.call.version += 1
    await record_assignment(
        uow, "assignment.completed" if ended else "assignment.step", locked, old=old, frees=ended
    )
    if kind is not None:
        team_ids = (locked.assignment.team_id,)
        await record_call_change(uow, kind, locked.call, before=locked.before, team_ids=team_ids)


async def correct_step(
    uow: UnitOfWork, principal: Principal, assignment_id: int, body: CorrectionIn
) -> dict[str, Any]:
    """Put a milestone's time right: a new entry with a reason; the first one stays in the time line.

    Raises:
        NotFound, Outdated.
        StepMissing: it has not happened.
        StepOutOfOrder: the time does not lie between its neighbours.
    """
    locked = await lock_assignment(uow, principal, assignment_id, body.version)
    assignment = locked.assignment
    decision = decide_correction(milestones_of(assignment), body.step, body.occurred_at, uow.now)
    if isinstance(decision, Refuse):
        raise _REFUSALS[decision.reason](present=assignment_view(assignment))
    await _correct(uow, principal, locked, decision.entries[0], body, reason=body.reason)
    return assignment_view(assignment)


async def _correct(
    uow: UnitOfWork,
    principal: Principal,
    locked: Locked,
    entry: Entry,
    body: StepIn | CorrectionIn,
    *,
    reason: str,
    said: dict[str, Any] | None = None,
) -> None:
    """Write another time of a step; `said` is what stood where the same report has put something else."""
    assignment = locked.assignment
    version = assignment.version
    before = getattr(assignment, f"{entry.step}_at")
    first = await assignments.first_milestone_id(uow.session, assignment.id, entry.step)
    uow.session.add(
        Milestone(
            assignment_id=assignment.id,
            step=entry.step,
            at=entry.at,
            device_at=body.occurred_at,
            recorded_at=uow.now,
            actor_id=principal.user_id,
            source=_source(principal, body) if isinstance(body, StepIn) else _who(principal),
            corrects=first,
            reason=reason,
        )
    )
    setattr(assignment, f"{entry.step}_at", entry.at)
    if entry.step == "completed":
        assignment.ended_at = entry.at
        await uow.session.flush()
        if locked.call.status == "completed":
            locked.call.closed_at = await assignments.last_end(uow.session, locked.call.id)
    was = {"version": version, "milestones": {f"{entry.step}_at": before}, **(said or {})}
    await _record_correction(uow, locked, was)


async def _record_correction(uow: UnitOfWork, locked: Locked, was: dict[str, Any]) -> None:
    assignment = locked.assignment
    assignment.version += 1
    locked.call.version += 1
    old = {"assignment": {"id": assignment.id, **was}}
    await record_assignment(uow, "assignment.corrected", locked, old=old, frees=False)


def _who(principal: Principal) -> str:
    return "dispatcher" if principal.may(Permission.DISPATCH) else "tap"
