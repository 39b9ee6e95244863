"""What went otherwise than planned: lost teams, overruled advice, times that crew and car tell differently."""

from typing import Any, Final

import numpy as np

from brigada.reports import words
from brigada.reports.facts import NEVER, Bools, Ints
from brigada.reports.figures.common import Context, group_column, in_order, number, ratio, report
from brigada.reports.filters import APART_S, ENDINGS, GPS_STEPS, advice, apart, declared, endings, marked
from brigada.reports.measures import MEASURED, NOT_MEANT, Values, statistics
from brigada.reports.periods import MICRO
from brigada.reports.selection import TIME_GROUPS, Groups, grouped
from brigada.reports.tables import Chart, ChartKind, Column, Report, Table, Text

LOSSES_TITLE: Final[Text] = ("Отказы, поломки, перенаправления", "Declines, troubles, diversions")
ADVICE_TITLE: Final[Text] = ("Подсказка: принята или нет", "Advice: followed or overruled")
GPS_TITLE: Final[Text] = ("Отметки бригад и GPS", "Declared times and GPS")
ADVICE_CHART: Final[Text] = ("Доля назначений по подсказке", "Share of assignments that followed the advice")
ADVICE_NOTE: Final[Text] = (
    (
        "Цена: насколько раньше доехала бы первая из предложенных бригад по расчёту на момент назначения. "
        "Иной выбор мог быть верным: подсказка не знает того, что слышит диспетчер."
    ),
    (
        "Cost: how much sooner the team advised first would have arrived, as reckoned at the assignment. "
        "The other choice may have been right: advice does not know what the dispatcher hears."
    ),
)
GPS_CHART: Final[Text] = (
    "Прибытие: медиана разницы между отметкой и GPS", "Arrival: median difference between crew and GPS",
)  # fmt: skip
GPS_NOTE: Final[Text] = (
    (
        "Разница: время отметки бригады минус время по GPS; плюс — отмечено позже, чем произошло. "
        "Отметки, подтверждённые по GPS или восстановленные по следующей, не сравниваются."
    ),
    (
        "Difference: the crew's time minus the time by GPS; plus means declared later than it happened. "
        "Steps confirmed from GPS or filled in from a later one are not compared."
    ),
)
_COUNTS: Final = 4
"""Columns of a milestone before those of the differences."""


def build_losses(ctx: Context) -> Report:
    """Assignments that did not end at the patient: by kind, and by group."""
    by = ctx.query.group or "team"
    rows, frame = np.flatnonzero(ctx.chosen.sent), ctx.facts.assignments
    ended = endings(ctx.facts)
    kinds = {kind: ended[kind][rows] for kind in ENDINGS}
    after = frame["ended"][rows] - frame["assigned"][rows]
    whole = []
    for name, mask in kinds.items():
        lost = after[
            mask & (frame["ended"][rows] != NEVER) & (frame["ended"][rows] >= frame["assigned"][rows])
        ]
        whole.append(
            {
                "group": ctx.say(words.ENDING[name]), "n": int(mask.sum()), "share": ratio(mask.sum(), len(rows)),
                "after": float(np.median(lost)) / MICRO if len(lost) else None, "filter": {"ending": name},
            }
        )  # fmt: skip
    groups = grouped(ctx.chosen, by, ctx.facts.call_row[rows], rows)
    sent = np.bincount(groups.codes[groups.codes >= 0], minlength=len(groups))
    counts = {
        name: np.bincount(groups.codes[mask & (groups.codes >= 0)], minlength=len(groups))
        for name, mask in kinds.items()
    }
    lines: list[dict[str, Any]] = []
    for n, label in enumerate(groups.labels):
        if sent[n]:
            own = {name: int(values[n]) for name, values in counts.items()}
            lost_here = sum(own.values())
            lines.append({"group": label, "sent": int(sent[n]), **own, "share": ratio(lost_here, sent[n])})
            lines[-1]["filter"] = groups.filters[n]
    sums = {name: int(mask.sum()) for name, mask in kinds.items()}
    total = {
        "group": ctx.say(words.TOTAL), "sent": len(rows), **sums, "share": ratio(sum(sums.values()), len(rows)),
    }  # fmt: skip
    tables = [
        Table(
            "losses", ctx.say(("Чем закончились назначения", "How assignments ended")),
            (
                Column("group", ctx.say(("Причина", "Cause")), "text"),
                Column("n", ctx.say(("Назначений", "Assignments")), filter={}),
                Column("share", ctx.say(("Доля от всех", "Share of all")), "share"),
                Column("after", ctx.say(("Медиана от назначения", "Median after assignment")), "seconds"),
            ), whole,
        ),
        Table(
            "groups", ctx.say(LOSSES_TITLE),
            (
                group_column(ctx, by),
                Column("sent", ctx.say(("Назначений", "Assignments")), filter={"sent": True}),
                *(Column(name, ctx.say(words.ENDING[name]), filter={"ending": name}) for name in kinds),
                Column("share", ctx.say(("Доля потерь", "Share lost")), "share"),
            ), in_order(by, lines, "sent"), total,
        ),
    ]  # fmt: skip
    chart = Chart("losses", ctx.say(LOSSES_TITLE), "rank", "losses", "group", ("n",))
    return report(ctx, LOSSES_TITLE, tables, charts=[chart])


