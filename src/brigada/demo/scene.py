"""Where the demo plays: the invented town, or the map of the region in use, such as one's own city."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from brigada.embedded.process import StartError
from brigada.kit.geo import Point, haversine_m
from brigada.regions.democity import Address, Landmark, build_city
from brigada.regions.fetch import DEMO
from brigada.regions.store import Installed, RegionStore

REACH_M: Final = 12_000.0
"""Of a larger region the demo takes what lies so near to its largest town: forty teams serve a town, no country."""
ENOUGH_HOUSES: Final = 300
"""With fewer in reach of the town the demo plays on the whole region."""
MOST_HOUSES: Final = 20_000
STATIONS, HOSPITALS = 8, 5
FEWEST_STATIONS: Final = 3
"""Maps rarely tell of ambulance stations. Where there are fewer, invented ones stand where the houses are."""
SEED: Final = 103


class Scene(Protocol):
    """Houses to call from, ambulance stations and hospitals."""

    @property
    def addresses(self) -> Sequence[Address]: ...

    @property
    def stations(self) -> Sequence[Landmark]: ...

    @property
    def hospitals(self) -> Sequence[Landmark]: ...


@dataclass(frozen=True, slots=True)
class RealPlaces:
    """A scene read from an installed region."""

    addresses: Sequence[Address]
    stations: Sequence[Landmark]
    hospitals: Sequence[Landmark]


def scene_in_use(data_dir: Path) -> Scene:
    """Return the scene of the region in use; the invented town where there is none, or its own.

    Raises:
        StartError: the region's map has neither houses nor named streets.
        RegionError: the region in use is damaged.
    """
    region = RegionStore(data_dir.resolve()).active()
    return build_city() if region is None or region.manifest.source == DEMO else read_scene(region)


def read_scene(region: Installed) -> RealPlaces:
    """Read a scene from a region's places.

    Raises:
        StartError: its map has neither houses nor named streets.
    """
    with closing(sqlite3.connect(f"file:{region.places}?mode=ro", uri=True)) as base:
        houses = _addresses(base, _HOUSES)
        if len(houses) < ENOUGH_HOUSES:
            houses += _addresses(base, _STREETS)
        town = base.execute("SELECT lat, lon FROM place ORDER BY population DESC, id LIMIT 1").fetchone()
        marks = {
            kind: [
                Landmark(name, kind, address, Point(lat, lon))
                for name, address, lat, lon in base.execute(_MARKS, (kind,))
            ]
            for kind in ("emergency=ambulance_station", "amenity=hospital")
        }
    if not houses:
        raise StartError(
            f"The map of the region {region.manifest.name} has no houses and no named streets to call from"
        )
    centre = Point(*town) if town else Point(*region.manifest.centre)
    near = [house for house in houses if haversine_m(house.point, centre) <= REACH_M]
    houses = near if len(near) >= min(ENOUGH_HOUSES, len(houses)) else houses
    houses = houses[:: 1 + len(houses) // MOST_HOUSES]
    reach = max(haversine_m(house.point, centre) for house in houses)
    stations = _named(marks["emergency=ambulance_station"], centre, reach, STATIONS)
    if len(stations) < FEWEST_STATIONS:
        stations = _invented(houses, STATIONS, "emergency=ambulance_station", "Подстанция № {}")
    hospitals = _named(marks["amenity=hospital"], centre, reach, HOSPITALS)
    hospitals = hospitals or _invented(houses, 2, "amenity=hospital", "Больница № {}")
    return RealPlaces(houses, stations, hospitals)


def _addresses(base: sqlite3.Connection, query: str) -> list[Address]:
    rows = base.execute(query)
    return [
        Address(street, number, town, part, Point(lat, lon)) for street, number, town, part, lat, lon in rows
    ]


_HOUSES = """
    SELECT s.name, h.number, s.town, s.district, h.lat, h.lon FROM house h JOIN street s ON s.id = h.street
    WHERE NOT h.estimated ORDER BY h.id
"""
_STREETS = "SELECT '', name, town, district, lat, lon FROM street WHERE name <> '' ORDER BY id"
"""Where a map has streets and few houses, a caller names the street."""
_MARKS = """
    SELECT name, trim(street || ' ' || number), lat, lon FROM poi WHERE kind = ? AND name <> '' ORDER BY id
"""


def _named(marks: Iterable[Landmark], centre: Point, reach_m: float, most: int) -> list[Landmark]:
    """Those of the map within reach, the nearest to the centre first, each name once."""
    inside = [mark for mark in marks if haversine_m(mark.point, centre) <= reach_m]
    inside.sort(key=lambda mark: haversine_m(mark.point, centre))
    return list({mark.name: mark for mark in reversed(inside)}.values())[::-1][:most]


def _invented(houses: Sequence[Address], count: int, kind: str, name: str) -> list[Landmark]:
    """Marks at houses, spread as the houses are."""
    # Here, because they are slow to import and the invented town has no need of them.
    import numpy as np
    from scipy.cluster.vq import kmeans2

    at = np.array([(house.point.lat, house.point.lon) for house in houses])
    count = min(count, len(houses))
    # A degree of longitude is shorter than one of latitude: compared as lengths.
    flat = at * (1.0, np.cos(np.radians(at[:, 0].mean())))
    centres, _ = kmeans2(flat, flat[:: max(1, len(flat) // count)][:count], minit="matrix", missing="warn")
    picked = sorted({int(np.argmin(((flat - centre) ** 2).sum(axis=1))) for centre in centres})
    return [
        Landmark(name.format(number), kind, houses[index].text, houses[index].point)
        for number, index in enumerate(picked, 1)
    ]
