"""A city model from an OpenStreetMap extract alone: any region can be tried before it has data of its own."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from brigada.regions.planning import read_roads
from brigada.simulator.policy.distributions import Duration
from brigada.simulator.policy.homes import spread
from brigada.simulator.policy.jemss import Points, locate
from brigada.simulator.policy.roads import RoadGraph
from brigada.simulator.policy.scenario import HOURLY, WEEKDAYS, Demand, Fleet, Scenario, Service

ZONES, POSTS, HOSPITALS = 600, 10, 4
"""Sampled zones; posts and hospitals to place when nobody says where they are."""
SEED = 20_261_123
TEAMS = 16

type Progress = Callable[[int, int], None]


def read_graph(path: Path) -> tuple[RoadGraph, list[tuple[float, float]]]:
    """The drivable roads of an extract, and the hospitals found in it. `ValueError` when it has no roads."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no scenario {path}: give `grid`, a folder, or an extract")
    return read_roads(path)


def read_points(path: Path) -> list[tuple[float, float]]:
    """Columns `lat` and `lon` of a CSV file."""
    with path.open(newline="", encoding="utf-8-sig") as handle:
        return [(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(handle)]


def as_points(pairs: Sequence[tuple[float, float]]) -> Points:
    """Latitudes and longitudes of (latitude, longitude) pairs."""
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
    wards = read_points(hospitals) if hospitals is not None else found
    own = read_points(posts) if posts is not None else []
    return city_of(
        path.name.split(".")[0], graph, zone_points, own, wards, added_posts=added_posts, cache=cache,
        progress=progress,
    )  # fmt: skip


def city_of(
    name: str,
    graph: RoadGraph,
    zone_points: Points,
    posts: Sequence[tuple[float, float]],
    hospitals: Sequence[tuple[float, float]],
    *,
    added_posts: Sequence[tuple[float, float]] = (),
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Scenario:
    """A city with equal demand at the points given, and with usual figures where it has none of its own.

    Without posts or hospitals some are placed in the middle of the demand.
    """
    places, table = locate(
        graph,
        zone_points,
        as_points([*(posts or _scattered(zone_points, POSTS)), *added_posts]),
        as_points(hospitals or _scattered(zone_points, HOSPITALS)),
        cache=cache,
        progress=progress,
    )
    demand = Demand(280.0, (0.18, 0.37, 0.45), (1200.0, 1200.0, 7200.0), HOURLY, WEEKDAYS, 0.15)
    scene, handover = Duration("lognormal", 1500, 0.5), Duration("weibull", 2.5, 2040)
    service = Service(50.0, 60.0, scene, handover, 0.35, noise_sigma=0.25)
    scenario = Scenario(name, table, places, demand, service, Fleet((0,)), graph.lat, graph.lon)
    return scenario.with_homes(spread(scenario, TEAMS))


def _scattered(points: Points, count: int) -> list[tuple[float, float]]:
    """Centres of k-means over the zones, from a fixed start: sensible places when nobody names them."""
    from scipy.cluster.vq import kmeans2

    scale = np.cos(np.radians(float(np.mean(points[0]))))
    plane = np.column_stack([points[0], points[1] * scale])
    centres, _ = kmeans2(plane, min(count, len(plane)), seed=np.random.default_rng(SEED), minit="++")
    return [(float(lat), float(lon) / scale) for lat, lon in centres]
