"""SQL of the replay: calls that were open in a stretch of time, their entries of the log, the tracks of all teams."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.calls.models import Call
from brigada.db.engine import Database
from brigada.journal.repository import number_at
from brigada.positions.fixes import Flag
from brigada.teams.models import Team

LOOK_BACK = timedelta(hours=24)
"""How long before the stretch a call may have been received, a break begun, a car parked: longer than any shift."""

_OF_CALLS = """
    SELECT seq, at, kind, actor_kind, actor_name, call_id, data, old FROM events
    WHERE call_id = ANY($1) AND (kind LIKE 'call.%' OR kind LIKE 'assignment.%')
      AND kind NOT IN ('assignment.arrival', 'assignment.route')
      AND at >= $2 AND (at < $3 OR kind = 'call.updated')
    ORDER BY seq LIMIT $4
"""
_OF_TEAMS = """
    SELECT seq, at, kind, actor_kind, actor_name, call_id, data, old FROM events
    WHERE kind IN ('team.break_started', 'team.break_ended') AND seq >= $1 AND at < $2
    ORDER BY seq LIMIT $3
"""
_ENDS = "SELECT min(seq) AS first, max(seq) AS last FROM events"
_TRACKS = """
    SELECT DISTINCT ON (team_id, date_bin($4, at, $2)) team_id, at, lat_e7, lon_e7 FROM positions
    WHERE team_id = ANY($1) AND at >= $2 AND at < $3 AND flags & $5 = 0
    ORDER BY team_id, date_bin($4, at, $2), at
"""
_BEFORE = """
    SELECT wanted.id AS team_id, found.at, found.lat_e7, found.lon_e7
    FROM unnest($1::int[]) AS wanted(id), LATERAL (
        SELECT at, lat_e7, lon_e7 FROM positions
        WHERE team_id = wanted.id AND at >= $2 AND at < $3 AND flags & $4 = 0 ORDER BY at DESC LIMIT 1
    ) AS found
"""
_DOUBTFUL = int(Flag.POOR | Flag.JUMP)


async def calls_open_between(session: AsyncSession, since: datetime, until: datetime, most: int) -> list[int]:
    """Return the calls that were open at some moment of the stretch, the latest received first."""
    query = (
        select(Call.id)
        .where(Call.received_at >= since - LOOK_BACK, Call.received_at < until)
        .where((Call.closed_at.is_(None)) | (Call.closed_at > since))
        .order_by(Call.received_at.desc())
        .limit(most)
    )
    return list((await session.execute(query)).scalars())


async def teams_between(session: AsyncSession, since: datetime, until: datetime, most: int) -> list[int]:
    """Return the teams whose shift lay over some moment of the stretch."""
    query = (
        select(Team.id)
        .where(Team.shift_start < until, text("coalesce(teams.ended_at, teams.shift_end) > :since"))
        .params(since=since)
        .order_by(Team.id.desc())
        .limit(most)
    )
    return list((await session.execute(query)).scalars())


async def entries(
    database: Database, call_ids: Sequence[int], since: datetime, until: datetime, most: int
) -> list[asyncpg.Record]:
    """Return what the log tells of these calls in the stretch, their later changes, and of teams' breaks until its end.

    A later change is needed because it names the old values: by them the present call is led back to what it was.
    """
    found = list(await database.fetch_all(_OF_CALLS, list(call_ids), since, until, most))
    ends = await database.fetch_one(_ENDS)
    if ends is not None and ends["first"] is not None:
        first = await number_at(database, since - LOOK_BACK, ends["first"], ends["last"])
        found += await database.fetch_all(_OF_TEAMS, first, until, most)
    return found


async def fixes(
    database: Database, team_ids: Sequence[int], since: datetime, until: datetime, step: timedelta
) -> list[asyncpg.Record]:
    """Return a fix of each team for each `step` of time, and the last one before the stretch."""
    teams = list(team_ids)
    before = await database.fetch_all(_BEFORE, teams, since - LOOK_BACK, since, _DOUBTFUL)
    return [*before, *await database.fetch_all(_TRACKS, teams, since, until, step, _DOUBTFUL)]
