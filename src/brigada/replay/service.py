"""Puts the past together: a picture of each second can be made from what is answered, without another question."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec

from brigada.calls.repository import views as call_views
from brigada.db.engine import Database, ReadSession
from brigada.errors import Invalid
from brigada.positions.rules import PARKED_EVERY
from brigada.replay import repository
from brigada.teams.repository import views as team_views

LONGEST = timedelta(hours=2)
MOST_CALLS = 2_000
MOST_TEAMS = 2_000
MOST_ENTRIES = 20_000
MOST_FIXES = 120_000
"""About 3 MB. Twelve hundred cars for an hour get a fix each 36 s, forty cars each one that was kept."""
FINEST = timedelta(seconds=5)
# What nobody needs in order to see how a call was dealt with.
_PRIVATE = frozenset({"patient", "caller_phone", "caller_name", "comment", "external_id", "reject_comment"})


def stretch(since: datetime, until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """Return the stretch asked for: an hour when no end was said, never beyond now.

    Raises:
        Invalid: it is empty, lies ahead, or is longer than two hours.
    """
    to = min(until or since + timedelta(hours=1), now)
    if not since < to <= since + LONGEST:
        raise Invalid.field(
            "query", "to", code="range", ru="Конец — позже начала, не больше двух часов, не в будущем.",
            en="The end comes after the beginning, at most two hours later, not in the future.",
        )  # fmt: skip
    return since, to


async def past(
    database: Database, session: ReadSession, since: datetime, until: datetime, now: datetime
) -> dict[str, Any]:
    """Return calls, teams, entries of the log and tracks of a stretch of time; no patient and no caller."""
    call_ids = await repository.calls_open_between(session, since, until, MOST_CALLS)
    team_ids = await repository.teams_between(session, since, until, MOST_TEAMS)
    calls = await call_views(session, call_ids)
    entries = await repository.entries(database, call_ids, since, until, MOST_ENTRIES)
    step = step_for(len(team_ids), until - since)
    fixes = await repository.fixes(database, team_ids, since, until, step)
    return {
        "since": since,
        "until": until,
        "calls": [_without_people(call) for call in calls],
        "teams": await team_views(session, team_ids, now),
        "events": [_shown(row) for row in entries],
        "tracks": _tracks(fixes, since),
        "step_s": step.total_seconds(),
        "parked_every_s": PARKED_EVERY.total_seconds(),
        "complete": len(call_ids) < MOST_CALLS and len(team_ids) < MOST_TEAMS and len(entries) < MOST_ENTRIES,
    }


def step_for(teams: int, length: timedelta) -> timedelta:
    """Return how far apart fixes may lie so that the answer stays within its size."""
    seconds = math.ceil(teams * length.total_seconds() / MOST_FIXES)
    return max(FINEST, timedelta(seconds=seconds))


def _tracks(fixes: Iterable[asyncpg.Record], since: datetime) -> list[dict[str, Any]]:
    """Seconds from the beginning of the stretch (below 0: before it), latitude and longitude, for each team."""
    found: dict[int, list[tuple[float, float, float]]] = {}
    for row in fixes:
        seconds = round((row["at"] - since).total_seconds(), 1)
        found.setdefault(row["team_id"], []).append((seconds, row["lat_e7"] / 1e7, row["lon_e7"] / 1e7))
    return [{"team_id": team_id, "fixes": sorted(points)} for team_id, points in found.items()]


def _shown(row: asyncpg.Record) -> dict[str, Any]:
    data, old = msgspec.json.decode(row["data"]), msgspec.json.decode(row["old"])
    return {
        "seq": row["seq"],
        "at": row["at"],
        "kind": row["kind"],
        "actor": {"kind": row["actor_kind"], "name": row["actor_name"]},
        "call_id": row["call_id"],
        "data": _entities_without_people(data),
        "old": _entities_without_people(old),
    }


def _without_people(entity: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entity.items() if name not in _PRIVATE}


def _entities_without_people(data: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without_people(value) if isinstance(value, dict) else value for name, value in data.items()
    }
