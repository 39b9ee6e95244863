"""Access and refresh tokens: JWT, HS256."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

import jwt

from brigada.auth.errors import SessionEnded, TokenExpired

ALGORITHM = "HS256"
ISSUER = "brigada"
# A screen shows the same token with each request for minutes; its signature is checked once. Checking it took a sixth
# of a small answer's time. Some 700 bytes each.
KEPT = 4096


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: whose session, which number in its family, and the value the CSRF header must have."""

    session_id: str
    csrf: str
    serial: int


class Tokens:
    """Makes and reads tokens; the database has the last word on whether a session lives."""

    def __init__(self, secret: bytes, *, access_life: timedelta, refresh_life: timedelta) -> None:
        self._secret = secret
        self.access_life = access_life
        self.refresh_life = refresh_life
        self._verified = lru_cache(KEPT)(self._verify)

    def make(self, kind: Literal["access", "refresh"], claims: Claims, now: datetime) -> str:
        life = self.access_life if kind == "access" else self.refresh_life
        payload: dict[str, Any] = {
            "iss": ISSUER,
            "typ": kind,
            "sid": claims.session_id,
            "csrf": claims.csrf,
            "ser": claims.serial,
            "iat": now,
            "exp": now + life,
        }
        return jwt.encode(payload, self._secret, algorithm=ALGORITHM)

    def read(self, kind: Literal["access", "refresh"], token: str) -> Claims:
        """Return the claims of a token of this kind.

        Raises:
            TokenExpired: it was good, its time is over.
            SessionEnded: it is not one of ours.
        """
        found, expires_s, claims = self._verified(token)
        if time.time() >= expires_s:
            raise TokenExpired
        if found != kind:
            raise SessionEnded
        return claims

    def _verify(self, token: str) -> tuple[str, float, Claims]:
        """The kind of a token of ours, the end of its life (seconds since 1970) and its claims."""
        try:
            payload = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                options={"require": ["exp", "sid", "csrf", "ser", "typ"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenExpired from error
        except jwt.InvalidTokenError as error:
            raise SessionEnded from error
        claims = Claims(session_id=str(payload["sid"]), csrf=str(payload["csrf"]), serial=int(payload["ser"]))
        return str(payload["typ"]), float(payload["exp"]), claims
