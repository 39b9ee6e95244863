"""What cars drive, counted from their positions hour by hour: tracks are forgotten, kilometres are not.

1. Each turn of the leader counts anew from the hour before the last one counted up to now: an hour that is not over is
   counted again until it is. 2. The first turn of a day (UTC) counts the two days before it once more, so that what
phones sent late is in. 3. A count replaces the one before it, so that a turn done twice does no harm.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import text

from brigada.db.leader import Chore
from brigada.positions.fixes import Flag
from brigada.state import State

EVERY_S: Final = 600.0
STEP: Final = timedelta(hours=6)
"""Counted in one statement: of 100 cars 430,000 points, about a second of PostgreSQL."""
AGAIN: Final = timedelta(days=2)
LONGEST_GAP: Final = timedelta(minutes=30)
"""Between two fixes; the straight line over a longer silence says nothing of the way."""
SLOWEST_MPS: Final = 1.0
"""What moves more slowly stands: receivers at rest wander by some 20 metres a minute."""

_FIRST = text("SELECT min(at) FROM positions")
_LAST = text("SELECT max(hour) FROM car_mileage")
_COUNT = text(
    """
    INSERT INTO car_mileage (car_id, team_id, hour, metres, counted_at)
    SELECT car_id, team_id, date_trunc('hour', at, 'UTC'), sum(leg), clock_timestamp()
    FROM (
        SELECT car_id, coalesce(team_id, 0) AS team_id, at,
            extract(epoch FROM at - lag(at) OVER way) AS seconds,
            111195.08 * sqrt(
                power((lat_e7 - lag(lat_e7) OVER way) / 1e7, 2)
                + power((lon_e7 - lag(lon_e7) OVER way) / 1e7 * cos(radians(lat_e7 / 1e7)), 2)
            ) AS leg
        FROM positions
        WHERE at >= CAST(:start AS timestamptz) - CAST(:gap AS interval) AND at < :end AND flags & :doubtful = 0
        WINDOW way AS (PARTITION BY car_id ORDER BY at)
    ) legs
    WHERE at >= :start AND seconds > 0 AND seconds <= extract(epoch FROM CAST(:gap AS interval))
        AND leg BETWEEN :slowest * seconds AND :fastest * seconds
    GROUP BY 1, 2, 3
    ON CONFLICT (car_id, hour, team_id) DO UPDATE SET metres = excluded.metres, counted_at = excluded.counted_at
    WHERE abs(car_mileage.metres - excluded.metres) > 0.5
    """
)
"""Metres between neighbouring good fixes of a car, each counted in the hour of its end. The plane that touches the
earth errs by parts in ten thousand over the some hundred metres between two fixes."""


class Mileage:
    """Counts what was driven; remembers only for which day the days before it were counted again."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._again_for: date | None = None

    def chore(self) -> Chore:
        """Return the counting that is repeated."""
        return Chore("mileage", EVERY_S, self.count)

    async def count(self) -> None:
        """Count up to now."""
        now = self._state.clock.now()
        start = await self._begin(now)
        if start is None:
            return
        while start < now:
            end = min(start + STEP, now)
            async with self._state.unit_of_work() as uow:
                await uow.session.execute(
                    _COUNT,
                    {
                        "start": start, "end": end, "gap": LONGEST_GAP, "slowest": SLOWEST_MPS,
                        "fastest": self._state.settings.position_fastest_kmh / 3.6,
                        "doubtful": int(Flag.POOR | Flag.JUMP),
                    },
                )  # fmt: skip
                await uow.commit()
            start = end
        self._again_for = now.astimezone(UTC).date()

    async def _begin(self, now: datetime) -> datetime | None:
        async with self._state.database.read() as session:
            first: datetime | None = (await session.execute(_FIRST)).scalar_one()
            last: datetime | None = (await session.execute(_LAST)).scalar_one()
        if first is None:
            return None
        first = first.replace(minute=0, second=0, microsecond=0)
        if last is None:
            return first
        day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        again = last - timedelta(hours=1) if self._again_for == day.date() else min(last, day) - AGAIN
        return max(first, again)
