"""Keeps the advice current: solves anew when something happened, and every minute, in one process of many."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from sqlalchemy.exc import DBAPIError

from brigada.auth.principal import Principal
from brigada.db.engine import ReadSession, WriteSession
from brigada.db.leader import Chore
from brigada.dispatch.advice import repository
from brigada.dispatch.advice.models import Advice, AdviceSettings, Proposal
from brigada.dispatch.advice.picture import Picture, optimiser_settings, take
from brigada.dispatch.advice.settling import SECOND_LOOK, TwoLooks
from brigada.dispatch.advice.view import proposal_view
from brigada.dispatch.assigning import assign
from brigada.dispatch.optimiser.recommendation import Candidate, Recommendation, recommend
from brigada.dispatch.optimiser.recommendation import Proposal as Change
from brigada.dispatch.optimiser.state import OpenCall, Stage
from brigada.dispatch.schemas import AssignIn
from brigada.edge import met_a_lock
from brigada.errors import Problem
from brigada.events.log import Event, StoredEvent, position, read_after
from brigada.events.unit_of_work import UnitOfWork
from brigada.state import State

LOOK_EVERY_S = 1.0
"""How soon after an event the plan is solved anew, at the latest."""
SOLVE_EVERY_S = 60.0
"""Ages, arrivals and positions change without an event: the guide asks for a new plan each minute."""
AWAKENING = ("call.", "assignment.", "team.", "car.", "advice.settings")
"""Kinds of events after which the plan may be another one."""
QUIET = frozenset({"assignment.corrected"})
ARRIVALS = {"assignment.arrival": "assignment", "assignment.route": "route"}
"""Kinds of events that tell of another arrival, and where in their data it stands."""
ARRIVAL_MOVED = timedelta(minutes=2)
"""An arrival that differs by more from what the plan went by asks for another plan; crews tell of a minute."""
LISTED = 20
"""Candidates kept for a call: the screen shows three, an override is nearly always among these."""
FORGET_REFUSAL = timedelta(minutes=10)
"""A proposal that was declined is not made again for so long."""
TOLD = ("dispatcher", "admin")
READ_AT_ONCE = 500

AUTOMATON = Principal("token", 0, "", frozenset(), "Автоматика", "ru", None, None)
"""Whoever sends a team where an administrator has switched that on: nobody by name."""

_log = structlog.get_logger(__name__)


def chores(state: State) -> tuple[Chore, ...]:
    """The advice as a chore of the leader, unless the settings switch it off."""
    if not state.settings.advice:
        return ()
    return (Chore("advice", LOOK_EVERY_S, AdviceWatch(state).turn),)


class AdviceWatch:
    """What one leader remembers between its turns: the last event seen, when it solved, which arrivals it went by."""

    def __init__(self, state: State, *, second_look: timedelta = SECOND_LOOK) -> None:
        self._state = state
        self._looks = TwoLooks(second_look)
        self._seq: int | None = None
        self._solved_at: datetime | None = None
        self._arrivals: dict[int, datetime] = {}

    async def turn(self) -> None:
        """Look for events; solve if one asks for it, a proposal waits for its second look, or a minute has passed."""
        now = self._state.clock.now()
        stale = self._solved_at is None or (now - self._solved_at).total_seconds() >= SOLVE_EVERY_S
        if await self._awakened() or stale or self._looks.due(now):
            self._solved_at = None  # until it is stored: a turn that fails is made up for by the next one
            try:
                await self.solve()
            except DBAPIError as error:
                if not met_a_lock(error):
                    raise
                _log.info("plan_gave_way_to_a_command")
                return
            self._solved_at = now

    async def _awakened(self) -> bool:
        database = self._state.database
        if self._seq is None:
            self._seq = (await position(database)).seq
            return True
        found = False
        while events := await read_after(database, self._seq, limit=READ_AT_ONCE):
            self._seq = events[-1].seq
            found = found or any(self._asks(event) for event in events)
        return found

    def _asks(self, event: StoredEvent) -> bool:
        """Whether the plan may be another one after this."""
        if event.kind not in ARRIVALS:
            return event.kind.startswith(AWAKENING) and event.kind not in QUIET
        told = msgspec.json.decode(event.data)[ARRIVALS[event.kind]]["arrives_at"]
        expected = [self._arrivals[team] for team in event.team_ids if team in self._arrivals]
        return any(abs(datetime.fromisoformat(told) - at) > ARRIVAL_MOVED for at in expected)

    async def solve(self) -> Recommendation:
        """One plan: read, solve, store, tell; then send what may be sent without asking."""
        state = self._state
        now = state.clock.now()
        async with state.database.read() as session:
            settings = await repository.settings(session)
            picture = await take(session, state.region.now.roads, now)
            declined = await repository.settled(session, declined=now - FORGET_REFUSAL, confirmed=now)
        self._arrivals = picture.arrivals(now)
        plan = await asyncio.to_thread(recommend, picture.state, optimiser_settings(settings))
        changes = await asyncio.to_thread(plan.proposals)
        fresh = await asyncio.to_thread(_advices, picture, plan, changes, now, declined)
        agreed = self._looks.look([fingerprint(change) for change in changes], now)
        async with state.unit_of_work() as uow:
            await _store(uow, picture, changes, fresh, taken_at=now, agreed=agreed)
            await uow.commit()
        await self._send_automatically(settings, picture, plan)
        return plan

    async def _send_automatically(
        self, settings: AdviceSettings, picture: Picture, plan: Recommendation
    ) -> None:
        stages = {team.id: team.stage for team in picture.state.teams}
        for call_id, team_id in plan.assignment_without_switches().items():
            call = picture.calls[call_id]
            if call.status != "new" or call.criticality not in settings.automatic or team_id is None:
                continue
            if stages[team_id] is not Stage.FREE:
                continue
            async with self._state.unit_of_work() as uow:
                try:
                    await assign(uow, AUTOMATON, call_id, AssignIn(team_id=team_id))
                    await uow.commit()
                except Problem as problem:  # somebody was quicker: the next turn sees it
                    _log.info("automatic_assignment_refused", call_id=call_id, code=problem.code)


async def _store(
    uow: UnitOfWork, picture: Picture, changes: Sequence[Change], advices: Sequence[Advice], *, taken_at: datetime,
    agreed: Collection[str],
) -> None:  # fmt: skip
    """Write the advice of each call, what dispatchers chose meanwhile, and the proposals; tell what changed.

    1. The open proposals are locked, first of all, as a confirmation locks its proposal before calls and teams.
    2. A proposal that is being decided is left alone (`SKIP LOCKED`): a dispatcher goes before a plan.
    3. The picture is of `taken_at`. What was confirmed since is not proposed again from it.
    4. Only proposals that looks in a row agree on (`agreed`) are made; one that holds no more is withdrawn at once.
    """
    session, now = uow.session, uow.now
    idle = await repository.lock_idle_proposals(session)
    standing = {advice.call_id: advice for advice in await repository.current(session)}
    await _note_choices(session, standing)
    changed: list[dict[str, Any]] = []
    for fresh in advices:
        call_id = fresh.call_id
        old = standing.pop(call_id, None)
        if (
            old is not None
            and old.chosen_at is None
            and (old.team_id, old.kind) == (fresh.team_id, fresh.kind)
        ):
            old.eta_s, old.late, old.approximate = fresh.eta_s, fresh.late, fresh.approximate
            old.candidates, old.computed_at = fresh.candidates, now
            continue
        if old is not None:
            old.superseded_at = now
            await session.flush()
        session.add(fresh)
        changed.append(
            {"call_id": call_id, "kind": fresh.kind, "team_id": fresh.team_id, "eta_s": fresh.eta_s}
        )
    for gone in standing.values():
        gone.superseded_at = now
        changed.append({"call_id": gone.call_id, "kind": None, "team_id": None, "eta_s": None})
    if changed:
        uow.record(Event(kind="advice.changed", data={"advice": changed}, roles=TOLD))
    await _store_proposals(uow, picture, changes, idle, taken_at=taken_at, agreed=agreed)


def _advices(
    picture: Picture, plan: Recommendation, changes: Sequence[Change], now: datetime, declined: frozenset[str]
) -> list[Advice]:
    """The advice of every call of the plan; plain work of some milliseconds a call, kept off the event loop.

    A call whose proposal a dispatcher has declined is advised by the plan in which no crew turns round.
    """
    refused = {move.call_id for change in changes if fingerprint(change) in declined for move in change.moves}
    plain = plan.assignment_without_switches()
    return [
        _advice(picture, call, _ranked(plan, call.id, plain[call.id], refused=call.id in refused), now)
        for call in picture.state.calls
    ]


def _ranked(plan: Recommendation, call_id: int, plain: int | None, *, refused: bool) -> list[Candidate]:
    """The list of a call with the chosen team on top."""
    if not refused:
        return plan.ranked(call_id, 2 * LISTED)
    found = [replace(candidate, chosen=candidate.team_id == plain) for candidate in plan.ranked(call_id)]
    return sorted(found, key=lambda candidate: not candidate.chosen)[: 2 * LISTED]


def _advice(picture: Picture, call: OpenCall, ranked: Sequence[Candidate], now: datetime) -> Advice:
    call_id = call.id
    first = next((candidate for candidate in ranked if candidate.chosen), None)
    listed = [candidate for candidate in ranked if candidate.possible][:LISTED]
    return Advice(
        call_id=call_id,
        made_at=now,
        computed_at=now,
        kind=_kind(first, call.team_id),
        team_id=None if first is None else first.team_id,
        eta_s=None if first is None else first.eta_s,
        late=first is None or call.age_s + first.eta_s > call.norm_s,
        approximate=call_id in picture.approximate,
        candidates={"items": [_as_data(candidate) for candidate in listed]},
    )


def _kind(first: Candidate | None, going: int | None) -> str:
    if first is None:
        return "none"
    if first.team_id == going:
        return "keep"
    if first.stage is Stage.FREE:
        return "send"
    return "wait" if first.stage is Stage.SOON_FREE else "divert"


def _as_data(candidate: Candidate) -> dict[str, Any]:
    data = asdict(candidate)
    return data | {
        "stage": candidate.stage.value,
        "reasons": [asdict(reason) for reason in candidate.reasons],
    }


async def _note_choices(session: WriteSession, standing: Mapping[int, Advice]) -> None:
    """Write beside each advice whom the dispatcher sent since, and the seconds of arrival that it costs."""
    for assignment in await repository.active_assignments(session):
        advice = standing.get(assignment.call_id)
        if advice is None or advice.chosen_at is not None or advice.kind == "keep":
            continue
        if assignment.assigned_at < advice.made_at:
            continue
        advice.chosen_team_id, advice.chosen_by = assignment.team_id, assignment.assigned_by
        advice.chosen_at = assignment.assigned_at
        etas = {item["team_id"]: item["eta_s"] for item in advice.candidates["items"]}
        if advice.eta_s is not None and assignment.team_id in etas:
            advice.cost_s = etas[assignment.team_id] - advice.eta_s
    await session.flush()


def fingerprint(change: Change) -> str:
    """Which team goes from where to where."""
    parts = sorted(f"{m.call_id}:{m.team_now or 0}>{m.team_after or 0}" for m in change.moves)
    return " ".join(parts)


async def _store_proposals(
    uow: UnitOfWork, picture: Picture, changes: Sequence[Change], idle: Sequence[Proposal], *, taken_at: datetime,
    agreed: Collection[str],
) -> None:  # fmt: skip
    session, now = uow.session, uow.now
    settled = await repository.settled(session, declined=now - FORGET_REFUSAL, confirmed=taken_at)
    standing = {proposal.fingerprint: proposal for proposal in idle}
    deciding = {one.fingerprint for one in await repository.proposals_open(session)} - standing.keys()
    for change in changes:
        mark = fingerprint(change)
        if mark in settled | deciding:
            continue
        moves = {"items": [_move_data(picture, move) for move in change.moves]}
        old = standing.pop(mark, None)
        if old is not None:
            old.moves, old.saved_s, old.computed_at = moves, change.saved_s, now
            continue
        if mark not in agreed:
            continue
        proposal = Proposal(
            status="open", fingerprint=mark, made_at=now, computed_at=now, saved_s=change.saved_s, moves=moves
        )
        session.add(proposal)
        await session.flush()
        uow.record(Event(kind="proposal.made", data={"proposal": proposal_view(proposal)}, roles=TOLD))
    for gone in standing.values():
        gone.status, gone.decided_at = "withdrawn", now
        await session.flush()
        uow.record(Event(kind="proposal.withdrawn", data={"proposal": proposal_view(gone)}, roles=TOLD))


def _move_data(picture: Picture, move: Any) -> dict[str, Any]:  # noqa: ANN401 - a Move of the optimiser
    names = {team_id: row.name for team_id, row in picture.teams.items()}
    call = picture.calls[move.call_id]
    data: dict[str, Any] = asdict(move)
    return data | {
        "call_number": call.number,
        "criticality": call.criticality,
        "name_now": names.get(move.team_now),
        "name_before": names.get(move.team_before),
        "name_after": names.get(move.team_after),
    }


async def advice_now(session: ReadSession) -> tuple[Sequence[Advice], Sequence[Proposal]]:
    """The advice in force and the open proposals."""
    return await repository.current(session), await repository.proposals_open(session)
