"""A call comes in; what is known of it changes."""

from datetime import timedelta
from typing import Any

from brigada.auth.principal import Principal
from brigada.calls import repository
from brigada.calls.errors import CallClosed, ExternalIdTaken, ReasonUnknown
from brigada.calls.models import Call, Patient
from brigada.calls.rules import OPEN
from brigada.calls.schemas import AddressIn, CallIn, CallPatch, PatientIn
from brigada.errors import Invalid, NotFound, Outdated
from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.kit.changes import apply_changes
from brigada.kit.text import fold

TOLD = ("dispatcher", "admin")
OLDEST_RECEIPT = timedelta(hours=24)
"""A call written down on paper while the system was away is entered within a day."""


async def receive_call(uow: UnitOfWork, principal: Principal | None, body: CallIn) -> dict[str, Any]:
    """Take in a call.

    Raises:
        ReasonUnknown: free words without a criticality.
        Invalid: a time of receipt in the future or older than a day.
        ExternalIdTaken: the other system has sent this one before.
    """
    received_at = body.received_at or uow.now
    if not uow.now - OLDEST_RECEIPT <= received_at <= uow.now + timedelta(minutes=2):
        raise Invalid.field(
            "body", "received_at", code="out_of_range",
            ru="Время приёма в будущем или старше суток.",
            en="The time of receipt is in the future or older than a day.",
        )  # fmt: skip
    if body.external_id is not None:
        known = await repository.by_external_id(uow.session, body.external_id)
        if known is not None:
            raise ExternalIdTaken(present={"id": known.id, "number": known.number, "status": known.status})
    reason = await repository.reason_of(uow.session, body.reason)
    criticality = body.criticality or (reason.criticality if reason else None)
    if criticality is None:
        raise ReasonUnknown
    patient = body.patient or PatientIn()
    patient_row = Patient(**patient.model_dump())
    uow.session.add(patient_row)
    await uow.session.flush()
    call = Call(
        status="new",
        criticality=criticality,
        reason=body.reason,
        reason_code=reason.code if reason else None,
        **_address(body),
        caller_phone=body.caller_phone,
        caller_name=body.caller_name,
        comment=body.comment,
        patient_id=patient_row.id,
        required_profile=body.required_profile or (reason.profile if reason else None),
        external_id=body.external_id,
        received_at=min(received_at, uow.now),
        created_at=uow.now,
        created_by=principal.user_id if principal else None,
    )
    uow.session.add(call)
    await uow.session.flush()
    shown = await repository.view_of_new(uow.session, call.id)
    uow.record(Event(kind="call.created", data={"call": shown}, call_id=call.id, roles=TOLD))
    return shown


def _address(body: CallIn) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if isinstance(body.address, AddressIn):
        columns |= body.address.model_dump(exclude={"text"})
        columns["address"] = body.address.text
    else:
        columns["address"] = body.address
    if body.address_details is not None:
        columns |= body.address_details.model_dump(exclude_unset=True)
    if body.location is not None:
        columns |= {"lat": body.location.lat, "lon": body.location.lon}
    return columns


async def change_call(uow: UnitOfWork, call_id: int, body: CallPatch) -> dict[str, Any]:
    """Change what is known of an open call; its crews are told.

    Raises:
        NotFound, Outdated, CallClosed.
    """
    call = await locked_call(uow, call_id, body.version)
    if call.status not in OPEN:
        raise CallClosed(present=await shown_call(uow, call_id))
    before = await shown_call(uow, call_id)
    wanted = body.model_dump(
        exclude={"version", "patient", "address_details", "location"}, exclude_unset=True, exclude_none=True
    )
    if "required_profile" in body.model_fields_set:
        wanted["required_profile"] = body.required_profile  # null: any team will do
    if "reason" in wanted:
        reason = await repository.reason_of(uow.session, wanted["reason"])
        wanted["reason_code"] = reason.code if reason else None
        if reason is not None and body.criticality is None:
            wanted["criticality"] = reason.criticality
    if body.address_details is not None:
        wanted |= body.address_details.model_dump(exclude_unset=True)
    if body.location is not None:
        wanted |= {"lat": body.location.lat, "lon": body.location.lon}
    elif "location" in body.model_fields_set or _is_elsewhere(call.address, wanted.get("address")):
        # The old point belongs to the old address: nobody may be led there.
        wanted |= {"lat": None, "lon": None}
    _, changed = apply_changes(call, wanted)
    if body.patient is not None:
        changed |= await _change_patient(uow, call, body.patient)
    if changed:
        call.version += 1
        await record_call(uow, "call.updated", call_id, before=before)
    return await shown_call(uow, call_id)


def _is_elsewhere(before: str, after: str | None) -> bool:
    return after is not None and fold(after) != fold(before)


async def _change_patient(uow: UnitOfWork, call: Call, body: PatientIn) -> dict[str, Any]:
    patient = await repository.patient(uow.session, call.patient_id) if call.patient_id else None
    if patient is None:
        patient = Patient()
        uow.session.add(patient)
        await uow.session.flush()
        call.patient_id = patient.id
    _, changed = apply_changes(patient, body.model_dump(exclude_unset=True))
    return changed


async def record_call(uow: UnitOfWork, kind: str, call_id: int, *, before: dict[str, Any]) -> dict[str, Any]:
    """Tell what changed of a call: only the fields that differ, to the dispatchers and to the crews on it."""
    await uow.session.flush()
    after = await shown_call(uow, call_id)
    changed = {name: value for name, value in after.items() if before.get(name) != value}
    crews = [assignment["team_id"] for assignment in after["assignments"] if assignment["ended_at"] is None]
    uow.record(
        Event(
            kind=kind,
            data={"call": {"id": call_id, **changed}},
            old={"call": {"id": call_id, **{name: before[name] for name in changed}}},
            call_id=call_id,
            roles=TOLD,
            team_ids=tuple(crews),
        )
    )
    return after


async def locked_call(uow: UnitOfWork, call_id: int, version: int | None) -> Call:
    """Lock a call and check the version that the caller saw.

    Raises:
        NotFound, Outdated.
    """
    call = await repository.lock(uow.session, call_id)
    if call is None:
        raise NotFound
    if version is not None and version != call.version:
        raise Outdated(present=await shown_call(uow, call_id))
    return call


async def shown_call(uow: UnitOfWork, call_id: int) -> dict[str, Any]:
    """Return the call as the API shows it, as this transaction sees it."""
    found = await repository.view(uow.session, call_id)
    if found is None:
        raise NotFound
    return found
