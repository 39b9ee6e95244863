"""What asks for attention now, and what is to be done about it: pure decisions."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

DEVICE_ALARM = "device_alarm"
"""The condition of what a device raises and a person alone ends."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as the administrator wrote it; times in seconds."""

    code: str
    condition: str
    criticality: str | None
    after_s: int
    escalate_s: int | None


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call that is not closed. `norm_s`: from its receipt to the first arrival, None without a norm."""

    id: int
    criticality: str
    status: str
    received_at: datetime
    reached: bool
    norm_s: int | None


@dataclass(frozen=True, slots=True)
class Work:
    """A team at work on a call; `since` is when it came into its present state."""

    assignment_id: int
    call_id: int
    team_id: int
    criticality: str
    status: str
    assigned_at: datetime
    since: datetime
    position_at: datetime | None
    shift_end: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's condition that holds now."""

    rule: str
    subject: str
    since: datetime
    call_id: int | None = None
    assignment_id: int | None = None
    team_id: int | None = None
    raise_from: datetime | None = None
    """Before this moment it is not raised, though it holds: see `Listening`. None: at once."""

    @property
    def key(self) -> tuple[str, str]:
        return self.rule, self.subject


class Listening:
    """Since when the service has been able to hear its cars without a break.

    A car is silent only when it could have been heard. After an outage of the service every car is unheard for as long
    as the outage was, and each must first get the time that the rule gives it; or all of them would ring at once, and
    the one that is really lost would drown.
    """

    def __init__(self, longest_gap: timedelta) -> None:
        self._longest_gap = longest_gap
        self._since: datetime | None = None
        self._looked_at: datetime | None = None

    def since(self, now: datetime) -> datetime:
        """Return from when on silence counts: now, until a look succeeds, and after a gap between such looks."""
        if self._since is None or self._looked_at is None or now - self._looked_at > self._longest_gap:
            self._since = now
        return self._since

    def looked(self, at: datetime) -> None:
        """Remember a look that succeeded: at that moment the service and its database were there."""
        self._looked_at = at


@dataclass(frozen=True, slots=True)
class Raised:
    """What was raised before and is not over."""

    id: int
    rule: str
    subject: str
    raised_at: datetime
    level: int
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do: new ones to raise, numbers to escalate, numbers that are over."""

    to_raise: tuple[Finding, ...]
    to_escalate: tuple[int, ...]
    to_end: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.to_raise or self.to_escalate or self.to_end)


def findings(
    rules: Iterable[Rule],
    calls: Iterable[OpenCall],
    works: Iterable[Work],
    now: datetime,
    listening_since: datetime | None = None,
) -> Iterator[Finding]:
    """Yield every condition that holds at this moment; `listening_since`: see `Listening`, None for always."""
    calls, works = list(calls), list(works)
    for rule in rules:
        for call in calls:
            if rule.criticality in {None, call.criticality}:
                since = _call_since(rule, call)
                if since is not None and now >= since:
                    yield Finding(rule.code, f"call:{call.id}", since, call_id=call.id)
        for work in works:
            if rule.criticality in {None, work.criticality}:
                since = _work_since(rule, work)
                if since is not None and now >= since:
                    yield Finding(
                        rule.code, f"assignment:{work.assignment_id}", since, call_id=work.call_id,
                        assignment_id=work.assignment_id, team_id=work.team_id,
                        raise_from=_chance_to_speak(rule, listening_since),
                    )  # fmt: skip


def _call_since(rule: Rule, call: OpenCall) -> datetime | None:
    """Return from when a call asks for attention by this rule, None when it does not concern it."""
    after = timedelta(seconds=rule.after_s)
    if rule.condition == "call_waiting" and call.status == "new":
        return call.received_at + after
    if rule.condition == "call_past_norm" and not call.reached and call.norm_s is not None:
        return call.received_at + timedelta(seconds=call.norm_s) + after
    return None


_STATES = {
    "not_acknowledged": {"assigned"},
    "on_scene_long": {"on_scene"},
    "at_hospital_long": {"at_hospital"},
}


def _work_since(rule: Rule, work: Work) -> datetime | None:
    after = timedelta(seconds=rule.after_s)
    if work.status in _STATES.get(rule.condition, ()):
        return work.since + after
    if rule.condition == "not_departed" and work.status in {"assigned", "acknowledged"}:
        return work.assigned_at + after
    if rule.condition == "position_silent":
        heard = max(work.position_at, work.assigned_at) if work.position_at else work.assigned_at
        return heard + after
    if rule.condition == "shift_ending":
        return work.shift_end - after
    return None


def _chance_to_speak(rule: Rule, listening_since: datetime | None) -> datetime | None:
    """Return until when a car that could not be heard has time to speak again, None where that is no matter."""
    if rule.condition != "position_silent" or listening_since is None:
        return None
    return listening_since + timedelta(seconds=rule.after_s)


def decide(
    found: Iterable[Finding], raised: Iterable[Raised], rules: Mapping[str, Rule], now: datetime
) -> Decision:
    """Compare what holds with what was raised: raise once, escalate what nobody acknowledged, end what is over.

    A condition that comes back after it was over is raised anew. What was raised stays so while it holds, also when
    it would not be raised yet: an outage ends no alarm. A call for help holds until somebody acknowledges it.
    """
    holding = {finding.key: finding for finding in found}
    known = {(one.rule, one.subject): one for one in raised}
    to_escalate = []
    for key, one in known.items():
        rule = rules.get(one.rule)
        if not _holds(key, holding, rule) or rule is None or rule.escalate_s is None:
            continue
        if (
            one.level == 1
            and not one.acknowledged
            and now - one.raised_at >= timedelta(seconds=rule.escalate_s)
        ):
            to_escalate.append(one.id)
    return Decision(
        tuple(
            finding
            for key, finding in holding.items()
            if key not in known and (finding.raise_from is None or now >= finding.raise_from)
        ),
        tuple(to_escalate),
        tuple(one.id for key, one in known.items() if not _holds(key, holding, rules.get(one.rule))),
    )


def _holds(key: tuple[str, str], holding: Container[tuple[str, str]], rule: Rule | None) -> bool:
    return key in holding or (rule is not None and rule.condition == DEVICE_ALARM)
