"""Positions in, each way by itself, through the running service; and how soon they are on a screen."""

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from brigada.bench import paced
from brigada.bench.client import hammer
from brigada.bench.stand import Stand
from brigada.kit.figures import Figure, median, percentile

FRAMES_AT_ONCE = 50


def _point(number: int) -> dict[str, Any]:
    return {
        "lat": 59.9 + number % 1000 * 1e-5, "lon": 30.31, "at": datetime.now(UTC).isoformat(), "accuracy_m": 5,
        "speed_mps": 11.0, "heading_deg": 90,
    }  # fmt: skip


async def ingest(stand: Stand, *, seconds: float) -> list[Figure]:
    """By frames on a socket, by batches of 100 over HTTP, singly and as trackers do; then paced, beside other work."""
    await stand.sign_in("worker")
    return [
        await _frames(stand, seconds),
        *await _requests(stand, seconds, points=1, name="by HTTP, one by one"),
        *await _requests(stand, seconds, points=100, name="by HTTP, batches of 100"),
        *await paced.trackers(stand, seconds / 2),
        *await paced.beside_all_else(stand, seconds, rate=1000),
        *await paced.beside_all_else(stand, seconds, rate=4000),
        *await _on_screen(stand, rounds=max(3, int(seconds * 2))),
    ]


async def _frames(stand: Stand, seconds: float) -> Figure:
    stored = await _stored(stand)
    url = stand.url.replace("http", "ws", 1) + "/ws"
    headers = {"Cookie": stand.accounts["worker"].headers["cookie"]}
    async with connect(url, additional_headers=headers, compression=None) as socket:
        await socket.recv()  # the hello: the crew's team is known from here on
        reading = asyncio.create_task(_read_on(socket))  # who does not read gets no pong either
        before, sent, started = stand.cpu_seconds(), 0, time.perf_counter()
        while sent == 0 or time.perf_counter() - started < seconds:
            for _ in range(FRAMES_AT_ONCE):
                await socket.send(json.dumps({"type": "position", **_point(sent)}))
                sent += 1
            await (await socket.ping())
        spent = time.perf_counter() - started
        reading.cancel()
        await asyncio.sleep(1.0)  # the flush interval and the flush
    cpu_us = (stand.cpu_seconds() - before) / sent * 1e6
    kept = await _stored(stand) - stored
    note = f"{cpu_us:.0f} µs of CPU each; {kept:,} of {sent:,} in the history, the others told nothing new"
    return Figure(
        "positions in, by frames on a socket", sent / spent, "/s", goal=1000, stretch=4000, note=note
    )


async def _read_on(socket: ClientConnection) -> None:
    async for _ in socket:
        pass


async def _requests(stand: Stand, seconds: float, *, points: int, name: str) -> list[Figure]:
    # The crew of the frames apart: a minute of its history is a hundred times that of a real car.
    opened = [stand.connect(login) for login in (await paced.crews(stand))[1:]]
    before = stand.cpu_seconds()
    try:

        async def work(client: int, n: int) -> bool:
            body = {"items": [_point(n * points + k) for k in range(points)]}
            return (await opened[client].request("POST", "/api/v1/positions", body)).status == 202

        load = await hammer(len(opened), seconds, work)
    finally:
        for connection in opened:
            await connection.close()
    taken = load.per_second * points
    cpu_us = (stand.cpu_seconds() - before) / max(1, len(load.latencies_s) * points) * 1e6
    return [
        Figure(
            f"positions in, {name}", taken, "/s", note=f"{cpu_us:.0f} µs of CPU each; answered when stored"
        ),
        Figure(f"answer, {name}, p99", percentile(load.latencies_s, 0.99) * 1000, "ms", less_is_better=True),
    ]


async def _on_screen(stand: Stand, *, rounds: int) -> list[Figure]:
    """From a crew's frame to the dispatcher's socket."""
    url = stand.url.replace("http", "ws", 1) + "/ws"
    took: list[float] = []
    cookie = {name: {"Cookie": stand.accounts[name].headers["cookie"]} for name in ("worker", "dispatcher")}
    async with (
        connect(url, additional_headers=cookie["worker"], compression=None) as phone,
        connect(url, additional_headers=cookie["dispatcher"], compression=None, max_size=2**24) as screen,
    ):
        await phone.recv()
        for _ in range(3):  # from elsewhere to here would be a jump: believed once the next fixes agree
            await phone.send(json.dumps({"type": "position", **_point(0), "lat": 59.95}))
            await asyncio.sleep(0.02)
        for number in range(1, rounds + 1):
            await asyncio.sleep(0.3)
            lat = round(59.95 + number * 1e-5, 6)
            started = time.perf_counter()
            await phone.send(json.dumps({"type": "position", **_point(0), "lat": lat}))
            async with asyncio.timeout(10):
                async for raw in screen:
                    frame = json.loads(raw)
                    if frame["type"] == "positions" and any(item["lat"] == lat for item in frame["items"]):
                        took.append(time.perf_counter() - started)
                        break
    return [
        Figure("position to the screen, median", median(took), "s", less_is_better=True),
        Figure("position to the screen, p95", percentile(took, 0.95), "s", goal=2, less_is_better=True),
    ]


async def _stored(stand: Stand) -> int:
    count = await stand.fetch_value("SELECT count(*) FROM positions")
    return count if isinstance(count, int) else 0
