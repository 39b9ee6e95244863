"""The state machine of an assignment: pure decisions, the moment of now is an argument.

assigned → acknowledged → en_route → on_scene → (transporting → at_hospital) → completed; before that it may end as
declined, cancelled, diverted or troubled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

STEPS: Final = ("acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed")
"""What a crew reports, in order; `assigned` is the dispatcher's."""

OPTIONAL: Final = frozenset({"transporting", "at_hospital"})
"""Steps that a call without a transport never has."""

ACTIVE: Final = frozenset({"assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital"})
BEFORE_PATIENT: Final = frozenset({"assigned", "acknowledged", "en_route"})
"""The team has not reached the patient: it may still decline or be diverted."""

FUTURE_TOLERANCE: Final = timedelta(minutes=2)
"""A device's clock may be ahead by this much; ordinary phones keep within seconds."""

CLOCK_WRONG: Final = timedelta(hours=12)
"""A step older than a shift was not buffered, its device's clock is wrong: the server's time counts."""

Ending = Literal["declined", "cancelled", "diverted", "troubled"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A milestone to write: the moment in force and whether it was only inferred from a later step."""

    step: str
    at: datetime
    inferred: bool


@dataclass(frozen=True, slots=True)
class Do:
    """The step counts: the new status, and the milestones to write in order."""

    status: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Precise:
    """The step was inferred before and is now reported with its own time: a correction, no new status."""

    step: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Same:
    """It was reported before: nothing to do, the answer is the present state."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Not possible; the reason is a machine word."""

    reason: Literal["ended", "not_before_patient", "out_of_order", "step_missing"]


def moment_in_force(occurred_at: datetime | None, *, now: datetime, assigned_at: datetime) -> datetime:
    """Return the moment that counts for a step reported with the device's time.

    A clock ahead of ours or plainly wrong is not believed; nothing happens before the assignment.
    """
    if occurred_at is None or occurred_at > now + FUTURE_TOLERANCE or occurred_at < now - CLOCK_WRONG:
        return now
    return max(min(occurred_at, now), assigned_at)


def decide_step(
    status: str,
    milestones: Mapping[str, datetime | None],
    inferred: frozenset[str],
    step: str,
    occurred_at: datetime | None,
    now: datetime,
) -> Do | Precise | Same | Refuse:
    """Decide what a reported step means.

    A later step fills the ones skipped before it, marked as inferred; a step already there is no error: phones repeat
    themselves, and taps that waited for a network come late.
    """
    assigned_at = milestones["assigned"] or now
    if milestones.get(step) is not None:
        if step in inferred and occurred_at is not None:
            at = moment_in_force(occurred_at, now=now, assigned_at=assigned_at)
            return Precise(step, _between_neighbours(step, at, milestones, now))
        return Same()
    if status not in ACTIVE:
        return Refuse("ended")
    if STEPS.index(step) < _progress(status):
        return Refuse("out_of_order")
    at = moment_in_force(occurred_at, now=now, assigned_at=assigned_at)
    latest = max((moment for moment in milestones.values() if moment is not None), default=assigned_at)
    at = max(at, latest)
    skipped = [
        Entry(before, at, inferred=True)
        for before in STEPS[: STEPS.index(step)]
        if milestones.get(before) is None and not _left_out(before, step, milestones)
    ]
    return Do(step, (*skipped, Entry(step, at, inferred=False)))


def _left_out(before: str, step: str, milestones: Mapping[str, datetime | None]) -> bool:
    """Return whether an optional step was not part of this story."""
    if before not in OPTIONAL:
        return False
    if before == "transporting":
        return step != "at_hospital"
    return milestones.get("transporting") is None


def _progress(status: str) -> int:
    return STEPS.index(status) if status in STEPS else -1


def _between_neighbours(
    step: str, at: datetime, milestones: Mapping[str, datetime | None], now: datetime
) -> datetime:
    low, high = neighbours(step, milestones, now)
    return min(max(at, low), high)


def neighbours(
    step: str, milestones: Mapping[str, datetime | None], now: datetime
) -> tuple[datetime, datetime]:
    """Return the moments between which a step's time must lie to keep the time line in order."""
    order = ("assigned", *STEPS)
    place = order.index(step)
    before = [milestones.get(name) for name in order[:place]]
    after = [milestones.get(name) for name in order[place + 1 :]]
    low = max(
        (moment for moment in before if moment is not None), default=datetime.min.replace(tzinfo=now.tzinfo)
    )
    high = min((moment for moment in after if moment is not None), default=now)
    return low, high


def decide_correction(
    milestones: Mapping[str, datetime | None], step: str, occurred_at: datetime, now: datetime
) -> Do | Refuse:
    """Decide whether a milestone's time may be corrected to another one; the time line must stay in order.

    People read and write whole seconds, the service keeps parts of them: the very second of the milestone before means
    its moment.
    """
    if milestones.get(step) is None:
        return Refuse("step_missing")
    low, high = neighbours(step, milestones, now)
    if occurred_at == low.replace(microsecond=0):
        occurred_at = low
    if not low <= occurred_at <= high:
        return Refuse("out_of_order")
    return Do(step, (Entry(step, occurred_at, inferred=False),))


def decide_ending(status: str, ending: Ending) -> Do | Refuse:
    """Decide whether an assignment may end this way now.

    A crew declines and is diverted only before it reaches the patient; trouble strikes at any time, and a dispatcher
    may cancel at any time.
    """
    if status not in ACTIVE:
        return Refuse("ended")
    if ending in {"declined", "diverted"} and status not in BEFORE_PATIENT:
        return Refuse("not_before_patient")
    return Do(ending, ())
