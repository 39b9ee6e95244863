"""Houses along the streets of the demo city, numbered as Russian towns number them."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from brigada.regions.democity import ground, names
from brigada.regions.democity.canvas import XY, Canvas
from brigada.regions.democity.plan import Street

_PACE = 4.0  # metres: how finely a street is walked for places to build on
_CELL = 60.0  # metres: side of a square of the map in which houses look for neighbours


@dataclass
class House:
    """A building with an address. `x`, `y` are metres from the centre."""

    street: str
    number: str
    town: str
    district: str
    x: float
    y: float
    postcode: str
    levels: int
    kind: str
    angle: float
    length: float
    width: float
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Zone:
    """How one part of the town is built: sizes and distances in metres."""

    kind: str
    levels: tuple[int, int]
    length: float
    width: float
    every: float
    setback: float


_CENTRE = _Zone("apartments", (3, 5), 46, 15, 74, 26)
_BLOCKS = _Zone("apartments", (5, 16), 64, 15, 112, 34)
_HOMES = _Zone("house", (1, 2), 13, 10, 62, 20)
_PLANTS = _Zone("industrial", (1, 3), 70, 36, 190, 45)
_COTTAGES = _Zone("house", (1, 2), 12, 10, 46, 18)


@dataclass(frozen=True, slots=True)
class _Plot:
    """A place on a street where a house may stand, on one side of it: 1 left, -1 right."""

    street: Street
    zone: _Zone
    at: XY
    along: XY
    side: int

    @property
    def angle(self) -> float:
        return math.atan2(self.along[1], self.along[0])

    def behind(self, metres: float) -> XY:
        """The place so many metres away from the middle of the street."""
        off = metres * self.side
        return self.at[0] - self.along[1] * off, self.at[1] + self.along[0] * off


def _zone(street: Street, x: float, y: float) -> _Zone:
    if street.town != names.CITY:
        return _COTTAGES
    radius = math.hypot(x, y)
    if ground.INDUSTRY.holds(x, y, 250):
        return _PLANTS
    if radius < 1_200:
        return _CENTRE
    return _BLOCKS if radius < 2_700 or (y > 0 and x < 0 and radius < 3_300) else _HOMES


class Builder:
    """Places houses one by one and refuses those that would stand on another or on a road. One use."""

    def __init__(self, canvas: Canvas, rng: random.Random) -> None:
        self._canvas = canvas
        self._rng = rng
        self._near: dict[tuple[int, int], list[tuple[float, float, float]]] = {}
        self._numbers: dict[tuple[str, str, int], dict[int, int]] = {}
        self.houses: list[House] = []

    def keep_off(self, streets: list[Street]) -> None:
        """Reserve the carriageways, so that no house stands on a crossing street."""
        for street in streets:
            for chain in street.chains:
                for a, b in pairwise(chain):
                    for x, y, _, _ in _along(self._canvas.xy(a), self._canvas.xy(b), 14.0):
                        self._occupy(x, y, 7.0)

    def build(self, street: Street) -> None:
        if not street.houses or street.highway == "trunk":
            return
        # A long street goes on counting; two streets that share a name in two districts each begin at 1.
        own = len(self.houses) if street.name == names.SHARED_NAME else 0
        numbers = self._numbers.setdefault((street.town, street.name, own), {1: 1, -1: 2})
        for chain in street.chains:
            due = {1: 20.0, -1: 26.0}
            for a, b in pairwise(chain):
                if (a, b) in street.bridges:
                    continue
                for x, y, ux, uy in _along(self._canvas.xy(a), self._canvas.xy(b), _PACE):
                    zone = _zone(street, x, y)
                    for side in (1, -1):  # odd on the left, even on the right
                        due[side] -= _PACE
                        if due[side] > 0:
                            continue
                        due[side] = zone.every * self._rng.uniform(0.85, 1.25)
                        plot = _Plot(street, zone, (x, y), (ux, uy), side)
                        # A plot without a house keeps its number now and then.
                        if self._house(plot, numbers[side]) or self._rng.random() < 0.3:
                            numbers[side] += 2

    def _house(self, plot: "_Plot", number: int) -> bool:
        zone = plot.zone
        back = zone.setback + zone.width / 2 - 5
        x, y = plot.behind(back)
        reach = math.hypot(zone.length, zone.width) / 2 * 0.92
        wet = abs(ground.above_river(x, y)) < ground.RIVER_HALF_WIDTH + 15 or ground.LAKE.holds(x, y, 20)
        green = any(park.holds(x, y, 5) for park in ground.FREE_OF_STREETS)
        if wet or green or abs(ground.above_rail(x, y)) < 35 or self._rng.random() < 0.04:
            return False
        if not self._is_free(x, y, reach):
            return False
        self._add(plot, (x, y), plot.angle, self._number(number))
        if zone is _BLOCKS and self._rng.random() < 0.34:
            self._behind(plot, number, back + 62, reach)
        return True

    def _behind(self, plot: "_Plot", number: int, deep: float, reach: float) -> None:
        """One or two more buildings of the same number inside the block: `12 к2`, `12 к3`."""
        for part in range(2, 2 + self._rng.randint(1, 2)):
            x, y = plot.behind(deep)
            dry = abs(ground.above_river(x, y)) > ground.RIVER_HALF_WIDTH + 15
            if dry and self._is_free(x, y, reach) and not any(p.holds(x, y) for p in ground.PARKS):
                turned = math.pi / 2 if part == 3 else 0.0
                self._add(plot, (x, y), plot.angle + turned, f"{number} к{part}")
            deep += 70

    def _number(self, number: int) -> str:
        chance = self._rng.random()
        if chance < 0.03:
            return f"{number}{'АБВ'[self._rng.randrange(3)]}"
        if chance < 0.05:
            return f"{number}/{self._rng.randint(1, 40)}"
        if chance < 0.06:
            return f"{number} с1"
        return str(number)

    def _add(self, plot: "_Plot", at: XY, angle: float, number: str) -> None:
        street, zone = plot.street, plot.zone
        district, postcode = district_of(street.town, *at)
        house = House(
            street.name, number, street.town, district, *at, postcode,
            self._rng.randint(*zone.levels), zone.kind, angle, zone.length, zone.width,
        )  # fmt: skip
        self._occupy(*at, math.hypot(zone.length, zone.width) / 2 * 0.92)
        self.houses.append(house)

    def _is_free(self, x: float, y: float, reach: float) -> bool:
        cx, cy = int(x // _CELL), int(y // _CELL)
        for i in range(cx - 2, cx + 3):
            for j in range(cy - 2, cy + 3):
                for ox, oy, other in self._near.get((i, j), ()):
                    if math.hypot(ox - x, oy - y) < reach + other - (12 if other == 7.0 else 0):
                        return False
        return True

    def _occupy(self, x: float, y: float, reach: float) -> None:
        self._near.setdefault((int(x // _CELL), int(y // _CELL)), []).append((x, y, reach))


def district_of(town: str, x: float, y: float) -> tuple[str, str]:
    """The district in which a house stands (empty outside the city) and its postal code."""
    if town != names.CITY:
        return "", f"1745{50 + len(town)}"
    key = district_key(x, y)
    return names.SUBURBS[key], f"1745{list(names.SUBURBS).index(key) + 1:02d}"


def district_key(x: float, y: float) -> str:
    """The district of a place inside the city: the far bank, the centre, three sectors around it."""
    if ground.above_river(x, y) < 0:
        return "south"
    if math.hypot(x, y) < 1_300:
        return "centre"
    angle = math.degrees(math.atan2(y, x))
    if angle < 50 and angle > -90:
        return "east"
    return "north" if 50 <= angle < 130 else "west"


def _along(a: XY, b: XY, step: float) -> Iterator[tuple[float, float, float, float]]:
    """Places every `step` metres from a to b with the direction of travel as a unit vector."""
    length = math.dist(a, b)
    if length == 0:
        return
    ux, uy = (b[0] - a[0]) / length, (b[1] - a[1]) / length
    for n in range(int(length // step) + 1):
        yield a[0] + ux * n * step, a[1] + uy * n * step, ux, uy


def draw(houses: list[House], canvas: Canvas) -> None:
    """Write every house as a rectangle with its address."""
    for house in houses:
        c, s = math.cos(house.angle), math.sin(house.angle)
        half = ((1, 1), (-1, 1), (-1, -1), (1, -1))
        outline = [
            (
                house.x + i * house.length / 2 * c - j * house.width / 2 * s,
                house.y + i * house.length / 2 * s + j * house.width / 2 * c,
            )
            for i, j in half
        ]
        tags = {
            "building": house.kind,
            "building:levels": str(house.levels),
            "addr:housenumber": house.number,
        }
        if house.street:
            tags["addr:street"] = house.street
            tags["addr:city"] = house.town
        else:
            tags["addr:place"] = house.town
        tags["addr:postcode"] = house.postcode
        canvas.polygon(outline, {**tags, **house.extra})
