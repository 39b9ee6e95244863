"""Shapes of calls, patients, reasons, norms."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from brigada.schema import BodyId, Line, Moment, PointIn, PointOut, Schema, Version, View, example

Criticality = Literal["critical", "important", "common"]
CallStatus = Literal["new", "accepted", "completed", "rejected"]
RejectReason = Literal[
    "refused", "false", "duplicate", "patient_not_found", "address_not_found", "served_by_other",
    "died_before_arrival", "other",
]  # fmt: skip
Profile = Literal["paramedic", "physician", "intensive_care", "paediatric", "psychiatric", "obstetric"]
Phone = Annotated[str, StringConstraints(max_length=32, pattern=r"^[0-9+() *#-]*$")]
Notes = Annotated[str, StringConstraints(max_length=2000)]


class PatientIn(Schema):
    """What is known of the patient; leave out what is not. A newborn is 0."""

    name: Line(100) = ""  # type: ignore[valid-type]
    surname: Line(100) = ""  # type: ignore[valid-type]
    patronym: Line(100) = ""  # type: ignore[valid-type]
    sex: Literal["male", "female"] | None = None
    age: Annotated[int | None, Field(ge=0, le=130)] = None
    notes: Notes = ""


class AddressDetails(Schema):
    """How to get in."""

    entrance: Line(20) = ""  # type: ignore[valid-type]
    floor: Line(20) = ""  # type: ignore[valid-type]
    flat: Line(20) = ""  # type: ignore[valid-type]
    intercom: Line(40) = ""  # type: ignore[valid-type]
    landmark: Line(300) = ""  # type: ignore[valid-type]
    district: Line(100) = ""  # type: ignore[valid-type]


class AddressIn(AddressDetails):
    """The address and how to get in."""

    text: Line(300, min_length=1)  # type: ignore[valid-type]


class CallIn(Schema):
    """A new call: reason, address, and a criticality or a reason that implies one are enough."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reason": "chest_pain",
                    "address": "ул. Ленина, 12",
                    "address_details": {"entrance": "2", "floor": "5", "flat": "47", "intercom": "47К"},
                    "location": {"lat": 59.93, "lon": 30.31},
                    "caller_phone": "+7 900 000-00-00",
                    "patient": {"surname": "Иванов", "sex": "male", "age": 63},
                }
            ]
        }
    )

    reason: Line(200, min_length=1)  # type: ignore[valid-type]
    """Code or title from the dictionary, or free words (then `criticality` is needed)."""
    criticality: Criticality | None = None
    address: Line(300, min_length=1) | AddressIn  # type: ignore[valid-type]
    address_details: AddressDetails | None = None
    location: PointIn | None = None
    caller_phone: Phone = ""
    caller_name: Line(200) = ""  # type: ignore[valid-type]
    patient: PatientIn | None = None
    comment: Notes = ""
    required_profile: Profile | None = None
    external_id: Line(100, min_length=1) | None = None  # type: ignore[valid-type]
    """Number of the call in the system that sends it; the same number is taken once."""
    received_at: Moment | None = None
    """When the phone rang; empty: now. Not in the future, not older than a day."""


class CallPatch(Schema):
    """Fields to change; what is absent stays. `patient` is merged field by field."""

    model_config = example({"comment": "Во дворе собака", "patient": {"age": 63}, "version": 1})

    reason: Line(200, min_length=1) | None = None  # type: ignore[valid-type]
    criticality: Criticality | None = None
    address: Line(300, min_length=1) | None = None  # type: ignore[valid-type]
    address_details: AddressDetails | None = None
    location: PointIn | None = None
    caller_phone: Phone | None = None
    caller_name: Line(200) | None = None  # type: ignore[valid-type]
    patient: PatientIn | None = None
    comment: Notes | None = None
    required_profile: Profile | None = None
    version: Version | None = None


class FactsIn(Schema):
    """What is known of a call so far, to look for others about the same thing; each of it may be absent."""

    model_config = example({"address": "ул. Ленина, 12", "caller_phone": "+7 900 000-00-00"})

    address: Line(300) = ""  # type: ignore[valid-type]
    location: PointIn | None = None
    caller_phone: Line(200) = ""  # type: ignore[valid-type]
    """As typed: half a number is none yet, and no mistake."""
    reason: Line(200) = ""  # type: ignore[valid-type]


