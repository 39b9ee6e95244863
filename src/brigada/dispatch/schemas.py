"""Shapes of commands that send teams, and of what crews report."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, StringConstraints

from brigada.calls.schemas import AssignmentOut, CallOut
from brigada.schema import BodyId, Moment, Schema, Version, View, example

Step = Literal["acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed"]
TroubleKind = Literal["car_broken", "human_factor", "external_factor"]
Source = Literal["tap", "gps", "simulator"]
Comment = Annotated[str, StringConstraints(max_length=500)]
Outcome = Annotated[str, StringConstraints(max_length=40)]


class AssignIn(Schema):
    """Whom to send."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"team_id": 1}]})

    team_id: BodyId
    additional: bool = False
    """Send this one beside the team that the call has."""
    version: Version | None = None
    """The call's version that the dispatcher saw."""


class StepIn(Schema):
    """What the crew reports."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"step": "en_route"}]})

    step: Step
    occurred_at: Moment | None = None
    """The device's time of the tap; empty: now. Kept as it came; a clock plainly wrong is not believed."""
    source: Source = "tap"
    hospital_id: BodyId | None = None
    """Where the patient is taken (with `transporting` or `at_hospital`)."""
    outcome: Outcome = ""
    """How it ended, in a word (with `completed`)."""
    version: Version | None = None


class CorrectionIn(Schema):
    """A milestone's time, put right."""

    model_config = example(
        {"step": "on_scene", "occurred_at": "2026-01-10T10:15:00+03:00", "reason": "Отметили позже"}
    )

    step: Literal["acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed"]
    occurred_at: Moment
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    version: Version | None = None


class DeclineIn(Schema):
    """Why the crew can't go."""

    model_config = example({"reason": "Далеко, ближе бригада 7"})

    reason: Comment = ""
    comment: Comment = ""
    version: Version | None = None


class CancelIn(Schema):
    """Why the dispatcher takes the team back."""

    model_config = example({"comment": "Вызов обслуживает другая бригада"})

    comment: Comment = ""
    version: Version | None = None


class TroubleIn(Schema):
    """What befell the crew."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "car_broken", "comment": "Прокол колеса"}]}
    )

    kind: TroubleKind
    comment: Comment = ""
    version: Version | None = None


class CurrentAssignmentOut(AssignmentOut):
    """The crew's own work now, with the whole card of its call."""

    call: CallOut


class TimeLineEntry(View):
    """One entry of an assignment's time line."""

    step: str
    at: AwareDatetime
    device_at: AwareDatetime | None
    recorded_at: AwareDatetime
    actor_id: int | None
    source: str
    correction: bool
    reason: str


class AssignmentDetailOut(AssignmentOut):
    """An assignment with every entry of its time line."""

    time_line: list[TimeLineEntry]
