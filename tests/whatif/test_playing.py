"""The comparison is paired, its intervals are right, and the model agrees with what was recorded."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from brigada.db.jobs import CancelledJobError
from brigada.whatif.changes import (
    CallsChange,
    NormChange,
    PostChange,
    Rules,
    RulesChange,
    TeamsChange,
    Variant,
)
from brigada.whatif.errors import NotEnoughError
from brigada.whatif.measuring import Ratio, by_day, difference
from brigada.whatif.past import Past
from brigada.whatif.playing import play_all
from brigada.whatif.town import Town, build_town, slots_of, zones_of


def compared(town: Town, *changes: Any, repeats: int = 1) -> dict[str, Any]:
    result = play_all(town, [Variant("", changes)], Rules(), repeats=repeats)
    return dict(result["variants"][0]) | {"base": result["base"], "result": result}


def test_a_change_of_nothing_changes_nothing_at_all(town: Town) -> None:
    same = compared(town, RulesChange(switches=True))
    assert same["values"] == same["base"]["values"]
    assert all(change == {"value": 0.0, "half": 0.0} for change in same["changes"].values())


def test_the_same_question_gets_the_same_answer(town: Town) -> None:
    ask = (TeamsChange(-1, 22, 6), PostChange(59.93, 30.30, teams=1))
    assert compared(town, *ask)["result"] == compared(town, *ask)["result"]


def test_fewer_teams_make_calls_wait_longer_and_more_teams_are_busy_less(town: Town) -> None:
    fewer, more = compared(town, TeamsChange(-2)), compared(town, TeamsChange(3))
    assert fewer["changes"]["mean"]["value"] > fewer["changes"]["mean"]["half"] > 0
    assert more["changes"]["mean"]["value"] < -more["changes"]["mean"]["half"] < 0
    assert more["changes"]["busy"]["value"] < -more["changes"]["busy"]["half"]
    assert fewer["values"]["team_h"] == pytest.approx(fewer["base"]["values"]["team_h"] - 48)


def test_a_post_in_the_middle_brings_the_middle_nearer(town: Town) -> None:
    found = compared(town, PostChange(59.93, 30.30, teams=1, additional=True))
    cells = found["result"]["cells"]
    near = [c for c in cells if abs((c["west"] + c["east"]) / 2 - 30.30) < 0.03]
    assert near
    assert np.mean([c["changes"][0]["value"] for c in near]) < -30
    assert sum(c["calls"] for c in cells) <= found["result"]["calls"]


def test_both_norms_are_judged_for_all(town: Town) -> None:
    found = compared(town, NormChange("critical", 10))
    for values in (found["values"], found["base"]["values"], found["result"]["fact"]):
        assert values["late_critical_600"] >= values["late_critical_1200"] is not None
        assert "late_critical_600" in values
        assert "late_common_600" not in values


def test_more_calls_are_played_and_counted(town: Town) -> None:
    found = compared(town, CallsChange(50))
    assert found["values"]["calls_important"] > 1.3 * found["base"]["values"]["calls_important"]


def test_the_model_takes_its_times_from_the_records(past: Past) -> None:
    """Order and turnout a minute each; trips twice as long as before are fitted by twice the factor."""
    town = build_town(past)
    assert town.approximate
    assert (town.fit.triage_s, town.fit.turnout_s) == (60.0, 60.0)
    assert 0.95 * len(past.calls) < town.fit.trips <= len(past.calls)
    slower = replace(past, calls=[_twice_as_slow(call) for call in past.calls])
    assert build_town(slower).fit.travel == pytest.approx(2 * town.fit.travel, rel=0.01)


def _twice_as_slow(call: Any) -> Any:
    longer = call.arrived_s - call.departed_s
    return replace(call, arrived_s=call.arrived_s + longer, ended_s=call.ended_s + longer)


def test_a_second_team_beside_the_first_works_but_is_not_judged(past: Past) -> None:
    second = [replace(call, at_s=call.at_s + 60, counted=False) for call in past.calls]
    both = replace(past, calls=sorted([*past.calls, *second], key=lambda call: call.at_s))
    one, two = (play_all(build_town(p), [], Rules(), repeats=1) for p in (past, both))
    assert one["calls"] == two["calls"] == len(past.calls)
    assert two["base"]["values"]["busy"] > 1.5 * one["base"]["values"]["busy"]


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("not_enough_calls", {"calls": []}),
        ("no_shifts", {"shifts": []}),
        ("no_stations", {"stations": ()}),
    ],
)
def test_a_past_that_can_not_be_played_says_why(past: Past, code: str, change: dict[str, Any]) -> None:
    with pytest.raises(NotEnoughError, match=code):
        build_town(replace(past, **change))


def test_a_play_ends_where_it_is_cancelled_and_its_bar_only_goes_forward(town: Town) -> None:
    told: list[float] = []

    def tell(part: float) -> None:
        told.append(part)
        if part > 0.6:
            raise CancelledJobError

    with pytest.raises(CancelledJobError):
        play_all(town, [Variant("", (TeamsChange(1),))], Rules(), repeats=2, told=tell)
    assert told == sorted(told)
    assert told[0] == 0
    assert 0.6 < told[-1] < 0.9


def test_shifts_of_one_station_and_profile_share_a_vehicle_when_they_do_not_overlap(past: Past) -> None:
    slots = slots_of(past)
    assert [(slot.station, slot.profile) for slot in slots] == [(0, "paramedic")] * 2 + [(1, "paramedic")]
    for slot in slots:
        assert all(end <= start for (_, end), (start, _) in zip(slot.duty, slot.duty[1:], strict=False))


def test_calls_share_at_most_so_many_places() -> None:
    rng = np.random.default_rng(1)
    lat, lon = 59 + rng.random(4000), 30 + rng.random(4000)
    zone, zone_lat, zone_lon = zones_of(lat, lon)
    assert 100 < len(zone_lat) <= 500
    assert np.hypot(zone_lat[zone] - lat, zone_lon[zone] - lon).max() < 0.2


@given(st.integers(0, 10_000), st.floats(0.2, 5))
def test_with_as_many_calls_every_day_the_interval_is_that_of_a_paired_t_test(
    seed: int, spread: float
) -> None:
    rng = np.random.default_rng(seed)
    base = rng.normal(100, 10, 20)
    other = base + rng.normal(1, spread, 20)
    calls = np.full(20, 7.0)
    found = difference(Ratio(other * 7, calls), Ratio(base * 7, calls))
    assert found is not None
    value, half = found
    expected = stats.ttest_rel(other, base).confidence_interval(0.95)
    assert (value - half, value + half) == pytest.approx((expected.low, expected.high))


def test_the_interval_of_a_ratio_holds_the_truth_as_often_as_it_says() -> None:
    """400 invented periods of 28 days with 5 to 60 calls a day and a shared luck of the day."""
    rng = np.random.default_rng(8)
    held = 0
    for _ in range(400):
        calls = rng.integers(5, 60, 28).astype(float)
        day = rng.normal(0, 30, 28)
        base = calls * (600 + day) + rng.normal(0, 200, 28) * np.sqrt(calls)
        other = calls * (580 + day) + rng.normal(0, 200, 28) * np.sqrt(calls)
        found = difference(Ratio(other, calls), Ratio(base, calls))
        assert found is not None
        held += abs(found[0] + 20) <= found[1]
    assert 0.92 <= held / 400 <= 0.98


def test_seconds_of_spans_are_split_at_midnight() -> None:
    spans = np.array([[-100.0, 50.0], [86_300.0, 86_500.0], [100_000.0, 400_000.0]])
    assert by_day(spans, 3).tolist() == [50 + 100, 100 + 72_800, 86_400]
    assert by_day(np.empty((0, 2)), 2).tolist() == [0, 0]
