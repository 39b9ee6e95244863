"""The ranking: pure, the moment of now is an argument.

The order is that of the arrival, corrected by what a dispatcher would weigh: a weaker profile, a shift about to
end, a position too old to be trusted. Each correction is a price in seconds, so that a reason can be given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from brigada.dispatch.readiness import SHIFT_ENDS_SOON, UNREACHABLE_PRICE_S, standing_price_s
from brigada.routing.port import Why

OLD_POSITION_S = 30.0
"""From here on a position is shown as old (the console's third rule of positions)."""

WEAKER_PROFILE_PRICE_S = 300.0
"""3 to 10 minutes by the guide on dispatch; the optimiser's default."""

SPECIAL = frozenset({"paediatric", "psychiatric", "obstetric"})
_LEVEL = {"paramedic": 1, "physician": 2, "intensive_care": 3}


class Standing(StrEnum):
    """What a team is doing, as far as sending it matters."""

    FREE = "free"
    SOON_FREE = "soon_free"
    BUSY = "busy"
    ON_BREAK = "on_break"
    OFF_SHIFT = "off_shift"
    CAR_OUT = "car_out"
    NO_PLACE = "no_place"


GOING = frozenset({Standing.FREE, Standing.SOON_FREE})
"""Who can be sent, now or soon."""


class Fit(StrEnum):
    """How a team's profile suits a call."""

    ANY = "any"
    RIGHT = "right"
    STRONGER = "stronger"
    WEAKER = "weaker"


class Code(StrEnum):
    """One reason; the sentences stand in `candidates.words`."""

    NEAREST = "nearest"
    SLOWER = "slower"
    FASTER_BUT = "faster_but"
    RIGHT_PROFILE = "right_profile"
    STRONGER_PROFILE = "stronger_profile"
    WEAKER_PROFILE = "weaker_profile"
    SHIFT_UNTIL = "shift_until"
    SHIFT_ENDS = "shift_ends"
    OLD_POSITION = "old_position"
    AT_STATION = "at_station"
    SOON_FREE = "soon_free"
    ESTIMATE = "estimate"
    NO_ROAD = "no_road"
    OFF_ROAD = "off_road"
    ROADS_AWAY = "roads_away"
    BUSY = "busy"
    ON_BREAK = "on_break"
    OFF_SHIFT = "off_shift"
    CAR_OUT = "car_out"
    NO_PLACE = "no_place"


_ESTIMATES = {
    Why.UNREACHABLE: Code.NO_ROAD,
    Why.FAR_FROM_ROAD: Code.OFF_ROAD,
    Why.ROUTER_DOWN: Code.ROADS_AWAY,
    Why.NO_REGION: Code.ROADS_AWAY,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with the values that its sentence needs."""

    code: Code
    data: dict[str, str | int | float] = field(default_factory=dict)


class Asked(NamedTuple):
    """A team as it stands now. `drive_s` and `distance_m` are those of the road to the call; None: unknown place.

    `free_in_s` is the rest of the present work of a team soon free, `turnout_s` what it then needs to set off.
    `position_age_s` None: no fix, the team is
    taken to be at its station. `estimate` tells why the drive is a straight line, where it is one.
    """

    team_id: int
    name: str
    profile: str
    standing: Standing
    shift_end: datetime
    drive_s: float | None
    distance_m: float | None
    estimate: Why | None = None
    free_in_s: float = 0.0
    turnout_s: float = 0.0
    position_age_s: float | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A team in its place in the list. `eta_s` counts from now: the rest of its present work, turnout, the drive."""

    asked: Asked
    possible: bool
    eta_s: float | None
    price_s: float
    fit: Fit
    reasons: tuple[Reason, ...]


def fit_of(profile: str, required: str | None) -> Fit:
    """How a team of this profile suits a call that wants another. No profile is refused: help first."""
    if required is None:
        return Fit.ANY
    if profile == required:
        return Fit.RIGHT
    if required in SPECIAL or profile in SPECIAL:
        return Fit.WEAKER
    return Fit.STRONGER if _LEVEL.get(profile, 0) > _LEVEL.get(required, 0) else Fit.WEAKER


def rank(
    teams: Sequence[Asked],
    required: str | None,
    now: datetime,
    *,
    first: int | None = None,
    explained: bool = True,
) -> list[Candidate]:
    """All teams, or the `first` of them: those who can go, the best on top; then those who can't, and why.

    Reasons and places are worked out for what is answered only: nobody reads those of the 300th.
    """
    able = [team for team in teams if _able(team)]
    weighed = sorted(
        ((_price(team, required, now), team) for team in able), key=lambda pair: (pair[0], pair[1].team_id)
    )
    best = weighed[0][1] if weighed else None
    quickest = min(map(_eta, able), default=0.0)
    found = [
        Candidate(
            team,
            True,
            _eta(team),
            price,
            fit_of(team.profile, required),
            _why(team, best, quickest, required, now) if explained else (),
        )
        for price, team in weighed[:first]
    ]
    if first is not None and len(found) >= first:
        return found
    unable = sorted((team for team in teams if not _able(team)), key=lambda t: (t.drive_s or 1e9, t.team_id))
    found += [
        Candidate(team, False, None, 0.0, fit_of(team.profile, required), (Reason(_blocked(team)),))
        for team in unable
    ]
    return found[:first]


def _able(team: Asked) -> bool:
    return team.standing in GOING and team.drive_s is not None


def _eta(team: Asked) -> float:
    return (team.drive_s or 0.0) + team.free_in_s + team.turnout_s


def _price(team: Asked, required: str | None, now: datetime) -> float:
    price = _eta(team) + standing_price_s(team.shift_end, team.position_age_s, now)
    if fit_of(team.profile, required) is Fit.WEAKER:
        price += WEAKER_PROFILE_PRICE_S
    if team.estimate is Why.UNREACHABLE:
        price += UNREACHABLE_PRICE_S
    return price


def _why(
    team: Asked, best: Asked | None, quickest: float, required: str | None, now: datetime
) -> tuple[Reason, ...]:
    reasons = [_pace(team, best, quickest)]
    fit = fit_of(team.profile, required)
    if fit is not Fit.ANY:
        reasons.append(Reason(Code(f"{fit.value}_profile")))
    if team.standing is Standing.SOON_FREE:
        reasons.append(Reason(Code.SOON_FREE, {"seconds": round(team.free_in_s)}))
    left = team.shift_end - now
    ends = Code.SHIFT_ENDS if left < SHIFT_ENDS_SOON else Code.SHIFT_UNTIL
    reasons.append(
        Reason(ends, {"until": team.shift_end.isoformat(), "seconds": round(left.total_seconds())})
    )
    if team.position_age_s is None:
        reasons.append(Reason(Code.AT_STATION))
    elif team.position_age_s > OLD_POSITION_S:
        reasons.append(Reason(Code.OLD_POSITION, {"seconds": round(team.position_age_s)}))
    if team.estimate is not None:
        reasons.append(Reason(_ESTIMATES.get(team.estimate, Code.ESTIMATE)))
    return tuple(reasons)


def _pace(team: Asked, best: Asked | None, quickest: float) -> Reason:
    """The team's time beside the one advised: the nearest, so much slower, or quicker but passed over."""
    eta = _eta(team)
    if team is best or best is None:
        if eta <= quickest:
            return Reason(Code.NEAREST)
        return Reason(Code.SLOWER, {"seconds": round(eta - quickest)})
    difference = eta - _eta(best)
    if difference < 0:
        return Reason(Code.FASTER_BUT, {"seconds": round(-difference)})
    return Reason(Code.SLOWER, {"seconds": round(difference)})


def _blocked(team: Asked) -> Code:
    if team.standing in GOING:
        return Code.NO_PLACE
    return Code(team.standing.value)
