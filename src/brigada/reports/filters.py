"""Which calls are left in: filters of a call, and of an assignment that was sent to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from brigada.reports.facts import (
    ASSIGNMENT_STATUSES,
    CRITICALITIES,
    NEVER,
    REJECT_REASONS,
    STATUSES,
    STEPS,
    TROUBLES,
    Array,
    Bools,
    Facts,
    Ints,
    TeamName,
)
from brigada.reports.periods import MICRO, MONDAY, Period, local_seconds

OUTCOMES: Final = ("open", "on_place", "hospital", *REJECT_REASONS)
ENDINGS: Final = ("declined", "cancelled", "diverted", *TROUBLES)
"""How an assignment ends that does not come to its patient; a trouble by its kind."""
ADVICE: Final = ("any", "followed", "overruled", "slower")
STATES: Final = ("measured", "incomplete", "corrected", "late")
GPS_STEPS: Final = ("en_route", "on_scene", "at_hospital")
APART_S: Final = 120.0
"""A crew's time that lies further from the time by GPS than this is said to differ from it."""
FOLLOWED_S: Final = 1.0
"""Advice that would not have been sooner by a second was no worse advice: rounding, not a choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What is left in; None leaves all in. Names and words as the API writes them, 0 and "" for what has none.

    Attributes:
        profile, station_id, team, team_id: of the team that the call is counted under; with `sent`, of any team sent
            that passes the other filters of assignments too.
        ending, advice, gps_off, car_id, sender_id: of an assignment.
        begun: assignments that began within the period, whenever their calls came in.
        state: calls whose duration of the query's interval was measured, was not (though it was meant), rests on a
            corrected moment, or is beyond its norm (`late`).
        late: calls that missed the norm of their response, or the norm `norm_id`.
        box: south, west, north, east in degrees; the southern and western edges are counted in.
    """

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
    box: tuple[float, float, float, float] | None = None
    late: bool | None = None
    norm_id: int | None = None
    state: str | None = None
    sent: bool | None = None
    ending: str | None = None
    advice: str | None = None
    gps_off: str | None = None
    car_id: int | None = None
    sender_id: int | None = None
    begun: bool | None = None

    @property
    def of_teams(self) -> bool:
        """Whether something is asked of the team."""
        return any(value is not None for value in (self.profile, self.station_id, self.team, self.team_id))

    @property
    def of_assignments(self) -> bool:
        """Whether something is asked of an assignment, rather than of the call."""
        asked = (self.ending, self.advice, self.gps_off, self.car_id, self.sender_id)
        return bool(self.sent) or bool(self.begun) or any(value is not None for value in asked)


def teams_of(facts: Facts, chosen: Filters) -> set[int]:
    """Return the teams (shifts) that pass the filters of teams and cars."""
    if not chosen.of_teams and chosen.car_id is None:
        return set(facts.names.teams)
    return {team.id for team in facts.names.teams.values() if _is_chosen(team, chosen)}


def _is_chosen(team: TeamName, chosen: Filters) -> bool:
    return (
        chosen.team in {None, team.name}
        and chosen.profile in {None, team.profile}
        and chosen.station_id in {None, team.station_id or 0}
        and chosen.team_id in {None, team.id}
        and chosen.car_id in {None, team.car_id}
    )


def passing_assignments(facts: Facts, chosen: Filters) -> Bools:
    """Return the mask of assignments that pass every filter about assignments and teams."""
    frame = facts.assignments
    passes = np.ones(len(frame), dtype=np.bool_)
    if chosen.of_teams or chosen.car_id is not None:
        passes &= np.isin(frame["team_id"], sorted(teams_of(facts, chosen)))
    if chosen.sender_id is not None:
        passes &= frame["assigned_by"] == chosen.sender_id
    if chosen.ending is not None:
        passes &= endings(facts)[chosen.ending]
    if chosen.advice is not None:
        passes &= advice(facts)[chosen.advice]
    if chosen.gps_off is not None:
        passes &= np.abs(apart(facts, chosen.gps_off)) > APART_S
    return passes


