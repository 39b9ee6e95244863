"""When a team's wheels turn, and what speaks against it: shared by the card's list and the joint plan.

Both reckon by these very figures, so that they name the same team for a call that stands alone. Pure; durations are
seconds.
"""

import math
from datetime import datetime, timedelta

from brigada.kit.geo import EARTH_RADIUS_M, Point, haversine_m

TURNOUT_S = 60.0
"""From the order to the wheels turning for a crew at its station; the usual figure of simulations."""

AT_STATION_M = 150.0
"""Within this of its station a crew is taken to sit inside; GPS in a yard errs by tens of metres."""

_AT_STATION_DEG = math.degrees(AT_STATION_M / EARTH_RADIUS_M)

HANDOVER_S = 1_200.0
"""Usual stay at a hospital, between the 12 min of the JEMSS models and the half hour of Russian reports; what is left
of it is the estimate for a team soon free."""

SOONEST_FREE_S = 60.0
"""A handover that should be over already still needs a minute."""

SOON_S = 600.0
"""A team counts as soon free when about ten minutes remain."""

SHIFT_ENDS_SOON = timedelta(minutes=30)
SHIFT_PRICE_S = 240.0
"""A call takes about an hour: a team with half an hour left would work overtime."""

LOST_POSITION_S = 600.0
"""A car may be anywhere by then: 10 minutes at 45 km/h are 7 km."""

LOST_POSITION_PRICE_S = 300.0

UNREACHABLE_PRICE_S = 1_800.0
"""The map has no road between the team and the call: the line across the water is no time of arrival. Half an
hour puts it behind every team that can drive there, and still on the list, because the map may be wrong."""


def turnout_s(fix: Point | None, station: Point | None) -> float:
    """A crew at its station needs a minute; one on the road none. Without a fix it is taken to be at its station."""
    if station is None:
        return 0.0
    # Most cars on the road are farther away by their latitude alone, which is quick to tell.
    if fix is not None and (
        abs(fix.lat - station.lat) > _AT_STATION_DEG or haversine_m(fix, station) > AT_STATION_M
    ):
        return 0.0
    return TURNOUT_S


def handover_rest_s(at_hospital_at: datetime | None, now: datetime) -> float:
    """What is left of a usual stay at the hospital."""
    spent = (now - at_hospital_at).total_seconds() if at_hospital_at is not None else 0.0
    return max(SOONEST_FREE_S, HANDOVER_S - spent)


def standing_price_s(shift_end: datetime, position_age_s: float | None, now: datetime) -> float:
    """Seconds by which another team may be slower and still be the better choice: overtime, a place long unknown."""
    price = SHIFT_PRICE_S if shift_end - now < SHIFT_ENDS_SOON else 0.0
    if position_age_s is not None and position_age_s > LOST_POSITION_S:
        price += LOST_POSITION_PRICE_S
    return price
