"""Notifications: written in the transaction of what they tell of, read and put away by their owners."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from brigada.auth.principal import Principal
from brigada.db.engine import ReadSession
from brigada.errors import NotFound
from brigada.events.log import Event
from brigada.events.unit_of_work import Projection, UnitOfWork
from brigada.kit.pagination import Page, decode_cursor, encode_cursor
from brigada.notifications import repository
from brigada.notifications.rules import Notice, notices_of


def notifier(*, token_life: timedelta) -> Projection:
    """Return the projection that writes the notifications that events call for, in the events' own transaction.

    A dispatcher is on duty while signed in and heard of within two lives of an access token (`token_life`): a screen
    that is on refreshes once in each, and alarms must not ring for people who went home.
    """

    async def notify(uow: UnitOfWork, events: Sequence[Event]) -> None:
        for event in events:
            notice = notices_of(event.kind, event.data)
            if notice is not None:
                await _write(uow, notice, heard_since=uow.now - 2 * token_life)

    return notify


async def _write(uow: UnitOfWork, notice: Notice, *, heard_since: datetime) -> None:
    """Write one notification for everybody whom it concerns; nobody concerned, nothing written."""
    user_ids = await _recipients(uow, notice, heard_since)
    if not user_ids:
        return
    stored = await repository.store(uow.session, notice, user_ids, created_at=uow.now)
    uow.record(
        Event(
            kind="notification.created",
            data={"notification": {**stored, "read_at": None}},
            user_ids=tuple(user_ids),
        )
    )


async def _recipients(uow: UnitOfWork, notice: Notice, heard_since: datetime) -> list[int]:
    found: set[int] = set()
    if "dispatchers" in notice.whom:
        found |= set(await repository.dispatchers_on_duty(uow.session, heard_since))
    if "administrators" in notice.whom:
        found |= set(await repository.administrators(uow.session))
    if "crew" in notice.whom and notice.team_id is not None:
        found |= set(await repository.crew(uow.session, notice.team_id))
    return sorted(found)


async def own(
    session: ReadSession, principal: Principal, *, unread: bool, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """Return a page of the person's notifications, the latest first."""
    before = decode_cursor(cursor, tuple[int])[0] if cursor else None
    rows = await repository.page(session, principal.id, unread=unread, before=before, limit=limit + 1)
    items = rows[:limit]
    return Page(items, encode_cursor(items[-1]["id"]) if len(rows) > limit else None)


async def read(uow: UnitOfWork, principal: Principal, notification_id: int) -> None:
    """Mark as read; a second time is no error.

    Raises:
        NotFound: not this person's.
    """
    copy = await repository.mark(uow.session, principal.id, notification_id, read_at=uow.now)
    if copy is None or copy["deleted_at"] is not None:
        raise NotFound
    uow.record(
        Event(
            kind="notification.read",
            data={"notification": {"id": notification_id, "read_at": copy["read_at"]}},
            user_ids=(principal.id,),
        )
    )


async def put_away(uow: UnitOfWork, principal: Principal, notification_id: int) -> None:
    """Put away for good.

    Raises:
        NotFound: not this person's.
    """
    copy = await repository.mark(uow.session, principal.id, notification_id, deleted_at=uow.now)
    if copy is None:
        raise NotFound
    uow.record(
        Event(
            kind="notification.deleted",
            data={"notification": {"id": notification_id, "deleted": True}},
            user_ids=(principal.id,),
        )
    )
