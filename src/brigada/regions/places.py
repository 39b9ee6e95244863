"""The address index of a region: one SQLite file, written by the import and only read afterwards.

Why a file and not tables of the service's database: decision 0020. Its tables are the contract with
`brigada.geocoding.index`:

    street(id, name, town, district, lat, lon, kind)   kind: street, or place for houses without a street
    house(id, street, number, lat, lon, postcode, estimated)
    crossing(a, b, lat, lon)                           a < b, ids of streets
    poi(id, name, other, kind, lat, lon, street, number, town, district)
    place(id, name, kind, lat, lon, population)
    house_cell, poi_cell                               R*Trees for the reverse search, by the row's id
    street_cell(…, street)                             the same for points along the streets
"""

import re
import sqlite3
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from scipy.spatial import cKDTree

from brigada.regions.gathered import Gathered, RawAddress
from brigada.regions.progress import Report, Stage
from brigada.regions.streets import Flat, Street, crossings, gather_streets, name_key
from brigada.regions.whereabouts import Whereabouts

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE street (id INTEGER PRIMARY KEY, name TEXT NOT NULL, town TEXT NOT NULL, district TEXT NOT NULL,
                     lat REAL NOT NULL, lon REAL NOT NULL, kind TEXT NOT NULL);
CREATE TABLE house (id INTEGER PRIMARY KEY, street INTEGER NOT NULL, number TEXT NOT NULL, lat REAL NOT NULL,
                    lon REAL NOT NULL, postcode TEXT NOT NULL, estimated INTEGER NOT NULL);
CREATE TABLE crossing (a INTEGER NOT NULL, b INTEGER NOT NULL, lat REAL NOT NULL, lon REAL NOT NULL);
CREATE TABLE poi (id INTEGER PRIMARY KEY, name TEXT NOT NULL, other TEXT NOT NULL, kind TEXT NOT NULL,
                  lat REAL NOT NULL, lon REAL NOT NULL, street TEXT NOT NULL, number TEXT NOT NULL,
                  town TEXT NOT NULL, district TEXT NOT NULL);
CREATE TABLE place (id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, lat REAL NOT NULL,
                    lon REAL NOT NULL, population INTEGER NOT NULL);
