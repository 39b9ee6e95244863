"""Charts as SVG: Vega-Lite drawn by vl-convert, in PT Sans, without a browser and without the internet."""

import math
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

import vl_convert

from brigada.errors import Language
from brigada.reports.comparing import BEFORE
from brigada.reports.tables import Chart, Report, Table

type Spec = dict[str, Any]
"""A part of a Vega-Lite document."""

INK, MUTED, GRID, ALARM = "#1d2733", "#5a6672", "#e3e8ed", "#b2182b"
"""The console knows these four by their value and draws them in its own colours by night."""
ONE, TWO, PALE = "#1f6fb2", "#e08214", "#92a8bd"
SERIES: Final = {
    "critical": ALARM, "important": TWO, "common": PALE, "median": ONE, "p90": TWO,
    "base": MUTED, "v0": ONE, "v1": TWO, "v2": "#7b3294", "v3": "#1b7837",
}  # fmt: skip
"""Dark to light as well as hue: told apart in greyscale, and the legend names each."""

WIDTH, HEIGHT = 620, 260
MOST_RANKED: Final = 25
MOST_LABELS: Final = 15
"""Along an axis 620 wide."""
MOST_POINTS_MARKED: Final = 45


def fonts_folder() -> str:
    """Return the folder of the font that page, map, charts and documents share."""
    return str(files("brigada.web").joinpath("static/vendor/fonts"))


@cache
def _with_font() -> None:
    vl_convert.register_font_directory(fonts_folder())


def svg(
    report: Report, chart: Chart, *, width: int = WIDTH, height: int = HEIGHT, titled: bool = True
) -> str:
    """Return the chart as SVG."""
    _with_font()
    spec = spec_of(report, chart, width=width, height=height, titled=titled)
    found: str = vl_convert.vegalite_to_svg(
        spec, format_locale="ru-RU" if report.language == "ru" else "en-US"
    )
    return found


def spec_of(report: Report, chart: Chart, *, width: int, height: int, titled: bool) -> Spec:
    """Return the chart as a Vega-Lite document."""
    table = report.table(chart.table)
    if chart.kind == "rank":
        height = max(60, 20 * min(MOST_RANKED, len(table.rows)) * len(chart.y))
    elif chart.kind == "map":
        height = min(2 * width, max(80, round(width / _aspect(table))))
    elif chart.kind == "interval":
        height = max(60, 26 * len(table.rows))
    drawn = _draw(chart, table, report.language)
    title = {"title": chart.title} if titled else {}
    return {"width": width, "height": height, "config": _config(), **title, **drawn}


def _config() -> Spec:
    axis = {
        "labelColor": INK, "titleColor": MUTED, "gridColor": GRID, "domainColor": MUTED, "tickColor": MUTED,
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 240,
    }  # fmt: skip
    return {
        "font": "PT Sans", "background": "white", "axis": axis,
        "title": {"anchor": "start", "fontSize": 15, "color": INK, "offset": 12},
        "legend": {"labelFontSize": 12, "orient": "top", "title": None, "labelColor": INK, "labelLimit": 260},
        "view": {"stroke": None},
    }  # fmt: skip


def _draw(chart: Chart, table: Table, language: Language) -> Spec:
    if chart.kind == "map":
        return _map(chart, table)
    if chart.kind == "interval":
        return _intervals(chart, table, language)
    columns = {column.key: column for column in table.columns}
    kind = columns[chart.y[0]].kind
    rows = table.rows if chart.kind != "rank" else _ranked(table.rows, chart)
    values = [
        {
            "x": str(row[chart.x]), "n": n, "series": columns[key].title,
            "y": None if row.get(key) is None else row[key] / 60 if kind == "seconds" else row[key],
        }
        for row in rows
        for n, key in enumerate(chart.y)
    ]  # fmt: skip
    value = {"field": "y", "type": "quantitative", **_value_axis(kind, language)}
    series = _series(chart, [columns[key].title for key in chart.y])
    labels = [str(row[chart.x]) for row in rows]
    data: Spec = {"data": {"values": values}}
    if chart.kind == "rank":
        names = {"field": "x", "type": "nominal", "sort": labels, "title": columns[chart.x].title or None}
        return data | {
            "mark": {"type": "bar"},
            "encoding": {"y": names, "x": value} | _beside(series, "yOffset"),
        }
    along = {
        "field": "x",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": _along_axis(labels, language),
    }
    if chart.kind in {"line", "share"}:
        if chart.kind == "share":
            value["scale"] = {"domain": [_floor_of_share(values, chart.goal), 1], "clamp": True}
        marks = {"type": "line", "point": len(rows) <= MOST_POINTS_MARKED, "strokeWidth": 2}
        return data | _with_goal(chart, {"mark": marks, "encoding": {"x": along, "y": value} | series})
    if chart.kind == "stack":
        order = {"field": "n", "type": "quantitative"}
        return data | {"mark": {"type": "bar"}, "encoding": {"x": along, "y": value, "order": order} | series}
    return data | {"mark": {"type": "bar"}, "encoding": {"x": along, "y": value} | _beside(series, "xOffset")}


