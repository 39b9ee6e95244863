"""Shapes of sign-in, sessions and keys."""

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError

from brigada.schema import Line, Moment, Schema, View, example

Role = Literal["admin", "dispatcher", "worker"]


def _characters_only(secret: SecretStr) -> SecretStr:
    """Refuse halves of surrogate pairs, which Pydantic lets through in secrets and nothing can hash."""
    try:
        secret.get_secret_value().encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("string_unicode", "characters that can't be stored") from None
    return secret


Password = Annotated[SecretStr, Field(min_length=1, max_length=256), AfterValidator(_characters_only)]
NewPassword = Annotated[SecretStr, Field(min_length=8, max_length=256), AfterValidator(_characters_only)]


class LoginIn(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"login": "dispatcher", "password": "…"}]})

    login: Annotated[str, Field(min_length=1, max_length=64)]
    password: Password


class PasswordIn(Schema):
    model_config = example({"current_password": "прежний-пароль-6", "new_password": "длинный-пароль-7"})

    current_password: Password
    new_password: NewPassword


class MeOut(View):
    """The signed-in person."""

    id: int
    login: str
    role: Role
    name: str
    surname: str
    patronym: str
    language: str
    active: bool
    permissions: list[str]
    team_id: int | None
    """The living team that this worker is on."""


class SignedInOut(View):
    """Answer to sign-in and refresh; the tokens themselves are in cookies."""

    user: MeOut
    access_expires_at: AwareDatetime
    refresh_expires_at: AwareDatetime


class SessionOut(View):
    """One sign-in on one device."""

    id: str
    ip: str
    user_agent: str
    created_at: AwareDatetime
    last_seen_at: AwareDatetime
    expires_at: AwareDatetime
    current: bool


class SessionList(View):
    items: list[SessionOut]
    next_cursor: str | None


Scope = Literal["calls:create", "calls:read", "teams:read", "positions:read", "reports:read"]


class TokenIn(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "112", "scopes": ["calls:create"]}]})

    name: Line(100, min_length=1)  # type: ignore[valid-type]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=10)]
    expires_at: Moment | None = None


class TokenOut(View):
    """A key of an outside system, without its secret."""

    id: int
    name: str
    scopes: list[str]
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None


class NewTokenOut(TokenOut):
    token: str
    """The secret, shown this once: send it as `Authorization: Bearer …`."""


class TokenList(View):
    items: list[TokenOut]
    next_cursor: str | None
