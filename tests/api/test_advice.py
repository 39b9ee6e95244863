"""Live advice: whom to send and why, proposals to divert, and nothing sent by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text, update

from brigada.app import create_app
from brigada.assignments.models import Assignment
from brigada.auth.models import User
from brigada.auth.passwords import Passwords
from brigada.calls.models import Call, Norm
from brigada.cars.models import Car, LatestPosition
from brigada.dispatch.advice import repository
from brigada.dispatch.advice.models import Advice
from brigada.dispatch.advice.watching import AdviceWatch
from brigada.events.log import Event
from brigada.geocoding.port import Found, Kind
from brigada.kit.geo import Point
from brigada.settings import load_settings
from brigada.state import State
from brigada.stations.models import Station
from brigada.teams.models import Team

pytestmark = pytest.mark.anyio

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


@pytest.fixture
async def town(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    settings = load_settings(
        _env_file=None, mode="test", data_dir=tmp_path, database_url=database_url, redis_url=redis_url
    )
    app = create_app(settings)
    state: State = app.state.brigada
    state.chores = [chore for chore in state.chores if chore.name != "advice"]  # the tests say when to solve
    async with app.router.lifespan_context(app):
        async with state.unit_of_work() as uow:
            uow.session.add(Station(name="Первая", lat=SOUTH, lon=WEST))
            await uow.commit()
        async with (
            sign_in(app, state, "dispatcher") as client,
            sign_in(app, state, "admin") as admin,
        ):
            yield Town(client, state, AdviceWatch(state, second_look=timedelta(0)), admin)


async def test_a_waiting_call_shows_whom_to_send_and_why_and_nothing_is_sent(town: Town) -> None:
    far, near = await town.team(30), await town.team(5)
    call = await town.call(8, "critical")
    await town.watch.solve()
    [item] = (await town.advice())["items"]
    assert (item["call_id"], item["kind"], item["team_id"]) == (call, "send", near)
    assert [c["team_id"] for c in item["candidates"]] == [near, far]
    assert item["candidates"][0]["reasons"][0]["text"] == "ближе всех по дорогам"
    assert (await town.advice("en"))["items"][0]["candidates"][0]["reasons"][0]["text"] == "nearest by road"
    assert item["approximate"] is True
    assert await town.teams_of(call) == []


async def test_a_diversion_is_proposed_with_both_arrivals_before_and_after(town: Town) -> None:
    near, other, common, critical, _ = await town.diversion()
    [proposal] = (await town.advice())["proposals"]
    by_call = {move["call_id"]: move for move in proposal["moves"]}
    assert (by_call[critical]["team_before"], by_call[critical]["team_after"]) == (other, near)
    assert by_call[critical]["eta_after_s"] < by_call[critical]["eta_before_s"]
    assert by_call[critical]["late_before"]
    assert not by_call[critical]["late_after"]
    assert (by_call[common]["team_now"], by_call[common]["team_after"]) == (near, other)
    assert "Снять бригаду 1 с вызова" in proposal["text"]
    assert "Divert team 1 from" in (await town.advice("en"))["proposals"][0]["text"]
    assert await town.teams_of(common) == [(near, "assigned")]


async def test_what_one_look_proposes_and_the_next_does_not_is_told_to_nobody(town: Town) -> None:
    near = await town.team(10)
    common = await town.call(38, "common", 5)
    assert (await town.send(common, near)).status_code == 201
    critical = await town.call(11, "critical", 1)
    assert (await town.watch.solve()).proposals() != []
    assert (await town.advice())["proposals"] == []
    # Before the second look the caller rings again: nobody is needed.
    rejected = await town.client.post(f"/api/v1/calls/{critical}/reject", json={"reason": "refused"})
    assert rejected.status_code == 200, rejected.text
    await town.look_twice()
    told = await town.state.database.fetch_all("SELECT kind FROM events WHERE kind LIKE 'proposal.%'")
    assert [row["kind"] for row in told] == []


async def test_a_plan_that_meets_a_lock_gives_way_and_is_made_at_the_next_turn(town: Town) -> None:
    await town.team(5)
    first = await town.call(8, "critical")
    await town.watch.turn()
    second = await town.call(9, "critical")
    async with town.state.database.engine.begin() as connection:
        await connection.execute(text("SELECT 1 FROM advice FOR UPDATE"))
        await town.watch.turn()
        assert [item["call_id"] for item in (await town.advice())["items"]] == [first]
    await town.watch.turn()
    assert {item["call_id"] for item in (await town.advice())["items"]} == {first, second}


async def test_a_confirmed_proposal_moves_both_teams_in_one_transaction(town: Town) -> None:
    near, other, common, critical, proposal = await town.diversion()
    async with town.state.database.read() as session:
        received = await session.scalar(select(Call.received_at).where(Call.id == common))
    answer = await town.client.post(f"/api/v1/proposals/{proposal}/confirm")
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "confirmed"
    assert await town.teams_of(critical) == [(near, "assigned")]
    assert await town.teams_of(common) == [(near, "diverted"), (other, "assigned")]
    async with town.state.database.read() as session:
        assert await session.scalar(select(Call.received_at).where(Call.id == common)) == received
        kinds = await town.state.database.fetch_all(
            "SELECT kind, team_ids, xmin::text AS tx FROM events WHERE kind LIKE 'assignment.%' OR kind LIKE 'prop%'"
            " ORDER BY seq DESC LIMIT 4"
        )
    assert len({row["tx"] for row in kinds}) == 1
    told = {(row["kind"], *row["team_ids"]) for row in kinds}
    assert {
        ("assignment.diverted", near),
        ("assignment.created", near),
        ("assignment.created", other),
    } <= told
    again = await town.client.post(f"/api/v1/proposals/{proposal}/confirm")
    assert (again.status_code, again.json()["code"]) == (409, "proposal_decided")


async def test_a_call_left_without_a_team_waits_again_with_its_clock_running(town: Town) -> None:
    near = await town.team(10)
    common = await town.call(38, "common", 5)
    assert (await town.send(common, near)).status_code == 201
    critical = await town.call(11, "critical", 1)
    await town.look_twice()
    [proposal] = (await town.advice())["proposals"]
    assert (await town.client.post(f"/api/v1/proposals/{proposal['id']}/confirm")).status_code == 200
    shown = (await town.client.get(f"/api/v1/calls/{common}")).json()
    assert shown["status"] == "new"
    assert await town.teams_of(critical) == [(near, "assigned")]


async def test_a_declined_proposal_changes_nothing_and_is_not_made_again(town: Town) -> None:
    near, other, common, critical, proposal = await town.diversion()
    advised = {item["call_id"]: (item["kind"], item["team_id"]) for item in (await town.advice())["items"]}
    assert advised == {critical: ("divert", near), common: ("send", other)}
    answer = await town.client.post(f"/api/v1/proposals/{proposal}/decline")
    assert answer.json()["status"] == "declined"
    await town.look_twice()
    advised = {item["call_id"]: (item["kind"], item["team_id"]) for item in (await town.advice())["items"]}
    assert advised == {critical: ("send", other), common: ("keep", near)}
    assert (await town.advice())["proposals"] == []
    assert await town.teams_of(common) == [(near, "assigned")]
    assert await town.teams_of(critical) == []


async def test_a_proposal_from_an_outdated_picture_is_refused_whole(town: Town) -> None:
    near, other, common, critical, proposal = await town.diversion()
    assert (await town.send(critical, other)).status_code == 201
    answer = await town.client.post(f"/api/v1/proposals/{proposal}/confirm")
    assert (answer.status_code, answer.json()["code"]) == (409, "proposal_stale")
    assert await town.teams_of(common) == [(near, "assigned")]
    await town.watch.solve()
    assert proposal not in [one["id"] for one in (await town.advice())["proposals"]]


async def test_a_confirmation_against_a_manual_assignment_has_one_winner(town: Town) -> None:
    for _ in range(10):
        near, other, common, critical, proposal = await town.diversion()
        confirm, manual = await asyncio.gather(town.confirm(proposal), town.send(critical, other))
        assert sorted([confirm.status_code // 100, manual.status_code // 100]) == [2, 4]
        if confirm.status_code == 200:
            assert manual.status_code == 409
            assert await town.teams_of(critical) == [(near, "assigned")]
            assert await town.teams_of(common) == [(near, "diverted"), (other, "assigned")]
        else:
            assert confirm.json()["code"] in {"proposal_stale", "team_busy"}
            assert await town.teams_of(critical) == [(other, "assigned")]
            assert await town.teams_of(common) == [(near, "assigned")]
        await town.empty_street()


async def test_a_plan_leaves_a_proposal_alone_on_which_somebody_decides_this_moment(town: Town) -> None:
    """It neither waits for the dispatcher nor makes the dispatcher wait for it, which would be a deadlock."""
    *_, proposal = await town.diversion()
    async with town.state.unit_of_work() as uow:
        assert await repository.lock_proposal(uow.session, proposal) is not None
        await town.team(12)
        await town.watch.solve()
    assert proposal in [one["id"] for one in (await town.advice())["proposals"]]
    await town.watch.solve()
    assert proposal not in [one["id"] for one in (await town.advice())["proposals"]]


async def test_two_dispatchers_who_confirm_at_once_divert_once(town: Town) -> None:
    *_, critical, proposal = await town.diversion()
    answers = await asyncio.gather(*(town.confirm(proposal) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(await town.teams_of(critical)) == 1


async def test_another_choice_than_advised_is_kept_with_its_cost_in_seconds(town: Town) -> None:
    near, far = await town.team(5), await town.team(30)
    call = await town.call(8, "critical")
    await town.watch.solve()
    [item] = (await town.advice())["items"]
    etas = {c["team_id"]: c["eta_s"] for c in item["candidates"]}
    assert (await town.send(call, far)).status_code == 201
    await town.watch.solve()
    async with town.state.database.read() as session:
        query = select(Advice).where(Advice.call_id == call, Advice.chosen_at.is_not(None))
        advice = (await session.execute(query)).scalar_one()
        assert (advice.team_id, advice.chosen_team_id) == (near, far)
        assert advice.cost_s == pytest.approx(etas[far] - etas[near])
        assert advice.chosen_by is not None


async def test_a_team_is_sent_by_itself_only_where_an_administrator_has_said_so(town: Town) -> None:
    team = await town.team(5)
    call = await town.call(8, "critical")
    await town.watch.solve()
    assert await town.teams_of(call) == []
    refused = await town.client.put("/api/v1/advice/settings", json={"automatic": ["critical"]})
    assert refused.status_code == 403
    await town.team(6)
    common = await town.call(7, "common")
    assert (
        await town.admin.put("/api/v1/advice/settings", json={"automatic": ["critical"]})
    ).status_code == 200
    await town.watch.solve()
    assert await town.teams_of(call) != []
    assert await town.teams_of(common) == []
    assert team in {t for t, _ in await town.teams_of(call)} or len(await town.teams_of(call)) == 1


async def test_advice_is_withdrawn_when_the_crew_has_reached_the_patient(town: Town) -> None:
    near = await town.team(5)
    call = await town.call(8, "critical")
    assignment = (await town.send(call, near)).json()["id"]
    await town.watch.solve()
    assert [item["kind"] for item in (await town.advice())["items"]] == ["keep"]
    step = await town.client.post(f"/api/v1/assignments/{assignment}/steps", json={"step": "on_scene"})
    assert step.status_code == 200, step.text
    await town.watch.solve()
    assert (await town.advice())["items"] == []


async def card(town: Town, call_id: int, language: str = "ru") -> dict[str, Any]:
    answer = await town.client.get(
        f"/api/v1/calls/{call_id}/candidates", headers={"Accept-Language": language}
    )
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


@pytest.mark.parametrize(
    "away", [{}, {"km": 0.05}, {"fix_age_s": 700}, {"hours_left": 0.4}, {"hours_left": 0.2}]
)
async def test_for_one_call_alone_the_card_and_the_plan_name_the_same_team(
    town: Town, away: dict[str, float]
) -> None:
    """Whatever speaks against the nearer team, a turnout, an old position, overtime: both weigh it alike."""
    plain = {"km": 3.0, "fix_age_s": 0.0, "hours_left": 10.0}
    for other_km in (3.5, 5.0, 8.0):
        await town.team(**(plain | away))
        await town.team(other_km)
        call = await town.call(0.5, "critical")
        await town.watch.solve()
        shown = await card(town, call)
        [item] = (await town.advice())["items"]
        assert shown["plan"]["agrees"]
        assert shown["plan"]["text"] == ""
        first = shown["items"][0]
        assert (first["team_id"], first["eta_s"]) == (item["team_id"], pytest.approx(item["eta_s"], abs=1))
        assert [c["team_id"] for c in shown["items"]] == [c["team_id"] for c in item["candidates"]]
        await town.empty_street()


async def test_where_the_plan_would_send_another_team_than_the_first_of_the_card_it_says_why(
    town: Town,
) -> None:
    between = await town.team(10)
    other = await town.team(25)
    urgent, common = await town.call(4, "critical", 2), await town.call(13, "common")
    await town.watch.solve()
    number = (await town.client.get(f"/api/v1/calls/{urgent}")).json()["number"]
    shown = await card(town, common)
    assert shown["items"][0]["team_id"] == between
    plan = shown["plan"]
    assert (plan["kind"], plan["team_id"], plan["agrees"]) == ("send", other, False)
    assert plan["text"].startswith("Общий план: бригада 2, через ")
    assert plan["text"].endswith(f". Бригада 1: нужнее на вызове {number}.")
    english = (await card(town, common, "en"))["plan"]["text"]
    assert english.endswith(f". Team 1: needed more at call {number}.")
    assert (await card(town, urgent))["plan"]["agrees"]


async def test_a_team_that_the_plan_does_not_know_yet_is_said_to_be_news(town: Town) -> None:
    await town.team(20)
    call = await town.call(1, "critical")
    assert (await card(town, call))["plan"] is None
    await town.watch.solve()
    await town.team(2)
    plan = (await card(town, call, "en"))["plan"]
    assert not plan["agrees"]
    assert "Team 2: was out of the question when the plan was made" in plan["text"]
    await town.watch.solve()
    assert (await card(town, call))["plan"]["agrees"]


async def test_an_arrival_that_moves_by_more_than_two_minutes_asks_for_another_plan(town: Town) -> None:
    team = await town.team(10)
    call = await town.call(30, "common")
    assert (await town.send(call, team)).status_code == 201
    watch = town.watch
    await watch.turn()
    solved: list[bool] = []
    plain = watch.solve

    async def solve() -> Any:
        solved.append(True)
        return await plain()

    watch.solve = solve  # type: ignore[method-assign]  # counted, and done as ever
    assert solved == []
    await watch.turn()
    assert solved == []
    expected = town.state.clock.now() + timedelta(seconds=(await town.advice())["items"][0]["eta_s"])
    for kind, name in (("assignment.arrival", "assignment"), ("assignment.route", "route")):
        for moved_s, asks in ((90, False), (-90, False), (150, True), (-150, True)):
            told = {name: {"id": 1, "assignment_id": 1, "arrives_at": expected + timedelta(seconds=moved_s)}}
            async with town.state.unit_of_work() as uow:
                uow.record(Event(kind=kind, data=told, roles=("dispatcher",), team_ids=(team,)))
                await uow.commit()
            solved.clear()
            await watch.turn()
            assert solved == [True] * asks, (kind, moved_s)


async def test_a_norm_from_another_moment_than_the_receipt_is_no_norm_of_arrival(town: Town) -> None:
    async with town.state.unit_of_work() as uow:
        uow.session.add(
            Norm(
                norm_set="own", criticality="critical", clock_start="assigned", clock_stop="en_route", target_s=60,
                statistic="share", share=0.9, active=True, title_ru="Выезд", title_en="Turnout",
            )
        )  # fmt: skip
        await uow.commit()
    await town.team(5)
    await town.call(8, "critical")
    await town.watch.solve()
    assert (await town.advice())["items"][0]["late"] is False


class OneDistrict:
    """A geocoder that knows the north of the town, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def search(self, text: str, limit: int = 5, near: Point | None = None) -> list[Found]:
        raise NotImplementedError

    async def reverse(self, point: Point) -> Found | None:
        self.asked += 1
        return (
            Found(Kind.STREET, "", point, 1.0, district="Северный") if point.lat > SOUTH + 50 * KM else None
        )

    async def close(self) -> None:
        return None


