"""Where the streets of the demo city run: rings and radials around the centre, cut by river, rails and parks.

The plan is made of *lines* (an avenue, a part of a ring between two avenues, a side street). A line is
walked in short steps; where it meets the river it ends at the street along the bank, unless it owns a bridge,
where it meets the railway it ends, unless it passes under it, and in a park it has no way.
"""

import math
import random
from dataclasses import dataclass, field

from brigada.regions.democity import ground, names
from brigada.regions.democity.canvas import XY, Canvas

RING_STEP = 290.0  # metres between rings: a block of an ordinary Russian town
RINGS = 15
FIRST_RING = 140.0  # metres: the central square, a roundabout
BOULEVARD = 3  # which ring is the boulevard
RING_ROAD = 11
SPOKES = 64  # side streets at the edge, a multiple of the eight avenues
_TURN = math.radians(10)  # the avenues do not point exactly north
_WALK = 60.0  # metres: how finely a line looks at the ground under it

BRIDGED_AVENUES = (5, 6, 7)
DEAD_END_AVENUE = 4  # it would meet the river outside the town
OUTSIDE_M = 6_900.0  # how far the avenues run as highways


type Corner = tuple[int, int]  # ring, spoke


@dataclass
class Street:
    """One named street: its pieces as chains of nodes, in the order of its house numbers."""

    name: str
    highway: str
    maxspeed: int
    oneway: bool = False
    lanes: int = 2
    houses: bool = True
    chains: list[list[int]] = field(default_factory=list)
    bridges: set[tuple[int, int]] = field(default_factory=set)
    extra: dict[str, str] = field(default_factory=dict)
    town: str = names.CITY


@dataclass
class Line:
    """A street before the ground is looked at: named grid points, joined straight or along an arc."""

    street: Street
    points: list[tuple[XY, Corner | None]]
    bridge: bool = False
    under_rail: bool = False


