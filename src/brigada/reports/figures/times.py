"""How long it took: every interval of the service, and how it stands to the norms."""

from typing import Any, Final

import numpy as np

from brigada.calls.norms import Norm
from brigada.reports import words
from brigada.reports.figures.common import (
    Context,
    group_column,
    in_order,
    incomplete_notes,
    interval_of,
    norm_in_words,
    number,
    ratio,
    report,
    target_of,
    values_of_norm,
    within_by_group,
)
from brigada.reports.measures import INTERVALS, NOT_MEANT, Stats, judged, statistics
from brigada.reports.selection import TIME_GROUPS, Groups, grouped
from brigada.reports.tables import MOST_BARS, Chart, ChartKind, Column, Report, Table, Text

INTERVALS_TITLE: Final[Text] = ("Интервалы", "Intervals")
NORMS_TITLE: Final[Text] = ("Выполнение нормативов", "Norms met")


def stats_columns(ctx: Context, interval: str | None, *, share: bool) -> tuple[Column, ...]:
    """Return the columns of `stats_row`; with an interval ("": the row names it) its counts lead to their calls.

    Without one the clocks are those of a norm, which need not be those of an interval: only what was late leads to its
    calls, by the norm that the row names.
    """

    def behind(state: str) -> dict[str, Any] | None:
        if interval is None:
            return None
        return {"state": state, "interval": interval} if interval else {"state": state}

    columns = [
        Column("n", ctx.say(("Измерено", "Measured")), filter=behind("measured")),
        Column("incomplete", ctx.say(("Неполных", "Incomplete")), filter=behind("incomplete")),
        Column("corrected", ctx.say(("Исправлено", "Corrected")), filter=behind("corrected")),
        Column("mean", ctx.say(("Среднее", "Mean")), "seconds"),
        Column("median", ctx.say(("Медиана", "Median")), "seconds"),
        Column("p90", ctx.say(("90 % не дольше", "P90")), "seconds"),
    ]
    if share:
        late = {"late": True} if interval in {None, "response"} else behind("late")
        columns.append(Column("late", ctx.say(("Сверх норматива", "Over the norm")), filter=late))
        columns.append(Column("within", ctx.say(("В пределах норматива", "Within the norm")), "share"))
    return tuple(columns)


def stats_row(stats: Stats, n: int) -> dict[str, Any]:
    states = stats.states[n]
    return {
        "n": int(stats.n[n]),
        "incomplete": int(states[1:NOT_MEANT].sum()),
        "corrected": int(stats.corrected[n]),
        "mean": number(stats.mean[n]),
        "median": number(stats.median[n]),
        "p90": number(stats.p90[n]),
    }


def build_intervals(ctx: Context) -> Report:
    """All intervals of the chosen calls; and the chosen interval by group."""
    whole, notes = [], []
    for name, clocks in INTERVALS.items():
        values = interval_of(ctx, clocks)
        one = Groups(np.zeros(len(values.call), dtype=np.int64), [""], [{}])
        row = {"group": ctx.say(words.INTERVALS[name]), **stats_row(statistics(values, one.codes, 1), 0)}
        targets = target_of(ctx, *clocks)
        count, good = within_by_group(ctx, values, one, targets)
        judged_here = {
            "late": int(count[0] - good[0]) if targets else None,
            "within": ratio(good[0], count[0]),
        }
        whole.append(row | judged_here | {"filter": {"interval": name}})
        if name == ctx.query.interval:
            notes = incomplete_notes(ctx, values, ctx.say(words.INTERVALS[name]))
    title = ctx.say(words.INTERVALS[ctx.query.interval])
    tables = [
        by_group(ctx, "groups", title, ctx.query.interval),
        Table(
            "intervals", ctx.say(("Все интервалы", "All intervals")),
            (Column("group", ctx.say(("Интервал", "Interval")), "text"), *stats_columns(ctx, "", share=True)), whole,
        ),
    ]  # fmt: skip
    by = ctx.query.group or "criticality"
    kind: ChartKind = "line" if by in TIME_GROUPS else "bar" if len(tables[0].rows) <= MOST_BARS else "rank"
    chart = Chart("groups", title, kind, "groups", "group", ("median", "p90"))
    return report(ctx, INTERVALS_TITLE, tables, charts=[chart], notes=notes)


