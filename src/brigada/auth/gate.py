"""From a request to its caller: one statement, always asked of the database, so that an ended session ends at once."""

import hashlib
from uuid import UUID

from brigada.auth.errors import SessionEnded
from brigada.auth.permissions import ROLE_PERMISSIONS, TOKEN_SCOPES, Permission
from brigada.auth.principal import Principal, short_name
from brigada.auth.tokens import Claims
from brigada.db.engine import Database
from brigada.events.log import Position

_BY_SESSION = """
    SELECT u.id, u.role, u.language, u.name, u.surname, u.patronym, c.epoch::text AS epoch, c.last_seq
    FROM sessions s JOIN users u ON u.id = s.user_id CROSS JOIN event_counter c
    WHERE s.id = $1 AND s.ended_at IS NULL AND s.expires_at > now() AND u.active AND u.deleted_at IS NULL
"""
_BY_KEY = """
    SELECT t.id, t.name, t.scopes, c.epoch::text AS epoch, c.last_seq
    FROM api_tokens t CROSS JOIN event_counter c
    WHERE t.digest = $1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
"""


def digest(secret: str) -> bytes:
    """Return what is kept of a random key. No salt, no stretching: 256 random bits can't be guessed."""
    return hashlib.sha256(secret.encode()).digest()


async def principal_of_session(database: Database, claims: Claims) -> Principal:
    """Return the person behind an access token.

    Raises:
        SessionEnded: signed out, deactivated, deleted, expired.
    """
    try:
        session_id = UUID(claims.session_id)
    except ValueError as error:
        raise SessionEnded from error
    row = await database.fetch_one(_BY_SESSION, session_id)
    if row is None:
        raise SessionEnded
    return Principal(
        kind="user",
        id=row["id"],
        role=row["role"],
        permissions=ROLE_PERMISSIONS[row["role"]],
        name=short_name(row["surname"], row["name"], row["patronym"]),
        language=row["language"],
        session_id=claims.session_id,
        csrf=claims.csrf,
        log=Position(row["epoch"], row["last_seq"]),
    )


async def principal_of_key(database: Database, secret: str) -> Principal:
    """Return the outside system behind a key.

    Raises:
        SessionEnded: unknown, revoked, expired.
    """
    row = await database.fetch_one(_BY_KEY, digest(secret))
    if row is None:
        raise SessionEnded
    permissions: frozenset[Permission] = frozenset().union(
        *(TOKEN_SCOPES.get(scope, frozenset()) for scope in row["scopes"])
    )
    return Principal(
        kind="token",
        id=row["id"],
        role="",
        permissions=permissions,
        name=row["name"],
        language="ru",
        session_id=None,
        csrf=None,
        log=Position(row["epoch"], row["last_seq"]),
    )
