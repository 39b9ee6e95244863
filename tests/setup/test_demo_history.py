"""The invented past of the demo: it shows what every report is about, and the same seed tells the same story."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from brigada.demo.history import COLUMNS, DETOUR, OVERRULED, SPEED_MPS, Ground, History, Place, Rows
from brigada.demo.rhythm import ReasonFacts
from brigada.regions.democity import City, build_city

END = datetime(2026, 11, 25, tzinfo=UTC)
STEPS = ("assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed")


def ground(city: City) -> Ground:
    return Ground(
        places=[Place(address.text, address.district, address.point) for address in city.addresses],
        stations=[(n, mark.point) for n, mark in enumerate(city.stations, 1)],
        hospitals=[(n, mark.point) for n, mark in enumerate(city.hospitals, 1)],
        cars=range(1, 61),
        workers=range(1, 161),
        dispatchers=(1, 2),
        reasons=[
            ReasonFacts("chest_pain", "Боль в груди", "critical"),
            ReasonFacts("fall", "Падение", "common"),
        ],
        zone=ZoneInfo("Europe/Moscow"),
    )


def past(where: Ground) -> Rows:
    rows = Rows()
    for day in History(where, end=END, days=30, calls=1_600, seed=103).by_day():
        for table in COLUMNS:
            getattr(rows, table).extend(getattr(day, table))
    return rows


def named(rows: Rows, table: str) -> list[dict[str, Any]]:
    return [dict(zip(COLUMNS[table], row, strict=True)) for row in getattr(rows, table)]


@pytest.fixture(scope="module")
def where() -> Ground:
    return ground(build_city())


@pytest.fixture(scope="module")
def rows(where: Ground) -> Rows:
    return past(where)


def test_the_same_seed_and_end_tell_the_same_past(where: Ground, rows: Rows) -> None:
    assert past(where) == rows


def test_advice_is_mostly_followed_and_overruling_it_costs_the_road_s_difference(rows: Rows) -> None:
    advised = [sent for sent in named(rows, "assignments") if sent["advice_team_id"] is not None]
    followed = [sent for sent in advised if sent["advice_team_id"] == sent["team_id"]]
    overruled = [sent for sent in advised if sent["advice_team_id"] != sent["team_id"]]
    assert OVERRULED / 2 < len(overruled) / len(advised) < OVERRULED * 2
    assert {sent["advice_cost_s"] for sent in followed} == {0.0}
    across_town_s = 30_000 * DETOUR / SPEED_MPS
    assert all(0 <= sent["advice_cost_s"] < across_town_s for sent in overruled)
    assert any(sent["advice_cost_s"] > 30 for sent in overruled)


def test_time_lines_in_force_are_in_order_though_some_steps_were_skipped_or_tapped_late(rows: Rows) -> None:
    in_force = {}
    for sent in named(rows, "assignments"):
        moments = [sent[f"{step}_at"] for step in STEPS if sent[f"{step}_at"] is not None]
        assert moments == sorted(moments)
        in_force[sent["id"]] = sent
    marks = named(rows, "milestones")
    skipped = [mark for mark in marks if mark["source"] == "inferred"]
    assert {mark["step"] for mark in skipped} == {"en_route", "at_hospital"}
    assert all(mark["device_at"] is None for mark in skipped)
    late = [mark for mark in marks if mark["at"] != in_force[mark["assignment_id"]][f"{mark['step']}_at"]]
    assert {mark["step"] for mark in late} == {"on_scene"}
    assert all(mark["at"] > in_force[mark["assignment_id"]]["on_scene_at"] for mark in late)
