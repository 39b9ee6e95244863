"""Measures of the service itself: answers, commands, fan-out, sockets, growth."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from random import Random
from typing import Any

import asyncpg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from brigada.bench.client import Load, hammer
from brigada.bench.stand import Stand
from brigada.demo.town import ground, write_history
from brigada.kit.clock import SystemClock
from brigada.kit.figures import Figure, median, percentile
from brigada.regions.democity import build_city

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How long and how large; the short one is for trying the benchmark itself."""

    seconds: float
    commands: int
    sockets: int
    history: int
    fan_outs: int


FULL = Size(seconds=8, commands=100_000, sockets=5_000, history=500_000, fan_outs=60)
SHORT = Size(seconds=1.5, commands=500, sockets=200, history=2_000, fan_outs=8)


async def small_get(stand: Stand, size: Size) -> list[Figure]:
    """An authenticated small GET, one process, 32 clients."""
    before = stand.cpu_seconds()
    async with stand.connections("dispatcher", 32) as clients:

        async def work(client: int, _n: int) -> bool:
            return (await clients[client].request("GET", "/api/v1/auth/me")).status == 200

        load = await hammer(32, size.seconds, work)
    cpu_us = (stand.cpu_seconds() - before) / max(1, len(load.latencies_s)) * 1e6
    return [
        rate("authenticated small GET", load, goal=1000, stretch=2000, note=f"{cpu_us:.0f} µs of CPU each"),
        p95("authenticated small GET, p95", load, goal=50),
    ]


_ONE_CHANGE = """
    WITH changed AS (
        UPDATE calls SET version = version + 1
        WHERE id = (SELECT id FROM calls WHERE status IN ('new', 'accepted') ORDER BY id OFFSET $1 LIMIT 1)
    )
    UPDATE event_counter SET last_seq = last_seq + 1
"""


async def board(stand: Stand, size: Size) -> list[Figure]:
    """The board of 200 open calls: from cached bytes, and made anew for each answer."""
    await fill_board(stand, 200)
    async with stand.connections("dispatcher", 16) as clients:

        async def cached(client: int, _n: int) -> bool:
            return (await clients[client].request("GET", "/api/v1/calls?view=actual")).status == 200

        warm = await hammer(16, size.seconds, cached)
        bump = await asyncpg.connect(stand.database_url)
        try:
            await bump.execute("SET synchronous_commit = off")  # the disk is no part of making a board

            async def fresh(client: int, n: int) -> bool:
                # For the service every answer is the first of its picture, in which one call is another one.
                await bump.execute(_ONE_CHANGE, n % 200)
                return (await clients[client].request("GET", "/api/v1/calls?view=actual")).status == 200

            cold = await hammer(1, size.seconds, fresh)
        finally:
            await bump.close()
    answer = await stand.connect("dispatcher").request("GET", "/api/v1/calls?view=actual")
    note = f"{len(answer.json()['items'])} calls, {len(answer.body) / 1024:.0f} KB"
    return [
        rate("board of 200 calls, cached bytes", warm, goal=2000, note=note),
        rate(
            "board of 200 calls, made anew",
            cold,
            goal=150,
            note="one client, a call changed before each answer",
        ),
    ]


async def fill_board(stand: Stand, wanted: int) -> None:
    """Take in calls until so many are open."""
    connection = stand.connect("dispatcher")
    have = len((await connection.request("GET", "/api/v1/calls?view=actual")).json()["items"])
    for n in range(have, wanted):
        await connection.request("POST", "/api/v1/calls", call_body(n))
    await connection.close()


def call_body(n: int) -> dict[str, Any]:
    """A call to take in; they differ by `n`."""
    return {
        "reason": "chest_pain",
        "address": f"улица Ленина, {n % 200 + 1}",
        "location": {"lat": 58.9 + n % 97 * 1e-4, "lon": 33.9 + n % 89 * 1e-4},
        "patient": {"surname": "Иванов", "name": "Пётр", "age": n % 90},
        "caller_phone": "+7 900 000-00-00",
    }


