"""`brigada homes`: where teams should wait, from the service's own log or from a city and a file of calls."""

import asyncio
import csv
import json
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from brigada.cli import app
from brigada.simulator.policy.planned import BLOCKS, plan, week_of
from brigada.whatif.changes import Rules, Variant, apply
from brigada.whatif.homes import whatif_line
from brigada.whatif.schemas import WhatIfIn
from brigada.whatif.town import build_town
from brigada.whatif.wording import variant_of
from brigada.whatif.work import Question
from small_past import invented, lived
from stage import Stage


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


def test_a_city_and_a_file_of_calls_become_homes_for_each_part_of_the_week(tmp_path: Path) -> None:
    calls, out = tmp_path / "calls.csv", tmp_path / "new" / "homes.json"
    place = {
        True: "50.0054,30.0084",
        False: "50.0162,30.0252",
    }  # beside the one post by day, the other by night
    rows = [
        f"2026-03-{day:02}T{hour:02}:15:00+03:00,critical,{place[8 <= hour < 20]}"
        for day in range(2, 16)
        for hour in range(24)
    ]
    calls.write_text("received_at,criticality,lat,lon\n" + "\n".join(rows) + "\n")
    typed = [
        "homes",
        "--city",
        "grid",
        "--calls",
        str(calls),
        "--teams",
        "3",
        "--within",
        "3",
        "--by",
        "week",
    ]
    told = CliRunner().invoke(app, [*typed, "--out", str(out), "--language", "ru"])
    assert told.exit_code == 0, told.output
    assert "Что переставить" in told.output
    written = json.loads(out.read_text(encoding="utf-8"))["plan"]
    assert (written["calls"], written["days"], written["within_s"]) == (14 * 24, 14, 180)
    blocks = {block["name"]: block for block in written["blocks"]}
    assert set(blocks) == {block.name for block in BLOCKS["week"]}
    assert sum(len(block["hours"]) for block in blocks.values()) == 168
    for block in blocks.values():
        assert sum(block["planned"]) == sum(block["today"]) == 3
        assert block["calls_per_hour"] == pytest.approx(1.0)
        gained = sum(move["gain"] for move in block["moves"])
        assert block["coverage"] == pytest.approx(block["coverage_today"] + gained)
    assert blocks["weekday_day"]["planned"] != blocks["weekday_night"]["planned"]
    table = tmp_path / "homes.csv"
    told = CliRunner().invoke(app, [*typed, "--out", str(table), "--part", "homes"])
    assert told.exit_code == 0, told.output
    lines = list(csv.reader(table.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert len(lines) >= 1 + 4 * len(written["stations"])


def test_the_plan_of_day_and_night_is_a_variant_that_what_if_can_play() -> None:
    past = invented()
    town = build_town(replace(past, calls=[call for call in past.calls if call.lon > 30.31]))
    week = week_of(town.scenario, town.past.days, counted=town.counted)
    plans = plan(town.scenario, week, BLOCKS["day"], within_s=400, margin=0.0)
    line = whatif_line(plans, town.posts)
    assert line is not None
    stations = {row.name: row.id for row in town.past.stations}
    variant = variant_of(f"План = {line}", stations)
    asked = WhatIfIn.model_validate({"variants": [variant]}).model_dump(mode="json", exclude_none=True)
    played = apply(town, _variant(asked), Rules())
    after = plan(
        played.scenario, week_of(played.scenario, town.past.days), BLOCKS["day"], within_s=400, margin=0.0
    )
    assert [p.today for p in after] == [p.homes for p in plans]
    assert whatif_line(plan(town.scenario, week, BLOCKS["week"]), town.posts) is None


def _variant(asked: dict[str, Any]) -> Variant:
    import msgspec

    return msgspec.convert(asked, Question).variants[0]


def test_what_can_not_be_planned_is_refused_in_one_sentence(tmp_path: Path) -> None:
    for arguments, why in (
        (("--by", "moon"), "day, week, hours"),
        (("--teams", "3"), "belong to --city"),
        (("--city", "nowhere.osm.pbf"), "nowhere.osm.pbf"),
        (("--city", "region:nowhere"), "nowhere"),
        (("--city", "grid", "--out", "homes.docx"), "a name that ends in"),
    ):
        told = CliRunner().invoke(app, ["homes", *arguments])
        assert told.exit_code == 2, told.output
        assert why in told.output.replace("\n", " "), told.output
        assert "Traceback" not in told.output


@pytest.mark.anyio
async def test_the_service_plans_from_its_own_log_and_changes_nothing_in_it(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = stage.state.settings
    monkeypatch.setenv("BRIGADA_DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setenv("BRIGADA_REDIS_URL", settings.redis_url.get_secret_value())
    monkeypatch.setenv("BRIGADA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("BRIGADA_SECRET_KEY", secrets.token_urlsafe(48))
    monkeypatch.setenv("COLUMNS", "200")

    async def run(*arguments: str) -> Any:
        return await asyncio.to_thread(CliRunner().invoke, app, ["homes", *arguments])

    refused = await run("--weeks", "1")
    assert refused.exit_code == 2
    assert "Too few calls in this period" in refused.output.replace("\n", " ")
    await lived(stage)
    events = await stage.sql("SELECT max(seq) AS seq FROM events")
    out = tmp_path / "homes.json"
    told = await run("--weeks", "1", "--by", "hours", "--out", str(out))
    assert told.exit_code == 0, told.output
    written = json.loads(out.read_text(encoding="utf-8"))
    assert len(written["plan"]["blocks"]) == 168
    assert written["plan"]["calls"] > 0
    assert [row["id"] for row in written["plan"]["stations"]] == [stage.station_id]
    assert all(sum(block["planned"]) == sum(block["today"]) for block in written["plan"]["blocks"])
    assert await stage.sql("SELECT max(seq) AS seq FROM events") == events
