"""Shapes of attention."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from brigada.schema import PointOut, Schema, Version, View, example

Seconds = Annotated[int, Field(ge=0, le=86_400)]


class AttentionOut(View):
    """Something that asks for attention. Names the call and the team, never the patient."""

    id: int
    rule: str
    call_id: int | None
    assignment_id: int | None
    team_id: int | None
    since: AwareDatetime
    raised_at: AwareDatetime
    level: int
    """1, or 2 when nobody acknowledged it in time."""
    escalated_at: AwareDatetime | None
    acknowledged_at: AwareDatetime | None
    acknowledged_by: int | None
    ended_at: AwareDatetime | None
    car_id: int | None
    """Of a call for help from a car, as what follows; it ends when somebody acknowledges it."""
    car_number: str | None
    location: PointOut | None
    place_at: AwareDatetime | None
    """Of when the place is: of the alarm itself, or of the car's last fix."""


class AttentionList(View):
    items: list[AttentionOut]
    next_cursor: str | None


class RuleOut(View):
    """When something asks for attention."""

    code: str
    condition: str
    criticality: str | None
    after_s: int
    escalate_s: int | None
    title_ru: str
    title_en: str
    active: bool
    version: int


class RuleList(View):
    items: list[RuleOut]
    next_cursor: str | None


class RulePatch(Schema):
    """What to change of a rule; what is absent stays."""

    model_config = example({"after_s": 180, "version": 1})

    after_s: Seconds | None = None
    escalate_s: Annotated[int | None, Field(ge=1, le=86_400)] = None
    """null: it never escalates."""
    active: bool | None = None
    version: Version | None = None
