"""What a worker process does: one task in, bytes out. No task keeps anything but the facts."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

import msgspec

from brigada.errors import Language
from brigada.reports.catalogue import compute
from brigada.reports.options import options_of
from brigada.reports.output.values import report_json
from brigada.reports.selection import Query
from brigada.reports.store import Store
from brigada.reports.tables import Report

type Format = Literal["json", "svg", "csv", "xlsx", "pdf"]

MEDIA: Final[dict[str, str]] = {
    "json": "application/json",
    "svg": "image/svg+xml",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


READ: Final = 0.4
COMPUTED: Final = 0.6
"""Parts of a large report's time after which its calls are read, and its figures computed; the rest is its form."""


class NoSuchPartError(LookupError):
    """The report has no chart or table of that name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task finds what it needs.

    Attributes:
        url: of the database.
        folder: where the copy of the facts is kept.
        service: the service's name, printed on documents.
    """

    url: str
    folder: Path
    service: str


@dataclass(frozen=True, slots=True)
class ReportTask:
    """A report in a form; `part` names a chart (svg) or a table (csv), None the first one."""

    place: Place
    query: Query
    format: Format = "json"
    part: str | None = None


@cache
def store_of(url: str, folder: Path) -> Store:
    """Return this process's facts; kept as long as the process lives."""
    return Store(url, folder)


@dataclass(frozen=True, slots=True)
class OptionsTask:
    """What reports can be filtered by; `people`: by dispatchers too."""

    place: Place
    language: Language
    people: bool


def list_options(task: OptionsTask) -> bytes:
    """Return the options as JSON."""
    facts = asyncio.run(store_of(task.place.url, task.place.folder).facts())
    return msgspec.json.encode(options_of(facts.names, task.language, people=task.people))


def make_report(task: ReportTask, tell: Callable[[float], None] = lambda _: None) -> bytes:
    """Return the report in its form; `tell` hears which part of the work is done, and may stop it by raising.

    Raises:
        NoSuchPartError: the part asked for.
    """
    facts = asyncio.run(store_of(task.place.url, task.place.folder).facts())
    tell(READ)
    report = compute(facts, task.query)
    tell(COMPUTED)
    return rendered(report, task.format, task.part, task.place.service)


def rendered(report: Report, form: Format, part: str | None, service: str) -> bytes:
    """Give a report its form. The renderers are imported when first needed: JSON must not wait for them.

    Raises:
        NoSuchPartError: the part asked for.
    """
    if form == "json":
        return msgspec.json.encode(report_json(report))
    if form == "svg":
        from brigada.reports.output.charts import svg

        chart = next((chart for chart in report.charts if part in {None, chart.key}), None)
        if chart is None:
            raise NoSuchPartError
        return svg(report, chart).encode()
    if form == "csv":
        from brigada.reports.output.sheets import csv_bytes

        table = next((table for table in report.tables if part in {None, table.key}), None)
        if table is None:
            raise NoSuchPartError
        return csv_bytes(report, table)
    if form == "xlsx":
        from brigada.reports.output.sheets import xlsx_bytes

        return xlsx_bytes(report)
    from brigada.reports.output.documents import report_pdf

    return report_pdf(report, service)
