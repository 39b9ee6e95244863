"""The estimate of last resort: the straight line, made longer and driven at a town's pace."""

from dataclasses import dataclass

from brigada.kit.geo import Point, haversine_m
from brigada.routing.port import Profile, Reach, Route, Why

DETOUR_FACTOR = 1.35
"""Road distance over straight distance in towns: 1.2 to 1.5 in the literature (Ballou et al. 2002; Boscoe et
al. 2012: 1.417 in the USA); docs/regions.md has what was measured on the regions at hand."""

SPEED_KMH = {Profile.EMERGENCY: 45.0, Profile.CAR: 37.0}
"""Pace over the whole way, stops included: the medians on the demo city's graphs are 45 and 39."""


@dataclass(frozen=True, slots=True)
class StraightLine:
    """Never fails, knows no river. Everything that it says is marked with `why`."""

    detour: float = DETOUR_FACTOR
    why: Why = Why.ROUTER_DOWN

    def reach(self, start: Point, finish: Point, profile: Profile, why: Why | None = None) -> Reach:
        return self.over(haversine_m(start, finish), profile, why)

    def over(self, straight_m: float, profile: Profile, why: Why | None = None) -> Reach:
        """The estimate for a straight line whose length is known."""
        metres = straight_m * self.detour
        return Reach(metres / (SPEED_KMH[profile] / 3.6), metres, why or self.why)

    def way(self, start: Point, finish: Point, profile: Profile, why: Why | None = None) -> Route:
        reach = self.reach(start, finish, profile, why)
        return Route(reach.duration_s, reach.distance_m, (start, finish), (), reach.estimate)
