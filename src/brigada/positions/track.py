"""Where a team was between two moments, with the steps of its assignments."""

import asyncio
from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from brigada.assignments.models import Assignment
from brigada.assignments.rules import STEPS
from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.db.engine import Database, ReadSession
from brigada.errors import Invalid, NotFound
from brigada.positions.fixes import Flag, Source
from brigada.positions.simplify import kept_indices
from brigada.teams.models import Team
from brigada.teams.repository import living_team_of_worker

if TYPE_CHECKING:
    import asyncpg

LONGEST = timedelta(days=2)
"""One answer at the most: 34,560 fixes, one in five seconds, of about 100 bytes."""
USUAL = timedelta(hours=1)
DRAWN_WITHIN_M = 5.0
"""A drawn track may be off by this much: less than a lane and than the receiver itself."""

_TRACK = """
    SELECT at, delay_ms, lat_e7, lon_e7, accuracy_dm, speed_cmps, heading_deg, source, flags
    FROM positions WHERE team_id = $1 AND at >= $2 AND at < $3 ORDER BY at, source, delay_ms
"""


async def check_access(session: ReadSession, principal: Principal, team_id: int) -> Team:
    """Return the team, which may have ended.

    Raises:
        NotFound: absent, or a worker asks for another team.
    """
    team = await session.get(Team, team_id)
    if team is None:
        raise NotFound
    if (
        not principal.may(Permission.POSITIONS_READ)
        and await living_team_of_worker(session, principal.id) != team_id
    ):
        raise NotFound
    return team


def window(since: datetime | None, until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """Return the moments between which a track was asked for: the last hour when nothing was said.

    Raises:
        Invalid: the end is not after the beginning, or they are more than two days apart.
    """
    to = until or (since + USUAL if since else now)
    start = since or to - USUAL
    if not start < to <= start + LONGEST:
        raise Invalid.field(
            "query", "to", code="range", ru="Конец — позже начала, не больше двух суток.",
            en="The end comes after the beginning, at most two days later.",
        )  # fmt: skip
    return start, to


async def points(database: Database, team_id: int, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Return every fix of the team's car, by the time of the fix, as it was stored.

    Two days of one fix in five seconds take about 0.1 s to put together, in a thread, so that nobody waits for it.
    """
    rows = await database.fetch_all(_TRACK, team_id, since, until)
    return await asyncio.to_thread(_points_of, rows)


def _points_of(rows: Sequence["asyncpg.Record"]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    before: tuple[datetime, int] | None = None
    for at, delay_ms, lat_e7, lon_e7, accuracy, speed, heading, source, flags in rows:
        key = (at, source)
        if key == before:  # two processes stored the same batch at once
            continue
        before = key
        found.append(
            {
                "at": at,
                "lat": lat_e7 / 1e7,
                "lon": lon_e7 / 1e7,
                "accuracy_m": None if accuracy is None else accuracy / 10,
                "speed_mps": None if speed is None else speed / 100,
                "heading_deg": heading,
                "source": _word(source),
                "delay_s": delay_ms / 1000,
                "marks": _marks(flags),
            }
        )
    return found


@cache
def _word(source: int) -> str:
    return Source(source).word


@cache
def _marks(flags: int) -> tuple[str, ...]:
    return tuple(str(flag.name).lower() for flag in Flag if flag & flags)


def drawn(found: Sequence[dict[str, Any]], tolerance_m: float) -> list[dict[str, Any]]:
    """Return the points that a line on the map needs: jumps left out, the rest simplified."""
    good = [point for point in found if "jump" not in point["marks"]]
    kept = kept_indices(
        [point["lat"] for point in good],
        [point["lon"] for point in good],
        [point["at"].timestamp() for point in good],
        tolerance_m,
    )
    return [good[index] for index in kept]


async def steps(
    session: ReadSession, team_id: int, since: datetime, until: datetime, found: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the steps that the team took between two moments, each with the place where the track has it."""
    query = (
        select(Assignment)
        .where(
            Assignment.team_id == team_id,
            Assignment.assigned_at < until,
            or_(Assignment.ended_at.is_(None), Assignment.ended_at >= since),
        )
        .order_by(Assignment.assigned_at)
    )
    taken = [
        {
            "assignment_id": assignment.id,
            "call_id": assignment.call_id,
            "step": step,
            "at": at,
            "location": _place_at(at, found),
        }
        for assignment in (await session.scalars(query)).all()
        for step in ("assigned", *STEPS)
        if (at := getattr(assignment, f"{step}_at")) is not None and since <= at < until
    ]
    return sorted(taken, key=lambda step: step["at"])


NEAR = timedelta(seconds=60)
"""A step further than this from any fix has no place: the car may have been anywhere."""


def _place_at(at: datetime, found: Sequence[dict[str, Any]]) -> dict[str, float] | None:
    """Return where the fix nearest in time was; `found` is in the order of times."""
    place = bisect_left(found, at, key=_time)
    nearest = min(found[max(0, place - 1) : place + 1], key=lambda point: abs(point["at"] - at), default=None)
    if nearest is None or abs(nearest["at"] - at) > NEAR:
        return None
    return {"lat": nearest["lat"], "lon": nearest["lon"]}


def _time(point: dict[str, Any]) -> datetime:
    at: datetime = point["at"]
    return at
