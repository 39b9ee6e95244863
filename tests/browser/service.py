"""The real service in processes of its own, filled through its own API, for the tests in a browser."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import asyncpg
import httpx
from argon2 import PasswordHasher

from brigada.server.handover import as_line
from brigada.server.supervisor import open_port
from brigada.settings import Settings

PASSWORD = "длинный-пароль-7"
START_S = 30
FRESH_AGE_S = 5.0


class Service:
    """One API process on a port that stays open, so that it may be killed and started again."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.listener: socket.socket = open_port("127.0.0.1", settings.port)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.settings.port}"

    def start(self) -> None:
        """Start the process and wait until it accepts connections."""
        told, tells = os.pipe()
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "brigada.server.worker",
                "--socket", str(self.listener.fileno()), "--ready", str(tells), "--app", "brigada.app:create_app",
            ],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            pass_fds=(self.listener.fileno(), tells),
        )  # fmt: skip
        assert self.process.stdin is not None
        with self.process.stdin as channel:
            channel.write(as_line(self.settings))
        os.close(tells)
        with os.fdopen(told, "rb") as ready:
            assert ready.read() == b"ready", "the service did not start"

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def pause(self) -> None:
        """Stop it from running without closing anything: a cable that was pulled."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it run again."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End it in order."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        self.listener.close()


class Client:
    """A person at the API; cookies are carried by hand, because `Secure` ones do not travel over plain HTTP."""

    def __init__(self, service: Service, login: str, password: str = PASSWORD) -> None:
        self._http = httpx.Client(base_url=f"{service.url}/api/v1", timeout=20)
        answer = self._http.post("/auth/login", json={"login": login, "password": password})
        answer.raise_for_status()
        self._cookies: dict[str, str] = {}
        for header in answer.headers.get_list("set-cookie"):
            name, value = header.split(";")[0].split("=", 1)
            self._cookies[name] = value
        self.me: dict[str, Any] = answer.json()["user"]

    def browser_cookies(self) -> list[dict[str, Any]]:
        """The cookies as a browser keeps them."""
        return [
            {
                "name": name,
                "value": value,
                "url": str(self._http.base_url).removesuffix("/api/v1/"),
                "httpOnly": not name.startswith("csrf"),
                "sameSite": "Lax",
            }
            for name, value in self._cookies.items()
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def send(self, method: str, path: str, body: object | None = None) -> Any:
        """One request; a refusal is an error that shows the server's words."""
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "X-CSRF-TOKEN": self._cookies["csrf_access_token"],
        }
        answer = self._http.request(method, path, json=body, headers=headers)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def post(self, path: str, body: object | None = None) -> Any:
        return self.send("POST", path, body if body is not None else {})


def database(service: Service, statement: str, *values: object) -> None:
    """Run a statement: for the first account, and for positions that no crew sends in these tests."""

    async def run() -> None:
        connection = await asyncpg.connect(service.settings.database_url.get_secret_value())
        try:
            await connection.execute(statement, *values)
        finally:
            await connection.close()

    # In a thread of its own: Playwright keeps the main thread's event loop.
    with ThreadPoolExecutor(1) as executor:
        executor.submit(lambda: asyncio.run(run())).result()


def add_first_administrator(service: Service) -> None:
    hashed = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1).hash(PASSWORD)
    database(
        service,
        "INSERT INTO users (login, password_hash, role, name, surname)"
        " VALUES ('admin', $1, 'admin', 'Ольга', 'Смирнова')",
        hashed,
    )


