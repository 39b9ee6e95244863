"""The state machine of a call: pure decisions.

new → accepted (at least one team assigned) → completed; new or accepted → rejected with a reason; accepted falls back
to new when its last team is lost, and its clock goes on running.
"""

from typing import Final, Literal

OPEN: Final = frozenset({"new", "accepted"})

TRANSITIONS: Final = {
    "new": frozenset({"accepted", "rejected"}),
    "accepted": frozenset({"new", "completed", "rejected"}),
    "completed": frozenset[str](),
    "rejected": frozenset[str](),
}
"""From each state to where it may go."""

Refusal = Literal["closed", "not_accepted", "has_team"]


def may_become(status: str, wanted: str) -> bool:
    """Return whether a call may go from one state to another."""
    return wanted in TRANSITIONS[status]


def why_not_assign(status: str, *, active_teams: int, additional: bool) -> Refusal | None:
    """Return why no team can be assigned now, None when one can.

    A call that has a team gets another only when that is said: a second dispatcher who clicks a moment later must not
    send a second team by accident.
    """
    if status not in OPEN:
        return "closed"
    if active_teams and not additional:
        return "has_team"
    return None


def why_not_complete(status: str) -> Refusal | None:
    """Return why a call can't be completed: only one that a team has taken can."""
    if status not in OPEN:
        return "closed"
    return None if may_become(status, "completed") else "not_accepted"


def status_after_end(*, active_teams: int, served: bool) -> str:
    """Return the state of an accepted call when one of its teams is done or lost.

    `served`: some team has completed its work on the call. Then the loss of another one leaves nobody waiting.
    """
    if active_teams:
        return "accepted"
    return "completed" if served else "new"
