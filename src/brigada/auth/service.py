"""Sign in, refresh, sign out; own password and sessions."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from brigada.auth import repository
from brigada.auth.errors import AddressChanged, RefreshReused, SessionEnded, WrongCredentials, WrongPassword
from brigada.auth.models import AuthSession
from brigada.auth.passwords import Passwords
from brigada.auth.permissions import ROLE_PERMISSIONS
from brigada.auth.principal import Principal, short_name
from brigada.auth.tokens import Claims, Tokens
from brigada.db.engine import Database, ReadSession
from brigada.errors import NotFound
from brigada.events.log import Actor, Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.kit.clock import Clock


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What the cookies are made of."""

    access: str
    refresh: str
    csrf: str
    access_expires_at: datetime
    refresh_expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    pair: TokenPair
    user: dict[str, Any]

    def view(self) -> dict[str, Any]:
        return {
            "user": self.user,
            "access_expires_at": self.pair.access_expires_at,
            "refresh_expires_at": self.pair.refresh_expires_at,
        }


_ME_FIELDS = ("id", "login", "role", "name", "surname", "patronym", "language", "active")


def me_view(user: Mapping[str, Any], team_id: int | None) -> dict[str, Any]:
    """Return the signed-in person as the API shows them."""
    permissions = sorted(ROLE_PERMISSIONS[user["role"]])
    return {**{name: user[name] for name in _ME_FIELDS}, "permissions": permissions, "team_id": team_id}


def _pair(tokens: Tokens, session: AuthSession, now: datetime) -> TokenPair:
    claims = Claims(session_id=str(session.id), csrf=secrets.token_urlsafe(24), serial=session.serial)
    return TokenPair(
        access=tokens.make("access", claims, now),
        refresh=tokens.make("refresh", claims, now),
        csrf=claims.csrf,
        access_expires_at=now + tokens.access_life,
        refresh_expires_at=now + tokens.refresh_life,
    )


def sessions_ended(user_id: int, session_ids: list[UUID]) -> Event:
    """Return the event that makes every process close the sockets of these sessions."""
    return Event(
        kind="session.ended",
        data={"user_id": user_id, "session_ids": [str(session_id) for session_id in session_ids]},
        user_ids=(user_id,),
    )


async def sign_in(
    uow: UnitOfWork,
    passwords: Passwords,
    tokens: Tokens,
    *,
    login: str,
    password: str,
    ip: str,
    user_agent: str,
) -> SignedIn:
    """Start a session.

    Raises:
        WrongCredentials: unknown login, wrong password or a deactivated account, which all look the same.
    """
    user = await repository.user_by_login(uow.session, login)
    # The connection is not needed while 20 ms of hashing pass; a burst of sign-ins must not drain the pool.
    await uow.session.commit()
    if (
        not await passwords.check(user.password_hash if user else None, password)
        or user is None
        or not await repository.still_valid(uow.session, user)  # during the hashing much may happen
    ):
        raise WrongCredentials
    session = AuthSession(
        id=uuid4(),
        user_id=user.id,
        serial=1,
        ip=ip,
        user_agent=user_agent[:200],
        created_at=uow.now,
        last_seen_at=uow.now,
        expires_at=uow.now + tokens.refresh_life,
    )
    uow.session.add(session)
    uow.actor = Actor("user", user.id, short_name(user.surname, user.name, user.patronym))
    uow.record(Event(kind="session.started", data={"user_id": user.id, "session_id": str(session.id)}))
    team_id = await repository.team_of(uow.session, user.id)
    return SignedIn(_pair(tokens, session, uow.now), me_view(vars(user), team_id))


