"""The state machine of a team: living or ended, on shift or not, on a break or not. Free and busy are derived."""

from datetime import datetime
from typing import Literal, Protocol

Refusal = Literal["not_on_shift", "on_break", "busy", "car_unserviceable"]


class Shift(Protocol):
    """What the rules need to know of a team."""

    @property
    def shift_start(self) -> datetime: ...
    @property
    def shift_end(self) -> datetime: ...
    @property
    def on_break_since(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...


def on_shift(team: Shift, now: datetime) -> bool:
    """Return whether the team is at work now."""
    return team.ended_at is None and team.shift_start <= now < team.shift_end


def is_free(team: Shift, *, busy: bool, car_serves: bool, now: datetime) -> bool:
    """Return whether the team can be sent."""
    return why_not_free(team, busy=busy, car_serves=car_serves, now=now) is None


def why_not_free(team: Shift, *, busy: bool, car_serves: bool, now: datetime) -> Refusal | None:
    """Return why the team can't be sent, None when it can. `car_serves`: its car is in service."""
    if busy:
        return "busy"
    if not on_shift(team, now):
        return "not_on_shift"
    if team.on_break_since is not None:
        return "on_break"
    if not car_serves:
        return "car_unserviceable"
    return None
