"""Lists of calls, the map and the summary, against plain Python over the raw rows."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brigada.reports.periods import Period
from reports.histories import NOW, PERIOD, ZONE, ask, by_label, histories, some
from reports.oracle import (
    CRITICALITY,
    OUTCOME,
    TARGET,
    TEAM,
    durations,
    expect,
    is_late,
    judged,
    label,
    of_interval,
    outcome,
    overlap_s,
    percentile,
    response,
    shift_s,
    stats,
    within,
)
from reports.raw import REASONS, START, TEAMS, RawAssignment, RawCall

ENDING = {
    "declined": "отказ бригады", "cancelled": "снята диспетчером", "diverted": "перенаправлена",
    "car_broken": "поломка автомобиля", "human_factor": "человеческий фактор", "external_factor": "внешние причины",
}  # fmt: skip
WHY = {"measured": "", "not meant": "", "open": "ещё идёт", "missing": "не отмечено", "reversed": "обратный порядок",
       "inferred": "восстановлено"}  # fmt: skip


def team_words(sent: RawAssignment) -> str:
    lost = ENDING.get(sent.trouble or sent.status)
    return f"{TEAM[sent.team_id].name} ({lost})" if lost else TEAM[sent.team_id].name


def reason_words(call: RawCall) -> str:
    return REASONS[call.reason][0] if call.reason else call.own_reason or "Не указано"


def expected_row(call: RawCall) -> dict[str, Any]:
    (item,) = of_interval([call], "response")
    target = TARGET[call.criticality]
    over = None if item.seconds is None or item.seconds <= target else item.seconds - target
    return {
        "call_id": call.id, "number": 1000 + call.id, "received": call.received, "status": call.status,
        "criticality": CRITICALITY[call.criticality], "outcome": OUTCOME[outcome(call)],
        "reason": reason_words(call), "district": call.district or "Не указано",
        "team": ", ".join(team_words(sent) for sent in call.assignments), "response": item.seconds,
        "target": float(target), "over": over, "marks": "исправлено" if item.corrected else WHY[item.why],
    }  # fmt: skip


@some
@given(histories())
def test_a_list_describes_each_call_in_the_order_of_receipt(calls: list[RawCall]) -> None:
    own = sorted(within(calls, PERIOD.start, PERIOD.end), key=lambda call: (call.received, call.id))
    rows = ask(calls, "list").table("list").rows
    assert [row["call_id"] for row in rows] == [call.id for call in own]
    for row, call in zip(rows, own, strict=True):
        expect(row, expected_row(call))


@some
@given(histories())
def test_late_calls_are_those_past_their_own_norm_the_furthest_first(calls: list[RawCall]) -> None:
    late = [call for call in within(calls, PERIOD.start, PERIOD.end) if is_late(call)]
    rows = ask(calls, "late").table("late").rows
    assert {row["call_id"] for row in rows} == {call.id for call in late}
    by_id = {call.id: call for call in late}
    for row in rows:
        expect(row, expected_row(by_id[row["call_id"]]))
    assert [row["over"] for row in rows] == sorted((row["over"] for row in rows), reverse=True)


@some
@given(histories())
def test_what_can_not_be_measured_is_listed_with_its_reason_and_never_dropped(calls: list[RawCall]) -> None:
    wrong: dict[int, set[str]] = {}
    named = {"processing": "обработка вызова", "turnout": "выезд", "travel": "доезд", "on_scene": "работа на месте",
             "transport": "перевозка", "turnaround": "передача в стационаре"}  # fmt: skip
    kinds = {"missing": "не отмечено", "reversed": "обратный порядок", "inferred": "восстановлено"}
    own = within(calls, PERIOD.start, PERIOD.end)
    for name, words in named.items():
        for item in of_interval(own, name):
            if item.why in kinds:
                wrong.setdefault(item.call.id, set()).add(f"{kinds[item.why]}: {words}")
    steps = {
        "assigned": "назначение", "acknowledged": "принятие бригадой", "en_route": "выезд", "on_scene": "прибытие",
        "transporting": "начало перевозки", "at_hospital": "прибытие в стационар", "completed": "окончание",
    }  # fmt: skip
    for call in own:
        for sent in call.assignments:
            if sent.corrected:
                said = ", ".join(steps[step] for step in steps if step in sent.corrected)
                wrong.setdefault(call.id, set()).add(f"исправлено: {said}")
    report = ask(calls, "gaps")
    found = {row["call_id"]: set(row["what"].split("; ")) for row in report.table("gaps").rows}
    assert found == wrong
    assert report.notes[0] == f"Вызовов с такими отметками: {len(wrong)} из {len(own)}."


def test_a_call_far_away_moves_no_cell_of_the_others() -> None:
    near = [RawCall(id=n, received=START, place=(59.93 + n / 300, 30.31 + n / 200)) for n in range(1, 6)]
    far = [RawCall(id=6, received=START, place=(55.75, 37.62)), RawCall(id=7, received=START, place=(-33.9, -70.7)),
           RawCall(id=8, received=START, place=(61.2, 29.9))]  # fmt: skip
    alone, together = ({(row["lat"], row["lon"], row["filter"]["box"]) for row in ask(calls, "map").table("cells").rows}
                       for calls in (near, near + far))  # fmt: skip
    assert len(alone) == len(near)
    assert alone < together
    assert len(together) == len(near) + len(far)


@some
@given(histories(), st.sampled_from((0.02, 0.5)))
def test_cells_of_the_map_hold_the_calls_within_their_borders(calls: list[RawCall], spread: float) -> None:
    # Drawn near each other, so that cells hold more than one.
    near = [replace(call, place=(59.9 + call.place[0] % spread, 30.2 + call.place[1] % spread))
            if call.place else call for call in calls]  # fmt: skip
    own = within(near, PERIOD.start, PERIOD.end)
    report = ask(near, "map")
    rows = report.table("cells").rows
    seen: Counter[int] = Counter()
    for row in rows:
        south, west, north, east = (float(part) for part in row["filter"]["box"].split(","))
        behind = [call for call in own
                  if call.place and south <= call.place[0] < north and west <= call.place[1] < east]  # fmt: skip
        seen.update(call.id for call in behind)
        items = of_interval(behind, "response")
        late = judged(items, TARGET)
        share = None if late["within"] is None else 1 - late["within"]
        expect(
            row,
            {"calls": len(behind), "late": late["late"], "share": share, "median": stats(items)["median"]},
        )
        assert south < row["lat"] < north
        assert west < row["lon"] < east
        assert (north - south) * 111_195 == pytest.approx(500, rel=1e-6)
    assert seen == Counter(call.id for call in own if call.place), "each call lies in exactly one cell"
    missing = sum(call.place is None for call in own)
    assert (f"Вызовов без точки на карте: {missing}." in report.notes) == (missing > 0)


HALF = Period(START + timedelta(days=20), START + timedelta(days=40), ZONE)


@some
@given(histories())
def test_the_summary_has_five_numbers_beside_those_of_the_period_before(calls: list[RawCall]) -> None:
    report = ask(calls, "summary", period=HALF)
    figures = {figure.key: figure for figure in report.figures}
    assert list(figures) == ["calls", "within", "median", "p90", "utilisation"]
    for start, end, name in (
        (HALF.start, HALF.end, "value"),
        (HALF.start - timedelta(days=20), HALF.start, "before"),
    ):
        own = within(calls, start, end)
        items = of_interval(own, "response")
        values = [item.seconds for item in items if item.seconds is not None]
        shift = sum(shift_s(team, start, end) for team in TEAMS)
        busy = sum(
            overlap_s(sent.moments["assigned"], sent.ended or end, start, end)
            for call in calls
            for sent in call.assignments
        )
        expected = {
            "calls": float(len(own)), "within": judged(items, TARGET)["within"], "median": percentile(values, 0.5),
            "p90": percentile(values, 0.9), "utilisation": busy / shift,
        }  # fmt: skip
        expect({key: getattr(figure, name) for key, figure in figures.items()}, expected)
    assert len(report.charts) == 3


@some
@given(histories())
def test_the_tables_of_the_summary_hold_its_days_hours_and_worst_cases(calls: list[RawCall]) -> None:
    own = within(calls, PERIOD.start, PERIOD.end)
    report = ask(calls, "summary")
    late = sorted((call for call in own if is_late(call)),
                  key=lambda call: TARGET[call.criticality] - (response(call) or 0))  # fmt: skip
    over = [(response(call) or 0) - TARGET[call.criticality] for call in late[:10]]
    assert [row["over"] for row in report.table("worst").rows] == pytest.approx(over)
    for row in report.table("worst").rows:
        expect(row, expected_row(next(call for call in own if call.id == row["call_id"])))
    for text, row in by_label(report, "criticality").items():
        items = of_interval([call for call in own if CRITICALITY[call.criticality] == text], "response")
        expect(row, stats(items) | judged(items, TARGET))
    days = by_label(report, "days")
    assert len(days) == 41
    for text, row in days.items():
        behind = [call for call in own if label("day", call) == text]
        counts = {word: sum(call.criticality == word for call in behind) for word in CRITICALITY}
        measured = stats(of_interval(behind, "response"))
        expect(row, counts | {key: measured[key] for key in ("n", "median", "p90")})
    for text, row in by_label(report, "hours").items():
        assert row["received"] == sum(label("hour", call) == text for call in own)


def test_a_long_period_has_weeks_in_its_summary() -> None:
    long = Period(START, START + timedelta(days=200), ZONE)
    call = RawCall(id=1, received=START + timedelta(days=100))
    rows = by_label(ask([call], "summary", period=long), "days", drop="critical")
    assert list(rows) == [f"{(call.received - timedelta(days=call.received.weekday())).date()}"]


def test_a_period_that_is_not_over_compares_with_as_much_of_the_one_before() -> None:
    """At noon of a Monday, half a Monday stands beside half a Monday."""
    noon = START + timedelta(days=8, hours=11)
    today = Period(START + timedelta(days=7, hours=23), START + timedelta(days=8, hours=23), ZONE)
    morning = RawCall(id=1, received=noon - timedelta(days=1, hours=1))
    evening = RawCall(id=2, received=noon - timedelta(days=1) + timedelta(hours=1))
    report = ask([morning, evening], "summary", period=today, now=noon)
    assert (report.figures[0].value, report.figures[0].before) == (0, 1)


def test_a_list_longer_than_its_limit_says_how_many_there_are() -> None:
    calls = [RawCall(id=n, received=START + timedelta(minutes=n)) for n in range(1, 8)]
    report = ask(calls, "list", limit=3)
    assert len(report.table("list").rows) == 3
    assert any("3 из 7" in note for note in report.notes)
    assert durations(calls, "received", "on_scene")[0].why == "missing"
    assert PERIOD.end < NOW
