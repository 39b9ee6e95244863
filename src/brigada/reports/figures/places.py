"""Where the calls are, and where teams come late: cells for the heat map."""

import math
from typing import Any, Final

import numpy as np

from brigada.reports.figures.common import Context, interval_of, late_calls, number, ratio, report
from brigada.reports.measures import INTERVALS, MEASURED, statistics
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
    late = late_calls(ctx)[placed]
    values = interval_of(ctx, INTERVALS["response"])
    of_call = np.full(len(calls), -1, dtype=np.int64)
    of_call[placed] = codes
    stats = statistics(values, of_call[values.call], len(cells))
    judged = np.bincount(of_call[values.call[(values.state == MEASURED) & (of_call[values.call] >= 0)]],
                         minlength=len(cells))  # fmt: skip
    count = np.bincount(codes, minlength=len(cells))
    lates = np.bincount(codes[late], minlength=len(cells))
    lines: list[dict[str, Any]] = []
    for n, (row, column) in enumerate(cells):
        lat = south + (row + 0.5) * side / METRES_PER_DEGREE
        lon = west + (column + 0.5) * side / METRES_PER_DEGREE / max(0.01, math.cos(math.radians(south)))
        lines.append(
            {
                "lat": round(lat, 6), "lon": round(lon, 6), "calls": int(count[n]), "late": int(lates[n]),
                "share": ratio(lates[n], judged[n]), "median": number(stats.median[n]),
            }
        )  # fmt: skip
    lines.sort(key=lambda line: -int(line["calls"]))
    columns = (
        Column("lat", ctx.say(("Широта", "Latitude")), "number"),
        Column("lon", ctx.say(("Долгота", "Longitude")), "number"),
        Column("calls", ctx.say(("Вызовов", "Calls"))),
        Column("late", ctx.say(("С опозданием", "Late"))),
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


def _cells(lat: Any, lon: Any, side: float) -> tuple[float, float, Any, list[tuple[int, int]]]:  # noqa: ANN401 -- arrays
    if not len(lat):
        return 0.0, 0.0, np.empty(0, dtype=np.int64), []
    south, west = float(lat.min()), float(lon.min())
    across = METRES_PER_DEGREE * max(0.01, math.cos(math.radians(south)))
    row = np.floor((lat - south) * METRES_PER_DEGREE / side).astype(np.int64)
    column = np.floor((lon - west) * across / side).astype(np.int64)
    width = int(column.max()) + 1
    keys, codes = np.unique(row * width + column, return_inverse=True)
    return south, west, codes.astype(np.int64), [(int(key) // width, int(key) % width) for key in keys]
