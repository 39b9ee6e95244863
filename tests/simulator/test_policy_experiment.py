"""Comparing policies: the statistics, the files that come out, and the ways to bring a city in."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

from brigada.simulator.commands import app
from brigada.simulator.policy import bounds, jemss
from brigada.simulator.policy.arrivals import draw_calls
from brigada.simulator.policy.engine import Simulation
from brigada.simulator.policy.experiment import Results, ScenarioSpec, load, run
from brigada.simulator.policy.grid import grid_city
from brigada.simulator.policy.homes import improve_homes, late_share, spread
from brigada.simulator.policy.logs import read_calls
from brigada.simulator.policy.metrics import gap_closed, interval, measure, relative_change
from brigada.simulator.policy.policies import REFERENCE, Greedy
from brigada.simulator.policy.raster import Raster, read_geotiff
from brigada.simulator.policy.variants import ABLATIONS, expand, make_policy

DATA = Path(os.environ.get("BRIGADA_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))


def test_the_interval_is_that_of_a_paired_t_test() -> None:
    rng = np.random.default_rng(1)
    reference = rng.normal(50, 5, 20)
    policy = reference - 4 + rng.normal(0, 1, 20)
    change, half = relative_change(policy, reference)
    expected = stats.ttest_rel(policy, reference).confidence_interval(0.95)
    base = reference.mean() / 100
    assert change - half == pytest.approx(expected.low / base)
    assert change + half == pytest.approx(expected.high / base)
    assert interval(np.array([3.0]))[1] == np.inf
    assert gap_closed(np.array([30.0]), np.array([50.0]), np.array([10.0])) == 50


def test_a_call_that_nobody_reached_counts_as_late() -> None:
    scenario = grid_city()
    outcome = Simulation(scenario, Greedy("x"), draw_calls(scenario, 1, 1.0)).run(1.0)
    before = measure(scenario, outcome, 0.0)
    outcome.response_s[np.flatnonzero(outcome.response_s <= 400)[0]] = np.nan
    after = measure(scenario, outcome, 0.0)
    assert after["unserved"] == before["unserved"] + 1
    late = sum(after[f"late_{name}"] for name in ("critical", "important", "common"))
    assert late > sum(before[f"late_{name}"] for name in ("critical", "important", "common"))


def test_nobody_beats_unlimited_teams_nor_the_clairvoyant() -> None:
    scenario = grid_city(per_day=200)
    calls = draw_calls(scenario, 2, 3.0)
    plain = Simulation(scenario, Greedy("x"), calls).run(3.0)
    knowing = bounds.clairvoyant_posts(scenario, calls, 3.0)
    floor = bounds.unlimited_teams(scenario, calls)
    assert floor.response_s.mean() < knowing.response_s.mean() < plain.response_s.mean()


def test_results_survive_their_file_and_do_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    spec = ScenarioSpec("grid", per_day=150.0)
    one = run(spec, [REFERENCE, "joint"], [1, 2], 1.0)
    one.write(tmp_path / "results.json")
    assert Results.read(tmp_path / "results.json") == one
    two = run(spec, [REFERENCE, "joint"], [1, 2], 1.0, processes=2)
    for name in one.runs:
        for a, b in zip(one.runs[name], two.runs[name], strict=True):
            assert {k: v for k, v in a.items() if not k.endswith("_ms")} == {
                k: v for k, v in b.items() if not k.endswith("_ms")
            }


@pytest.mark.long
def test_the_command_compares_policies_and_writes_table_data_and_chart(tmp_path: Path) -> None:
    names = ["--policies", f"{REFERENCE},joint + standby,unlimited teams"]
    result = CliRunner().invoke(
        app, ["policy", "grid", "--seeds", "2", "--days", "1", "--out", str(tmp_path), *names]
    )
    assert result.exit_code == 0, result.output
    assert "joint + standby" in result.output
    assert set(json.loads((tmp_path / "results.json").read_text())["runs"]) == {
        REFERENCE,
        "joint + standby",
        "unlimited teams",
    }
    assert (tmp_path / "results.md").read_text().count("\n|") >= 4
    assert (tmp_path / "late.svg").read_text().startswith("<svg")


def test_an_unknown_policy_or_city_is_one_clear_sentence() -> None:
    assert CliRunner().invoke(app, ["policy", "grid", "--policies", "magic"]).exit_code == 2
    assert CliRunner().invoke(app, ["policy", "nowhere.osm.pbf"]).exit_code == 2


def test_groups_of_policies_have_no_doubles_and_every_ablation_can_be_made() -> None:
    names = expand("all,ablations")
    assert len(names) == len(set(names))
    assert all(make_policy(name).name == name for name in ABLATIONS)


def test_homes_are_only_ever_improved() -> None:
    scenario = grid_city(per_day=200)
    worst = (0, 0, 0, 0)
    homes, share = improve_homes(scenario, worst, [1001], 1.0, rounds=1)
    assert share <= late_share(scenario, worst, [1001], 1.0)
    assert len(homes) == 4
    assert len(spread(scenario, 5)) == 5


def test_a_call_log_is_replayed_from_midnight_of_its_first_day(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(
        "received_at,criticality,lat,lon\n"
        "2026-03-02T08:00:00+03:00,common,50.001,30.001\n"
        "2026-03-01T23:30:00+03:00,critical,50.0,30.0\n"
    )
    scenario = grid_city()
    log = read_calls(path, scenario)
    assert log.at_s.tolist() == [84_600, 115_200]
    assert log.criticality.tolist() == [0, 2]
    assert log.zone[0] == 0
    assert len(draw_calls(replace(scenario, log=log), 1, 3.0)) == 2


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2026-03-02T08:00:00,common,50,30", "line 2: the time has no offset"),
        ("soon,common,50,30", "line 2"),
        ("2026-03-02T08:00:00+03:00,urgent,50,30", "line 2"),
    ],
)
def test_a_bad_row_of_a_call_log_is_named(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(f"received_at,criticality,lat,lon\n{row}\n")
    with pytest.raises(ValueError, match=message):
        read_calls(path, grid_city())


def test_zones_follow_the_population() -> None:
    weight = np.zeros((40, 40))
    weight[:20] = 3.0
    weight[20:] = 1.0
    lat, lon = Raster(weight, 10.0, 20.0, 0.01, 0.01).sample(400, seed=3)
    north = (lat > 10.0 - 20 * 0.01).sum()
    assert abs(north - 300) <= 2
    assert ((lon > 20.0) & (lon < 20.4)).all()


def test_a_raster_that_is_no_tiff_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.tif").write_bytes(b"PNG?")
    with pytest.raises(ValueError, match="not a little-endian TIFF"):
        read_geotiff(tmp_path / "x.tif")


def test_a_city_model_in_the_folder_format_is_read_as_it_is_written() -> None:
    folder = DATA / "jemss-auckland"
    if not folder.is_dir():
        pytest.skip("the city model of Auckland is not beside the repository")
    graph = jemss.read_graph(folder)
    assert len(graph.lat) == 54_370
    assert len(graph.source) == 90_638
    tables = jemss.read_tables(folder / "stations" / "stations_1.csv")
    assert len(tables["stations"]) == 14
    raster = read_geotiff(next((folder / "rasters").glob("*.tif")))
    lat, lon = raster.sample(100, 1)
    assert ((lat > -37.4) & (lat < -36.4) & (lon > 174.2) & (lon < 175.4)).all()


def test_a_city_is_built_from_an_extract_alone() -> None:
    path = DATA / "osm" / "liechtenstein.osm.pbf"
    if not path.is_file():
        pytest.skip("the extract of Liechtenstein is not beside the repository")
    scenario = load(ScenarioSpec(str(path)))
    assert np.isfinite(scenario.travel.seconds).all()
    outcome = Simulation(scenario, make_policy("joint + standby"), draw_calls(scenario, 1, 0.5)).run(0.5)
    assert np.isfinite(outcome.response_s).all()
