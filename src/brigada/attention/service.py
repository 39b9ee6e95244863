"""Raise, escalate, acknowledge, end."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from brigada.attention import repository
from brigada.attention.models import Attention, AttentionRule
from brigada.attention.rules import DEVICE_ALARM, Listening, decide, findings
from brigada.attention.schemas import RulePatch
from brigada.auth.principal import Principal
from brigada.db.leader import Chore
from brigada.errors import NotFound, Outdated
from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.kit.changes import apply_changes
from brigada.state import State

LOOK_EVERY_S = 5.0
"""A rule's shortest time is a minute, so five seconds more are felt by nobody; a look costs about 5 ms."""
LONGEST_GAP = timedelta(seconds=30)
"""Six looks missed in a row are an outage of the service or its database; a busy machine delays one or two."""
TOLD = ("dispatcher", "admin")

_log = logging.getLogger(__name__)


def chore(state: State) -> Chore:
    """Return the look that one process of all repeats."""
    listening = Listening(LONGEST_GAP)

    async def run() -> None:
        since = listening.since(state.clock.now())
        await look(state, since)
        listening.looked(state.clock.now())

    return Chore("attention", LOOK_EVERY_S, run)


async def look(state: State, listening_since: datetime | None = None) -> int:
    """Look once; return how many things were raised. `listening_since`: see `Listening`, None for always.

    All of a look is one transaction: what was raised, escalated or ended is told once, and a process that dies in the
    middle has done nothing. Should two processes look at once, the unique index on what is open stops the second.
    """
    async with state.database.read() as session:
        rules = await repository.active_rules(session)
        calls, works = await repository.situation(session)
        raised = await repository.still_raised(session)
    uow = state.unit_of_work()
    found = findings(rules.values(), calls, works, uow.now, listening_since)
    decision = decide(found, raised, rules, uow.now)
    if not decision:
        return 0
    async with uow:
        try:
            rows = [repository.of(finding, uow.now) for finding in decision.to_raise]
            uow.session.add_all(rows)
            await uow.session.flush()
            for row in rows:
                _tell(uow, "attention.raised", row)
            for row in await repository.lock(uow.session, [*decision.to_escalate, *decision.to_end]):
                if row.id in decision.to_end:
                    row.ended_at = uow.now
                    _tell(uow, "attention.ended", row)
                elif row.acknowledged_at is None:
                    row.level, row.escalated_at = 2, uow.now
                    _tell(uow, "attention.escalated", row)
            await uow.commit()
        except IntegrityError:
            _log.info("another process looked at the same moment")
            return 0
    return len(decision.to_raise)


def _tell(uow: UnitOfWork, kind: str, row: Attention) -> None:
    uow.record(Event(kind=kind, data={"attention": repository.view(row)}, call_id=row.call_id, roles=TOLD))


async def raise_alarms(uow: UnitOfWork, events: Sequence[Event]) -> None:
    """Raise what a device in a car called for, in the transaction of its event (a projection).

    While the car's earlier alarm is open nothing is raised: the index on what is open decides, whichever process and
    whichever of the car's devices heard it. Called for anew from elsewhere, it moves there.
    """
    raised: set[int] = set()
    for event in events:
        if event.kind != "device.alarm":
            continue
        alarm = event.data["alarm"]
        rule = await uow.session.get(AttentionRule, alarm["kind"])
        if rule is None or not rule.active:
            continue
        row = await repository.store_alarm(uow.session, alarm, uow.now)
        if row is None:
            continue
        moved = row.raised_at != uow.now or row.id in raised
        _tell(uow, "attention.moved" if moved else "attention.raised", row)
        raised.add(row.id)


async def acknowledge(uow: UnitOfWork, principal: Principal, attention_id: int) -> None:
    """Say "I am on it": it escalates no more, and a call for help is over. A second time is no error; the first stays.

    Raises:
        NotFound: no such one, or it is over.
    """
    rows = await repository.lock(uow.session, [attention_id])
    if not rows:
        raise NotFound
    row = rows[0]
    if row.acknowledged_at is None:
        row.acknowledged_at, row.acknowledged_by = uow.now, principal.user_id
        rule = await uow.session.get(AttentionRule, row.rule)
        if rule is not None and rule.condition == DEVICE_ALARM:
            row.ended_at = uow.now
        _tell(uow, "attention.acknowledged", row)


async def change_rule(uow: UnitOfWork, code: str, body: RulePatch) -> dict[str, object]:
    """Change a rule's times, or switch it off: what it raised is then over at the next look.

    Raises:
        NotFound, Outdated.
    """
    rule = await uow.session.get(AttentionRule, code, with_for_update=True)
    if rule is None:
        raise NotFound
    if body.version is not None and body.version != rule.version:
        raise Outdated(present=repository.rule_view(rule))
    wanted = {name: getattr(body, name) for name in body.model_fields_set - {"version"}}
    old, new = apply_changes(rule, {k: v for k, v in wanted.items() if v is not None or k == "escalate_s"})
    if new:
        rule.version += 1
        data = {"attention_rule": {"code": code, **new, "version": rule.version}}
        uow.record(
            Event(kind="attention_rule.updated", data=data, old={"attention_rule": old}, roles=("admin",))
        )
    return repository.rule_view(rule)
