"""A `kill -9` of the API process while points flow: what is lost of a track, and what never is."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from brigada.embedded.stack import Stack
from live.databases import fresh_database
from live.facts import Facts, facts_of
from live.people import Person
from live.service import Process, live_settings

pytestmark = [pytest.mark.anyio, pytest.mark.long]

EVERY_S = 0.01
PROMISED = timedelta(seconds=0.5)
"""`BRIGADA_POSITION_FLUSH_S`, and what docs/positions.md says that a kill may cost."""
SLACK = timedelta(seconds=2.5)
"""A busy machine may take so long to write what was gathered; how long it really takes is measured, not tested."""


@dataclass
class Drive:
    """A crew's phone that tells where it is a hundred times a second."""

    socket: ClientConnection
    sent: list[datetime] = field(default_factory=list)

    async def go(self) -> None:
        while True:
            at = datetime.now(UTC)
            # Quick enough not to be thinned out as parked, in steps that are no jump.
            point = {"lat": 59.9 + len(self.sent) * 1e-6, "lon": 30.3, "at": at.isoformat(), "speed_mps": 11}
            await self.socket.send(json.dumps({"type": "position", **point}))
            self.sent.append(at)
            await asyncio.sleep(EVERY_S)


@asynccontextmanager
async def driving(url: str, worker: Person) -> AsyncIterator[Drive]:
    address = url.replace("http", "ws", 1) + "/api/v1/ws"
    async with connect(address, additional_headers={"Cookie": worker.cookie}, compression=None) as socket:
        while json.loads(await socket.recv())["type"] != "hello":
            pass
        drive = Drive(socket)
        reading = asyncio.create_task(_read_on(socket))
        going = asyncio.create_task(drive.go())
        try:
            yield drive
        finally:
            for task in (going, reading):
                task.cancel()
            await asyncio.gather(going, reading, return_exceptions=True)


async def _read_on(socket: ClientConnection) -> None:
    async for _ in socket:
        pass


async def history(facts: Facts, since: datetime) -> list[datetime]:
    rows = await facts.sql.fetch("SELECT at FROM positions WHERE at >= $1 ORDER BY at", since)
    return [row["at"] for row in rows]


async def until_stored(facts: Facts, since: datetime, count: int) -> None:
    async with asyncio.timeout(60):
        while len(await history(facts, since)) < count:  # noqa: ASYNC110 -- another process writes
            await asyncio.sleep(0.02)


def kept_on_the_phone(first: datetime, count: int) -> list[dict[str, Any]]:
    return [
        {
            "lat": 59.8 + n * 1e-4,
            "lon": 30.2,
            "at": (first + timedelta(seconds=n)).isoformat(),
            "speed_mps": 11,
        }
        for n in range(count)
    ]


@pytest.fixture
def database(servers: Stack, template_database: str) -> Iterator[str]:
    with fresh_database(servers, template_database) as dsn:
        yield dsn


async def test_a_kill_loses_at_most_the_last_moment_of_frames_and_nothing_that_was_answered(
    database: str, redis_url: str, tmp_path: Path
) -> None:
    process = Process(live_settings(tmp_path, database, redis_url))
    async with facts_of(database) as facts:
        _, (login,) = await facts.team()
        process.start()
        worker = await Person.sign_in(process.url, login)
        try:
            began = datetime.now(UTC)
            offline = began - timedelta(minutes=40)
            async with driving(process.url, worker) as drive:
                await until_stored(facts, began, 50)
                answer = await worker.ask("POST", "/positions", {"items": kept_on_the_phone(offline, 200)})
                assert answer.status_code == 202, answer.text
                await until_stored(facts, began, 100)
                # The worst moment: just before what was gathered is written.
                while drive.sent[-1] - (await history(facts, began))[-1] < PROMISED * 0.8:  # noqa: ASYNC110
                    await asyncio.sleep(EVERY_S)
                killed_at = datetime.now(UTC)
                os.kill(process.pid, signal.SIGKILL)
                await asyncio.wait_for(drive.socket.wait_closed(), 10)
            process.kill()

            stored = await history(facts, began)
            sent = [at for at in drive.sent if at <= killed_at]
            # What is missing is the end: no hole, and nothing from longer ago than what is gathered for one write.
            assert stored == drive.sent[: len(stored)]
            lost = sent[len(stored) :]
            assert not lost or killed_at - lost[0] < PROMISED + SLACK
            print(f"lost {(killed_at - lost[0]).total_seconds() if lost else 0:.3f} s, {len(lost)} frames")
            # What was answered was stored.
            assert len(await history(facts, offline)) - len(stored) == 200

            process.start()
            back = worker.at(process.url)
            await worker.close()
            worker = back
            again = datetime.now(UTC)
            async with driving(process.url, worker):
                await until_stored(facts, again, 10)
        finally:
            await worker.close()
            process.stop()
