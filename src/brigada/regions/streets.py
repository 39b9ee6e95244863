"""Which pieces of road are one street, where it is, and where streets meet.

A name alone is no street: a city and its suburbs have several of each. Pieces of one name are one street when
they lie within a short walk of each other.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from brigada.regions.gathered import RawWay

# Chosen on Liechtenstein and on the demo city: gaps inside one street (squares, rivers) stay below it, equal
# names of neighbouring villages lie farther apart.
SAME_STREET_M = 700.0
_SAMPLE_M = 150.0  # how finely a long straight piece is sampled


@dataclass(slots=True)
class Street:
    """A street as an address knows it. `key` is the name for comparison; points are (latitude, longitude)."""

    name: str
    key: str
    points: list[tuple[float, float]]
    middle: tuple[float, float]
    number: int = 0
    town: str = ""
    district: str = ""
    nodes: set[int] = field(default_factory=set)


class Flat:
    """Degrees to metres on a plane that touches the region; errors below 0.5 % for a city."""

    def __init__(self, lat: float) -> None:
        self._lat = 111_195.0
        self._lon = 111_195.0 * math.cos(math.radians(lat))

    def xy(
        self, points: Iterable[tuple[float, float]]
    ) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
        """(latitude, longitude) pairs as metres east and north."""
        array = np.array([(lon * self._lon, lat * self._lat) for lat, lon in points], dtype=np.float64)
        return array.reshape(-1, 2)


def name_key(name: str) -> str:
    """The name without differences of case, ё and spacing."""
    return " ".join(name.lower().replace("ё", "е").split())


def gather_streets(ways: list[RawWay], flat: Flat) -> list[Street]:
    """Join the pieces of road into streets, in the order of their names."""
    by_name: dict[str, list[RawWay]] = defaultdict(list)
    for way in ways:
        by_name[name_key(way.name)].append(way)
    streets = []
    for key in sorted(by_name):
        pieces = by_name[key]
        for group in _near_each_other([_sampled(way.line, flat) for way in pieces], flat):
            points = [point for n in group for point in _sampled(pieces[n].line, flat)]
            streets.append(
                Street(
                    name=pieces[group[0]].name,
                    key=key,
                    points=points,
                    middle=_middle_point(points, flat),
                    nodes={node for n in group for node in pieces[n].nodes},
                )
            )
    return streets


def crossings(streets: list[Street], ways: list[RawWay]) -> list[tuple[int, int, float, float]]:
    """Where two streets share a node: (street, street, latitude, longitude), each pair's places once.

    Streets are meant by their index in the list; the smaller one comes first.
    """
    owners: dict[int, list[int]] = defaultdict(list)
    for index, street in enumerate(streets):
        for node in street.nodes:
            owners[node].append(index)
    shared = {node: who for node, who in owners.items() if len(who) > 1}
    found: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    seen: set[int] = set()
    for way in ways:
        for node, (lon, lat) in zip(way.nodes, way.line, strict=True):
            if node in shared and node not in seen:
                seen.add(node)
                who = shared[node]
                for n, one in enumerate(who):
                    for other in who[n + 1 :]:
                        found[min(one, other), max(one, other)].append((lat, lon))
    return [(a, b, lat, lon) for (a, b), places in sorted(found.items()) for lat, lon in _apart(places)]


def _apart(places: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Leave out corners within about 60 m of one that is kept: two carriageways meet a street twice."""
    kept: list[tuple[float, float]] = []
    for lat, lon in places:
        if all(math.hypot(lat - y, (lon - x) * math.cos(math.radians(lat))) > 60 / 111_195 for y, x in kept):
            kept.append((lat, lon))
    return kept


def _sampled(line: list[tuple[float, float]], flat: Flat) -> list[tuple[float, float]]:
    """Points along a line (longitude, latitude) as (latitude, longitude), none far from the next."""
    points = [(lat, lon) for lon, lat in line]
    if len(points) < 2:
        return points
    xy = flat.xy(points)
    out = [points[0]]
    for n in range(1, len(points)):
        count = int(math.dist(xy[n - 1], xy[n]) // _SAMPLE_M) + 1
        (a_lat, a_lon), (b_lat, b_lon) = points[n - 1], points[n]
        shares = (k / count for k in range(1, count + 1))
        out.extend((a_lat + (b_lat - a_lat) * s, a_lon + (b_lon - a_lon) * s) for s in shares)
    return out


def _near_each_other(lines: list[list[tuple[float, float]]], flat: Flat) -> list[list[int]]:
    """Groups of lines of which each is within `SAME_STREET_M` of another of its group."""
    if len(lines) == 1:
        return [[0]]
    xy = flat.xy(point for line in lines for point in line)
    owner = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    pairs = cKDTree(xy).query_pairs(SAME_STREET_M, output_type="ndarray")
    a, b = owner[pairs[:, 0]], owner[pairs[:, 1]]
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(len(lines), len(lines)))
    count, label = connected_components(graph, directed=False)
    return [[int(n) for n in np.flatnonzero(label == group)] for group in range(count)]


def _middle_point(points: list[tuple[float, float]], flat: Flat) -> tuple[float, float]:
    """The point of the street that is nearest to its centre of gravity: always on the street."""
    xy = flat.xy(points)
    return points[int(np.argmin(((xy - xy.mean(axis=0)) ** 2).sum(axis=1)))]
