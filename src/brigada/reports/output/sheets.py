"""CSV and XLSX: tables that a spreadsheet opens without questions, and can't be tricked by."""

import csv
import io
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from brigada.errors import Language
from brigada.reports.output.values import heading, norms_used, shown
from brigada.reports.tables import Chart, Column, Report, Table, say

_PLACES: Final = {"share": 4, "degrees": 6}
"""Decimals of a number, two for all others."""

BOM: Final = "\ufeff"
"""Without it Excel takes UTF-8 for the system's code page."""

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Text that begins so would be run as a formula (a caller's name is typed by strangers)."""


def guarded(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def plain(value: Any, column: Column, language: Language, zone: ZoneInfo) -> str:  # noqa: ANN401 -- a cell
    """Return a cell of CSV: numbers without thousands, decimals as the language writes them, durations in seconds."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        local = value.astimezone(zone)
        return (
            local.strftime("%d.%m.%Y %H:%M:%S") if language == "ru" else local.isoformat(timespec="seconds")
        )
    if column.kind in {"day", "month"} and language == "ru" and (at := _day(value)) is not None:
        return at.strftime("%d.%m.%Y" if column.kind == "day" else "%m.%Y")
    if isinstance(value, bool | str):
        return guarded(str(value))
    if isinstance(value, int):
        return str(value)
    text = f"{value:.{_PLACES.get(column.kind, 2)}f}".rstrip("0").rstrip(".") or "0"
    return text.replace(".", ",") if language == "ru" else text


def csv_bytes(report: Report, table: Table) -> bytes:
    """Return one table as CSV in the form that a Russian Excel opens by a double click: BOM, `;`, CRLF.

    What it is about stands below an empty line: the first line stays that of the columns, and Excel sorts and filters
    what is above the empty one.
    """
    out = io.StringIO(newline="")
    out.write(BOM)
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    zone = ZoneInfo(report.zone)
    writer.writerow(guarded(heading(column, report.language, bare=True)) for column in table.columns)
    for row in [*table.rows, *([table.total] if table.total is not None else [])]:
        writer.writerow(plain(row.get(column.key), column, report.language, zone) for column in table.columns)
    if table.cut:
        writer.writerow([guarded(table.cut)])
    writer.writerow([])
    writer.writerows([guarded(line)] for line in _about_lines(report, zone))
    return out.getvalue().encode()


def _about_lines(report: Report, zone: ZoneInfo) -> list[str]:
    """Say what a table out of its report is about: title, period, filters, norms."""
    form = "%d.%m.%Y %H:%M" if report.language == "ru" else "%Y-%m-%d %H:%M"
    start, end = (at.astimezone(zone).strftime(form) for at in (report.start, report.end))
    facts = (
        (("Отчёт", "Report"), report.title),
        (("Период", "Period"), f"{start} – {end} ({report.zone})"),
        (("Отбор", "Filters"), report.filters),
        (("Норматив", "Norm"), norms_used(report)),
    )
    return [f"{say(text, report.language)}: {told}" for text, told in facts if told]


_FORMATS: Final = {
    "count": "#,##0", "number": "#,##0.0", "seconds": "[h]:mm:ss", "hours": "#,##0.0", "share": "0.0%",
    "km": "#,##0.0", "degrees": "0.00000", "time": "dd.mm.yyyy hh:mm:ss", "call": "0", "text": "@",
    "day": "dd.mm.yyyy", "month": "mm.yyyy",
}  # fmt: skip
_CHART_KINDS: Final = {"bar": "column", "stack": "column", "line": "line", "share": "line", "rank": "bar"}
_COLOURS: Final = ("#1f4e79", "#e08214", "#7fb3d5", "#5b8c5a")
MOST_POINTS: Final = 400
MOST_ROWS: Final = 50_000
"""Of a table in a workbook, which is made in memory: 20,000 calls took 53 MB. CSV has all that were asked for."""


def xlsx_bytes(report: Report) -> bytes:
    """Return the report as a workbook: a sheet about it, a sheet for each table with its charts."""
    import xlsxwriter  # when a workbook is asked for: forty modules at every start otherwise

    report = _cut(report)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": report.title, "comments": "Brigada"})
    _about(book, report)
    names: set[str] = set()
    for table in report.tables:
        _sheet(book, report, table, _sheet_name(table.title, names))
    book.close()
    return out.getvalue()


def _cut(report: Report) -> Report:
    """Return the report with as many rows of each table as a workbook holds, and a note where that is not all."""
    text = (
        "{}: показаны первые {} строк из {}; остальные — в CSV.",
        "{}: the first {} rows of {}; CSV has the others.",
    )
    notes = [
        say(text, report.language).format(table.title, MOST_ROWS, len(table.rows))
        for table in report.tables
        if len(table.rows) > MOST_ROWS
    ]
    if not notes:
        return report
    tables = [replace(table, rows=table.rows[:MOST_ROWS]) for table in report.tables]
    return replace(report, tables=tables, notes=[*report.notes, *notes])


def _sheet_name(title: str, taken: set[str]) -> str:
    base = "".join(letter for letter in title if letter not in "[]:*?/\\'")[:28] or "1"
    name = next(
        name for n in range(1, 100) if (name := base if n == 1 else f"{base} {n}").lower() not in taken
    )
    taken.add(name.lower())
    return name


def _about(book: Any, report: Report) -> None:  # noqa: ANN401 -- XlsxWriter has no types
    sheet = book.add_worksheet(say(("О отчёте", "About"), report.language).replace("О отчёте", "Об отчёте"))
    zone, language = ZoneInfo(report.zone), report.language
    bold, wrap = (
        book.add_format({"bold": True, "font_size": 16}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 2, 24)
    sheet.write_string(0, 0, report.title, bold)
    form = "%d.%m.%Y %H:%M" if language == "ru" else "%Y-%m-%d %H:%M"
    facts = [
        (("Период с", "Period from"), report.start.astimezone(zone).strftime(form)),
        (("по (не включая)", "to (not counted in)"), report.end.astimezone(zone).strftime(form)),
        (("Часовой пояс", "Time zone"), report.zone),
        (("Составлен", "Made at"), report.made_at.astimezone(zone).strftime(form)),
        (("Отбор", "Filters"), report.filters or "—"),
        (("Норматив", "Norm"), report.norm["title"] or "—"),
    ]
    line = 2
    for text, value in facts:
        sheet.write_string(line, 0, say(text, language))
        sheet.write_string(line, 1, value)
        line += 1
    for item in report.norm["items"]:
        sheet.write_string(line, 1, f"{item['title']} (№ {item['id']}, v{item['version']})")
        line += 1
    line += 1
    if report.figures:
        sheet.write_string(line, 2, say(("Период до того", "Period before"), language))
    for figure in report.figures:
        line += 1
        sheet.write_string(line, 0, figure.title)
        sheet.write_string(line, 1, shown(figure.value, figure.kind, language, zone))
        sheet.write_string(line, 2, shown(figure.before, figure.kind, language, zone))
    line += 2
    for note in report.notes:
        sheet.merge_range(line, 0, line, 2, "", wrap)
        sheet.write_string(line, 0, note, wrap)
        sheet.set_row(line, 32)
        line += 1


def _sheet(book: Any, report: Report, table: Table, name: str) -> None:  # noqa: ANN401 -- as above
    sheet = book.add_worksheet(name)
    head = book.add_format(
        {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#e8eef4"}
    )
    cells = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
    total = {
        kind: book.add_format({"num_format": form, "bold": True, "top": 1}) for kind, form in _FORMATS.items()
    }
    zone = ZoneInfo(report.zone)
    columns = [_writable(column, table, report.language) for column in table.columns]
    for place, column in enumerate(columns):
        sheet.write_string(0, place, heading(column, report.language), head)
        longest = max((len(str(row.get(column.key) or "")) for row in table.rows[:200]), default=0)
        width = {"time": 19, "day": 12, "text": min(42, max(longest, 10))}.get(column.kind, 13)
        sheet.set_column(place, place, width)
    sheet.freeze_panes(1, 1)
    for line, row in enumerate(table.rows, 1):
        for place, column in enumerate(columns):
            _cell(sheet, (line, place), row.get(column.key), column, cells[column.kind], zone)
    for place, column in enumerate(columns if table.total is not None else ()):
        value = (table.total or {}).get(column.key)
        _cell(sheet, (len(table.rows) + 1, place), value, column, total[column.kind], zone)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(columns) - 1)
    place = 1
    for chart in report.charts:
        if chart.table == table.key and chart.kind in _CHART_KINDS and table.rows:
            sheet.insert_chart(place, len(columns) + 1, _chart(book, table, chart, name))
            place += 21


def _writable(column: Column, table: Table, language: Language) -> Column:
    """Return how a column is written: Excel shows no negative time, so such durations are plain seconds."""
    values = (row.get(column.key) for row in table.rows)
    if column.kind != "seconds" or not any(value is not None and value < 0 for value in values):
        return column
    return replace(column, title=heading(column, language, bare=True), kind="count")


def _cell(sheet: Any, at: tuple[int, int], value: Any, column: Column, form: Any, zone: ZoneInfo) -> None:  # noqa: ANN401 -- as above
    if value is None:
        sheet.write_blank(*at, None, form)
    elif isinstance(value, datetime):
        sheet.write_datetime(*at, value.astimezone(zone).replace(tzinfo=None), form)
    elif column.kind in {"day", "month"} and _day(value) is not None:
        sheet.write_datetime(*at, _day(value), form)
    elif isinstance(value, str):
        sheet.write_string(*at, value, form)
    elif column.kind == "seconds":
        sheet.write_number(*at, value / 86_400, form)
    else:
        sheet.write_number(*at, value, form)


def _day(text: str) -> date | None:
    """Return a day of ISO 8601, a month's first; None for the word at the foot of the column."""
    try:
        return date.fromisoformat(text if len(text) == len("2026-11-24") else f"{text}-01")
    except ValueError:
        return None


def _chart(book: Any, table: Table, chart: Chart, sheet: str) -> Any:  # noqa: ANN401 -- as above
    options = {"type": _CHART_KINDS[chart.kind]}
    if chart.kind == "stack":
        options["subtype"] = "stacked"
    found = book.add_chart(options)
    place = {column.key: n for n, column in enumerate(table.columns)}
    last = min(len(table.rows), MOST_POINTS)
    for n, key in enumerate(chart.y):
        colour = _COLOURS[n % len(_COLOURS)]
        series: dict[str, Any] = {
            "name": [sheet, 0, place[key]],
            "categories": [sheet, 1, place[chart.x], last, place[chart.x]],
            "values": [sheet, 1, place[key], last, place[key]],
        }
        drawn = "line" if options["type"] == "line" else "fill"
        series[drawn] = {"color": colour, "width": 2} if drawn == "line" else {"color": colour}
        found.add_series(series)
    found.set_title({"name": chart.title, "name_font": {"size": 12}})
    found.set_size({"width": 720, "height": 400})
    found.set_legend({"position": "bottom", "none": len(chart.y) == 1})
    if chart.kind == "rank":
        found.set_y_axis({"reverse": True})
    if chart.kind == "share":
        found.set_y_axis({"min": 0, "max": 1, "num_format": "0%"})
    return found
