"""SQL of accounts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, literal_column, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.auth.models import User
from brigada.db.base import AnySelect
from brigada.db.engine import ReadSession, WriteSession
from brigada.kit.text import like_pattern

_TEAM: ColumnElement[int | None] = literal_column(
    "(SELECT m.team_id FROM team_members m WHERE m.user_id = users.id AND m.left_at IS NULL)"
)
_ON_TEAM: ColumnElement[bool] = literal_column(
    "EXISTS (SELECT 1 FROM team_members m WHERE m.user_id = users.id AND m.left_at IS NULL)"
)


_LAST_SEEN: ColumnElement[datetime | None] = literal_column(
    "(SELECT max(s.last_seen_at) FROM sessions s WHERE s.user_id = users.id AND s.ended_at IS NULL)"
)


def _query() -> AnySelect:
    columns = (
        User.id, User.login, User.role, User.name, User.surname, User.patronym, User.phone, User.language,
        User.active, User.created_at, User.version, _TEAM.label("team_id"),
        _LAST_SEEN.label("last_seen_at"),
    )  # fmt: skip
    return select(*columns).where(User.deleted_at.is_(None))


def _view(row: RowMapping) -> dict[str, Any]:
    return {**row, "free": row["role"] == "worker" and row["active"] and row["team_id"] is None}


async def view(session: AsyncSession, user_id: int) -> dict[str, Any] | None:
    """Return one account as the API shows it."""
    row = (await session.execute(_query().where(User.id == user_id))).mappings().one_or_none()
    return _view(row) if row is not None else None


async def page(
    session: ReadSession,
    *,
    role: str | None,
    free: bool | None,
    q: str | None,
    active: bool | None,
    after: tuple[str, str, int] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return accounts by surname, name and number."""
    query = _query().order_by(User.surname, User.name, User.id).limit(limit)
    if role is not None:
        query = query.where(User.role == role)
    if active is not None:
        query = query.where(User.active.is_(active))
    if free is True:
        query = query.where(User.role == "worker", User.active, ~_ON_TEAM)
    elif free is False:
        query = query.where(_ON_TEAM)
    if q:
        pattern = like_pattern(q)
        full_name = func.concat_ws(" ", User.surname, User.name, User.patronym)
        query = query.where(or_(full_name.ilike(pattern), User.login.ilike(pattern)))
    if after is not None:
        query = query.where(tuple_(User.surname, User.name, User.id) > after)
    return [_view(row) for row in (await session.execute(query)).mappings()]


async def lock(session: WriteSession, user_id: int) -> User | None:
    query = select(User).where(User.id == user_id, User.deleted_at.is_(None)).with_for_update(key_share=True)
    return (await session.execute(query)).scalar_one_or_none()


async def lock_administrators(session: WriteSession) -> Sequence[int]:
    """Lock all active administrators in the order of their numbers; return these."""
    query = (
        select(User.id)
        .where(User.role == "admin", User.active, User.deleted_at.is_(None))
        .order_by(User.id)
        .with_for_update(key_share=True)
    )
    return (await session.execute(query)).scalars().all()


async def on_living_team(session: WriteSession, user_id: int) -> bool:
    query = text("SELECT EXISTS (SELECT 1 FROM team_members WHERE user_id = :user_id AND left_at IS NULL)")
    return bool((await session.execute(query, {"user_id": user_id})).scalar_one())
