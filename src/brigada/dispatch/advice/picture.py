"""The live picture as the optimiser wants it: rows from the database, times from the roads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.assignments.rules import BEFORE_PATIENT
from brigada.db.base import AnyRow
from brigada.dispatch.advice import repository
from brigada.dispatch.advice.models import AdviceSettings
from brigada.dispatch.optimiser.settings import OptimiserSettings
from brigada.dispatch.optimiser.state import Criticality, DispatchState, OpenCall, Stage, Team
from brigada.dispatch.readiness import (
    SOON_S,
    UNREACHABLE_PRICE_S,
    handover_rest_s,
    standing_price_s,
    turnout_s,
)
from brigada.kit.geo import Point
from brigada.routing.port import Profile, Router, Why

GENERAL = ("paramedic", "physician", "intensive_care")
DEFAULT_NORMS_S = {"critical": 1200.0, "important": 1200.0, "common": 7200.0}


@dataclass(frozen=True, slots=True)
class Picture:
    """State for the optimiser, and the rows behind it by id."""

    state: DispatchState
    calls: Mapping[int, AnyRow]
    teams: Mapping[int, AnyRow]
    approximate: frozenset[int]
    """Calls for which some time is a straight-line estimate."""

    def arrivals(self, now: datetime) -> dict[int, datetime]:
        """When each team on its way is expected, as the plan reckons."""
        column = {team.id: index for index, team in enumerate(self.state.teams)}
        found = {}
        for row, call in enumerate(self.state.calls):
            if call.team_id in column:
                index = column[call.team_id]
                seconds = self.state.teams[index].ready_s + float(self.state.travel_s[row, index])
                if np.isfinite(seconds):
                    found[call.team_id] = now + timedelta(seconds=seconds)
        return found


def optimiser_settings(row: AdviceSettings) -> OptimiserSettings:
    """The administrator's figures over the safe defaults."""
    first, second, third = row.weights
    return OptimiserSettings(
        weights=(first, second, third),
        late_s=row.late_s,
        switch_s=row.switch_s,
        near_patient_s=row.near_patient_s,
        equal_gain_s=row.equal_gain_s,
        max_switches=row.max_switches,
    )


def wanted_profiles(required: str | None) -> frozenset[str]:
    """Profiles without a penalty: the one wished and, of the general ones, the stronger. Empty: any."""
    if required is None:
        return frozenset()
    if required not in GENERAL:
        return frozenset({required})
    return frozenset(GENERAL[GENERAL.index(required) :])


def place_of(team: AnyRow) -> Point | None:
    """The latest fix, else the team's station."""
    return fix_of(team) or station_of(team)


def fix_of(team: AnyRow) -> Point | None:
    """The latest fix."""
    return None if team.lat is None else Point(team.lat, team.lon)


def station_of(team: AnyRow) -> Point | None:
    """Where its station is."""
    return None if team.station_lat is None else Point(team.station_lat, team.station_lon)


def set_off_s(team: AnyRow) -> float:
    """Turnout of a team that is free, as far as one can tell."""
    return turnout_s(fix_of(team), station_of(team))


def as_team(team: AnyRow, work: AnyRow | None, now: datetime, *, leads: bool) -> Team | None:
    """The team as the optimiser sees it; None when it is out of the question now.

    `leads`: its assignment is the one that its call waits for (a second team sent beside it is not touched).
    """
    turnout = set_off_s(team)
    age_s = None if team.position_at is None else (now - team.position_at).total_seconds()
    price = standing_price_s(team.shift_end, age_s, now)
    if work is None:
        blocked = None
        if team.on_break_since is not None:
            blocked = "on_break"
        elif place_of(team) is None:
            blocked = "no_position"
        return Team(team.id, team.profile, Stage.FREE, turnout, price, blocked)
    if work.status in BEFORE_PATIENT and leads:
        waiting = work.status != "en_route"
        since = (now - work.assigned_at).total_seconds()
        return Team(
            team.id, team.profile, Stage.EN_ROUTE, max(0.0, turnout - since) if waiting else 0.0, price
        )
    if work.status == "at_hospital" and work.at_hospital_at is not None:
        rest = handover_rest_s(work.at_hospital_at, now)
        return Team(team.id, team.profile, Stage.SOON_FREE, rest, price) if rest <= SOON_S else None
    return None


async def take(session: AsyncSession, roads: Router, now: datetime) -> Picture:
    """Read the rows and ask the roads. Calls that a team has reached, or without a point, are not part of it."""
    calls = await repository.open_calls(session)
    rows = await repository.teams(session, now)
    work = await repository.active_assignments(session)
    norms = DEFAULT_NORMS_S | await repository.norms_s(session)
    switches = await repository.diversions(session, [call.id for call in calls])
    by_call: dict[int, list[AnyRow]] = {}
    for assignment in work:
        by_call.setdefault(assignment.call_id, []).append(assignment)
    unreached = [c for c in calls if all(a.status in BEFORE_PATIENT for a in by_call.get(c.id, []))]
    lead = {c.id: by_call[c.id][0] for c in unreached if c.id in by_call}
    by_team = {assignment.team_id: assignment for assignment in work}
    leading = {assignment.id for assignment in lead.values()}

    teams: list[Team] = []
    for row in rows:
        own = by_team.get(row.id)
        team = as_team(row, own, now, leads=own is not None and own.id in leading)
        if team is not None:
            teams.append(team)
    known = {row.id: row for row in rows}
    present = {team.id for team in teams}
    open_calls = [
        OpenCall(
            call.id,
            Criticality.of(call.criticality),
            (now - call.received_at).total_seconds(),
            norms[call.criticality],
            wanted_profiles(call.required_profile),
            None,
            lead[call.id].team_id if call.id in lead and lead[call.id].team_id in present else None,
            switches.get(call.id, 0),
        )
        for call in unreached
        if call.id not in lead or lead[call.id].team_id in present
    ]
    asked = {call.id: call for call in unreached}
    places = [place_of(known[team.id]) for team in teams]
    travel, price, approximate = await _travel(roads, [asked[c.id] for c in open_calls], places, now)
    return Picture(DispatchState(open_calls, teams, travel, price), asked, known, approximate)


type _Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]


async def _travel(
    roads: Router, calls: Sequence[AnyRow], places: Sequence[Point | None], now: datetime
) -> tuple[_Matrix, _Matrix, frozenset[int]]:
    """Road seconds `[call, team]`, `inf` from an unknown place; the price of a way without a road on the map."""
    travel, price = np.full((len(calls), len(places)), np.inf), np.zeros((len(calls), len(places)))
    origins = [place for place in places if place is not None]
    columns = [index for index, place in enumerate(places) if place is not None]
    approximate = set()
    for row, call in enumerate(calls):
        if not origins:
            break
        reaches = await roads.table(origins, Point(call.lat, call.lon), Profile.EMERGENCY, now)
        travel[row, columns] = [reach.duration_s for reach in reaches]
        price[row, columns] = [UNREACHABLE_PRICE_S * (reach.estimate is Why.UNREACHABLE) for reach in reaches]
        if any(reach.estimate is not None for reach in reaches):
            approximate.add(call.id)
    return travel, price, frozenset(approximate)
