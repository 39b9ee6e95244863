"""What all reports share: the frame around their tables, the words about the norm, the notes on what is incomplete."""

import math
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from brigada.calls.norms import Norm
from brigada.reports import words
from brigada.reports.facts import CRITICALITIES, Bools, Facts, Ints
from brigada.reports.measures import (
    INFERRED,
    INTERVALS,
    MEASURED,
    MISSING,
    NOT_MEANT,
    OPEN,
    REVERSED,
    Values,
    interval,
    judged,
)
from brigada.reports.selection import Groups, Query, Selection, select
from brigada.reports.tables import Chart, Column, Figure, Kind, Report, Table, Text, say


@dataclass(frozen=True, slots=True)
class Context:
    """A query over the facts, with its calls chosen."""

    facts: Facts
    query: Query
    chosen: Selection
    measured: dict[tuple[str, str], Values] = field(default_factory=dict)

    def say(self, text: Text) -> str:
        return say(text, self.query.language)

    def among(self, calls: Bools) -> "Context":
        """Return what is left of it with only these calls."""
        return Context(self.facts, self.query, self.chosen.among(calls))

    def whole(self) -> "Context":
        """Return it with every call that has a chosen assignment: lateness is asked before a call counts once."""
        whole = self.chosen.base
        return Context(self.facts, self.query, replace(self.chosen, mask=whole, rows=np.flatnonzero(whole)))

    @property
    def norms(self) -> tuple[Norm, ...]:
        """The active norms; of a set asked for its active ones, or all of a set that is not in use."""
        names, wanted = self.facts.names, self.query.norm_set
        if wanted is None:
            return names.norms
        active = tuple(norm for norm in names.norms if norm.norm_set == wanted)
        return active or tuple(norm for norm in names.all_norms if norm.norm_set == wanted)


def context(facts: Facts, query: Query) -> Context:
    """Choose the calls of a query by all its filters."""
    return narrowed(Context(facts, query, select(facts, query)))


def narrowed(ctx: Context) -> Context:
    """Return what is left by the filters that need a duration: its state, and lateness."""
    chosen = ctx.query.filters
    if chosen.state is not None:
        ctx = ctx.among(_calls_in_state(ctx.whole(), chosen.state))
    if chosen.late is not None:
        late = late_calls(ctx.whole())
        ctx = ctx.among(late if chosen.late else ~late)
    return ctx


def _calls_in_state(ctx: Context, state: str) -> Bools:
    clocks = INTERVALS[ctx.query.interval]
    values = interval_of(ctx, clocks)
    kept = {
        "measured": values.state == MEASURED,
        "late": beyond(ctx, values, target_of(ctx, *clocks)),
        "incomplete": ~np.isin(values.state, (MEASURED, NOT_MEANT)),
        "corrected": values.corrected,
    }[state]
    found = np.zeros(len(ctx.facts.calls), dtype=np.bool_)
    found[values.call[kept]] = True
    return found


def response_norms(ctx: Context) -> list[Norm]:
    """Return what "late" means: the norms from receipt to arrival judged by a share, the strictest of several."""
    return list(target_of(ctx, "received", "on_scene").values())


def late_calls(ctx: Context) -> Bools:
    """Return the mask of calls beyond the target: of the norm that the query names, else of their response."""
    late = np.zeros(len(ctx.facts.calls), dtype=np.bool_)
    for norm in _norms_of_lateness(ctx):
        values = values_of_norm(ctx, norm)
        late[values.call[(values.state == MEASURED) & (values.seconds > norm.target_s)]] = True
    return late


def _norms_of_lateness(ctx: Context) -> list[Norm]:
    named = ctx.query.filters.norm_id
    if named is None:
        return response_norms(ctx)
    return [norm for norm in ctx.facts.names.all_norms if norm.id == named]


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


def beyond(ctx: Context, values: Values, targets: dict[int, Norm]) -> Bools:
    """Return the mask of measured values beyond the target of their call's criticality."""
    limit = np.full(3, np.inf)
    for number, norm in targets.items():
        limit[number] = norm.target_s
    found: Bools = (values.state == MEASURED) & (
        values.seconds > limit[ctx.facts.calls["criticality"][values.call]]
    )
    return found


def interval_of(ctx: Context, clocks: tuple[str, str]) -> Values:
    """Return the durations between two moments for the chosen calls; measured once for a report."""
    if clocks not in ctx.measured:
        ctx.measured[clocks] = interval(ctx.facts, *clocks, ctx.chosen.mask, ctx.chosen.sent)
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
                "title": ctx.say((norm.title_ru, norm.title_en)) or norm_in_words(ctx, norm),
            }
            for norm in ctx.norms
        ],
    }  # fmt: skip


def norm_in_words(ctx: Context, norm: Norm) -> str:
    minutes = ctx.say(("{:g} мин", "{:g} min")).format(norm.target_s / 60)
    clocks = f"{ctx.say(words.CLOCK[norm.clock_start])} – {ctx.say(words.CLOCK[norm.clock_stop])}"
    return f"{ctx.say(words.CRITICALITY[norm.criticality])}: {clocks}, {minutes}"


def filters_description(ctx: Context) -> str:
    """Return the filters in words, empty when there are none."""
    chosen = ctx.query.filters
    parts = []
    for item in fields(chosen):
        value = getattr(chosen, item.name)
        if value is None or (value is False and item.name != "late"):
            continue
        text = words.FILTER[item.name]
        if item.name == "late":
            parts.append(ctx.say(text) if value else ctx.say(words.NOT_LATE))
        elif value is True or item.name == "box":
            parts.append(ctx.say(text))
        else:
            parts.append(f"{ctx.say(text)}: {_value_in_words(ctx, item.name, value)}")
    return "; ".join(parts)


def _value_in_words(ctx: Context, name: str, value: Any) -> str:  # noqa: ANN401 -- a filter's value
    names = ctx.facts.names
    known = words.FILTER_VALUES.get(name)
    if known is not None:
        return ctx.say(known[value])
    if name == "reason" and value == "":
        return ctx.say(words.OWN_REASON)
    if value in {0, ""} and name not in {"hour", "weekday"}:
        return ctx.say(words.NONE)
    if name == "reason":
        return next(
            (ctx.say((ru, en)) for code, ru, en in names.reasons.values() if code == value), str(value)
        )
    if name == "weekday":
        return ctx.say(words.WEEKDAYS[value])
    if name == "hour":
        return f"{value:02}:00"
    if name == "team_id":
        team = names.teams.get(value)
        return team.name if team is not None else str(value)
    if name == "car_id":
        return names.cars[value].number if value in names.cars else str(value)
    if name == "norm_id":
        norm = next((norm for norm in names.all_norms if norm.id == value), None)
        return ctx.say((norm.title_ru, norm.title_en)) if norm is not None else str(value)
    by_number = {"station_id": names.stations, "dispatcher_id": names.users, "sender_id": names.users}
    return by_number.get(name, {}).get(value, str(value))


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
    kinds: dict[str | None, Kind] = {"day": "day", "week": "day", "month": "month"}
    return Column("group", ctx.say(text), kinds.get(by, "text"))


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
