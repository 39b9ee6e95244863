"""Charts as SVG: Vega-Lite drawn by vl-convert, in PT Sans, without a browser and without the internet."""

import math
from functools import cache
from importlib.resources import files
from typing import Any, Final

import altair as typed_altair  # noqa: ICN001 -- `alt` is the same without its types, below
import vl_convert

from brigada.errors import Language
from brigada.reports.output.values import DASH, clock
from brigada.reports.tables import Chart, Column, Report, Table

alt: Final[Any] = typed_altair
"""Its types know every name of every colour scheme, but not that a chart is built from data."""

INK, MUTED, GRID = "#1d2733", "#5a6672", "#e3e8ed"
ONE: Final = "#1f4e79"
SERIES: Final = {
    "critical": "#b2182b", "important": "#e08214", "common": "#92a8bd", "median": ONE, "p90": "#e08214",
    "base": "#5a6672", "v0": ONE, "v1": "#e08214", "v2": "#7b3294", "v3": "#1b7837",
}  # fmt: skip
"""Dark to light as well as hue: told apart in greyscale, and the legend names each."""

WIDTH, HEIGHT = 620, 260
MOST_RANKED: Final = 25


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
    table = report.table(chart.table)
    if chart.kind == "rank":
        height = max(60, 18 * min(MOST_RANKED, len(table.rows)))
    elif chart.kind == "interval":
        height = max(60, 26 * len(table.rows))
    elif chart.kind == "map":
        height = min(2 * width, max(80, round(width / _aspect(table))))
    drawn = _draw(chart, table, report.language).properties(width=width, height=height)
    if titled:
        drawn = drawn.properties(title=chart.title)
    spec = drawn.configure(**_config()).to_dict()
    found: str = vl_convert.vegalite_to_svg(
        spec, format_locale="ru-RU" if report.language == "ru" else "en-US"
    )
    return found


def _config() -> dict[str, Any]:
    axis = {
        "labelColor": INK, "titleColor": MUTED, "gridColor": GRID, "domainColor": MUTED, "tickColor": MUTED,
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 220,
    }  # fmt: skip
    return {
        "font": "PT Sans", "background": "white", "axis": axis,
        "title": {"anchor": "start", "fontSize": 15, "color": INK, "offset": 12},
        "legend": {"labelFontSize": 12, "orient": "top", "title": None, "labelColor": INK, "labelLimit": 260},
        "view": {"stroke": None},
    }  # fmt: skip


def _draw(chart: Chart, table: Table, language: Language) -> Any:  # noqa: ANN401 -- Altair's many kinds
    columns = {column.key: column for column in table.columns}
    if chart.kind == "map":
        return _map(chart, table, columns, language)
    if chart.kind == "interval":
        return _intervals(chart, table, columns, language)
    kind = columns[chart.y[0]].kind
    rows = table.rows if chart.kind != "rank" else _ranked(table.rows, chart)
    data: list[dict[str, Any]] = [
        {
            "x": str(row[chart.x]), "n": n, "series": columns[key].title,
            "y": None if row.get(key) is None else row[key] / 60 if kind == "seconds" else row[key],
        }
        for row in rows
        for n, key in enumerate(chart.y)
    ]  # fmt: skip
    base = alt.Chart(alt.Data(values=data))
    titles = [columns[key].title for key in chart.y]
    colours = [SERIES.get(key, ONE) for key in chart.y]
    colour = alt.Color("series:N", scale=alt.Scale(domain=titles, range=colours),
                       legend=alt.Legend() if len(titles) > 1 else None)  # fmt: skip
    value = _value_axis(kind, language)
    if chart.kind == "rank":
        order = [row["x"] for row in data]
        return base.mark_bar(color=ONE).encode(
            y=alt.Y("x:N", sort=order, title=columns[chart.x].title or None), x=alt.X("y:Q", **value)
        )
    along = alt.X("x:N", sort=None, title=None, axis=_along_axis([str(row[chart.x]) for row in rows]))
    if chart.kind in {"line", "share"}:
        if chart.kind == "share":
            low = min([row["y"] for row in data if row["y"] is not None] + [chart.goal or 1])
            value["scale"] = alt.Scale(domain=[max(0.0, math.floor(low * 10 - 0.5) / 10), 1], clamp=True)
        lines = base.mark_line(point=len(rows) <= 45, strokeWidth=2).encode(
            x=along, y=alt.Y("y:Q", **value), color=colour
        )
        if chart.goal is None:
            return lines
        goal = alt.Chart(alt.Data(values=[{"y": chart.goal}])).mark_rule(color="#b2182b", strokeDash=[6, 4])
        return lines + goal.encode(y="y:Q")
    if chart.kind == "stack":
        return base.mark_bar().encode(x=along, y=alt.Y("y:Q", **value), color=colour, order=alt.Order("n:Q"))
    if len(titles) == 1:
        return base.mark_bar(color=ONE).encode(x=along, y=alt.Y("y:Q", **value))
    offset = alt.XOffset("series:N", sort=titles)
    return base.mark_bar().encode(x=along, xOffset=offset, y=alt.Y("y:Q", **value), color=colour)


