"""Fewer points for the same track, pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from brigada.kit.geo import EARTH_RADIUS_M


def kept_indices(
    lat: Sequence[float], lon: Sequence[float], seconds: Sequence[float], tolerance_m: float
) -> list[int]:
    """Return which points to keep so that nobody is drawn further than `tolerance_m` metres from where they were then.

    Top-down time ratio (Meratnia and de By, 2004): Douglas–Peucker with the distance to where the line says that the
    car was at that very second. So a stop keeps its two ends, which a purely geometric rule would lose, and a replay
    of the simplified track is right in time as well.
    """
    count = len(lat)
    if count <= 2:
        return list(range(count))
    x, y, t = _plane(lat, lon, seconds)
    keep = np.zeros(count, dtype=bool)
    keep[[0, -1]] = True
    spans = [(0, count - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        inner = slice(first + 1, last)
        span = t[last] - t[first]
        share = (t[inner] - t[first]) / span if span > 0 else np.zeros(last - first - 1)
        off_x = x[inner] - (x[first] + (x[last] - x[first]) * share)
        off_y = y[inner] - (y[first] + (y[last] - y[first]) * share)
        distance = np.hypot(off_x, off_y)
        worst = int(distance.argmax())
        if distance[worst] > tolerance_m:
            middle = first + 1 + worst
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return [int(index) for index in np.flatnonzero(keep)]


type _Axis = NDArray[np.float64]


def _plane(
    lat: Sequence[float], lon: Sequence[float], seconds: Sequence[float]
) -> tuple[_Axis, _Axis, _Axis]:
    """Project to metres around the first point: a track spans a city, where that errs by parts in a thousand."""
    lat_rad, lon_rad = np.radians(np.asarray(lat, dtype=float)), np.radians(np.asarray(lon, dtype=float))
    x = (lon_rad - lon_rad[0]) * np.cos(lat_rad[0]) * EARTH_RADIUS_M
    y = (lat_rad - lat_rad[0]) * EARTH_RADIUS_M
    return x, y, np.asarray(seconds, dtype=float)