async def test_the_barest_places_are_districts_with_their_names(town: Town) -> None:
    for km, district in (
        (20, "Озёрный"),
        (23, "Озёрный"),
        (26, "Озёрный"),
        (40, "Лесной"),
        (60, ""),
        (64, ""),
    ):
        await town.call(km, "critical", address_details={"district": district})
    await town.call(5, "critical", address_details={"district": "Центр"})
    await town.team(5)
    geocoder = OneDistrict()
    for _ in range(2):
        async with town.state.database.read() as session:
            region, now = town.state.region.now, town.state.clock.now()
            shown = await town.state.coverages.coverage(
                session, region.roads, now, within_s=400, geocoder=geocoder
            )
        assert [place["district"] for place in shown["barest"]] == ["Озёрный", "Северный", "Лесной", "Центр"]
        assert shown["barest"][0]["uncovered"] == pytest.approx(3 / 7)
        assert shown["barest"][1]["uncovered"] == pytest.approx(2 / 7)
        assert sum(place["uncovered"] for place in shown["barest"]) == pytest.approx(1 - shown["share"])
    assert geocoder.asked == 2, "each square is asked for once"


async def test_coverage_names_the_barest_places_and_what_sending_one_would_leave(town: Town) -> None:
    for km in (5, 5, 60):
        await town.call(km, "critical")
    near, _ = await town.team(4), await town.team(61)
    shown = (await town.client.get("/api/v1/coverage")).json()
    assert 0 < shown["share"] < 1
    assert shown["free_teams"] == 2
    assert sum(zone["demand"] for zone in shown["zones"]) == pytest.approx(1)
    preview = (await town.client.get("/api/v1/coverage", params={"without": near})).json()["preview"]
    assert preview["loss"] > 0
    assert preview["barest"][0]["uncovered"] == pytest.approx(2 / 3)
    assert (await town.client.get("/api/v1/coverage", params={"without": 10**9})).status_code == 404


