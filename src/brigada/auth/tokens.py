"""Access and refresh tokens: JWT, HS256."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import jwt

from brigada.auth.errors import SessionEnded, TokenExpired

ALGORITHM = "HS256"
ISSUER = "brigada"


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
        if payload["typ"] != kind:
            raise SessionEnded
        return Claims(session_id=str(payload["sid"]), csrf=str(payload["csrf"]), serial=int(payload["ser"]))
