"""The page that a chief physician reads in a minute, and the shift of one team."""

from dataclasses import replace
from typing import Any, Final, Literal

import numpy as np

from brigada.reports import words
from brigada.reports.comparing import length_notes
from brigada.reports.facts import LOST
from brigada.reports.figures.calls import PER_DAY, days_of
from brigada.reports.figures.common import (
    Context,
    context,
    group_column,
    incomplete_notes,
    interval_of,
    number,
    ratio,
    report,
    within_response,
)
from brigada.reports.figures.lists import call_columns, call_rows, nobody_late, worst
from brigada.reports.figures.load import KM_NOTE, build_teams
from brigada.reports.figures.times import by_group
from brigada.reports.figures.work import utilisation
from brigada.reports.measures import INTERVALS, statistics
from brigada.reports.periods import MICRO, micros
from brigada.reports.selection import grouped
from brigada.reports.tables import Chart, Column, Figure, Report, Table, Text

TITLE: Final[Text] = ("Сводка", "Summary")
SHIFT_TITLE: Final[Text] = ("Смена бригады", "The team's shift")
NO_CALLS_OF_SHIFT: Final[Text] = ("Вызовов за смену нет.", "There are no calls on this shift.")
WORST: Final = 10


def build(ctx: Context) -> Report:
    """Five numbers with the change against the period before, three charts, the ten worst cases."""
    before = context(ctx.facts, replace(ctx.query, period=ctx.query.period.before(ctx.query.now)))
    now, then = _numbers(ctx), _numbers(before)
    forms: dict[str, tuple[Text, Any, Literal["up", "down", "neither"]]] = {
        "calls": (("Вызовов принято", "Calls received"), "count", "neither"),
        "within": (("Прибыли в норматив", "Arrived within the norm"), "share", "up"),
        "median": (("Прибытие, медиана", "Response, median"), "seconds", "down"),
        "p90": (("Прибытие, 90 % не дольше", "Response, P90"), "seconds", "down"),
        "utilisation": (("Загрузка бригад", "Utilisation of teams"), "share", "neither"),
    }
    figures = [
        Figure(key, ctx.say(text), kind, now[key], then[key], better)
        for key, (text, kind, better) in forms.items()
    ]
    tables = [_worst(ctx), _by_criticality(ctx), _days(ctx), _hours(ctx)]
    charts = [
        Chart("calls", ctx.say(("Вызовы по дням", "Calls by day")), "stack", "days", "group",
              ("critical", "important", "common")),
        Chart("response", ctx.say(("Прибытие по дням: медиана и 90 %", "Response by day: median and P90")), "line",
              "days", "group", ("median", "p90")),
        Chart("hours", ctx.say(("Вызовы по часам суток, в среднем за день", "Calls by hour of the day, mean of a day")),
              "bar", "hours", "group", ("per_day",)),
    ]  # fmt: skip
    notes = incomplete_notes(
        ctx, interval_of(ctx, INTERVALS["response"]), ctx.say(words.INTERVALS["response"])
    )
    period = before.query.period
    zone = period.zone
    text = ("Изменение: к периоду {} — {}.", "Change: against the period {} – {}.")
    dates = [at.astimezone(zone).strftime("%d.%m.%Y %H:%M") for at in (period.start, period.end)]
    notes.append(ctx.say(text).format(*dates))
    notes += length_notes(ctx.query.period, period, ctx.query.now, ctx.query.language)
    return report(ctx, TITLE, tables, charts=charts, figures=figures, notes=notes)


def _numbers(ctx: Context) -> dict[str, float | None]:
    within, judged = within_response(ctx)
    values = interval_of(ctx, INTERVALS["response"])
    stats = statistics(values, np.zeros(len(values.call), dtype=np.int64), 1)
    return {
        "calls": float(len(ctx.chosen.rows)),
        "within": ratio(within, judged),
        "median": number(stats.median[0]),
        "p90": number(stats.p90[0]),
        "utilisation": utilisation(ctx),
    }


def _by_criticality(ctx: Context) -> Table:
    return by_group(ctx, "criticality", ctx.say(words.INTERVALS["response"]), "response", "criticality")


