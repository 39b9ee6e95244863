"""Addresses as dispatchers type them: a labelled set over the demo city, and the rules behind it."""

import gc
import re
import statistics
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from brigada.geocoding.local import LocalIndex
from brigada.geocoding.port import Found, Kind
from brigada.kit.geo import haversine_m
from brigada.regions.democity import City
from brigada.regions.store import Installed

TOP_1, TOP_5 = 0.95, 0.98
"""Shares that must be reached; what is reached is printed."""


@dataclass(frozen=True)
class Labelled:
    query: str
    meant: str

    def fits(self, found: Found) -> bool:
        """Whether a candidate is what was meant."""
        meant, _, place = self.meant.partition(" @ ")
        where = f"{found.district} {found.town} {found.street}"
        if place and place not in where:
            return False
        if meant == "point":
            return found.kind is Kind.POINT
        if meant.startswith("street: "):
            return found.street == meant[8:]
        if meant.startswith("poi: "):
            return found.kind is Kind.POI and found.name == meant[5:]
        if meant.startswith("place: "):
            return found.kind is Kind.PLACE and found.name == meant[7:]
        if meant.startswith("x: "):
            return found.kind is Kind.CROSSING and set(meant[3:].split(" / ")) == {found.street, found.name}
        street, _, number = meant.removeprefix("~").rpartition(", ")
        kind = Kind.INTERPOLATED if meant.startswith("~") else Kind.HOUSE
        return (found.kind, found.street, found.number) == (kind, street, number)


def labelled() -> list[Labelled]:
    lines = (Path(__file__).parent / "queries.txt").read_text(encoding="utf-8").splitlines()
    pairs = [re.split(r"\s+=\s+", line, maxsplit=1) for line in lines if line and not line.startswith("#")]
    return [Labelled(query, meant) for query, meant in pairs]


@pytest.fixture(scope="module")
def index(region: Installed) -> LocalIndex:
    return LocalIndex(region.places)


def test_dispatchers_find_what_they_mean(index: LocalIndex, capsys: pytest.CaptureFixture[str]) -> None:
    first = within = 0
    missed = []
    times = []
    queries = labelled()
    for item in queries:
        start = time.perf_counter()
        found = index.search(item.query, 5, None)
        times.append(time.perf_counter() - start)
        ranks = [n for n, candidate in enumerate(found) if item.fits(candidate)]
        first += ranks[:1] == [0]
        within += bool(ranks)
        if ranks[:1] != [0]:
            shown = "; ".join(f"{f.label} {f.confidence}" for f in found[:3])
            missed.append(f"  {item.query!r} means {item.meant!r}, found: {shown}")
    with capsys.disabled():
        print(
            f"\n{len(queries)} queries: top-1 {first / len(queries):.1%}, top-5 {within / len(queries):.1%}, "
            f"median {statistics.median(times) * 1000:.1f} ms"
        )
        print("\n".join(missed))
    assert len(queries) >= 200
    assert first / len(queries) >= TOP_1
    assert within / len(queries) >= TOP_5


def test_every_house_is_found_by_its_own_address_and_by_its_point(index: LocalIndex, city: City) -> None:
    for address in city.addresses[::97]:
        found = index.search(f"{address.town} {address.text}", 5, None)
        assert any(haversine_m(f.point, address.point) < 3 for f in found), address.text
        here = index.reverse(address.point)
        assert here is not None
        assert here.number == address.number
        assert here.street == (address.street or address.town)


def test_equal_addresses_in_two_districts_are_told_apart_and_marked(index: LocalIndex) -> None:
    both = [
        f for f in index.search("парковая 1", 5, None) if f.street == "Парковая улица" and f.number == "1"
    ]
    assert Counter(f.district for f in both) == {"Северный район": 1, "Заречный район": 1}
    assert all(f.ambiguous for f in both)
    named = index.search("парковая 1 заречный", 5, None)[0]
    assert (named.district, named.ambiguous) == ("Заречный район", False)


def test_a_house_between_two_others_lies_between_them(index: LocalIndex) -> None:
    found = index.search("проспект мира 43", 1, None)[0]
    assert found.kind is Kind.INTERPOLATED
    sides = [f for n in (39, 41, 45, 47) for f in index.search(f"проспект мира {n}", 1, None)]
    reach = max(haversine_m(a.point, b.point) for a in sides for b in sides)
    assert all(haversine_m(found.point, side.point) <= reach for side in sides)
    assert found.confidence < 0.9


def test_nonsense_finds_nothing_sure(index: LocalIndex) -> None:
    for text in ("ыыыыыы 77", "!!!", "   ", "a" * 200, "' OR 1=1 --", "%%%", "0", "\u200b"):
        assert all(found.confidence < 0.6 for found in index.search(text, 5, None)), text


def test_a_point_off_the_streets_is_told_by_what_is_near(index: LocalIndex, city: City) -> None:
    lost = index.reverse(type(city.addresses[0].point)(58.70, 33.50))
    assert lost is None
    gc.collect()