def _series(chart: Chart, titles: list[str]) -> Spec:
    """Return how several columns are told apart: by colour, and the period before by dashes."""
    own = [SERIES.get(key.removesuffix(BEFORE), ONE) for key in chart.y]
    if len(titles) == 1:
        return {"color": {"value": own[0]}}
    legend = {"field": "series", "type": "nominal", "sort": titles}
    found = {
        "color": {
            **legend,
            "scale": {"domain": titles, "range": own},
            "legend": {"columns": 2 if len(titles) > 3 else 3},
        }
    }
    if any(key.endswith(BEFORE) for key in chart.y):
        dashes = [[5, 4] if key.endswith(BEFORE) else [1, 0] for key in chart.y]
        found["strokeDash"] = {**legend, "scale": {"domain": titles, "range": dashes}}
    return found


def _beside(series: Spec, channel: str) -> Spec:
    """Set the bars of several columns beside each other."""
    if "field" not in series["color"]:
        return series
    return series | {channel: {"field": "series", "type": "nominal", "sort": series["color"]["sort"]}}


def _with_goal(chart: Chart, lines: Spec) -> Spec:
    if chart.goal is None:
        return lines
    goal = {
        "data": {"values": [{"y": chart.goal}]},
        "mark": {"type": "rule", "color": ALARM, "strokeDash": [6, 4]},
        "encoding": {"y": {"field": "y", "type": "quantitative"}},
    }
    return {"layer": [lines, goal]}


def _floor_of_share(values: list[dict[str, Any]], goal: float | None) -> float:
    """Return the whole tenth below all shares: what lies near to one must be told apart."""
    low: float = min([value["y"] for value in values if value["y"] is not None] + [goal or 1.0])
    return max(0.0, math.floor(low * 10 - 0.5) / 10)


def _intervals(chart: Chart, table: Table, language: Language) -> Spec:
    """A point and a whisker for each row, and a line at zero: whether a whisker crosses it is the answer."""
    columns = {column.key: column for column in table.columns}
    value, low, high = chart.y
    unit = 60 if columns[value].kind == "seconds" else 1
    values = [
        {"x": str(row[chart.x]), "y": row[value] / unit, "low": row[low] / unit, "high": row[high] / unit,
         "sure": row[low] > 0 or row[high] < 0}
        for row in table.rows
        if row[value] is not None
    ]  # fmt: skip
    axis = {"type": "quantitative", **_value_axis(columns[value].kind, language)}
    names = {
        "field": "x", "type": "nominal", "sort": [row["x"] for row in values], "title": None,
        "axis": {"labelLimit": 320},
    }  # fmt: skip
    sure = {"condition": {"test": "datum.sure", "value": ONE}, "value": MUTED}
    zero = {
        "data": {"values": [{"zero": 0}]},
        "mark": {"type": "rule", "color": MUTED, "strokeDash": [4, 4]},
        "encoding": {"x": {"field": "zero", "type": "quantitative"}},
    }
    whiskers = {
        "mark": {"type": "rule", "strokeWidth": 2.5},
        "encoding": {"y": names, "x": {"field": "low", **axis}, "x2": {"field": "high"}, "color": sure},
    }
    points = {
        "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
        "encoding": {"y": names, "x": {"field": "y", **axis}, "color": sure},
    }
    return {"data": {"values": values}, "layer": [zero, whiskers, points]}


