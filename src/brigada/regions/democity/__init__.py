"""The demo city: a town that does not exist, drawn the same from the same seed, as a real `.osm.pbf`.

It lets the whole service be tried without any download, by the very import that a real extract goes through.

>>> city = build_city()
>>> city.write(Path("demo.osm.pbf"))
>>> city.addresses[0].street, city.addresses[0].number, city.addresses[0].point
"""

import random
from dataclasses import dataclass
from pathlib import Path

from brigada.kit.geo import Point
from brigada.regions.democity import houses as houses_
from brigada.regions.democity import names, network, places, villages
from brigada.regions.democity.canvas import Canvas, to_degrees
from brigada.regions.democity.houses import House
from brigada.regions.democity.plan import Planner, Street

SEED = 42
TIME_ZONE = places.TIME_ZONE
NAME = names.CITY


@dataclass(frozen=True, slots=True)
class Address:
    """A house as a caller names it. `district` is empty outside the city."""

    street: str
    number: str
    town: str
    district: str
    point: Point

    @property
    def text(self) -> str:
        """One line: `улица Гоголя, 12 к2`, with the settlement in front where it is not the city."""
        line = f"{self.street}, {self.number}" if self.street else self.number
        return line if self.town in {"", names.CITY} else f"{self.town}, {line}"


@dataclass(frozen=True, slots=True)
class Landmark:
    """A named institution; `kind` is its OSM tag (`amenity=hospital`, `emergency=ambulance_station`, …)."""

    name: str
    kind: str
    address: str
    point: Point


@dataclass(frozen=True)
class City:
    """What stands in the city, and the sheet on which it is drawn."""

    addresses: tuple[Address, ...]
    landmarks: tuple[Landmark, ...]
    canvas: Canvas

    def of_kind(self, kind: str) -> tuple[Landmark, ...]:
        return tuple(landmark for landmark in self.landmarks if landmark.kind == kind)

    @property
    def hospitals(self) -> tuple[Landmark, ...]:
        return self.of_kind("amenity=hospital")

    @property
    def stations(self) -> tuple[Landmark, ...]:
        """The ambulance stations."""
        return self.of_kind("emergency=ambulance_station")

    def write(self, path: Path) -> None:
        """Write the extract; takes about a second. An existing file is replaced."""
        self.canvas.write(path)


def build_city(seed: int = SEED) -> City:
    """Draw the city. The same seed gives the same city, to the byte of the file."""
    rng = random.Random(seed)  # noqa: S311  a drawing, not a secret
    canvas = Canvas()
    streets = Planner(canvas, rng).streets()
    settlements = []
    for village in villages.VILLAGES:
        highway = next(s for s in streets if not s.name and _leads_to(s, village.avenue, streets))
        new, outline = villages.lay_out(village, canvas, highway.chains[-1][-1], rng)
        streets.extend(new)
        settlements.append((village.name, village.place, outline))
    streets = network.join(streets, len(canvas.places))
    network.draw(streets, canvas)
    builder = houses_.Builder(canvas, rng)
    builder.keep_off(streets)
    for street in streets:
        builder.build(street)
    landmarks = places.institutions(builder.houses, rng)
    houses_.draw(builder.houses, canvas)
    landmarks += places.draw_ground(canvas)
    places.draw_borders(canvas, settlements)
    places.bus_stops(streets, canvas, rng)
    return City(
        addresses=tuple(_address(house) for house in builder.houses),
        landmarks=tuple(
            Landmark(mark.name, mark.kind, mark.address, Point(*to_degrees(mark.x, mark.y)))
            for mark in landmarks
        ),
        canvas=canvas,
    )


def _leads_to(street: Street, avenue: int, streets: list[Street]) -> bool:
    """Whether this nameless highway goes on from the given avenue."""
    name = names.AVENUES[avenue]
    tails = {chain[-1] for s in streets if s.name == name for chain in s.chains}
    return street.chains[0][0] in tails


def _address(house: House) -> Address:
    lat, lon = to_degrees(house.x, house.y)
    return Address(house.street, house.number, house.town, house.district, Point(lat, lon))