async def close_calls(stand: Stand) -> None:
    """Take the created calls off the board, beside the service: the next measures want a board of usual size."""
    await stand.execute(
        "UPDATE calls SET status = 'rejected', reject_reason = 'other', closed_at = now() WHERE status = 'new'"
    )


class Ears:
    """Many sockets, and when each of them heard of the event awaited."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.last_seq = 0
        self._after = 0
        self._heard: dict[int, float] = {}
        self._all = asyncio.Event()

    def heard(self, socket: int, seq: int) -> None:
        """Note that a socket got an event."""
        self.last_seq = max(self.last_seq, seq)
        if seq > self._after and socket not in self._heard:
            self._heard[socket] = time.perf_counter()
            if len(self._heard) == self.count:
                self._all.set()

    def listen(self) -> None:
        """Await the next event from now on."""
        self._after = self.last_seq
        self._heard.clear()
        self._all.clear()

    async def wait(self, seconds: float) -> list[float]:
        """Return when each socket heard it; those that did not within so many seconds are left out."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._all.wait(), seconds)
        return list(self._heard.values())


@asynccontextmanager
async def _sockets(stand: Stand, login: str, count: int, *, snapshot: bool = False) -> AsyncIterator[Ears]:
    """Open sockets of one account, 100 at a time; with `snapshot` each asks for the whole picture first, as a page."""
    headers = {"cookie": stand.accounts[login].headers["cookie"]}
    url = f"ws://127.0.0.1:{stand.settings.port}/api/v1/ws"
    ears, gate = Ears(count), asyncio.Semaphore(100)

    async def open_one() -> ClientConnection:
        async with gate:
            after = ""
            if snapshot:
                page = stand.connect(login)
                picture = (await page.request("GET", "/api/v1/snapshot")).json()
                await page.close()
                after = f"?after={picture['seq']}&epoch={picture['epoch']}"
            return await connect(
                url + after, additional_headers=headers, compression=None, open_timeout=60, ping_interval=None
            )

    async def read(index: int, socket: ClientConnection) -> None:
        with suppress(WebSocketException):
            async for frame in socket:
                if isinstance(frame, str) and frame.startswith('{"type":"event","seq":'):
                    ears.heard(index, int(frame[22:].split(",", 1)[0]))

    opened = await asyncio.gather(*(open_one() for _ in range(count)))
    readers = [asyncio.create_task(read(index, socket)) for index, socket in enumerate(opened)]
    try:
        yield ears
    finally:
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        await asyncio.gather(*(socket.close() for socket in opened), return_exceptions=True)


async def fan_out(stand: Stand, size: Size) -> list[Figure]:
    """From a command's request to the frame at the last of 100 and of 500 sockets."""
    figures = []
    for count, goal, stretch in ((100, None, None), (500, 250.0, 100.0)):
        delays, missed = [], 0
        async with _sockets(stand, "dispatcher", count) as ears:
            writer = stand.connect("petrova")
            await writer.request("GET", "/api/v1/auth/me")
            for n in range(size.fan_outs):
                ears.listen()
                started = time.perf_counter()
                await writer.request("POST", "/api/v1/calls", call_body(n))
                times = await ears.wait(5)
                missed += count - len(times)
                delays.append(max(times, default=started + 5) - started)
                await asyncio.sleep(0.05)  # a pause between two calls, as in life
            await writer.close()
        figures.append(
            Figure(
                f"command → last of {count} sockets, p95", percentile(delays, 0.95) * 1000, "ms", goal, stretch,
                less_is_better=True, note=f"median {median(delays) * 1000:.0f} ms, {missed} frames missing",
            )
        )  # fmt: skip
        await close_calls(stand)
    return figures