def _intervals(chart: Chart, table: Table, columns: dict[str, Column], language: Language) -> Any:  # noqa: ANN401 -- as above
    """A point and a whisker for each row, and a line at zero: whether a whisker crosses it is the answer."""
    value, low, high = chart.y
    unit = 60 if columns[value].kind == "seconds" else 1
    data = [
        {"x": str(row[chart.x]), "y": row[value] / unit, "low": row[low] / unit, "high": row[high] / unit,
         "sure": row[low] > 0 or row[high] < 0}
        for row in table.rows
        if row[value] is not None
    ]  # fmt: skip
    base = alt.Chart(alt.Data(values=data)).encode(
        y=alt.Y("x:N", sort=[row["x"] for row in data], title=None, axis=alt.Axis(labelLimit=320)),
        color=alt.condition("datum.sure", alt.value(ONE), alt.value(MUTED)),
    )
    axis = _value_axis(columns[value].kind, language)
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=MUTED, strokeDash=[4, 4])
    return (
        zero.encode(x="zero:Q")
        + base.mark_rule(strokeWidth=2.5).encode(x=alt.X("low:Q", **axis), x2="high:Q")
        + base.mark_point(filled=True, size=70, opacity=1).encode(x=alt.X("y:Q", **axis))
    )


def _ranked(rows: list[dict[str, Any]], chart: Chart) -> list[dict[str, Any]]:
    known = [row for row in rows if row.get(chart.y[0]) is not None]
    return sorted(known, key=lambda row: -float(row[chart.y[0]]))[:MOST_RANKED]


def _value_axis(kind: str, language: Language) -> dict[str, Any]:
    if kind == "share":
        return {"title": None, "axis": alt.Axis(format="%")}
    if kind == "seconds":
        return {"title": "минуты" if language == "ru" else "minutes"}
    return {"title": None, "axis": alt.Axis(format=",.0f" if kind == "count" else ",.1f", tickMinStep=1)}


def _along_axis(labels: list[str]) -> Any:  # noqa: ANN401 -- Altair's own type
    """Show at most some fifteen labels; days as day and month."""
    every = max(1, -(-len(labels) // 15))
    shown = [label for n, label in enumerate(labels) if n % every == 0]
    days = bool(labels) and all(len(label) == 10 and label[4] == label[7] == "-" for label in labels)
    letters = sum(5 if days else len(label) for label in shown)
    options: dict[str, Any] = {
        "labelAngle": -45 if letters > 80 else 0,
        "ticks": False,
        "labelOverlap": False,
    }
    if days:
        options["labelExpr"] = "slice(datum.value, 8, 10) + '.' + slice(datum.value, 5, 7)"
    return alt.Axis(values=shown, **options)


def _map(chart: Chart, table: Table, columns: dict[str, Column], language: Language) -> Any:  # noqa: ANN401 -- as above
    """Cells by place, darker and larger with the count: a picture for paper; the console draws them on its map."""
    size = chart.y[1]
    data = [{"lon": row["lon"], "lat": row["lat"], "n": row[size]} for row in table.rows if row[size]]
    scheme = "oranges" if size == "late" else "blues"
    lons = [cell["lon"] for cell in data] or [0.0, 1.0]
    lats = [cell["lat"] for cell in data] or [0.0, 1.0]
    return (
        alt.Chart(alt.Data(values=data))
        .mark_circle(opacity=0.85)
        .encode(
            x=alt.X("lon:Q", scale=alt.Scale(domain=[min(lons), max(lons)], nice=False), title=columns["lon"].title,
                    axis=alt.Axis(format=".2f")),
            y=alt.Y("lat:Q", scale=alt.Scale(domain=[min(lats), max(lats)], nice=False), title=columns["lat"].title,
                    axis=alt.Axis(format=".2f")),
            size=alt.Size("n:Q", scale=alt.Scale(range=[4, 90]), legend=None),
            color=alt.Color("n:Q", scale=alt.Scale(scheme=scheme), legend=alt.Legend(
                title=columns[size].title, orient="right", format=",.0f" if language else "")),
        )
    )  # fmt: skip


def _aspect(table: Table) -> float:
    """Return how much wider than high the cells' rectangle is on the ground."""
    if not table.rows:
        return 1.0
    lats, lons = [row["lat"] for row in table.rows], [row["lon"] for row in table.rows]
    across = (max(lons) - min(lons)) * math.cos(math.radians(sum(lats) / len(lats)))
    return max(0.2, min(5.0, (across or 0.01) / ((max(lats) - min(lats)) or 0.01)))


def change(value: float | None, before: float | None, kind: str) -> str:
    """Return how a figure changed: in points for a share, in time for a duration, in per cent for a count."""
    if value is None or before is None:
        return DASH
    difference = value - before
    sign = "+" if difference > 0 else "−" if difference < 0 else "±"
    if kind == "share":
        return f"{sign}{abs(100 * difference):.1f}"
    if kind == "seconds":
        return f"{sign}{clock(abs(difference))}"
    return f"{sign}{abs(100 * difference / before):.1f}%" if before else DASH