class Planner:
    """Draws all the streets onto a canvas. One use."""

    def __init__(self, canvas: Canvas, rng: random.Random) -> None:
        self._canvas = canvas
        self._rng = rng
        self._grid: dict[Corner, int] = {}
        self._jitter: dict[Corner, XY] = {}
        self._banks: dict[int, list[tuple[float, int]]] = {1: [], -1: []}
        self._names = iter(names.street_names())

    def streets(self) -> list[Street]:
        lines = [*self._avenues(), *self._rings(), *self._side_streets()]
        for line in lines:
            self._walk(line)
        streets = [line.street for line in lines]
        streets.extend(self._embankments())
        return [street for street in streets if street.chains]

    # -- the figure -----------------------------------------------------------------------------------------

    def _radius(self, ring: int) -> float:
        return FIRST_RING + RING_STEP * ring

    def _spokes(self, ring: int) -> int:
        """How many streets cross a ring: doubled outwards, so that blocks stay about alike."""
        count = 8
        while count < SPOKES and 2 * math.pi * self._radius(ring) / count > 460:
            count *= 2
        return count

    def _point(self, ring: int, spoke: int) -> XY:
        """A crossing, spokes counted in 64ths of the circle. Side crossings are a little out of true."""
        spoke %= SPOKES
        radius = self._radius(ring)
        angle = _TURN + 2 * math.pi * spoke / SPOKES
        straight = spoke % 8 == 0 or ring in {0, BOULEVARD, RING_ROAD}
        dx, dy = (0.0, 0.0)
        if not straight:
            if (ring, spoke) not in self._jitter:
                self._jitter[ring, spoke] = (self._rng.uniform(-26, 26), self._rng.uniform(-26, 26))
            dx, dy = self._jitter[ring, spoke]
        return self._bend(radius * math.cos(angle) + dx, radius * math.sin(angle) + dy)

    @staticmethod
    def _bend(x: float, y: float) -> XY:
        """A gentle wave over the whole town, so that nothing is exactly round."""
        return x + 70 * math.sin(y / 1_300), y + 55 * math.sin(x / 1_100 + 0.6)

    def _arc(self, ring: int, start: int, stop: int) -> list[tuple[XY, Corner | None]]:
        step = SPOKES // self._spokes(ring)
        points: list[tuple[XY, Corner | None]] = []
        for spoke in range(start, stop + 1, step):
            points.append((self._point(ring, spoke), (ring, spoke % SPOKES)))
            if spoke < stop:
                (ax, ay), (bx, by) = self._point(ring, spoke), self._point(ring, spoke + step)
                bulge = self._radius(ring) * (1 - math.cos(math.pi * step / SPOKES))
                middle = _TURN + 2 * math.pi * (spoke + step / 2) / SPOKES
                middle_xy = (
                    (ax + bx) / 2 + bulge * math.cos(middle),
                    (ay + by) / 2 + bulge * math.sin(middle),
                )
                points.append((middle_xy, None))
        return points

    def _avenues(self) -> list[Line]:
        lines = []
        for n, name in enumerate(names.AVENUES):
            points: list[tuple[XY, Corner | None]] = [
                (self._point(ring, n * 8), (ring, n * 8)) for ring in range(RINGS)
            ]
            angle = _TURN + 2 * math.pi * n / 8
            points.append((self._bend(OUTSIDE_M * math.cos(angle), OUTSIDE_M * math.sin(angle)), (99, n * 8)))
            inner = Street(name, "primary", 60, lanes=4)
            outer = Street(name, "primary", 60, lanes=4)
            highway = Street("", "trunk" if n % 2 else "secondary", 90, houses=False)
            bridge = n in BRIDGED_AVENUES
            lines.append(Line(inner, points[: BOULEVARD + 1], bridge, under_rail=True))
            lines.append(Line(outer, points[BOULEVARD:RINGS], bridge, under_rail=True))
            if n != DEAD_END_AVENUE:
                lines.append(Line(highway, points[RINGS - 1 :], bridge, under_rail=True))
        return lines

    def _rings(self) -> list[Line]:
        lines = []
        for ring in range(RINGS):
            for sector in range(8):
                points = self._arc(ring, sector * 8, sector * 8 + 8)
                if ring == 0:
                    extra = {"junction": "roundabout"}
                    square = Street(
                        names.CENTRAL_SQUARE, "secondary", 40, oneway=True, houses=False, extra=extra
                    )
                    lines.append(Line(square, points))
                elif ring == RING_ROAD:
                    road = Street(names.RING_ROAD, "trunk", 80, lanes=4, houses=False)
                    lines.append(Line(road, points, bridge=True, under_rail=True))
                elif ring == BOULEVARD:
                    lines.append(Line(Street(names.BOULEVARD_RING, "secondary", 60, lanes=4), points))
                else:
                    name = names.SHARED_NAME if (ring, sector) in {(6, 1), (8, 5)} else next(self._names)
                    kind = "tertiary" if ring in {6, 9} else "residential"
                    oneway = ring == 2 or (ring == 4 and sector % 2 == 0)
                    lines.append(
                        Line(Street(name, kind, 60 if kind == "tertiary" else 40, oneway=oneway), points)
                    )
        return lines

    def _side_streets(self) -> list[Line]:
        lines = []
        for spoke in range(SPOKES):
            if spoke % 8 == 0:
                continue
            rings = [r for r in range(RINGS) if spoke % (SPOKES // self._spokes(r)) == 0]
            for first, last in ((0, 5), (5, 8), (8, RING_ROAD), (RING_ROAD, RINGS)):
                part = [r for r in rings if first <= r <= last]
                if len(part) < 2:
                    continue
                points: list[tuple[XY, Corner | None]] = [(self._point(r, spoke), (r, spoke)) for r in part]
                oneway = last <= 8 and spoke % 3 == 1
                lines.append(Line(Street(next(self._names), "residential", 40, oneway=oneway), points))
        return lines

    # -- the ground -----------------------------------------------------------------------------------------

    def _grid_node(self, key: Corner, xy: XY) -> int:
        if key not in self._grid:
            self._grid[key] = self._canvas.node(*xy)
        return self._grid[key]

    def _bank_node(self, xy: XY, side: int) -> int:
        """A corner of the street along the bank; corners nearer than 20 m to each other become one."""
        for x, node in self._banks[side]:
            if abs(x - xy[0]) < 20:
                return node
        node = self._canvas.node(*xy)
        self._banks[side].append((xy[0], node))
        return node

    def _walk(self, line: Line) -> None:
        """Lay a line on the ground: the chains of nodes that remain of it."""
        chain: list[int] = []
        previous: XY | None = None
        for xy, key in _steps(line.points):
            side = _bank_crossed(previous, xy) if previous else 0
            if previous and side:
                corner = _where_bank_is(previous, xy, side)
                if abs(corner[0]) < ground.CITY_RADIUS - 350:
                    node = self._bank_node(corner, side)
                    if line.bridge or ground.above_river(*previous) * side >= ground.EMBANKMENT_OFFSET:
                        self._extend(line, chain, node)
                        if not line.bridge:
                            chain = self._close(line, chain)
                    else:
                        chain = [node]
            if self._blocked(line, xy):
                chain = self._close(line, chain)
            elif key is not None:
                self._extend(line, chain, self._shape_or_grid(key, xy))
            previous = xy
        self._close(line, chain)

    def _extend(self, line: Line, chain: list[int], node: int) -> None:
        if chain and self._on_bridge(line, self._canvas.xy(chain[-1]), self._canvas.xy(node)):
            line.street.bridges.add((chain[-1], node))
        chain.append(node)

    def _shape_or_grid(self, key: Corner | str, xy: XY) -> int:
        return self._canvas.node(*xy) if isinstance(key, str) else self._grid_node(key, xy)

    @staticmethod
    def _on_bridge(line: Line, a: XY, b: XY) -> bool:
        before, after = ground.above_river(*a), ground.above_river(*b)
        wet = min(abs(before), abs(after)) < ground.RIVER_HALF_WIDTH + 25
        return line.bridge and (wet or before * after < 0)

    @staticmethod
    def _blocked(line: Line, xy: XY) -> bool:
        if not line.bridge and abs(ground.above_river(*xy)) < ground.EMBANKMENT_OFFSET:
            return True
        if line.under_rail:
            return False
        if abs(ground.above_rail(*xy)) < ground.RAIL_HALF_WIDTH:
            return True
        return line.street.highway == "residential" and any(
            park.holds(*xy) for park in ground.FREE_OF_STREETS
        )

    @staticmethod
    def _close(line: Line, chain: list[int]) -> list[int]:
        distinct = [node for n, node in enumerate(chain) if n == 0 or node != chain[n - 1]]
        if len(distinct) > 1:
            line.street.chains.append(distinct)
        return []

    def _embankments(self) -> list[Street]:
        """The two streets along the river, through every corner that was found."""
        streets = []
        for side, name in ((1, names.EMBANKMENTS[0]), (-1, names.EMBANKMENTS[1])):
            corners = sorted(self._banks[side])
            nodes: list[int] = []
            for x, node in corners:
                if nodes:
                    last = self._canvas.xy(nodes[-1])[0]
                    for n in range(1, int((x - last) // 120) + 1):
                        between = last + n * (x - last) / (int((x - last) // 120) + 1)
                        y = ground.river_y(between) + side * ground.EMBANKMENT_OFFSET
                        nodes.append(self._canvas.node(between, y))
                nodes.append(node)
            streets.append(Street(name, "tertiary", 60, chains=[nodes]))
        return streets


def _steps(
    points: list[tuple[XY, Corner | None]],
) -> list[tuple[XY, Corner | str | None]]:
    """The line's own points (`"shape"` for those without a crossing) with plain steps between them (None)."""
    steps: list[tuple[XY, Corner | str | None]] = []
    for n, ((x, y), key) in enumerate(points):
        if n:
            (px, py), _ = points[n - 1]
            count = max(1, int(math.hypot(x - px, y - py) // _WALK))
            steps.extend(
                ((px + (x - px) * k / count, py + (y - py) * k / count), None) for k in range(1, count)
            )
        steps.append(((x, y), key if key is not None else "shape"))
    return steps


def _bank_crossed(a: XY, b: XY) -> int:
    """+1 where a step crosses the northern embankment, −1 the southern, 0 neither."""
    before, after = ground.above_river(*a), ground.above_river(*b)
    for side in (1, -1):
        edge = side * ground.EMBANKMENT_OFFSET
        if (before - edge) * (after - edge) < 0:
            return side
    return 0


def _where_bank_is(a: XY, b: XY, side: int) -> XY:
    edge = side * ground.EMBANKMENT_OFFSET
    rising = ground.above_river(*a) < edge
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        here = ground.above_river(a[0] + (b[0] - a[0]) * middle, a[1] + (b[1] - a[1]) * middle)
        if (here < edge) == rising:
            low = middle
        else:
            high = middle
    return a[0] + (b[0] - a[0]) * low, a[1] + (b[1] - a[1]) * low
