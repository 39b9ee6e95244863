"""Whose a fix is: the team that had the car, or the worker, at the moment of the fix.

A phone that was without a network over the change of shifts sends the evening's fixes in the morning, when its owner is
on another team in another car; a tracker stays in its car while teams come and go.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from brigada.db.engine import Database

if TYPE_CHECKING:
    import asyncpg

EARLY = timedelta(hours=1)
"""A crew takes over its car before the shift, and is often written down after it began to drive."""

_EVER = datetime(9999, 1, 1, tzinfo=UTC)


class Stint(NamedTuple):
    """A time for which a car was a team's, and a worker on it; `team_id` is None for a car without a team.

    `since` is when it was written down, `early` when it may have begun in truth.
    """

    team_id: int | None
    car_id: int
    since: datetime
    early: datetime
    until: datetime


Whose = Callable[[datetime], Stint | None]
"""Says whose a fix of that moment is; None when nobody was on duty."""

_OF_WORKER = """
    SELECT t.id AS team_id, t.car_id, m.joined_at AS since, least(m.joined_at, t.shift_start) AS early,
           coalesce(m.left_at, t.ended_at) AS until
    FROM team_members m JOIN teams t ON t.id = m.team_id
    WHERE m.user_id = $1 AND coalesce(m.left_at, t.ended_at, 'infinity') > $2
    ORDER BY m.joined_at
"""
_OF_CAR = """
    SELECT t.id AS team_id, t.car_id, t.created_at AS since, least(t.created_at, t.shift_start) AS early,
           t.ended_at AS until
    FROM teams t WHERE t.car_id = $1 AND coalesce(t.ended_at, 'infinity') > $2
    ORDER BY t.created_at
"""


async def of_worker(database: Database, user_id: int, oldest: datetime) -> list[Stint]:
    """Return where a worker was since a moment, the earliest first."""
    return [_stint(row) for row in await database.fetch_all(_OF_WORKER, user_id, oldest)]


async def of_car(database: Database, car_id: int, oldest: datetime) -> list[Stint]:
    """Return the teams that had a car since a moment, the earliest first."""
    return [_stint(row) for row in await database.fetch_all(_OF_CAR, car_id, oldest)]


def _stint(row: "asyncpg.Record") -> Stint:
    return Stint(row["team_id"], row["car_id"], row["since"], row["early"] - EARLY, row["until"] or _EVER)


def nobodys(car_id: int) -> Stint:
    """Return a car without a team."""
    return Stint(None, car_id, _EVER, _EVER, _EVER)


def now_with(car_id: int, team_id: int | None) -> Whose:
    """Return the rule for fixes of this moment: they are of whoever has the car now."""
    stint = Stint(team_id, car_id, _EVER, _EVER, _EVER)
    return lambda _: stint


def among(stints: Sequence[Stint], *, otherwise: Stint | None = None) -> Whose:
    """Return the rule that finds the stint of a moment: the latest one begun by then, else one that began early."""
    latest_first = stints[::-1]

    def whose(at: datetime) -> Stint | None:
        for stint in latest_first:
            if stint.since <= at < stint.until:
                return stint
        return next((stint for stint in stints if stint.early <= at < stint.until), otherwise)

    return whose
