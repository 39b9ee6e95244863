"""Steps that the positions told of and nobody has reported yet."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_PENDING = text(
    """
    SELECT s.assignment_id, a.team_id, s.step, s.at, s.noticed_at, s.distance_m
    FROM gps_steps s JOIN assignments a ON a.id = s.assignment_id
    WHERE a.ended_at IS NULL AND (CAST(:team_id AS bigint) IS NULL OR a.team_id = :team_id)
      AND CASE s.step WHEN 'en_route' THEN a.en_route_at WHEN 'on_scene' THEN a.on_scene_at
               ELSE a.at_hospital_at END IS NULL
    ORDER BY s.noticed_at
    """
)


async def pending_steps(session: AsyncSession, team_id: int | None = None) -> list[dict[str, Any]]:
    """Return them for every assignment that goes on, or a team's: a screen that has just opened heard no event."""
    return [dict(row) for row in (await session.execute(_PENDING, {"team_id": team_id})).mappings()]