def build_advice(ctx: Context) -> Report:
    """How often the first advised team was sent, and what the other choices cost in seconds of road."""
    by = ctx.query.group or "dispatcher"
    kinds, frame = advice(ctx.facts), ctx.facts.assignments
    rows = np.flatnonzero(ctx.chosen.sent & kinds["any"])
    followed, overruled, slower = (kinds[name][rows] for name in ("followed", "overruled", "slower"))
    cost = frame["advice_cost_s"][rows]
    known = overruled & ~np.isnan(cost)
    calls = ctx.facts.call_row[rows]
    codes, labels, filters = _by_sender(ctx, rows) if by == "dispatcher" else _plain(ctx, by, calls, rows)
    values = Values(
        calls, rows, np.where(known, cost, np.nan), np.where(known, MEASURED, NOT_MEANT), np.zeros_like(known)
    )

    def lines_of(own: Ints, groups: int) -> list[dict[str, Any]]:
        def count(mask: Bools) -> Ints:
            return np.bincount(own[mask], minlength=groups)

        stats, everything = statistics(values, own, groups), count(np.ones_like(known))
        counts = {"followed": count(followed), "overruled": count(overruled), "slower": count(slower)}
        lost = np.bincount(own[slower], weights=cost[slower], minlength=groups)
        return [
            {
                "advised": int(everything[n]), **{name: int(numbers[n]) for name, numbers in counts.items()},
                "share": ratio(counts["followed"][n], everything[n]), "n": int(stats.n[n]),
                "mean": number(stats.mean[n]), "median": number(stats.median[n]), "p90": number(stats.p90[n]),
                "lost_h": float(lost[n]) / 3600,
            }
            for n in range(groups)
        ]  # fmt: skip

    lines = [
        {"group": labels[n], **line, "filter": filters[n]}
        for n, line in enumerate(lines_of(codes, len(labels)))
        if line["advised"]
    ]
    (whole,) = lines_of(np.zeros_like(codes), 1)
    columns = (
        group_column(ctx, by),
        Column(
            "advised",
            ctx.say(("Назначений с подсказкой", "Assignments with advice")),
            filter={"advice": "any"},
        ),
        Column("followed", ctx.say(("По подсказке", "Followed")), filter={"advice": "followed"}),
        Column("share", ctx.say(("Доля", "Share")), "share"),
        Column("overruled", ctx.say(("Иначе", "Overruled")), filter={"advice": "overruled"}),
        Column("slower", ctx.say(("Иначе и медленнее", "Overruled and slower")), filter={"advice": "slower"}),
        Column("n", ctx.say(("Цена известна", "Cost known"))),
        Column("mean", ctx.say(("Цена иного выбора: среднее", "Cost of the other choice: mean")), "seconds"),
        Column("median", ctx.say(("Медиана", "Median")), "seconds"),
        Column("p90", ctx.say(("90 % не дороже", "P90")), "seconds"),
        Column("lost_h", ctx.say(("Потеряно всего", "Lost in all")), "hours"),
    )
    kind: ChartKind = "share" if by in TIME_GROUPS else "rank"
    chart = Chart("advice", ctx.say(ADVICE_CHART), kind, "advice", "group", ("share",))
    total = {"group": ctx.say(words.TOTAL), **whole}
    table = Table("advice", ctx.say(ADVICE_TITLE), columns, in_order(by, lines, "advised"), total)
    return report(ctx, ADVICE_TITLE, [table], charts=[chart], notes=[ctx.say(ADVICE_NOTE)])


type _Grouped = tuple[Ints, list[str], list[dict[str, Any]]]


def _plain(ctx: Context, by: str, calls: Ints, rows: Ints) -> _Grouped:
    groups = grouped(ctx.chosen, by, calls, rows)
    return groups.codes, groups.labels, groups.filters


