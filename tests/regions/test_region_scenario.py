"""An installed region is a city to try policies on: its own roads, houses, stations and hospitals."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from brigada.cli import app
from brigada.regions.democity import build_city
from brigada.regions.errors import RegionError
from brigada.regions.store import Installed
from brigada.simulator.policy.experiment import ScenarioSpec, load
from brigada.simulator.policy.region import folder_of


@pytest.mark.long
def test_policies_are_compared_on_a_region_by_its_name(
    region: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = region.folder.parents[2]
    monkeypatch.setenv("BRIGADA_DATA_DIR", str(data_dir))
    ask = [
        "simulate",
        "policy",
        "region:demo",
        "--policies",
        "joint",
        "--seeds",
        "2",
        "--days",
        "0.5",
        "--teams",
        "6",
    ]
    told = CliRunner().invoke(app, [*ask, "--cache", str(tmp_path), "--out", str(tmp_path / "out")])
    assert told.exit_code == 0, told.output
    results = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert results["runs"].keys() == {"nearest by road", "joint"}
    assert all(run["unserved"] == 0 and run["calls"] > 0 for runs in results["runs"].values() for run in runs)

    scenario = load(ScenarioSpec(folder_of("region:demo", data_dir), str(tmp_path)))
    city = build_city()
    assert len(scenario.places.posts) == len(city.stations)
    assert len(scenario.places.hospitals) == len(city.hospitals)
    houses = np.array([(a.point.lat, a.point.lon) for a in city.addresses])
    assert houses.min(axis=0)[0] - 0.01 <= scenario.places.zone_lat.min()
    assert scenario.places.zone_lat.max() <= houses.max(axis=0)[0] + 0.01
    assert np.isfinite(scenario.post_to_zone(0)).all()


def test_a_region_that_is_not_there_is_said_with_those_that_are(
    region: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = region.folder.parents[2]
    monkeypatch.setenv("BRIGADA_DATA_DIR", str(data_dir))
    told = CliRunner().invoke(app, ["simulate", "homes", "region:narnia"])
    assert told.exit_code == 2
    assert "narnia" in told.output
    assert "demo" in told.output
    with pytest.raises(RegionError):
        folder_of("region:narnia", data_dir)
