"""Shapes of what-if runs."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from brigada.schema import BodyId, Line, Schema, View

Hour = Annotated[float, Field(ge=0, le=24)]
Profile = Literal["paramedic", "physician", "intensive_care", "paediatric", "psychiatric", "obstetric"]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


class TeamsChangeIn(Schema):
    """So many teams more each day from one hour to another (fewer, below 0); equal hours mean all day.

    Without a station, teams are taken from where most are on duty, and added where they cover most.
    """

    kind: Literal["teams"]
    count: Annotated[int, Field(ge=-50, le=50)]
    from_hour: Hour = 0.0
    to_hour: Hour = 0.0
    station_id: BodyId | None = None
    profile: Profile | None = None

    @model_validator(mode="after")
    def _some(self) -> "TeamsChangeIn":
        if self.count == 0:
            message = "say how many teams more or fewer"
            raise ValueError(message)
        return self


class PostChangeIn(Schema):
    """A new post. So many teams are based there: taken from the stations with most, or `additional` ones."""

    kind: Literal["post"]
    lat: Latitude
    lon: Longitude
    name: Line(100) = ""  # type: ignore[valid-type]  # a function that returns a type
    teams: Annotated[int, Field(ge=0, le=20)] = 1
    additional: bool = False


class CloseChangeIn(Schema):
    """A station is closed; its teams move to the nearest other one."""

    kind: Literal["close"]
    station_id: BodyId


class NormChangeIn(Schema):
    """Another norm, from the receipt to the arrival; teams are sent by it."""

    kind: Literal["norm"]
    criticality: Literal["critical", "important", "common"]
    minutes: Annotated[float, Field(ge=1, le=600)]


class CallsChangeIn(Schema):
    """So many per cent calls more (or fewer), in the same rhythm and places."""

    kind: Literal["calls"]
    percent: Annotated[float, Field(ge=-90, le=200)]


class RulesChangeIn(Schema):
    """Other rules of work; a field left out stays."""

    kind: Literal["rules"]
    standby: bool | None = None
    """A freed team waits where it covers most, not at its own station."""
    switches: bool | None = None
    """Proposals to divert a team on its way are confirmed."""
    urgent_first: bool | None = None
    """A second of a critical or important call counts double."""


ChangeIn = Annotated[
    TeamsChangeIn | PostChangeIn | CloseChangeIn | NormChangeIn | CallsChangeIn | RulesChangeIn,
    Field(discriminator="kind"),
]


class VariantIn(Schema):
    """A set of changes, tried together."""

    name: Line(60) = ""  # type: ignore[valid-type]  # as above
    changes: Annotated[list[ChangeIn], Field(min_length=1, max_length=10)]


class RulesIn(Schema):
    """How the service works today."""

    standby: bool = False
    switches: bool = True
    urgent_first: bool = False


class WhatIfIn(Schema):
    """Play the last whole weeks again: as they were, and with each of the variants."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "weeks": 4,
                    "variants": [
                        {
                            "name": "−2 ночью",
                            "changes": [{"kind": "teams", "count": -2, "from_hour": 22, "to_hour": 6}],
                        }
                    ],
                }
            ]
        }
    )

    weeks: Annotated[int, Field(ge=1, le=12)] = 4
    repeats: Annotated[int, Field(ge=1, le=20)] = 3
    """Plays of each variant with other luck on the road."""
    rules: RulesIn = RulesIn()
    variants: Annotated[list[VariantIn], Field(min_length=1, max_length=4)]


class RunOut(View):
    """A run: `queued`, `running`, `done`, `failed` or `cancelled`."""

    id: int
    status: str
    progress: float
    """0 to 1."""
    cancel_requested: bool
    """It stops within a second or two."""
    step: str
    """What is being done, for people."""
    problem: str
    """Why it failed, a word for programs."""
    problem_text: str
    names: list[str]
    """What each variant is called, or what it changes, in the caller's language."""
    question: dict[str, Any]
    created_at: AwareDatetime
    finished_at: AwareDatetime | None


class RunDetail(RunOut):
    """A run with its result."""

    report: dict[str, Any] | None
    """Tables, charts and notes, in the caller's language, as reports have them."""
    cells: list[dict[str, Any]]
    """Squares of the map: bounds, calls, mean response today (`before_s`), and for each variant its change with the
    half-width of its 95 % interval, seconds."""
    stations: list[dict[str, Any]]
    """Posts today, with the hours of shifts that each has in a day."""
    posts: list[list[dict[str, Any]]]
    """The same for each variant."""


class RunList(View):
    items: list[RunOut]
    next_cursor: None = None
