"""Calls as the API shows them; the same shape in answers, lists, events and the snapshot."""

from collections.abc import Iterable, Sequence
from typing import Any

from brigada.assignments.view import assignment_view
from brigada.calls.models import Call, Patient
from brigada.db.base import AnyRow

COLUMNS = (
    Call.id, Call.number, Call.status, Call.criticality, Call.reason, Call.reason_code, Call.address, Call.entrance,
    Call.floor, Call.flat, Call.intercom, Call.landmark, Call.district, Call.lat, Call.lon, Call.received_at,
    Call.created_at, Call.accepted_at, Call.closed_at, Call.caller_phone, Call.caller_name, Call.comment,
    Call.required_profile, Call.external_id, Call.reject_reason, Call.reject_comment, Call.duplicate_of, Call.version,
    Patient.name.label("patient_name"), Patient.surname.label("patient_surname"),
    Patient.patronym.label("patient_patronym"), Patient.sex.label("patient_sex"), Patient.age.label("patient_age"),
    Patient.notes.label("patient_notes"),
)  # fmt: skip


def call_view(row: AnyRow, assignments: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a call as the API shows it, from a row of COLUMNS."""
    return {
        "id": row.id,
        "number": row.number,
        "status": row.status,
        "criticality": row.criticality,
        "reason": row.reason,
        "reason_code": row.reason_code,
        "address": row.address,
        "address_details": {
            "entrance": row.entrance,
            "floor": row.floor,
            "flat": row.flat,
            "intercom": row.intercom,
            "landmark": row.landmark,
        },
        "district": row.district,
        "location": None if row.lat is None else {"lat": row.lat, "lon": row.lon},
        "received_at": row.received_at,
        "created_at": row.created_at,
        "accepted_at": row.accepted_at,
        "closed_at": row.closed_at,
        "caller_phone": row.caller_phone,
        "caller_name": row.caller_name,
        "patient": {
            "name": row.patient_name or "",
            "surname": row.patient_surname or "",
            "patronym": row.patient_patronym or "",
            "sex": row.patient_sex,
            "age": row.patient_age,
            "notes": row.patient_notes or "",
        },
        "comment": row.comment,
        "required_profile": row.required_profile,
        "external_id": row.external_id,
        "reject_reason": row.reject_reason,
        "reject_comment": row.reject_comment,
        "duplicate_of": row.duplicate_of,
        "assignments": assignments,
        "version": row.version,
    }


def call_views(rows: Sequence[AnyRow], assignments: Iterable[AnyRow]) -> list[dict[str, Any]]:
    """Return calls with their assignments, joined here: a nested aggregate in SQL costs ten times as much."""
    by_call: dict[int, list[dict[str, Any]]] = {row.id: [] for row in rows}
    for assignment in assignments:
        by_call[assignment.call_id].append(assignment_view(assignment))
    return [call_view(row, by_call[row.id]) for row in rows]
