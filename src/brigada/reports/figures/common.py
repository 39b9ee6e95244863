"""What all reports share: the frame around their tables, the words about the norm, the notes on what is incomplete."""

import math
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from brigada.calls.norms import Norm
from brigada.reports import words
from brigada.reports.facts import CRITICALITIES, Bools, Facts, Ints
from brigada.reports.measures import (
    INFERRED,
    MEASURED,
    MISSING,
    OPEN,
    REVERSED,
    Values,
    interval,
    judged,
)
from brigada.reports.selection import Groups, Query, Selection, select
from brigada.reports.tables import Chart, Column, Figure, Report, Table, Text, say


@dataclass(frozen=True, slots=True)
class Context:
    """A query over the facts, with its calls chosen."""

    facts: Facts
    query: Query
    chosen: Selection
    measured: dict[tuple[str, str], Values] = field(default_factory=dict)

    def say(self, text: Text) -> str:
        return say(text, self.query.language)

    @property
    def norms(self) -> tuple[Norm, ...]:
        """The norms of the set asked for, else the active ones."""
        if self.query.norm_set is None:
            return self.facts.names.norms
        return tuple(norm for norm in self.facts.names.all_norms if norm.norm_set == self.query.norm_set)


def context(facts: Facts, query: Query) -> Context:
    """Choose the calls of a query; with `late`, those that missed the norm of their response."""
    chosen = select(facts, query)
    found = Context(facts, query, chosen)
    if query.filters.late is None:
        return found
    wanted = late_calls(found) if query.filters.late else chosen.mask & ~late_calls(found)
    return Context(facts, query, Selection(facts, query, wanted, np.flatnonzero(wanted)))


def response_norms(ctx: Context) -> list[Norm]:
    """Return what "late" means: the norms from receipt to arrival judged by a share, the strictest of several."""
    return list(target_of(ctx, "received", "on_scene").values())


def late_calls(ctx: Context) -> Bools:
    """Return the mask of chosen calls whose first team arrived after the target."""
    late = np.zeros(len(ctx.facts.calls), dtype=np.bool_)
    for norm in response_norms(ctx):
        values = values_of_norm(ctx, norm)
        late[values.call[(values.state == MEASURED) & (values.seconds > norm.target_s)]] = True
    return late


def within_response(ctx: Context) -> tuple[int, int]:
    """Return how many of the measured responses were within the norm, and how many were measured."""
    found = [judged(norm, values_of_norm(ctx, norm)) for norm in response_norms(ctx)]
    return sum(item.within for item in found), sum(item.n for item in found)


def target_of(ctx: Context, start: str, stop: str) -> dict[int, Norm]:
    """Return the norm by share of each criticality (its number) for these clocks."""
    found: dict[int, Norm] = {}
    for norm in ctx.norms:
        if (norm.clock_start, norm.clock_stop, norm.statistic) == (start, stop, "share"):
            number = CRITICALITIES.index(norm.criticality)
            if number not in found or norm.target_s < found[number].target_s:
                found[number] = norm
    return found


def within_by_group(
    ctx: Context, values: Values, groups: Groups, targets: dict[int, Norm]
) -> tuple[Ints, Ints]:
    """Return for each group how many measured values a norm judges, and how many of them are within it."""
    limit = np.full(3, np.nan)
    for number, norm in targets.items():
        limit[number] = norm.target_s
    own = limit[ctx.facts.calls["criticality"][values.call]]
    judged_here = (values.state == MEASURED) & (groups.codes >= 0) & ~np.isnan(own)
    count = np.bincount(groups.codes[judged_here], minlength=len(groups))
    good = judged_here & (values.seconds <= own)
    return count, np.bincount(groups.codes[good], minlength=len(groups))


def interval_of(ctx: Context, clocks: tuple[str, str]) -> Values:
    """Return the durations between two moments for the chosen calls; measured once for a report."""
    if clocks not in ctx.measured:
        ctx.measured[clocks] = interval(ctx.facts, *clocks, ctx.chosen.mask)
    return ctx.measured[clocks]


def values_of_norm(ctx: Context, norm: Norm) -> Values:
    """Return the durations that a norm judges: those of its clocks, of the calls of its criticality."""
    values = interval_of(ctx, (norm.clock_start, norm.clock_stop))
    own = ctx.facts.calls["criticality"] == CRITICALITIES.index(norm.criticality)
    return values.take(own[values.call])


def number(value: Any) -> float | None:  # noqa: ANN401 -- a NumPy scalar or a float
    """Return a plain float, None for NaN."""
    plain = float(value)
    return None if math.isnan(plain) else plain


def ratio(part: Any, whole: Any) -> float | None:  # noqa: ANN401 -- NumPy numbers or plain ones
    """Return a part of the whole, None where there is no whole."""
    return float(part) / float(whole) if whole else None


