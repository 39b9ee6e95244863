"""The roads on which the past is played again: those of the region in use, or straight lines where there is none."""

from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from brigada.regions.road_graph import Floats, RoadGraph
from brigada.routing.port import Profile
from brigada.routing.straight_line import DETOUR_FACTOR, SPEED_KMH

MARGIN_DEG = 0.03
"""Roads around the places that matter: about 3 km, so that a ring road is not cut off."""
NEIGHBOURS = 12
"""Straight lines from each place; with so many the way over them is about 1 % longer than the direct one."""
FAR_M = 3_000.0
"""Farther from every road than this, half of the places are not on this map."""


class NoRoadsError(Exception):
    """The region's roads can't be used; the message says why."""


def roads_of(path: Path | None, lat: Floats, lon: Floats) -> RoadGraph:
    """The part of a region's roads around the places given.

    Raises:
        NoRoadsError: no file, a damaged one, or roads of another part of the world.
    """
    if path is None:
        raise NoRoadsError("no region is in use")
    try:
        graph = RoadGraph.read(path)
    except (OSError, ValueError) as error:
        raise NoRoadsError(str(error)) from error
    inside = (
        (graph.lat >= lat.min() - MARGIN_DEG)
        & (graph.lat <= lat.max() + MARGIN_DEG)
        & (graph.lon >= lon.min() - 2 * MARGIN_DEG)
        & (graph.lon <= lon.max() + 2 * MARGIN_DEG)
    )
    if inside.sum() < 2:
        raise NoRoadsError("no road lies near the calls")
    part = graph.part(inside).largest_component()
    if not part.access.any() or float(np.median(part.nearest(lat, lon)[1])) > FAR_M:
        raise NoRoadsError("no road lies near the calls")
    return part


def straight_lines(lat: Floats, lon: Floats) -> RoadGraph:
    """Places joined to their neighbours by straight lines, at the pace of the service's own estimates."""
    places = np.unique(np.column_stack([lat, lon]), axis=0)
    scale = np.array([111_195.0, 111_195.0 * np.cos(np.radians(places[:, 0].mean()))])
    plane = places * scale
    count = len(places)
    _, near = cKDTree(plane).query(plane, k=min(NEIGHBOURS + 1, count))
    near = np.asarray(near).reshape(count, -1)
    pairs = {(min(a, int(b)), max(a, int(b))) for a in range(count) for b in near[a] if a != int(b)}
    # A chain through all places in order joins what the neighbours alone would leave apart.
    pairs |= {(n, n + 1) for n in range(count - 1)}
    ends = np.array(sorted(pairs), dtype=np.intp).reshape(-1, 2)
    source, target = np.concatenate([ends, ends[:, ::-1]]).T if len(ends) else np.zeros((2, 0), dtype=np.intp)
    metres = np.hypot(*(plane[source] - plane[target]).T) * DETOUR_FACTOR
    speeds = [SPEED_KMH[profile] / 3.6 for profile in (Profile.EMERGENCY, Profile.CAR)]
    return RoadGraph(
        places[:, 0], places[:, 1], np.ones(count, dtype=np.bool_), source, target,
        np.array([metres / speed for speed in speeds]), (speeds[0], speeds[1]),
    )  # fmt: skip
