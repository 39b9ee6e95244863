"""The ground under the demo city: river, railway, parks, and which streets may cross them."""

import math
from dataclasses import dataclass

from brigada.regions.democity.canvas import XY

CITY_RADIUS = 4_700.0  # metres; the outermost street is at 4,400
RIVER_HALF_WIDTH = 95.0
EMBANKMENT_OFFSET = 150.0  # metres from the river's middle to the street along it
RAIL_HALF_WIDTH = 30.0


def river_y(x: float) -> float:
    """The river's middle: metres north of the centre at `x` metres east of it."""
    return -1_000.0 + 320.0 * math.sin(x / 1_900.0)


def rail_y(x: float) -> float:
    """The railway, north of the centre."""
    return 2_350.0 + 130.0 * math.sin(x / 2_600.0 + 1.0)


def above_river(x: float, y: float) -> float:
    """Metres north of the river's middle, negative south of it."""
    return y - river_y(x)


def above_rail(x: float, y: float) -> float:
    return y - rail_y(x)


@dataclass(frozen=True, slots=True)
class Disc:
    """A round piece of ground without streets of its own."""

    name: str
    centre: XY
    radius: float

    def holds(self, x: float, y: float, margin: float = 0.0) -> bool:
        return math.hypot(x - self.centre[0], y - self.centre[1]) < self.radius + margin

    def outline(self, corners: int = 28, uneven: float = 0.07) -> list[XY]:
        """The edge as a polygon, a little uneven so that it does not look drawn with compasses."""
        points = []
        for n in range(corners):
            angle = 2 * math.pi * n / corners
            r = self.radius * (1 + uneven * math.sin(3 * angle + self.centre[0]))
            points.append((self.centre[0] + r * math.cos(angle), self.centre[1] + r * math.sin(angle)))
        return points


PARKS = (
    Disc("парк Победы", (1_450.0, 1_050.0), 370.0),
    Disc("Городской сад", (-820.0, 420.0), 240.0),
    Disc("Заречный лесопарк", (-1_900.0, -2_700.0), 520.0),
    Disc("парк «Сосновый бор»", (-2_900.0, 1_500.0), 450.0),
)
LAKE = Disc("озеро Ключевое", (-2_650.0, 1_350.0), 125.0)
INDUSTRY = Disc("Промзона «Восточная»", (3_300.0, 450.0), 620.0)
CEMETERY = Disc("Северное кладбище", (900.0, 3_750.0), 330.0)
FREE_OF_STREETS = (*PARKS, CEMETERY)