PEOPLE = [
    ("Иванова", "Анна", "Сергеевна"), ("Петрова", "Мария", "Игоревна"), ("Кузнецов", "Пётр", "Ильич"),
    ("Соколов", "Олег", "Павлович"), ("Попова", "Елена", "Юрьевна"), ("Лебедев", "Иван", "Андреевич"),
    ("Козлова", "Дарья", "Олеговна"), ("Новиков", "Артём", "Львович"), ("Морозова", "Вера", "Петровна"),
    ("Волков", "Сергей", "Ильич"), ("Зайцева", "Нина", "Фёдоровна"), ("Павлов", "Денис", "Романович"),
    ("Семёнова", "Ирина", "Олеговна"), ("Голубев", "Максим", "Ильич"), ("Виноградова", "Юлия", "Ивановна"),
    ("Богданов", "Егор", "Степанович"),
]  # fmt: skip
TEAMS = [
    ("11", "paramedic", 59.9365, 30.3145), ("12", "intensive_care", 59.9301, 30.3607),
    ("13", "paramedic", 59.9482, 30.3340), ("14", "physician", 59.9205, 30.2990),
    ("15", "paediatric", 59.9560, 30.3080), ("16", "paramedic", 59.9120, 30.3480),
]  # fmt: skip
CALLS: list[dict[str, Any]] = [
    {
        "reason": "Боль в груди", "criticality": "important", "address": "ул. Ленина, 12",
        "location": {"lat": 59.9612, "lon": 30.3041}, "caller_phone": "+7 900 111-22-33",
        "address_details": {"entrance": "2", "floor": "5", "flat": "47", "intercom": "47К"},
        "patient": {"surname": "Орлов", "name": "Николай", "sex": "male", "age": 63}, "minutes": 4,
    },
    {
        "reason": "ДТП, зажат человек", "criticality": "critical", "address": "пр. Мира, 88",
        "location": {"lat": 59.9263, "lon": 30.3352}, "caller_phone": "+7 900 222-33-44",
        "comment": "Автобус и легковая, правый ряд перекрыт", "minutes": 1,
    },
    {
        "reason": "Температура у ребёнка", "criticality": "common", "address": "Садовая улица, 5",
        "location": {"lat": 59.9402, "lon": 30.3321}, "minutes": 22,
        "patient": {"name": "Миша", "sex": "male", "age": 0},
    },
    {
        "reason": "Потеря сознания", "criticality": "critical", "address": "набережная канала Грибоедова, 128",
        "location": {"lat": 59.9188, "lon": 30.2910}, "minutes": 26,
    },
    {
        "reason": "Травма руки", "criticality": "common", "address": "Лиговский проспект, 50",
        "location": {"lat": 59.9245, "lon": 30.3598}, "minutes": 12,
    },
]  # fmt: skip


