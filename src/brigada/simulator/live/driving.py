"""A way, and a car on it."""

import math
import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from brigada.kit.geo import EARTH_RADIUS_M, Point, haversine_m
from brigada.simulator.live.pace import Pace

STRAIGHT_MPS = 10.0
"""36 km/h: the speed along a way for which nobody gave a duration."""
GPS_SIGMA_M = 4.0
"""Spread of a phone's fixes under an open sky, each axis."""
POOR_SHARE, POOR_SIGMA_M = 0.02, 60.0
"""Between high houses one fix in fifty lies a street further, and says so."""


class Way:
    """A line with the second at which each of its points is reached."""

    def __init__(self, line: Sequence[Point], seconds: Sequence[float]) -> None:
        self.line = list(line)
        self._seconds = list(seconds)

    @property
    def duration_s(self) -> float:
        return self._seconds[-1]

    def at(self, second: float) -> tuple[Point, float, float]:
        """Return the place after so many seconds, the speed there (m/s) and the heading (degrees from north)."""
        second = min(max(second, 0.0), self.duration_s)
        index = min(max(bisect_right(self._seconds, second), 1), len(self.line) - 1)
        before, after = self.line[index - 1], self.line[index]
        span = self._seconds[index] - self._seconds[index - 1]
        share = (second - self._seconds[index - 1]) / span if span > 0 else 1.0
        place = Point(
            before.lat + (after.lat - before.lat) * share, before.lon + (after.lon - before.lon) * share
        )
        speed = haversine_m(before, after) / span if span > 0 and second < self.duration_s else 0.0
        return place, speed, heading(before, after)


class Car:
    """Where a car is: standing, or on a way since a moment of the city's clock."""

    def __init__(self, place: Point, pace: Pace) -> None:
        self.place = place
        self.speed = 0.0
        """Metres a second of the city."""
        self.heading = 0.0
        self._pace = pace
        self._way: tuple[Way, float] | None = None

    @property
    def drives(self) -> bool:
        """Is it on a way that it has not driven to the end?"""
        return self.until_there() > 0

    def drive(self, way: Way) -> None:
        """Begin to drive a way."""
        self._way = (way, self._pace.city_time())

    def move(self) -> None:
        """Be where the clock says."""
        if self._way is None:
            self.speed = 0.0
            return
        way, started = self._way
        second = self._pace.city_time() - started
        self.place, self.speed, self.heading = way.at(second)
        if second >= way.duration_s:
            self._way = None

    def until_there(self) -> float:
        """Return the seconds of the city until the end of the way; 0 for a car that stands."""
        if self._way is None:
            return 0.0
        way, started = self._way
        return max(0.0, started + way.duration_s - self._pace.city_time())

    def stop(self) -> None:
        """Stop where it is now."""
        self.move()
        self._way = None
        self.speed = 0.0


def way_of(route: Mapping[str, Any], start: Point, *, end: Point | None = None, stretch: float = 1.0) -> Way:
    """Return the way of an answer of `GET …/route`, driven from where the crew stands (to the very `end`, if given).

    Each piece between two instructions has its own speed, as the router reckoned it; `stretch` makes all of it slower.
    """
    line = [Point(lat, lon) for lon, lat in route["geometry"]["coordinates"]]
    if not line or haversine_m(start, line[0]) > 1:
        line.insert(0, start)
    if end is not None and haversine_m(end, line[-1]) > 1:
        line.append(end)
    if len(line) < 2:
        line.append(line[0])
    passed = distances(line)
    total = max(passed[-1], 1.0)
    marks = _speeds(route, total)
    return Way(line, [stretch * _second(marks, metres) for metres in passed])


def way_along(line: Sequence[Point], mps: float) -> Way:
    """Return a way driven at one speed."""
    points = list(line) if len(line) > 1 else [*line, *line]
    return Way(points, [metres / mps for metres in distances(points)])


def _speeds(route: Mapping[str, Any], total_m: float) -> list[tuple[float, float]]:
    """Return (metres, seconds) after each instruction, scaled to the line and the duration of the whole."""
    steps = route.get("steps") or []
    metres, seconds = [0.0], [0.0]
    for step in steps:
        if step["distance_m"] > 0:
            metres.append(metres[-1] + step["distance_m"])
            seconds.append(seconds[-1] + max(step["duration_s"], 0.1))
    duration = float(route.get("duration_s") or total_m / STRAIGHT_MPS)
    if metres[-1] <= 0 or duration <= 0:
        return [(0.0, 0.0), (total_m, max(duration, total_m / STRAIGHT_MPS))]
    return [
        (m * total_m / metres[-1], s * duration / seconds[-1]) for m, s in zip(metres, seconds, strict=True)
    ]


def _second(marks: Sequence[tuple[float, float]], metres: float) -> float:
    for (m0, s0), (m1, s1) in pairwise(marks):
        if metres <= m1:
            return s0 + (s1 - s0) * ((metres - m0) / (m1 - m0) if m1 > m0 else 1.0)
    return marks[-1][1]


def distances(line: Sequence[Point]) -> list[float]:
    """Return the metres from the beginning to each point of a line."""
    passed = [0.0]
    for before, after in pairwise(line):
        passed.append(passed[-1] + haversine_m(before, after))
    return passed


def heading(before: Point, after: Point) -> float:
    """Return the direction from one point to another, degrees clockwise from north; good for neighbours."""
    east = (after.lon - before.lon) * math.cos(math.radians(before.lat))
    return math.degrees(math.atan2(east, after.lat - before.lat)) % 360


def noisy(place: Point, rng: random.Random) -> tuple[Point, float]:
    """Return what a receiver would say of a place, and the accuracy that it would claim, metres."""
    sigma = POOR_SIGMA_M if rng.random() < POOR_SHARE else GPS_SIGMA_M
    north, east = rng.gauss(0, sigma), rng.gauss(0, sigma)
    lat = place.lat + math.degrees(north / EARTH_RADIUS_M)
    lon = place.lon + math.degrees(east / (EARTH_RADIUS_M * math.cos(math.radians(place.lat))))
    return Point(lat, lon), round(sigma * rng.uniform(1.2, 2.5), 1)
