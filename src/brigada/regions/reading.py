"""One pass over an extract: the base map's layers go to files, addresses and places to memory.

pyosmium filters in C++ what neither wants, so that Python sees about a tenth of a city's objects.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import osmium
from osmium.filter import KeyFilter
from osmium.geom import GeoJSONFactory
from osmium.osm import Area, Node, Way

from brigada.regions import layers
from brigada.regions.errors import BadExtractError
from brigada.regions.gathered import Gathered, RawAddress, RawArea, RawPlace, RawPoi, RawWay
from brigada.regions.progress import Report, Stage

_WANTED = (
    "highway", "addr:housenumber", "addr:interpolation", "building", "place", "boundary", "natural",
    "landuse", "leisure", "waterway", "railway", "amenity", "shop", "emergency", "healthcare",
    "tourism", "office", "historic", "aeroway", "man_made", "timezone",
)  # fmt: skip

_NOT_DRIVABLE = {
    "footway", "path", "cycleway", "steps", "pedestrian", "bridleway", "corridor", "platform", "bus_stop",
    "construction", "proposed", "elevator", "raceway", "rest_area", "services",
}  # fmt: skip

_REPORT_EVERY = 2_000  # objects between two reports: often enough for a bar, rare enough to cost nothing


def check_extract(path: Path) -> None:
    """Refuse what is no extract before any work is done.

    Raises:
        BadExtractError: the file is absent, empty or not in a format that is read.
    """
    if not path.is_file():
        raise BadExtractError(f"There is no file {path}.")
    if path.stat().st_size == 0:
        raise BadExtractError(f"The file {path.name} is empty.")
    try:
        with osmium.io.Reader(str(path)) as reader:
            reader.header()
    except RuntimeError as error:
        raise BadExtractError(
            f"The file {path.name} is no OpenStreetMap extract, or it is damaged: {error}."
        ) from error


def read_extract(path: Path, folder: Path, report: Report) -> Gathered:
    """Gather addresses and places, and write `folder/LAYER.geojson` for every layer of the base map.

    Raises:
        BadExtractError: the extract is damaged, or holds no road for cars.
    """
    gathered = Gathered()
    try:
        header = osmium.io.Reader(str(path), osmium.osm.osm_entity_bits.NOTHING).header()
        with ExitStack() as files:
            output = {
                layer: files.enter_context((folder / f"{layer}.geojson").open("w", encoding="utf-8"))
                for layer in layers.LAYERS
            }
            reader = _Reader(gathered, output)
            for item in _objects(path, report):
                reader.take(item)
    except (RuntimeError, UnicodeDecodeError) as error:
        raise BadExtractError(f"The extract {path.name} is damaged: {error}.") from error
    if not gathered.drivable_ways:
        raise BadExtractError(f"The extract {path.name} has no roads that a car can use.")
    box = header.box()
    if box.valid():
        gathered.south, gathered.west = box.bottom_left.lat, box.bottom_left.lon
        gathered.north, gathered.east = box.top_right.lat, box.top_right.lon
    return gathered


def _objects(path: Path, report: Report) -> Iterator[Node | Way | Area]:
    keys = KeyFilter(*_WANTED)
    processor = osmium.FileProcessor(str(path)).with_locations().with_areas(keys).with_filter(keys)
    # The order of a file is nodes, ways, areas; how many there are is known only at its end, so the bar moves
    # by kind and by a curve that slows down.
    share = {"n": (0.0, 0.35), "w": (0.35, 0.35), "r": (0.7, 0.0), "a": (0.7, 0.3)}
    for seen, item in enumerate(processor, start=1):
        if seen % _REPORT_EVERY == 0:
            start, width = share.get(item.type_str(), (0.9, 0.0))
            report(Stage.READ, start + width * (1 - 1 / (1 + seen / 100_000)))
        if isinstance(item, Node | Way | Area):
            yield item
    report(Stage.READ, 1.0)


class _Reader:
    """Sorts objects into what they are for."""

    def __init__(self, gathered: Gathered, output: Mapping[str, IO[str]]) -> None:
        self._gathered = gathered
        self._output = output
        self._geometry = GeoJSONFactory()

    def take(self, item: Node | Way | Area) -> None:
        tags = {tag.k: tag.v for tag in item.tags}
        try:
            if isinstance(item, Node):
                self._node(item, tags)
            elif isinstance(item, Way):
                self._way(item, tags)
            else:
                self._area(item, tags)
        except osmium.InvalidLocationError:
            return  # a way that leaves the extract; the rest of it is there

    # -- nodes ----------------------------------------------------------------------------------------------

    def _node(self, node: Node, tags: Mapping[str, str]) -> None:
        lat, lon = node.lat, node.lon
        place = tags.get("place", "")
        if place and "name" in tags:
            population = tags.get("population", "").replace(" ", "")
            count = int(population) if population.isdigit() else 0
            self._gathered.places.append(RawPlace(lat, lon, tags["name"], place, count))
        self._address(lat, lon, tags, node.id)
        self._poi(lat, lon, tags)
        self._point(lat, lon, tags)
        self._time_zone(tags, 20)

    def _point(self, lat: float, lon: float, tags: Mapping[str, str]) -> None:
        shown = layers.point_layer(tags)
        if shown:
            self._write(shown, f'{{"type":"Point","coordinates":[{lon:.7f},{lat:.7f}]}}')

    # -- ways -----------------------------------------------------------------------------------------------

    def _way(self, way: Way, tags: Mapping[str, str]) -> None:
        highway = tags.get("highway")
        if highway:
            self._road(way, tags, highway)
        if "addr:interpolation" in tags:
            line = [(n.lon, n.lat) for n in way.nodes]
            self._gathered.interpolations.append(
                (tags["addr:interpolation"], [n.ref for n in way.nodes], line)
            )
        shown = layers.line_layer(tags)
        if shown and len(way.nodes) > 1:
            self._write(shown, self._geometry.create_linestring(way))

    def _road(self, way: Way, tags: Mapping[str, str], highway: str) -> None:
        gathered = self._gathered
        name = tags.get("name")
        drivable = highway not in _NOT_DRIVABLE
        if not name and not drivable:
            return
        line = [(n.lon, n.lat) for n in way.nodes]
        if drivable and len(line) > 1:
            gathered.drivable_ways += 1
            for lon, lat in (line[0], line[-1]):
                gathered.south, gathered.north = min(gathered.south, lat), max(gathered.north, lat)
                gathered.west, gathered.east = min(gathered.west, lon), max(gathered.east, lon)
        if name:
            gathered.ways.append(RawWay(name, [n.ref for n in way.nodes], line))

    # -- areas ----------------------------------------------------------------------------------------------

    def _area(self, area: Area, tags: Mapping[str, str]) -> None:
        shown = layers.area_layer(tags)
        border = "name" in tags and (tags.get("boundary") == "administrative" or "place" in tags)
        geometry = self._outline(area) if shown or border else ""
        if geometry:
            if shown:
                self._write(shown, geometry)
            if border:
                self._border(tags, geometry)
        if "addr:housenumber" in tags or layers.poi_kind(tags):
            lat, lon = _middle(area)
            self._address(lat, lon, tags, None)
            self._poi(lat, lon, tags)
            if "place" not in tags:
                self._point(lat, lon, tags)
        self._time_zone(tags, int(tags["admin_level"]) if tags.get("admin_level", "").isdigit() else 15)

    def _outline(self, area: Area) -> str:
        """The polygon as GeoJSON, or nothing where its rings are broken, which is common in extracts."""
        try:
            return self._geometry.create_multipolygon(area)
        except RuntimeError:
            return ""

    def _border(self, tags: Mapping[str, str], geometry: str) -> None:
        level = int(tags["admin_level"]) if tags.get("admin_level", "").isdigit() else 0
        if level == 0 or level >= 5:
            self._gathered.areas.append(RawArea(tags["name"], level, tags.get("place", ""), geometry))

    # -- all ------------------------------------------------------------------------------------------------

    def _address(self, lat: float, lon: float, tags: Mapping[str, str], node: int | None) -> None:
        number = tags.get("addr:housenumber")
        if not number:
            return
        if node is not None:
            self._gathered.node_addresses[node] = len(self._gathered.addresses)
        street, place = tags.get("addr:street", ""), tags.get("addr:place", "")
        city, postcode = tags.get("addr:city", ""), tags.get("addr:postcode", "")
        self._gathered.addresses.append(RawAddress(lat, lon, number, street, place, city, postcode))

    def _poi(self, lat: float, lon: float, tags: Mapping[str, str]) -> None:
        kind = layers.poi_kind(tags)
        name = tags.get("name") or tags.get("brand") or ""
        if kind and name:
            other = "; ".join(
                tags[key] for key in ("official_name", "short_name", "alt_name", "name:en") if key in tags
            )
            street, number = tags.get("addr:street", ""), tags.get("addr:housenumber", "")
            self._gathered.pois.append(RawPoi(lat, lon, name, kind, street, number, other))

    def _time_zone(self, tags: Mapping[str, str], rank: int) -> None:
        if "timezone" in tags:
            self._gathered.time_zones.append((rank, tags["timezone"]))

    def _write(self, shown: layers.Shown, geometry: str) -> None:
        layer, properties, zoom = shown
        text = json.dumps(properties, ensure_ascii=False)
        head = f'{{"type":"Feature","tippecanoe":{{"minzoom":{zoom}}},"properties":{text},"geometry":'
        self._output[layer].write(f"{head}{geometry}}}\n")


def _middle(area: Area) -> tuple[float, float]:
    """The middle of the first outer ring's box: near enough for a house."""
    for ring in area.outer_rings():
        lats = [n.lat for n in ring]
        lons = [n.lon for n in ring]
        return (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    raise osmium.InvalidLocationError
