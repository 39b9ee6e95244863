"""The advice in a living city: crews drive, proposals appear, one is confirmed, one declined, all of it is kept."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from brigada.kit.geo import Point, haversine_m
from brigada.regions.commands import install_demo
from brigada.regions.democity import Address, build_city
from brigada.regions.progress import silent
from brigada.regions.store import RegionStore
from brigada.settings import Settings
from brigada.simulator.live.api import Account, Service
from brigada.simulator.live.city import Cast, City
from brigada.simulator.live.pace import Pace
from brigada.simulator.live.plan import Habits
from simulator_live.test_living_city import check_when_quiet, serving
from stage import PASSWORD, Stage, settings_for_tests

pytestmark = [pytest.mark.anyio, pytest.mark.long, pytest.mark.timeout(900)]

PACE = 5
"""A trip of eight minutes takes a hundred seconds: time enough to decide before the crew is near its patient."""
CALM = Habits(
    scene_s=300, handover_s=300, declines=0, troubles=0, breaks_every_s=1e7, offline_every_s=1e7, transported=0,
    travel_sigma=0.01,
)  # fmt: skip
PATIENCE_S = 240.0


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    install_demo(RegionStore(tmp_path), silent)
    return settings_for_tests(
        database_url, redis_url, data_dir=tmp_path, advice=True, position_fastest_kmh=100_000,
        login_limit_per_address=1000, tls=False,
    )  # fmt: skip


def nothing(_: random.Random) -> dict[str, Any]:
    """What the first caller would say, in some months: nobody calls but the test."""
    return {}


@asynccontextmanager
async def crews_of(url: str) -> AsyncIterator[None]:
    """The crews of the city, driving as long as the block lasts; nobody else calls or dispatches."""
    service = Service(url, trust=None)
    petrova = Account(service, "petrova", PASSWORD)
    cast = Cast(Account(service, "orlova", PASSWORD), petrova, petrova, PASSWORD)
    city = City(
        service, cast, nothing, Pace(PACE), per_day=0.01, flat=True, dispatch_after_s=None, habits=CALM
    )
    living = asyncio.create_task(city.live())
    try:
        yield
        assert not living.done(), living
    finally:
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
        await service.close()
        assert not [name for name in city.counts if name.startswith("crew failed")], city.counts


async def station_of(stage: Stage, name: str, place: Point) -> int:
    body = {"name": name, "location": {"lat": place.lat, "lon": place.lon}}
    return int((await stage.admin.post("/stations", body))["id"])


async def team_of(stage: Stage, name: str, station_id: int) -> int:
    worker = await stage.admin.post(
        "/users",
        {"login": f"w{name}", "password": PASSWORD, "role": "worker", "name": "Имя", "surname": f"Ф{name}"},
    )
    car = await stage.admin.post("/cars", {"number": f"В{name}КХ178", "class": "B", "model": "ГАЗель"})
    body = {
        "name": name, "car_id": car["id"], "member_ids": [worker["id"]], "station_id": station_id,
    }  # fmt: skip
    return int((await stage.admin.post("/teams", body))["id"])


async def until[T](look: Callable[[], Awaitable[T | None]], what: str) -> T:
    """Look again and again until there is something to see."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while (seen := await look()) is None:  # noqa: ASYNC110 -- as a page without a socket
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"not seen in time: {what}") from None
    return seen


async def place_of(stage: Stage, team_id: int) -> Point | None:
    items = (await stage.petrova.get("/positions"))["items"]
    return next((Point(item["lat"], item["lon"]) for item in items if item["team_id"] == team_id), None)


async def take_in(stage: Stage, at: Address, criticality: str) -> int:
    call = await stage.petrova.take_in(
        address=at.text, criticality=criticality, location={"lat": at.point.lat, "lon": at.point.lon}
    )
    return int(call["id"])


async def works_on(stage: Stage, call_id: int, team_id: int) -> Mapping[str, Any] | None:
    shown = await stage.petrova.get(f"/calls/{call_id}")
    return next((work for work in shown["assignments"] if work["team_id"] == team_id), None)


async def on_its_way(stage: Stage, call_id: int, team_id: int, home: Point) -> Point:
    """Send a team; return where it is once it has driven a few hundred metres."""
    await stage.petrova.post(f"/calls/{call_id}/assignments", {"team_id": team_id})

    async def driving() -> Point | None:
        work, place = await works_on(stage, call_id, team_id), await place_of(stage, team_id)
        gone = place is not None and haversine_m(place, home) > 300
        return place if work is not None and work["status"] == "en_route" and gone else None

    return await until(driving, "the crew on its way")


async def proposed(stage: Stage, calls: set[int]) -> dict[str, Any]:
    """The proposal about these calls that the service makes by itself."""

    async def look() -> dict[str, Any] | None:
        proposals = (await stage.petrova.get("/advice"))["proposals"]
        return next((p for p in proposals if {m["call_id"] for m in p["moves"]} == calls), None)

    return await until(look, "a proposal")


