"""SQL of attention."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.attention.models import Attention, AttentionRule
from brigada.attention.rules import Finding, OpenCall, Raised, Rule, Work
from brigada.db.engine import WriteSession

_CALLS = text(
    """
    SELECT c.id, c.criticality, c.status, c.received_at,
           EXISTS (SELECT 1 FROM assignments a WHERE a.call_id = c.id AND a.on_scene_at IS NOT NULL) AS reached,
           (SELECT min(n.target_s) FROM norms n WHERE n.active AND n.criticality = c.criticality
               AND n.clock_start = 'received' AND n.clock_stop = 'on_scene' AND n.statistic = 'share') AS norm_s
    FROM calls c WHERE c.status IN ('new', 'accepted')
    """
)
_WORKS = text(
    """
    SELECT a.id AS assignment_id, a.call_id, a.team_id, c.criticality, a.status, a.assigned_at,
           coalesce(CASE a.status WHEN 'acknowledged' THEN a.acknowledged_at WHEN 'en_route' THEN a.en_route_at
                        WHEN 'on_scene' THEN a.on_scene_at WHEN 'transporting' THEN a.transporting_at
                        WHEN 'at_hospital' THEN a.at_hospital_at END, a.assigned_at) AS since,
           p.at AS position_at, t.shift_end
    FROM assignments a JOIN calls c ON c.id = a.call_id JOIN teams t ON t.id = a.team_id
         LEFT JOIN car_positions p ON p.car_id = t.car_id
    WHERE a.ended_at IS NULL
    """
)
_COLUMNS = (
    Attention.id, Attention.rule, Attention.call_id, Attention.assignment_id, Attention.team_id, Attention.since,
    Attention.raised_at, Attention.level, Attention.escalated_at, Attention.acknowledged_at,
    Attention.acknowledged_by, Attention.ended_at, Attention.car_id, Attention.car_number, Attention.lat,
    Attention.lon, Attention.place_at,
)  # fmt: skip
_NAMES = tuple(column.key for column in _COLUMNS)


def view(attention: Attention) -> dict[str, Any]:
    """Return one as the API shows it."""
    return _shown({name: getattr(attention, name) for name in _NAMES})


def _shown(shown: dict[str, Any]) -> dict[str, Any]:
    lat, lon = shown.pop("lat"), shown.pop("lon")
    return {**shown, "location": None if lat is None else {"lat": lat, "lon": lon}}


async def active_rules(session: AsyncSession) -> dict[str, Rule]:
    query = select(AttentionRule).where(AttentionRule.active)
    return {
        row.code: Rule(row.code, row.condition, row.criticality, row.after_s, row.escalate_s)
        for row in (await session.scalars(query)).all()
    }


async def rules(session: AsyncSession) -> list[dict[str, Any]]:
    """Return all rules as the API shows them."""
    query = select(AttentionRule).order_by(AttentionRule.condition, AttentionRule.after_s, AttentionRule.code)
    return [rule_view(row) for row in (await session.scalars(query)).all()]


def rule_view(rule: AttentionRule) -> dict[str, Any]:
    names = (
        "code", "condition", "criticality", "after_s", "escalate_s", "title_ru", "title_en", "active", "version"
    )  # fmt: skip
    return {name: getattr(rule, name) for name in names}


async def situation(session: AsyncSession) -> tuple[list[OpenCall], list[Work]]:
    """Return the open calls and the teams at work."""
    calls = [OpenCall(**row) for row in (await session.execute(_CALLS)).mappings()]
    works = [Work(**row) for row in (await session.execute(_WORKS)).mappings()]
    return calls, works


async def still_raised(session: AsyncSession) -> list[Raised]:
    query = select(Attention).where(Attention.ended_at.is_(None))
    return [
        Raised(row.id, row.rule, row.subject, row.raised_at, row.level, row.acknowledged_at is not None)
        for row in (await session.scalars(query)).all()
    ]


async def open_items(session: AsyncSession) -> list[dict[str, Any]]:
    """Return what is not over, the oldest first."""
    query = select(*_COLUMNS).where(Attention.ended_at.is_(None)).order_by(Attention.raised_at, Attention.id)
    return [_shown(dict(row)) for row in (await session.execute(query)).mappings()]


async def lock(session: WriteSession, ids: Sequence[int]) -> Sequence[Attention]:
    """Lock those of these that are not over, by number."""
    query = (
        select(Attention)
        .where(Attention.id.in_(ids), Attention.ended_at.is_(None))
        .order_by(Attention.id)
        .with_for_update()
    )
    return (await session.scalars(query)).all()


def of(finding: Finding, now: datetime) -> Attention:
    """Return the row of a finding."""
    return Attention(
        rule=finding.rule, subject=finding.subject, call_id=finding.call_id, assignment_id=finding.assignment_id,
        team_id=finding.team_id, since=finding.since, raised_at=now, level=1,
    )  # fmt: skip


async def store_alarm(session: WriteSession, alarm: Mapping[str, Any], now: datetime) -> Attention | None:
    """Store what a device called for, or the newer place of the same alarm of its car that is open already.

    None when it tells nothing new. A row that was there before has another `raised_at` than `now`.
    """
    place = alarm["location"] or {}
    query = insert(Attention).values(
        rule=alarm["kind"], subject=f"car:{alarm['car_id']}", team_id=alarm["team_id"], car_id=alarm["car_id"],
        car_number=alarm["car_number"], lat=place.get("lat"), lon=place.get("lon"), place_at=alarm["place_at"],
        since=alarm["at"], raised_at=now, level=1,
    )  # fmt: skip
    new = query.excluded
    query = query.on_conflict_do_update(
        index_elements=[Attention.rule, Attention.subject],
        index_where=Attention.ended_at.is_(None),
        set_={"lat": new.lat, "lon": new.lon, "place_at": new.place_at},
        where=(Attention.place_at < new.place_at)
        | (Attention.place_at.is_(None) & new.place_at.is_not(None)),
    )
    again = {"populate_existing": True}
    return (await session.scalars(query.returning(Attention), execution_options=again)).one_or_none()
