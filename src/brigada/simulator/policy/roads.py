"""The road graph, and travel times from every node to the places that matter."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

EARTH_M = 6_371_008.8
BATCH = 32
"""Destinations for one Dijkstra call: its float64 rows of a 50,000-node city then take about 20 MB."""
PATHS_KEPT = 60_000
"""Paths remembered between runs of one process, about 2 KB each."""

type Floats = NDArray[np.float64]
type Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class RoadGraph:
    """Directed arcs with seconds for each travel mode; mode 0 is lights and sirens, mode 1 ordinary driving.

    `access` marks nodes where a vehicle may leave the road; `off_road_mps` is the speed beyond it, by mode.
    """

    lat: Floats
    lon: Floats
    access: NDArray[np.bool_]
    source: Ints
    target: Ints
    seconds: Floats
    """`[mode, arc]`"""
    off_road_mps: tuple[float, ...]

    @property
    def modes(self) -> int:
        return len(self.off_road_mps)

    def nearest(self, lat: Floats, lon: Floats) -> tuple[Ints, Floats]:
        """The nearest node with access for each point, and the metres to it."""
        nodes = np.flatnonzero(self.access)
        middle = float(np.mean(self.lat))
        tree = cKDTree(_plane(self.lat[nodes], self.lon[nodes], middle))
        metres, index = tree.query(_plane(np.asarray(lat), np.asarray(lon), middle))
        return nodes[index], np.asarray(metres, dtype=np.float64)

    def largest_component(self) -> "RoadGraph":
        """The graph without places from which, or to which, one cannot drive."""
        size = len(self.lat)
        ones = np.ones(len(self.source))
        matrix = csr_matrix((ones, (self.source, self.target)), shape=(size, size))
        _, label = connected_components(matrix, directed=True, connection="strong")
        kept = label == np.bincount(label).argmax()
        number = np.cumsum(kept) - 1
        arcs = kept[self.source] & kept[self.target]
        return RoadGraph(
            self.lat[kept],
            self.lon[kept],
            self.access[kept],
            number[self.source[arcs]],
            number[self.target[arcs]],
            self.seconds[:, arcs],
            self.off_road_mps,
        )


def _plane(lat: Floats, lon: Floats, middle: float) -> Floats:
    """Metres on a plane around a latitude: right to a few parts in a thousand over a city."""
    return np.column_stack(
        [np.radians(lon) * EARTH_M * np.cos(np.radians(middle)), np.radians(lat) * EARTH_M]
    )


@dataclass(frozen=True, slots=True)
class Drive:
    """A drive: nodes and the seconds from the start at which each is reached."""

    nodes: list[int]
    at_s: list[float]


class TravelTable:
    """Seconds and next node from every node to each destination, in every mode.

    Only zones, posts and hospitals are destinations; a vehicle in motion is always at some node or between
    two.
    """

    def __init__(self, seconds: NDArray[Any], onward: NDArray[Any], destinations: Ints) -> None:
        self.seconds = seconds
        """`[mode, destination, node]`, float32"""
        self._onward = onward
        self.destinations = destinations
        self._paths: dict[tuple[int, int, int], Drive] = {}

    @classmethod
    def build(
        cls,
        graph: RoadGraph,
        destinations: Ints,
        cache: Path | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> "TravelTable":
        """Compute, or map from `cache` if the same was computed before. Unreachable is `inf`."""
        shape = (graph.modes, len(destinations), len(graph.lat))
        folder = None if cache is None else cache / f"travel-{_fingerprint(graph, destinations)}"
        if folder is not None and (folder / "done.json").exists():
            seconds = np.load(folder / "seconds.npy", mmap_mode="r")
            onward = np.load(folder / "onward.npy", mmap_mode="r")
            return cls(np.asarray(seconds), np.asarray(onward), destinations)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            opened = np.lib.format.open_memmap
            seconds = opened(folder / "seconds.npy", mode="w+", dtype=np.float32, shape=shape)
            onward = opened(folder / "onward.npy", mode="w+", dtype=np.int32, shape=shape)
        else:
            seconds = np.empty(shape, dtype=np.float32)
            onward = np.empty(shape, dtype=np.int32)
        _fill(graph, destinations, seconds, onward, progress)
        if folder is not None:
            (folder / "done.json").write_text(json.dumps({"shape": shape}))
        return cls(np.asarray(seconds), np.asarray(onward), destinations)

    def path(self, mode: int, destination: int, node: int) -> Drive:
        """The fastest way from a node to a destination (an index into `destinations`)."""
        key = (mode, destination, node)
        found = self._paths.get(key)
        if found is None:
            if len(self._paths) >= PATHS_KEPT:
                self._paths.clear()
            found = self._paths[key] = self._walk(mode, destination, node)
        return found

    def _walk(self, mode: int, destination: int, node: int) -> Drive:
        onward = self._onward[mode, destination]
        goal = int(self.destinations[destination])
        nodes = [node]
        while node != goal:
            node = int(onward[node])
            if node < 0:
                raise ValueError("no way to the destination")
            nodes.append(node)
        left = self.seconds[mode, destination][nodes].astype(np.float64)
        at = np.maximum.accumulate(left[0] - left)
        return Drive(nodes, at.tolist())


def _fingerprint(graph: RoadGraph, destinations: Ints) -> str:
    digest = hashlib.sha256()
    for part in (graph.lat, graph.lon, graph.source, graph.target, graph.seconds, destinations):
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:24]


def _fill(
    graph: RoadGraph,
    destinations: Ints,
    seconds: NDArray[Any],
    onward: NDArray[Any],
    progress: Callable[[int, int], None] | None,
) -> None:
    size = len(graph.lat)
    done, total = 0, graph.modes * len(destinations)
    for mode in range(graph.modes):
        # Parallel arcs: the sparse constructor would add them up, so only the fastest of each pair is kept.
        order = np.lexsort((graph.seconds[mode], graph.target, graph.source))
        source, target, cost = graph.source[order], graph.target[order], graph.seconds[mode][order]
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = (source[1:] != source[:-1]) | (target[1:] != target[:-1])
        # Reversed arcs: one search from a destination gives the times to it from everywhere.
        backwards = csr_matrix((np.maximum(cost[first], 1e-3), (target[first], source[first])), (size, size))
        for start in range(0, len(destinations), BATCH):
            rows = slice(start, min(start + BATCH, len(destinations)))
            times, before = dijkstra(backwards, indices=destinations[rows], return_predecessors=True)
            seconds[mode, rows] = times
            onward[mode, rows] = before
            done += rows.stop - rows.start
            if progress is not None:
                progress(done, total)
