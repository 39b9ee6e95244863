"""City models of what Brigada itself knows: the demo city, and every installed region."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from brigada.regions.democity import build_city
from brigada.regions.manifest import FILE_NAME, read_manifest
from brigada.regions.planning import read_roads
from brigada.regions.road_graph import RoadGraph
from brigada.regions.store import Installed, RegionStore
from brigada.simulator.policy.jemss import Points
from brigada.simulator.policy.osm import ZONES, Progress, as_points, city_of, read_points
from brigada.simulator.policy.raster import morton
from brigada.simulator.policy.scenario import Scenario

CELLS = 1 << 16
"""Steps of the curve along a side: finer than any two houses."""

type Pairs = Sequence[tuple[float, float]]


def read_demo(cache: Path | None = None, progress: Progress | None = None) -> Scenario:
    """The demo city, drawn on the spot: calls at its houses, its own stations and hospitals."""
    from tempfile import TemporaryDirectory

    city = build_city()
    with TemporaryDirectory() as folder:
        extract = Path(folder) / "demo.osm.pbf"
        city.write(extract)
        graph, _ = read_roads(extract)
    houses = [(address.point.lat, address.point.lon) for address in city.addresses]
    posts, wards = (
        [(mark.point.lat, mark.point.lon) for mark in marks] for marks in (city.stations, city.hospitals)
    )
    return city_of("demo", graph, sampled(houses), posts, wards, cache=cache, progress=progress)


PREFIX = "region:"


def folder_of(scenario: str, data_dir: Path) -> str:
    """The folder of the scenario `region:NAME` among the regions installed in a data folder.

    Raises:
        RegionError: no such region; the message names those that there are.
    """
    return str(RegionStore(data_dir.resolve()).installed(scenario.removeprefix(PREFIX)).folder)


def is_region(folder: Path) -> bool:
    """Whether this is the folder of one build of an installed region."""
    return (folder / FILE_NAME).is_file()


def read_region(
    folder: Path,
    *,
    cache: Path | None = None,
    progress: Progress | None = None,
    posts: Path | None = None,
    hospitals: Path | None = None,
    added_posts: tuple[tuple[float, float], ...] = (),
) -> Scenario:
    """An installed region: calls at its addresses, ambulance stations and hospitals from its map unless given.

    Raises:
        ValueError: the build is of an older version, without roads for planning, or it has no addresses.
    """
    region = Installed(folder, read_manifest(folder))
    if not region.planning_graph.is_file():
        raise ValueError(
            f"the region {region.manifest.name} was imported by an older version: import it again"
        )
    graph = RoadGraph.read(region.planning_graph)
    houses = _points(region, "SELECT lat, lon FROM house")
    if not houses:
        raise ValueError(f"the region {region.manifest.name} has no addresses to call from")
    marked = "SELECT lat, lon FROM poi WHERE kind = ? ORDER BY id"
    own = _points(region, marked, "emergency=ambulance_station") if posts is None else read_points(posts)
    wards = _points(region, marked, "amenity=hospital") if hospitals is None else read_points(hospitals)
    return city_of(
        region.manifest.name, graph, sampled(houses), own, wards, added_posts=added_posts, cache=cache,
        progress=progress,
    )  # fmt: skip


def _points(region: Installed, query: str, *values: str) -> list[tuple[float, float]]:
    with closing(sqlite3.connect(f"file:{region.places}?mode=ro", uri=True)) as base:
        return [(float(lat), float(lon)) for lat, lon in base.execute(query, values)]


def sampled(houses: Pairs, count: int = ZONES) -> Points:
    """At most so many houses, evenly over all of them: each k-th along a Morton curve."""
    lat, lon = as_points(houses)
    rows, columns = (
        ((values - values.min()) / max(1e-9, float(np.ptp(values))) * (CELLS - 1)).astype(np.intp)
        for values in (lat, lon)
    )
    order = np.argsort(morton(rows, columns), kind="stable")
    picked = order[np.unique(np.linspace(0, len(order) - 1, min(count, len(order))).astype(np.intp))]
    return lat[picked], lon[picked]
