"""Assignments as the API shows them; the same shape in answers, lists, events and the snapshot."""

from operator import attrgetter
from typing import Any

from brigada.assignments.models import Assignment
from brigada.db.base import AnyRow

MILESTONES = ("assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed")
COLUMNS = (
    Assignment.id, Assignment.call_id, Assignment.team_id, Assignment.status, Assignment.assigned_by,
    Assignment.assigned_at, Assignment.acknowledged_at, Assignment.en_route_at, Assignment.on_scene_at,
    Assignment.transporting_at, Assignment.at_hospital_at, Assignment.completed_at, Assignment.ended_at,
    Assignment.end_comment, Assignment.trouble_kind, Assignment.outcome, Assignment.hospital_id,
    Assignment.advice_team_id, Assignment.advice_cost_s, Assignment.eta_s, Assignment.arrives_at,
    Assignment.version,
)  # fmt: skip


_attributes = attrgetter(*(column.key for column in COLUMNS))


def assignment_view(found: AnyRow | Assignment) -> dict[str, Any]:
    """Return an assignment as the API shows it, from a row of COLUMNS or the assignment itself."""
    # A row is taken apart at once: by name each column costs a look-up that fails first.
    (
        id_, call_id, team_id, status, assigned_by,
        assigned_at, acknowledged_at, en_route_at, on_scene_at,
        transporting_at, at_hospital_at, completed_at, ended_at,
        end_comment, trouble_kind, outcome, hospital_id,
        advice_team_id, advice_cost_s, eta_s, arrives_at,
        version,
    ) = _attributes(found) if isinstance(found, Assignment) else found  # fmt: skip
    return {
        "id": id_,
        "call_id": call_id,
        "team_id": team_id,
        "status": status,
        "milestones": {
            "assigned_at": assigned_at,
            "acknowledged_at": acknowledged_at,
            "en_route_at": en_route_at,
            "on_scene_at": on_scene_at,
            "transporting_at": transporting_at,
            "at_hospital_at": at_hospital_at,
            "completed_at": completed_at,
        },
        "assigned_by": assigned_by,
        "ended_at": ended_at,
        "end_comment": end_comment,
        "trouble_kind": trouble_kind,
        "outcome": outcome,
        "hospital_id": hospital_id,
        "advice_team_id": advice_team_id,
        "advice_cost_s": advice_cost_s,
        "eta_s": eta_s,
        "arrives_at": arrives_at,
        "version": version,
    }


def milestones_of(assignment: Assignment) -> dict[str, Any]:
    """Return the moments in force by step."""
    return {step: getattr(assignment, f"{step}_at") for step in MILESTONES}
