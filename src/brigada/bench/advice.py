"""Measures of the advice: whom to send among 300 teams, the whole way from the request to the answer."""

import asyncio
import random
import time

import asyncpg

from brigada.bench.stand import Stand
from brigada.kit.figures import Figure, median, percentile
from brigada.kit.geo import Point
from brigada.regions.commands import install_demo
from brigada.regions.democity import build_city
from brigada.regions.progress import silent
from brigada.regions.store import RegionStore

TEAMS = 300
_PATIENCE_S = 60.0

_CARS = """
    INSERT INTO cars (number, class, model)
    SELECT 'Б' || n, 'B', 'bench' FROM unnest($1::int[]) AS n RETURNING id
"""
_STAFF = """
    INSERT INTO teams (name, profile, car_id, shift_start, shift_end)
    SELECT 'bench ' || car, 'physician', car, now() - interval '1 hour', now() + interval '8 hours'
    FROM unnest($1::bigint[]) AS car
"""
_FIXES = """
    INSERT INTO car_positions (car_id, lat, lon, at, received_at, source)
    SELECT car, lat, lon, now(), now(), 'bench'
    FROM unnest($1::bigint[], $2::float8[], $3::float8[]) AS fix (car, lat, lon)
"""


async def measure(stand: Stand, *, rounds: int) -> list[Figure]:
    """Ask for the candidates of calls all over the demo city, one after another."""
    await asyncio.to_thread(install_demo, RegionStore(stand.settings.data_dir), silent)
    rng = random.Random(11)  # noqa: S311  a draw of places, not a secret
    addresses = build_city().addresses
    connection = stand.connect("dispatcher")
    try:
        await _await_region(stand)
        await _staff(stand, [addresses[n].point for n in rng.sample(range(len(addresses)), TEAMS)])
        calls = [await _call(stand, rng.choice(addresses).point) for _ in range(min(rounds, 20))]
        before, times, rough = stand.cpu_seconds(), [], 0
        for n in range(rounds):
            started = time.perf_counter()
            answer = await connection.request("GET", f"/api/v1/calls/{calls[n % len(calls)]}/candidates")
            times.append((time.perf_counter() - started) * 1000)
            rough += answer.json()["approximate"]
        cpu_ms = (stand.cpu_seconds() - before) / rounds * 1000
    finally:
        await connection.close()
    free = await stand.fetch_value("SELECT count(*) FROM teams WHERE ended_at IS NULL")
    note = f"{free} teams; {rough} of {rounds} answers with an estimate in them"
    return [
        Figure("candidates of a call, p95", percentile(times, 0.95), "ms", 30, 10, less_is_better=True),
        Figure("candidates of a call, median", median(times), "ms", note=note),
        Figure("candidates of a call, CPU of the API process", cpu_ms, "ms", note="the roads' child apart"),
    ]


async def _await_region(stand: Stand) -> None:
    connection = stand.connect("dispatcher")
    deadline = time.monotonic() + _PATIENCE_S
    try:
        while not (await connection.request("GET", "/api/v1/region")).json()["installed"]:
            if time.monotonic() > deadline:
                raise TimeoutError("the service does not take the region")
            await asyncio.sleep(0.2)
    finally:
        await connection.close()


async def _staff(stand: Stand, places: list[Point]) -> None:
    connection = await asyncpg.connect(stand.database_url)
    try:
        async with connection.transaction():
            cars = [row["id"] for row in await connection.fetch(_CARS, list(range(len(places))))]
            await connection.execute(_STAFF, cars)
            await connection.execute(_FIXES, cars, [p.lat for p in places], [p.lon for p in places])
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _call(stand: Stand, place: Point) -> int:
    connection = stand.connect("dispatcher")
    try:
        body = {
            "reason": "Боль в груди",
            "address": "где-то",
            "criticality": "critical",
            "location": {"lat": place.lat, "lon": place.lon},
        }
        return int((await connection.request("POST", "/api/v1/calls", body)).json()["id"])
    finally:
        await connection.close()
