"""An invented history of any size: for measuring, and for looking at reports before there is data.

Moments and choices are drawn as columns, copied as fixed-width rows into drafts, and turned into rows of the tables by
one statement each: half a million calls with all that belongs to them take about a minute, nearly all of it
PostgreSQL's.

The figures follow published ones: hourly factors of a large city, lognormal work on the scene, a third transported.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg
import numpy as np

from brigada.db.engine import asyncpg_dsn
from brigada.reports.facts import NEVER, Array, Ints
from brigada.reports.loading import encoded
from brigada.reports.periods import MICRO, micros

HOURLY: Final = (
    0.56, 0.48, 0.40, 0.37, 0.33, 0.45, 0.74, 1.05, 1.37, 1.63, 1.77, 1.70,
    1.56, 1.48, 1.28, 1.23, 1.20, 1.14, 1.08, 1.01, 0.91, 0.85, 0.75, 0.65,
)  # fmt: skip
"""Calls by local hour over the mean of the day: 229,484 calls of a large city (LASPATED)."""

CRITICALITY_SHARES: Final = (("critical", 0.18), ("important", 0.37), ("common", 0.45))
DISTRICTS: Final = (
    "Центральный",
    "Заречный",
    "Приморский",
    "Северный",
    "Заводской",
    "Кировский",
    "Лесной",
    "Южный",
)
PROFILES: Final = ("paramedic", "paramedic", "physician", "paramedic", "intensive_care", "paediatric")
REFUSALS: Final = ("refused", "false", "duplicate", "address_not_found")
LOSSES: Final = (("troubled", "car_broken"), ("troubled", "external_factor"), ("declined", None), ("diverted", None),
                 ("cancelled", None))  # fmt: skip
LOSS_SHARES: Final = (0.2, 0.1, 0.2, 0.3, 0.2)
PEOPLE: Final = ("Иванова", "Петров", "Сидорова", "Кузнецов", "Соколова", "Попов", "Лебедева", "Новиков")
SHIFT: Final = timedelta(hours=12)
CENTRE: Final = (59.94, 30.31)
BATCH: Final = 50_000
"""Calls held in memory at once."""


@dataclass(frozen=True, slots=True)
class History:
    """What to invent. The same seed gives the same history."""

    calls: int
    days: int = 365
    end: datetime = datetime(2026, 11, 1, tzinfo=UTC)
    teams: int = 100
    seed: int = 1

    @property
    def start(self) -> datetime:
        return self.end - timedelta(days=self.days)

    @property
    def first_shift(self) -> datetime:
        return self.start.replace(hour=5, minute=0, second=0, microsecond=0) - SHIFT

    @property
    def shifts(self) -> int:
        """Of each team: from before the first call until after the last one has ended."""
        return self.days * 2 + 3


@dataclass(frozen=True, slots=True)
class _World:
    first_team: int
    hospitals: list[int]
    dispatchers: list[int]
    reasons: list[Ints]
    """Of each criticality: places in `codes`."""
    codes: list[str]
    titles: list[str]
    levels: list[str]


@dataclass(frozen=True, slots=True)
class _First:
    """The numbers that the next batch begins with."""

    call: int
    number: int
    assignment: int
    patient: int


async def write_history(
    url: str, history: History, progress: Callable[[int], None] = lambda _calls: None
) -> None:
    """Write the history into a migrated database; nothing that is there is changed.

    `progress` hears now and then how many calls are written.
    """
    connection = await asyncpg.connect(asyncpg_dsn(url))
    try:
        async with connection.transaction():
            world = await _write_world(connection, history)
            await _write_calls(connection, history, world, progress)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _write_world(connection: Any, history: History) -> _World:  # noqa: ANN401 -- the driver has no types here
    async def many(sql: str, rows: Iterable[tuple[Any, ...]]) -> list[int]:
        return [await connection.fetchval(sql, *row) for row in rows]

    async def there(table: str, column: str, like: str) -> int:
        """Return how many an earlier history has left there: names go on behind them."""
        sql = f"SELECT count(*) FROM {table} WHERE {column} LIKE $1"  # noqa: S608 -- constants
        return int(await connection.fetchval(sql, like))

    before = await there("stations", "name", "Подстанция прошлого № %")
    stations = await many(
        "INSERT INTO stations (name, lat, lon) VALUES ($1, $2, $3) RETURNING id",
        (
            (
                f"Подстанция прошлого № {before + n + 1}",
                CENTRE[0] + 0.03 * (n % 3 - 1),
                CENTRE[1] + 0.05 * (n // 3 - 1),
            )
            for n in range(8)
        ),
    )
    before = await there("hospitals", "name", "Больница прошлого № %")
    hospitals = await many(
        "INSERT INTO hospitals (name, lat, lon) VALUES ($1, $2, $3) RETURNING id",
        (
            (
                f"Больница прошлого № {before + n + 1}",
                CENTRE[0] + 0.02 * n - 0.05,
                CENTRE[1] + 0.03 * n - 0.07,
            )
            for n in range(5)
        ),
    )
    before = await there("users", "login", "history-dispatcher-%")
    dispatchers = await many(
        "INSERT INTO users (login, password_hash, role, name, surname, patronym, active)"
        " VALUES ($1, '-', 'dispatcher', 'Анна', $2, '', true) RETURNING id",
        ((f"history-dispatcher-{before + n}", name) for n, name in enumerate(PEOPLE)),
    )
    before = await there("cars", "number", "А%ВС778")
    cars = await many(
        "INSERT INTO cars (number, class, model) VALUES ($1, $2, 'ГАЗель NEXT') RETURNING id",
        ((f"А{before + n + 100:03}ВС778", "ABC"[n % 3]) for n in range(history.teams)),
    )
    first = (await connection.fetchval("SELECT coalesce(max(id), 0) FROM teams")) + 1
    await connection.execute(
        _TEAMS,
        first,
        history.teams,
        history.shifts,
        history.first_shift,
        SHIFT,
        list(PROFILES),
        cars,
        stations,
    )
    await connection.execute(_MILEAGE, first)
    await _go_on(connection, "teams", "id")
    rows = await connection.fetch("SELECT code, title_ru, criticality FROM reasons ORDER BY code")
    return _World(
        first, hospitals, dispatchers,
        [
            np.array([place for place, row in enumerate(rows) if row["criticality"] == level])
            for level, _ in CRITICALITY_SHARES
        ],
        *([row[column] for row in rows] for column in ("code", "title_ru", "criticality")),
    )  # fmt: skip


_TEAMS: Final = """
    INSERT INTO teams (id, name, profile, car_id, station_id, shift_start, shift_end, ended_at)
    SELECT $1 + shift * $2 + n, (n + 1)::text, ($6::text[])[n % 6 + 1], ($7::bigint[])[n + 1],
        ($8::bigint[])[n % 8 + 1], $4::timestamptz + shift * $5::interval,
        $4::timestamptz + (shift + 1) * $5::interval, $4::timestamptz + (shift + 1) * $5::interval
    FROM generate_series(0, $3::int - 1) AS shift, generate_series(0, $2::int - 1) AS n
    ORDER BY shift, n