async def sockets_held(stand: Stand, size: Size) -> list[Figure]:
    """Many open sockets: memory of each, and the storm of all of them coming back at once."""
    before = stand.memory_bytes()
    started = time.perf_counter()
    async with _sockets(stand, "dispatcher", size.sockets, snapshot=True) as ears:
        storm = time.perf_counter() - started
        await asyncio.sleep(2)  # until what the handshakes needed is freed
        each = (stand.memory_bytes() - before) / ears.count / 1024
        ears.listen()
        await stand.connect("petrova").request("POST", "/api/v1/calls", call_body(1))
        reached = len(await ears.wait(20))
    return [
        Figure("sockets held in one process", ears.count, "", goal=size.sockets if size is FULL else None),
        Figure("memory of a socket", each, "KB", goal=40, less_is_better=True),
        Figure("of them reached by an event", reached, "", goal=ears.count),
        Figure(
            "2,000 clients back", storm * 2000 / size.sockets, "s", goal=10, less_is_better=True,
            note=f"{ears.count} had snapshot and socket in {storm:.1f} s, load generator on the same machine",
        ),
    ]  # fmt: skip


async def growth(stand: Stand, size: Size, progress: Progress) -> list[Figure]:
    """The same work with the demo's history and with a long one: costs must not grow with history."""
    short = await _cost_of_work(stand, size)
    connection = await asyncpg.connect(stand.database_url)
    try:
        where = await ground(connection, build_city(), stand.settings.zone)
        await write_history(
            connection, where, end=SystemClock().now(), calls=size.history, seed=7,
            progress=lambda done: progress(f"history: {done:,} calls"),
        )  # fmt: skip
        await connection.execute("ANALYZE")
        total = await connection.fetchval("SELECT count(*) FROM calls")
    finally:
        await connection.close()
    long = await _cost_of_work(stand, size)
    return [
        Figure(
            f"{name}: cost with {total:,} calls of history against few", long[name] / short[name], "x", 1.2,
            less_is_better=True, note=f"{short[name] * 1000:.1f} → {long[name] * 1000:.1f} ms",
        )
        for name in short
    ]  # fmt: skip


async def _cost_of_work(stand: Stand, size: Size) -> dict[str, float]:
    """Return the median seconds of a fresh board, an assignment with its end, a new call."""
    rng = Random(1)  # noqa: S311 -- a choice of teams
    rounds = 200 if size is FULL else 20
    connection = stand.connect("dispatcher")
    times: dict[str, list[float]] = {"board": [], "new call": [], "assignment": []}

    async def timed(name: str, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 -- JSON
        started = time.perf_counter()
        answer = await connection.request(method, path, body)
        times[name].append(time.perf_counter() - started)
        return answer.json()

    teams = (await connection.request("GET", "/api/v1/teams?free=true&limit=100")).json()["items"]
    for n in range(rounds):
        call = await timed("new call", "POST", "/api/v1/calls", call_body(n))
        team = rng.choice(teams)["id"]
        await timed("assignment", "POST", f"/api/v1/calls/{call['id']}/assignments", {"team_id": team})
        await timed("board", "GET", "/api/v1/calls?view=actual")
        await connection.request("POST", f"/api/v1/calls/{call['id']}/reject", {"reason": "refused"})
    await connection.close()
    return {name: median(values) for name, values in times.items()}


def rate(name: str, load: Load, *, goal: float, stretch: float | None = None, note: str = "") -> Figure:
    """The median rate of a load as a figure."""
    failed = f"{load.failures} failed" if load.failures else ""
    return Figure(
        name, load.per_second, "/s", goal, stretch, note="; ".join(part for part in (note, failed) if part)
    )


def p95(name: str, load: Load, *, goal: float) -> Figure:
    """The 95th percentile of a load's latencies as a figure."""
    value = percentile(load.latencies_s, 0.95) * 1000
    return Figure(
        name, value, "ms", goal, less_is_better=True, note=f"median {median(load.latencies_s) * 1000:.1f} ms"
    )
