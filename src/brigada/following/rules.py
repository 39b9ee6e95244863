"""Departure and arrival from fixes: pure. Distances are metres."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from brigada.kit.geo import Point, haversine_m

ARRIVAL_M = 80.0
"""A car stops at the entrance, the address is the middle of the house: blocks are up to 150 m long."""
DEPARTURE_M = 100.0
"""A yard of a station; a car that was moved across it has not departed."""
DWELL = timedelta(seconds=20)
"""Inside for so long is an arrival; a car that drives past is out again sooner."""
WORST_ACCURACY_M = 100.0
"""A fix worse than that says nothing about a fence of this size."""

PROPOSES = {
    "assigned": "en_route",
    "acknowledged": "en_route",
    "en_route": "on_scene",
    "transporting": "at_hospital",
}
"""The step that positions may tell in each state of an assignment."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A fix as far as fences need it."""

    point: Point
    at: datetime
    accuracy_m: float | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A step that the positions tell: when, how far from the place, by how good a fix."""

    step: str
    at: datetime
    distance_m: float
    accuracy_m: float | None


@dataclass(slots=True)
class Fence:
    """A circle around the place that a crew is to leave or to reach, and what was seen of it so far."""

    step: str
    centre: Point
    last: Seen | None = None
    crossed_at: datetime | None = None

    def see(self, fix: Seen) -> Proposal | None:
        """Take in the next fix; return the proposal when it is certain enough.

        The moment is that of crossing the circle, reckoned between the last fix before and the first one after it, so
        that a fix every minute does not make an arrival a minute late. A single stray fix proposes nothing.
        """
        if fix.accuracy_m is not None and fix.accuracy_m > WORST_ACCURACY_M:
            return None
        if self.last is not None and fix.at <= self.last.at:
            return None
        before, self.last = self.last, fix
        leaving = self.step == "en_route"
        distance = haversine_m(fix.point, self.centre)
        if not self._is_there(distance, fix.accuracy_m or 0.0, leaving=leaving):
            self.crossed_at = None
            return None
        if self.crossed_at is None:
            self.crossed_at = self._crossing(before, fix, leaving=leaving)
            return None
        if fix.at - self.crossed_at < DWELL:
            return None
        return Proposal(self.step, self.crossed_at, round(distance, 1), fix.accuracy_m)

    def _is_there(self, distance: float, accuracy: float, *, leaving: bool) -> bool:
        """Leaving needs certainty that it is outside; arriving forgives half the error, since it stays."""
        return distance > DEPARTURE_M + accuracy if leaving else distance < ARRIVAL_M + accuracy / 2

    def _crossing(self, before: Seen | None, fix: Seen, *, leaving: bool) -> datetime:
        if before is None:
            return fix.at
        radius = DEPARTURE_M if leaving else ARRIVAL_M
        far, near = haversine_m(before.point, self.centre), haversine_m(fix.point, self.centre)
        if abs(near - far) < 1:
            return fix.at
        share = min(1.0, max(0.0, (radius - far) / (near - far)))
        return before.at + (fix.at - before.at) * share


TELL_AGAIN = timedelta(seconds=60)
"""An arrival that moves by less is not told again: nobody decides by it."""


def worth_telling(told: datetime | None, arrives_at: datetime) -> bool:
    """Return whether a newly reckoned arrival differs enough from the one last told."""
    return told is None or abs(arrives_at - told) >= TELL_AGAIN
