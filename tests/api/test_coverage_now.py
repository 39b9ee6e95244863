"""What the free teams cover, where it is bare, and where a freed team should wait."""

import pytest

from advice_town import KM, SOUTH, WEST, Town
from brigada.geocoding.port import Found, Kind
from brigada.kit.geo import Point
from brigada.stations.models import Station

pytestmark = pytest.mark.anyio


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
