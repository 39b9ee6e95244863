"""The demo town: its people, places, cars, a year of calls and a handful of open ones, for an empty service."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from brigada.auth.models import User
from brigada.auth.permissions import ROLE_PERMISSIONS
from brigada.auth.principal import Principal, short_name
from brigada.calls.intake import receive_call
from brigada.calls.schemas import CallIn
from brigada.db.engine import Database, ReadSession
from brigada.demo.callers import invent_call
from brigada.demo.history import COLUMNS, Ground, History, Place
from brigada.demo.people import invent
from brigada.demo.rhythm import ReasonFacts
from brigada.demo.scene import Scene, scene_in_use
from brigada.demo.seed import DISPATCHERS, SHIFT, Connection, Report
from brigada.dispatch.assigning import assign
from brigada.dispatch.schemas import AssignIn
from brigada.events.unit_of_work import UnitOfWork
from brigada.kit.clock import SystemClock
from brigada.kit.geo import Point
from brigada.settings import Settings
from brigada.teams.models import Team

SEED = 103
TEAMS, WORKERS, CARS = 40, 160, 60
HISTORY_DAYS, HISTORY_CALLS = 365, 20_000
MODELS = {"A": "ГАЗ Соболь", "B": "ГАЗель Next", "C": "Ford Transit"}
PLATE_LETTERS = "АВЕКМНОРСТУХ"
OPEN_CALLS = 8
LOGGED_DAYS = 30
"""Past calls of so many days have their entries in the log; an older history is empty, as after a retention."""


async def fill(
    connection: Connection, settings: Settings, password_hash: str, now: datetime, report: Report
) -> Scene:
    """Write people, places, cars, a year of calls and the teams of now into empty tables; the town they are in."""
    city = scene_in_use(settings.data_dir)
    rng = random.Random(SEED)  # noqa: S311 -- invented data
    await _people(connection, rng, password_hash, now)
    await _places(connection, city)
    await _cars(connection, rng)
    report(f"Inventing a year of {HISTORY_CALLS:,} calls".replace(",", " "))
    await write_history(
        connection, await ground(connection, city, settings.zone), end=now, calls=HISTORY_CALLS
    )
    await write_log_of_past(connection, since=now - timedelta(days=LOGGED_DAYS))
    await _teams(connection, rng, now)
    return city


async def _copy(
    connection: Connection, table: str, columns: tuple[str, ...], records: list[tuple[Any, ...]]
) -> None:
    await connection.copy_records_to_table(table, records=records, columns=columns)


async def _people(connection: Connection, rng: random.Random, password_hash: str, now: datetime) -> None:
    logins = [("admin", "admin")]
    logins += [(login, "dispatcher") for login in DISPATCHERS]
    logins += [("worker" if n == 0 else f"worker{n + 1}", "worker") for n in range(WORKERS)]
    named = {"ivanova": ("Иванова", "Анна", "Сергеевна"), "petrova": ("Петрова", "Ольга", "Игоревна")}
    rows = []
    for login, role in logins:
        person = invent(rng)
        surname, name, patronym = named.get(login, (person.surname, person.name, person.patronym))
        rows.append((login, password_hash, role, name, surname, patronym, "ru", now - timedelta(days=366)))
    columns = ("login", "password_hash", "role", "name", "surname", "patronym", "language", "created_at")
    await _copy(connection, "users", columns, rows)


async def _places(connection: Connection, city: Scene) -> None:
    columns = ("name", "address", "lat", "lon")
    stations = [(mark.name, mark.address, mark.point.lat, mark.point.lon) for mark in city.stations]
    await _copy(connection, "stations", columns, stations)
    profiles = {
        "Детская": ["general", "paediatric"],
        "Родильный": ["obstetric"],
        "Областная": ["general", "cardiology", "neurology", "surgery", "trauma", "burns"],
        "Больница": ["general", "trauma", "toxicology", "surgery", "psychiatric"],
    }
    hospitals = [
        (mark.name, mark.address, mark.point.lat, mark.point.lon,
         profiles.get(mark.name.split()[0], ["general", "cardiology", "neurology"]))
        for mark in city.hospitals
    ]  # fmt: skip
    await _copy(connection, "hospitals", (*columns, "profiles"), hospitals)


async def _cars(connection: Connection, rng: random.Random) -> None:
    stations = [row["id"] for row in await connection.fetch("SELECT id FROM stations ORDER BY id")]
    plates: set[str] = set()
    while len(plates) < CARS:
        letters = rng.choices(PLATE_LETTERS, k=3)
        plates.add(f"{letters[0]}{rng.randrange(1, 1000):03d}{letters[1]}{letters[2]}53")
    rows = []
    for index, plate in enumerate(sorted(plates)):
        car_class = "C" if index % 6 == 0 else "A" if index % 11 == 0 else "B"
        serviceability = {57: "broken", 58: "maintenance", 59: "maintenance"}.get(index, "in_service")
        rows.append((plate, car_class, MODELS[car_class], serviceability, stations[index % len(stations)]))
    await _copy(connection, "cars", ("number", "class", "model", "serviceability", "station_id"), rows)


async def ground(connection: Connection, city: Scene, zone: ZoneInfo) -> Ground:
    """Return what an invented history plays on, read from a filled service."""

    async def ids(query: str) -> list[int]:
        return [row["id"] for row in await connection.fetch(query)]

    async def points(table: str, which: str = "true") -> list[tuple[int, Point]]:
        rows = await connection.fetch(f"SELECT id, lat, lon FROM {table} WHERE {which} ORDER BY id")  # noqa: S608 -- constants
        return [(row["id"], Point(row["lat"], row["lon"])) for row in rows]

    reasons = await connection.fetch(
        "SELECT code, title_ru, criticality FROM reasons WHERE active ORDER BY code"
    )
    return Ground(
        places=[Place(address.text, address.district, address.point) for address in city.addresses],
        stations=await points("stations"),
        # A maternity home takes no stroke, a children's hospital no grandfather.
        hospitals=await points("hospitals", "'general' = ANY(profiles) AND 'paediatric' <> ALL(profiles)")
        or await points("hospitals"),
        cars=await ids("SELECT id FROM cars ORDER BY id"),
        workers=await ids("SELECT id FROM users WHERE role = 'worker' ORDER BY id"),
        dispatchers=await ids("SELECT id FROM users WHERE role = 'dispatcher' ORDER BY id"),
        reasons=[ReasonFacts(row["code"], row["title_ru"], row["criticality"]) for row in reasons],
        zone=zone,
    )


async def write_history(
    connection: Connection,
    ground: Ground,
    *,
    end: datetime,
    calls: int,
    days: int = HISTORY_DAYS,
    seed: int = SEED,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Write an invented past by COPY, about 20,000 calls in three seconds; numbers go on behind it."""
    first_id = 1 + max(
        [
            await connection.fetchval(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608 -- constants
            for table in ("teams", "calls", "assignments", "patients")
        ]
    )
    history = History(ground, end=end, days=days, calls=calls, seed=seed, first_id=first_id)
    pending: dict[str, list[tuple[Any, ...]]] = {table: [] for table in COLUMNS}
    done = 0
    for day in history.by_day():
        for table, rows in pending.items():
            rows.extend(getattr(day, table))
        done += len(day.calls)
        if len(pending["calls"]) >= 20_000:
            await _flush(connection, pending)
            if progress is not None:
                progress(done)
    await _flush(connection, pending)
    await connection.execute(_CORRECTIONS, first_id)
    for table in ("teams", "patients", "calls", "assignments"):
        await connection.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) + 1 FROM {table}), false)"  # noqa: S608
        )
    await connection.execute(
        "SELECT setval(pg_get_serial_sequence('calls', 'number'), (SELECT max(number) + 1 FROM calls), false)"
    )


