"""SQL of the latest fixes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.cars.models import LatestPosition
from brigada.teams.models import Team


async def latest(session: AsyncSession, team_ids: Sequence[int] | None) -> list[dict[str, Any]]:
    """Return the latest fix of each living team's car (of these teams only, when given)."""
    query = (
        select(
            Team.id.label("team_id"), Team.car_id, LatestPosition.lat, LatestPosition.lon, LatestPosition.at,
            LatestPosition.received_at, LatestPosition.accuracy_m, LatestPosition.speed_mps,
            LatestPosition.heading_deg, LatestPosition.source,
        )
        .join(LatestPosition, LatestPosition.car_id == Team.car_id)
        .where(Team.ended_at.is_(None))
    )  # fmt: skip
    if team_ids is not None:
        query = query.where(Team.id.in_(team_ids))
    return [dict(row) for row in (await session.execute(query)).mappings()]
