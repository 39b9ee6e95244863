"""The town of the tests of advice: one station at the origin, everything else north of it, on straight-line roads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import select, update

from brigada.app import create_app
from brigada.assignments.models import Assignment
from brigada.auth.models import User
from brigada.auth.passwords import Passwords
from brigada.calls.models import Call
from brigada.cars.models import Car, LatestPosition
from brigada.dispatch.advice.watching import AdviceWatch
from brigada.settings import load_settings
from brigada.state import State
from brigada.stations.models import Station
from brigada.teams.models import Team

PASSWORD = "Zvezda-na-nebe-19"
SOUTH, WEST = 55.0, 37.0
KM = 1 / 111.2
"""Degrees of latitude."""


@dataclass
class Town:
    """The service on straight-line roads: one station at the origin, everything else north of it."""

    client: httpx.AsyncClient
    state: State
    watch: AdviceWatch
    admin: httpx.AsyncClient
    teams: int = 0

    async def team(self, km: float, *, fix_age_s: float = 0, hours_left: float = 10) -> int:
        """A free team so many kilometres north of the station."""
        self.teams += 1
        now = self.state.clock.now()
        async with self.state.unit_of_work() as uow:
            station = (await uow.session.execute(select(Station).order_by(Station.id))).scalars().first()
            car = Car(number=f"А{self.teams:03}ВС78", car_class="B", model="Газель")
            uow.session.add(car)
            assert station is not None
            await uow.session.flush()
            team = Team(
                name=str(self.teams), profile="paramedic", car_id=car.id, station_id=station.id,
                shift_start=now - timedelta(hours=1), shift_end=now + timedelta(hours=hours_left),
            )  # fmt: skip
            at = now - timedelta(seconds=fix_age_s)
            where = LatestPosition(
                car_id=car.id, lat=SOUTH + km * KM, lon=WEST, at=at, received_at=at, source="phone"
            )
            uow.session.add_all([team, where])
            await uow.session.flush()
            await uow.commit()
            return team.id

    async def call(self, km: float, criticality: str, age_min: float = 0, **more: object) -> int:
        """A call so many kilometres north of the station."""
        body = {
            "reason": "Проверка", "address": "ул. Ленина, 1", "criticality": criticality,
            "location": {"lat": SOUTH + km * KM, "lon": WEST},
            "received_at": (self.state.clock.now() - timedelta(minutes=age_min)).isoformat(), **more,
        }  # fmt: skip
        answer = await self.client.post("/api/v1/calls", json=body)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    async def send(self, call_id: int, team_id: int) -> httpx.Response:
        """Send a team by hand; asked again as in `confirm`."""
        path, body = f"/api/v1/calls/{call_id}/assignments", {"team_id": team_id}
        while (answer := await self.client.post(path, json=body)).status_code == 503:
            pass
        return answer

    async def confirm(self, proposal: int) -> httpx.Response:
        """Confirm; ask again, as the console does, while the machine is too busy to answer within a lock's patience."""
        while (answer := await self.client.post(f"/api/v1/proposals/{proposal}/confirm")).status_code == 503:
            pass
        return answer

    async def advice(self, language: str = "ru") -> dict[str, Any]:
        answer = await self.client.get("/api/v1/advice", headers={"Accept-Language": language})
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def teams_of(self, call_id: int) -> list[tuple[int, str]]:
        async with self.state.database.read() as session:
            query = select(Assignment.team_id, Assignment.status).where(Assignment.call_id == call_id)
            return [(team, status) for team, status in (await session.execute(query.order_by(Assignment.id)))]

    async def empty_street(self) -> None:
        """No call, no team: the next round begins anew."""
        async with self.state.unit_of_work() as uow:
            now = uow.now
            await uow.session.execute(
                update(Assignment)
                .where(Assignment.ended_at.is_(None))
                .values(status="cancelled", ended_at=now)
            )
            await uow.session.execute(
                update(Call)
                .where(Call.closed_at.is_(None))
                .values(status="rejected", reject_reason="other", closed_at=now)
            )
            await uow.session.execute(update(Team).values(ended_at=now))
            await uow.commit()
        await self.watch.solve()

    async def look_twice(self) -> None:
        """A proposal is told when two looks in a row make it; here they need no time between them."""
        await self.watch.solve()
        await self.watch.solve()

    async def diversion(self) -> tuple[int, int, int, int, int]:
        """Team `near` drives to a far common call when a critical one comes in beside it; `other` is far off."""
        near, other = await self.team(10), await self.team(40)
        common = await self.call(38, "common", 5)
        assert (await self.send(common, near)).status_code == 201
        critical = await self.call(11, "critical", 1)
        await self.look_twice()
        [proposal] = (await self.advice())["proposals"]
        return near, other, common, critical, int(proposal["id"])


@asynccontextmanager
async def sign_in(app: FastAPI, state: State, role: str) -> AsyncIterator[httpx.AsyncClient]:
    async with state.unit_of_work() as uow:
        hashed = await Passwords().hash(PASSWORD)
        uow.session.add(User(login=role, password_hash=hashed, role=role, name="Анна", surname="Иванова"))
        await uow.commit()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="https://testserver"
    ) as client:
        answer = await client.post("/api/v1/auth/login", json={"login": role, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-TOKEN"] = client.cookies["csrf_access_token"]
        yield client


@asynccontextmanager
async def open_town(
    database_url: str, redis_url: str, tmp_path: Path, *, leads: bool = False
) -> AsyncIterator[Town]:
    """A town of its own; `leads`: the service makes its plans by itself, else the test says when."""
    settings = load_settings(
        _env_file=None, mode="test", data_dir=tmp_path, database_url=database_url, redis_url=redis_url
    )
    app = create_app(settings)
    state: State = app.state.brigada
    if not leads:
        state.chores = [chore for chore in state.chores if chore.name != "advice"]
    async with app.router.lifespan_context(app):
        async with state.unit_of_work() as uow:
            uow.session.add(Station(name="Первая", lat=SOUTH, lon=WEST))
            await uow.commit()
        async with (
            sign_in(app, state, "dispatcher") as client,
            sign_in(app, state, "admin") as admin,
        ):
            yield Town(client, state, AdviceWatch(state, second_look=timedelta(0)), admin)
