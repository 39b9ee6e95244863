"""Where the calls are, and where teams come late: cells for the heat map."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from brigada.reports.facts import Floats, Ints
from brigada.reports.figures.common import (
    Context,
    interval_of,
    number,
    ratio,
    report,
    target_of,
    within_by_group,
)
from brigada.reports.measures import INTERVALS, statistics
from brigada.reports.selection import Groups
from brigada.reports.tables import Chart, Column, Report, Table, Text

TITLE: Final[Text] = ("Карта вызовов и опозданий", "Map of calls and late arrivals")
CELL_M: Final = 500.0
"""Side of a cell, metres: some blocks; a year of a large city is then hundreds to thousands of cells."""
METRES_PER_DEGREE: Final = 111_195.0
MOST_CELLS: Final = 4_000
"""A screen can't tell more apart; with more, cells grow by doubling."""


def build(ctx: Context) -> Report:
    """Calls, late arrivals and the median response in cells of half a kilometre or more."""
    calls, rows = ctx.facts.calls, ctx.chosen.rows
    placed = rows[~np.isnan(calls["lat"][rows])]
    side = CELL_M
    while True:
        codes, cells = _cells(calls["lat"][placed], calls["lon"][placed], side)
        if len(cells) <= MOST_CELLS:
            break
        side *= 2
    values = interval_of(ctx, INTERVALS["response"])
    of_call = np.full(len(calls), -1, dtype=np.int64)
    of_call[placed] = codes
    groups = Groups(of_call[values.call], [""] * len(cells), [{}] * len(cells))
    stats = statistics(values, groups.codes, len(cells))
    judged, good = within_by_group(ctx, values, groups, target_of(ctx, "received", "on_scene"))
    count = np.bincount(codes, minlength=len(cells))
    lines: list[dict[str, Any]] = []
    for n, (row, column) in enumerate(cells):
        wide = float(_width(row, side))
        box = (
            _south(row, side), _west(column, wide), _south(row + 1, side), _west(column + 1, wide)
        )  # fmt: skip
        lines.append(
            {
                "lat": round((box[0] + box[2]) / 2, 6), "lon": round((box[1] + box[3]) / 2, 6), "calls": int(count[n]),
                "late": int(judged[n] - good[n]), "share": ratio(judged[n] - good[n], judged[n]),
                "median": number(stats.median[n]), "filter": {"box": ",".join(map(repr, box))},
            }
        )  # fmt: skip
    lines.sort(key=lambda line: -int(line["calls"]))
    columns = (
        Column("lat", ctx.say(("Широта", "Latitude")), "degrees"),
        Column("lon", ctx.say(("Долгота", "Longitude")), "degrees"),
        Column("calls", ctx.say(("Вызовов", "Calls")), filter={}),
        Column("late", ctx.say(("С опозданием", "Late")), filter={"late": True}),
        Column("share", ctx.say(("Доля опозданий", "Share late")), "share"),
        Column("median", ctx.say(("Медиана прибытия", "Median response")), "seconds"),
    )
    charts = [
        Chart(
            "calls", ctx.say(("Где вызовы", "Where the calls are")), "map", "cells", "lon", ("lat", "calls")
        ),
        Chart(
            "late",
            ctx.say(("Где опаздываем", "Where teams come late")),
            "map",
            "cells",
            "lon",
            ("lat", "late"),
        ),
    ]
    notes = [ctx.say(("Клетка: {} м.", "Cell: {} m.")).format(int(side))]
    if missing := len(rows) - len(placed):
        text = ("Вызовов без точки на карте: {}.", "Calls without a point on the map: {}.")
        notes.append(ctx.say(text).format(missing))
    return report(ctx, TITLE, [Table("cells", ctx.say(TITLE), columns, lines)], charts=charts, notes=notes)


def _width(row: Any, side: float) -> Any:  # noqa: ANN401 -- of one row a number, of many an array
    """Return how many degrees of longitude a cell of a row has.

    One width for all rows that begin within a degree of latitude, so that their columns stand above each other.
    """
    degree = np.floor(_south(row, side))
    return side / METRES_PER_DEGREE / np.maximum(0.01, np.cos(np.radians(degree)))


def _south(row: Any, side: float) -> Any:  # noqa: ANN401 -- as above
    """Return the latitude at which a row begins; rows are counted from the South Pole."""
    return -90 + row * (side / METRES_PER_DEGREE)


def _west(column: Any, width: Any) -> Any:  # noqa: ANN401 -- as above
    """Return the longitude at which a column begins; columns are counted from the 180th meridian."""
    return -180 + column * width


def _cells(lat: Floats, lon: Floats, side: float) -> tuple[Ints, list[tuple[int, int]]]:
    """Put points into cells; return each point's cell, the cells' rows and columns.

    The grid stands still: the same place is in the same cell whatever else there is, so that maps of two periods can
    be compared (while their cells are of one side).
    """
    row = _counted(lat, lambda row: _south(row, side), (lat + 90) / (side / METRES_PER_DEGREE))
    width = _width(row, side)
    column = _counted(lon, lambda column: _west(column, width), (lon + 180) / width)
    most = int(column.max(initial=0)) + 1
    keys, codes = np.unique(row * most + column, return_inverse=True)
    return codes.astype(np.int64), [divmod(int(key), most) for key in keys]


def _counted(at: Floats, begins: Callable[[Ints], Floats], place: Floats) -> Ints:
    """Return the number of the row or column whose borders, as they will be said, hold each point.

    Rounding may put a point on a border into the neighbour, whose list of calls would not show it.
    """
    found = np.floor(place).astype(np.int64)
    found -= at < begins(found)
    found += at >= begins(found + 1)
    return found
