"""Which calls a report is about, and the groups that it puts them in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from brigada.errors import Language
from brigada.reports import words
from brigada.reports.facts import (
    CRITICALITIES,
    NEVER,
    PROFILES,
    REJECT_REASONS,
    STATUSES,
    Array,
    Bools,
    Facts,
    Ints,
    TeamName,
)
from brigada.reports.periods import MICRO, Period, day_of, local_seconds, midnight, moment
from brigada.reports.tables import Text, say

TIME_GROUPS: Final = ("hour", "day", "week", "month", "weekday", "time_line")
TEAM_GROUPS: Final = ("station", "team", "profile")
GROUPS: Final = (*TIME_GROUPS, *TEAM_GROUPS, "district", "criticality", "reason", "outcome", "dispatcher")
OUTCOMES: Final = ("open", "on_place", "hospital", *REJECT_REASONS)
MONDAY: Final = 3
"""1970-01-01 was a Thursday: days since the Monday before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What is left in; None leaves all in. Names and words as the API writes them."""

    criticality: str | None = None
    status: str | None = None
    district: str | None = None
    reason: str | None = None
    outcome: str | None = None
    profile: str | None = None
    station_id: int | None = None
    team: str | None = None
    team_id: int | None = None
    dispatcher_id: int | None = None
    hour: int | None = None
    weekday: int | None = None
    late: bool | None = None
    """Only calls that missed the norm of their response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One report asked for."""

    name: str
    period: Period
    language: Language = "ru"
    group: str | None = None
    interval: str = "response"
    norm_set: str | None = None
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
    """The calls of a query: a mask over all calls, and their rows."""

    facts: Facts
    query: Query
    mask: Bools
    rows: Ints


def select(facts: Facts, query: Query, period: Period | None = None) -> Selection:
    """Return the calls received in the period that pass the filters (lateness is left to who knows the norm)."""
    where = facts.between(*(period or query.period).span)
    rows = np.arange(where.start, where.stop)
    for passes in _checks(facts, query):
        rows = rows[passes(rows)]
    mask = np.zeros(len(facts.calls), dtype=np.bool_)
    mask[rows] = True
    return Selection(facts, query, mask, rows)


def _checks(facts: Facts, query: Query) -> list[Callable[[Ints], Bools]]:
    chosen, calls, names = query.filters, facts.calls, facts.names
    checks: list[Callable[[Ints], Bools]] = []

    def equal(column: Array, value: object) -> None:
        checks.append(lambda rows: column[rows] == value)

    if chosen.criticality is not None:
        equal(calls["criticality"], CRITICALITIES.index(chosen.criticality))
    if chosen.status is not None:
        equal(calls["status"], STATUSES.index(chosen.status))
    if chosen.district is not None:
        hashes = [key for key, name in names.districts.items() if name == chosen.district]
        checks.append(lambda rows: np.isin(calls["district"][rows], hashes))
    if chosen.reason is not None:
        known = [key for key, (code, _, _) in names.reasons.items() if code == chosen.reason]
        checks.append(lambda rows: np.isin(calls["reason"][rows], known))
    if chosen.dispatcher_id is not None:
        equal(calls["created_by"], chosen.dispatcher_id)
    if chosen.outcome is not None:
        wanted = OUTCOMES.index(chosen.outcome)
        checks.append(lambda rows: outcomes(facts, rows) == wanted)
    if chosen.hour is not None:
        checks.append(lambda rows: _hours(facts, query, rows) == chosen.hour)
    if chosen.weekday is not None:
        checks.append(lambda rows: (_days(facts, query, rows) + MONDAY) % 7 == chosen.weekday)
    for value, of_team in (
        (chosen.profile, lambda team: team.profile),
        (chosen.station_id, lambda team: team.station_id or 0),
        (chosen.team, lambda team: team.name),
        (chosen.team_id, lambda team: team.id),
    ):
        if value is not None:
            checks.append(_team_check(facts, of_team, value))
    return checks


def _team_check(facts: Facts, of_team: Callable[[TeamName], Any], value: object) -> Callable[[Ints], Bools]:
    ids = [team.id for team in facts.names.teams.values() if of_team(team) == value]
    own = np.isin(facts.assignments["team_id"], ids)

    def passes(rows: Ints) -> Bools:
        which = facts.responsible[rows]
        found: Bools = (which >= 0) & (own[which] if len(own) else False)
        return found

    return passes


def outcomes(facts: Facts, rows: Ints) -> Array:
    """Return how each call ended, as a number of OUTCOMES."""
    calls = facts.calls
    status, which = calls["status"][rows], facts.responsible[rows]
    carried = np.zeros(len(rows), dtype=np.bool_)
    if len(facts.assignments):
        frame = facts.assignments
        gone = (frame["transporting"] != NEVER) | (frame["at_hospital"] != NEVER)
        carried = (which >= 0) & gone[which]
    rejected = len(OUTCOMES) - len(REJECT_REASONS) + calls["reject_reason"][rows].astype(np.int64)
    done = np.where(carried, OUTCOMES.index("hospital"), OUTCOMES.index("on_place"))
    return np.select(
        [status == STATUSES.index("rejected"), status == STATUSES.index("completed")], [rejected, done], 0
    )


def _local(facts: Facts, query: Query, rows: Ints) -> Ints:
    return local_seconds(facts.calls["received"][rows], query.period.zone)


def _hours(facts: Facts, query: Query, rows: Ints) -> Ints:
    return _local(facts, query, rows) // 3600 % 24


def _days(facts: Facts, query: Query, rows: Ints) -> Ints:
    return _local(facts, query, rows) // 86_400


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
        return _by_time(selection, by, calls)
    if by in TEAM_GROUPS:
        own = facts.responsible[calls]
        return _by_team(
            facts, query, by, own if assignments is None else np.where(assignments >= 0, assignments, own)
        )
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
            code, ru, en = names.reasons.get(value, ("", "", ""))
            label = query.say((ru, en))
            filters.append({"reason": code})
        else:
            label = names.users.get(value, "")
            filters.append({"dispatcher_id": value})
        labels.append(label or nothing)
    return Groups(codes.astype(np.int64), labels, filters)


def _by_team(facts: Facts, query: Query, by: str, assignments: Ints) -> Groups:
    if by == "profile":
        labels = [query.say(words.PROFILE[name]) for name in PROFILES]
        filters: list[dict[str, Any]] = [{"profile": name} for name in PROFILES]
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
                filters.append({"team": team.name} if by == "team" else {"station_id": team.station_id})
        table = facts.of_teams(lambda team: keys[team.name if by == "team" else team.station_id])
    none = len(labels)
    labels.append(query.say(words.NO_TEAM))
    filters.append({})
    codes = np.full(len(assignments), none, dtype=np.int64)
    if len(table):
        codes = np.where(assignments >= 0, table[assignments], none)
    return Groups(codes, labels, filters)


def _by_time(selection: Selection, by: str, calls: Ints) -> Groups:
    facts, query = selection.facts, selection.query
    if by == "hour":
        labels = [f"{hour:02}:00" for hour in range(24)]
        return Groups(_hours(facts, query, calls), labels, [{"hour": hour} for hour in range(24)])
    if by == "weekday":
        labels = [query.say(name) for name in words.WEEKDAYS]
        codes = (_days(facts, query, calls) + MONDAY) % 7
        return Groups(codes, labels, [{"weekday": day} for day in range(7)])
    if by == "time_line":
        return _time_line(facts, query, calls)
    zone, days = query.period.zone, query.period.days()
    if not days:
        return Groups(np.full(len(calls), -1, dtype=np.int64), [], [])
    first = (days[0] - day_of(0)).days
    number = _days(facts, query, calls) - first
    starts = [
        day for n, day in enumerate(days)
        if n == 0 or by == "day" or (by == "week" and day.weekday() == 0) or (by == "month" and day.day == 1)
    ]  # fmt: skip
    begins = np.array([(day - days[0]).days for day in starts])
    codes = np.searchsorted(begins, number, side="right") - 1
    ends = [*starts[1:], days[-1] + timedelta(days=1)]
    filters: list[dict[str, Any]] = [
        {
            "from": max(midnight(start, zone), query.period.start).isoformat(),
            "to": min(midnight(end, zone), query.period.end).isoformat(),
        }
        for start, end in zip(starts, ends, strict=True)
    ]
    form = "%Y-%m" if by == "month" else "%Y-%m-%d"
    return Groups(codes, [day.strftime(form) for day in starts], filters)


def _time_line(facts: Facts, query: Query, calls: Ints) -> Groups:
    """Hours one after another: the hour that happens twice is two of them, told apart by their offset from UTC."""
    start, end = query.period.span
    first, last = start // (3600 * MICRO), -(-end // (3600 * MICRO))
    hours = [moment(hour * 3600 * MICRO) for hour in range(first, last)]
    labels = [at.astimezone(query.period.zone).strftime("%Y-%m-%d %H:%M %z") for at in hours]
    filters = [{"from": at.isoformat(), "to": (at + timedelta(hours=1)).isoformat()} for at in hours]
    codes = facts.calls["received"][calls] // (3600 * MICRO) - first
    return Groups(codes.astype(np.int64), labels, filters)