async def test_proposals_appear_while_crews_drive_and_the_dispatchers_word_on_them_is_kept(
    settings: Settings,
) -> None:
    addresses = build_city().addresses
    west, east = (pick(addresses, key=lambda a: a.point.lon) for pick in (min, max))

    def beside(point: Point, least_m: float) -> Address:
        far = [a for a in addresses if haversine_m(a.point, point) >= least_m]
        return min(far, key=lambda a: haversine_m(a.point, point))

    async with serving(settings) as (stage, url):
        ours, theirs = (
            await station_of(stage, "Западная", west.point),
            await station_of(stage, "Восточная", east.point),
        )
        first, second, third = [await team_of(stage, f"{n}", ours) for n in (201, 202, 203)]
        there, farther = [await team_of(stage, f"{n}", theirs) for n in (204, 205)]
        async with crews_of(url):

            async def everybody() -> bool | None:
                places = [await place_of(stage, n) for n in (first, second, third, there, farther)]
                return True if all(places) else None

            await until(everybody, "the crews' positions")

            # One is confirmed: the crew turns round, another takes its call, both get where they are due.
            common = await take_in(stage, beside(east.point, 400), "common")
            place = await on_its_way(stage, common, first, west.point)
            critical = await take_in(stage, beside(place, 150), "critical")
            proposal = await proposed(stage, {common, critical})
            moves = {move["call_id"]: move for move in proposal["moves"]}
            assert moves[critical]["team_after"] == first
            assert moves[common]["team_now"] == first
            assert moves[common]["team_after"] in {there, farther}
            assert moves[critical]["eta_after_s"] < moves[critical]["eta_before_s"]
            assert moves[common]["eta_after_s"] < moves[common]["eta_before_s"]
            done = await stage.petrova.post(f"/proposals/{proposal['id']}/confirm")
            assert (done["status"], done["decided_by"]) == ("confirmed", stage.petrova.id)

            async def arrived() -> bool | None:
                work = await works_on(stage, critical, first)
                other = await works_on(stage, common, moves[common]["team_after"])
                reached = [one is not None and one["milestones"]["on_scene_at"] for one in (work, other)]
                return True if all(reached) else None

            await until(arrived, "both crews at their patients")
            left = await works_on(stage, common, first)
            assert left is not None
            assert left["status"] == "diverted"

            # One is declined: everything stays, and another is sent by hand at a known cost.
            common = await take_in(stage, beside(east.point, 700), "common")
            place = await on_its_way(stage, common, second, west.point)
            critical = await take_in(stage, beside(place, 150), "critical")
            declined = await proposed(stage, {common, critical})
            await stage.petrova.post(f"/proposals/{declined['id']}/decline")

            async def advised() -> dict[str, Any] | None:
                items = (await stage.petrova.get("/advice"))["items"]
                return next((i for i in items if i["call_id"] == critical and i["kind"] == "send"), None)

            advice = await until(advised, "the advice without a diversion")
            assert advice["team_id"] not in {second, there, farther}
            etas = {c["team_id"]: c["eta_s"] for c in advice["candidates"]}
            by_hand = next(n for n in (there, farther) if n in etas)
            await stage.petrova.post(f"/calls/{critical}/assignments", {"team_id": by_hand})
            work = await works_on(stage, common, second)
            assert work is not None
            assert work["status"] == "en_route"

            async def kept() -> dict[str, Any] | None:
                rows = await stage.sql(
                    "SELECT * FROM advice WHERE call_id = :id AND chosen_at IS NOT NULL", id=critical
                )
                return rows[0] if rows else None

            choice = await until(kept, "the choice beside the advice")
            assert (choice["chosen_team_id"], choice["chosen_by"]) == (by_hand, stage.petrova.id)
            assert choice["team_id"] == advice["team_id"]
            assert choice["cost_s"] > 0
        await check_when_quiet(stage)
        await everything_is_kept(stage, proposal, declined, first)


async def everything_is_kept(
    stage: Stage, confirmed: dict[str, Any], declined: dict[str, Any], crew: int
) -> None:
    rows = {row["id"]: row for row in await stage.sql("SELECT * FROM proposals")}
    for proposal, status in ((confirmed, "confirmed"), (declined, "declined")):
        row = rows[proposal["id"]]
        assert (row["status"], row["decided_by"]) == (status, stage.petrova.id)
        assert row["saved_s"] > 0
        assert all({"eta_before_s", "eta_after_s"} <= move.keys() for move in row["moves"]["items"])
    by_plan = await stage.sql(
        "SELECT cost_s FROM advice WHERE kind = 'divert' AND chosen_team_id = team_id AND chosen_at IS NOT NULL"
    )
    assert [row["cost_s"] for row in by_plan] == [0.0]
    (diverted,) = await stage.events("assignment.diverted")
    assert "dispatcher" in diverted["roles"]
    assert crew in diverted["team_ids"]
    for kind in ("proposal.made", "proposal.confirmed", "proposal.declined"):
        assert all("dispatcher" in event["roles"] for event in await stage.events(kind))
