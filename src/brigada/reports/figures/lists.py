"""Lists of calls: what stands behind a figure, and the time lines that are incomplete or corrected."""

from typing import Any, Final

import numpy as np

from brigada.reports import words
from brigada.reports.facts import CRITICALITIES, STATUSES, STEPS, Ints
from brigada.reports.figures.common import Context, interval_of, report, target_of
from brigada.reports.filters import ENDINGS, OUTCOMES, endings, outcomes
from brigada.reports.measures import INFERRED, INTERVALS, MEASURED, MISSING, REVERSED, interval
from brigada.reports.periods import moment
from brigada.reports.tables import Column, Report, Table, Text

LIST_TITLE: Final[Text] = ("Список вызовов", "List of calls")
LATE_TITLE: Final[Text] = ("Опоздания", "Late arrivals")
GAPS_TITLE: Final[Text] = ("Неполные и исправленные отметки", "Incomplete and corrected time lines")
NO_SUCH_CALLS: Final[Text] = ("Таких вызовов нет.", "There are no such calls.")
NOBODY_LATE: Final[Text] = ("Опозданий за этот период нет.", "There are no late arrivals in this period.")
NO_NORM: Final[Text] = (
    "Норматива прибытия нет: опоздания определить нельзя.",
    "There is no norm of arrival: nobody can be said to be late.",
)
NO_GAPS: Final[Text] = (
    "Неполных и исправленных отметок за этот период нет.",
    "There are no incomplete or corrected time lines in this period.",
)


def call_columns(ctx: Context) -> tuple[Column, ...]:
    return (
        Column("number", ctx.say(("Вызов", "Call")), "call"),
        Column("received", ctx.say(("Принят", "Received")), "time"),
        Column("criticality", ctx.say(words.GROUP["criticality"]), "text"),
        Column("reason", ctx.say(words.GROUP["reason"]), "text"),
        Column("district", ctx.say(words.GROUP["district"]), "text"),
        Column("team", ctx.say(words.GROUP["team"]), "text"),
        Column("outcome", ctx.say(words.GROUP["outcome"]), "text"),
        Column("response", ctx.say(words.INTERVALS["response"]), "seconds"),
        Column("target", ctx.say(("Норматив", "Norm")), "seconds"),
        Column("over", ctx.say(("Сверх норматива", "Over the norm")), "seconds"),
        Column("marks", ctx.say(("Отметки", "Time stamps")), "text"),
    )


def call_rows(ctx: Context, rows: Ints) -> list[dict[str, Any]]:
    """Describe these calls in their order; no personal data."""
    facts, names = ctx.facts, ctx.facts.names
    calls = facts.calls
    ended = outcomes(facts, rows).tolist()
    mask = np.zeros(len(calls), dtype=np.bool_)
    mask[rows] = True
    values = interval(facts, "received", "on_scene", mask, ctx.chosen.sent)
    measured = {
        row: (seconds if state == MEASURED else None, state, corrected)
        for row, seconds, state, corrected in zip(
            *(column.tolist() for column in (values.call, values.seconds, values.state, values.corrected)),
            strict=True,
        )
    }
    targets, teams = target_of(ctx, "received", "on_scene"), _teams(ctx, mask)
    found = []
    for n, row in enumerate(rows.tolist()):
        criticality = int(calls["criticality"][row])
        response, state, corrected = measured[row]
        target = targets.get(criticality)
        over = response - target.target_s if response is not None and target is not None else None
        found.append(
            {
                "call_id": int(calls["id"][row]), "number": int(calls["number"][row]),
                "received": moment(calls["received"][row]),
                "criticality": ctx.say(words.CRITICALITY[CRITICALITIES[criticality]]),
                "status": STATUSES[int(calls["status"][row])], "reason": _reason(ctx, row),
                "district": names.districts.get(int(calls["district"][row]), "") or ctx.say(words.NONE),
                "team": teams.get(row, ""), "outcome": ctx.say(words.OUTCOME[OUTCOMES[ended[n]]]),
                "response": response, "target": float(target.target_s) if target is not None else None,
                "over": over if over is not None and over > 0 else None,
                "marks": ctx.say(words.CORRECTED) if corrected else ctx.say(words.STATE.get(state, ("", ""))),
            }
        )  # fmt: skip
    return found


def _reason(ctx: Context, row: int) -> str:
    """Return a call's reason out of the dictionary, or in the words that it was taken down in."""
    calls, names = ctx.facts.calls, ctx.facts.names
    known = names.reasons.get(int(calls["reason"][row]))
    if known is not None:
        return ctx.say((known[1], known[2]))
    return names.own_reasons.get(int(calls["own_reason"][row]), "") or ctx.say(words.NONE)


