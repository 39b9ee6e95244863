"""How a value is written for people, in both languages; the plain values of JSON."""

from datetime import date, datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from brigada.errors import Language
from brigada.reports.catalogue import BY_NAME
from brigada.reports.tables import UNITS, Column, Figure, Kind, Report, Table, say
from brigada.reports.words import SHORT_WEEKDAYS

DASH = "—"
THIN = "\u202f"
"""A narrow space that does not break: between thousands."""


def shown(value: Any, kind: Kind, language: Language, zone: ZoneInfo) -> str:  # noqa: ANN401 -- a cell
    """Return a cell's text: 1 234, 12:05 (minutes and seconds), 3:07:09, 81,4 %, a local time."""
    if value is None:
        return DASH
    if kind == "seconds":
        return clock(float(value))
    if kind == "time" and isinstance(value, datetime):
        return value.astimezone(zone).strftime(
            "%d.%m.%Y %H:%M:%S" if language == "ru" else "%Y-%m-%d %H:%M:%S"
        )
    if kind in {"day", "month"}:
        return day(str(value), language)
    if kind == "share":
        return decimal(100 * float(value), 1, language) + ("\u00a0%" if language == "ru" else "%")
    if kind == "degrees":
        return decimal(float(value), 5, language)
    if kind in {"hours", "km", "number"}:
        return decimal(float(value), 1, language)
    if kind == "count" or (kind == "call" and not isinstance(value, str)):
        return decimal(float(value), 0, language) if kind == "count" else str(value)
    return str(value)


def heading(column: Column, language: Language, *, bare: bool = False) -> str:
    """Return what stands over a column; with its unit where the cells below do not tell it: На смене, ч.

    `bare`: durations below are plain seconds too.
    """
    told = column.kind == "seconds" and not bare
    unit = "" if told else say(UNITS.get(column.kind, ("", "")), language)
    return f"{column.title}, {unit}" if unit else column.title


def decimal(value: float, places: int, language: Language) -> str:
    """Return a number with its thousands apart: `1 234,5` in Russian, `1,234.5` in English."""
    text = f"{round(value, places) or 0.0:,.{places}f}".replace("-", "−")
    return text.replace(",", THIN).replace(".", ",") if language == "ru" else text


def clock(seconds: float) -> str:
    """Return a duration as m:ss, or h:mm:ss from an hour on, rounded to a second."""
    whole = round(abs(seconds))
    sign = "−" if seconds < 0 and whole else ""
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{sign}{hours}:{minutes:02}:{left:02}" if hours else f"{sign}{minutes}:{left:02}"


def day(text: str, language: Language) -> str:
    """Return a day or month of ISO 8601 as people write it: 24.11.2026, вт; 11.2026."""
    if len(text) == len("2026-11") and text[4] == "-":
        return f"{text[5:]}.{text[:4]}" if language == "ru" else text
    try:
        at = date.fromisoformat(text)
    except ValueError:  # the word at the foot of the column
        return text
    weekday = say(SHORT_WEEKDAYS[at.weekday()], language)
    return f"{at:%d.%m.%Y}, {weekday.lower()}" if language == "ru" else f"{text}, {weekday}"


def change(figure: Figure, language: Language) -> str:
    """Return how a figure changed: in points for a share, in time for a duration, in per cent for a count."""
    if figure.value is None or figure.before is None:
        return DASH
    difference = figure.value - figure.before
    sign = "+" if difference > 0 else "−" if difference < 0 else "±"
    if figure.kind == "share":
        return f"{sign}{decimal(abs(100 * difference), 1, language)}{say((' п. п.', ' pp'), language)}"
    if figure.kind == "seconds":
        return f"{sign}{clock(abs(difference))}"
    if not figure.before:
        return DASH
    return f"{sign}{shown(abs(difference / figure.before), 'share', language, _ANY)}"


_ANY: Final = ZoneInfo("UTC")
"""A share is the same in every zone."""


def mood(figure: Figure) -> Literal["better", "worse", "same"]:
    """Return what the change of a figure means."""
    if figure.better == "neither" or figure.value is None or figure.before is None:
        return "same"
    grew = figure.value - figure.before
    if not grew:
        return "same"
    return "better" if (grew > 0) == (figure.better == "up") else "worse"


def norms_used(report: Report) -> str:
    """Return the set of norms that the report was judged by, each with its version; empty where there is none."""
    items = [f"{item['title']} (v{item['version']})" for item in report.norm["items"]]
    return f"{report.norm['title']}: " + "; ".join(dict.fromkeys(items)) if items else ""


def column_json(column: Column, language: Language) -> dict[str, Any]:
    unit = UNITS.get(column.kind)
    return {
        "key": column.key, "name": column.key, "title": column.title,
        "heading": heading(column, language), "kind": column.kind,
        "unit": say(unit, language) if unit is not None else None, "filter": column.filter,
        "compared": column.compared,
    }  # fmt: skip


def table_json(table: Table, report: Report) -> dict[str, Any]:
    zone, language = ZoneInfo(report.zone), report.language

    def texts(row: dict[str, Any]) -> list[str]:
        return [shown(row.get(column.key), column.kind, language, zone) for column in table.columns]

    return {
        "key": table.key,
        "title": table.title,
        "columns": [column_json(column, language) for column in table.columns],
        "rows": table.rows,
        "total": table.total,
        "display": [texts(row) for row in table.rows],
        "display_total": texts(table.total) if table.total is not None else None,
        "empty": table.empty,
    }


def report_json(report: Report) -> dict[str, Any]:
    """Return the report as plain data that describes itself."""
    zone = ZoneInfo(report.zone)
    main, *_ = report.tables
    first = table_json(main, report)
    return {
        "name": report.name,
        "title": report.title,
        "about": say(BY_NAME[report.name].about, report.language) if report.name in BY_NAME else "",
        "language": report.language,
        "period": {
            "from": report.start.astimezone(zone), "to": report.end.astimezone(zone), "time_zone": report.zone,
        },
        "made_at": report.made_at,
        "filters": report.filters,
        "norm": report.norm,
        "figures": [
            {
                "key": figure.key, "title": figure.title, "kind": figure.kind, "value": figure.value,
                "before": figure.before, "better": figure.better,
                "display": shown(figure.value, figure.kind, report.language, zone),
                "display_before": shown(figure.before, figure.kind, report.language, zone),
                "change": change(figure, report.language), "mood": mood(figure),
            }
            for figure in report.figures
        ],
        "columns": first["columns"],
        "rows": first["rows"],
        "display": first["display"],
        "total": first["total"],
        "tables": [first, *(table_json(table, report) for table in report.tables[1:])],
        "charts": [
            {"key": chart.key, "title": chart.title, "kind": chart.kind, "table": chart.table}
            for chart in report.charts
        ],
        "notes": report.notes,
    }  # fmt: skip
