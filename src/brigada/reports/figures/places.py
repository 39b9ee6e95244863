"""Where the calls are, and where teams come late: cells for the heat map."""

import math
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
        south, west, codes, cells = _cells(calls["lat"][placed], calls["lon"][placed], side)
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
    high, wide = side / METRES_PER_DEGREE, side / METRES_PER_DEGREE / _narrowing(south)
    lines: list[dict[str, Any]] = []
    for n, (row, column) in enumerate(cells):
        box = (south + row * high, west + column * wide, south + (row + 1) * high, west + (column + 1) * wide)
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


def _narrowing(south: float) -> float:
    """Return how much shorter a degree of longitude is than one of latitude."""
    return max(0.01, math.cos(math.radians(south)))


def _cells(lat: Floats, lon: Floats, side: float) -> tuple[float, float, Ints, list[tuple[int, int]]]:
    """Put points into cells; return the grid's south-western corner, each point's cell, the cells' rows and columns.

    The grid stands still: the same place is in the same cell whatever the period, so that maps can be compared.
    """
    if not len(lat):
        return 0.0, 0.0, np.empty(0, dtype=np.int64), []
    # A whole degree south of all points; longitudes are counted from Greenwich.
    south, west = float(np.floor(lat.min())), float(np.floor(lon.min()))
    row = np.floor((lat - south) * METRES_PER_DEGREE / side).astype(np.int64)
    column = np.floor((lon - west) * METRES_PER_DEGREE * _narrowing(south) / side).astype(np.int64)
    width = int(column.max()) + 1
    keys, codes = np.unique(row * width + column, return_inverse=True)
    return south, west, codes.astype(np.int64), [(int(key) // width, int(key) % width) for key in keys]
