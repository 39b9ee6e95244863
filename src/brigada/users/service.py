"""Add, change, delete accounts."""

from collections.abc import Mapping
from typing import Any

from brigada.auth.models import User
from brigada.auth.passwords import Passwords
from brigada.auth.repository import end_sessions
from brigada.auth.service import sessions_ended
from brigada.db.engine import ReadSession
from brigada.errors import NotFound, Outdated
from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.kit.changes import apply_changes
from brigada.kit.pagination import Page, decode_cursor, encode_cursor
from brigada.users import repository
from brigada.users.errors import LastAdministrator, UserOnTeam
from brigada.users.schemas import UserIn, UserPatch


async def list_users(
    session: ReadSession,
    *,
    role: str | None,
    free: bool | None,
    q: str | None,
    active: bool | None,
    cursor: str | None,
    limit: int,
) -> Page[dict[str, Any]]:
    """Return a page of accounts by name."""
    after = decode_cursor(cursor, tuple[str, str, int]) if cursor else None
    rows = await repository.page(
        session, role=role, free=free, q=q, active=active, after=after, limit=limit + 1
    )
    items, more = rows[:limit], len(rows) > limit
    last = items[-1] if more else None
    return Page(items, encode_cursor(last["surname"], last["name"], last["id"]) if last else None)


async def get_user(session: ReadSession, user_id: int) -> dict[str, Any]:
    """Return one account.

    Raises:
        NotFound: absent or deleted.
    """
    found = await repository.view(session, user_id)
    if found is None:
        raise NotFound
    return found


async def add_user(uow: UnitOfWork, passwords: Passwords, body: UserIn) -> dict[str, Any]:
    """Add an account.

    Raises:
        LoginTaken: found by the database's unique index at the flush.
    """
    user = User(
        **body.model_dump(exclude={"password"}),
        password_hash=await passwords.hash(body.password.get_secret_value()),
        created_at=uow.now,
    )
    uow.session.add(user)
    await uow.session.flush()
    view = await _view(uow, user.id)
    uow.record(Event(kind="user.created", data={"user": view}, roles=("admin",)))
    return view


async def change_user(uow: UnitOfWork, passwords: Passwords, user_id: int, body: UserPatch) -> dict[str, Any]:
    """Change an account; a deactivation, a new role or a new password ends its sessions at once.

    Raises:
        NotFound, Outdated, LastAdministrator, LoginTaken.
        UserOnTeam: the role of a worker on a living team can't change.
    """
    wanted = body.model_dump(exclude_unset=True, exclude={"password", "version"}, exclude_none=True)
    await _protect_last_administrator(uow, user_id, wanted)
    user = await _locked(uow, user_id, body.version)
    if (
        "role" in wanted
        and wanted["role"] != user.role
        and await repository.on_living_team(uow.session, user_id)
    ):
        raise UserOnTeam
    old, new = apply_changes(user, wanted)
    if body.password is not None:
        user.password_hash = await passwords.hash(body.password.get_secret_value())
    if not new and body.password is None:
        return await _view(uow, user_id)
    user.version += 1
    await uow.session.flush()
    uow.record(
        Event(
            kind="user.updated",
            data={"user": {"id": user_id, "version": user.version, **new}},
            old={"user": {"id": user_id, **old}},
            roles=("admin",),
        )
    )
    if body.password is not None or new.get("active") is False or "role" in new:
        await _end_sessions(uow, user_id, "account_changed")
    return await _view(uow, user_id)


async def delete_user(uow: UnitOfWork, user_id: int) -> None:
    """Delete an account: it can't sign in, its login is free again, what it did stays in history.

    Raises:
        NotFound, LastAdministrator, UserOnTeam.
    """
    await _protect_last_administrator(uow, user_id, {"active": False})
    user = await _locked(uow, user_id, None)
    if await repository.on_living_team(uow.session, user_id):
        raise UserOnTeam
    before = await _view(uow, user_id)
    user.deleted_at, user.active = uow.now, False
    user.version += 1
    data = {"user": {"id": user_id, "active": False}}
    uow.record(Event(kind="user.deleted", data=data, old={"user": before}, roles=("admin",)))
    await _end_sessions(uow, user_id, "account_deleted")


async def end_user_sessions(uow: UnitOfWork, user_id: int) -> None:
    """End whatever is signed in as this person, on every device; the account and its password stay.

    Raises:
        NotFound.
    """
    await _locked(uow, user_id, None)
    await _end_sessions(uow, user_id, "administrator")


async def _protect_last_administrator(uow: UnitOfWork, user_id: int, wanted: Mapping[str, Any]) -> None:
    """Lock the administrators before one of them may go: of two who delete each other, one is refused."""
    if wanted.get("active") is False or wanted.get("role", "admin") != "admin":
        administrators = await repository.lock_administrators(uow.session)
        if list(administrators) == [user_id]:
            raise LastAdministrator


async def _locked(uow: UnitOfWork, user_id: int, version: int | None) -> User:
    user = await repository.lock(uow.session, user_id)
    if user is None:
        raise NotFound
    if version is not None and version != user.version:
        raise Outdated(present=await repository.view(uow.session, user_id))
    return user


async def _end_sessions(uow: UnitOfWork, user_id: int, reason: str) -> None:
    ended = await end_sessions(uow.session, now=uow.now, reason=reason, user_id=user_id)
    if ended:
        uow.record(sessions_ended(user_id, list(ended)))


async def _view(uow: UnitOfWork, user_id: int) -> dict[str, Any]:
    found = await repository.view(uow.session, user_id)
    if found is None:
        raise NotFound
    return found
