"""Asks the roads about all teams at once and ranks them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from brigada.db.base import AnyRow
from brigada.dispatch.candidates import repository
from brigada.dispatch.candidates.errors import CallHasNoPlace
from brigada.dispatch.candidates.ranking import GOING, Asked, Candidate, Standing, rank
from brigada.dispatch.candidates.repository import Living
from brigada.dispatch.candidates.words import in_words
from brigada.dispatch.readiness import SOON_S, handover_rest_s, turnout_s
from brigada.errors import Language, NotFound
from brigada.kit.geo import Point, distances_m
from brigada.regions.live import Loaded
from brigada.routing.port import Profile, Reach, Why
from brigada.routing.straight_line import StraightLine
from brigada.settings import Settings
from brigada.teams.rules import on_shift

NEAREST_ASKED = 100
"""Teams whose road is asked for, the nearest by the straight line: 4 to 17 ms of CPU on the graphs of a town, a
country and a large city, where 300 took 12, 30 and 48. Farther ones get a marked estimate."""

HEAD = 10
"""Teams that a dispatcher looks at: none of the first so many by road is passed by a team whose road is guessed."""

NEAREST_ASKED_AT_ASSIGNMENT = 40
"""When a team is sent, the advice is worked out anew to be recorded; the first by road is among so many nearest
by the straight line, and their table takes 2 to 6 ms."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What the advice was at the moment of an assignment, to be kept beside it."""

    first_team_id: int | None
    cost_s: float | None
    """Seconds by which the advised team would have been sooner; negative: the dispatcher's was quicker."""
    eta_s: float | None


NO_ADVICE = Advice(None, None, None)


async def candidates(
    session: AsyncSession, region: Loaded, call_id: int, now: datetime, limit: int
) -> list[Candidate]:
    """The first of all living teams in order.

    Raises:
        NotFound: no such call.
        CallHasNoPlace: its point is unknown.
    """
    call, place = await _call(session, call_id)
    teams = await repository.living_teams(session)
    asked = await _asked(teams, place, region, now)
    return rank(asked, call.required_profile, now, first=limit)


async def advice_for(
    session: AsyncSession, region: Loaded, *, call_id: int, team_id: int, now: datetime
) -> Advice:
    """What to record beside an assignment of this team; nothing where the call or the place is unknown."""
    try:
        call, place = await _call(session, call_id)
    except (NotFound, CallHasNoPlace):
        return NO_ADVICE
    near = await repository.near_teams(
        session, place, limit=NEAREST_ASKED_AT_ASSIGNMENT, team_id=team_id, now=now
    )
    asked = await _asked(near, place, region, now)
    ranked = [c for c in rank(asked, call.required_profile, now, explained=False) if c.possible]
    chosen = next((c for c in ranked if c.asked.team_id == team_id), None)
    if not ranked or chosen is None or chosen.eta_s is None or ranked[0].eta_s is None:
        return Advice(ranked[0].asked.team_id if ranked else None, None, None)
    return Advice(ranked[0].asked.team_id, round(chosen.eta_s - ranked[0].eta_s, 1), round(chosen.eta_s, 1))


def shown(candidate: Candidate, language: Language, settings: Settings) -> dict[str, Any]:
    """A candidate as the API shows it."""
    team = candidate.asked
    return {
        "team_id": team.team_id,
        "name": team.name,
        "profile": team.profile,
        "possible": candidate.possible,
        "standing": team.standing.value,
        "fit": candidate.fit.value,
        "suitable": candidate.possible,
        "eta_s": None if candidate.eta_s is None else round(candidate.eta_s, 1),
        "drive_s": None if team.drive_s is None else round(team.drive_s, 1),
        "free_in_s": round(team.free_in_s, 1),
        "distance_m": None if team.distance_m is None else round(team.distance_m),
        "approximate": team.estimate is not None,
        "shift_end": team.shift_end,
        "position_age_s": None if team.position_age_s is None else round(team.position_age_s, 1),
        "reasons": [
            {
                "code": reason.code.value,
                "data": reason.data,
                "text": in_words(reason, language, settings.zone),
            }
            for reason in candidate.reasons
        ],
    }


