"""The dispatcher's word on a proposal, and the administrator's on the settings."""

from typing import Any

from brigada.assignments import repository as assignments
from brigada.assignments.models import Assignment
from brigada.auth.principal import Principal
from brigada.calls.intake import locked_call
from brigada.calls.models import Call
from brigada.calls.rules import OPEN
from brigada.dispatch.advice import repository
from brigada.dispatch.advice.errors import ProposalDecided, ProposalStale
from brigada.dispatch.advice.models import Proposal
from brigada.dispatch.advice.schemas import AdviceSettingsIn
from brigada.dispatch.advice.view import proposal_view, settings_view
from brigada.dispatch.assigning import assign
from brigada.dispatch.losing import end
from brigada.dispatch.picture import Locked
from brigada.dispatch.schemas import AssignIn
from brigada.errors import Language, NotFound, Outdated
from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.teams import repository as teams

TOLD = ("dispatcher", "admin")
_TOLD_AS = {"confirmed": "proposal.confirmed", "declined": "proposal.declined"}
DIVERTED = {"ru": "Перенаправлена по предложению", "en": "Diverted as proposed"}


async def confirm(
    uow: UnitOfWork, principal: Principal, proposal_id: int, language: Language
) -> dict[str, Any]:
    """Carry out a proposal, all of it in this transaction.

    1. The proposal's row is locked: of two dispatchers the second sees that it is decided (`ProposalDecided`).
    2. The calls are locked by number, then their assignments, as every command does: against a manual assignment
       whoever locks the call first wins, and the other is refused (`ProposalStale` here, `CallHasTeam` there).
    3. The teams that leave are diverted; a call left without a team waits again, its clock running on.
    4. The teams are sent; one that is busy meanwhile refuses the whole (`TeamBusy`), and nothing is changed.

    Raises:
        NotFound, ProposalDecided, ProposalStale, PatientReached, TeamBusy, TeamNotOnShift, TeamOnBreak.
    """
    proposal = await _open_proposal(uow, proposal_id, language)
    moves = sorted(proposal.moves["items"], key=lambda move: move["call_id"])
    leaving: list[tuple[Call, Assignment]] = []
    for move in moves:
        call = await locked_call(uow, move["call_id"], None)
        active = await assignments.lock_active_of_call(uow.session, call.id)
        leaving += _checked(proposal, move, call, active, language)
    coming = [move for move in moves if move["team_after"] not in (None, move["team_now"])]
    for team_id in sorted({a.team_id for _, a in leaving} | {move["team_after"] for move in coming}):
        await teams.lock(uow.session, team_id)
    for call, assignment in leaving:
        await end(uow, Locked(call, assignment), "diverted", comment=f"{DIVERTED[language]} {proposal.id}")
    for move in coming:
        await assign(uow, principal, move["call_id"], AssignIn(team_id=move["team_after"]))
    return await _decide(uow, principal, proposal, "confirmed", language)


def _checked(
    proposal: Proposal, move: dict[str, Any], call: Call, active: list[Assignment], language: Language
) -> list[tuple[Call, Assignment]]:
    """The assignment of this call that must end. Refuses when the call no longer stands as it did."""
    now, after = move["team_now"], move["team_after"]
    expected = [] if now is None else [now]
    if call.status not in OPEN or [assignment.team_id for assignment in active] != expected:
        raise ProposalStale(call_id=call.id, present=proposal_view(proposal, language))
    return [(call, assignment) for assignment in active if after != now]


async def decline(
    uow: UnitOfWork, principal: Principal, proposal_id: int, language: Language
) -> dict[str, Any]:
    """Leave everything as it is; the same proposal is not made again for a while.

    Raises:
        NotFound, ProposalDecided.
    """
    proposal = await _open_proposal(uow, proposal_id, language)
    return await _decide(uow, principal, proposal, "declined", language)


async def _open_proposal(uow: UnitOfWork, proposal_id: int, language: Language) -> Proposal:
    proposal = await repository.lock_proposal(uow.session, proposal_id)
    if proposal is None:
        raise NotFound
    if proposal.status != "open":
        raise ProposalDecided(present=proposal_view(proposal, language))
    return proposal


async def _decide(
    uow: UnitOfWork, principal: Principal, proposal: Proposal, status: str, language: Language
) -> dict[str, Any]:
    proposal.status, proposal.decided_at, proposal.decided_by = status, uow.now, principal.user_id
    await uow.session.flush()
    uow.record(Event(kind=_TOLD_AS[status], data={"proposal": proposal_view(proposal)}, roles=TOLD))
    return proposal_view(proposal, language)


async def change_settings(uow: UnitOfWork, body: AdviceSettingsIn) -> dict[str, Any]:
    """Set what the optimiser goes by, and what it may send by itself.

    Raises:
        Outdated.
    """
    row = await repository.lock_settings(uow.session)
    if body.version is not None and body.version != row.version:
        raise Outdated(present=settings_view(row))
    old = settings_view(row)
    row.automatic = sorted(set(body.automatic))
    row.weights = [body.weights.critical, body.weights.important, body.weights.common]
    row.late_s, row.switch_s, row.near_patient_s = body.late_s, body.switch_s, body.near_patient_s
    row.equal_gain_s, row.max_switches = body.equal_gain_s, body.max_switches
    row.version += 1
    await uow.session.flush()
    shown = settings_view(row)
    uow.record(Event(kind="advice.settings", data={"settings": shown}, old={"settings": old}, roles=TOLD))
    return shown