def _teams(ctx: Context, calls: Any) -> dict[int, str]:  # noqa: ANN401 -- a mask
    """Return the teams sent to each of these calls in the order of their sending; what was lost says how."""
    frame, names = ctx.facts.assignments, ctx.facts.names.teams
    sent: dict[int, list[str]] = {}
    own, ended = calls[ctx.facts.call_row], endings(ctx.facts)
    lost = {kind: np.flatnonzero(ended[kind] & own) for kind in ENDINGS}
    why = {row: ctx.say(words.ENDING[kind]).lower() for kind, rows in lost.items() for row in rows.tolist()}
    for row in np.flatnonzero(own).tolist():
        team = names.get(int(frame["team_id"][row]))
        label = team.name if team is not None else ""
        sent.setdefault(int(ctx.facts.call_row[row]), []).append(
            f"{label} ({why[row]})" if row in why else label
        )
    return {call: ", ".join(labels) for call, labels in sent.items()}


def _cut(ctx: Context, rows: Ints) -> tuple[Ints, str]:
    if len(rows) <= ctx.query.limit:
        return rows, ""
    text = ("Показано {} из {}; остальное — с меньшим периодом или большим limit.",
            "Shown {} of {}; for the rest take a shorter period or a larger limit.")  # fmt: skip
    return rows[: ctx.query.limit], ctx.say(text).format(ctx.query.limit, len(rows))


def build_list(ctx: Context) -> Report:
    """The chosen calls by receipt: what a number of another report stands for."""
    rows, cut = _cut(ctx, ctx.chosen.rows)
    table = Table(
        "list", ctx.say(LIST_TITLE), call_columns(ctx), call_rows(ctx, rows), empty=ctx.say(NO_SUCH_CALLS),
        cut=cut,
    )  # fmt: skip
    return report(ctx, LIST_TITLE, [table], notes=[cut] if cut else [])


def worst(ctx: Context) -> Ints:
    """Return the calls that missed the norm of their response, the furthest over it first."""
    values = interval_of(ctx, INTERVALS["response"])
    limit = np.full(3, np.inf)
    for criticality, norm in target_of(ctx, "received", "on_scene").items():
        limit[criticality] = norm.target_s
    measured = values.state == MEASURED
    over = values.seconds[measured] - limit[ctx.facts.calls["criticality"][values.call[measured]]]
    order = np.argsort(-over, kind="stable")
    found: Ints = values.call[measured][order[: int((over > 0).sum())]]
    return found


def nobody_late(ctx: Context) -> str:
    """Return what an empty list of late calls means."""
    return ctx.say(NOBODY_LATE if target_of(ctx, "received", "on_scene") else NO_NORM)


def build_late(ctx: Context) -> Report:
    """The calls that missed the norm, the worst first."""
    rows, cut = _cut(ctx, worst(ctx))
    table = Table(
        "late", ctx.say(LATE_TITLE), call_columns(ctx), call_rows(ctx, rows), empty=nobody_late(ctx), cut=cut
    )
    return report(ctx, LATE_TITLE, [table], notes=[cut] if cut else [])


def build_gaps(ctx: Context) -> Report:
    """Time lines that are incomplete, reversed, inferred or corrected: each by call, so that it can be put right."""
    facts, frame = ctx.facts, ctx.facts.assignments
    kinds: dict[int, Text] = {
        MISSING: ("не отмечено: {}", "not recorded: {}"),
        REVERSED: ("обратный порядок: {}", "reversed: {}"),
        INFERRED: ("восстановлено: {}", "inferred: {}"),
    }
    said: dict[int, list[str]] = {}
    for name, clocks in INTERVALS.items():
        if name in {"response", "committed"}:
            continue
        values = interval_of(ctx, clocks)
        for state, text in kinds.items():
            for row in values.call[values.state == state].tolist():
                said.setdefault(row, []).append(ctx.say(text).format(ctx.say(words.INTERVALS[name]).lower()))
    if len(frame):
        rows = np.flatnonzero((frame["corrected"] != 0) & ctx.chosen.sent)
        for row in rows.tolist():
            steps = [
                ctx.say(words.CLOCK[step])
                for n, step in enumerate(STEPS)
                if int(frame["corrected"][row]) >> n & 1
            ]
            what = ctx.say(("исправлено: {}", "corrected: {}")).format(", ".join(steps))
            said.setdefault(int(facts.call_row[row]), []).append(what)
    rows, cut = _cut(ctx, np.array(sorted(said), dtype=np.int64))
    lines = call_rows(ctx, rows)
    for line, row in zip(lines, rows.tolist(), strict=True):
        line["what"] = "; ".join(dict.fromkeys(said[row]))
    columns = call_columns(ctx)
    shown = (*columns[:3], columns[5], Column("what", ctx.say(("Что не так", "What is wrong")), "text"))
    counted = ctx.say(("Вызовов с такими отметками: {} из {}.", "Calls with such time lines: {} of {}."))
    notes = [counted.format(len(said), len(ctx.chosen.rows)), *([cut] if cut else [])]
    table = Table("gaps", ctx.say(GAPS_TITLE), shown, lines, empty=ctx.say(NO_GAPS), cut=cut)
    return report(ctx, GAPS_TITLE, [table], notes=notes)
