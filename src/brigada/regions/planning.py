"""From an extract to the roads as arrays: what an import leaves beside OSRM's graphs for simulations.

OSRM answers questions about single trips and keeps its graph to itself. A simulation needs every crossing: where a
crew is at any second of its way. The times are stretched to agree with OSRM's in the median.
"""

from array import array
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import osrm
from osmium.filter import KeyFilter
from osmium.osm import Node, Way
from scipy.sparse.csgraph import dijkstra

from brigada.kit.geo import EARTH_RADIUS_M as EARTH_M
from brigada.regions.road_graph import RoadGraph

SPEEDS_KMH = {
    "motorway": 90, "trunk": 75, "primary": 60, "secondary": 50, "tertiary": 45, "unclassified": 40,
    "residential": 30, "living_street": 15, "service": 15, "road": 30, "motorway_link": 55, "trunk_link": 50,
    "primary_link": 45, "secondary_link": 40, "tertiary_link": 35,
}  # fmt: skip
"""Free-flow speed of ordinary driving by kind of road."""
KINDS = tuple(SPEEDS_KMH)
SIREN_SAVING = 0.8
"""Lights and sirens save a fifth of the time, where no measured graph says it better."""
NO_ACCESS = frozenset({"motorway", "trunk", "motorway_link", "trunk_link"})
STRETCH_M = 150.0
"""A road without crossings gets a node at least so often: a crew's place is known to about a block."""
OFF_ROAD_MPS = (8.0, 6.0)
MODES = ("emergency", "car")
SAMPLE = (12, 60)
"""Destinations and origins of the trips by which two graphs are compared: 720 trips, the median is then good to 2 %."""


class _Ways:
    """The drivable ways of an extract, point after point, in flat arrays: a city has a million points."""

    def __init__(self) -> None:
        self.ref, self.lat, self.lon = array("q"), array("d"), array("d")
        self.way, self.kind, self.speed, self.oneway = array("i"), array("b"), array("d"), array("b")
        self.hospitals: list[tuple[float, float]] = []

    def take(self, item: Node | Way) -> None:
        hospital = item.tags.get("amenity") == "hospital"
        if isinstance(item, Node):
            if hospital:
                self.hospitals.append((item.location.lat, item.location.lon))
            return
        places = [(n.ref, n.location.lat, n.location.lon) for n in item.nodes if n.location.valid()]
        if hospital and places:
            self.hospitals.append((places[0][1], places[0][2]))
        kind = item.tags.get("highway")
        if kind not in SPEEDS_KMH or item.tags.get("access") in ("no", "private") or len(places) < 2:
            return
        oneway = item.tags.get("oneway", "yes" if kind == "motorway" else "no")
        if oneway == "-1":
            places.reverse()
        number = len(self.kind)
        for ref, lat, lon in places:
            self.ref.append(ref)
            self.lat.append(lat)
            self.lon.append(lon)
            self.way.append(number)
        self.kind.append(KINDS.index(kind))
        self.speed.append(_speed_mps(item.tags.get("maxspeed"), kind))
        self.oneway.append(oneway in ("yes", "true", "1", "-1"))


def _speed_mps(limit: str | None, kind: str) -> float:
    """The lower of the usual speed and 90 % of a posted limit."""
    usual = float(SPEEDS_KMH[kind])
    posted = int(limit) if limit is not None and limit.isdigit() else 0
    return (min(usual, 0.9 * posted) if posted > 0 else usual) / 3.6


def read_roads(path: Path) -> tuple[RoadGraph, list[tuple[float, float]]]:
    """The drivable roads of an extract, and the hospitals found in it.

    Nodes are crossings, ends of ways, and one point of each `STRETCH_M` between them.

    Raises:
        ValueError: the file can't be read, or it has no roads.
    """
    ways = _Ways()
    try:
        wanted = KeyFilter("highway", "amenity")
        for item in osmium.FileProcessor(str(path)).with_locations().with_filter(wanted):
            if isinstance(item, Node | Way):
                ways.take(item)
    except RuntimeError as error:
        raise ValueError(f"cannot read {path.name}: {error}") from error
    if not ways.kind:
        raise ValueError(f"{path.name} has no roads")
    return _graph_of(ways).largest_component(), ways.hospitals