class Town:
    """What the tests know about the service's invented town."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.users: dict[str, int] = {}
        self.teams: dict[str, dict[str, Any]] = {}
        self.logins_of: dict[str, str] = {}
        self._shifts: dict[str, dict[str, Any]] = {}

    def settle(self) -> Self:
        """People, cars, stations, hospitals and teams."""
        with Client(self.service, "admin") as admin:
            self._settle(admin)
        return self

    def _settle(self, admin: Client) -> None:
        for number, (lat, lon) in enumerate([(59.9390, 30.3158), (59.9180, 30.3610), (59.9590, 30.2930)], 1):
            admin.post(
                "/stations",
                {
                    "name": f"Подстанция № {number}",
                    "location": {"lat": lat, "lon": lon},
                    "address": f"Станционная, {number}",
                },
            )
        for name, lat, lon, accepting in (
            ("Городская больница № 1", 59.9450, 30.3600, True),
            ("Детская больница № 2", 59.9100, 30.3200, True),
            ("Госпиталь № 3", 59.9650, 30.3400, False),
        ):
            admin.post(
                "/hospitals",
                {
                    "name": name,
                    "location": {"lat": lat, "lon": lon},
                    "profiles": ["general"],
                    "accepting": accepting,
                },
            )
        for login, role, (surname, name, patronym) in (
            ("ivanova", "dispatcher", PEOPLE[0]),
            ("petrova", "dispatcher", PEOPLE[1]),
            *((f"crew{number}", "worker", person) for number, person in enumerate(PEOPLE[2:], 1)),
        ):
            body = {
                "login": login,
                "password": PASSWORD,
                "role": role,
                "surname": surname,
                "name": name,
                "patronym": patronym,
            }
            self.users[login] = admin.post("/users", body)["id"]
        stations = admin.get("/stations")["items"]
        now = datetime.now(UTC)
        for number, (name, profile, lat, lon) in enumerate(TEAMS):
            car = admin.post(
                "/cars",
                {
                    "number": f"А{100 + number}ВС178",
                    "class": "C" if profile == "intensive_care" else "B",
                    "model": "ГАЗель Next",
                },
            )
            logins = [f"crew{number * 2 + 1}", f"crew{number * 2 + 2}"]
            self._shifts[name] = {
                "name": name,
                "profile": profile,
                "car_id": car["id"],
                "member_ids": [self.users[login] for login in logins],
                "station_id": stations[number % 3]["id"],
                "shift_start": (now - timedelta(hours=2)).isoformat(),
                "shift_end": (now + timedelta(hours=10)).isoformat(),
            }
            self.teams[name] = admin.post("/teams", self._shifts[name])
            self.logins_of[name] = logins[0]
            self.place(name, lat, lon)
        for number in range(2):
            admin.post("/cars", {"number": f"О{200 + number}КХ178", "class": "B", "model": "Ford Transit"})

    def form_again(self, name: str) -> None:
        """The same shift once more, after a test has ended it."""
        with Client(self.service, "admin") as admin:
            self.teams[name] = admin.post("/teams", self._shifts[name])

    @contextmanager
    def in_another_car(self, name: str, lat: float, lon: float, age_s: float) -> Iterator[None]:
        """The team in a car that was heard of once, `age_s` ago: the marker of its own car never goes back in time."""
        number = f"В{random.randrange(1000):03}ТТ{random.randrange(10, 100)}"
        with Client(self.service, "admin") as admin:
            other = admin.post("/cars", {"number": number, "class": "B", "model": "Ford Transit"})
            admin.send("DELETE", f"/teams/{self.teams[name]['id']}")
            self.teams[name] = admin.post("/teams", {**self._shifts[name], "car_id": other["id"]})
            self.place(name, lat, lon, age_s)
            try:
                yield
            finally:
                admin.send("DELETE", f"/teams/{self.teams[name]['id']}")
                self.form_again(name)
                admin.send("DELETE", f"/cars/{other['id']}")

    def clear(self) -> None:
        """Close every call, bring every team back from its break, put fresh positions."""
        with Client(self.service, "ivanova") as dispatcher:
            for call in dispatcher.get("/calls?view=actual")["items"]:
                dispatcher.post(f"/calls/{call['id']}/reject", {"reason": "false"})
            for team in dispatcher.get("/teams")["items"]:
                if team["on_break_since"]:
                    dispatcher.post(f"/teams/{team['id']}/resume")
        for name, _, lat, lon in TEAMS:
            self.place(name, lat, lon)

    def place(self, team: str, lat: float, lon: float, age_s: float = FRESH_AGE_S) -> None:
        """Put a team's car somewhere, `age_s` ago."""
        at = datetime.now(UTC) - timedelta(seconds=age_s)
        database(
            self.service,
            "INSERT INTO car_positions (car_id, lat, lon, at, received_at, source)"
            " VALUES ($1, $2, $3, $4, $4, 'device')"
            " ON CONFLICT (car_id) DO UPDATE SET lat = $2, lon = $3, at = $4, received_at = $4",
            self.teams[team]["car"]["id"], lat, lon, at,
        )  # fmt: skip
        if age_s != FRESH_AGE_S:
            self._until_seen(team, at)

    def _until_seen(self, team: str, at: datetime) -> None:
        """Wait until the picture shows it: one is kept for a second, and no event tells of what is put in by hand."""
        wanted = at.isoformat(timespec="microseconds").replace("+00:00", "")
        with Client(self.service, "ivanova") as dispatcher:
            for _ in range(100):
                known = {one["team_id"]: one["at"] for one in dispatcher.get("/snapshot")["positions"]}
                if known.get(self.teams[team]["id"], "").startswith(wanted):
                    return
                time.sleep(0.1)
        raise AssertionError("the picture does not show the position")

    def call(self, dispatcher: Client, **given: object) -> dict[str, Any]:
        """Take in a call; `minutes` ago if given."""
        body: dict[str, Any] = {
            "reason": "Боль в животе",
            "criticality": "common",
            "address": "Невский проспект, 1",
            **given,
        }
        minutes = body.pop("minutes", 0)
        if minutes:
            body["received_at"] = (datetime.now(UTC) - timedelta(minutes=float(minutes))).isoformat()
        made: dict[str, Any] = dispatcher.post("/calls", body)
        return made