_CORRECTIONS = """
    INSERT INTO milestones (assignment_id, step, at, device_at, recorded_at, actor_id, source, corrects, reason)
    SELECT m.assignment_id, m.step, a.on_scene_at, a.on_scene_at, a.ended_at, a.assigned_by, 'dispatcher', m.id,
           'Отметили позже, чем приехали'
    FROM milestones m JOIN assignments a ON a.id = m.assignment_id
    WHERE a.id >= $1 AND m.step = 'on_scene' AND m.at <> a.on_scene_at ORDER BY m.id
"""
"""An arrival tapped too late is put right by the dispatcher once the call is over."""

_LOG_OF_PAST = """
    WITH past AS (
        SELECT received_at AS at, 'call.created' AS kind, created_by AS actor, id AS call_id,
               ARRAY[]::bigint[] AS teams,
               jsonb_build_object('call', jsonb_build_object('id', id, 'number', number, 'status', 'new',
                   'criticality', criticality, 'reason', reason, 'address', address)) AS data, 1 AS place
        FROM calls WHERE received_at >= $1
        UNION ALL
        SELECT CASE WHEN m.corrects IS NULL THEN m.at ELSE m.recorded_at END,
               CASE WHEN m.corrects IS NOT NULL THEN 'assignment.corrected'
                    WHEN m.step = 'assigned' THEN 'assignment.created'
                    WHEN m.step = 'completed' THEN 'assignment.completed' ELSE 'assignment.step' END,
               m.actor_id, a.call_id, ARRAY[a.team_id],
               jsonb_build_object('assignment', jsonb_build_object('id', a.id, 'call_id', a.call_id,
                   'team_id', a.team_id, 'status', m.step,
                   'milestones', jsonb_build_object(m.step || '_at', m.at))), 2
        FROM milestones m JOIN assignments a ON a.id = m.assignment_id WHERE a.assigned_at >= $1
        UNION ALL
        SELECT ended_at, 'assignment.' || status, NULL, call_id, ARRAY[team_id],
               jsonb_build_object('assignment', jsonb_build_object('id', id, 'call_id', call_id, 'team_id', team_id,
                   'status', status, 'end_comment', end_comment, 'trouble_kind', trouble_kind)), 3
        FROM assignments WHERE assigned_at >= $1 AND status IN ('declined', 'cancelled', 'troubled')
        UNION ALL
        SELECT closed_at, 'call.' || status, NULL, id, ARRAY[]::bigint[],
               jsonb_build_object('call', jsonb_build_object('id', id, 'number', number, 'status', status,
                   'reject_reason', reject_reason, 'closed_at', closed_at)), 4
        FROM calls WHERE received_at >= $1 AND closed_at IS NOT NULL
    ), numbered AS (
        SELECT past.*, row_number() OVER (ORDER BY at, place) AS n FROM past
    ), written AS (
        INSERT INTO events (seq, at, kind, actor_kind, actor_id, actor_name, call_id, roles, team_ids, user_ids,
                            data, old)
        SELECT c.last_seq + n, at, kind, CASE WHEN u.id IS NULL THEN 'system' ELSE 'user' END, u.id,
               u.surname || ' ' || left(u.name, 1) || '.', p.call_id,
               ARRAY['dispatcher', 'admin'], teams, '{}', data, '{}'
        FROM numbered p CROSS JOIN event_counter c LEFT JOIN users u ON u.id = p.actor
        RETURNING seq
    )
    UPDATE event_counter SET last_seq = (SELECT coalesce(max(seq), 0) FROM written)
"""


