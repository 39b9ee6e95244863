"""A sheet to draw a town on, in metres, and its writing as a real OpenStreetMap extract."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import osmium
from osmium.osm import mutable

# The place is invented: forest between the Msta and the Mologa, without a town within 20 km.
ORIGIN_LAT = 58.90
ORIGIN_LON = 33.90
_M_PER_DEG_LAT = 111_195.0  # one degree of a meridian, metres (sphere of 6,371 km, as `kit.geo` takes it)
_M_PER_DEG_LON = _M_PER_DEG_LAT * math.cos(math.radians(ORIGIN_LAT))

type Tags = dict[str, str]
type XY = tuple[float, float]


def to_degrees(x: float, y: float) -> tuple[float, float]:
    """(latitude, longitude) of a place `x` metres east and `y` metres north of the centre."""
    return round(ORIGIN_LAT + y / _M_PER_DEG_LAT, 7), round(ORIGIN_LON + x / _M_PER_DEG_LON, 7)


@dataclass
class Canvas:
    """Nodes, ways and relations, numbered in the order in which they were drawn."""

    places: list[XY] = field(default_factory=list)
    node_tags: dict[int, Tags] = field(default_factory=dict)
    ways: list[tuple[list[int], Tags]] = field(default_factory=list)
    relations: list[tuple[list[tuple[str, int, str]], Tags]] = field(default_factory=list)

    def node(self, x: float, y: float, tags: Tags | None = None) -> int:
        self.places.append((x, y))
        number = len(self.places)
        if tags:
            self.node_tags[number] = dict(tags)
        return number

    def xy(self, node: int) -> XY:
        return self.places[node - 1]

    def way(self, nodes: Sequence[int], tags: Tags) -> int:
        self.ways.append((list(nodes), dict(tags)))
        return len(self.ways)

    def polygon(self, outline: Sequence[XY], tags: Tags) -> int:
        """A closed way around `outline`, whose last point need not repeat the first."""
        ring = list(outline[:-1]) if outline[0] == outline[-1] else list(outline)
        nodes = [self.node(x, y) for x, y in ring]
        return self.way([*nodes, nodes[0]], tags)

    def relation(self, members: Sequence[tuple[str, int, str]], tags: Tags) -> int:
        self.relations.append((list(members), dict(tags)))
        return len(self.relations)

    def write(self, path: Path) -> None:
        """Write everything as an `.osm.pbf`, sorted as extracts are; an existing file is replaced."""
        header = osmium.io.Header()
        header.set("generator", "brigada demo city")
        corners = [to_degrees(min(p[0] for p in self.places), min(p[1] for p in self.places))]
        corners.append(to_degrees(max(p[0] for p in self.places), max(p[1] for p in self.places)))
        (south, west), (north, east) = corners
        header.add_box(osmium.osm.Box(west, south, east, north))
        with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
            for number, (x, y) in enumerate(self.places, start=1):
                lat, lon = to_degrees(x, y)
                tags = self.node_tags.get(number, {})
                writer.add_node(mutable.Node(id=number, version=1, location=(lon, lat), tags=tags))
            for number, (nodes, tags) in enumerate(self.ways, start=1):
                writer.add_way(mutable.Way(id=number, version=1, nodes=nodes, tags=tags))
            for number, (members, tags) in enumerate(self.relations, start=1):
                writer.add_relation(mutable.Relation(id=number, version=1, members=members, tags=tags))
