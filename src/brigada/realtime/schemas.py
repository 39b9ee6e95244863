"""Shape of the snapshot."""

from typing import Any

from pydantic import AwareDatetime

from brigada.attention.schemas import AttentionOut, RuleOut
from brigada.auth.schemas import MeOut
from brigada.calls.schemas import CallOut, NormOut, ReasonOut
from brigada.schema import View
from brigada.stations.schemas import HospitalOut, StationOut
from brigada.teams.schemas import TeamOut


class PositionOut(View):
    """The latest fix of a team's car."""

    team_id: int
    car_id: int
    lat: float
    lon: float
    at: AwareDatetime
    received_at: AwareDatetime
    accuracy_m: float | None
    speed_mps: float | None
    heading_deg: float | None
    source: str


class ProposedStepOut(View):
    """A step that the positions tell of and nobody has reported yet."""

    assignment_id: int
    team_id: int
    step: str
    at: AwareDatetime
    noticed_at: AwareDatetime
    distance_m: float


class SnapshotOut(View):
    """Everything that a screen starts from. A worker gets the own team and its call alone."""

    seq: int
    epoch: str
    at: AwareDatetime
    role: str
    me: MeOut
    calls: list[CallOut]
    teams: list[TeamOut]
    positions: list[PositionOut]
    attention: list[AttentionOut]
    """What asks for attention now; empty for a worker."""
    attention_rules: list[RuleOut]
    """What the rules of attention are called; empty for a worker."""
    proposed_steps: list[ProposedStepOut]
    """A worker gets those of the own team."""
    stations: list[StationOut]
    hospitals: list[HospitalOut]
    reasons: list[ReasonOut]
    norms: list[NormOut]
    settings: dict[str, Any]
    unread: int