async def write_log_of_past(connection: Connection, *, since: datetime) -> None:
    """Write the log's entries of the invented calls received since then."""
    await connection.execute(_LOG_OF_PAST, since)


async def open_calls(settings: Settings, city: Scene) -> None:
    """Take in a handful of calls and send teams to half of them, by the service's own operations."""
    database = Database(settings.database_url.get_secret_value(), pool_size=1)
    rng = random.Random(SEED)  # noqa: S311 -- invented data
    now = SystemClock().now()
    try:
        async with database.read() as session:
            dispatcher = await _principal(session, "dispatcher")
            teams = (
                (await session.execute(select(Team.id).where(Team.ended_at.is_(None)).order_by(Team.id)))
                .scalars()
                .all()
            )
        for index in range(OPEN_CALLS):
            # Of this minute and the last: older ones would begin the demo with a dozen alarms.
            received = now - timedelta(seconds=rng.randrange(25, 90))
            async with UnitOfWork(database, now=received, actor=dispatcher.actor) as uow:
                call = await receive_call(uow, dispatcher, CallIn.model_validate(invent_call(rng, city)))
                await uow.commit()
            if index % 2:
                sent = received + timedelta(seconds=rng.randrange(10, 20))
                async with UnitOfWork(database, now=sent, actor=dispatcher.actor) as uow:
                    # The account `worker` is on the first team, which stays free for whoever tries the demo.
                    await assign(uow, dispatcher, call["id"], AssignIn(team_id=teams[3 + 4 * index]))
                    await uow.commit()
    finally:
        await database.close()


async def _principal(session: ReadSession, login: str) -> Principal:
    user = (
        await session.execute(select(User).where(User.login == login, User.deleted_at.is_(None)))
    ).scalar_one()
    return Principal(
        kind="user", id=user.id, role=user.role, permissions=ROLE_PERMISSIONS[user.role],
        name=short_name(user.surname, user.name, user.patronym), language="ru", session_id=None, csrf=None,
    )  # fmt: skip


async def _flush(connection: Connection, pending: dict[str, list[tuple[Any, ...]]]) -> None:
    for table, rows in pending.items():
        if rows:
            await _copy(connection, table, COLUMNS[table], rows)
            rows.clear()


async def _teams(connection: Connection, rng: random.Random, now: datetime) -> None:
    """Form the teams of now; the account `worker` is on the first one."""
    workers = [
        row["id"] for row in await connection.fetch("SELECT id FROM users WHERE role = 'worker' ORDER BY id")
    ]
    cars = await connection.fetch(
        "SELECT id, class, station_id FROM cars WHERE serviceability = 'in_service' ORDER BY id"
    )
    profiles = (
        "paramedic",
        "physician",
        "paramedic",
        "paramedic",
        "physician",
        "paediatric",
        "paramedic",
        "obstetric",
    )
    start = now - timedelta(hours=2)
    for index in range(TEAMS):
        car = cars[index]
        profile = "intensive_care" if car["class"] == "C" else profiles[index % len(profiles)]
        if index == 19:
            profile = "psychiatric"
        team_id = await connection.fetchval(
            "INSERT INTO teams (name, profile, car_id, station_id, shift_start, shift_end, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $5) RETURNING id",
            str(index + 1), profile, car["id"], car["station_id"], start, start + SHIFT,
        )  # fmt: skip
        size = rng.choice((2, 3, 3))
        crew = [workers[index * 3 + place] for place in range(size)]
        await _copy(
            connection,
            "team_members",
            ("team_id", "user_id", "place", "joined_at"),
            [(team_id, user_id, place, start) for place, user_id in enumerate(crew)],
        )
