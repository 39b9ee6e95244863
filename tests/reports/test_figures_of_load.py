"""How busy teams, cars and dispatchers were, against plain Python over the raw rows."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brigada.reports.facts import CarName
from brigada.reports.periods import Period, micros, midnight
from reports.histories import NOW, PERIOD, ask, by_label, histories, some
from reports.oracle import (
    PROFILE,
    TEAM,
    counted_under,
    expect,
    first_week,
    label,
    mean,
    metres,
    of_interval,
    overlap_s,
    percentile,
    shift_s,
    within,
)
from reports.raw import (
    CARS,
    HOSPITALS,
    PEOPLE,
    START,
    STATIONS,
    TEAMS,
    RawAssignment,
    RawCall,
    RawMileage,
    RawTeam,
    facts_of,
)

TIMES = ("hour", "day", "week", "month", "weekday", "time_line")
END = min(PERIOD.end, NOW)
hours = st.lists(
    st.builds(
        RawMileage, car_id=st.integers(1, 5), team_id=st.sampled_from((0, 1, 2, 5)),
        hour=st.integers(-3, 41 * 24).map(lambda n: START + timedelta(hours=n)), metres=st.floats(1, 60_000),
    ),
    max_size=10, unique_by=lambda one: (one.car_id, one.team_id, one.hour),
).map(tuple)  # fmt: skip


def busy_s(sent: RawAssignment, end: datetime = END) -> float:
    return overlap_s(sent.moments["assigned"], sent.ended or end, PERIOD.start, end)


def touches(sent: RawAssignment) -> bool:
    return sent.moments["assigned"] < PERIOD.end and (sent.ended or END) > PERIOD.start


def begun(sent: RawAssignment) -> bool:
    return touches(sent) and sent.moments["assigned"] >= PERIOD.start


def trip_km(call: RawCall, sent: RawAssignment) -> float:
    """As the crow flies; what is not known adds nothing, a trip without a beginning is not known at all."""
    if "on_scene" in sent.moments and (sent.start is None or call.place is None):
        return 0.0
    to_patient = 0.0
    if "on_scene" in sent.moments and sent.start is not None and call.place is not None:
        to_patient = metres(sent.start, call.place)
    onward = 0.0
    if {"transporting", "at_hospital"} & set(sent.moments) and sent.hospital_id and call.place is not None:
        onward = metres(call.place, HOSPITALS[sent.hospital_id])
    return (to_patient + onward) / 1000


def driven_km(mileage: tuple[RawMileage, ...], own: Callable[[RawMileage], bool]) -> float | None:
    hour = timedelta(hours=1)
    inside = [one for one in mileage if own(one) and one.hour < PERIOD.end and one.hour + hour > PERIOD.start]
    if not inside:
        return None
    parts = [overlap_s(one.hour, one.hour + hour, PERIOD.start, PERIOD.end) / 3600 for one in inside]
    return sum(one.metres * part for one, part in zip(inside, parts, strict=True)) / 1000


def expected_load(
    calls: list[RawCall], teams: list[RawTeam], mileage: tuple[RawMileage, ...] = ()
) -> dict[str, Any]:
    ids = {team.id for team in teams}
    work = [
        (call, sent) for call in calls for sent in call.assignments if sent.team_id in ids and touches(sent)
    ]
    n = sum(begun(sent) for _, sent in work)
    busy, shift = (
        sum(busy_s(sent) for _, sent in work),
        sum(shift_s(team, PERIOD.start, END) for team in teams),
    )
    return {
        "calls": n, "completed": sum(begun(sent) and sent.status == "completed" for _, sent in work),
        "busy_h": busy / 3600, "shift_h": shift / 3600, "utilisation": busy / shift if shift else None,
        "per_shift": n * 12 * 3600 / shift if shift else None,
        "km_calls": pytest.approx(sum(trip_km(call, sent) for call, sent in work if begun(sent)), abs=0.01),
        "km": driven_km(mileage, lambda one: one.team_id in ids),
    }  # fmt: skip


@some
@given(histories(), hours)
def test_load_of_teams_by_name_profile_and_station(
    calls: list[RawCall], mileage: tuple[RawMileage, ...]
) -> None:
    facts = facts_of(calls, mileage=mileage)
    keys: dict[str, Callable[[RawTeam], str]] = {
        "team": lambda team: team.name,
        "profile": lambda team: PROFILE[team.profile],
        "station": lambda team: STATIONS.get(team.station_id or 0, "Не указано"),
    }
    for group, key in keys.items():
        report = ask(calls, "teams", group, facts=facts)
        rows = by_label(report, "teams")
        assert rows.keys() == {key(team) for team in TEAMS}, "all of them were on shift"
        for text, row in rows.items():
            expect(row, expected_load(calls, [team for team in TEAMS if key(team) == text], mileage))
        total = report.table("teams").total
        assert total is not None
        expect(total, expected_load(calls, list(TEAMS), mileage))
    assert [row["group"] for row in ask(calls, "teams").table("teams").rows] == ["1", "2", "4", "6", "10"]


@cache
def time_labels(at: datetime) -> dict[str, str]:
    """The label of a moment in each group of time."""
    call = RawCall(id=0, received=at)
    return {
        by: first_week(label(by, call), PERIOD.start) if by == "week" else label(by, call) for by in TIMES
    }


@settings(max_examples=5, deadline=None)
@given(histories(), hours)
def test_load_by_time_is_the_part_of_it_that_lies_in_each_hour(
    calls: list[RawCall], mileage: tuple[RawMileage, ...]
) -> None:
    """Hour by hour of UTC, each put under the wall clock's names: the last Sunday of March has no 02:00."""
    hour = timedelta(hours=1)
    work = [(call, sent) for call in calls for sent in call.assignments if touches(sent)]
    sums: dict[str, dict[str, dict[str, float]]] = {
        by: defaultdict(lambda: defaultdict(float)) for by in TIMES
    }
    at = PERIOD.start
    while at < PERIOD.end:
        own = {
            "shift_h": sum(overlap_s(team.start, team.end, at, at + hour) for team in TEAMS) / 3600,
            "busy_h": sum(overlap_s(s.moments["assigned"], s.ended or END, at, at + hour) for _, s in work) / 3600,
            "km": sum(one.metres / 1000 for one in mileage if one.team_id and one.hour == at),
            "tracks": sum(1 for one in mileage if one.team_id and one.hour == at),
        }  # fmt: skip
        for by, text in time_labels(at).items():
            for key, value in own.items():
                sums[by][text][key] += value
        at += hour
    for call, sent in work:
        if begun(sent):
            for by, text in time_labels(sent.moments["assigned"]).items():
                sums[by][text]["calls"] += 1
                sums[by][text]["completed"] += sent.status == "completed"
                sums[by][text]["km_calls"] += trip_km(call, sent)
    facts = facts_of(calls, mileage=mileage)
    whole = ask(calls, "teams", facts=facts).table("teams").total
    assert whole is not None
    for by in TIMES:
        report = ask(calls, "teams", by, facts=facts)
        rows = by_label(report, "teams")
        assert rows.keys() == sums[by].keys(), by
        for text, own in sums[by].items():
            busy, shift = own["busy_h"], own["shift_h"]
            expect(rows[text], {
                "calls": own["calls"], "completed": own["completed"], "busy_h": busy, "shift_h": shift,
                "utilisation": busy / shift if shift else None, "km": own["km"] if own["tracks"] else None,
                "km_calls": pytest.approx(own["km_calls"], abs=0.01),
            })  # fmt: skip
        total = report.table("teams").total
        assert total is not None
        expect(
            total,
            {key: whole[key] for key in ("calls", "completed", "shift_h", "busy_h", "utilisation", "km")},
        )


