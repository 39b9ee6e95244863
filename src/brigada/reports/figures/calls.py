"""How many calls there were, and how they ended."""

from typing import Any

import numpy as np

from brigada.reports import words
from brigada.reports.facts import CRITICALITIES, STATUSES
from brigada.reports.figures.common import Context, group_column, in_order, ratio, report
from brigada.reports.selection import OUTCOMES, TIME_GROUPS, grouped, outcomes
from brigada.reports.tables import Chart, Column, Report, Table

TITLE = ("Вызовы", "Calls")


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
    lines = [
        {
            "group": label,
            **{name: int(values[n]) for name, values in columns.items()},
            "share": ratio(columns["received"][n], len(rows)),
            "filter": groups.filters[n],
        }
        for n, label in enumerate(groups.labels)
        if by not in {"team", "station", "profile"} or columns["received"][n]
    ]
    total: dict[str, Any] = {name: int(values.sum()) for name, values in columns.items()}
    main = Table(
        "calls",
        ctx.say(TITLE),
        (
            group_column(ctx, by),
            Column("received", ctx.say(("Принято", "Received"))),
            *(Column(name, ctx.say(words.CRITICALITY[name])) for name in CRITICALITIES),
            *(Column(name, ctx.say(words.STATUS[name])) for name in STATUSES),
            Column("share", ctx.say(("Доля", "Share")), "share"),
        ),
        in_order(by, lines, "received"),
        {"group": ctx.say(words.TOTAL), **total, "share": 1.0 if len(rows) else None},
    )
    kind = "stack" if by in TIME_GROUPS or len(lines) <= 12 else "rank"
    parts = CRITICALITIES if kind == "stack" else ("received",)
    chart = Chart("calls", ctx.say(("Принятые вызовы", "Calls received")), kind, "calls", "group", parts)  # type: ignore[arg-type]  # one of two kinds
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
        Column("received", ctx.say(("Вызовов", "Calls"))),
        Column("share", ctx.say(("Доля", "Share")), "share"),
    )
    return Table("outcomes", ctx.say(("Чем закончились", "How they ended")), columns, rows)
