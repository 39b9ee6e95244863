"""Shapes of the advice."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from brigada.dispatch.optimiser.settings import PRESETS
from brigada.schema import PointOut, Schema, Version, View

CriticalityName = Literal["critical", "important", "common"]
Weight = Annotated[float, Field(ge=0.1, le=100)]
Seconds = Annotated[float, Field(ge=0, le=7200)]
_START = PRESETS["balanced"]


class ReasonOut(View):
    """A machine code with its numbers, and the sentence in the caller's language."""

    code: str
    data: dict[str, Any]
    text: str


class RankedOut(View):
    """One team as an answer to a call."""

    team_id: int
    stage: str
    """free, en_route, soon_free."""
    eta_s: float
    """Seconds from now to the arrival."""
    cost: float
    possible: bool
    chosen: bool
    reasons: list[ReasonOut]


class AdviceOut(View):
    """Whom the plan would send to a call."""

    call_id: int
    kind: str
    """send a free team; wait for one soon free; divert one on its way (see the proposals); keep the team that is
    on its way; none."""
    team_id: int | None
    eta_s: float | None
    late: bool
    """It would come past the norm."""
    approximate: bool
    made_at: AwareDatetime
    computed_at: AwareDatetime
    candidates: list[RankedOut]


class MoveOut(View):
    """What a proposal changes for one call; arrivals in seconds from when it was computed."""

    call_id: int
    call_number: int
    criticality: str
    team_now: int | None
    team_before: int | None
    team_after: int | None
    name_now: str | None
    name_before: str | None
    name_after: str | None
    eta_before_s: float | None
    eta_after_s: float | None
    late_before: bool
    late_after: bool


class ProposalOut(View):
    """Changes of teams on their way that make sense only together."""

    id: int
    status: str
    """open, confirmed, declined, withdrawn."""
    made_at: AwareDatetime
    computed_at: AwareDatetime
    saved_s: float
    moves: list[MoveOut]
    text: str
    decided_at: AwareDatetime | None
    decided_by: int | None


class PostOut(View):
    """A station where a team could wait."""

    station_id: int
    name: str
    gain: float
    """Rise of the expected covered share of demand."""
    drive_s: float


class StandbyOut(View):
    """Where a team that is free now covers most: stations, the best first."""

    team_id: int
    freed_at: AwareDatetime | None
    posts: list[PostOut]


class AdviceList(View):
    items: list[AdviceOut]
    proposals: list[ProposalOut]
    computed_at: AwareDatetime | None
    automatic: list[str]
    """Criticalities that are sent without asking."""


class ZoneOut(View):
    """A square of the map: part of the demand at this hour, and the chance that a free team reaches it in time."""

    id: int
    district: str
    south: float
    west: float
    north: float
    east: float
    demand: float
    covered: float


class BareOut(View):
    """One of the barest districts: expected share of all demand left uncovered there, and its barest square.

    A square of which neither its calls nor the map name a district stands for itself.
    """

    zone_id: int
    district: str
    location: PointOut
    uncovered: float


class PreviewOut(View):
    """What would be left if this team were sent."""

    team_id: int
    share: float
    loss: float
    barest: list[BareOut]


class CoverageOut(View):
    """Expected coverage by the teams that are free now (MEXCLP)."""

    share: float
    busy_fraction: float
    threshold_s: float
    """Turnout and drive that count as in time here."""
    norm_s: float
    """Turnout and drive that still meet the norm of the most urgent calls."""
    free_teams: int
    zones: list[ZoneOut]
    barest: list[BareOut]
    preview: PreviewOut | None
    """The first of `previews`."""
    previews: list[PreviewOut]
    approximate: bool
    computed_at: AwareDatetime


class Weights(Schema):
    """Price of a second by criticality; equal weights make all of them gain."""

    critical: Weight = 1.0
    important: Weight = 1.0
    common: Weight = 1.0


class AdviceSettingsIn(Schema):
    """Settings of the advice; all of them, defaults where a field is left out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"automatic": ["critical"], "switch_s": 240}]})

    automatic: Annotated[list[CriticalityName], Field(max_length=3, default_factory=list)]
    """Criticalities whose waiting calls get their team without a dispatcher. Diversions never."""
    weights: Weights = Weights()
    late_s: Seconds = _START.late_s
    """What a missed norm costs beside the wait itself."""
    switch_s: Seconds = _START.switch_s
    """Price of calling a crew back."""
    near_patient_s: Seconds = _START.near_patient_s
    """A crew this close to its patient is left alone."""
    equal_gain_s: Seconds = _START.equal_gain_s
    """Gain for which a team may leave an equal or higher call."""
    max_switches: Annotated[int, Field(ge=0, le=5)] = _START.max_switches
    """How often one call may lose its team by a proposal."""
    version: Version | None = None


class _Figures(View):
    weights: dict[str, float]
    late_s: float
    switch_s: float
    near_patient_s: float
    equal_gain_s: float
    max_switches: int


class PresetOut(_Figures):
    """A set of figures with a name: `balanced`, with which a service starts, and `urgent`."""

    name: str


class AdviceSettingsOut(_Figures):
    automatic: list[str]
    preset: str | None
    """The preset that these figures are; none when they are the administrator's own."""
    presets: list[PresetOut]
    version: int
