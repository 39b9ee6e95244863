"""An extract as large as a real city's, for measuring the import: the demo city many times over, side by side."""

from dataclasses import dataclass
from pathlib import Path

import osmium
from osmium.osm.mutable import Node, Relation, Way

from brigada.regions.democity import City

# Each copy lies this far from the last one, degrees: a little more than the city is wide and high.
STEP_LAT, STEP_LON = 0.16, 0.30
COLUMNS = 20


@dataclass(frozen=True, slots=True)
class _City:
    """Everything in a small extract, free of its reader's memory: number, tags and what it is made of."""

    nodes: list[tuple[int, dict[str, str], float, float]]
    ways: list[tuple[int, dict[str, str], list[int]]]
    relations: list[tuple[int, dict[str, str], list[tuple[str, int, str]]]]

    @property
    def ids(self) -> int:
        """By how much the numbers of one copy differ from those of the next."""
        return 1 + max(
            max(number for number, *_ in kind) for kind in (self.nodes, self.ways, self.relations) if kind
        )


def write_large_extract(city: City, folder: Path, size_bytes: int) -> Path:
    """Write an extract of about `size_bytes`: `folder/large.osm.pbf`. Takes a minute or two for 60 MB."""
    one = folder / "one.osm.pbf"
    city.write(one)
    read = _read(one)
    copies = max(1, round(size_bytes / one.stat().st_size))
    one.unlink()
    large = folder / "large.osm.pbf"
    with osmium.SimpleWriter(str(large)) as writer:
        _write(read, copies, writer)
    return large


def _read(extract: Path) -> _City:
    city = _City([], [], [])
    for item in osmium.FileProcessor(str(extract)):
        tags = {tag.k: tag.v for tag in item.tags}
        if isinstance(item, osmium.osm.Node):
            city.nodes.append((item.id, tags, item.location.lat, item.location.lon))
        elif isinstance(item, osmium.osm.Way):
            city.ways.append((item.id, tags, [node.ref for node in item.nodes]))
        elif isinstance(item, osmium.osm.Relation):
            members = [(member.type, member.ref, member.role) for member in item.members]
            city.relations.append((item.id, tags, members))
    return city


def _write(city: _City, copies: int, writer: osmium.SimpleWriter) -> None:
    """Nodes, ways, relations, each by number: the order that readers expect."""
    steps = [copy * city.ids for copy in range(copies)]
    for copy, add in enumerate(steps):
        north, east = STEP_LAT * (copy // COLUMNS), STEP_LON * (copy % COLUMNS)
        for number, tags, lat, lon in city.nodes:
            writer.add_node(Node(id=number + add, version=1, tags=tags, location=(lon + east, lat + north)))
    for add in steps:
        for number, tags, nodes in city.ways:
            writer.add_way(Way(id=number + add, version=1, tags=tags, nodes=[ref + add for ref in nodes]))
    for add in steps:
        for number, tags, members in city.relations:
            moved = [(kind, ref + add, role) for kind, ref, role in members]
            writer.add_relation(Relation(id=number + add, version=1, tags=tags, members=moved))