"""
_MILEAGE: Final = """
    INSERT INTO car_mileage (car_id, hour, team_id, metres, counted_at)
    SELECT t.car_id, hour, t.id, 4000 + (t.id * 7919 + extract(hour FROM hour)::int * 104729) % 21000, t.ended_at
    FROM teams t, generate_series(t.shift_start, t.shift_end - interval '1 hour', interval '1 hour') AS hour
    WHERE t.id >= $1
"""


async def _go_on(connection: Any, table: str, column: str) -> None:  # noqa: ANN401 -- as above
    """Let the next number of a table be above those written."""
    await connection.execute(
        f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), greatest(max({column}), 1)) FROM {table}"  # noqa: S608 -- constants
    )


async def _write_calls(
    connection: Any,  # noqa: ANN401 -- as above
    history: History,
    world: _World,
    progress: Callable[[int], None],
) -> None:
    async def last(table: str, column: str = "id") -> int:
        return int(await connection.fetchval(f"SELECT coalesce(max({column}), 0) FROM {table}"))  # noqa: S608 -- constants

    first = _First(
        await last("calls") + 1,
        await last("calls", "number") + 1,
        await last("assignments") + 1,
        await last("patients") + 1,
    )
    random = np.random.default_rng(history.seed)
    received = _moments(history, random)
    for begin in range(0, len(received), BATCH):
        drawn = _calls(world, random, received[begin : begin + BATCH], first)
        sent = _assignments(history, world, random, drawn, first)
        await _copy(connection, "draft_calls", drawn)
        await _copy(connection, "draft_assignments", sent)
        names = (world.codes, world.titles, world.levels, list(DISTRICTS), list(REFUSALS))
        await connection.execute(_PATIENTS, list(PEOPLE))
        await connection.execute(_CALLS, *names)
        await connection.execute(_ASSIGNMENTS, [status for status, _ in LOSSES], [kind for _, kind in LOSSES])
        await connection.execute(_MILESTONES, first.assignment)
        await connection.execute(_GPS_STEPS, first.assignment)
        await connection.execute("DROP TABLE draft_calls, draft_assignments")
        count = len(drawn["id"][0])
        first = _First(
            first.call + count,
            first.number + count,
            first.assignment + len(sent["id"][0]),
            first.patient + count,
        )
        progress(begin + count)
    for table, column in (("calls", "id"), ("calls", "number"), ("assignments", "id"), ("patients", "id")):
        await _go_on(connection, table, column)


type _Columns = dict[str, tuple[Array, str]]
"""Values by name, each with its kind on the wire."""

_SQL_TYPES: Final = {"ts": "timestamptz", "i8": "bigint", "i4": "integer", "i2": "smallint", "f8": "float8"}


async def _copy(connection: Any, table: str, columns: _Columns) -> None:  # noqa: ANN401 -- as above
    described = ", ".join(f"{name} {_SQL_TYPES[kind]}" for name, (_, kind) in columns.items())
    await connection.execute(f"CREATE TEMPORARY TABLE {table} ({described}) ON COMMIT DROP")

    async def stream() -> Any:  # noqa: ANN401 -- chunks
        yield encoded(columns)

    await connection.copy_to_table(table, source=stream(), format="binary", columns=list(columns))


def _moments(history: History, random: np.random.Generator) -> Ints:
    """Return when calls came, microseconds, in their order."""
    weights = np.tile(np.array(HOURLY), history.days)
    hours = random.choice(len(weights), history.calls, p=weights / weights.sum())
    seconds = np.sort((hours + random.random(history.calls)) * 3600.0)
    return micros(history.start) + (seconds * MICRO).astype(np.int64)


def _later(moments: Ints, seconds: Array) -> Ints:
    """Return moments so much later; one that never was stays so."""
    shifted = moments + (np.nan_to_num(seconds) * MICRO).astype(np.int64)
    return np.where((moments == NEVER) | np.isnan(seconds), NEVER, shifted)


def _calls(world: _World, random: np.random.Generator, received: Ints, first: _First) -> _Columns:
    count = len(received)
    level = random.choice(len(CRITICALITY_SHARES), count, p=[share for _, share in CRITICALITY_SHARES])
    reason = np.zeros(count, dtype=np.int64)
    for which, among in enumerate(world.reasons):
        rows = level == which
        reason[rows] = random.choice(among, int(rows.sum()))
    refused = np.where(random.random(count) < 0.05, random.integers(1, len(REFUSALS) + 1, count), 0)
    accepted = np.where(refused > 0, NEVER, _later(received, 30 + random.exponential(60, count)))
    closed = np.where(refused > 0, _later(received, 60 + random.exponential(300, count)), NEVER)
    order = np.arange(count)
    return {
        "id": (first.call + order, "i8"),
        "number": (first.number + order, "i8"),
        "patient_id": (first.patient + order, "i8"),
        "reason": (reason + 1, "i2"),
        "district": ((random.random(count) ** 2 * len(DISTRICTS)).astype(np.int64) + 1, "i2"),
        "lat": (CENTRE[0] + (random.random(count) - 0.5) * 0.2, "f8"),
        "lon": (CENTRE[1] + (random.random(count) - 0.5) * 0.4, "f8"),
        "house": (random.integers(1, 201, count), "i2"),
        "phone": (random.integers(0, 10_000_000, count), "i4"),
        "age": (random.integers(0, 98, count), "i2"),
        "dispatcher_id": (random.choice(world.dispatchers, count), "i8"),
        "refused": (refused, "i2"),
        "received": (received, "ts"),
        "accepted": (accepted, "ts"),
        "closed": (closed, "ts"),
    }


def _assignments(
    history: History, world: _World, random: np.random.Generator, calls: _Columns, first: _First
) -> _Columns:
    """Draw who was sent: one team to each accepted call, to three in a hundred another one before it that was lost.

    The calls' `closed` is filled in.
    """
    accepted, closed = calls["accepted"][0], calls["closed"][0]
    served = np.flatnonzero(accepted != NEVER)
    unlucky = served[random.random(len(served)) < 0.03]
    rows = np.concatenate((unlucky, served))
    lost = np.arange(len(rows)) < len(unlucky)
    count = len(rows)
    assigned = accepted[rows]
    travel = random.lognormal(6.4, 0.5, count)
    turnout = 20 + random.exponential(50, count)
    # Whoever comes instead of a lost team is sent when that one is lost.
    gone = _later(assigned[lost], turnout[lost] + travel[lost] / 2)
    again = np.flatnonzero(~lost)[np.searchsorted(served, unlucky)]
    assigned[again] = _later(gone, np.full(len(gone), 20.0))
    departed = _later(assigned, turnout)
    arrived = np.where(lost, NEVER, _later(departed, travel))
    left = _later(arrived, random.lognormal(7.2, 0.5, count))
    carried = ~lost & (random.random(count) < 0.35)
    handed = _later(left, random.lognormal(6.6, 0.4, count))
    completed = np.where(carried, _later(handed, random.exponential(720, count)), left)
    ended = np.where(lost, _later(assigned, turnout + travel / 2), completed)
    closed[rows[~lost]] = completed[~lost]
    shift = (assigned - micros(history.first_shift)) // (int(SHIFT.total_seconds()) * MICRO)
    of_shift = world.first_team + shift * history.teams
    team = of_shift + random.integers(history.teams, size=count)
    advised = np.where(
        random.random(count) < 0.8, team, of_shift + random.integers(history.teams, size=count)
    )
    drawn: _Columns = {
        "call_id": (calls["id"][0][rows], "i8"),
        "team_id": (team, "i8"),
        "loss": (np.where(lost, random.choice(len(LOSSES), count, p=LOSS_SHARES) + 1, 0), "i2"),
        "dispatcher_id": (random.choice(world.dispatchers, count), "i8"),
        "assigned": (assigned, "ts"),
        "acknowledged": (_later(assigned, np.minimum(random.exponential(15, count), turnout)), "ts"),
        "en_route": (departed, "ts"),
        "on_scene": (arrived, "ts"),
        "transporting": (np.where(carried, left, NEVER), "ts"),
        "at_hospital": (np.where(carried, handed, NEVER), "ts"),
        "completed": (completed, "ts"),
        "ended": (ended, "ts"),
        "hospital_id": (np.where(carried, random.choice(world.hospitals, count), 0), "i8"),
        "start_lat": (calls["lat"][0][rows] + random.normal(0, 0.02, count), "f8"),
        "start_lon": (calls["lon"][0][rows] + random.normal(0, 0.04, count), "f8"),
        "advice_team_id": (advised, "i8"),
        "advice_cost_s": (np.where(advised == team, 0.0, random.exponential(90, count)), "f8"),
        "eta_s": (travel * random.lognormal(0, 0.2, count), "f8"),
    }
    order = np.lexsort((~lost, rows))
    numbers: _Columns = {"id": (first.assignment + np.arange(count), "i8")}
    return numbers | {name: (column[order], kind) for name, (column, kind) in drawn.items()}


_PATIENTS: Final = """
    INSERT INTO patients (id, name, surname, patronym, sex, age)
    SELECT patient_id, 'Пётр', ($1::text[])[id % 8 + 1], '', CASE WHEN id % 2 = 0 THEN 'male' ELSE 'female' END, age
    FROM draft_calls ORDER BY id
