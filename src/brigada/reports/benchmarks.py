"""An invented history of any size, written by COPY: for measuring, and for looking at reports before there is data.

The figures follow published ones: hourly factors of a large city, lognormal work on the scene, a third transported.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import numpy as np

from brigada.db.engine import asyncpg_dsn

HOURLY = (
    0.56, 0.48, 0.40, 0.37, 0.33, 0.45, 0.74, 1.05, 1.37, 1.63, 1.77, 1.70,
    1.56, 1.48, 1.28, 1.23, 1.20, 1.14, 1.08, 1.01, 0.91, 0.85, 0.75, 0.65,
)  # fmt: skip
"""Calls by local hour over the mean of the day: 229,484 calls of a large city (LASPATED)."""

CRITICALITY_SHARES = (("critical", 0.18), ("important", 0.37), ("common", 0.45))
DISTRICTS = ("Центральный", "Заречный", "Приморский", "Северный", "Заводской", "Кировский", "Лесной", "Южный")
PROFILES = ("paramedic", "paramedic", "physician", "paramedic", "intensive_care", "paediatric")
SHIFT = timedelta(hours=12)
CENTRE = (59.94, 30.31)
STEPS = ("assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed")

CALL_COLUMNS = (
    "number", "status", "criticality", "reason", "reason_code", "address", "district", "lat", "lon",
    "caller_phone", "received_at", "created_at", "created_by", "accepted_at", "closed_at", "reject_reason",
)  # fmt: skip
ASSIGNMENT_COLUMNS = (
    "call_id", "team_id", "status", "assigned_by", "assigned_at", "acknowledged_at", "en_route_at", "on_scene_at",
    "transporting_at", "at_hospital_at", "completed_at", "ended_at", "trouble_kind", "hospital_id", "start_lat",
    "start_lon", "advice_team_id", "advice_cost_s", "eta_s",
)  # fmt: skip
BATCH = 20_000
"""Rows held in memory at once."""


@dataclass(frozen=True, slots=True)
class History:
    """What to invent. The same seed gives the same history."""

    calls: int
    days: int = 365
    end: datetime = datetime(2026, 11, 1, tzinfo=UTC)
    teams: int = 100
    seed: int = 1
    milestones: bool = True

    @property
    def start(self) -> datetime:
        return self.end - timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class _World:
    first_team: int
    stations: list[int]
    hospitals: list[int]
    dispatchers: list[int]
    reasons: dict[str, list[tuple[str, str]]]


async def write_history(url: str, history: History) -> None:
    """Write the history into a migrated database; nothing that is there is changed."""
    connection = await asyncpg.connect(asyncpg_dsn(url))
    try:
        world = await _write_world(connection, history)
        await _write_calls(connection, history, world)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _write_world(connection: Any, history: History) -> _World:  # noqa: ANN401 -- the driver has no types here
    async def many(sql: str, rows: Iterable[tuple[Any, ...]]) -> list[int]:
        return [await connection.fetchval(sql, *row) for row in rows]

    stations = await many(
        "INSERT INTO stations (name, lat, lon) VALUES ($1, $2, $3) RETURNING id",
        (
            (
                f"Подстанция прошлого № {n + 1}",
                CENTRE[0] + 0.03 * (n % 3 - 1),
                CENTRE[1] + 0.05 * (n // 3 - 1),
            )
            for n in range(8)
        ),
    )
    hospitals = await many(
        "INSERT INTO hospitals (name, lat, lon) VALUES ($1, $2, $3) RETURNING id",
        (
            (f"Больница прошлого № {n + 1}", CENTRE[0] + 0.02 * n - 0.05, CENTRE[1] + 0.03 * n - 0.07)
            for n in range(5)
        ),
    )
    people = ("Иванова", "Петров", "Сидорова", "Кузнецов", "Соколова", "Попов", "Лебедева", "Новиков")
    dispatchers = await many(
        "INSERT INTO users (login, password_hash, role, name, surname, patronym, active)"
        " VALUES ($1, '-', 'dispatcher', 'Анна', $2, '', true) RETURNING id",
        ((f"history-dispatcher-{n}", name) for n, name in enumerate(people)),
    )
    cars = await many(
        "INSERT INTO cars (number, class, model) VALUES ($1, $2, 'ГАЗель NEXT') RETURNING id",
        ((f"А{n + 100:03}ВС778", "ABC"[n % 3]) for n in range(history.teams)),
    )
    first = (await connection.fetchval("SELECT coalesce(max(id), 0) FROM teams")) + 1
    shifts = _shifts(history)
    rows = [
        (
            first + shift * history.teams + n, f"{n + 1}", PROFILES[n % len(PROFILES)], cars[n],
            stations[n % len(stations)], start, start + SHIFT, start + SHIFT,
        )
        for shift, start in enumerate(shifts)
        for n in range(history.teams)
    ]  # fmt: skip
    columns = ("id", "name", "profile", "car_id", "station_id", "shift_start", "shift_end", "ended_at")
    await connection.copy_records_to_table("teams", records=rows, columns=columns)
    await connection.execute("SELECT setval(pg_get_serial_sequence('teams', 'id'), max(id)) FROM teams")
    reasons: dict[str, list[tuple[str, str]]] = {}
    for row in await connection.fetch("SELECT code, title_ru, criticality FROM reasons ORDER BY code"):
        reasons.setdefault(row["criticality"], []).append((row["code"], row["title_ru"]))
    return _World(first, stations, hospitals, dispatchers, reasons)


def _shifts(history: History) -> list[datetime]:
    first = history.start.replace(hour=5, minute=0, second=0, microsecond=0) - SHIFT
    return [first + SHIFT * n for n in range(history.days * 2 + 3)]


async def _write_calls(connection: Any, history: History, world: _World) -> None:  # noqa: ANN401 -- as above
    next_call = (await connection.fetchval("SELECT coalesce(max(id), 0) FROM calls")) + 1
    next_assignment = (await connection.fetchval("SELECT coalesce(max(id), 0) FROM assignments")) + 1
    number = (await connection.fetchval("SELECT coalesce(max(number), 0) FROM calls")) + 1
    for batch in _batches(history, world):
        calls, assignments, milestones = [], [], []
        for call, sent in batch:
            calls.append((next_call, number, *call))
            for assignment in sent:
                assignments.append((next_assignment, next_call, *assignment))
                if history.milestones:
                    moments = assignment[3:10]
                    milestones += [
                        (next_assignment, step, at, at, "tap")
                        for step, at in zip(STEPS, moments, strict=True)
                        if at is not None
                    ]
                next_assignment += 1
            next_call += 1
            number += 1
        await connection.copy_records_to_table("calls", records=calls, columns=("id", *CALL_COLUMNS))
        await connection.copy_records_to_table(
            "assignments", records=assignments, columns=("id", *ASSIGNMENT_COLUMNS)
        )
        await connection.copy_records_to_table(
            "milestones",
            records=milestones,
            columns=("assignment_id", "step", "at", "recorded_at", "source"),
        )
    for table, column in (("calls", "id"), ("calls", "number"), ("assignments", "id")):
        await connection.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), greatest(max({column}), 1)) FROM {table}"  # noqa: S608 -- constants
        )


type _Sent = list[tuple[Any, ...]]
type _Batch = list[tuple[tuple[Any, ...], _Sent]]


def _batches(history: History, world: _World) -> Iterator[_Batch]:
    random = np.random.default_rng(history.seed)
    weights = np.tile(np.array(HOURLY), history.days)
    hours = np.sort(random.choice(len(weights), history.calls, p=weights / weights.sum()))
    received = hours * 3600.0 + random.random(history.calls) * 3600.0
    received.sort()
    batch: _Batch = []
    for second in received:
        batch.append(_call(history, world, random, history.start + timedelta(seconds=float(second))))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _call(
    history: History, world: _World, random: np.random.Generator, received: datetime
) -> tuple[tuple[Any, ...], _Sent]:
    draw = random.random(12)
    shares = np.cumsum([share for _, share in CRITICALITY_SHARES])
    criticality = CRITICALITY_SHARES[int(np.searchsorted(shares, draw[0]))][0]
    reasons = world.reasons[criticality]
    code, title = reasons[int(draw[1] * len(reasons))]
    district = int(draw[2] * draw[2] * len(DISTRICTS))
    lat, lon = CENTRE[0] + (draw[3] - 0.5) * 0.2, CENTRE[1] + (draw[4] - 0.5) * 0.4
    sent: _Sent = []
    rejected = draw[5] < 0.05
    accepted = closed = None
    if not rejected:
        assigned = received + timedelta(seconds=30 + float(random.exponential(60)))
        accepted = assigned
        if draw[6] < 0.03:  # a first team is lost
            lost = _assignment(history, world, random, assigned, (lat, lon), ending=draw[7])
            sent.append(lost)
            assigned = lost[10] + timedelta(seconds=20)
        done = _assignment(history, world, random, assigned, (lat, lon), ending=None)
        sent.append(done)
        closed = done[10]
    else:
        closed = received + timedelta(seconds=60 + float(random.exponential(300)))
    dispatcher = world.dispatchers[int(draw[8] * len(world.dispatchers))]
    call = (
        "rejected" if rejected else "completed", criticality, title, code,
        f"ул. Длинная, {int(draw[9] * 200) + 1}", DISTRICTS[district], lat, lon, f"+7900{int(draw[10] * 1e7):07}",
        received, received, dispatcher, accepted, closed,
        ("refused", "false", "duplicate", "address_not_found")[int(draw[11] * 4)] if rejected else None,
    )  # fmt: skip
    return call, sent


def _assignment(
    history: History,
    world: _World,
    random: np.random.Generator,
    assigned: datetime,
    place: tuple[float, float],
    ending: float | None,
) -> tuple[Any, ...]:
    shift = int((assigned - (_shifts_start(history))) / SHIFT)
    team = world.first_team + shift * history.teams + int(random.integers(history.teams))
    dispatcher = world.dispatchers[int(random.integers(len(world.dispatchers)))]
    start = (place[0] + float(random.normal(0, 0.02)), place[1] + float(random.normal(0, 0.04)))
    travel = float(random.lognormal(6.4, 0.5))
    times: list[datetime | None] = [assigned, assigned + timedelta(seconds=float(random.exponential(15)))]
    moment = assigned + timedelta(seconds=20 + float(random.exponential(50)))
    times.append(moment)
    advised = (
        team
        if random.random() < 0.8
        else world.first_team + shift * history.teams + int(random.integers(history.teams))
    )
    cost = 0.0 if advised == team else float(random.exponential(90))
    tail = (None, start[0], start[1], advised, cost, travel * float(random.lognormal(0, 0.2)))
    if ending is not None:
        ended = moment + timedelta(seconds=travel / 2)
        status, kind = (
            ("troubled", "car_broken") if ending < 0.2 else ("troubled", "external_factor") if ending < 0.3
            else ("declined", None) if ending < 0.5 else ("diverted", None) if ending < 0.8 else ("cancelled", None)
        )  # fmt: skip
        times += [None, None, None, None]
        return (team, status, dispatcher, *times, ended, kind, *tail)
    moment += timedelta(seconds=travel)
    times.append(moment)
    moment += timedelta(seconds=float(random.lognormal(7.2, 0.5)))
    hospital = None
    if random.random() < 0.35:
        times.append(moment)
        moment += timedelta(seconds=float(random.lognormal(6.6, 0.4)))
        times.append(moment)
        moment += timedelta(seconds=float(random.exponential(720)))
        hospital = world.hospitals[int(random.integers(len(world.hospitals)))]
    else:
        times += [None, None]
    times.append(moment)
    return (team, "completed", dispatcher, *times, moment, None, hospital, *tail[1:])


def _shifts_start(history: History) -> datetime:
    return _shifts(history)[0]
