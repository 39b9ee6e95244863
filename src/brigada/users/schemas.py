"""Shapes of accounts."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, StringConstraints

from brigada.auth.schemas import NewPassword, Role
from brigada.schema import Line, Schema, Version, View, example

Login = Annotated[
    str, StringConstraints(min_length=2, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$")
]
Language = Literal["ru", "en"]
Phone = Annotated[str, StringConstraints(max_length=32, pattern=r"^[0-9+() -]*$")]


class UserIn(Schema):
    """A new account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "login": "petrova",
                    "password": "длинный-пароль-7",
                    "role": "dispatcher",
                    "name": "Анна",
                    "surname": "Петрова",
                }
            ]
        }
    )

    login: Login
    password: NewPassword
    role: Role
    name: Line(100, min_length=1)  # type: ignore[valid-type]
    surname: Line(100, min_length=1)  # type: ignore[valid-type]
    patronym: Line(100) = ""  # type: ignore[valid-type]
    phone: Phone = ""
    language: Language = "ru"
    active: bool = True


class UserPatch(Schema):
    """Fields to change; what is absent stays."""

    model_config = example({"phone": "+7 900 000-00-00", "active": True})

    login: Login | None = None
    password: NewPassword | None = None
    role: Role | None = None
    name: Line(100, min_length=1) | None = None  # type: ignore[valid-type]
    surname: Line(100, min_length=1) | None = None  # type: ignore[valid-type]
    patronym: Line(100) | None = None  # type: ignore[valid-type]
    phone: Phone | None = None
    language: Language | None = None
    active: bool | None = None
    version: Version | None = None


class UserOut(View):
    """An account; never a password or its hash."""

    id: int
    login: str
    role: Role
    name: str
    surname: str
    patronym: str
    phone: str
    language: str
    active: bool
    free: bool
    """Not on a living team (of workers only)."""
    team_id: int | None
    last_seen_at: AwareDatetime | None
    """When a session was begun or renewed, which an open page does every quarter of an hour; None: signed out."""
    created_at: AwareDatetime
    version: int


class UserList(View):
    items: list[UserOut]
    next_cursor: str | None