"""
_CALLS: Final = """
    INSERT INTO calls (id, number, status, criticality, reason, reason_code, address, district, lat, lon,
        caller_phone, patient_id, received_at, created_at, created_by, accepted_at, closed_at, reject_reason)
    SELECT id, number, CASE WHEN refused > 0 THEN 'rejected' ELSE 'completed' END, ($3::text[])[reason],
        ($2::text[])[reason], ($1::text[])[reason], 'ул. Длинная, ' || house, ($4::text[])[district], lat, lon,
        '+7900' || lpad(phone::text, 7, '0'), patient_id, received, received, dispatcher_id,
        nullif(accepted, '-infinity'), closed, ($5::text[])[refused]
    FROM draft_calls ORDER BY id
"""
_ASSIGNMENTS: Final = """
    INSERT INTO assignments (id, call_id, team_id, status, assigned_by, assigned_at, acknowledged_at, en_route_at,
        on_scene_at, transporting_at, at_hospital_at, completed_at, ended_at, trouble_kind, outcome, hospital_id,
        start_lat, start_lon, advice_team_id, advice_cost_s, eta_s)
    SELECT id, call_id, team_id, coalesce(($1::text[])[loss], 'completed'), dispatcher_id, assigned, acknowledged,
        en_route, nullif(on_scene, '-infinity'), nullif(transporting, '-infinity'),
        nullif(at_hospital, '-infinity'), nullif(completed, '-infinity'), ended, ($2::text[])[loss],
        CASE WHEN loss > 0 THEN '' WHEN hospital_id > 0 THEN 'hospitalised' ELSE 'helped' END,
        nullif(hospital_id, 0), start_lat, start_lon, advice_team_id, advice_cost_s, eta_s
    FROM draft_assignments ORDER BY id
