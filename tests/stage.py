"""The stage of the API's tests: one app on a real PostgreSQL and Redis, and the cast that plays on it.

The app is made by the same `create_app` as in service and lives for all tests of a worker; before each test the tables
are emptied (what migrations put there stays) and the cast comes in anew.
"""

import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from brigada.app import create_app
from brigada.auth.gate import digest
from brigada.auth.models import ApiToken, AuthSession, User
from brigada.auth.passwords import Passwords
from brigada.auth.permissions import TOKEN_SCOPES
from brigada.auth.tokens import Claims
from brigada.cars.models import Car
from brigada.deps import (
    ACCESS_COOKIE,
    CSRF_ACCESS_COOKIE,
    CSRF_HEADER,
    CSRF_REFRESH_COOKIE,
    REFRESH_COOKIE,
)
from brigada.errors import MEDIA_TYPE
from brigada.events.log import Event
from brigada.settings import Settings, load_settings
from brigada.state import State
from brigada.stations.models import Hospital, Station
from brigada.tables import metadata
from brigada.teams.models import Team, TeamMember

ORIGIN = "https://testserver"
API = f"{ORIGIN}/api/v1"
PASSWORD = "пароль для проверки"
PASSWORD_HASH = Passwords().hash_blocking(PASSWORD)

_addresses = itertools.count(1)


def settings_for_tests(database_url: str, redis_url: str, **overrides: object) -> Settings:
    """Return the settings of an app under test."""
    return load_settings(
        _env_file=None,
        **{
            "mode": "test",
            "database_url": database_url,
            "redis_url": redis_url,
            "secret_key": "stage-" + "k3Y" * 16,
            # Tests of the advice switch it on; elsewhere its transactions would race with emptying the tables.
            "advice": False,
            **overrides,
        },
    )