class RejectIn(Schema):
    """Why nobody goes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "duplicate", "duplicate_of": 17}]})

    reason: RejectReason
    comment: Notes = ""
    duplicate_of: BodyId | None = None
    version: Version | None = None

    @model_validator(mode="after")
    def _other_needs_words(self) -> "RejectIn":
        if self.reason == "other" and not self.comment.strip():
            message = "the reason `other` needs a comment"
            raise ValueError(message)
        return self


class CompleteIn(Schema):
    """How it ended."""

    model_config = example({"comment": "Помощь оказана на месте"})

    comment: Notes = ""
    version: Version | None = None


class MilestonesOut(View):
    """The moments in force; an absent one has not happened."""

    assigned_at: AwareDatetime
    acknowledged_at: AwareDatetime | None
    en_route_at: AwareDatetime | None
    on_scene_at: AwareDatetime | None
    transporting_at: AwareDatetime | None
    at_hospital_at: AwareDatetime | None
    completed_at: AwareDatetime | None


class AssignmentOut(View):
    """One team sent to one call."""

    id: int
    call_id: int
    team_id: int
    status: str
    milestones: MilestonesOut
    assigned_by: int | None
    ended_at: AwareDatetime | None
    end_comment: str
    trouble_kind: str | None
    outcome: str
    hospital_id: int | None
    advice_team_id: int | None
    advice_cost_s: float | None
    eta_s: float | None
    arrives_at: AwareDatetime | None
    """Expected arrival where it drives now, kept current on the way."""
    version: int


class PatientOut(View):
    """What is known of the patient."""

    name: str
    surname: str
    patronym: str
    sex: str | None
    age: int | None
    notes: str


class AddressDetailsOut(View):
    """How to get in."""

    entrance: str
    floor: str
    flat: str
    intercom: str
    landmark: str


class CallOut(View):
    """A call with its patient and its assignments."""

    id: int
    number: int
    status: CallStatus
    criticality: Criticality
    reason: str
    reason_code: str | None
    address: str
    address_details: AddressDetailsOut
    district: str
    location: PointOut | None
    received_at: AwareDatetime
    created_at: AwareDatetime
    accepted_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    caller_phone: str
    caller_name: str
    patient: PatientOut
    comment: str
    required_profile: str | None
    external_id: str | None
    reject_reason: RejectReason | None
    reject_comment: str
    duplicate_of: int | None
    assignments: list[AssignmentOut]
    version: int


class CallList(View):
    items: list[CallOut]
    next_cursor: str | None


class DuplicateOut(View):
    """A call that may be about the same thing."""

    id: int
    number: int
    score: float
    """0 to 1."""
    reasons: list[str]
    """`address`, `place`, `phone`, `reason`, `time`."""
    call: CallOut | None
    """Its card; null for a caller who may not read calls."""


class DuplicateList(View):
    items: list[DuplicateOut]
    next_cursor: str | None


class HistoryEntry(View):
    """One entry of the log about this call."""

    seq: int
    at: AwareDatetime
    kind: str
    actor: dict[str, Any]
    data: dict[str, Any]
    old: dict[str, Any]


class HistoryList(View):
    items: list[HistoryEntry]
    next_cursor: str | None


class ReasonIn(Schema):
    """A new reason for calls."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "heat_stroke",
                    "title_ru": "Тепловой удар",
                    "title_en": "Heat stroke",
                    "criticality": "important",
                }
            ]
        }
    )

    code: Annotated[str, StringConstraints(min_length=2, max_length=40, pattern=r"^[a-z][a-z0-9_]*$")]
    title_ru: Line(120, min_length=1)  # type: ignore[valid-type]
    title_en: Line(120, min_length=1)  # type: ignore[valid-type]
    criticality: Criticality
    profile: Profile | None = None


class ReasonPatch(Schema):
    """Fields to change; what is absent stays."""

    model_config = example({"criticality": "critical"})

    title_ru: Line(120, min_length=1) | None = None  # type: ignore[valid-type]
    title_en: Line(120, min_length=1) | None = None  # type: ignore[valid-type]
    criticality: Criticality | None = None
    profile: Profile | None = None
    active: bool | None = None


class ReasonOut(View):
    """A reason for a call."""

    code: str
    title_ru: str
    title_en: str
    criticality: Criticality
    profile: str | None
    active: bool
    version: int


class ReasonList(View):
    items: list[ReasonOut]
    next_cursor: str | None


class NormOut(View):
    """How soon is soon enough."""

    id: int
    norm_set: str
    territory: str
    criticality: Criticality
    clock_start: str
    clock_stop: str
    target_s: int
    statistic: Literal["share", "mean"]
    share: float
    title_ru: str
    title_en: str
    active: bool
    version: int


NormClock = Literal[
    "received", "assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed"
]


class NormIn(Schema):
    """A norm."""

    model_config = example(
        {
            "norm_set": "own",
            "criticality": "critical",
            "clock_start": "received",
            "clock_stop": "on_scene",
            "target_s": 900,
        }
    )

    norm_set: Line(20, min_length=1)  # type: ignore[valid-type]  # a function that returns a type
    territory: Line(100) = ""  # type: ignore[valid-type]  # as above
    """For whom it was written, to be read by people: it judges the calls of all territories."""
    criticality: Criticality
    clock_start: NormClock
    clock_stop: NormClock
    target_s: Annotated[int, Field(ge=1, le=30 * 86_400)]
    """Seconds."""
    statistic: Literal["share", "mean"] = "share"
    share: Annotated[float, Field(gt=0, le=1)] = 0.9
    title_ru: Line(160) = ""  # type: ignore[valid-type]  # as above
    title_en: Line(160) = ""  # type: ignore[valid-type]  # as above
    active: bool = True


class NormPatch(Schema):
    """What is absent stays."""

    model_config = example({"target_s": 1200, "version": 1})

    territory: Line(100) | None = None  # type: ignore[valid-type]  # as above
    target_s: Annotated[int, Field(ge=1, le=30 * 86_400)] | None = None
    statistic: Literal["share", "mean"] | None = None
    share: Annotated[float, Field(gt=0, le=1)] | None = None
    title_ru: Line(160) | None = None  # type: ignore[valid-type]  # as above
    title_en: Line(160) | None = None  # type: ignore[valid-type]  # as above
    active: bool | None = None
    version: Version | None = None


class NormSetIn(Schema):
    """Which set of norms is in force."""

    model_config = example({"norm_set": "ru"})

    norm_set: Line(20, min_length=1)  # type: ignore[valid-type]  # as above


class NormList(View):
    items: list[NormOut]
    next_cursor: str | None
