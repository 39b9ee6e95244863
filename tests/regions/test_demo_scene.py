"""The demo plays on the map of the region in use: calls, stations and hospitals where its houses are."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from importlib import import_module
from pathlib import Path

import asyncpg
import pytest

from brigada.demo.scene import STATIONS, scene_in_use
from brigada.demo.seed import seed
from brigada.embedded.process import StartError
from brigada.regions.democity import City
from brigada.regions.importer import ImportOrder, import_region
from brigada.regions.store import RegionStore
from brigada.running import install_for_demo
from regions.conftest import NOW
from stage import settings_for_tests


@pytest.fixture(scope="module")
def hamlet_in_use(hamlet: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a service whose region is the hamlet. Nobody changes it."""
    data_dir = tmp_path_factory.mktemp("service")
    import_region(RegionStore(data_dir), ImportOrder("hamlet", hamlet), NOW)
    return data_dir


def test_a_service_without_a_region_plays_in_the_invented_town(city: City, tmp_path: Path) -> None:
    assert scene_in_use(tmp_path).addresses == city.addresses


def test_the_invented_town_stays_as_it_was_drawn_once_it_is_installed(
    city: City, hamlet: Path, tmp_path: Path
) -> None:
    import_region(RegionStore(tmp_path), ImportOrder("demo", hamlet, source="demo"), NOW)
    assert scene_in_use(tmp_path).addresses == city.addresses


def test_a_map_without_stations_and_hospitals_gets_some_at_its_houses(hamlet_in_use: Path) -> None:
    scene = scene_in_use(hamlet_in_use)
    region = RegionStore(hamlet_in_use).active()
    assert region is not None
    texts = [address.text for address in scene.addresses]
    for number in range(1, 9):
        assert f"Дорожная, Дорожная улица, {number}" in texts
    assert 1 <= len(scene.stations) <= STATIONS
    assert scene.hospitals
    for marks in (scene.stations, scene.hospitals):
        assert len({mark.name for mark in marks}) == len(marks)
        assert all(mark.address in texts for mark in marks)
    points = [address.point for address in scene.addresses]
    points += [mark.point for mark in (*scene.stations, *scene.hospitals)]
    assert all(region.manifest.bounds.holds(point.lat, point.lon) for point in points)


def test_stations_and_hospitals_of_the_map_are_taken_the_nearest_first(
    hamlet_in_use: Path, tmp_path: Path
) -> None:
    data_dir = tmp_path / "service"
    shutil.copytree(hamlet_in_use, data_dir, symlinks=True)
    region = RegionStore(data_dir).active()
    assert region is not None
    lat, lon = region.manifest.centre
    # Within reach of the centre is what is no farther than its farthest house, some 280 m here.
    steps = {"Вторая": 0.001, "Первая": 0.0005, "Третья": 0.0015, "Далёкая": 3.0}
    with closing(sqlite3.connect(region.places)) as base:
        base.execute("DELETE FROM place")
        base.executemany(
            "INSERT INTO poi (name, other, kind, lat, lon, street, number, town, district)"
            " VALUES (?, '', ?, ?, ?, '', '', '', '')",
            [
                (name, kind, lat + north, lon)
                for kind in ("emergency=ambulance_station", "amenity=hospital")
                for name, north in steps.items()
            ],
        )
        base.commit()
    scene = scene_in_use(data_dir)
    for marks in (scene.stations, scene.hospitals):
        assert [mark.name for mark in marks] == ["Первая", "Вторая", "Третья"]


def test_the_whole_demo_lies_on_its_map(
    hamlet_in_use: Path, database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The package gives the function its module's name.
    monkeypatch.setattr(import_module("brigada.demo.town"), "HISTORY_CALLS", 60)
    seed(settings_for_tests(database_url, redis_url, data_dir=hamlet_in_use), lambda _: None)
    region = RegionStore(hamlet_in_use).active()
    assert region is not None

    async def points(table: str) -> list[tuple[float, float]]:
        connection = await asyncpg.connect(database_url)
        try:
            rows = await connection.fetch(f"SELECT lat, lon FROM {table}")
        finally:
            await connection.close()
        return [(row["lat"], row["lon"]) for row in rows]

    for table in ("stations", "hospitals", "calls"):
        found = asyncio.run(points(table))
        assert found
        assert [point for point in found if not region.manifest.bounds.holds(*point)] == [], table


def test_a_demo_with_a_region_of_its_own_stays_where_it_plays(hamlet: Path, hamlet_in_use: Path) -> None:
    build = RegionStore(hamlet_in_use).generation()
    install_for_demo(str(hamlet), hamlet_in_use)
    assert RegionStore(hamlet_in_use).generation() == build
    with pytest.raises(StartError, match="plays in the region hamlet"):
        install_for_demo("kaliningrad", hamlet_in_use)


def test_what_can_not_be_installed_for_a_demo_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"nowhere\.osm\.pbf could not be installed"):
        install_for_demo(str(tmp_path / "nowhere.osm.pbf"), tmp_path / "service")


def test_a_map_with_nothing_to_call_from_is_told_in_a_sentence(hamlet_in_use: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "service"
    shutil.copytree(hamlet_in_use, data_dir, symlinks=True)
    region = RegionStore(data_dir).active()
    assert region is not None
    with closing(sqlite3.connect(region.places)) as base:
        base.execute("DELETE FROM house")
        base.execute("UPDATE street SET name = ''")
        base.commit()
    with pytest.raises(StartError, match="no houses and no named streets"):
        scene_in_use(data_dir)
