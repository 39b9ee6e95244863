"""Three settlements outside the demo city, with street names that the city has too."""

import math
import random
from dataclasses import dataclass

from brigada.regions.democity import names
from brigada.regions.democity.canvas import XY, Canvas
from brigada.regions.democity.plan import Street

_STEP = 170.0  # metres between village streets


@dataclass(frozen=True, slots=True)
class Village:
    """A settlement at the end of one of the city's highways."""

    name: str
    place: str  # OSM: village, hamlet; "allotments" for a garden cooperative, whose plots have no street
    avenue: int
    columns: int
    rows: int


VILLAGES = (
    Village("посёлок Озёрный", "village", 1, 6, 5),
    Village("деревня Берёзовка", "hamlet", 3, 4, 3),
    Village("СНТ «Ромашка»", "allotments", 7, 4, 3),
)


def lay_out(village: Village, canvas: Canvas, gate: int, rng: random.Random) -> tuple[list[Street], list[XY]]:
    """Streets on a turned grid beyond `gate`, the highway's last node, and the settlement's outline."""
    gx, gy = canvas.xy(gate)
    reach = math.hypot(gx, gy)
    ux, uy = gx / reach, gy / reach  # away from the city
    vx, vy = -uy, ux

    def at(column: float, row: float) -> XY:
        along, across = (row + 0.5) * _STEP, (column - (village.columns - 1) / 2) * _STEP
        return gx + ux * along + vx * across, gy + uy * along + vy * across

    grid: dict[tuple[int, int], int] = {}
    for row in range(village.rows):
        for column in range(village.columns):
            x, y = at(column, row)
            grid[column, row] = canvas.node(x + rng.uniform(-14, 14), y + rng.uniform(-14, 14))
    town = village.name
    middle = village.columns // 2
    spare = iter(names.VILLAGE_STREETS)
    garden = village.place == "allotments"
    streets = []
    for column in range(village.columns):
        nodes = [grid[column, row] for row in range(village.rows)]
        name = "" if garden else next(spare, "")
        chain = [gate, *nodes] if column == middle else nodes
        streets.append(Street(name, "residential", 40, chains=[chain], town=town))
    for row in range(village.rows):
        nodes = [grid[column, row] for column in range(village.columns)]
        name = "" if garden else next(spare, "")
        streets.append(Street(name, "unclassified", 40, chains=[nodes], town=town))
    w, h = village.columns - 0.3, village.rows - 0.3
    return streets, [at(-0.7, -0.4), at(w, -0.4), at(w, h), at(-0.7, h)]
