"""A load generator that costs less than what it measures: keep-alive HTTP/1.1 over asyncio streams, no TLS.

A general client takes about 500 µs of CPU a request, twice as much as the server; this one takes about 40.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from brigada.kit.figures import median

PARTS = 9
"""Into how many parts the time of a load is cut for its median rate."""


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 -- JSON
        return json.loads(self.body)


@dataclass(slots=True)
class Account:
    """The headers of a signed-in person, or of a key."""

    headers: dict[str, str] = field(default_factory=dict)


class Connection:
    """One keep-alive connection; one request at a time."""

    def __init__(self, host: str, port: int, account: Account) -> None:
        self._host, self._port = host, port
        self._lines = "".join(f"{name}: {value}\r\n" for name, value in account.headers.items())
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def request(self, method: str, path: str, body: object = None, extra: str = "") -> Answer:
        """Send a request and read its answer; connects first when it has to. Bytes are sent as a form."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port, limit=2**22)
        form = isinstance(body, bytes)
        payload = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        head = f"{method} {path} HTTP/1.1\r\nhost: {self._host}:{self._port}\r\n{self._lines}{extra}"
        if body is not None:
            head += f"content-type: application/{'x-www-form-urlencoded' if form else 'json'}\r\n"
        if method != "GET":
            head += f"content-length: {len(payload)}\r\n"
        self._writer.write(head.encode() + b"\r\n" + payload)
        status_line, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        length = next((int(line[15:]) for line in lines if line[:15].lower() == "content-length:"), 0)
        return Answer(int(status_line.split(" ", 2)[1]), await self._reader.readexactly(length))

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._reader = self._writer = None


@dataclass(frozen=True, slots=True)
class Load:
    """What many clients saw."""

    seconds: float
    latencies_s: list[float]
    failures: int
    done_s: list[float]
    """When each success was there, in seconds from the start."""

    @property
    def per_second(self) -> float:
        """Successes a second: the median of equal parts of the time, so that one hiccup of the machine is no result."""
        part = self.seconds / PARTS
        counts = [0] * PARTS
        for moment in self.done_s:
            counts[min(PARTS - 1, int(moment / part))] += 1
        return median(counts) / part


async def hammer(
    clients: int, seconds: float, work: Callable[[int, int], Awaitable[bool]], *, most: int | None = None
) -> Load:
    """Let `clients` do `work(client, n)` over and over for so long (or `most` times in all).

    `work` returns whether it went well; what went wrong is counted apart and not among the latencies.
    """
    latencies: list[float] = []
    done: list[float] = []
    failures = 0
    begun = time.perf_counter()
    stop_at = begun + seconds
    left = most if most is not None else 2**62

    async def run(client: int) -> None:
        nonlocal failures, left
        n = 0
        while time.perf_counter() < stop_at and left > 0:
            left -= 1
            started = time.perf_counter()
            if await work(client, n):
                now = time.perf_counter()
                latencies.append(now - started)
                done.append(now - begun)
            else:
                failures += 1
            n += 1

    await asyncio.gather(*(run(client) for client in range(clients)))
    return Load(time.perf_counter() - begun, latencies, failures, done)