def _graph_of(ways: _Ways) -> RoadGraph:
    lat, lon = np.frombuffer(ways.lat), np.frombuffer(ways.lon)
    way = np.frombuffer(ways.way, dtype=np.int32)
    kind = np.frombuffer(ways.kind, dtype=np.int8)
    speed = np.frombuffer(ways.speed)
    oneway = np.frombuffer(ways.oneway, dtype=np.int8).astype(np.bool_)
    refs, node, uses = np.unique(
        np.frombuffer(ways.ref, dtype=np.int64), return_inverse=True, return_counts=True
    )
    same = way[1:] == way[:-1]
    east = (lon[1:] - lon[:-1]) * np.cos(np.radians(lat[:-1]))
    metres = np.where(same, np.radians(np.hypot(lat[1:] - lat[:-1], east)) * EARTH_M, 0.0)
    along = np.concatenate([[0.0], np.cumsum(metres)])
    kept = uses[node] > 1
    kept[0] = kept[-1] = True
    kept[1:] |= ~same
    kept[:-1] |= ~same
    kept[1:] |= along[1:] // STRETCH_M != along[:-1] // STRETCH_M
    points = np.flatnonzero(kept)
    joined = way[points[1:]] == way[points[:-1]]
    first, second = points[:-1][joined], points[1:][joined]
    seconds = (along[second] - along[first]) / speed[way[first]]
    both = ~oneway[way[first]]
    source = np.concatenate([node[first], node[second][both]])
    target = np.concatenate([node[second], node[first][both]])
    times = np.concatenate([seconds, seconds[both]])
    access = np.zeros(len(refs), dtype=np.bool_)
    closed = np.array([name in NO_ACCESS for name in KINDS])
    access[node[points[~closed[kind[way[points]]]]]] = True
    used = np.zeros(len(refs), dtype=np.bool_)
    used[node[points]] = True
    place_lat, place_lon = np.zeros(len(refs)), np.zeros(len(refs))
    place_lat[node], place_lon[node] = lat, lon
    whole = RoadGraph(
        place_lat, place_lon, access, source.astype(np.intp), target.astype(np.intp),
        np.array([times * SIREN_SAVING, times]), OFF_ROAD_MPS,
    )  # fmt: skip
    return whole.part(used)


def agreeing(graph: RoadGraph, roads: Path) -> RoadGraph:
    """The graph with its times stretched to agree, trip for trip in the median, with OSRM's graphs below `roads`."""
    stretched = graph.seconds.copy()
    for mode, profile in enumerate(MODES):
        engine = osrm.OSRM(
            storage_config=str(roads / profile / "region.osrm"), algorithm="MLD", use_shared_memory=False,
            use_mmap=True, max_locations_distance_table=-1,
        )  # fmt: skip
        stretched[mode] *= _stretch(graph, mode, engine)
    return replace(graph, seconds=stretched)


def _stretch(graph: RoadGraph, mode: int, engine: Any) -> float:  # noqa: ANN401  the binding has no types
    rng = np.random.default_rng(942)
    nodes = np.flatnonzero(graph.access)
    goals = rng.choice(nodes, size=min(SAMPLE[0], len(nodes)), replace=False)
    starts = rng.choice(nodes, size=min(SAMPLE[1], len(nodes)), replace=False)
    picked = [*starts.tolist(), *goals.tolist()]
    answer = engine.Table(
        osrm.TableParameters(
            coordinates=[(float(graph.lon[node]), float(graph.lat[node])) for node in picked],
            sources=list(range(len(starts))),
            destinations=list(range(len(starts), len(picked))),
            annotations=["duration"],
            generate_hints=False,
        )
    )
    measured = np.array(
        [[np.nan if value is None else value for value in row] for row in answer["durations"]]
    )
    own = dijkstra(graph.matrix(mode, backwards=True), indices=goals)[:, starts].T
    long = np.isfinite(measured) & np.isfinite(own) & (own > 60) & (measured > 60)
    return float(np.median(measured[long] / own[long])) if long.any() else 1.0
