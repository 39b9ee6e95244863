"""The roads as plain arrays, for whoever reckons with the whole network: simulations and plans."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from brigada.kit.geo import EARTH_RADIUS_M as EARTH_M

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

    def part(self, kept: NDArray[np.bool_]) -> "RoadGraph":
        """The graph with only these nodes and the arcs between them."""
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

    def largest_component(self) -> "RoadGraph":
        """The graph without places from which, or to which, one cannot drive."""
        size = len(self.lat)
        ones = np.ones(len(self.source))
        matrix = csr_matrix((ones, (self.source, self.target)), shape=(size, size))
        _, label = connected_components(matrix, directed=True, connection="strong")
        return self.part(label == np.bincount(label).argmax())

    def matrix(self, mode: int, *, backwards: bool = False) -> Any:  # noqa: ANN401  scipy's sparse types
        """Seconds as a sparse matrix `[from, to]`; of parallel arcs the quickest counts.

        The sparse constructor would add parallel arcs up, and would take an arc of no length for none at all.
        """
        size = len(self.lat)
        source, target = (self.target, self.source) if backwards else (self.source, self.target)
        order = np.lexsort((self.seconds[mode], target, source))
        source, target, cost = source[order], target[order], self.seconds[mode][order]
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = (source[1:] != source[:-1]) | (target[1:] != target[:-1])
        cost = np.maximum(cost[first], 1e-3)
        return csr_matrix((cost, (source[first], target[first])), shape=(size, size))

    def write(self, path: Path) -> None:
        """Keep the graph in a file; about 25 bytes a node and arc."""
        np.savez_compressed(
            path, lat=self.lat, lon=self.lon, access=self.access, source=self.source.astype(np.int32),
            target=self.target.astype(np.int32), seconds=self.seconds.astype(np.float32), off_road=self.off_road_mps,
        )  # fmt: skip

    @classmethod
    def read(cls, path: Path) -> "RoadGraph":
        """Read what `write` kept.

        Raises:
            OSError: there is no such file.
            ValueError: it is damaged.
        """
        with np.load(path, allow_pickle=False) as kept:
            if set(kept.files) != {"lat", "lon", "access", "source", "target", "seconds", "off_road"}:
                raise ValueError(f"{path} holds no road graph")
            fast, ordinary = (float(speed) for speed in kept["off_road"])
            return cls(
                kept["lat"], kept["lon"], kept["access"], kept["source"].astype(np.intp),
                kept["target"].astype(np.intp), kept["seconds"].astype(np.float64), (fast, ordinary),
            )  # fmt: skip


def _plane(lat: Floats, lon: Floats, middle: float) -> Floats:
    """Metres on a plane around a latitude: right to a few parts in a thousand over a city."""
    return np.column_stack(
        [np.radians(lon) * EARTH_M * np.cos(np.radians(middle)), np.radians(lat) * EARTH_M]
    )
