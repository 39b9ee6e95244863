"""SQL of accounts, sessions and keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.auth.models import ApiToken, AuthSession, User
from brigada.db.engine import ReadSession, WriteSession

ME = """
    SELECT u.id, u.login, u.role, u.name, u.surname, u.patronym, u.language, u.active, m.team_id
    FROM users u LEFT JOIN team_members m ON m.user_id = u.id AND m.left_at IS NULL
    WHERE u.id = $1 AND u.deleted_at IS NULL
"""


async def user_by_login(session: WriteSession, login: str) -> User | None:
    """Return the living account with this login, whatever its letters' case."""
    query = select(User).where(func.lower(User.login) == login.lower(), User.deleted_at.is_(None))
    return (await session.execute(query)).scalar_one_or_none()


async def still_valid(session: WriteSession, user: User) -> bool:
    """Return whether the account is active with the same password still, and hold it so until the commit."""
    query = (
        select(User.id)
        .where(
            User.id == user.id,
            User.password_hash == user.password_hash,
            User.active,
            User.deleted_at.is_(None),
        )
        .with_for_update(read=True)
    )
    return (await session.execute(query)).first() is not None


async def living_user(session: AsyncSession, user_id: int) -> User | None:
    query = select(User).where(User.id == user_id, User.deleted_at.is_(None))
    return (await session.execute(query)).scalar_one_or_none()


async def lock_user(session: WriteSession, user_id: int) -> User | None:
    """Return the living account, held for a change until the commit."""
    query = select(User).where(User.id == user_id, User.deleted_at.is_(None)).with_for_update(key_share=True)
    return (await session.execute(query)).scalar_one_or_none()


async def lock_session(session: WriteSession, session_id: UUID) -> AuthSession | None:
    query = select(AuthSession).where(AuthSession.id == session_id).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def end_sessions(
    session: WriteSession,
    *,
    now: datetime,
    reason: str,
    user_id: int,
    only: UUID | None = None,
    but: UUID | None = None,
) -> Sequence[UUID]:
    """End sessions of a person: all, `only` one, or all `but` one; return which."""
    query = (
        update(AuthSession)
        .where(AuthSession.user_id == user_id, AuthSession.ended_at.is_(None))
        .values(ended_at=now, end_reason=reason)
        .returning(AuthSession.id)
    )
    if only is not None:
        query = query.where(AuthSession.id == only)
    if but is not None:
        query = query.where(AuthSession.id != but)
    return (await session.execute(query)).scalars().all()


async def end_expired(session: WriteSession, now: datetime) -> dict[int, list[UUID]]:
    """End the sessions that were not used for too long; return which, by person."""
    query = (
        update(AuthSession)
        .where(AuthSession.ended_at.is_(None), AuthSession.expires_at < now)
        .values(ended_at=now, end_reason="expired")
        .returning(AuthSession.user_id, AuthSession.id)
    )
    ended: dict[int, list[UUID]] = {}
    for row in await session.execute(query):
        ended.setdefault(row.user_id, []).append(row.id)
    return ended


async def living_sessions(session: ReadSession, user_id: int, now: datetime) -> Sequence[RowMapping]:
    table = AuthSession
    query = (
        select(
            table.id,
            func.host(table.ip).label("ip"),
            table.user_agent,
            table.created_at,
            table.last_seen_at,
            table.expires_at,
        )
        .where(table.user_id == user_id, table.ended_at.is_(None), table.expires_at > now)
        .order_by(table.last_seen_at.desc())
        .limit(200)
    )
    return (await session.execute(query)).mappings().all()


async def team_of(session: AsyncSession, user_id: int) -> int | None:
    """Return the living team that the person is on (plain SQL: this area lies below teams)."""
    query = text("SELECT team_id FROM team_members WHERE user_id = :id AND left_at IS NULL")
    found: int | None = (await session.execute(query, {"id": user_id})).scalar_one_or_none()
    return found


async def tokens(session: ReadSession, *, before: int | None, limit: int) -> Sequence[RowMapping]:
    """Return keys of outside systems, the newest first."""
    columns = (
        ApiToken.id,
        ApiToken.name,
        ApiToken.scopes,
        ApiToken.created_at,
        ApiToken.expires_at,
        ApiToken.revoked_at,
    )
    query = select(*columns).order_by(ApiToken.id.desc()).limit(limit)
    if before is not None:
        query = query.where(ApiToken.id < before)
    return (await session.execute(query)).mappings().all()


async def lock_token(session: WriteSession, token_id: int) -> ApiToken | None:
    return await session.get(ApiToken, token_id, with_for_update=True)


def token_view(token: ApiToken) -> dict[str, Any]:
    names = ("id", "name", "scopes", "created_at", "expires_at", "revoked_at")
    return {name: getattr(token, name) for name in names}
