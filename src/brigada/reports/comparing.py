"""A report beside the same report about the period before: after each column of numbers a column of what it was."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from brigada.reports.tables import NOT_NUMBERS, Chart, Column, Report, Table, Text, say

BEFORE: Final = "_before"
"""What the key of a column of the period before ends with."""

OVERLAID: Final = frozenset({"line", "share"})
"""Charts in which the period before is drawn too."""

_EARLIER: Final[Text] = ("{}, раньше", "{}, before")
_GONE: Final[Text] = ("{}: были раньше, теперь нет — {}.", "{}: there before, not now: {}.")
_PERIOD: Final[Text] = ("Раньше: {} – {}.", "Before: {} – {}.")


def compared(report: Report, before: Report) -> Report:
    """Return the report with the numbers of the period before beside its own.

    Names meet by name, days, weeks and months by their place: the first with the first.
    """
    pairs = list(zip(report.tables, before.tables, strict=True))
    zone = ZoneInfo(report.zone)
    start, end = (at.astimezone(zone).strftime("%d.%m.%Y %H:%M") for at in (before.start, before.end))
    gone = [note for own, was in pairs for note in _gone(report, own, was)]
    return replace(
        report,
        tables=[_with(report, own, was) for own, was in pairs],
        charts=[_overlaid(chart) for chart in report.charts],
        notes=[*report.notes, *gone, say(_PERIOD, report.language).format(start, end)],
    )


def _keys(table: Table) -> list[tuple[Any, ...]]:
    """Tell rows apart: by their place where they are days, else by what they are about."""
    found: list[tuple[Any, ...]] = []
    for place, row in enumerate(table.rows):
        asks = row.get("filter") or {}
        about = (row.get("group"), *sorted(map(str, asks.items())), str(row.get("filters")))
        found.append((place,) if "from" in asks else about)
    return found


def _numbers(table: Table) -> Iterator[Column]:
    return (column for column in table.columns if column.kind not in NOT_NUMBERS)


def _with(report: Report, own: Table, was: Table) -> Table:
    rows_before = dict(zip(_keys(was), was.rows, strict=True))

    def beside(row: dict[str, Any], earlier: dict[str, Any] | None) -> dict[str, Any]:
        return row | {column.key + BEFORE: (earlier or {}).get(column.key) for column in _numbers(own)}

    columns: list[Column] = []
    for column in own.columns:
        columns.append(column)
        if column.kind not in NOT_NUMBERS:
            title = say(_EARLIER, report.language).format(column.title)
            columns.append(Column(column.key + BEFORE, title, column.kind, compared=column.key))
    return replace(
        own,
        columns=tuple(columns),
        rows=[beside(row, rows_before.get(key)) for key, row in zip(_keys(own), own.rows, strict=True)],
        total=None if own.total is None else beside(own.total, was.total),
    )


def _gone(report: Report, own: Table, was: Table) -> list[str]:
    """Say what has no row any more, so that nothing of the period before is silently dropped."""
    known = set(_keys(own))
    names = [
        str(row.get("group"))
        for key, row in zip(_keys(was), was.rows, strict=True)
        if key not in known and len(key) > 1
    ]
    if not names:
        return []
    return [say(_GONE, report.language).format(own.title, ", ".join(names))]


def _overlaid(chart: Chart) -> Chart:
    if chart.kind not in OVERLAID:
        return chart
    return replace(chart, y=(*chart.y, *(key + BEFORE for key in chart.y)))
