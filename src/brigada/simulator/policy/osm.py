"""A city model from an OpenStreetMap extract alone: any region can be tried before it has data of its own."""

import csv
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import osmium

from brigada.simulator.policy.distributions import Duration
from brigada.simulator.policy.homes import spread
from brigada.simulator.policy.jemss import Points, locate
from brigada.simulator.policy.roads import EARTH_M, RoadGraph
from brigada.simulator.policy.scenario import HOURLY, WEEKDAYS, Demand, Fleet, Scenario, Service

SPEEDS_KMH = {
    "motorway": 90,
    "trunk": 75,
    "primary": 60,
    "secondary": 50,
    "tertiary": 45,
    "unclassified": 40,
    "residential": 30,
    "living_street": 15,
    "service": 15,
    "road": 30,
    "motorway_link": 55,
    "trunk_link": 50,
    "primary_link": 45,
    "secondary_link": 40,
    "tertiary_link": 35,
}
"""Free-flow speed of ordinary driving by kind of road; lights and sirens save a fifth of the time."""
SIREN_SAVING = 0.8
NO_ACCESS = frozenset({"motorway", "trunk", "motorway_link", "trunk_link"})
ZONES, POSTS, HOSPITALS = 600, 10, 4
"""Sampled zones; posts and hospitals to place when nobody says where they are."""
SEED = 20_261_123
TEAMS = 16

type Progress = Callable[[int, int], None]


class _Roads(osmium.SimpleHandler):
    def __init__(self) -> None:
        super().__init__()
        self.arcs: list[tuple[int, int, float, float, str]] = []
        self.where: dict[int, tuple[float, float]] = {}
        self.hospitals: list[tuple[float, float]] = []

    def node(self, node: osmium.osm.Node) -> None:
        if node.tags.get("amenity") == "hospital":
            self.hospitals.append((node.location.lat, node.location.lon))

    def way(self, way: osmium.osm.Way) -> None:
        nodes = [(n.ref, n.location.lat, n.location.lon) for n in way.nodes if n.location.valid()]
        if way.tags.get("amenity") == "hospital" and nodes:
            self.hospitals.append((nodes[0][1], nodes[0][2]))
        kind = way.tags.get("highway")
        if kind not in SPEEDS_KMH or way.tags.get("access") in ("no", "private"):
            return
        oneway = way.tags.get("oneway", "yes" if kind == "motorway" else "no")
        if oneway == "-1":
            nodes.reverse()
        for (a, lat1, lon1), (b, lat2, lon2) in pairwise(nodes):
            self.where[a], self.where[b] = (lat1, lon1), (lat2, lon2)
            north, east = lat2 - lat1, (lon2 - lon1) * np.cos(np.radians(lat1))
            metres = float(np.radians(np.hypot(north, east)) * EARTH_M)
            seconds = metres / (_speed(way.tags.get("maxspeed"), kind) / 3.6)
            self.arcs.append((a, b, metres, seconds, kind))
            if oneway not in ("yes", "true", "1", "-1"):
                self.arcs.append((b, a, metres, seconds, kind))


def _speed(limit: str | None, kind: str) -> float:
    """The lower of the usual speed and 90 % of a posted limit in km/h."""
    usual = float(SPEEDS_KMH[kind])
    posted = int(limit) if limit is not None and limit.isdigit() else 0
    return min(usual, 0.9 * posted) if posted > 0 else usual


def read_graph(path: Path) -> tuple[RoadGraph, list[tuple[float, float]]]:
    """The drivable roads of an extract, and the hospitals found in it. `ValueError` when it has no roads."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no scenario {path}: give `grid`, a folder, or an extract")
    handler = _Roads()
    try:
        handler.apply_file(str(path), locations=True)
    except RuntimeError as error:
        raise ValueError(f"cannot read {path.name}: {error}") from error
    if not handler.arcs:
        raise ValueError(f"{path.name} has no roads")
    number = {ref: index for index, ref in enumerate(handler.where)}
    access = np.zeros(len(number), dtype=np.bool_)
    for a, b, _, _, kind in handler.arcs:
        if kind not in NO_ACCESS:
            access[[number[a], number[b]]] = True
    seconds = np.array([arc[3] for arc in handler.arcs])
    points = np.array(list(handler.where.values()))
    graph = RoadGraph(
        points[:, 0],
        points[:, 1],
        access,
        np.array([number[arc[0]] for arc in handler.arcs], dtype=np.intp),
        np.array([number[arc[1]] for arc in handler.arcs], dtype=np.intp),
        np.array([seconds * SIREN_SAVING, seconds]),
        (8.0, 6.0),
    )
    return graph.largest_component(), handler.hospitals


def read_points(path: Path) -> list[tuple[float, float]]:
    """Columns `lat` and `lon` of a CSV file."""
    with path.open(newline="", encoding="utf-8-sig") as handle:
        return [(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(handle)]


def _as_points(pairs: Sequence[tuple[float, float]]) -> Points:
    return np.array([lat for lat, _ in pairs]), np.array([lon for _, lon in pairs])


def read_scenario(
    path: Path,
    *,
    cache: Path | None = None,
    progress: Progress | None = None,
    posts: Path | None = None,
    hospitals: Path | None = None,
    added_posts: tuple[tuple[float, float], ...] = (),
) -> Scenario:
    """A scenario from the roads: calls along streets, posts and hospitals from files or placed by the roads.

    Demand follows the length of streets with access, which stands in for people; norms are those of Russia
    (20 min, 20 min, 2 h). Everything can be replaced once the service has data.
    """
    graph, found = read_graph(path)
    rng = np.random.default_rng(SEED)
    street = np.bincount(graph.source, weights=graph.seconds[1], minlength=len(graph.lat)) * graph.access
    zones = rng.choice(
        len(street), size=min(ZONES, int((street > 0).sum())), replace=False, p=street / street.sum()
    )
    zone_points = (graph.lat[zones], graph.lon[zones])
    own = read_points(posts) if posts is not None else _scattered(zone_points, POSTS)
    wards = read_points(hospitals) if hospitals is not None else found or _scattered(zone_points, HOSPITALS)
    places, table = locate(
        graph,
        zone_points,
        _as_points([*own, *added_posts]),
        _as_points(wards),
        cache=cache,
        progress=progress,
    )
    demand = Demand(280.0, (0.18, 0.37, 0.45), (1200.0, 1200.0, 7200.0), HOURLY, WEEKDAYS, 0.15)
    scene, handover = Duration("lognormal", 1500, 0.5), Duration("weibull", 2.5, 2040)
    service = Service(50.0, 60.0, scene, handover, 0.35, noise_sigma=0.25)
    name = path.name.split(".")[0]
    scenario = Scenario(name, table, places, demand, service, Fleet((0,)), graph.lat, graph.lon)
    return scenario.with_homes(spread(scenario, TEAMS))


def _scattered(points: Points, count: int) -> list[tuple[float, float]]:
    """Centres of k-means over the zones, from a fixed start: sensible places when nobody names them."""
    from scipy.cluster.vq import kmeans2

    scale = np.cos(np.radians(float(np.mean(points[0]))))
    plane = np.column_stack([points[0], points[1] * scale])
    centres, _ = kmeans2(plane, min(count, len(plane)), seed=np.random.default_rng(SEED), minit="++")
    return [(float(lat), float(lon) / scale) for lat, lon in centres]