@asynccontextmanager
async def running_app(settings: Settings) -> AsyncIterator[FastAPI]:
    """Run an app within the test's event loop."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


class Caller:
    """Somebody, or something, that talks to the API over HTTP."""

    def __init__(self, client: httpx.AsyncClient, person: User | None = None) -> None:
        self.client = client
        self.person = person

    @property
    def id(self) -> int:
        assert self.person is not None
        return self.person.id

    async def send(self, method: str, path: str, **how: Any) -> httpx.Response:
        """Send a request; `path` is below `/api/v1` unless it is a whole address."""
        return await self.client.request(method, path, **how)

    async def ok(self, method: str, path: str, **how: Any) -> Any:
        """Send a request that must succeed; return what the answer holds."""
        response = await self.send(method, path, **how)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    async def get(self, path: str, **params: Any) -> Any:
        return await self.ok("GET", path, params=params)

    async def post(self, path: str, json: Any = None, **how: Any) -> Any:
        return await self.ok("POST", path, json=json, **how)

    async def patch(self, path: str, json: Any, **how: Any) -> Any:
        return await self.ok("PATCH", path, json=json, **how)

    async def delete(self, path: str, **how: Any) -> Any:
        return await self.ok("DELETE", path, **how)

    async def refused(self, status: int, code: str, method: str, path: str, **how: Any) -> dict[str, Any]:
        """Send a request that must be refused with this status and code; return the problem."""
        response = await self.send(method, path, **how)
        assert response.status_code == status, f"{method} {path}: {response.status_code} {response.text}"
        assert response.headers["content-type"] == MEDIA_TYPE
        problem: dict[str, Any] = response.json()
        assert problem["code"] == code, problem
        assert problem["status"] == status
        assert problem["detail"]
        return problem

    async def take_in(self, **fields: Any) -> dict[str, Any]:
        """Take in a call; whatever is not given is ordinary."""
        call: dict[str, Any] = await self.post(
            "/calls", {"reason": "chest_pain", "address": "ул. Ленина, 12", **fields}
        )
        return call

    async def assign(self, call: Mapping[str, Any], team: "Crew", **fields: Any) -> dict[str, Any]:
        """Send a team to a call."""
        assignment: dict[str, Any] = await self.post(
            f"/calls/{call['id']}/assignments", {"team_id": team.id, **fields}
        )
        return assignment

    async def step(self, assignment: Mapping[str, Any], step: str, **fields: Any) -> dict[str, Any]:
        """Report a step."""
        found: dict[str, Any] = await self.post(
            f"/assignments/{assignment['id']}/steps", {"step": step, **fields}
        )
        return found

    async def login(self, login: str, password: str = PASSWORD) -> Any:
        """Sign in; the cookies stay with this caller, as in a browser."""
        answer = await self.post("/auth/login", {"login": login, "password": password})
        self.take_csrf()
        return answer

    def take_csrf(self) -> None:
        """Send what the page would read from its cookie from now on."""
        self.client.headers[CSRF_HEADER] = self.client.cookies[CSRF_ACCESS_COOKIE]


@dataclass
class Crew:
    """A team on shift, its workers signed in, its car."""

    id: int
    car_id: int
    workers: list[Caller]

    @property
    def worker(self) -> Caller:
        return self.workers[0]


@dataclass
class Stage:
    """The app and the cast."""

    app: FastAPI
    address: str
    admin: Caller = field(init=False)
    petrova: Caller = field(init=False)
    ivanova: Caller = field(init=False)
    crew12: Crew = field(init=False)
    crew13: Crew = field(init=False)
    free_workers: list[Caller] = field(init=False)
    nobody: Caller = field(init=False)
    station_id: int = field(init=False)
    hospital_id: int = field(init=False)
    spare_car_id: int = field(init=False)
    _exits: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def state(self) -> State:
        state: State = self.app.state.brigada
        return state

    @property
    def crews(self) -> list[Crew]:
        return [self.crew12, self.crew13]

    async def close(self) -> None:
        await self._exits.aclose()

    async def stranger(self, address: str | None = None, app: FastAPI | None = None) -> Caller:
        """Return somebody who has not signed in, at an address of their own choice."""
        transport = httpx.ASGITransport(
            app=app or self.app, client=(address or self.address, 4711), raise_app_exceptions=False
        )
        client = httpx.AsyncClient(transport=transport, base_url=API)
        await self._exits.enter_async_context(client)
        return Caller(client)

    async def sign_in(self, person: User, app: FastAPI | None = None) -> Caller:
        """Return the person with a session, made without the 20 ms that a password takes."""
        caller = await self.stranger(app=app)
        caller.person = person
        state: State = (app or self.app).state.brigada
        now = state.clock.now()
        session_id = uuid4()
        claims = Claims(str(session_id), uuid4().hex, 1)
        async with state.unit_of_work() as uow:
            uow.session.add(
                AuthSession(
                    id=session_id, user_id=person.id, serial=1, ip=self.address, user_agent="tests",
                    created_at=now, last_seen_at=now, expires_at=now + state.tokens.refresh_life,
                )
            )  # fmt: skip
            await uow.commit()
        jar = caller.client.cookies
        jar.set(ACCESS_COOKIE, state.tokens.make("access", claims, now), domain="testserver.local")
        jar.set(
            REFRESH_COOKIE,
            state.tokens.make("refresh", claims, now),
            domain="testserver.local",
            path="/api/v1/auth",
        )
        jar.set(CSRF_ACCESS_COOKIE, claims.csrf, domain="testserver.local")
        jar.set(CSRF_REFRESH_COOKIE, claims.csrf, domain="testserver.local")
        caller.take_csrf()
        return caller

    async def outside_system(self, *scopes: str) -> Caller:
        """Return an outside system with a key of these scopes."""
        assert set(scopes) <= set(TOKEN_SCOPES)
        secret = f"brg_{uuid4().hex}"
        async with self.state.unit_of_work() as uow:
            uow.session.add(
                ApiToken(name="112", digest=digest(secret), scopes=sorted(scopes), created_at=uow.now)
            )
            await uow.commit()
        caller = await self.stranger()
        caller.client.headers["Authorization"] = f"Bearer {secret}"
        return caller

    async def sql(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """Run a statement and commit; return its rows."""
        async with self.state.database.engine.begin() as connection:
            result = await connection.execute(text(statement), values)
            return [dict(row) for row in result.mappings()] if result.returns_rows else []

    async def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Return the log, or its entries of one kind."""
        return await self.sql(
            "SELECT * FROM events WHERE CAST(:kind AS text) IS NULL OR kind = :kind ORDER BY seq", kind=kind
        )

    async def last_seq(self) -> int:
        return int((await self.sql("SELECT last_seq FROM event_counter"))[0]["last_seq"])