def _days(ctx: Context) -> Table:
    """Calls and responses by day; by week where the period is longer than a quarter."""
    by = "day" if len(ctx.query.period.days()) <= 92 else "week"
    rows, facts = ctx.chosen.rows, ctx.facts
    groups = grouped(ctx.chosen, by, rows)
    values = interval_of(ctx, INTERVALS["response"])
    stats = statistics(values, grouped(ctx.chosen, by, values.call).codes, len(groups))
    counts = {
        name: np.bincount(groups.codes[facts.calls["criticality"][rows] == n], minlength=len(groups))
        for n, name in enumerate(words.CRITICALITY)
    }
    lines = [
        {
            "group": label, **{name: int(values[n]) for name, values in counts.items()},
            "n": int(stats.n[n]), "median": number(stats.median[n]), "p90": number(stats.p90[n]),
            "filter": groups.filters[n],
        }
        for n, label in enumerate(groups.labels)
    ]  # fmt: skip
    columns = (
        group_column(ctx, by),
        *(
            Column(name, ctx.say(text), filter={"criticality": name})
            for name, text in words.CRITICALITY.items()
        ),
        Column("n", ctx.say(("Измерено", "Measured")), filter={"state": "measured"}),
        Column("median", ctx.say(("Медиана", "Median")), "seconds"),
        Column("p90", ctx.say(("90 % не дольше", "P90")), "seconds"),
    )
    return Table(
        "days", ctx.say(("По дням", "By day") if by == "day" else ("По неделям", "By week")), columns, lines
    )


def _hours(ctx: Context) -> Table:
    groups = grouped(ctx.chosen, "hour", ctx.chosen.rows)
    counts, days = np.bincount(groups.codes, minlength=24), days_of(ctx, "hour")
    lines = [
        {
            "group": label,
            "received": int(counts[n]),
            "per_day": ratio(counts[n], days[n]) if days is not None else None,
            "filter": groups.filters[n],
        }
        for n, label in enumerate(groups.labels)
    ]
    columns = (
        Column("group", ctx.say(words.GROUP["hour"]), "text"),
        Column("received", ctx.say(("Вызовов", "Calls")), filter={}),
        Column("per_day", ctx.say(PER_DAY), "number"),
    )
    return Table("hours", ctx.say(("По часам суток", "By hour of the day")), columns, lines)


def _worst(ctx: Context) -> Table:
    rows = worst(ctx)[:WORST]
    title = ctx.say(("Десять самых больших опозданий", "The ten greatest delays"))
    return Table("worst", title, call_columns(ctx), call_rows(ctx, rows), empty=nobody_late(ctx))


def build_shift(ctx: Context) -> Report:
    """One team's shift: its calls and how long each part took. What a worker may see of the own team."""
    facts, chosen = ctx.facts, ctx.query.filters.team_id
    frame = facts.assignments
    own = np.flatnonzero(frame["team_id"] == chosen)
    start, end = ctx.query.period.span
    own = own[(frame["assigned"][own] >= start) & (frame["assigned"][own] < end)]
    calls = facts.call_row[own] if len(own) else own
    lines: list[dict[str, Any]] = call_rows(ctx, calls)
    for line, row in zip(lines, own.tolist(), strict=True):
        ended = int(frame["ended"][row])
        busy = (min(ended, micros(ctx.query.now)) if ended > 0 else micros(ctx.query.now)) - int(
            frame["assigned"][row]
        )
        line["busy"] = busy / MICRO
        line["lost"] = ctx.say(("да", "yes")) if int(frame["status"][row]) in LOST else ""
    columns = call_columns(ctx)
    shown = (
        *columns[:4],
        columns[6],
        columns[7],
        Column("busy", ctx.say(words.INTERVALS["committed"]), "seconds"),
        Column("lost", ctx.say(("Не доведено", "Not finished")), "text"),
        columns[10],
    )
    load = build_teams(ctx).tables[0]
    tables = [
        Table("load", load.title, load.columns, load.rows),
        Table("shift", ctx.say(SHIFT_TITLE), shown, lines, empty=ctx.say(NO_CALLS_OF_SHIFT)),
    ]
    return report(ctx, SHIFT_TITLE, tables, notes=[ctx.say(KM_NOTE)])
