"""Addresses as dispatchers type them: a labelled set over the demo city, and the rules behind it."""

import gc
from collections import Counter

import pytest

from brigada.geocoding.local import LocalIndex
from brigada.geocoding.port import Kind
from brigada.kit.geo import haversine_m
from brigada.regions.democity import City
from brigada.regions.store import Installed
from geocoder_judge import judge, labelled


@pytest.fixture(scope="module")
def index(region: Installed) -> LocalIndex:
    return LocalIndex(region.places)


@pytest.mark.parametrize(
    ("name", "least", "top_1", "top_5"),
    [
        ("queries.txt", 200, 0.97, 0.98),
        ("queries_held_out.txt", 200, 0.96, 0.98),
        # Its misses are never shown: see the head of the file.
        ("queries_blind.txt", 100, 0.94, 0.96),
    ],
    ids=["tuned", "held-out", "blind"],
)
def test_dispatchers_find_what_they_mean(
    index: LocalIndex, capsys: pytest.CaptureFixture[str], name: str, least: int, top_1: float, top_5: float
) -> None:
    verdict = judge(index, labelled(name))
    with capsys.disabled():
        print(f"\n{name}: {verdict}")
        if "blind" not in name:
            print("\n".join(verdict.missed))
    assert verdict.count >= least
    assert verdict.first >= top_1
    assert verdict.within >= top_5


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
