"""Which calls a report is about, and the groups that it puts them in."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from brigada.errors import Language
from brigada.reports import words
from brigada.reports.facts import CRITICALITIES, PROFILES, Array, Bools, Facts, Ints
from brigada.reports.filters import (
    OUTCOMES,
    Filters,
    checks_of_calls,
    outcomes,
    passing_assignments,
    under_chosen_team,
)
from brigada.reports.periods import MICRO, MONDAY, Period, day_of, local_seconds, midnight, moment
from brigada.reports.tables import Text, say

TIME_GROUPS: Final = ("hour", "day", "week", "month", "weekday", "time_line")
TEAM_GROUPS: Final = ("station", "team", "profile")
GROUPS: Final = (*TIME_GROUPS, *TEAM_GROUPS, "district", "criticality", "reason", "outcome", "dispatcher")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One report asked for."""

    name: str
    period: Period
    language: Language = "ru"
    group: str | None = None
    interval: str = "response"
    norm_set: str | None = None
    compare: bool = False
    """Beside each number that of the period before."""
    filters: Filters = field(default_factory=Filters)
    limit: int = 500
    now: datetime

    def say(self, text: Text) -> str:
        return say(text, self.language)


@dataclass(frozen=True, slots=True)
class Groups:
    """The group of each value asked about (-1: none), the groups' labels and how to ask for their calls."""

    codes: Ints
    labels: list[str]
    filters: list[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a query is about.

    Attributes:
        mask: over all calls: those that count, a call under one team.
        rows: their rows.
        base: over all calls: those that pass the filters of calls, whatever team they count under.
        sent: over all assignments: those that count where each assignment counts for itself: of the calls in `base`,
            if they pass the filters of teams and assignments.
    """

    facts: Facts
    query: Query
    mask: Bools
    rows: Ints
    base: Bools
    sent: Bools

    def among(self, calls: Bools) -> "Selection":
        """Return what is left of it with only these calls (a mask over all)."""
        mask = self.mask & calls
        sent = self.sent & calls[self.facts.call_row]
        return Selection(self.facts, self.query, mask, np.flatnonzero(mask), self.base & calls, sent)


def select(facts: Facts, query: Query) -> Selection:
    """Return what a query is about (lateness is left to who knows the norm).

    Calls are chosen by their receipt within the period; with `begun`, by assignments that began within it.
    """
    chosen, (start, end) = query.filters, query.period.span
    own = passing_assignments(facts, chosen)
    if chosen.begun:
        own &= (facts.assignments["assigned"] >= start) & (facts.assignments["assigned"] < end)
        rows = np.unique(facts.call_row[own])
    else:
        where = facts.between(start, end)
        rows = np.arange(where.start, where.stop)
    for passes in checks_of_calls(facts, chosen, query.period):
        rows = rows[passes(rows)]
    return chosen_of(facts, query, rows, own)


def chosen_of(facts: Facts, query: Query, rows: Ints, own: Bools) -> Selection:
    """Return what the filters of teams leave of these calls; `own`: the assignments that pass them."""
    base = _mask(facts, rows)
    sent = base[facts.call_row] & own
    mask = base
    if query.filters.of_assignments:
        mask = _mask(facts, np.unique(facts.call_row[sent]))
    elif query.filters.of_teams:
        mask = _mask(facts, rows[under_chosen_team(facts, query.filters, rows)])
    return Selection(facts, query, mask, np.flatnonzero(mask), base, sent)


def _mask(facts: Facts, rows: Ints) -> Bools:
    mask = np.zeros(len(facts.calls), dtype=np.bool_)
    mask[rows] = True
    return mask


def grouped(selection: Selection, by: str | None, calls: Ints, assignments: Ints | None = None) -> Groups:
    """Put values into groups.

    Args:
        selection: the calls that the report is about.
        by: one of GROUPS; None puts all into one.
        calls: the row of each value's call.
        assignments: the row of each value's assignment, for the groups by team; -1 or None: the one that the call is
            counted under.
    """
    facts, query = selection.facts, selection.query
    if by is None:
        return Groups(np.zeros(len(calls), dtype=np.int64), [query.say(words.TOTAL)], [{}])
    if by in TIME_GROUPS:
        return grouped_by_time(query, by, facts.calls["received"][calls])
    if by in TEAM_GROUPS:
        own = facts.responsible[calls]
        if assignments is None:
            return _by_team(facts, query, by, own, {})
        return _by_team(facts, query, by, np.where(assignments >= 0, assignments, own), {"sent": True})
    if by == "criticality":
        return _by_words(query, by, facts.calls["criticality"][calls], CRITICALITIES, words.CRITICALITY)
    if by == "outcome":
        return _by_words(query, by, outcomes(facts, calls), OUTCOMES, words.OUTCOME)
    return _by_name(facts, query, by, calls)


def _by_words(query: Query, by: str, codes: Array, known: tuple[str, ...], texts: dict[str, Text]) -> Groups:
    return Groups(
        codes.astype(np.int64), [query.say(texts[word]) for word in known], [{by: word} for word in known]
    )


def _by_name(facts: Facts, query: Query, by: str, calls: Ints) -> Groups:
    column = {"district": "district", "reason": "reason", "dispatcher": "created_by"}[by]
    values, codes = np.unique(facts.calls[column][calls], return_inverse=True)
    nothing, names = query.say(words.NONE), facts.names
    labels, filters = [], []
    for value in values.tolist():
        if by == "district":
            label = names.districts.get(value, "")
            filters.append({"district": label})
        elif by == "reason":
            code, ru, en = names.reasons.get(value, ("", *words.OWN_REASON))
            label = query.say((ru, en))
            filters.append({"reason": code})
        else:
            label = names.users.get(value, "")
            filters.append({"dispatcher_id": value})
        labels.append(label or nothing)
    return Groups(codes.astype(np.int64), labels, filters)


def _by_team(facts: Facts, query: Query, by: str, assignments: Ints, more: dict[str, Any]) -> Groups:
    if by == "profile":
        labels = [query.say(words.PROFILE[name]) for name in PROFILES]
        filters: list[dict[str, Any]] = [{"profile": name, **more} for name in PROFILES]
        table = facts.team_profile.astype(np.int64)
    else:
        keys: dict[Any, int] = {}
        labels, filters = [], []
        for team in facts.names.teams.values():
            key = team.name if by == "team" else team.station_id
            if key not in keys:
                keys[key] = len(keys)
                station = facts.names.stations.get(team.station_id or 0, query.say(words.NONE))
                labels.append(team.name if by == "team" else station)
                own = {"team": team.name} if by == "team" else {"station_id": team.station_id or 0}
                filters.append(own | more)
        table = facts.of_teams(lambda team: keys[team.name if by == "team" else team.station_id])
    none = len(labels)
    labels.append(query.say(words.NO_TEAM))
    filters.append({"team_id": 0})
    codes = np.full(len(assignments), none, dtype=np.int64)
    if len(table):
        codes = np.where(assignments >= 0, table[assignments], none)
    return Groups(codes, labels, filters)


def grouped_by_time(query: Query, by: str, at: Ints) -> Groups:
    """Put moments (microseconds) within the period into groups: one of TIME_GROUPS."""
    if by == "time_line":
        return _time_line(query, at)
    local = local_seconds(at, query.period.zone)
    if by == "hour":
        labels = [f"{hour:02}:00" for hour in range(24)]
        return Groups(local // 3600 % 24, labels, [{"hour": hour} for hour in range(24)])
    if by == "weekday":
        labels = [query.say(name) for name in words.WEEKDAYS]
        codes = (local // 86_400 + MONDAY) % 7
        return Groups(codes, labels, [{"weekday": day} for day in range(7)])
    zone, touched = query.period.zone, query.period.days()
    if not touched:
        return Groups(np.full(len(at), -1, dtype=np.int64), [], [])
    first = (touched[0] - day_of(0)).days
    number = local // 86_400 - first
    starts = [
        day for n, day in enumerate(touched)
        if n == 0 or by == "day" or (by == "week" and day.weekday() == 0) or (by == "month" and day.day == 1)
    ]  # fmt: skip
    begins = np.array([(day - touched[0]).days for day in starts])
    codes = np.searchsorted(begins, number, side="right") - 1
    ends = [*starts[1:], touched[-1] + timedelta(days=1)]
    filters: list[dict[str, Any]] = [
        {
            "from": max(midnight(start, zone), query.period.start).isoformat(),
            "to": min(midnight(end, zone), query.period.end).isoformat(),
        }
        for start, end in zip(starts, ends, strict=True)
    ]
    form = "%Y-%m" if by == "month" else "%Y-%m-%d"
    return Groups(codes, [day.strftime(form) for day in starts], filters)


def _time_line(query: Query, at: Ints) -> Groups:
    """Hours one after another: the hour that happens twice is two of them, told apart by their offset from UTC."""
    start, end = query.period.span
    first, last = start // (3600 * MICRO), -(-end // (3600 * MICRO))
    starts = [moment(hour * 3600 * MICRO) for hour in range(first, last)]
    labels = [begin.astimezone(query.period.zone).strftime("%Y-%m-%d %H:%M %z") for begin in starts]
    filters = [
        {
            "from": max(begin, query.period.start).isoformat(),
            "to": min(begin + timedelta(hours=1), query.period.end).isoformat(),
        }
        for begin in starts
    ]
    codes = at // (3600 * MICRO) - first
    return Groups(codes.astype(np.int64), labels, filters)