def test_a_job_over_midnight_and_the_hour_that_happens_twice_are_cut_at_the_clock() -> None:
    zone, at = PERIOD.zone, datetime(2026, 10, 24, 21, 30, tzinfo=UTC)  # 23:30 of summer time
    sent = RawAssignment(id=1, team_id=1, moments={"assigned": at}, ended=at + timedelta(hours=4))
    calls = [RawCall(id=1, received=at, assignments=(sent,))]
    period = Period(midnight(date(2026, 10, 24), zone), midnight(date(2026, 10, 26), zone), zone)
    team = RawTeam(id=1, name="1", start=period.start, end=period.end)
    facts = facts_of(calls, (team,))

    def busy(by: str) -> dict[str, float]:
        rows = ask([], "teams", by, facts=facts, period=period, now=period.end).table("teams").rows
        assert sum(row["shift_h"] for row in rows) == pytest.approx(49), "one of the two days has 25 hours"
        return {row["group"]: row["busy_h"] for row in rows if row["busy_h"]}

    assert busy("day") == {"2026-10-24": 0.5, "2026-10-25": 3.5}
    assert busy("weekday") == {"Суббота": 0.5, "Воскресенье": 3.5}
    assert busy("hour") == {"23:00": 0.5, "00:00": 1.0, "01:00": 1.0, "02:00": 1.5}
    assert busy("time_line")["2026-10-25 02:00 +0100"] == 0.5


