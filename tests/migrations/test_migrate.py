"""Migrations go up, down and up again, wait for each other, and agree with the models."""

import asyncio
import importlib.util
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import asyncpg
import pytest

from brigada.db import migrate

HAS_MIGRATIONS = migrate.head() is not None
needs_migrations = pytest.mark.skipif(not HAS_MIGRATIONS, reason="there is no migration yet")


async def structure(url: str) -> list[tuple[str, ...]]:
    """Every column, constraint and index of the service's own tables, in words."""
    connection = await asyncpg.connect(url)
    try:
        columns = await connection.fetch(
            "SELECT table_name, column_name, data_type, is_nullable, coalesce(column_default, '')"
            " FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name <> 'alembic_version'"
        )
        constraints = await connection.fetch(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic%'"
        )
        indexes = await connection.fetch(
            "SELECT tablename, indexname, indexdef FROM pg_indexes"
            " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        )
        routines = await connection.fetch(
            "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        )
    finally:
        await connection.close()
    return sorted(tuple(map(str, row)) for row in (*columns, *constraints, *indexes, *routines))


@needs_migrations
def test_up_down_and_up_again_gives_the_same_structure(empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url)
    first = asyncio.run(structure(empty_database_url))
    assert first
    assert migrate.current(empty_database_url) == migrate.head()
    migrate.downgrade(empty_database_url)
    assert asyncio.run(structure(empty_database_url)) == []
    migrate.upgrade(empty_database_url)
    assert asyncio.run(structure(empty_database_url)) == first


@needs_migrations
@pytest.mark.skipif(importlib.util.find_spec("brigada.tables") is None, reason="there are no models yet")
def test_the_models_say_what_the_migrations_made(database_url: str) -> None:
    tables = importlib.import_module("brigada.tables")
    assert migrate.drift(database_url, tables.metadata) == []


@needs_migrations
def test_processes_that_migrate_at_once_wait_for_each_other(empty_database_url: str) -> None:
    program = "import sys; from brigada.db import migrate; migrate.upgrade(sys.argv[1])"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, empty_database_url], stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=100)
        assert process.returncode == 0, errors
    assert migrate.current(empty_database_url) == migrate.head()


def test_an_empty_database_is_at_no_revision(empty_database_url: str) -> None:
    assert migrate.current(empty_database_url) is None


def test_every_migration_limits_its_wait_for_locks() -> None:
    for file in (migrate.migrations_folder() / "versions").glob("*.py"):
        assert "lock_timeout" in file.read_text(encoding="utf-8"), file.name


def test_databases_of_tests_start_equal(database_url: str, shared_database_url: str, redis_url: str) -> None:
    assert database_url != shared_database_url
    assert migrate.current(database_url) == migrate.head()
    assert redis_url.startswith("unix://")


def test_the_installed_package_brings_its_migrations(repository: Path, tmp_path: Path) -> None:
    """The image holds the wheel alone: no working copy stands around it."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=repository, check=True, capture_output=True, timeout=100)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        needed = ("brigada/__init__.py", "brigada/db/", "brigada/_migrations/")
        packed.extractall(
            tmp_path / "installed", [name for name in packed.namelist() if name.startswith(needed)]
        )
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'installed')!r})\n"
        "from brigada.db import migrate\n"
        "print(migrate.migrations_folder(), migrate.head())"
    )
    told = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert told.stdout.split() == [str(tmp_path / "installed" / "brigada" / "_migrations"), migrate.head()]
    assert set(python_files(tmp_path / "installed" / "brigada" / "_migrations")) == set(
        python_files(repository / "migrations")
    )


def python_files(folder: Path) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in folder.rglob("*.py")]


def test_a_working_copy_uses_its_own_migrations(repository: Path) -> None:
    assert migrate.migrations_folder() == repository / "migrations"
    pyproject = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    # Otherwise an editable install holds a copy of them, which grows old.
    assert pyproject["tool"]["hatch"]["build"]["dev-mode-dirs"] == ["src"]
