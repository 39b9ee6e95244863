"""The doorbell: other processes ring through Redis, and the ear finds out when it listens to nobody."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from brigada.kit.cache import Cache
from brigada.realtime import tail
from brigada.realtime.tail import Doorbell

pytestmark = pytest.mark.anyio


class Line:
    """A line to Redis that can fall silent without being closed: the host behind it lost its power."""

    def __init__(self, redis_url: str) -> None:
        parts = urlsplit(redis_url)
        self._socket = parts.path
        self._database = parse_qs(parts.query)["db"][0]
        self._open: set[asyncio.Event] = set()
        self.begun = 0
        self.url = ""
        self._tasks: set[asyncio.Task[None]] = set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(self._socket)
        up = asyncio.Event()
        up.set()
        self._open.add(up)
        self.begun += 1
        pumps = [(reader, far_writer), (far_reader, writer)]
        tasks = [asyncio.create_task(self._pump(source, sink, up)) for source, sink in pumps]
        self._tasks.update(tasks)
        await asyncio.wait(tasks)
        for one in (writer, far_writer):
            one.close()

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, up: asyncio.Event
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(65536):
                await up.wait()
                sink.write(data)
                await sink.drain()
            sink.write_eof()

    def fall_silent(self) -> None:
        """For whoever is connected now; new connections are good."""
        for up in self._open:
            up.clear()

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator["Line"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.url = f"redis://127.0.0.1:{port}/{self._database}"
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)


async def rung(ear: Doorbell, far: Doorbell) -> None:
    """Ring at another process until it is heard here."""
    async with asyncio.timeout(30):
        while True:
            far.ring(1)
            if await ear.local.wait(0.05):
                return


async def test_a_line_that_fell_silent_is_replaced(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "SILENCE_S", 0.2)
    async with Line(redis_url).opened() as line:
        near_cache, far_cache = Cache(line.url, timeout_s=2), Cache(redis_url, timeout_s=2)
        near, far = Doorbell(near_cache), Doorbell(far_cache)
        listening = asyncio.create_task(near.listen())
        try:
            await rung(near, far)
            line.fall_silent()
            await rung(near, far)
            assert line.begun > 1
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await near_cache.close()
            await far_cache.close()


async def test_a_quiet_line_that_stands_is_kept(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "SILENCE_S", 0.02)
    async with Line(redis_url).opened() as line:
        near_cache, far_cache = Cache(line.url, timeout_s=2), Cache(redis_url, timeout_s=2)
        near, far = Doorbell(near_cache), Doorbell(far_cache)
        listening = asyncio.create_task(near.listen())
        try:
            await rung(near, far)
            await asyncio.sleep(0.3)  # several times the silence: the point is that nothing happens
            await rung(near, far)
            assert line.begun == 1
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await near_cache.close()
            await far_cache.close()