"""
_MILESTONES: Final = """
    INSERT INTO milestones (assignment_id, step, at, device_at, recorded_at, actor_id, source)
    SELECT a.id, step, at, CASE WHEN step <> 'assigned' THEN at END, at,
        CASE WHEN step = 'assigned' THEN a.assigned_by END,
        CASE WHEN step = 'assigned' THEN 'dispatcher' WHEN step = 'en_route' AND a.id % 33 = 0 THEN 'inferred'
             ELSE 'tap' END
    FROM assignments a, LATERAL (VALUES ('assigned', a.assigned_at), ('acknowledged', a.acknowledged_at),
        ('en_route', a.en_route_at), ('on_scene', a.on_scene_at), ('transporting', a.transporting_at),
        ('at_hospital', a.at_hospital_at), ('completed', a.completed_at)) AS steps (step, at)
    WHERE a.id >= $1 AND at IS NOT NULL ORDER BY a.id
"""
_GPS_STEPS: Final = """
    INSERT INTO gps_steps (assignment_id, step, at, noticed_at, distance_m, accuracy_m)
    SELECT a.id, step, at + (a.id % 241 - 90) * interval '1 second', at + interval '3 minutes', 20 + a.id % 60, 8
    FROM assignments a, LATERAL (VALUES ('en_route', a.en_route_at), ('on_scene', a.on_scene_at),
        ('at_hospital', a.at_hospital_at)) AS steps (step, at)
    WHERE a.id >= $1 AND at IS NOT NULL ORDER BY a.id
"""
"""Positions show a step from a minute and a half before it was declared until two and a half minutes after."""
