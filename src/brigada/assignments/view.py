"""Assignments as the API shows them; the same shape in answers, lists, events and the snapshot."""

from typing import Any

from brigada.assignments.models import Assignment

MILESTONES = ("assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed")
COLUMNS = (
    Assignment.id, Assignment.call_id, Assignment.team_id, Assignment.status, Assignment.assigned_by,
    Assignment.assigned_at, Assignment.acknowledged_at, Assignment.en_route_at, Assignment.on_scene_at,
    Assignment.transporting_at, Assignment.at_hospital_at, Assignment.completed_at, Assignment.ended_at,
    Assignment.end_comment, Assignment.trouble_kind, Assignment.outcome, Assignment.hospital_id,
    Assignment.advice_team_id, Assignment.advice_cost_s, Assignment.eta_s, Assignment.arrives_at,
    Assignment.version,
)  # fmt: skip


def assignment_view(row: Any) -> dict[str, Any]:  # noqa: ANN401 -- a row of COLUMNS or an Assignment
    """Return an assignment as the API shows it."""
    return {
        "id": row.id,
        "call_id": row.call_id,
        "team_id": row.team_id,
        "status": row.status,
        "milestones": {f"{step}_at": getattr(row, f"{step}_at") for step in MILESTONES},
        "assigned_by": row.assigned_by,
        "ended_at": row.ended_at,
        "end_comment": row.end_comment,
        "trouble_kind": row.trouble_kind,
        "outcome": row.outcome,
        "hospital_id": row.hospital_id,
        "advice_team_id": row.advice_team_id,
        "advice_cost_s": row.advice_cost_s,
        "eta_s": row.eta_s,
        "arrives_at": row.arrives_at,
        "version": row.version,
    }


def milestones_of(assignment: Assignment) -> dict[str, Any]:
    """Return the moments in force by step."""
    return {step: getattr(assignment, f"{step}_at") for step in MILESTONES}
