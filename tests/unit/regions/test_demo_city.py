"""The demo city: the same every time, and built as a town is."""

import itertools
from collections import Counter
from pathlib import Path

import osmium
import pytest

from brigada.kit.geo import haversine_m
from brigada.regions.democity import City, build_city
from brigada.regions.democity.canvas import to_degrees
from brigada.regions.democity.ground import river_y


@pytest.fixture(scope="module")
def city() -> City:
    return build_city()


@pytest.mark.long
def test_the_same_seed_gives_the_same_file(city: City, tmp_path: Path) -> None:
    first, second = tmp_path / "a.osm.pbf", tmp_path / "b.osm.pbf"
    city.write(first)
    build_city().write(second)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.long
def test_another_seed_gives_another_town(city: City) -> None:
    assert build_city(seed=7).addresses != city.addresses


def test_several_thousand_houses_stand_in_five_districts_and_three_settlements(city: City) -> None:
    districts = Counter(address.district for address in city.addresses)
    assert 5_000 < len(city.addresses) < 12_000
    assert len(districts) == 6  # five districts, and the settlements outside
    assert all(count > 200 for count in districts.values())
    assert len({address.town for address in city.addresses}) == 4


def test_an_address_names_one_house_except_on_the_street_that_two_districts_share(city: City) -> None:
    counts = Counter((a.town, a.street, a.number) for a in city.addresses)
    doubled = {street for (_, street, _), count in counts.items() if count > 1}
    assert doubled == {"Парковая улица"}
    assert len({a.district for a in city.addresses if a.street == "Парковая улица"}) == 2


def test_no_two_houses_stand_on_one_spot(city: City) -> None:
    ordered = sorted(city.addresses, key=lambda a: a.point.lat)
    for n, one in enumerate(ordered):
        for other in itertools.islice(ordered, n + 1, n + 12):
            assert haversine_m(one.point, other.point) > 8


def test_the_river_is_crossed_by_five_bridges_and_nothing_else(city: City) -> None:
    crossings = []
    for nodes, tags in city.canvas.ways:
        if "highway" not in tags:
            continue
        for a, b in itertools.pairwise(nodes):
            (ax, ay), (bx, by) = city.canvas.xy(a), city.canvas.xy(b)
            if (ay - river_y(ax)) * (by - river_y(bx)) < 0:
                crossings.append(tags.get("bridge"))
    assert crossings == ["yes"] * 5


def test_it_has_hospitals_and_ambulance_stations_with_addresses(city: City) -> None:
    assert len(city.hospitals) == 5
    assert len(city.stations) == 8
    assert all(mark.address for mark in (*city.hospitals, *city.stations))
    assert len({mark.name for mark in city.stations}) == 8


def test_the_file_is_a_sorted_extract_that_any_reader_accepts(city: City, tmp_path: Path) -> None:
    path = tmp_path / "city.osm.pbf"
    city.write(path)
    kinds: Counter[str] = Counter()
    last = 0
    for item in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY | osmium.osm.RELATION):
        kinds[item.type_str()] += 1
        if isinstance(item, osmium.osm.Node):
            assert item.id > last
            last = item.id
    assert kinds["n"] == len(city.canvas.places)
    assert kinds["w"] == len(city.canvas.ways)
    assert to_degrees(0, 0) == (58.9, 33.9)
