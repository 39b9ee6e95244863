"""A report beside the same report about the period before: after each column of numbers a column of what it was."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from brigada.errors import Language
from brigada.reports.periods import Period
from brigada.reports.tables import NOT_NUMBERS, Chart, Column, Report, Table, Text, say

BEFORE: Final = "_before"
"""What the key of a column of the period before ends with."""

OVERLAID: Final = frozenset({"line", "share"})
"""Charts in which the period before is drawn too."""

_EARLIER: Final[Text] = ("{}, раньше", "{}, before")
_GONE: Final[Text] = ("{}: были раньше, теперь нет — {}.", "{}: there before, not now: {}.")
_UNPAIRED: Final[Text] = ("{}: раньше было ещё — {}.", "{}: there was also before: {}.")
_DAYS: Final[Text] = (
    "Периоды разной длины: {} дн., раньше {} дн.",
    "Periods of different length: {} days, {} before.",
)
_HOURS: Final[Text] = (
    "Перевод часов: период на {} ч {} прежнего.",
    "Clocks were changed: the period is {} h {} than the one before.",
)
_LONGER: Final[Text] = ("длиннее", "longer")
_SHORTER: Final[Text] = ("короче", "shorter")
_PERIOD: Final[Text] = ("Раньше: {} – {}.", "Before: {} – {}.")


def compared(report: Report, before: Report) -> Report:
    """Return the report with the numbers of the period before beside its own.

    Names meet by name, days, weeks and months by their place: the first with the first.
    """
    pairs = list(zip(report.tables, before.tables, strict=True))
    zone = ZoneInfo(report.zone)
    start, end = (at.astimezone(zone).strftime("%d.%m.%Y %H:%M") for at in (before.start, before.end))
    own, was = (Period(of.start, of.end, zone) for of in (report, before))
    length = length_notes(own, was, report.made_at, report.language)
    gone = [note for own, was in pairs for note in _gone(report, own, was)]
    return replace(
        report,
        tables=[_with(report, own, was) for own, was in pairs],
        charts=[_overlaid(chart) for chart in report.charts],
        notes=[*report.notes, *gone, say(_PERIOD, report.language).format(start, end), *length],
    )


def length_notes(own: Period, before: Period, now: datetime, language: Language) -> list[str]:
    """Say that a period is longer or shorter than the one before: months are, and days on which clocks are changed.

    Of a period that is not over, so much counts as has passed.
    """
    if own.start <= now < own.end:
        own = Period(own.start, now, own.zone)
    days, days_before = len(own.days()), len(before.days())
    seconds = own.seconds - before.seconds
    if not seconds:
        return []
    if days != days_before:
        return [say(_DAYS, language).format(days, days_before)]
    which = say(_LONGER if seconds > 0 else _SHORTER, language)
    return [say(_HOURS, language).format(f"{abs(seconds) / 3600:g}", which)]


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
    gone = [(key, row) for key, row in zip(_keys(was), was.rows, strict=True) if key not in known]
    # What was before on days that have no counterpart has numbers too; an empty day says nothing.
    unpaired = [_day(report, own, row) for key, row in gone if len(key) == 1 and _counts(own, row)]
    names = [str(row.get("group")) for key, row in gone if len(key) > 1]
    return [
        say(text, report.language).format(own.title, ", ".join(labels))
        for text, labels in ((_GONE, names), (_UNPAIRED, unpaired))
        if labels
    ]


def _day(report: Report, table: Table, row: dict[str, Any]) -> str:
    """Return the name of a row of days or months as people write it."""
    label = str(row.get("group"))
    dated = report.language == "ru" and any(column.kind in {"day", "month"} for column in table.columns)
    return ".".join(reversed(label.split("-"))) if dated else label


def _counts(table: Table, row: dict[str, Any]) -> bool:
    return any(row.get(column.key) for column in _numbers(table))


def _overlaid(chart: Chart) -> Chart:
    if chart.kind not in OVERLAID:
        return chart
    return replace(chart, y=(*chart.y, *(key + BEFORE for key in chart.y)))
