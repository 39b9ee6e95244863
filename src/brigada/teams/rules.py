"""The state machine of a team: living or ended, on shift or not, on a break or not. Free and busy are derived."""

from datetime import datetime
from typing import Literal, Protocol

Refusal = Literal["not_on_shift", "on_break", "busy"]


class Shift(Protocol):
    """What the rules need to know of a team."""

    shift_start: datetime
    shift_end: datetime
    on_break_since: datetime | None
    ended_at: datetime | None


def on_shift(team: Shift, now: datetime) -> bool:
    """Return whether the team is at work now."""
    return team.ended_at is None and team.shift_start <= now < team.shift_end


def is_free(team: Shift, *, busy: bool, now: datetime) -> bool:
    """Return whether the team can be sent."""
    return on_shift(team, now) and team.on_break_since is None and not busy


def why_not_free(team: Shift, *, busy: bool, now: datetime) -> Refusal | None:
    """Return why the team can't be sent, None when it can."""
    if busy:
        return "busy"
    if not on_shift(team, now):
        return "not_on_shift"
    if team.on_break_since is not None:
        return "on_break"
    return None