def by_group(ctx: Context, key: str, title: str, interval: str, by: str | None = None) -> Table:
    """One interval, a row for each group."""
    by = by or ctx.query.group or "criticality"
    clocks = INTERVALS[interval]
    values = interval_of(ctx, clocks)
    of_call = clocks[0] == "received"
    groups = grouped(ctx.chosen, by, values.call, None if of_call else values.assignment)
    stats = statistics(values, groups.codes, len(groups))
    targets = target_of(ctx, *clocks)
    count, good = within_by_group(ctx, values, groups, targets)
    rows = []
    for n, label in enumerate(groups.labels):
        if not stats.states[n].sum() and by not in TIME_GROUPS:
            continue
        row = {"group": label, **stats_row(stats, n), "filter": groups.filters[n]}
        if targets:
            row |= {"late": int(count[n] - good[n]), "within": ratio(good[n], count[n])}
        rows.append(row)
    whole = statistics(values, np.zeros(len(values.call), dtype=np.int64), 1)
    total = {"group": ctx.say(words.TOTAL), **stats_row(whole, 0)}
    if targets:
        total |= {"late": int(count.sum() - good.sum()), "within": ratio(good.sum(), count.sum())}
    columns = (group_column(ctx, by), *stats_columns(ctx, interval, share=bool(targets)))
    return Table(key, title, columns, in_order(by, rows, "n"), total)


def build_norms(ctx: Context) -> Report:
    """Each norm: its target, what was reached, whether it is met; and the share within it by group."""
    rows, notes = [], []
    for norm in ctx.norms:
        values = values_of_norm(ctx, norm)
        found = judged(norm, values)
        one = np.zeros(len(values.call), dtype=np.int64)
        stats = statistics(values, one, 1)
        clocks = f"{ctx.say(words.CLOCK[norm.clock_start])} – {ctx.say(words.CLOCK[norm.clock_stop])}"
        met = {None: ("нет данных", "no data"), True: ("да", "yes"), False: ("нет", "no")}[found.met]
        rows.append(
            {
                "group": ctx.say((norm.title_ru, norm.title_en)) or norm_in_words(ctx, norm),
                "criticality": ctx.say(words.CRITICALITY[norm.criticality]),
                "clocks": clocks,
                "target": float(norm.target_s),
                "asked": _asked(ctx, norm),
                **stats_row(stats, 0),
                "late": found.n - found.within,
                "within": found.share,
                "met": ctx.say(met),
                "filter": {"criticality": norm.criticality},
                "filters": {"late": {"criticality": norm.criticality, "norm_id": norm.id}},
            }
        )
        notes += incomplete_notes(ctx, values, ctx.say(words.CRITICALITY[norm.criticality]))
    columns = (
        Column("group", ctx.say(("Норматив", "Norm")), "text"),
        Column("criticality", ctx.say(words.GROUP["criticality"]), "text"),
        Column("clocks", ctx.say(("Отсчёт", "Clock")), "text"),
        Column("target", ctx.say(("Не дольше", "Target")), "seconds"),
        Column("asked", ctx.say(("Требуется", "Asked for")), "text"),
        *stats_columns(ctx, None, share=True),
        Column("met", ctx.say(("Выполнен", "Met")), "text"),
    )
    by = ctx.query.group or "day"
    grouped_table = by_group(ctx, "groups", ctx.say(words.INTERVALS["response"]), "response", by)
    tables = [Table("norms", ctx.say(NORMS_TITLE), columns, rows), grouped_table]
    charts = []
    if any(column.key == "within" for column in grouped_table.columns):
        shares = [norm.share for norm in ctx.norms if norm.statistic == "share"]
        text = ("Доля прибытий в пределах норматива", "Share of arrivals within the norm")
        goal = min(shares) if shares and min(shares) == max(shares) else None
        kind: ChartKind = "share" if by in TIME_GROUPS else "rank"
        charts.append(Chart("within", ctx.say(text), kind, "groups", "group", ("within",), goal))
    return report(ctx, NORMS_TITLE, tables, charts=charts, notes=sorted(set(notes)))


def _asked(ctx: Context, norm: Norm) -> str:
    """Say how a norm is judged: by a share of the cases, or by their mean."""
    if norm.statistic == "mean":
        return ctx.say(("в среднем", "on average"))
    return ctx.say(("{:g}\u00a0% случаев", "{:g}% of cases")).format(round(100 * norm.share, 2))
