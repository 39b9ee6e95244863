"""From a street and a number to a place: the house itself, or its place between its neighbours."""

from collections.abc import Callable
from dataclasses import dataclass

from brigada.geocoding.catalogue import House
from brigada.geocoding.numbers import Number, parse_number
from brigada.kit.geo import Point

_SAME = 0.6  # likeness from which a house counts as the one asked for (12 for 12А is not)
_ALTERNATIVES = 4  # houses of one number shown side by side (12 к1, 12 к2, …)
_GAP = 30  # how far apart the numbers of the neighbours may be, for a house between them
_BEYOND = 8  # how far beyond the last number of a street a house may be guessed


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for a number; `factor` weighs the confidence of the street."""

    number: str
    point: Point
    factor: float
    exact: bool
    postcode: str = ""


def locate(
    houses: Callable[[str], list[House]], wanted: Number, text: str, to: int | None = None
) -> list[Spot]:
    """Places for a number on a street, the likeliest first; empty where nothing is known about it.

    `houses` gives the street's houses whose number begins with a text: most questions need a few of them.
    `to` is the other end of a range such as 12-14: the house between counts, then the first.
    """
    same = _numbered(houses(str(wanted.main)))
    fits = sorted(
        ((wanted.likeness(number), house) for number, house in same if number.main == wanted.main),
        key=lambda pair: -pair[0],
    )
    good = [(likeness, house) for likeness, house in fits if likeness >= _SAME]
    if good:
        best = good[0][0]
        return [
            Spot(house.number, house.point, _factor(likeness, house), not house.estimated, house.postcode)
            for likeness, house in good[:_ALTERNATIVES]
            if likeness > best - (0.05 if best == 1.0 else 0.2)
        ]
    if fits:  # the same number with other parts: 12А asked for, 12 there
        _, house = fits[0]
        return [Spot(house.number, house.point, 0.82, True, house.postcode)]
    between = _between(_numbered(houses("")), wanted.main, to)
    return [Spot(text, between, 0.8, False)] if between else []


def _numbered(houses: list[House]) -> list[tuple[Number, House]]:
    return [(number, house) for house in houses if (number := parse_number(house.number))]


def _factor(likeness: float, house: House) -> float:
    return (0.75 + 0.25 * likeness) * (0.95 if house.estimated else 1.0)


def _between(numbered: list[tuple[Number, House]], main: int, to: int | None) -> Point | None:
    """The place of an unmapped number, from its neighbours on the same side of the street."""
    side = sorted(
        ((n.main, house.point) for n, house in numbered if n.main % 2 == main % 2 and not n.block),
        key=lambda pair: pair[0],
    )
    if to is not None:
        exact = [point for number, point in side if main <= number <= to]
        if exact:
            return exact[len(exact) // 2]
    below = [pair for pair in side if pair[0] < main]
    above = [pair for pair in side if pair[0] > main]
    if below and above:
        (low, a), (high, b) = below[-1], above[0]
        if high - low <= _GAP:
            share = (main - low) / (high - low)
            return Point(a.lat + (b.lat - a.lat) * share, a.lon + (b.lon - a.lon) * share)
        nearer = below[-1] if main - low <= high - main else above[0]
        return nearer[1] if abs(nearer[0] - main) <= _BEYOND else None
    end = below[-1] if below else above[0] if above else None
    return end[1] if end and abs(end[0] - main) <= _BEYOND else None
