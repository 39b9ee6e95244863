"""How many calls there were, and how they ended."""

from typing import Any, Final

import numpy as np

from brigada.reports import words
from brigada.reports.facts import CRITICALITIES, STATUSES
from brigada.reports.figures.common import Context, group_column, in_order, ratio, report
from brigada.reports.filters import OUTCOMES, outcomes
from brigada.reports.periods import hours_of_the_clock
from brigada.reports.selection import TIME_GROUPS, grouped
from brigada.reports.tables import MOST_BARS, Chart, ChartKind, Column, Report, Table, Text

TITLE: Final[Text] = ("Вызовы", "Calls")
PER_DAY: Final[Text] = ("В среднем за день", "Mean of a day")


def build(ctx: Context) -> Report:
    """Calls received by group: all, by status, by criticality; beside it how they ended."""
    by = ctx.query.group or "day"
    rows = ctx.chosen.rows
    groups = grouped(ctx.chosen, by, rows)
    calls = ctx.facts.calls

    def count(mask: Any = None) -> Any:  # noqa: ANN401 -- arrays
        inside = groups.codes >= 0
        inside = inside if mask is None else inside & mask
        return np.bincount(groups.codes[inside], minlength=len(groups))

    columns = {
        "received": count(),
        **{name: count(calls["criticality"][rows] == n) for n, name in enumerate(CRITICALITIES)},
        **{name: count(calls["status"][rows] == n) for n, name in enumerate(STATUSES)},
    }
    days = days_of(ctx, by)
    lines = [
        {
            "group": label,
            **{name: int(values[n]) for name, values in columns.items()},
            "share": ratio(columns["received"][n], len(rows)),
            **({"per_day": ratio(columns["received"][n], days[n])} if days is not None else {}),
            "filter": groups.filters[n],
        }
        for n, label in enumerate(groups.labels)
        if by in TIME_GROUPS or by == "criticality" or columns["received"][n]
    ]
    total: dict[str, Any] = {name: int(values.sum()) for name, values in columns.items()}
    main = Table(
        "calls",
        ctx.say(TITLE),
        (
            group_column(ctx, by),
            Column("received", ctx.say(("Принято", "Received")), filter={}),
            *([Column("per_day", ctx.say(PER_DAY), "number")] if days is not None else []),
            *(
                Column(name, ctx.say(words.CRITICALITY[name]), filter={"criticality": name})
                for name in CRITICALITIES
            ),
            *(Column(name, ctx.say(words.STATUS[name]), filter={"status": name}) for name in STATUSES),
            Column("share", ctx.say(("Доля", "Share")), "share"),
        ),
        in_order(by, lines, "received"),
        {"group": ctx.say(words.TOTAL), **total, "share": 1.0 if len(rows) else None},
    )
    kind: ChartKind = "stack" if by in TIME_GROUPS or len(lines) <= MOST_BARS else "rank"
    parts = CRITICALITIES if kind == "stack" else ("received",)
    chart = Chart("calls", ctx.say(("Принятые вызовы", "Calls received")), kind, "calls", "group", parts)
    return report(ctx, TITLE, [main, _ended(ctx)], charts=[chart])


def _ended(ctx: Context) -> Table:
    codes = outcomes(ctx.facts, ctx.chosen.rows)
    counts = np.bincount(codes, minlength=len(OUTCOMES))
    rows = [
        {
            "group": ctx.say(words.OUTCOME[name]), "received": int(counts[n]),
            "share": ratio(counts[n], len(codes)), "filter": {"outcome": name},
        }
        for n, name in enumerate(OUTCOMES)
        if counts[n]
    ]  # fmt: skip
    columns = (
        group_column(ctx, "outcome"),
        Column("received", ctx.say(("Вызовов", "Calls")), filter={}),
        Column("share", ctx.say(("Доля", "Share")), "share"),
    )
    return Table("outcomes", ctx.say(("Чем закончились", "How they ended")), columns, rows)


def days_of(ctx: Context, by: str) -> list[float] | None:
    """Return how many days stand behind each hour of the day or each weekday so far; None for other groups."""
    if by not in {"hour", "weekday"}:
        return None
    passed, chosen = hours_of_the_clock(ctx.query.period, ctx.query.now), ctx.query.filters
    if chosen.weekday is not None:
        passed = passed[chosen.weekday : chosen.weekday + 1] if by == "hour" else passed
    found: list[float] = passed.sum(axis=0).tolist()
    if by == "weekday":
        own = passed.sum(axis=1) / 24 if chosen.hour is None else passed[:, chosen.hour]
        found = own.tolist()
    return found
