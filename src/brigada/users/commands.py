"""`brigada user`: the accounts that must exist before anybody can sign in."""

import asyncio
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import IntegrityError

from brigada.auth.passwords import Passwords
from brigada.commands import in_one_line, plainly, require_latest
from brigada.db.engine import Database
from brigada.embedded.process import StartError
from brigada.embedded.stack import Joined
from brigada.events.log import Actor
from brigada.events.unit_of_work import UnitOfWork
from brigada.kit.clock import SystemClock
from brigada.settings import Settings, load_settings
from brigada.users import repository
from brigada.users.schemas import UserIn
from brigada.users.service import add_user

app = typer.Typer(no_args_is_help=True, help="Accounts: the first administrator of a real service.")

ROOT = Actor(kind="system", name="brigada user add")
AT_ONCE = 500
"""Accounts that one statement of a list reads."""


@app.command("add")
@plainly
def add(
    login: Annotated[str, typer.Argument(help="Login, Latin letters and digits.")],
    surname: Annotated[str, typer.Option(prompt=True)],
    name: Annotated[str, typer.Option(prompt=True)],
    password: Annotated[
        str,
        typer.Option(prompt=True, confirmation_prompt=True, hide_input=True, help="At least 8 characters."),
    ],
    role: Annotated[str, typer.Option(help="admin, dispatcher or worker.")] = "admin",
    patronym: Annotated[str, typer.Option()] = "",
) -> None:
    """Add an account; asks for what was not given. Works while the service runs and while it does not."""
    try:
        body = UserIn.model_validate(
            {
                "login": login,
                "password": password,
                "role": role,
                "name": name,
                "surname": surname,
                "patronym": patronym,
            }
        )
    except ValidationError as error:
        raise StartError(f"The account can't be added: {in_one_line(error)}") from None
    with Joined(load_settings()) as settings:
        require_latest(settings.database_url.get_secret_value())
        user_id = asyncio.run(_add(settings, body))
    Console().print(f"Added: {login} ({role}), number {user_id}", highlight=False)


async def _add(settings: Settings, body: UserIn) -> int:
    database = Database(settings.database_url.get_secret_value(), pool_size=1)
    passwords = Passwords()
    try:
        async with UnitOfWork(database, now=SystemClock().now(), actor=ROOT) as uow:
            user = await add_user(uow, passwords, body)
            await uow.commit()
    except IntegrityError:
        raise StartError(f"The login {body.login} is taken: choose another one") from None
    finally:
        passwords.close()
        await database.close()
    return int(user["id"])


@app.command("list")
@plainly
def list_accounts() -> None:
    """Print the accounts."""
    with Joined(load_settings()) as settings:
        rows = asyncio.run(_list(settings))
    table = Table()
    for header in ("login", "role", "name", "active"):
        # Whole names even in a narrow window: a login that is cut can't be typed again.
        table.add_column(header, no_wrap=header == "login", overflow="fold")
    for row in rows:
        table.add_row(
            row["login"], row["role"], f"{row['surname']} {row['name']}", "yes" if row["active"] else "no"
        )
    Console().print(table)


async def _list(settings: Settings) -> list[dict[str, Any]]:
    database = Database(settings.database_url.get_secret_value(), pool_size=1)
    try:
        found: list[dict[str, Any]] = []
        async with database.snapshot() as session:
            while True:
                last = found[-1] if found else None
                after = (last["surname"], last["name"], last["id"]) if last else None
                rows = await repository.page(
                    session, role=None, free=None, q=None, active=None, after=after, limit=AT_ONCE
                )
                found += rows
                if len(rows) < AT_ONCE:
                    return found
    finally:
        await database.close()