@some
@given(histories())
def test_load_by_kind_of_call_tells_what_each_kind_took(calls: list[RawCall]) -> None:
    work = [(call, sent) for call in calls for sent in call.assignments if touches(sent)]
    whole = sum(busy_s(sent) for _, sent in work) / 3600
    facts = facts_of(calls)
    for by in ("criticality", "district", "reason", "outcome"):
        rows = by_label(ask(calls, "teams", by, facts=facts), "teams")
        for text, row in rows.items():
            own = [(call, sent) for call, sent in work if label(by, call) == text]
            busy = sum(busy_s(sent) for _, sent in own) / 3600
            expect(row, {
                "calls": sum(begun(sent) for _, sent in own), "busy_h": busy,
                "busy_share": busy / whole if whole else None,
            })  # fmt: skip
        assert sum(row["busy_h"] for row in rows.values()) == pytest.approx(whole)


@some
@given(histories(), hours)
def test_cars_are_added_up_by_class_and_by_the_station_of_the_team(
    calls: list[RawCall], mileage: tuple[RawMileage, ...]
) -> None:
    facts = facts_of(calls, mileage=mileage)
    each = ask(calls, "cars", facts=facts).table("cars").rows
    classes = by_label(ask(calls, "cars", "class", facts=facts), "cars")
    assert classes.keys() == {row["class"] for row in each}
    for name, row in classes.items():
        own = [one for one in each if one["class"] == name]
        keys = ("calls", "completed", "shift_h", "busy_h", "km_calls", "breakdowns", "out", "out_h")
        expect(row, {"cars": len(own)} | {key: float(sum(one[key] for one in own)) for key in keys})
        known = [one["km"] for one in own if one["km"] is not None]
        expect(row, {"km": sum(known) if known else None})
    stations = by_label(ask(calls, "cars", "station", facts=facts), "cars")
    for text, row in stations.items():
        teams = [team for team in TEAMS if STATIONS.get(team.station_id or 0, "Не указано") == text]
        expected = expected_load(calls, teams, mileage)
        del expected["per_shift"]
        broken = sum(
            sent.trouble == "car_broken" and begun(sent)
            for call in calls for sent in call.assignments if TEAM[sent.team_id] in teams
        )  # fmt: skip
        expect(row, expected | {"breakdowns": broken})


@some
@given(histories(), st.sampled_from(("Северный", "")))
def test_filters_of_calls_narrow_the_work_and_not_the_shift(calls: list[RawCall], district: str) -> None:
    row = ask(calls, "teams", district=district).table("teams").total
    assert row is not None
    own = [call for call in calls if call.district == district]
    expected = expected_load(own, list(TEAMS))
    expect(row, {key: expected[key] for key in ("calls", "completed", "busy_h", "shift_h", "utilisation")})
    rows = ask(calls, "teams", station_id=2).table("teams").rows
    assert {one["group"] for one in rows} == {"2", "6"}


states = st.lists(
    st.integers(-48 * 60, 45 * 24 * 60).map(lambda n: START + timedelta(minutes=n)), max_size=5, unique=True
).map(sorted)


@some
@given(histories(), hours, states)
def test_cars_work_break_down_and_stand_still(
    calls: list[RawCall], mileage: tuple[RawMileage, ...], turns: list[datetime]
) -> None:
    # Out of service, back, out again, …
    cars: tuple[CarName, ...] = tuple(
        replace(car, states=tuple((micros(at), n % 2 == 1) for n, at in enumerate(turns)))
        if car.id == 2
        else car
        for car in CARS
    )
    report = ask(calls, "cars", facts=facts_of(calls, cars=cars, mileage=mileage))
    rows = by_label(report, "cars")
    out = list(zip(turns[::2], [*turns[1::2], END] if len(turns) % 2 else turns[1::2], strict=True))
    for car in CARS:
        expected = expected_load(calls, [team for team in TEAMS if team.car_id == car.id])
        expected["km"] = driven_km(mileage, lambda one, car=car: one.car_id == car.id)  # type: ignore[misc]
        del expected["per_shift"]
        if car.retired and not expected["km"]:
            assert car.number not in rows
            continue
        broken = [sent for call in calls for sent in call.assignments
                  if TEAM[sent.team_id].car_id == car.id and sent.trouble == "car_broken" and begun(sent)]  # fmt: skip
        expected["breakdowns"] = len(broken)
        expected["out"] = sum(PERIOD.start <= at < END for at in turns[::2]) if car.id == 2 else 0
        stood = sum(overlap_s(since, till, PERIOD.start, END) for since, till in out) if car.id == 2 else 0.0
        expected["out_h"] = stood / 3600
        expect(rows[car.number], expected)
        assert (rows[car.number]["class"], rows[car.number]["model"]) == (car.car_class, car.model)
    total = report.table("cars").total
    assert total is not None
    for key in ("calls", "completed", "shift_h", "busy_h", "km_calls", "breakdowns", "out", "out_h"):
        assert total[key] == pytest.approx(sum(row[key] for row in rows.values()))


