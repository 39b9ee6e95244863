"""What went otherwise than planned: lost teams, overruled advice, times that crew and car tell differently."""

from typing import Any, Final

import numpy as np

from brigada.reports import words
from brigada.reports.facts import ASSIGNMENT_STATUSES, NEVER, TROUBLES, Bools, Ints
from brigada.reports.figures.common import Context, group_column, in_order, number, ratio, report
from brigada.reports.measures import MEASURED, Values, statistics
from brigada.reports.periods import MICRO
from brigada.reports.selection import grouped
from brigada.reports.tables import Chart, Column, Report, Table, Text

LOSSES_TITLE: Final[Text] = ("Отказы, поломки, перенаправления", "Declines, troubles, diversions")
ADVICE_TITLE: Final[Text] = ("Подсказка: принята или нет", "Advice: followed or overruled")
GPS_TITLE: Final[Text] = ("Отметки бригад и GPS", "Declared times and GPS")
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
GPS_NOTE: Final[Text] = (
    "Разница: время отметки бригады минус время по GPS; плюс — отмечено позже, чем произошло.",
    "Difference: the crew's time minus the time by GPS; plus means declared later than it happened.",
)
ENDINGS: Final = ("declined", "cancelled", "diverted")
FOLLOWED_S: Final = 1.0
"""Advice that would not have been sooner by a second was no worse advice: rounding, not a choice."""


def _sent(ctx: Context) -> Ints:
    if not len(ctx.facts.assignments):
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(ctx.chosen.mask[ctx.facts.call_row])


def _endings(ctx: Context, rows: Ints) -> dict[str, Bools]:
    frame = ctx.facts.assignments
    status, trouble = frame["status"][rows], frame["trouble"][rows]
    troubled = status == ASSIGNMENT_STATUSES.index("troubled")
    return {
        **{name: status == ASSIGNMENT_STATUSES.index(name) for name in ENDINGS},
        **{name: troubled & (trouble == n) for n, name in enumerate(TROUBLES)},
    }


def build_losses(ctx: Context) -> Report:
    """Assignments that did not end at the patient: by kind, and by group."""
    by = ctx.query.group or "team"
    rows, frame = _sent(ctx), ctx.facts.assignments
    kinds = _endings(ctx, rows)
    after = frame["ended"][rows] - frame["assigned"][rows]
    whole = []
    for name, mask in kinds.items():
        lost = after[mask & (frame["ended"][rows] != NEVER)]
        whole.append(
            {
                "group": ctx.say(words.ENDING[name]), "n": int(mask.sum()), "share": ratio(mask.sum(), len(rows)),
                "after": float(np.median(lost)) / MICRO if len(lost) else None,
            }
        )  # fmt: skip
    groups = grouped(ctx.chosen, by, ctx.facts.call_row[rows] if len(rows) else rows, rows)
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
    tables = [
        Table(
            "losses", ctx.say(("Чем закончились назначения", "How assignments ended")),
            (
                Column("group", ctx.say(("Причина", "Cause")), "text"),
                Column("n", ctx.say(("Назначений", "Assignments"))),
                Column("share", ctx.say(("Доля от всех", "Share of all")), "share"),
                Column("after", ctx.say(("Медиана от назначения", "Median after assignment")), "seconds"),
            ), whole,
        ),
        Table(
            "groups", ctx.say(LOSSES_TITLE),
            (
                group_column(ctx, by), Column("sent", ctx.say(("Назначений", "Assignments"))),
                *(Column(name, ctx.say(words.ENDING[name])) for name in kinds),
                Column("share", ctx.say(("Доля потерь", "Share lost")), "share"),
            ), in_order(by, lines, "sent"),
        ),
    ]  # fmt: skip
    chart = Chart("losses", ctx.say(LOSSES_TITLE), "rank", "losses", "group", ("n",))
    return report(ctx, LOSSES_TITLE, tables, charts=[chart])