def _ranked(rows: list[dict[str, Any]], chart: Chart) -> list[dict[str, Any]]:
    known = [row for row in rows if row.get(chart.y[0]) is not None]
    return sorted(known, key=lambda row: -float(row[chart.y[0]]))[:MOST_RANKED]


def _value_axis(kind: str, language: Language) -> Spec:
    if kind == "share":
        return {"title": None, "axis": {"format": "%", "tickCount": 8, "labelOverlap": True}}
    if kind == "seconds":
        return {"title": "минуты" if language == "ru" else "minutes"}
    return {"title": None, "axis": {"format": ",.0f" if kind == "count" else ",.1f", "tickMinStep": 1}}


def _along_axis(labels: list[str], language: Language) -> Spec:
    """Show at most some fifteen labels, those of days short: 24.11."""
    every = max(1, -(-len(labels) // MOST_LABELS))
    shown = [label for n, label in enumerate(labels) if n % every == 0]
    short = {label: _short(label, language) for label in shown}
    crowded = sum(map(len, short.values())) > 5 * MOST_LABELS + 10
    axis: Spec = {"values": shown, "labelAngle": -45 if crowded else 0, "ticks": False, "labelOverlap": False}
    if any(label != text for label, text in short.items()):
        words = ", ".join(f"{_quoted(label)}: {_quoted(text)}" for label, text in short.items())
        axis["labelExpr"] = f"({{{words}}})[datum.value]"
    return axis


def _short(label: str, language: Language) -> str:
    try:
        if len(label) == len("2026-11-24"):
            return date.fromisoformat(label).strftime("%d.%m" if language == "ru" else "%d %b")
        if len(label) == len("2026-11"):
            return date.fromisoformat(f"{label}-01").strftime("%m.%Y" if language == "ru" else "%b %Y")
    except ValueError:
        pass
    # An hour of the time line: 2026-11-24 14:00 +0300.
    return label[8:10] + "." + label[5:7] + label[10:16] if len(label) == 22 and label[10] == " " else label


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _map(chart: Chart, table: Table) -> Spec:
    """Cells where they lie, darker with the count, the others pale: a picture for paper; the console has its map."""
    columns = {column.key: column for column in table.columns}
    size = chart.y[1]
    cells = [{**_corners(row), "n": row[size]} for row in table.rows]
    most = max((int(cell["n"]) for cell in cells), default=0)

    def place(low: str, high: str, key: str) -> Spec:
        ends = [cell[side] for cell in cells for side in (low, high)] or [0.0, 1.0]
        return {
            "field": low, "type": "quantitative", "title": columns[key].title,
            "axis": {"format": ".2f", "tickMinStep": 0.01, "grid": False},
            "scale": {"domain": [min(ends), max(ends)], "nice": False, "zero": False},
        }  # fmt: skip

    where = {
        "x": place("west", "east", "lon"), "x2": {"field": "east"},
        "y": place("south", "north", "lat"), "y2": {"field": "north"},
    }  # fmt: skip
    legend = {
        "title": columns[size].title, "orient": "right", "format": ",.0f",
        "values": sorted({1, (most + 1) // 2, most}) if most else [],
    }  # fmt: skip
    colour = {
        "field": "n", "type": "quantitative", "legend": legend,
        "scale": {"scheme": "oranges" if size == "late" else "blues", "domain": [0, max(1, most)]},
    }  # fmt: skip
    filled = {
        "data": {"values": [cell for cell in cells if cell["n"]]},
        "encoding": where | {"color": colour},
    }
    return {
        "layer": [
            {"data": {"values": cells}, "mark": {"type": "rect", "color": GRID}, "encoding": where},
            {"mark": {"type": "rect"}, **filled},
        ]
    }


def _corners(row: dict[str, Any]) -> dict[str, float]:
    sides = ("south", "west", "north", "east")
    return dict(zip(sides, map(float, row["filter"]["box"].split(",")), strict=True))


def _aspect(table: Table) -> float:
    """Return how much wider than high the cells' rectangle is on the ground."""
    if not table.rows:
        return 1.0
    lats, lons = [row["lat"] for row in table.rows], [row["lon"] for row in table.rows]
    across = (max(lons) - min(lons)) * math.cos(math.radians(sum(lats) / len(lats)))
    return max(0.2, min(5.0, (across or 0.01) / ((max(lats) - min(lats)) or 0.01)))
