"""Positions at a given pace, from several crews at once and beside other work: how soon each is in the history."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import asyncpg
from websockets.asyncio.client import ClientConnection, connect

from brigada.bench.client import Answer, Connection, hammer
from brigada.bench.service import call_body, close_calls
from brigada.bench.stand import Stand
from brigada.kit.figures import Figure, percentile

CREWS = 8
TURN_S = 0.01
LOOK_EVERY_S = 0.02
PATIENCE_S = 20.0

_LOGINS = """
    SELECT min(u.login) FROM team_members m JOIN teams t ON t.id = m.team_id JOIN users u ON u.id = m.user_id
    WHERE t.ended_at IS NULL AND m.left_at IS NULL GROUP BY t.id ORDER BY t.id LIMIT $1
"""


async def beside_all_else(stand: Stand, seconds: float, *, rate: int) -> list[Figure]:
    """So many frames a second and no more, while calls come in and boards are read."""
    async with _crews(stand) as sockets, _watched(stand) as watch:
        before, sent = stand.cpu_seconds(), list[float]()
        others = [asyncio.create_task(_read_on(socket)) for socket in sockets]
        others.append(asyncio.create_task(_other_work(stand)))
        started = time.perf_counter()
        while (now := time.perf_counter() - started) < seconds:
            for _ in range(int(now * rate) - len(sent)):
                point = json.dumps({"type": "position", **_point(len(sent))})
                sent.append(time.perf_counter())
                await sockets[len(sent) % len(sockets)].send(point)
            await asyncio.sleep(TURN_S)
        spent = time.perf_counter() - started
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while not watch or watch[-1][1] < len(sent):  # noqa: ASYNC110 -- another process writes
                    await asyncio.sleep(LOOK_EVERY_S)
        cpu = (stand.cpu_seconds() - before) / spent
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
    await close_calls(stand)
    waits = _waits(sent, watch)
    note = (
        f"{len(sent) / spent:,.0f}/s sent, {len(waits):,} of {len(sent):,} stored; "
        f"the API process at {cpu * 100:.0f} % of a core, its other work included"
    )
    name = f"stored, at {rate:,} frames a second beside other work"
    return [
        Figure(f"{name}, median", percentile(waits, 0.5), "s", less_is_better=True),
        Figure(f"{name}, p99", percentile(waits, 0.99), "s", goal=1.0, less_is_better=True, note=note),
    ]


def _waits(sent: list[float], watch: list[tuple[float, int]]) -> list[float]:
    """Seconds from the sending of each to the first look at which so many were stored; what never was is left out."""
    found, look = [], 0
    for number, at in enumerate(sent):
        while look < len(watch) and watch[look][1] <= number:
            look += 1
        if look == len(watch):
            break
        found.append(watch[look][0] - at)
    return found


def _point(number: int) -> dict[str, object]:
    """A point that is not thinned out as parked."""
    return {
        "lat": 59.9 + number % 1000 * 1e-6, "lon": 30.31, "at": datetime.now(UTC).isoformat(), "accuracy_m": 5,
        "speed_mps": 11.0, "heading_deg": 90,
    }  # fmt: skip


async def crews(stand: Stand) -> list[str]:
    """Logins of workers of several crews, signed in.

    Points of one car from several senders at once come out of order, each has to be looked up in the history, and what
    is measured is that; cars are not like that.
    """
    database = await asyncpg.connect(stand.database_url)
    try:
        logins = [row[0] for row in await database.fetch(_LOGINS, CREWS)]
    finally:
        await database.close()
    for login in logins:
        if login not in stand.accounts:
            await stand.sign_in(login)
    return logins


@contextlib.asynccontextmanager
async def _crews(stand: Stand) -> AsyncIterator[list[ClientConnection]]:
    """Sockets of several crews, each past its hello."""
    async with contextlib.AsyncExitStack() as opened:
        sockets = []
        for login in await crews(stand):
            headers = {"Cookie": stand.accounts[login].headers["cookie"]}
            url = stand.url.replace("http", "ws", 1) + "/ws"
            socket = await opened.enter_async_context(
                connect(url, additional_headers=headers, compression=None)
            )
            await socket.recv()
            sockets.append(socket)
        yield sockets


@contextlib.asynccontextmanager
async def _watched(stand: Stand) -> AsyncIterator[list[tuple[float, int]]]:
    """Look at the history again and again; (when, how many points are in it that were made since)."""
    since, looks = datetime.now(UTC), list[tuple[float, int]]()
    database = await asyncpg.connect(stand.database_url)

    async def look() -> None:
        while True:
            count = await database.fetchval("SELECT count(*) FROM positions WHERE at >= $1", since)
            looks.append((time.perf_counter(), count))
            await asyncio.sleep(LOOK_EVERY_S)

    looking = asyncio.create_task(look())
    try:
        yield looks
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await database.close()


async def _other_work(stand: Stand) -> None:
    """Ten calls and thirty boards a second, as far as the service gets."""
    async with stand.connections("dispatcher", 1) as (desk,):
        for number in range(1_000_000):
            await desk.request("POST", "/api/v1/calls", call_body(number))
            for _ in range(3):
                await desk.request("GET", "/api/v1/calls?view=actual")
            await asyncio.sleep(0.1)


async def _read_on(socket: ClientConnection) -> None:
    async for _ in socket:
        pass


async def trackers(stand: Stand, seconds: float) -> list[Figure]:
    """The three forms of the OsmAnd protocol, one point in each request."""
    paths = await _devices(stand)

    def query(n: int) -> str:
        at = datetime.now(UTC).isoformat().replace("+", "%2B")
        return f"lat={59.9 + n % 1000 * 1e-6:.6f}&lon=30.31&timestamp={at}&speed=21&accuracy=5&batt=80"

    def by_query(connection: Connection, path: str, n: int) -> Awaitable[Answer]:
        return connection.request("GET", f"{path}?{query(n)}")

    def by_form(connection: Connection, path: str, n: int) -> Awaitable[Answer]:
        return connection.request("POST", path, query(n).encode())

    def by_json(connection: Connection, path: str, n: int) -> Awaitable[Answer]:
        coords = {"latitude": 59.9 + n % 1000 * 1e-6, "longitude": 30.31, "speed": 11.0, "accuracy": 5.0}
        location = {"timestamp": datetime.now(UTC).isoformat(), "coords": coords, "is_moving": True}
        return connection.request("POST", path, {"location": location, "device_id": "bench"})

    return [
        figure
        for name, send in (("query", by_query), ("form", by_form), ("JSON", by_json))
        for figure in await _tracker(stand, paths, seconds, f"by a tracker's {name}", send)
    ]


async def _devices(stand: Stand) -> list[str]:
    """Trackers in cars whose crews' phones send nothing here (a tracker's word counts before theirs): addresses."""
    database = await asyncpg.connect(stand.database_url)
    admin = stand.connect("admin")
    try:
        query = "SELECT car_id FROM teams WHERE ended_at IS NULL ORDER BY id DESC LIMIT $1"
        paths = []
        for row in await database.fetch(query, 2 * CREWS):
            made = await admin.request("POST", "/api/v1/devices", {"name": "bench", "car_id": row["car_id"]})
            paths.append(f"/api/v1/positions/osmand/{made.json()['token']}")
        return paths
    finally:
        await admin.close()
        await database.close()


async def _tracker(
    stand: Stand,
    paths: list[str],
    seconds: float,
    name: str,
    send: Callable[[Connection, str, int], Awaitable[Answer]],
) -> list[Figure]:
    before = stand.cpu_seconds()
    async with stand.connections("worker", len(paths)) as opened:

        async def work(client: int, n: int) -> bool:
            return (await send(opened[client], paths[client], n)).status == 200

        load = await hammer(len(paths), seconds, work)
    if not load.latencies_s:
        raise RuntimeError(f"no position was taken {name}")
    cpu_us = (stand.cpu_seconds() - before) / len(load.latencies_s) * 1e6
    note = f"{cpu_us:.0f} µs of CPU each; answered when stored; {load.failures} not taken"
    return [
        Figure(f"positions in, {name}", load.per_second, "/s", note=note),
        Figure(f"answer, {name}, p99", percentile(load.latencies_s, 0.99) * 1000, "ms", less_is_better=True),
    ]