async def test_a_free_team_is_told_where_it_would_cover_most(town: Town) -> None:
    async with town.state.unit_of_work() as uow:
        uow.session.add(Station(name="Северная", lat=SOUTH + 60 * KM, lon=WEST))
        await uow.commit()
    for km in (1, 60, 61, 62):
        await town.call(km, "critical")
    team = await town.team(1)
    shown = (await town.client.get(f"/api/v1/teams/{team}/standby")).json()
    assert [post["name"] for post in shown["posts"]] == ["Северная", "Первая"]
    assert shown["posts"][0]["gain"] > shown["posts"][1]["gain"] > 0


async def test_the_leader_solves_by_itself_soon_after_a_call_comes_in(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    settings = load_settings(
        _env_file=None, mode="test", data_dir=tmp_path, database_url=database_url, redis_url=redis_url
    )
    app = create_app(settings)
    state: State = app.state.brigada
    async with app.router.lifespan_context(app):
        async with state.unit_of_work() as uow:
            uow.session.add(Station(name="Первая", lat=SOUTH, lon=WEST))
            await uow.commit()
        async with sign_in(app, state, "dispatcher") as client:
            town = Town(client, state, AdviceWatch(state), client)
            team = await town.team(5)
            call = await town.call(8, "critical")
            async with asyncio.timeout(20):
                while True:
                    items = (await town.advice())["items"]
                    if items:
                        break
                    await asyncio.sleep(0.1)
            assert (items[0]["call_id"], items[0]["team_id"]) == (call, team)
