"""Who is told of an event: a pure decision, made again at each delivery."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from brigada.events.log import StoredEvent

SEE_POSITIONS = frozenset({"dispatcher", "admin"})


@dataclass(slots=True)
class Listener:
    """The person behind a socket, as far as delivery must know. `team_id` follows the log."""

    user_id: int
    role: str
    session_id: str
    team_id: int | None = None


def may_see(listener: Listener, event: StoredEvent) -> bool:
    """Is this event meant for this person, by role, by crew or by name?"""
    return (
        listener.role in event.roles
        or listener.user_id in event.user_ids
        or (listener.team_id is not None and listener.team_id in event.team_ids)
    )


def team_after(listener: Listener, kind: str, data: Mapping[str, Any]) -> int | None:
    """Return the team that a worker is on after this event about a team."""
    team = data.get("team", {})
    if kind == "team.ended":
        return None if team.get("id") == listener.team_id else listener.team_id
    members = team.get("members")
    if members is None:
        return listener.team_id
    if any(member["id"] == listener.user_id for member in members):
        return int(team["id"])
    return None if team.get("id") == listener.team_id else listener.team_id


def follow_team(listener: Listener, kind: str, data: Mapping[str, Any]) -> bool:
    """Note a worker's new team; return whether it is another one: the picture of the old one is worth nothing then."""
    if listener.role != "worker" or not kind.startswith("team."):
        return False
    before = listener.team_id
    listener.team_id = team_after(listener, kind, data)
    return listener.team_id != before


def is_ended(listener: Listener, kind: str, data: Mapping[str, Any]) -> bool:
    """Does this event end the listener's session?"""
    return kind == "session.ended" and listener.session_id in data.get("session_ids", ())
