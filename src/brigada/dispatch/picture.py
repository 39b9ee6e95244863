"""What a command on a call sees and tells: locked rows, and the events that describe their change.

Rows are locked in one order everywhere: call, assignment, team, car, workers by number.
"""

from dataclasses import dataclass, field
from typing import Any

from brigada.assignments import repository as assignments
from brigada.assignments.models import Assignment
from brigada.assignments.view import assignment_view
from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.calls.intake import shown_call
from brigada.calls.models import Call
from brigada.calls.rules import status_after_end
from brigada.cars import repository as cars
from brigada.dispatch import repository
from brigada.errors import NotFound, Outdated
from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.teams import repository as teams
from brigada.teams.rules import is_free

TOLD = ("dispatcher", "admin")


@dataclass(slots=True)
class Locked:
    """A call and one of its assignments, both locked, and what the call was when the command began."""

    call: Call
    assignment: Assignment
    crews: frozenset[int] | None = None
    """Teams that are on the call, where the command has seen them under the call's lock."""
    before: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.before = call_partial(self.call)


async def lock_assignment(
    uow: UnitOfWork, principal: Principal, assignment_id: int, version: int | None
) -> Locked:
    """Lock the assignment's call, then the assignment.

    Raises:
        NotFound: absent, or the caller is a worker of another team.
        Outdated: the caller saw an older version.
    """
    found = await repository.lock_with_call(uow.session, assignment_id)
    if found is None:
        raise NotFound
    call, assignment = found
    if not principal.may(Permission.DISPATCH):
        own = await teams.living_team_of_worker(uow.session, principal.id)
        if own != assignment.team_id:
            raise NotFound
    if version is not None and version != assignment.version:
        raise Outdated(present=assignment_view(assignment))
    return Locked(call, assignment)


def _team_sent(assignment: Assignment) -> dict[str, Any]:
    """Return what changes of a team when it is sent; its row and its car's are locked by who sends it."""
    return {
        "id": assignment.team_id,
        "free": False,
        "assignment_id": assignment.id,
        "call_id": assignment.call_id,
    }


async def _team_freed(uow: UnitOfWork, team_id: int) -> dict[str, Any]:
    """Return what changes of a team when it loses its work: a team has one at the most.

    The rows of the team and of its car are locked: whoever changes these at the same time tells of it before or after,
    not across.
    """
    team = await teams.lock(uow.session, team_id)
    car = None if team is None else await cars.lock(uow.session, team.car_id)
    serves = car is not None and car.serviceability == "in_service"
    free = team is not None and is_free(team, busy=False, car_serves=serves, now=uow.now)
    return {"id": team_id, "free": free, "assignment_id": None, "call_id": None}


async def settle_call(uow: UnitOfWork, locked: Locked, *, completed: bool) -> str | None:
    """Bring the call's state in line with its assignments after one of them ended; return the event's kind.

    The call's row is locked, so nobody adds or ends another assignment meanwhile.
    """
    await uow.session.flush()
    call = locked.call
    active = await assignments.lock_active_of_call(uow.session, call.id)
    locked.crews = frozenset(assignment.team_id for assignment in active)
    call.version += 1
    if call.status != "accepted":
        return None
    served = completed or await assignments.any_completed(uow.session, call.id)
    call.status = status_after_end(active_teams=len(active), served=served)
    if call.status == "completed":
        # A crew without a link may have ended its work long before it could say so.
        call.closed_at = await assignments.last_end(uow.session, call.id)
        return "call.completed"
    return "call.waiting_again" if call.status == "new" else None


def call_partial(call: Call) -> dict[str, Any]:
    """Return the fields of a call that assignments change."""
    return {
        "id": call.id,
        "number": call.number,
        "status": call.status,
        "accepted_at": call.accepted_at,
        "closed_at": call.closed_at,
        "version": call.version,
    }


async def record_assignment(
    uow: UnitOfWork, kind: str, locked: Locked, *, old: dict[str, Any], frees: bool, with_call: bool = False
) -> None:
    """Tell the dispatchers and all crews on the call what became of an assignment, its call and its team.

    `old`: what the assignment was, for one that was there before; what the call was is told as well.
    `frees`: the team is free of it now. `with_call`: the crew needs the whole card of the call, which it has just got.
    """
    await uow.session.flush()
    call, assignment = locked.call, locked.assignment
    data: dict[str, Any] = {
        "assignment": assignment_view(assignment),
        "call": await shown_call(uow, call.id) if with_call else call_partial(call),
    }
    if frees or with_call:
        data["team"] = await _team_freed(uow, assignment.team_id) if frees else _team_sent(assignment)
    crews = locked.crews
    if crews is None:
        crews = frozenset(await assignments.active_teams_of_call(uow.session, call.id))
    uow.record(
        Event(
            kind=kind,
            data=data,
            old={"call": locked.before, **old},
            call_id=call.id,
            roles=TOLD,
            team_ids=tuple(sorted(crews | {assignment.team_id})),
        )
    )


async def record_call_change(
    uow: UnitOfWork, kind: str, call: Call, *, before: dict[str, Any], team_ids: tuple[int, ...]
) -> None:
    """Tell of a call's new state; `before` is its `call_partial` of the command's start."""
    await uow.session.flush()
    extra = {
        "reject_reason": call.reject_reason,
        "reject_comment": call.reject_comment,
        "duplicate_of": call.duplicate_of,
    }
    data = {"call": call_partial(call) | (extra if kind == "call.rejected" else {})}
    uow.record(
        Event(kind=kind, data=data, old={"call": before}, call_id=call.id, roles=TOLD, team_ids=team_ids)
    )
