"""A service of two processes, started once for each worker of the tests."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import redis

from brigada.embedded.stack import Stack
from live.databases import fresh_database
from live.service import Process, live_settings, processes

WINDOW = 1_000
"""Events that a client of these processes may have missed and still resume."""


@dataclass(frozen=True)
class House:
    """Two processes over one database."""

    processes: list[Process]
    dsn: str


@pytest.fixture(scope="session")
def house(
    servers: Stack, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    assert servers.redis is not None
    url = servers.redis.url(63)
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    with fresh_database(servers, template_database) as dsn:
        folder = tmp_path_factory.mktemp("house")
        settings = [live_settings(folder, dsn, url, resume_window_events=WINDOW) for _ in range(2)]
        with processes(settings) as running:
            yield House(running, dsn)
