"""Shapes of the advice and of routes."""

from typing import Any, Literal

from pydantic import AwareDatetime

from brigada.schema import PointOut, View


class ReasonOut(View):
    """Why a team stands where it does; `text` is in the caller's language."""

    code: str
    data: dict[str, Any]
    text: str


class CandidateOut(View):
    """A team that could go, or why it can't."""

    team_id: int
    name: str
    profile: str
    possible: bool
    standing: str
    """free, soon_free, busy, on_break, off_shift, car_out, no_place."""
    fit: str
    """How the profile suits: any, right, stronger, weaker."""
    suitable: bool
    eta_s: float | None
    """Seconds from now to the arrival, the rest of the present work included."""
    drive_s: float | None
    free_in_s: float
    distance_m: float | None
    approximate: bool
    """A straight-line estimate: show it with "≈"."""
    shift_end: AwareDatetime
    position_age_s: float | None
    reasons: list[ReasonOut]


class PlanOut(View):
    """What the joint plan says of a call: `send`, `divert`, `wait`, `none` or `keep`."""

    kind: str
    team_id: int | None
    name: str | None
    eta_s: float | None
    agrees: bool
    """It names the first of the list, or the team that is on its way."""
    text: str
    """Where it does not agree: whom it would send, and why not the first of the list."""
    computed_at: AwareDatetime


class CandidateList(View):
    plan: PlanOut | None
    """None: the plan knows nothing of this call yet, or nobody makes one."""
    items: list[CandidateOut]
    next_cursor: str | None
    call_id: int
    approximate: bool
    """Some time is an estimate: the roads are away, or the region has none."""
    computed_at: AwareDatetime


class LineOut(View):
    """GeoJSON: longitude before latitude."""

    type: Literal["LineString"]
    coordinates: list[tuple[float, float]]


class StepOut(View):
    text: str
    street: str
    distance_m: float
    duration_s: float
    location: PointOut


class WayOut(View):
    """A way by road, from where a crew is now."""

    geometry: LineOut
    distance_m: float
    duration_s: float
    arrives_at: AwareDatetime
    approximate: bool
    """A straight-line estimate: show it with "≈"."""
    why_approximate: str | None
    """router_down, far_from_road, unreachable, no_region."""
    position_at: AwareDatetime | None
    """Age of the fix from which the way begins; None: from where the crew was last known without one."""
    computed_at: AwareDatetime
    steps: list[StepOut]


class RouteOut(WayOut):
    """The way of a crew to where it is due now."""

    assignment_id: int
    target: Literal["call", "hospital"]


class HomeRouteOut(WayOut):
    """The way of a team back to its station."""

    team_id: int
    station_id: int
