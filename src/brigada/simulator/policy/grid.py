"""A square city of equal blocks, small enough to reason about: for tests, and for a first try without a
map.
"""

from collections.abc import Sequence

import numpy as np

from brigada.simulator.policy.distributions import Duration
from brigada.simulator.policy.roads import RoadGraph, TravelTable
from brigada.simulator.policy.scenario import Demand, Fleet, Places, Scenario, Service

ARC_S = 30.0
DEGREE_M = 111_195.0


def grid_graph(side: int, seconds: float = ARC_S) -> RoadGraph:
    """`side` x `side` crossings 300 m apart, two-way streets; ordinary driving takes 1.4 times as long."""
    rows, columns = np.divmod(np.arange(side * side), side)
    arcs = [
        (node, other)
        for node in range(side * side)
        for other, fits in ((node + 1, columns[node] + 1 < side), (node + side, rows[node] + 1 < side))
        if fits
    ]
    source = np.array([a for a, b in arcs] + [b for a, b in arcs], dtype=np.intp)
    target = np.array([b for a, b in arcs] + [a for a, b in arcs], dtype=np.intp)
    times = np.full(len(source), seconds)
    step = 300 / DEGREE_M
    return RoadGraph(
        50 + rows * step,
        30 + columns * step / np.cos(np.radians(50)),
        np.ones(side * side, dtype=np.bool_),
        source,
        target,
        np.array([times, times * 1.4]),
        (10.0, 10.0),
    )


def grid_city(
    side: int = 9,
    *,
    posts: Sequence[int] = (20, 60),
    homes: Sequence[int] = (0, 0, 1, 1),
    hospitals: Sequence[int] = (40,),
    per_day: float = 120.0,
    service: Service | None = None,
) -> Scenario:
    """A grid city where calls are equally likely at every crossing."""
    graph = grid_graph(side)
    count = side * side
    destinations = np.array([*range(count), *posts, *hospitals], dtype=np.intp)
    places = Places(
        np.arange(count),
        graph.lat,
        graph.lon,
        np.full(count, 1 / count),
        np.zeros((2, count)),
        np.arange(count, count + len(posts)),
        np.arange(count + len(posts), len(destinations)),
    )
    given = service or Service(
        50, 60, Duration("exponential", 720), Duration("exponential", 720), 0.5, noise_sigma=0.25
    )
    demand = Demand(per_day, (0.3, 0.4, 0.3), (480.0, 480.0, 1200.0))
    table = TravelTable.build(graph, destinations)
    return Scenario("grid", table, places, demand, given, Fleet(tuple(homes)), graph.lat, graph.lon)
