"""The demo city, drawn and imported once for all tests here that ask real roads and addresses."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from brigada.regions.democity import City, build_city
from brigada.regions.importer import ImportOrder, import_region
from brigada.regions.store import Installed, RegionStore
from small_places import write_hamlet

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def city() -> City:
    return build_city()


@pytest.fixture(scope="session")
def extract(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("extract") / "city.osm.pbf"
    city.write(path)
    return path


@pytest.fixture(scope="session")
def hamlet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hamlet(tmp_path_factory.mktemp("hamlet") / "hamlet.osm.pbf")


@pytest.fixture(scope="session")
def region(extract: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The imported demo city. Nobody changes it."""
    store = RegionStore(tmp_path_factory.mktemp("installed"))
    return import_region(store, ImportOrder("demo", extract), NOW)
