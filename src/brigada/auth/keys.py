"""Keys of outside systems: a 112 centre that posts calls, a screen in the hall."""

import secrets
from datetime import datetime
from typing import Any

from brigada.auth import repository
from brigada.auth.gate import digest
from brigada.auth.models import ApiToken
from brigada.auth.principal import Principal
from brigada.db.engine import ReadSession
from brigada.errors import NotFound
from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.kit.pagination import Page, decode_cursor, encode_cursor

PREFIX = "brg_"
"""Makes a leaked key recognisable to scanners."""


async def list_keys(session: ReadSession, *, cursor: str | None, limit: int) -> Page[dict[str, Any]]:
    """Return a page of keys, the newest first, without their secrets."""
    before = decode_cursor(cursor, tuple[int])[0] if cursor else None
    items = [dict(row) for row in await repository.tokens(session, before=before, limit=limit + 1)]
    more = encode_cursor(items[limit - 1]["id"]) if len(items) > limit else None
    return Page(items[:limit], more)


async def create_key(
    uow: UnitOfWork, principal: Principal | None, *, name: str, scopes: list[str], expires_at: datetime | None
) -> dict[str, Any]:
    """Make a key; the secret is in the answer and nowhere else."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        name=name,
        digest=digest(secret),
        scopes=sorted(set(scopes)),
        created_by=principal.user_id if principal else None,
        created_at=uow.now,
        expires_at=expires_at,
    )
    uow.session.add(token)
    await uow.session.flush()
    view = repository.token_view(token)
    uow.record(Event(kind="token.created", data={"token": view}, roles=("admin",)))
    return {**view, "token": secret}


async def revoke_key(uow: UnitOfWork, token_id: int) -> None:
    """Revoke a key.

    Raises:
        NotFound: no such key, or it is revoked already.
    """
    token = await repository.lock_token(uow.session, token_id)
    if token is None or token.revoked_at is not None:
        raise NotFound
    before = repository.token_view(token)
    token.revoked_at = uow.now
    data = {"token": {"id": token.id, "revoked_at": uow.now}}
    uow.record(Event(kind="token.revoked", data=data, old={"token": before}, roles=("admin",)))