def _by_sender(ctx: Context, rows: Ints) -> _Grouped:
    """Group assignments by who sent the team."""
    people, codes = np.unique(ctx.facts.assignments["assigned_by"][rows], return_inverse=True)
    nothing, names = ctx.say(words.NONE), ctx.facts.names.users
    return (
        codes.astype(np.int64),
        [names.get(person, nothing) for person in people.tolist()],
        [{"sender_id": person} for person in people.tolist()],
    )


def build_gps(ctx: Context) -> Report:
    """How far the times that crews declare lie from those that the car's positions show."""
    rows, frame = np.flatnonzero(ctx.chosen.sent), ctx.facts.assignments
    by = ctx.query.group or "team"
    lines = []
    for step in GPS_STEPS:
        off = apart(ctx.facts, step)[rows]
        lines.append(
            {
                "group": ctx.say(words.CLOCK[step]).capitalize(),
                "declared": int(declared(ctx.facts, step)[rows].sum()),
                "by_gps": int(marked(ctx.facts, "by_gps", step)[rows].sum()),
                "inferred": int(marked(ctx.facts, "inferred", step)[rows].sum()),
                "seen": int((frame[f"gps_{step}"][rows] != NEVER).sum()),
                **_spread_of(off[~np.isnan(off)]), "filter": {"gps_off": step},
            }
        )  # fmt: skip
    groups = grouped(ctx.chosen, by, ctx.facts.call_row[rows], rows)
    parts = [_gps_by_group(ctx, by, step, rows, groups) for step in ("on_scene", "en_route", "at_hospital")]
    columns = (Column("group", ctx.say(("Отметка", "Milestone")), "text"), *_gps_columns(ctx, {}))
    table = Table("gps", ctx.say(GPS_TITLE), columns, lines)
    kind: ChartKind = "line" if by in TIME_GROUPS else "rank"
    chart = Chart("gps", ctx.say(GPS_CHART), kind, "groups", "group", ("median",))
    return report(ctx, GPS_TITLE, [table, *parts], charts=[chart], notes=[ctx.say(GPS_NOTE)])


def _gps_by_group(ctx: Context, by: str, step: str, rows: Ints, groups: Groups) -> Table:
    """Return what the times of one step differ by in each group; sorted once, as there may be 1,488 of them."""
    off = apart(ctx.facts, step)[rows]
    known = np.flatnonzero(~np.isnan(off) & (groups.codes >= 0))
    known = known[np.argsort(groups.codes[known], kind="stable")]
    codes, starts = np.unique(groups.codes[known], return_index=True)
    own = [
        {"group": groups.labels[n], **_spread_of(part), "filter": groups.filters[n]}
        for n, part in zip(codes.tolist(), np.split(off[known], starts[1:]), strict=False)
    ]
    key = "groups" if step == "on_scene" else f"groups_{step}"
    columns = (group_column(ctx, by), *_gps_columns(ctx, {"gps_off": step})[_COUNTS:])
    return Table(key, ctx.say(words.CLOCK[step]).capitalize(), columns, in_order(by, own, "n"))


def _gps_columns(ctx: Context, off: dict[str, Any]) -> tuple[Column, ...]:
    return (
        Column("declared", ctx.say(("Отмечено бригадой", "Declared"))),
        Column("by_gps", ctx.say(("Подтверждено по GPS", "Confirmed from GPS"))),
        Column("inferred", ctx.say(("Восстановлено", "Filled in"))),
        Column("seen", ctx.say(("Видно по GPS", "Seen by GPS"))),
        Column("n", ctx.say(("Сравнено", "Compared"))),
        Column("median", ctx.say(("Медиана разницы", "Median difference")), "seconds"),
        Column("p10", ctx.say(("10 %", "P10")), "seconds"),
        Column("p90", ctx.say(("90 %", "P90")), "seconds"),
        Column("off", ctx.say(("Расходятся больше 2 мин", "Over 2 min apart")), filter=off),
        Column("off_share", ctx.say(("Доля", "Share")), "share"),
    )


def _spread_of(apart_s: Any) -> dict[str, Any]:  # noqa: ANN401 -- an array
    if not len(apart_s):
        return {"n": 0, "median": None, "p10": None, "p90": None, "off": 0, "off_share": None}
    low, middle, high = (float(value) for value in np.percentile(apart_s, (10, 50, 90)))
    far = int((np.abs(apart_s) > APART_S).sum())
    return {
        "n": len(apart_s), "median": middle, "p10": low, "p90": high, "off": far, "off_share": far / len(apart_s),
    }  # fmt: skip
