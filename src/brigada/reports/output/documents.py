"""PDF by Typst: PDF/A, PT Sans embedded, no page needs the internet."""

import json
from datetime import datetime
from functools import cache, partial
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

import typst

from brigada.reports.comparing import BEFORE
from brigada.reports.output.charts import fonts_folder, svg
from brigada.reports.output.values import DASH, change, heading, mood, norms_used, shown
from brigada.reports.tables import NOT_NUMBERS, Column, Figure, Report, Table, say

WIDE_COLUMNS: Final = 9
"""More columns than this, and the page lies down."""
STANDARD: Final = "a-2u"
"""PDF/A-2u: for archives, with text that can be searched and copied."""
MOST_ROWS: Final = 1_000
"""A paper of more rows is read by nobody: the rest is said to be left out."""


FORMS: Final = {"diary": "115/у"}
"""Reports that are forms of order 942: they say so where forms do."""
WHOLE_ROWS: Final = 12
"""Rows of a table that is kept on one page: more might not fit, should every row take three lines."""
WHOLE_NARROW_ROWS: Final = 26
"""The same where no cell takes a second line."""


@cache
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[fonts_folder()])
    return typst.Compiler(font_paths=fonts, ignore_system_fonts=True)


@cache
def _template(name: str) -> bytes:
    return files("brigada.reports").joinpath(f"templates/{name}.typ").read_bytes()


def compile_pdf(template: str, data: dict[str, Any], made_at: datetime) -> bytes:
    """Return the PDF of a template filled with data.

    Raises:
        typst.TypstError: the template is wrong: a bug.
    """
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    compile_ = partial(
        _compiler().compile,
        _template(template),
        format="pdf",
        sys_inputs=inputs,
        timestamp=made_at.replace(microsecond=0),
    )
    try:
        found = compile_(pdf_standards=[STANDARD])
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        # A caller's name with a letter that no font here has: a box in an ordinary PDF is better than no document.
        found = compile_()
    if not isinstance(found, bytes):
        message = "Typst gave no single document"
        raise TypeError(message)
    return found


def report_pdf(report: Report, service: str) -> bytes:
    """Return the report as a document for signing."""
    language, zone = report.language, ZoneInfo(report.zone)
    wide = any(len(_own(table)) > WIDE_COLUMNS for table in report.tables)
    form = "%d.%m.%Y %H:%M" if language == "ru" else "%Y-%m-%d %H:%M"
    start, end, made = (
        at.astimezone(zone).strftime(form) for at in (report.start, report.end, report.made_at)
    )
    facts = [
        [say(("Период", "Period"), language), f"{start} – {end} ({report.zone})"],
        *([[say(("Отбор", "Filters"), language), report.filters]] if report.filters else []),
        [say(("Норматив", "Norm"), language), norms_used(report) or DASH],
    ]
    three = wide and len(report.charts) > 2
    charts = [
        {
            "title": chart.title, "svg": svg(report, chart, width=420 if three else 560, height=210, titled=False),
            "width": 62 if chart.kind == "map" else 92,
        }
        for chart in report.charts
    ]  # fmt: skip
    return compile_pdf(
        "report",
        {
            "title": report.title,
            "form": FORMS.get(report.name, "") if language == "ru" else "",
            "language": language,
            "service": service,
            "wide": wide,
            "dense": wide or any(len(_own(table)) > 7 for table in report.tables),
            "facts": facts,
            "figures": [_figure(figure, report) for figure in report.figures],
            "charts": charts,
            "tables": [_table(table, report, zone) for table in report.tables],
            "notes": report.notes + _left_out(report),
            "footer": say(("Бригада · составлено {}", "Brigada · made at {}"), language).format(made),
            "signature": list(
                ("Должность", "Подпись", "Дата") if language == "ru" else ("Position", "Signature", "Date")
            ),
        },
        report.made_at,
    )


def _figure(figure: Figure, report: Report) -> dict[str, str]:
    zone = ZoneInfo(report.zone)
    was = say(("было {}", "was {}"), report.language).format(
        shown(figure.before, figure.kind, report.language, zone)
    )
    return {
        "title": figure.title,
        "value": shown(figure.value, figure.kind, report.language, zone),
        "change": f"{change(figure, report.language)}, {was}"
        if figure.before is not None
        else say(("сравнить не с чем", "nothing to compare with"), report.language),
        "mood": mood(figure),
    }


def _own(table: Table) -> list[Column]:
    """Return the columns for paper: what was before has room in a line of its own under the total."""
    return [column for column in table.columns if not column.compared]


def _table(table: Table, report: Report, zone: ZoneInfo) -> dict[str, Any]:
    # A column of remarks that nobody made would take room from the others.
    columns = [
        column
        for n, column in enumerate(_own(table))
        if n == 0 or column.kind != "text" or not table.rows or any(row.get(column.key) for row in table.rows)
    ]

    def texts(row: dict[str, Any], ending: str = "") -> list[str]:
        return [shown(row.get(column.key + ending), column.kind, report.language, zone) for column in columns]

    earlier: list[str] = []
    if table.total is not None and any(column.compared for column in table.columns):
        earlier = [say(("Раньше", "Before"), report.language), *texts(table.total, BEFORE)[1:]]
        earlier = ["" if columns[n].kind in NOT_NUMBERS and n else text for n, text in enumerate(earlier)]
    many = sum(column.kind == "text" for column in columns) > 2
    return {
        "title": "" if table.title == report.title else table.title,
        "whole": len(table.rows) <= (WHOLE_ROWS if many else WHOLE_NARROW_ROWS),
        "columns": [heading(column, report.language) for column in columns],
        "right": [column.kind not in NOT_NUMBERS for column in columns],
        "widths": [
            1 if (column.kind == "text" if many else n == 0 and len(columns) > WIDE_COLUMNS) else 0
            for n, column in enumerate(columns)
        ],
        "rows": [texts(row) for row in table.rows[:MOST_ROWS]],
        "total": texts(table.total) if table.total is not None else [],
        "earlier": earlier,
        "empty": table.empty
        or say(("За этот период данных нет.", "There is no data for this period."), report.language),
    }


def _left_out(report: Report) -> list[str]:
    text = ("{}: показаны первые {} строк из {}.", "{}: the first {} rows of {} are shown.")
    return [
        say(text, report.language).format(table.title, MOST_ROWS, len(table.rows))
        for table in report.tables
        if len(table.rows) > MOST_ROWS
    ]
