"""A small past, invented: two stations, two shifts of twelve hours a day at each, calls around them."""

import asyncio
import random
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import numpy as np

from brigada.db.engine import asyncpg_dsn
from brigada.demo.history import Ground, Place
from brigada.demo.rhythm import ReasonFacts
from brigada.demo.town import write_history
from brigada.dispatch.optimiser.settings import PRESETS
from brigada.kit.geo import Point
from brigada.whatif.past import Past, PastCall, PlaceRow, Shift
from brigada.whatif.town import Town, build_town
from stage import Stage

ZONE = ZoneInfo("Europe/Moscow")
START = datetime(2026, 9, 7, tzinfo=ZONE)  # a Monday
DAYS = 14
PATIENCE_S = 240
"""A play takes seconds; beside other tests its worker, of low priority, may wait for minutes."""
DAY_S = 86_400.0
WEST, EAST = PlaceRow(11, "Западная", 59.93, 30.20), PlaceRow(12, "Восточная", 59.93, 30.40)
HOSPITAL = PlaceRow(21, "Больница", 59.95, 30.30)


def past_call(at_s: float, lat: float, lon: float, criticality: int = 1, minutes: float = 10.0) -> PastCall:
    """A call served in the usual way: a minute to the order, one to the departure, `minutes` on the road."""
    arrived = at_s + 120 + minutes * 60
    return PastCall(
        at_s=at_s, criticality=criticality, lat=lat, lon=lon, profile=None, district="Центр", assigned_s=at_s + 60,
        departed_s=at_s + 120, arrived_s=arrived, left_s=None, transported=False, at_hospital_s=None,
        ended_s=arrived + 1500, hospital_id=None, start=(59.93, 30.20), measured=True,
    )  # fmt: skip


def invented(calls_a_day: int = 16, seed: int = 3) -> Past:
    rng = np.random.default_rng(seed)
    at = np.sort(rng.uniform(0, DAYS * DAY_S, calls_a_day * DAYS))
    lat, lon = 59.93 + rng.uniform(-0.03, 0.03, len(at)), 30.30 + rng.uniform(-0.12, 0.12, len(at))
    rank = rng.choice(3, len(at), p=(0.2, 0.4, 0.4))
    rows = zip(at.tolist(), lat.tolist(), lon.tolist(), rank.tolist(), strict=True)
    shifts = [
        Shift(station, "paramedic", day * DAY_S + begin * 3600, day * DAY_S + (begin + 12) * 3600)
        for day in range(-1, DAYS + 1)
        for begin in (8, 20)
        for station in (11, 11, 12)
    ]
    return Past(
        start=START, days=DAYS, calls=[past_call(*row) for row in rows], left_out={"no_place": 0, "no_team": 0},
        shifts=[replace(s, start_s=max(0.0, s.start_s)) for s in shifts if s.end_s > 0], stations=(WEST, EAST),
        hospitals=(HOSPITAL,), norms_s=(1200.0, 1200.0, 7200.0), plan=PRESETS["balanced"],
    )  # fmt: skip


def invented_town(past: Past) -> Town:
    """On straight lines, with one place that variants may add."""
    return build_town(past, [PlaceRow(-1, "Рынок", 59.93, 30.30)])


async def lived(stage: Stage, calls_a_day: int = 20, days: int = 9) -> None:
    """Give the stage a past by the demo's own inventor."""
    rng = random.Random(5)
    places = [
        Place(f"ул. Ленина, {n}", "Центр", Point(59.93 + rng.uniform(-0.03, 0.03), 30.31 + rng.uniform(-0.06, 0.06)))
        for n in range(80)
    ]  # fmt: skip
    zone, now = stage.state.settings.zone, stage.state.clock.now()
    ids = {
        name: [row["id"] for row in await stage.sql(f"SELECT id FROM {name} ORDER BY id")]
        for name in ("cars", "users")
    }
    ground = Ground(
        places=places, stations=[(stage.station_id, Point(59.93, 30.31))],
        hospitals=[(stage.hospital_id, Point(59.95, 30.3))], cars=ids["cars"], workers=ids["users"],
        dispatchers=[stage.petrova.id], reasons=[ReasonFacts("chest_pain", "Боль в груди", "important")], zone=zone,
    )  # fmt: skip
    connection = await asyncpg.connect(asyncpg_dsn(stage.state.database.url))
    try:
        await write_history(connection, ground, end=now, calls=calls_a_day * days, days=days)
    finally:
        await connection.close()


async def until_finished(stage: Stage, run_id: int) -> dict[str, Any]:
    """The run once it has ended, by the app's own chore; who waits in vain is told what the app is about."""
    run: dict[str, Any] = {}
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                run = await stage.admin.get(f"/whatif/{run_id}")
                if run["status"] not in {"queued", "running"}:
                    return run
                await asyncio.sleep(0.1)
    except TimeoutError:
        stands = {name: run.get(name) for name in ("status", "progress", "step", "problem")}
        tasks = sorted(str(task) for task in asyncio.all_tasks())
        raise AssertionError("\n".join([f"the run stands: {stands}", *tasks])) from None
