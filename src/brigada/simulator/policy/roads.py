"""The road graph, and travel times from every node to the places that matter."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from brigada.regions.road_graph import Floats, Ints, RoadGraph

__all__ = ["Drive", "Floats", "Ints", "RoadGraph", "TravelTable"]

BATCH = 32
"""Destinations for one Dijkstra call: its float64 rows of a 50,000-node city then take about 20 MB."""
PATHS_KEPT = 60_000
"""Paths remembered between runs of one process, about 2 KB each."""


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
    done, total = 0, graph.modes * len(destinations)
    for mode in range(graph.modes):
        # Reversed arcs: one search from a destination gives the times to it from everywhere.
        backwards = graph.matrix(mode, backwards=True)
        for start in range(0, len(destinations), BATCH):
            rows = slice(start, min(start + BATCH, len(destinations)))
            times, before = dijkstra(backwards, indices=destinations[rows], return_predecessors=True)
            seconds[mode, rows] = times
            onward[mode, rows] = before
            done += rows.stop - rows.start
            if progress is not None:
                progress(done, total)
