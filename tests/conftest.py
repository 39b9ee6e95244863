"""Fixtures of every test: one PostgreSQL and one Redis a worker, started when first needed.

`database_url` is a fresh, migrated database for one test, `shared_database_url` one for a module.
They are copies of a template that is migrated once, so a copy costs tens of milliseconds.
"""

import asyncio
import itertools
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
import redis
from fastapi import FastAPI

from brigada.app import create_app
from brigada.auth.limits import Limiter
from brigada.db import migrate
from brigada.embedded.stack import Stack
from brigada.settings import Settings, load_settings
from live.databases import apart, fresh_database, run_statement
from stage import Stage, running_app, seeded_tables, set_stage, settings_for_tests

pytest_plugins = ["live.fixtures"]

# How long an example takes depends on what else the machine does; whether it holds does not.
hypothesis.settings.register_profile(
    "steady", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("steady")

TEMPLATE = "template_of_tests"
FAST = {
    # The servers of the tests live for minutes and are thrown away: they need not survive a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "logging_collector": "off",
    "autovacuum_naptime": "1h",
}
REDIS_DATABASES = 63
"""Logical databases that tests take in turn; one more belongs to the stage."""

_numbers = itertools.count(1)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """No test begins in a thread that an event loop occupies: whichever test comes first, none may run another.

    Only Playwright's loop outlives a test; it ends with its module, whose tests run no loop of their own.
    """
    if "browser" in item.path.parts:
        return
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return
    pytest.fail(f"a fixture of an earlier test left a running event loop: {loop}")


@pytest.fixture(scope="session", autouse=True)
def _only_settings_of_the_tests() -> Iterator[None]:
    """Whoever runs the tests may have a `.env` and variables of a real service; no test reads them."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("BRIGADA_")}
    test_data = kept.pop("BRIGADA_TEST_DATA", None)
    if test_data is not None:
        os.environ["BRIGADA_TEST_DATA"] = test_data
    yield
    os.environ.update(kept)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def servers() -> Iterator[Stack]:
    """The servers of this worker.

    Not below the folder of pytest: another run of pytest closes that one to every other account, and as root the
    servers run as one.
    """
    with TemporaryDirectory(prefix="brigada-tests-") as folder:
        yield from _servers_in(Path(folder) / "var")


def _servers_in(data_dir: Path) -> Iterator[Stack]:
    settings = load_settings(_env_file=None, mode="test", data_dir=data_dir)
    with Stack(settings, postgres_options=FAST) as stack:
        yield stack


@pytest.fixture(scope="session")
def template_database(servers: Stack) -> str:
    """The name of the migrated database that the others are copies of."""
    assert servers.postgres is not None
    run_statement(servers.postgres.url(), f'CREATE DATABASE "{TEMPLATE}" TEMPLATE template0')
    url = servers.postgres.url(TEMPLATE)
    apart(lambda: migrate.upgrade(url))
    return TEMPLATE


@pytest.fixture
def empty_database_url(servers: Stack) -> Iterator[str]:
    """A database without any table."""
    with fresh_database(servers, "template0") as url:
        yield url


@pytest.fixture
def database_url(servers: Stack, template_database: str) -> Iterator[str]:
    """A fresh migrated database of this test alone."""
    with fresh_database(servers, template_database) as url:
        yield url


@pytest.fixture(scope="module")
def shared_database_url(servers: Stack, template_database: str) -> Iterator[str]:
    """A migrated database shared by the tests of one module."""
    with fresh_database(servers, template_database) as url:
        yield url


@pytest.fixture
def redis_url(servers: Stack) -> str:
    """An empty logical database of Redis."""
    assert servers.redis is not None
    url = servers.redis.url(next(_numbers) % REDIS_DATABASES)
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture
def within_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts are counted by the minute, and a test may begin at the end of one: here the minute does not end."""
    moment = time.time()
    monkeypatch.setattr(Limiter, "now", lambda _: moment)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the working copy."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def real_extracts(repository: Path) -> Path:
    """The folder with real extracts, where there is one."""
    folder = Path(os.environ.get("BRIGADA_TEST_DATA", repository.parent / "shared" / "data")) / "osm"
    if not folder.is_dir():
        pytest.skip("no real extracts: BRIGADA_TEST_DATA names their folder")
    return folder


@pytest.fixture(scope="session")
def stage_settings(servers: Stack, template_database: str) -> Iterator[Settings]:
    """Settings of the app that the API's tests share: a database and a Redis of this worker."""
    assert servers.redis is not None
    with fresh_database(servers, template_database) as url:
        # A folder of its own: numbers of jobs are those of its database.
        folder = servers.settings.data_dir / "stage"
        yield settings_for_tests(url, servers.redis.url(REDIS_DATABASES), data_dir=folder)


@pytest.fixture(scope="session")
def described_app() -> FastAPI:
    """The app as it is put together, for tests of its routes and documents: it never runs."""
    return create_app(settings_for_tests("postgresql://nobody@localhost/nothing", "redis://localhost"))


@pytest.fixture(scope="session")
async def stage_app(stage_settings: Settings) -> AsyncIterator[tuple[FastAPI, frozenset[str]]]:
    """The app, alive for all tests of this worker, and the tables that migrations filled."""
    async with running_app(stage_settings) as app:
        yield app, await seeded_tables(app)


@pytest.fixture
async def stage(stage_app: tuple[FastAPI, frozenset[str]]) -> AsyncIterator[Stage]:
    """The app with an empty service and the named cast in it."""
    stage = await set_stage(*stage_app)
    yield stage
    await stage.close()
