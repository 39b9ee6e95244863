"""Shapes of teams."""

from typing import Annotated, Literal

from pydantic import AliasChoices, AwareDatetime, ConfigDict, Field, model_validator

from brigada.schema import BodyId, Line, Moment, PointOut, Schema, Version, View, example

Profile = Literal["paramedic", "physician", "intensive_care", "paediatric", "psychiatric", "obstetric"]
MemberIds = Annotated[
    list[BodyId],
    Field(min_length=1, max_length=4, validation_alias=AliasChoices("member_ids", "members")),
]


class TeamIn(Schema):
    """A new team: a car and one to four workers for one shift."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "12", "profile": "paramedic", "car_id": 1, "member_ids": [4, 5], "station_id": 1,
                    "shift_start": "2026-01-10T08:00:00+03:00", "shift_end": "2026-01-10T20:00:00+03:00",
                }
            ]
        }
    )  # fmt: skip

    name: Line(50, min_length=1)  # type: ignore[valid-type]
    profile: Profile = "paramedic"
    car_id: Annotated[BodyId, Field(validation_alias=AliasChoices("car_id", "car"))]
    member_ids: MemberIds
    station_id: BodyId | None = None
    shift_start: Moment | None = None
    """Empty: now."""
    shift_end: Moment | None = None
    """Empty: twelve hours after the start."""

    @model_validator(mode="after")
    def _members_differ(self) -> "TeamIn":
        if len(set(self.member_ids)) != len(self.member_ids):
            message = "a worker is named twice"
            raise ValueError(message)
        return self


class TeamPatch(Schema):
    """Fields to change; what is absent stays."""

    model_config = example({"name": "12", "version": 1})

    name: Line(50, min_length=1) | None = None  # type: ignore[valid-type]
    profile: Profile | None = None
    car_id: Annotated[BodyId | None, Field(validation_alias=AliasChoices("car_id", "car"))] = None
    member_ids: Annotated[
        Annotated[list[BodyId], Field(min_length=1, max_length=4)] | None,
        Field(validation_alias=AliasChoices("member_ids", "members")),
    ] = None
    station_id: BodyId | None = None
    shift_start: Moment | None = None
    shift_end: Moment | None = None
    version: Version | None = None


class VersionIn(Schema):
    """Nothing but the version that the caller saw; the body may be left out."""

    model_config = example({"version": 1})

    version: Version | None = None


class MemberOut(View):
    """A worker on a team."""

    id: int
    name: str
    surname: str
    patronym: str


class TeamCarOut(View):
    """The team's car."""

    id: int
    number: str
    car_class: Annotated[str, Field(alias="class")]
    model: str
    serviceable: bool


class TeamOut(View):
    """A team. `free` is derived: on shift, not on a break, on no call."""

    id: int
    name: str
    profile: Profile
    members: list[MemberOut]
    car: TeamCarOut
    station_id: int | None
    shift_start: AwareDatetime
    shift_end: AwareDatetime
    on_shift: bool
    on_break_since: AwareDatetime | None
    ended_at: AwareDatetime | None
    free: bool
    assignment_id: int | None
    call_id: int | None
    location: PointOut | None
    """The car's latest fix; before the first one, the station."""
    position_at: AwareDatetime | None
    """Age of that fix; None when `location` is the station."""
    version: int


class TeamList(View):
    items: list[TeamOut]
    next_cursor: str | None