async def _call(session: AsyncSession, call_id: int) -> tuple[AnyRow, Point]:
    call = await repository.call_in_question(session, call_id)
    if call is None:
        raise NotFound
    if call.lat is None:
        raise CallHasNoPlace
    return call, Point(call.lat, call.lon)


async def _asked(teams: Sequence[Living], place: Point, region: Loaded, now: datetime) -> list[Asked]:
    """Every team with its road to the place; one question to the roads for all who could go."""
    standings = [_standing(row, now) for row in teams]
    points = [_place(row) for row in teams]
    able = [
        (n, point)
        for n, (standing, point) in enumerate(zip(standings, points, strict=True))
        if point is not None and standing in GOING
    ]
    straight = distances_m([point for _, point in able], place)
    going = sorted((metres, n, point) for metres, (n, point) in zip(straight, able, strict=True))
    near, far = going[:NEAREST_ASKED], going[NEAREST_ASKED:]
    reaches = await _by_road(near, place, region, now)
    estimate = StraightLine(why=Why.NOT_ASKED)
    guessed = {n: estimate.over(metres, Profile.EMERGENCY) for metres, n, _ in far}
    # A guess knows no river: no team may come before one whose road was asked for because its own was not.
    times = sorted(reach.duration_s for reach in reaches.values())
    rivals = [item for item in far if guessed[item[1]].duration_s < times[min(HEAD, len(times)) - 1]]
    reaches = guessed | reaches | await _by_road(rivals[:NEAREST_ASKED], place, region, now)
    return [_team(row, standings[n], points[n], reaches.get(n), now) for n, row in enumerate(teams)]


async def _by_road(
    going: Sequence[tuple[float, int, Point]], place: Point, region: Loaded, now: datetime
) -> dict[int, Reach]:
    """Road times by the number of the team in the list."""
    if not going:
        return {}
    table = await region.roads.table([point for _, _, point in going], place, Profile.EMERGENCY, now)
    return {n: reach for (_, n, _), reach in zip(going, table, strict=True)}


def _team(row: Living, standing: Standing, point: Point | None, reach: Reach | None, now: datetime) -> Asked:
    fix = None if row.lat is None else point
    return Asked(
        team_id=row.id,
        name=row.name,
        profile=row.profile,
        standing=standing,
        shift_end=row.shift_end,
        drive_s=reach.duration_s if reach else None,
        distance_m=reach.distance_m if reach else None,
        estimate=reach.estimate if reach else None,
        free_in_s=handover_rest_s(row.at_hospital_at, now) if standing is Standing.SOON_FREE else 0.0,
        turnout_s=turnout_s(fix, _station(row)) if standing is Standing.FREE else 0.0,
        position_age_s=None if row.position_at is None else max(0.0, (now - row.position_at).total_seconds()),
    )


def _standing(row: Living, now: datetime) -> Standing:
    if row.assignment_id is not None:
        soon = (
            row.work == "at_hospital"
            and handover_rest_s(row.at_hospital_at, now) <= SOON_S
            and row.on_break_since is None
            and on_shift(row, now)
            and row.serviceability == "in_service"
        )
        return Standing.SOON_FREE if soon else Standing.BUSY
    if not on_shift(row, now):
        return Standing.OFF_SHIFT
    if row.on_break_since is not None:
        return Standing.ON_BREAK
    return Standing.FREE if row.serviceability == "in_service" else Standing.CAR_OUT


def _place(row: Living) -> Point | None:
    """Where the car was last seen, else its station."""
    return _fix(row) or _station(row)


def _fix(row: Living) -> Point | None:
    return Point(row.lat, row.lon) if row.lat is not None and row.lon is not None else None


def _station(row: Living) -> Point | None:
    if row.station_lat is None or row.station_lon is None:
        return None
    return Point(row.station_lat, row.station_lon)