def build_advice(ctx: Context) -> Report:
    """How often the first advised team was sent, and what the other choices cost in seconds of road."""
    by = ctx.query.group or "dispatcher"
    rows, frame = _sent(ctx), ctx.facts.assignments
    advised = frame["advice_team_id"][rows] != 0
    rows = rows[advised]
    same = frame["advice_team_id"][rows] == frame["team_id"][rows]
    cost = frame["advice_cost_s"][rows]
    known = ~same & ~np.isnan(cost)
    worse = known & (cost >= FOLLOWED_S)
    calls = ctx.facts.call_row[rows] if len(rows) else rows
    groups = _by_sender(ctx, rows) if by == "dispatcher" else _plain(ctx, by, calls, rows)
    codes, labels = groups
    values = Values(
        calls, rows, np.where(known, cost, np.nan), np.where(known, MEASURED, 5), np.zeros_like(known)
    )
    stats = statistics(values, codes, len(labels))

    def count(mask: Bools) -> Ints:
        return np.bincount(codes[mask & (codes >= 0)], minlength=len(labels))

    everything, followed, slower = count(np.ones_like(same)), count(same), count(worse)
    lost = np.bincount(codes[worse], weights=cost[worse], minlength=len(labels))
    lines = [
        {
            "group": label, "advised": int(everything[n]), "followed": int(followed[n]),
            "share": ratio(followed[n], everything[n]), "slower": int(slower[n]),
            "mean": number(stats.mean[n]), "median": number(stats.median[n]), "p90": number(stats.p90[n]),
            "lost_h": float(lost[n]) / 3600,
        }
        for n, label in enumerate(labels)
        if everything[n]
    ]  # fmt: skip
    columns = (
        group_column(ctx, by),
        Column("advised", ctx.say(("Назначений с подсказкой", "Assignments with advice"))),
        Column("followed", ctx.say(("По подсказке", "Followed"))),
        Column("share", ctx.say(("Доля", "Share")), "share"),
        Column("slower", ctx.say(("Иначе и медленнее", "Overruled and slower"))),
        Column("mean", ctx.say(("Цена иного выбора: среднее", "Cost of the other choice: mean")), "seconds"),
        Column("median", ctx.say(("Медиана", "Median")), "seconds"),
        Column("p90", ctx.say(("90 % не дороже", "P90")), "seconds"),
        Column("lost_h", ctx.say(("Потеряно всего", "Lost in all")), "hours"),
    )
    chart = Chart("advice", ctx.say(ADVICE_TITLE), "share", "advice", "group", ("share",))
    notes = [ctx.say(ADVICE_NOTE)]
    rows_sorted = in_order(by, lines, "advised")
    return report(ctx, ADVICE_TITLE, [Table("advice", ctx.say(ADVICE_TITLE), columns, rows_sorted)],
                  charts=[chart], notes=notes)  # fmt: skip


def _plain(ctx: Context, by: str, calls: Ints, rows: Ints) -> tuple[Ints, list[str]]:
    groups = grouped(ctx.chosen, by, calls, rows)
    return groups.codes, groups.labels


def _by_sender(ctx: Context, rows: Ints) -> tuple[Ints, list[str]]:
    """Group assignments by who sent the team."""
    people, codes = np.unique(ctx.facts.assignments["assigned_by"][rows], return_inverse=True)
    nothing = ctx.say(words.NONE)
    return codes.astype(np.int64), [ctx.facts.names.users.get(person, nothing) for person in people.tolist()]


def build_gps(ctx: Context) -> Report:
    """How far the times that crews declare lie from those that the car's positions show."""
    rows, frame = _sent(ctx), ctx.facts.assignments
    by = ctx.query.group or "team"
    lines, tables = [], []
    for step in ("en_route", "on_scene"):
        seen, declared = frame[f"gps_{step}"][rows], frame[step][rows]
        both = (seen != NEVER) & (declared != NEVER)
        with np.errstate(over="ignore"):
            apart = np.where(both, declared - seen, 0) / MICRO
        lines.append({"group": ctx.say(words.CLOCK[step]).capitalize(), "declared": int((declared != NEVER).sum()),
                      "seen": int((seen != NEVER).sum()), **_spread_of(apart[both])})  # fmt: skip
        if step == "on_scene":
            calls = ctx.facts.call_row[rows] if len(rows) else rows
            groups = grouped(ctx.chosen, by, calls, rows)
            own = [(n, apart[both & (groups.codes == n)]) for n in range(len(groups))]
            apart_rows = [{"group": groups.labels[n], **_spread_of(part)} for n, part in own if len(part)]
            tables.append(
                Table(
                    "groups", ctx.say(("Прибытие", "Arrival")), (group_column(ctx, by), *_gps_columns(ctx)[2:]),
                    in_order(by, apart_rows, "n"),
                )
            )  # fmt: skip
    columns = (Column("group", ctx.say(("Отметка", "Milestone")), "text"), *_gps_columns(ctx))
    notes = [ctx.say(GPS_NOTE)]
    return report(ctx, GPS_TITLE, [Table("gps", ctx.say(GPS_TITLE), columns, lines), *tables], notes=notes)


def _gps_columns(ctx: Context) -> tuple[Column, ...]:
    return (
        Column("declared", ctx.say(("Отмечено бригадой", "Declared"))),
        Column("seen", ctx.say(("Видно по GPS", "Seen by GPS"))),
        Column("n", ctx.say(("Сравнено", "Compared"))),
        Column("median", ctx.say(("Медиана разницы", "Median difference")), "seconds"),
        Column("p10", ctx.say(("10 %", "P10")), "seconds"),
        Column("p90", ctx.say(("90 %", "P90")), "seconds"),
        Column("off", ctx.say(("Расходятся больше 2 мин", "Over 2 min apart")), "share"),
    )


def _spread_of(apart: Any) -> dict[str, Any]:  # noqa: ANN401 -- an array
    if not len(apart):
        return {"n": 0, "median": None, "p10": None, "p90": None, "off": None}
    low, middle, high = (float(value) for value in np.percentile(apart, (10, 50, 90)))
    return {
        "n": len(apart),
        "median": middle,
        "p10": low,
        "p90": high,
        "off": float((np.abs(apart) > 120).mean()),
    }