def incomplete_notes(ctx: Context, values: Values, what: str) -> list[str]:
    """Say how many measurements a figure rests on, and why the others could not be made."""
    counts = np.bincount(values.state, minlength=6).tolist()
    corrected = int(values.corrected.sum())
    parts = [
        (OPEN, ("ещё не закончено: {}", "still under way: {}")),
        (MISSING, ("время не отмечено: {}", "time never recorded: {}")),
        (REVERSED, ("отметки в обратном порядке: {}", "time stamps reversed: {}")),
        (INFERRED, ("отметка восстановлена по следующей: {}", "time filled in from a later step: {}")),
    ]
    said = [ctx.say(text).format(counts[state]) for state, text in parts if counts[state]]
    notes = []
    if said:
        head = ctx.say(("{}: измерено {}, не учтено в средних — ", "{}: measured {}, not in the averages — "))
        notes.append(head.format(what, counts[MEASURED]) + "; ".join(said) + ".")
    if corrected:
        text = ("{}: из них с исправленными отметками {}.", "{}: of these with corrected time stamps {}.")
        notes.append(ctx.say(text).format(what, corrected))
    return notes


def norm_description(ctx: Context) -> dict[str, Any]:
    """Return which norms the report was judged by, with their versions."""
    sets = sorted({norm.norm_set for norm in ctx.norms})
    return {
        "sets": sets,
        "title": ", ".join(ctx.say(words.NORM_SET.get(name, (name, name))) for name in sets),
        "items": [
            {
                "id": norm.id, "norm_set": norm.norm_set, "version": norm.version, "criticality": norm.criticality,
                "clock_start": norm.clock_start, "clock_stop": norm.clock_stop, "target_s": norm.target_s,
                "statistic": norm.statistic, "share": norm.share,
                "title": ctx.say((norm.title_ru, norm.title_en)) or _norm_in_words(ctx, norm),
            }
            for norm in ctx.norms
        ],
    }  # fmt: skip


def _norm_in_words(ctx: Context, norm: Norm) -> str:
    minutes = ctx.say(("{:g} мин", "{:g} min")).format(norm.target_s / 60)
    clocks = f"{ctx.say(words.CLOCK[norm.clock_start])} – {ctx.say(words.CLOCK[norm.clock_stop])}"
    return f"{ctx.say(words.CRITICALITY[norm.criticality])}: {clocks}, {minutes}"


def filters_description(ctx: Context) -> str:
    """Return the filters in words, empty when there are none."""
    chosen, names = ctx.query.filters, ctx.facts.names
    parts = []
    for item in fields(chosen):
        value = getattr(chosen, item.name)
        if value is None:
            continue
        if item.name == "late":
            text = ("с опозданием", "late") if value else ("без опоздания", "not late")
            parts.append(ctx.say(text))
            continue
        title, shown = item.name.removesuffix("_id"), str(value)
        known = {
            "criticality": words.CRITICALITY, "status": words.STATUS, "profile": words.PROFILE,
            "outcome": words.OUTCOME,
        }.get(item.name)  # fmt: skip
        if known is not None:
            shown = ctx.say(known[value])
        elif item.name == "station_id":
            shown = names.stations.get(value, shown)
        elif item.name == "dispatcher_id":
            shown = names.users.get(value, shown)
        elif item.name == "weekday":
            shown = ctx.say(words.WEEKDAYS[value])
        elif item.name == "reason":
            shown = next(
                (ctx.say((ru, en)) for code, ru, en in names.reasons.values() if code == value), shown
            )
        heading = ctx.say(words.GROUP.get(title, words.STATUS_TITLE if title == "status" else (title, title)))
        parts.append(f"{heading.lower()}: {shown}")
    return "; ".join(parts)


def report(
    ctx: Context,
    title: Text,
    tables: list[Table],
    *,
    charts: list[Chart] | None = None,
    figures: list[Figure] | None = None,
    notes: list[str] | None = None,
) -> Report:
    """Put a report together."""
    period = ctx.query.period
    return Report(
        name=ctx.query.name,
        title=ctx.say(title),
        language=ctx.query.language,
        start=period.start,
        end=period.end,
        zone=str(period.zone),
        made_at=ctx.query.now,
        filters=filters_description(ctx),
        norm=norm_description(ctx),
        tables=tables,
        charts=charts or [],
        figures=figures or [],
        notes=notes or [],
    )


def group_column(ctx: Context, by: str | None) -> Column:
    text = words.GROUP[by] if by is not None else ("", "")
    return Column("group", ctx.say(text), "text")


def in_order(by: str | None, rows: list[dict[str, Any]], weight: str) -> list[dict[str, Any]]:
    """Order rows: time and lists of known words as they are, names by weight, teams by number."""
    if by in {"district", "reason", "dispatcher", "outcome"}:
        return sorted(rows, key=lambda row: (-(row[weight] or 0), row["group"]))
    if by in {"team", "station"}:
        return sorted(rows, key=lambda row: natural(row["group"]))
    return rows


def natural(label: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that puts «9» before «10»."""
    parts: list[tuple[int, int, str]] = []
    digits = ""
    for letter in f"{label}\0":
        if letter.isdigit() and letter.isascii():
            digits += letter
            continue
        if digits:
            parts.append((0, int(digits), ""))
            digits = ""
        parts.append((1, 0, letter))
    return tuple(parts)
