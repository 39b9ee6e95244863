"""Who is told what: a pure table from events to notifications."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Whom = Literal["dispatchers", "administrators", "crew"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification to write: its kind, who gets it, and words without personal data."""

    kind: str
    whom: tuple[Whom, ...]
    call_id: int | None
    team_id: int | None
    data: dict[str, Any]


_TABLE: Mapping[str, tuple[str, tuple[Whom, ...]]] = {
    "call.created": ("call_new", ("dispatchers",)),
    "call.completed": ("call_completed", ("dispatchers",)),
    "call.waiting_again": ("call_waiting_again", ("dispatchers",)),
    "assignment.created": ("assigned", ("crew",)),
    "assignment.cancelled": ("assignment_cancelled", ("crew",)),
    "assignment.diverted": ("assignment_diverted", ("crew", "dispatchers")),
    "assignment.declined": ("assignment_declined", ("dispatchers",)),
    "assignment.troubled": ("trouble", ("dispatchers",)),
    "attention.raised": ("attention", ("dispatchers",)),
    "attention.escalated": ("attention_escalated", ("dispatchers", "administrators")),
}


def notices_of(kind: str, data: Mapping[str, Any]) -> Notice | None:
    """Return what an event makes people be told, None when it is none of their business."""
    if kind not in _TABLE:
        return None
    name, whom = _TABLE[kind]
    call, assignment = data.get("call", {}), data.get("assignment", {})
    trouble = assignment.get("trouble_kind")
    if trouble == "car_broken":
        whom = (*whom, "administrators")
    words = {"trouble_kind": trouble} if trouble else {}
    if call.get("criticality"):
        words["criticality"] = call["criticality"]
    if call.get("number"):
        words["number"] = call["number"]
    attention = data.get("attention", {})
    if attention.get("rule"):
        words["rule"] = attention["rule"]
    if attention.get("car_number"):
        words["car_number"] = attention["car_number"]
    call_id = call.get("id") or assignment.get("call_id") or attention.get("call_id")
    return Notice(name, whom, call_id, assignment.get("team_id") or attention.get("team_id"), words)