CREATE VIRTUAL TABLE house_cell USING rtree(id, south, north, west, east);
CREATE VIRTUAL TABLE poi_cell USING rtree(id, south, north, west, east);
CREATE VIRTUAL TABLE street_cell USING rtree(id, south, north, west, east, +street INTEGER);
"""

_INDEXES = """
CREATE INDEX house_street ON house (street);
CREATE INDEX crossing_a ON crossing (a, b);
CREATE INDEX crossing_b ON crossing (b);
ANALYZE;
"""

_STREET_REACH_M = 1_500.0  # a house farther from the road of its street's name belongs to another one
_POI_ADDRESS_M = 45.0  # a point of interest without an address of its own takes that of a house so near
_HOUSE_GROUP_M = 2_500.0  # houses of one name without a road, within this of each other, are one street
_BATCH = 20_000


def write_places(gathered: Gathered, path: Path, report: Report) -> dict[str, int]:
    """Write the index and return how many rows of each kind it has."""
    flat = Flat((gathered.south + gathered.north) / 2)
    expand_interpolations(gathered)
    report(Stage.PLACES, 0.1)
    streets = gather_streets(gathered.ways, flat)
    corners = crossings(streets, gathered.ways)
    report(Stage.PLACES, 0.3)
    owners = _assign_houses(gathered.addresses, streets, flat)
    where = Whereabouts(gathered.areas, gathered.places, flat)
    for street, (town, district) in zip(streets, where.of([s.middle for s in streets]), strict=True):
        street.town, street.district = street.town or town, district
    report(Stage.PLACES, 0.6)
    with sqlite3.connect(path) as base:
        base.executescript(_SCHEMA)
        _write_streets(base, streets)
        base.executemany(
            "INSERT INTO crossing VALUES (?, ?, ?, ?)", ((a + 1, b + 1, y, x) for a, b, y, x in corners)
        )
        houses = _write_houses(base, gathered.addresses, owners)
        report(Stage.PLACES, 0.8)
        pois = _write_pois(base, gathered, owners=owners, streets=streets, where=where, flat=flat)
        base.executemany(
            "INSERT INTO place (name, kind, lat, lon, population) VALUES (?, ?, ?, ?, ?)",
            ((p.name, p.kind, p.lat, p.lon, p.population) for p in gathered.places),
        )
        base.executescript(_INDEXES)
    base.close()
    report(Stage.PLACES, 1.0)
    counts = {"streets": len(streets), "addresses": houses, "points_of_interest": pois}
    return counts | {"places": len(gathered.places), "crossings": len(corners)}


def expand_interpolations(gathered: Gathered) -> None:
    """Turn `addr:interpolation` lines into estimated houses between the numbered ends of the line."""
    for kind, nodes, line in gathered.interpolations:
        step = {"even": 2, "odd": 2, "all": 1}.get(kind)
        ends = [
            (n, gathered.node_addresses[node])
            for n, node in enumerate(nodes)
            if node in gathered.node_addresses
        ]
        for (i, a), (j, b) in pairwise(ends):
            first, last = gathered.addresses[a], gathered.addresses[b]
            if (
                not step
                or not first.number.isdigit()
                or not last.number.isdigit()
                or first.street != last.street
            ):
                continue
            start, stop = int(first.number), int(last.number)
            way = line[i : j + 1]
            for number in range(min(start, stop) + step, max(start, stop), step):
                share = (number - start) / (stop - start)
                lon, lat = _along(way, share)
                gathered.addresses.append(
                    RawAddress(
                        lat, lon, str(number), first.street, first.place, first.city, first.postcode, True
                    )
                )


def _along(line: list[tuple[float, float]], share: float) -> tuple[float, float]:
    position = share * (len(line) - 1)
    n = min(int(position), len(line) - 2)
    part = position - n
    (ax, ay), (bx, by) = line[n], line[n + 1]
    return ax + (bx - ax) * part, ay + (by - ay) * part


def _assign_houses(addresses: list[RawAddress], streets: list[Street], flat: Flat) -> list[int]:
    """The index of the street of every house; streets without a road of their name are added to the list."""
    by_key: dict[str, list[int]] = defaultdict(list)
    for index, street in enumerate(streets):
        by_key[street.key].append(index)
    trees = {
        key: (cKDTree(flat.xy(p for n in group for p in streets[n].points)),
              [n for n in group for _ in streets[n].points])
        for key, group in by_key.items()
    }  # fmt: skip
    owners = [-1] * len(addresses)
    homeless: dict[tuple[str, str], list[int]] = defaultdict(list)
    by_name: dict[str, list[int]] = defaultdict(list)
    for n, address in enumerate(addresses):
        by_name[name_key(address.street)].append(n)
    for key, group in by_name.items():
        found = trees.get(key)
        if key and found:
            tree, owner = found
            distances, nearest = tree.query(flat.xy((addresses[n].lat, addresses[n].lon) for n in group))
            for n, distance, position in zip(group, distances, nearest, strict=True):
                if distance < _STREET_REACH_M:
                    owners[n] = owner[int(position)]
        for n in group:
            if owners[n] < 0:
                address = addresses[n]
                homeless[address.street or address.place or address.city, address.city].append(n)
    for (name, city), group in sorted(homeless.items()):
        if name:
            _add_street_of_houses(
                name=name,
                city=city,
                group=group,
                addresses=addresses,
                streets=streets,
                owners=owners,
                flat=flat,
            )
    return owners


def _add_street_of_houses(
    *,
    name: str,
    city: str,
    group: list[int],
    addresses: list[RawAddress],
    streets: list[Street],
    owners: list[int],
    flat: Flat,
) -> None:
    """Houses whose street has no road, or whose address is a settlement: one "street" for each cluster."""
    tree = cKDTree(flat.xy((addresses[n].lat, addresses[n].lon) for n in group))
    left = set(range(len(group)))
    while left:
        cluster, edge = set(), [min(left)]
        while edge:
            member = edge.pop()
            if member in left:
                left.discard(member)
                cluster.add(member)
                edge.extend(n for n in tree.query_ball_point(tree.data[member], _HOUSE_GROUP_M) if n in left)
        houses = [group[n] for n in sorted(cluster)]
        points = [(addresses[n].lat, addresses[n].lon) for n in houses]
        middle = points[len(points) // 2]
        street = Street(name, name_key(name), points, middle)
        street.town = city if addresses[houses[0]].street else name
        for n in houses:
            owners[n] = len(streets)
        streets.append(street)


def _write_streets(base: sqlite3.Connection, streets: list[Street]) -> None:
    rows = (
        (n, s.name, s.town, s.district, *s.middle, "street" if s.nodes else "place")
        for n, s in enumerate(streets, start=1)
    )
    base.executemany("INSERT INTO street VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    points = (
        (lat, lat, lon, lon, n) for n, s in enumerate(streets, start=1) if s.nodes for lat, lon in s.points
    )
    base.executemany(
        "INSERT INTO street_cell (south, north, west, east, street) VALUES (?, ?, ?, ?, ?)", points
    )


def _write_houses(base: sqlite3.Connection, addresses: list[RawAddress], owners: list[int]) -> int:
    """Write every house once: extracts often have one as a building and as a node of it."""
    seen: set[tuple[int, str, int, int]] = set()
    rows: list[tuple[int, int, str, float, float, str, int]] = []
    for address, owner in zip(addresses, owners, strict=True):
        # 0.0005 degrees: about 50 m; the same number of the same street so near is the same house
        spot = (owner, address.number.lower(), round(address.lat * 2_000), round(address.lon * 1_000))
        if owner < 0 or spot in seen:
            continue
        seen.add(spot)
        for number in _numbers(address.number):
            row = (owner + 1, number, address.lat, address.lon, address.postcode, int(address.estimated))
            rows.append((len(rows) + 1, *row))
    for start in range(0, len(rows), _BATCH):
        part = rows[start : start + _BATCH]
        base.executemany("INSERT INTO house VALUES (?, ?, ?, ?, ?, ?, ?)", part)
        base.executemany(
            "INSERT INTO house_cell VALUES (?, ?, ?, ?, ?)", ((r[0], r[3], r[3], r[4], r[4]) for r in part)
        )
    return len(rows)


def _numbers(text: str) -> list[str]:
    """One number as mapped, or several where the tag lists them: `12;14`, `12, 14`."""
    return [part for part in (piece.strip() for piece in re.split(r"[;,]", text)) if part] or [text]


def _write_pois(
    base: sqlite3.Connection,
    gathered: Gathered,
    *,
    owners: list[int],
    streets: list[Street],
    where: Whereabouts,
    flat: Flat,
) -> int:
    addresses = gathered.addresses
    housed = [n for n, owner in enumerate(owners) if owner >= 0]
    tree = cKDTree(flat.xy((addresses[n].lat, addresses[n].lon) for n in housed)) if housed else None
    pois = gathered.pois
    spots = where.of([(p.lat, p.lon) for p in pois])
    seen: set[tuple[str, str, int, int]] = set()
    rows: list[tuple[int | str | float, ...]] = []
    for poi, (town, district) in zip(pois, spots, strict=True):
        spot = (poi.name, poi.kind, round(poi.lat * 500), round(poi.lon * 250))
        if spot in seen:
            continue
        seen.add(spot)
        street, number = poi.street, poi.number
        if tree is not None and not (street and number) and poi.kind != "highway=bus_stop":
            distance, index = tree.query(flat.xy([(poi.lat, poi.lon)])[0])
            if distance < _POI_ADDRESS_M:
                house = housed[int(index)]
                street, number = streets[owners[house]].name, addresses[house].number
        rows.append(
            (
                len(rows) + 1,
                poi.name,
                poi.other_names,
                poi.kind,
                poi.lat,
                poi.lon,
                street,
                number,
                town,
                district,
            )
        )
    base.executemany("INSERT INTO poi VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    base.executemany(
        "INSERT INTO poi_cell VALUES (?, ?, ?, ?, ?)", ((r[0], r[4], r[4], r[5], r[5]) for r in rows)
    )
    return len(rows)
