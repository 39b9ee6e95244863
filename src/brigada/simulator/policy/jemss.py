"""City models in the folder format of JEMSS: CSV tables with sections, an XML of distributions, a raster.

The format is that of uoa-ems-research/JEMSS.jl (Apache-2.0). Times there are in days, distances in
kilometres.
"""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from brigada.simulator.policy.distributions import DAY_S, parse_days, quotient
from brigada.simulator.policy.raster import read_geotiff
from brigada.simulator.policy.roads import RoadGraph, TravelTable
from brigada.simulator.policy.scenario import Demand, Fleet, Places, Scenario, Service

ZONES = 1200
"""Places where calls happen: about one for 1,100 people of the model's city, 600 m apart in its dense
parts.
"""
ZONES_SEED = 20_130_305
TURNOUT_S = 60.0
"""The format has no turnout; a crew at its post needs about a minute, one on the road none."""

type Table = list[dict[str, str]]
type Progress = Callable[[int, int], None]


def read_tables(path: Path) -> dict[str, Table]:
    """The named sections of one file: a row with the name, a row of columns, rows, a blank row."""
    tables: dict[str, Table] = {}
    columns: list[str] | None = None
    name: str | None = None
    with path.open(newline="", encoding="utf-8") as handle:
        for row in csv.reader(handle):
            cells = [cell.strip() for cell in row]
            if not any(cells):
                name = columns = None
            elif name is None:
                name, columns = cells[0], None
                tables[name] = []
            elif columns is None:
                columns = cells
            else:
                tables[name].append({key: cell for key, cell in zip(columns, cells, strict=False) if key})
    return tables


def read_graph(folder: Path) -> RoadGraph:
    """Nodes, arcs with their times in each mode, and the speeds off the road."""
    nodes = read_tables(folder / "roads" / "nodes.csv")["nodes"]
    arcs = read_tables(folder / "roads" / "arcs.csv")
    if arcs["miscData"][0]["arcForm"] != "directed":
        raise ValueError("only directed arcs are supported")
    modes = read_tables(folder / "travel" / "travel" / "travel_1.csv")["travelModes"]
    numbers = {row["index"]: position for position, row in enumerate(nodes)}
    rows = arcs["arcs"]
    seconds = [[float(row[f"mode_{m['travelModeIndex']}"]) * DAY_S for row in rows] for m in modes]
    return RoadGraph(
        np.array([float(row["y"]) for row in nodes]),
        np.array([float(row["x"]) for row in nodes]),
        np.array([float(row["offRoadAccess"]) > 0 for row in nodes]),
        np.array([numbers[row["fromNode"]] for row in rows], dtype=np.intp),
        np.array([numbers[row["toNode"]] for row in rows], dtype=np.intp),
        np.array(seconds),
        tuple(float(m["offRoadSpeed"]) * 1000 / DAY_S for m in modes),
    ).largest_component()


def _xml_value(text: str, tag: str) -> str:
    match = re.search(rf"<{tag}\b[^>]*>([^<]+)</{tag}>", text)
    if match is None:
        raise ValueError(f"the configuration has no <{tag}>")
    return match[1].strip()


def _arguments(text: str) -> list[float]:
    inner = text[text.index("(") + 1 : text.rindex(")")].strip("[] ")
    return [quotient(part) for part in inner.split(",")]


def read_scenario(folder: Path, cache: Path | None = None, progress: Progress | None = None) -> Scenario:
    """The whole model as a scenario. Raises `FileNotFoundError` or `ValueError` when a part is missing or
    odd.
    """
    graph = read_graph(folder)
    config = (folder / "calls" / "single" / "train" / "gen_config.xml").read_text(encoding="utf-8")
    stations = read_tables(folder / "stations" / "stations_1.csv")["stations"]
    hospitals = read_tables(folder / "hospitals" / "hospitals_1.csv")["hospitals"]
    ambulances = read_tables(folder / "ambulances" / "ambulances_1.csv")["ambulances"]
    priorities = read_tables(folder / "misc" / "call priorities" / "priorities_1.csv")["priorities"]

    [raster] = sorted((folder / "rasters").glob("*.tif"))
    lat, lon = read_geotiff(raster).sample(ZONES, ZONES_SEED)
    places, table = locate(
        graph, (lat, lon), _points(stations), _points(hospitals), cache=cache, progress=progress
    )
    shares = _arguments(_xml_value(config, "priority"))
    norms = [quotient(row["targetResponseTime"]) * DAY_S for row in priorities]
    demand = Demand(
        1 / _arguments(_xml_value(config, "interarrivalTime"))[0],
        (shares[0], shares[1], shares[2]),
        (round(norms[0], 1), round(norms[1], 1), round(norms[2], 1)),
    )
    service = Service(
        triage_s=round(parse_days(_xml_value(config, "dispatchDelay")).first, 3),
        turnout_s=TURNOUT_S,
        scene=parse_days(_xml_value(config, "onSceneDuration")),
        handover=parse_days(_xml_value(config, "handoverDuration")),
        transport=_arguments(_xml_value(config, "transport"))[0],
    )
    fleet = Fleet(tuple(int(row["stationIndex"]) - 1 for row in ambulances))
    return Scenario(folder.name, table, places, demand, service, fleet, graph.lat, graph.lon)


type Points = tuple[
    np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]
]


def _points(rows: Table) -> Points:
    return np.array([float(row["y"]) for row in rows]), np.array([float(row["x"]) for row in rows])


def locate(
    graph: RoadGraph,
    zones: Points,
    posts: Points,
    hospitals: Points,
    *,
    cache: Path | None,
    progress: Progress | None,
) -> tuple[Places, TravelTable]:
    """Tie zones, posts and hospitals to the road and compute the times to them. Zones weigh the same."""
    zone_node, metres = graph.nearest(*zones)
    destinations = np.concatenate([zone_node, graph.nearest(*posts)[0], graph.nearest(*hospitals)[0]])
    count, after = len(zone_node), len(zone_node) + len(posts[0])
    places = Places(
        np.arange(count),
        zones[0],
        zones[1],
        np.full(count, 1 / count),
        np.array([metres / speed for speed in graph.off_road_mps]),
        np.arange(count, after),
        np.arange(after, len(destinations)),
    )
    return places, TravelTable.build(graph, destinations, cache, progress)
