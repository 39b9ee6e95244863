"""The names of a region in memory, and its houses in the file: what the search works on."""

import sqlite3
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from brigada.geocoding.names import Name, poi_name, street_name
from brigada.geocoding.vocabulary import Vocabulary
from brigada.kit.geo import Point, box_around, haversine_m


@dataclass(frozen=True, slots=True)
class Street:
    id: int
    title: str
    town: str
    district: str
    point: Point
    name: Name


@dataclass(frozen=True, slots=True)
class Poi:
    title: str
    category: str
    point: Point
    street: str
    number: str
    town: str
    district: str
    name: Name


@dataclass(frozen=True, slots=True)
class Place:
    title: str
    kind: str
    point: Point
    population: int
    name: Name


@dataclass(frozen=True, slots=True)
class House:
    number: str
    point: Point
    postcode: str
    estimated: bool
    street: int


class Catalogue:
    """One build's `places.sqlite`, opened for reading; `regions.places` writes it and documents its tables.

    Names live in memory, a few hundred bytes each; houses are read from the file when a street is in
    question. Safe for several threads.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        base = self._base()
        self.streets = [
            Street(number, name, town, district, Point(lat, lon), street_name(name))
            for number, name, town, district, lat, lon in base.execute(
                "SELECT id, name, town, district, lat, lon FROM street ORDER BY id"
            )
        ]
        self.pois = [
            Poi(name, kind, Point(lat, lon), street, number, town, district, poi_name(name, other, kind))
            for name, other, kind, lat, lon, street, number, town, district in base.execute(
                "SELECT name, other, kind, lat, lon, street, number, town, district FROM poi ORDER BY id"
            )
        ]
        self.places = [
            Place(name, kind, Point(lat, lon), population, street_name(name))
            for name, kind, lat, lon, population in base.execute(
                "SELECT name, kind, lat, lon, population FROM place ORDER BY id"
            )
        ]
        self.street_words = Vocabulary((*street.name.words, *street.name.extra) for street in self.streets)
        self.poi_words = Vocabulary((*poi.name.words, *poi.name.extra) for poi in self.pois)
        self.place_words = Vocabulary(place.name.words for place in self.places)
        towns = Counter(street.town for street in self.streets if street.town)
        self.main_town = towns.most_common(1)[0][0] if towns else ""
        self.latin = (
            sum(word.isascii() and word.isalpha() for s in self.streets[:400] for word in s.name.words) > 200
        )

    def houses(self, street: int, beginning: str = "") -> list[House]:
        """The houses of a street whose number begins with a text of digits."""
        rows = self._base().execute(
            "SELECT number, lat, lon, postcode, estimated FROM house WHERE street = ? AND number GLOB ?",
            (street, f"{beginning}*"),
        )
        return [
            House(number, Point(lat, lon), code, bool(guess), street)
            for number, lat, lon, code, guess in rows
        ]

    def crossings(self, one: int, other: int) -> list[Point]:
        rows = self._base().execute(
            "SELECT lat, lon FROM crossing WHERE a = ? AND b = ?", (min(one, other), max(one, other))
        )
        return [Point(lat, lon) for lat, lon in rows]

    def nearest_house(self, point: Point, radius_m: float) -> tuple[House, float] | None:
        """The nearest house within a radius and its distance in metres."""
        south, west, north, east = box_around(point, radius_m)
        rows = self._base().execute(
            "SELECT h.number, h.lat, h.lon, h.postcode, h.estimated, h.street FROM house_cell c "
            "JOIN house h ON h.id = c.id WHERE c.south >= ? AND c.north <= ? AND c.west >= ? AND c.east <= ?",
            (south, north, west, east),
        )
        houses = [House(row[0], Point(row[1], row[2]), row[3], bool(row[4]), row[5]) for row in rows]
        best = min(houses, key=lambda house: haversine_m(point, house.point), default=None)
        if best is None or (distance := haversine_m(point, best.point)) > radius_m:
            return None
        return best, distance

    def nearest_street(self, point: Point, radius_m: float) -> tuple[Street, Point, float] | None:
        """The nearest street within a radius, its nearest point and the distance in metres."""
        south, west, north, east = box_around(point, radius_m)
        rows = self._base().execute(
            "SELECT south, west, street FROM street_cell "
            "WHERE south >= ? AND north <= ? AND west >= ? AND east <= ?",
            (south, north, west, east),
        )
        spots = [(Point(lat, lon), street) for lat, lon, street in rows]
        best = min(spots, key=lambda spot: haversine_m(point, spot[0]), default=None)
        if best is None or (distance := haversine_m(point, best[0])) > radius_m:
            return None
        return self.streets[best[1] - 1], best[0], distance

    def _base(self) -> sqlite3.Connection:
        """The connection of the calling thread; the file never changes, so nothing is locked."""
        base: sqlite3.Connection | None = getattr(self._local, "base", None)
        if base is None:
            base = sqlite3.connect(f"file:{self._path}?mode=ro&immutable=1", uri=True)
            base.execute("PRAGMA mmap_size = 268435456")  # 256 MB at most; pages are shared between processes
            self._local.base = base
        return base

    def close(self) -> None:
        """Close the connection of the calling thread."""
        base: sqlite3.Connection | None = getattr(self._local, "base", None)
        if base is not None:
            base.close()
            self._local.base = None
