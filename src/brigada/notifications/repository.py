"""SQL of notifications."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.db.base import AnyRow
from brigada.db.engine import WriteSession
from brigada.notifications.models import Notification, NotificationRecipient
from brigada.notifications.rules import Notice


async def dispatchers_on_duty(session: WriteSession, heard_since: datetime) -> list[int]:
    """Return the dispatchers whose session lives and was refreshed since then: nobody rings those who went home."""
    query = text(
        "SELECT DISTINCT s.user_id FROM sessions s JOIN users u ON u.id = s.user_id"
        " WHERE s.ended_at IS NULL AND s.last_seen_at > :since AND u.role = 'dispatcher' AND u.active ORDER BY 1"
    )
    return list((await session.execute(query, {"since": heard_since})).scalars())


async def administrators(session: WriteSession) -> list[int]:
    query = text("SELECT id FROM users WHERE role = 'admin' AND active AND deleted_at IS NULL ORDER BY id")
    return list((await session.execute(query)).scalars())


async def crew(session: WriteSession, team_id: int) -> list[int]:
    query = text("SELECT user_id FROM team_members WHERE team_id = :id AND left_at IS NULL ORDER BY user_id")
    return list((await session.execute(query, {"id": team_id})).scalars())


_STORE = (
    text(
        """
    WITH one AS (
        INSERT INTO notifications (kind, call_id, team_id, data, created_at)
        VALUES (:kind, :call_id, :team_id, :data, :created_at)
        RETURNING id, kind, call_id, team_id, data, created_at
    ), copies AS (
        INSERT INTO notification_recipients (notification_id, user_id)
        SELECT one.id, unnest(CAST(:user_ids AS bigint[])) FROM one
    )
    SELECT * FROM one
    """
    )
    .columns(*Notification.__table__.columns)
    .bindparams(bindparam("data", type_=JSONB))
)


async def store(
    session: WriteSession, notice: Notice, user_ids: Sequence[int], *, created_at: datetime
) -> dict[str, Any]:
    """Store one notification and each person's copy of it; return it as the API shows it."""
    values = {
        "kind": notice.kind, "call_id": notice.call_id, "team_id": notice.team_id, "data": notice.data,
        "created_at": created_at, "user_ids": list(user_ids),
    }  # fmt: skip
    return view((await session.execute(_STORE, values)).one())


def view(row: AnyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "call_id": row.call_id,
        "team_id": row.team_id,
        "data": row.data,
        "created_at": row.created_at,
    }


async def page(
    session: AsyncSession, user_id: int, *, unread: bool, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Return a person's notifications, the latest first."""
    query = (
        select(
            Notification.id, Notification.kind, Notification.call_id, Notification.team_id, Notification.data,
            Notification.created_at, NotificationRecipient.read_at,
        )
        .join(NotificationRecipient, NotificationRecipient.notification_id == Notification.id)
        .where(NotificationRecipient.user_id == user_id, NotificationRecipient.deleted_at.is_(None))
        .order_by(NotificationRecipient.notification_id.desc())
        .limit(limit)
    )  # fmt: skip
    if unread:
        query = query.where(NotificationRecipient.read_at.is_(None))
    if before is not None:
        query = query.where(NotificationRecipient.notification_id < before)
    return [{**view(row), "read_at": row.read_at} for row in await session.execute(query)]


async def unread_count(session: AsyncSession, user_id: int) -> int:
    """Return how many a person has not read; counted to 1,000 at the most."""
    inner = (
        select(NotificationRecipient.notification_id)
        .where(
            NotificationRecipient.user_id == user_id,
            NotificationRecipient.deleted_at.is_(None),
            NotificationRecipient.read_at.is_(None),
        )
        .limit(1000)
        .subquery()
    )
    return int((await session.execute(select(func.count()).select_from(inner))).scalar_one())


async def mark(
    session: WriteSession, user_id: int, notification_id: int, **values: datetime
) -> RowMapping | None:
    """Set `read_at` or `deleted_at` of a person's copy unless it is set; return the copy."""
    copy = NotificationRecipient
    key = (copy.notification_id == notification_id, copy.user_id == user_id)
    for name, at in values.items():
        await session.execute(update(copy).where(*key, getattr(copy, name).is_(None)).values({name: at}))
    query = select(copy.read_at, copy.deleted_at).where(*key)
    return (await session.execute(query)).mappings().one_or_none()


async def forget_before(session: WriteSession, oldest: datetime, limit: int) -> int:
    """Delete old notifications with their copies, at most `limit`; return how many."""
    doomed = select(Notification.id).where(Notification.created_at < oldest).limit(limit).scalar_subquery()
    result = await session.execute(
        delete(Notification).where(Notification.id.in_(doomed)).returning(Notification.id)
    )
    return len(result.all())