def endings(facts: Facts) -> dict[str, Bools]:
    """Return a mask of assignments for each of ENDINGS, and for `completed`."""
    status, trouble = facts.assignments["status"], facts.assignments["trouble"]
    troubled = status == ASSIGNMENT_STATUSES.index("troubled")
    ended = {name: status == ASSIGNMENT_STATUSES.index(name) for name in (*ENDINGS[:3], "completed")}
    return ended | {name: troubled & (trouble == n) for n, name in enumerate(TROUBLES)}


def advice(facts: Facts) -> dict[str, Bools]:
    """Return a mask of assignments for each of ADVICE."""
    frame = facts.assignments
    given = frame["advice_team_id"] != 0
    followed = given & (frame["advice_team_id"] == frame["team_id"])
    overruled = given & ~followed
    with np.errstate(invalid="ignore"):
        slower = overruled & (frame["advice_cost_s"] >= FOLLOWED_S)
    return {"any": given, "followed": followed, "overruled": overruled, "slower": slower}


def marked(facts: Facts, mark: str, step: str) -> Bools:
    """Return the mask of assignments whose moment of a step is `inferred`, `corrected` or `by_gps`."""
    found: Bools = (facts.assignments[mark] & (1 << STEPS.index(step))) != 0
    return found


def declared(facts: Facts, step: str) -> Bools:
    """Return the mask of assignments whose moment of a step was told by a person.

    One filled in from a later step was told by nobody, and one taken from the positions says nothing against them.
    """
    told = ~marked(facts, "inferred", step) & ~marked(facts, "by_gps", step)
    found: Bools = (facts.assignments[step] != NEVER) & told
    return found


def apart(facts: Facts, step: str) -> Array:
    """Return for each assignment the declared time less the time by GPS, seconds; NaN where one is not known."""
    told, seen = facts.assignments[step], facts.assignments[f"gps_{step}"]
    both = declared(facts, step) & (seen != NEVER)
    with np.errstate(over="ignore"):
        return np.where(both, (told - seen) / MICRO, np.nan)


def checks_of_calls(facts: Facts, chosen: Filters, period: Period) -> list[Callable[[Ints], Bools]]:
    """Return what rows of calls have to pass, whatever team they count under."""
    calls, names = facts.calls, facts.names
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
        known = [key for key, (code, _, _) in names.reasons.items() if chosen.reason in {code, ""}]
        checks.append(lambda rows: np.isin(calls["reason"][rows], known, invert=chosen.reason == ""))
    if chosen.dispatcher_id is not None:
        equal(calls["created_by"], chosen.dispatcher_id)
    if chosen.outcome is not None:
        wanted = OUTCOMES.index(chosen.outcome)
        checks.append(lambda rows: outcomes(facts, rows) == wanted)
    if chosen.hour is not None:
        checks.append(lambda rows: hours(facts, period, rows) == chosen.hour)
    if chosen.weekday is not None:
        checks.append(lambda rows: (days(facts, period, rows) + MONDAY) % 7 == chosen.weekday)
    if chosen.box is not None:
        checks.append(_inside(facts, chosen.box))
    return checks


def _inside(facts: Facts, box: tuple[float, float, float, float]) -> Callable[[Ints], Bools]:
    south, west, north, east = box

    def passes(rows: Ints) -> Bools:
        lat, lon = facts.calls["lat"][rows], facts.calls["lon"][rows]
        with np.errstate(invalid="ignore"):
            found: Bools = (lat >= south) & (lat < north) & (lon >= west) & (lon < east)
        return found

    return passes


def under_chosen_team(facts: Facts, chosen: Filters, rows: Ints) -> Bools:
    """Return which of these calls count under a chosen team; with `team_id` 0, to which no team was sent."""
    which = facts.responsible[rows]
    if chosen.team_id == 0 or not len(facts.assignments):
        return which < 0 if chosen.team_id == 0 else np.zeros(len(rows), dtype=np.bool_)
    found: Bools = (which >= 0) & passing_assignments(facts, chosen)[which]
    return found


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


def hours(facts: Facts, period: Period, rows: Ints) -> Ints:
    """Return the hour of the day at which each call came in, by the period's clocks."""
    return local_seconds(facts.calls["received"][rows], period.zone) // 3600 % 24


def days(facts: Facts, period: Period, rows: Ints) -> Ints:
    """Return the day on which each call came in, as days since 1970-01-01, by the period's clocks."""
    return local_seconds(facts.calls["received"][rows], period.zone) // 86_400
