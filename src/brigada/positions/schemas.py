"""Shapes of positions, as documented; bodies are read by `reading`, answers are plain data."""

from typing import Annotated

from pydantic import AwareDatetime, ConfigDict, Field

from brigada.schema import PointOut, Schema, View


class PositionIn(Schema):
    """A fix of the device. Unknown values are left out, null or −1."""

    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]
    at: AwareDatetime | None = None
    """The device's time of the fix, with its offset; empty: now."""
    accuracy_m: float | None = None
    """Radius that holds the true place two times in three, metres."""
    speed_mps: float | None = None
    heading_deg: float | None = None


class PositionsIn(Schema):
    """A batch, in any order; what was sent before changes nothing."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"items": [{"lat": 59.93, "lon": 30.31, "at": "2026-11-23T12:00:00+03:00"}]}]
        }
    )

    items: Annotated[list[PositionIn], Field(max_length=5000)]
    sent_at: AwareDatetime | None = None
    """The device's clock at the moment of sending: with it a wrong clock is put right exactly."""


class RefusedPoint(View):
    """A point that was not taken."""

    index: int
    code: str
    """`unreadable`, `coordinates`, `no_fix`, `time`, `time_without_offset`, `too_old`; `no_team`: the sender was on no
    team at that moment."""


class PositionsTaken(View):
    """What became of a batch; it is in the database."""

    accepted: int
    new: int
    """How many were not known yet."""
    refused: list[RefusedPoint]


class LatestPositionOut(View):
    """The latest fix of a team's car and how old it is."""

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
    age_s: float
    stale: bool
    """Older than the setting `position_stale_s`: shown, but not as live."""


class LatestPositions(View):
    items: list[LatestPositionOut]
    next_cursor: str | None


class TrackPoint(View):
    """One fix of a track."""

    at: AwareDatetime
    lat: float
    lon: float
    accuracy_m: float | None
    speed_mps: float | None
    heading_deg: int | None
    source: str
    delay_s: float
    """How long after the fix the server heard of it."""
    marks: list[str]
    """What is doubtful: `poor`, `jump`, `clock`, `late`; `alarm` is the device's button."""


class TrackStep(View):
    """A step on the way."""

    assignment_id: int
    call_id: int
    step: str
    at: AwareDatetime
    location: PointOut | None


class TrackOut(View):
    """Where a team was."""

    team_id: int
    since: AwareDatetime
    until: AwareDatetime
    total: int
    """Fixes stored; fewer are listed unless `exact`."""
    items: list[TrackPoint]
    steps: list[TrackStep]