def person(login: str, role: str, surname: str, name: str) -> User:
    """Return an account of the cast."""
    return User(
        login=login, role=role, password_hash=PASSWORD_HASH, name=name, surname=surname, patronym="", phone="",
        language="ru", active=True, version=1,
    )  # fmt: skip


async def seeded_tables(app: FastAPI) -> frozenset[str]:
    """Return the tables that migrations fill; asked once, of a fresh database."""
    state: State = app.state.brigada
    found = set()
    async with state.database.read() as session:
        for table in metadata.sorted_tables:
            query = text(f'SELECT EXISTS (SELECT 1 FROM "{table.name}")')
            if (await session.execute(query)).scalar_one():
                found.add(table.name)
    return frozenset(found)


async def empty(stage: Stage, names: str) -> None:
    """Empty these tables; the app's chores read several of them at once, and PostgreSQL may choose us to give way."""
    for last in (False, False, False, True):
        try:
            await stage.sql(f"TRUNCATE {names} CASCADE")
        except DBAPIError as error:
            if last or getattr(error.orig, "sqlstate", None) != "40P01":
                raise
        else:
            return


async def set_stage(app: FastAPI, seeded: frozenset[str]) -> Stage:
    """Empty the tables and let the cast in."""
    number = next(_addresses)
    stage = Stage(app, f"10.0.{number // 250}.{number % 250 + 1}")
    names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables if table.name not in seeded)
    await empty(stage, names)
    # Norms come with the migrations and are not emptied; a test before may have put another set in force.
    await stage.sql("UPDATE norms SET active = norm_set = 'ru' WHERE active <> (norm_set = 'ru')")
    now = stage.state.clock.now()
    people = [
        person("orlova", "admin", "Орлова", "Вера"),
        person("petrova", "dispatcher", "Петрова", "Анна"),
        person("ivanova", "dispatcher", "Иванова", "Мария"),
        person("sokolov", "worker", "Соколов", "Илья"),
        person("kuznetsov", "worker", "Кузнецов", "Олег"),
        person("popova", "worker", "Попова", "Ольга"),
        person("lebedev", "worker", "Лебедев", "Юрий"),
        person("kozlova", "worker", "Козлова", "Нина"),
        person("novikov", "worker", "Новиков", "Пётр"),
    ]
    station = Station(name="Подстанция № 1", lat=59.93, lon=30.31, address="", phone="", version=1)
    hospital = Hospital(
        name="Больница № 2", lat=59.95, lon=30.35, profiles=["general"], accepting=True, address="", phone="",
        version=1,
    )  # fmt: skip
    cars = [
        Car(number=plate, car_class="B", model="ГАЗель", serviceability="in_service", version=1)
        for plate in ("А112ВС178", "А113ВС178", "А114ВС178")
    ]
    async with stage.state.unit_of_work() as uow:
        uow.session.add_all([*people, station, hospital, *cars])
        await uow.session.flush()
        teams = [
            Team(
                name=name, profile="paramedic", car_id=car.id, station_id=station.id, version=1,
                shift_start=now - timedelta(hours=1), shift_end=now + timedelta(hours=11),
            )
            for name, car in zip(("12", "13"), cars, strict=False)
        ]  # fmt: skip
        uow.session.add_all(teams)
        await uow.session.flush()
        for team, members in zip(teams, (people[3:5], people[5:7]), strict=True):
            uow.session.add_all(
                TeamMember(team_id=team.id, user_id=member.id, place=place, joined_at=now)
                for place, member in enumerate(members)
            )
        # One entry, so that what is cached by the log's number is made anew.
        uow.record(Event(kind="station.created", data={"station": {"id": station.id}}))
        await uow.commit()
    stage.admin, stage.petrova, stage.ivanova = [await stage.sign_in(one) for one in people[:3]]
    crews = [
        Crew(team.id, team.car_id, [await stage.sign_in(member) for member in members])
        for team, members in zip(teams, (people[3:5], people[5:7]), strict=True)
    ]
    stage.crew12, stage.crew13 = crews
    stage.free_workers = [await stage.sign_in(one) for one in people[7:]]
    stage.nobody = await stage.stranger()
    stage.station_id, stage.hospital_id, stage.spare_car_id = station.id, hospital.id, cars[2].id
    return stage
