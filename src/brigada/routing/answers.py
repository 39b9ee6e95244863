"""OSRM's answers, which are the same over HTTP and in a process, turned into ours."""

from collections.abc import Mapping, Sequence
from typing import Any

from brigada.kit.geo import Point
from brigada.routing.directions import step_texts
from brigada.routing.port import Profile, Reach, Road, Route, Step, Why
from brigada.routing.straight_line import StraightLine

FAR_FROM_ROAD_M = 400.0
"""A point farther from a road than this is not on it: what OSRM says about it would be about another place.
Large yards and hospital grounds stay below."""


def as_route(answer: Mapping[str, Any], start: Point, finish: Point, profile: Profile) -> Route:
    """The first route of an answer, or a marked straight line where there is none.

    Raises:
        KeyError: the answer is not one of OSRM's.
    """
    estimate = StraightLine()
    if answer["code"] in {"NoRoute", "NoSegment"}:
        return estimate.way(start, finish, profile, Why.UNREACHABLE)
    if any(waypoint["distance"] > FAR_FROM_ROAD_M for waypoint in answer["waypoints"]):
        return estimate.way(start, finish, profile, Why.FAR_FROM_ROAD)
    route = answer["routes"][0]
    line = tuple(Point(lat, lon) for lon, lat in route["geometry"]["coordinates"])
    steps = tuple(_step(step) for leg in route["legs"] for step in leg["steps"])
    return Route(float(route["duration"]), float(route["distance"]), line, steps)


def _step(step: Mapping[str, Any]) -> Step:
    maneuver = step["maneuver"]
    street = str(step.get("name") or step.get("ref") or "")
    ru, en = step_texts(
        maneuver["type"],
        maneuver.get("modifier", ""),
        street,
        int(maneuver.get("exit", 0)),
        float(maneuver.get("bearing_after", 0)),
    )
    lon, lat = maneuver["location"]
    return Step(ru, en, street, float(step["distance"]), float(step["duration"]), Point(lat, lon))


def as_reaches(
    durations: Sequence[float | None],
    distances: Sequence[float | None],
    snaps: Sequence[float],
    origins: Sequence[Point],
    *,
    destination: Point,
    destination_snap: float,
    profile: Profile,
) -> list[Reach]:
    """A column of a table; `snaps` are the metres from each origin to its road."""
    estimate = StraightLine()
    reaches = []
    for origin, duration, distance, snap in zip(origins, durations, distances, snaps, strict=True):
        if snap > FAR_FROM_ROAD_M or destination_snap > FAR_FROM_ROAD_M:
            reaches.append(estimate.reach(origin, destination, profile, Why.FAR_FROM_ROAD))
        elif duration is None or distance is None:
            reaches.append(estimate.reach(origin, destination, profile, Why.UNREACHABLE))
        else:
            reaches.append(Reach(duration, distance))
    return reaches


def as_road(answer: Mapping[str, Any]) -> Road | None:
    if answer["code"] != "Ok" or not answer["waypoints"]:
        return None
    waypoint = answer["waypoints"][0]
    lon, lat = waypoint["location"]
    return Road(Point(lat, lon), str(waypoint.get("name", "")), float(waypoint["distance"]))