@some
@given(histories())
def test_dispatchers_answer_for_the_calls_that_they_took(calls: list[RawCall]) -> None:
    own = within(calls, PERIOD.start, PERIOD.end)
    report = ask(calls, "dispatchers")
    rows = by_label(report, "dispatchers")
    for person, text in (*PEOPLE.items(), (None, "Система или внешний вызов")):
        taken = [call for call in own if call.created_by == person]
        sent = sum(item.assigned_by == person for call in own for item in call.assignments)
        if not taken and not sent:
            assert text not in rows
            continue
        items = of_interval(taken, "processing")
        values = [item.seconds for item in items if item.seconds is not None]
        expect(
            rows[text],
            {
                "calls": len(taken), "assigned": sent, "n": len(values), "mean": mean(values),
                "incomplete": sum(item.why not in {"measured", "not meant"} for item in items),
                "median": percentile(values, 0.5), "p90": percentile(values, 0.9),
            },
        )  # fmt: skip
    values = [item.seconds for item in of_interval(own, "processing") if item.seconds is not None]
    total = report.table("dispatchers").total
    assert total is not None
    expect(
        total,
        {
            "calls": len(own), "assigned": sum(len(call.assignments) for call in own), "n": len(values),
            "mean": mean(values), "median": percentile(values, 0.5), "p90": percentile(values, 0.9),
        },
    )  # fmt: skip


def marks(call: RawCall) -> str:
    """What the list says of the response's time stamps."""
    (found,) = of_interval([call], "response")
    words = {
        "open": "ещё идёт",
        "missing": "не отмечено",
        "reversed": "обратный порядок",
        "inferred": "восстановлено",
    }
    return "исправлено" if found.corrected else words.get(found.why, "")


@some
@given(histories())
def test_a_shift_lists_what_the_team_was_sent_to_and_for_how_long(calls: list[RawCall]) -> None:
    report = ask(calls, "shift", team_id=1)
    own = [(call, sent) for call in calls for sent in call.assignments
           if sent.team_id == 1 and PERIOD.start <= sent.moments["assigned"] < PERIOD.end]  # fmt: skip
    rows = report.table("shift").rows
    assert [row["call_id"] for row in rows] == [
        call.id for call, sent in sorted(own, key=lambda pair: pair[1].id)
    ]
    assert "marks" in {column.key for column in report.table("shift").columns}
    for row, (call, sent) in zip(rows, sorted(own, key=lambda pair: pair[1].id), strict=True):
        lost = sent.status in {"declined", "cancelled", "diverted", "troubled"}
        expect(
            row,
            {
                "busy": ((sent.ended or NOW) - sent.moments["assigned"]).total_seconds(),
                "lost": "да" if lost else "",
                "marks": marks(call),
            },
        )
    (load,) = report.table("load").rows
    expect(load, expected_load(calls, [TEAM[1]]))


def test_who_is_counted_for_a_call_is_who_came_first_else_who_was_sent_last() -> None:
    first = RawAssignment(
        id=1, team_id=1, moments={"assigned": START, "on_scene": START + timedelta(minutes=30)}
    )
    second = RawAssignment(
        id=2, team_id=2, moments={"assigned": START, "on_scene": START + timedelta(minutes=9)}
    )
    last = RawAssignment(id=3, team_id=4, moments={"assigned": START})
    call = RawCall(id=1, received=START, assignments=(first, second, last))
    assert counted_under(call) == second
    assert [row["group"] for row in ask([call], "calls", "team").table("calls").rows] == ["2"]
    waiting = RawCall(id=1, received=START, assignments=(last, replace(last, id=4, team_id=3)))
    assert [row["group"] for row in ask([waiting], "calls", "team").table("calls").rows] == ["10"]
