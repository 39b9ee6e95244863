"""Servers of their own for tests that stop them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from brigada.db import migrate
from brigada.embedded.stack import Stack
from brigada.settings import load_settings
from live.service import Process, live_settings, processes


@dataclass(frozen=True)
class Town:
    """PostgreSQL and Redis that may be stopped, and two API processes that may not notice more than they must."""

    stack: Stack
    processes: list[Process]
    dsn: str


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    # As a service runs it: what was committed survives the end of the database.
    options = {"fsync": "off", "shared_buffers": "64MB", "logging_collector": "off"}
    with TemporaryDirectory(prefix="brigada-town-") as name:
        folder = Path(name)
        given = load_settings(_env_file=None, mode="test", data_dir=folder / "var")
        with Stack(given, postgres_options=options) as stack:
            addresses = stack.addresses
            migrate.upgrade(addresses.database_url)
            limit = {"login_limit_per_account": 5}
            settings = [
                live_settings(folder, addresses.database_url, addresses.redis_url, **limit) for _ in range(2)
            ]
            with processes(settings) as running:
                yield Town(stack, running, addresses.database_url)