async def refresh(
    uow: UnitOfWork,
    tokens: Tokens,
    *,
    token: str,
    ip: str,
    roaming_roles: frozenset[str],
    key: str | None = None,
) -> SignedIn:
    """Exchange a refresh token for a new pair.

    1. The session's row is locked: of two requests with one token the second waits for the first.
    2. The serial must be the newest. An older one was used before: somebody has a copy, nobody knows who, and the
       whole family ends (`RefreshReused`; the ending itself is done by `end_reused_family`, in its own commit).
    3. The address must be the one it was issued to, unless the role is allowed to roam.
    4. The serial grows; the old token is worth nothing from the commit on.

    One case is told apart from a theft: the request whose answer never came (a phone in a lift) is asked again with
    the `key` of the first time. While nobody has used the pair that it made, it is made once more.

    Raises:
        SessionEnded, TokenExpired, RefreshReused, AddressChanged.
    """
    claims = tokens.read("refresh", token)
    session = await repository.lock_session(uow.session, UUID(claims.session_id))
    if session is None or session.ended_at is not None or session.expires_at <= uow.now:
        raise SessionEnded
    user = await repository.living_user(uow.session, session.user_id)
    if user is None or not user.active:
        raise SessionEnded
    repeated = claims.serial == session.serial - 1 and key is not None and _digest(key) == session.refresh_key
    if claims.serial != session.serial and not repeated:
        raise RefreshReused
    if str(session.ip).split("/")[0] != ip and user.role not in roaming_roles:
        raise AddressChanged
    if not repeated:
        session.serial += 1
        session.refresh_key = _digest(key) if key is not None else None
    session.ip = ip
    session.last_seen_at = uow.now
    session.expires_at = uow.now + tokens.refresh_life
    team_id = await repository.team_of(uow.session, user.id)
    return SignedIn(_pair(tokens, session, uow.now), me_view(vars(user), team_id))


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


async def end_reused_family(uow: UnitOfWork, claims: Claims) -> None:
    """End the session whose refresh token came twice."""
    session = await repository.lock_session(uow.session, UUID(claims.session_id))
    if session is not None and session.ended_at is None:
        session.ended_at, session.end_reason = uow.now, "refresh_reused"
        uow.record(sessions_ended(session.user_id, [session.id]))


async def sign_out(uow: UnitOfWork, claims: Claims) -> None:
    """End the session; access by it ends with the commit, its sockets are closed."""
    session = await repository.lock_session(uow.session, UUID(claims.session_id))
    if session is not None and session.ended_at is None:
        session.ended_at, session.end_reason = uow.now, "signed_out"
        uow.record(sessions_ended(session.user_id, [session.id]))


async def change_password(
    uow: UnitOfWork, passwords: Passwords, principal: Principal, *, current: str, new: str
) -> None:
    """Set a new own password; all other sessions of the person end.

    Raises:
        WrongPassword: the current one is not right.
    """
    # Held before sessions are looked for: a sign-in by the old password has committed its session, which ends below, or
    # comes later and finds another password. Of two changes the second one finds that its current one is none any more.
    user = await repository.lock_user(uow.session, principal.id)
    if user is None:
        raise SessionEnded
    if not await passwords.check(user.password_hash, current):
        raise WrongPassword
    user.password_hash = await passwords.hash(new)
    own = UUID(principal.session_id) if principal.session_id else None
    ended = await repository.end_sessions(
        uow.session, now=uow.now, reason="password_changed", user_id=user.id, but=own
    )
    uow.record(Event(kind="user.password_changed", data={"user_id": user.id}, user_ids=(user.id,)))
    if ended:
        uow.record(sessions_ended(user.id, list(ended)))


async def me(database: Database, principal: Principal) -> dict[str, Any]:
    """Return the signed-in person; asked by every screen at every start, so it is one plain statement."""
    row = await database.fetch_one(repository.ME, principal.id)
    if row is None:
        raise SessionEnded
    return me_view(dict(row), row["team_id"])


async def own_sessions(session: ReadSession, principal: Principal, clock: Clock) -> list[dict[str, Any]]:
    """Return the person's living sessions, the latest used first."""
    rows = await repository.living_sessions(session, principal.id, clock.now())
    return [{**row, "id": str(row["id"]), "current": str(row["id"]) == principal.session_id} for row in rows]


async def end_own_session(uow: UnitOfWork, principal: Principal, session_id: UUID) -> None:
    """End one of the person's own sessions.

    Raises:
        NotFound: no living session of this person has that id.
    """
    ended = await repository.end_sessions(
        uow.session, now=uow.now, reason="ended_by_owner", user_id=principal.id, only=session_id
    )
    if not ended:
        raise NotFound
    uow.record(sessions_ended(principal.id, list(ended)))
