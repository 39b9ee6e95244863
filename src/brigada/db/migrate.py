"""Bring the database's structure to a revision of `migrations/`, from code: there is no alembic.ini."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

LOCK_KEY = 0x42524947  # "BRIG"
"""Advisory lock held while migrating: replicas that start together do it one after another."""

LOCK_TIMEOUT_S = 4
"""A migration that waits longer for a table gives up, instead of holding up the commands behind it."""


def migrations_folder() -> Path:
    """Beside the sources in a working copy, inside the package once it is installed (see `pyproject.toml`)."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_migrations"
    return installed if installed.is_dir() else package.parents[1] / "migrations"


def configuration(connection: sa.Connection | None = None) -> Config:
    """Alembic's configuration, using the connection given."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Apply the migrations up to `revision`; nothing happens when they are applied already.

    Raises:
        sqlalchemy.exc.DBAPIError: a statement failed or a lock was not given; that migration is undone whole.
    """
    _with_connection(url, lambda connection: command.upgrade(configuration(connection), revision))


def downgrade(url: str, revision: str = "base") -> None:
    """Undo the migrations down to `revision`."""
    _with_connection(url, lambda connection: command.downgrade(configuration(connection), revision))


def current(url: str) -> str | None:
    """The revision that the database is at; None for an empty one."""
    return _with_connection(
        url, lambda connection: MigrationContext.configure(connection).get_current_revision()
    )


def head() -> str | None:
    """The latest revision that this program knows."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


def drift(url: str, metadata: sa.MetaData) -> list[str]:
    """What the models say and the migrated database does not; empty when they agree."""

    def compare(connection: sa.Connection) -> list[str]:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_name": _not_a_partition(connection),
            },
        )
        return [str(difference) for difference in compare_metadata(context, metadata)]

    return _with_connection(url, compare)


def _not_a_partition(connection: sa.Connection) -> Callable[[str | None, str, Any], bool]:
    """Partitions come and go with the days; the models know their parent, which speaks for them."""
    partitions = set(connection.scalars(sa.text("SELECT relname FROM pg_class WHERE relispartition")))
    return lambda name, _kind, _parents: name not in partitions


def new_revision(message: str) -> Path:
    """Write an empty migration after the latest one, and return its file."""
    script = command.revision(
        configuration(), message=message, rev_id=time.strftime("%Y%m%d%H%M%S", time.gmtime())
    )
    if script is None or isinstance(script, list):
        raise RuntimeError("Alembic did not write exactly one migration")
    return Path(script.path)


def _with_connection[T](url: str, work: Callable[[sa.Connection], T]) -> T:
    """Run the work on a connection of its own. Not to be called inside a running event loop."""
    return asyncio.run(_connect_and_run(url, work))


async def _connect_and_run[T](url: str, work: Callable[[sa.Connection], T]) -> T:
    engine = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        poolclass=sa.NullPool,
        connect_args={
            "timeout": 10,
            "server_settings": {
                "application_name": "brigada-migrate",
                "lock_timeout": f"{LOCK_TIMEOUT_S}s",
                "statement_timeout": "0",
            },
        },
    )
    try:
        async with engine.connect() as connection:
            result = await connection.run_sync(work)
            await connection.commit()
            return result
    finally:
        await engine.dispose()
