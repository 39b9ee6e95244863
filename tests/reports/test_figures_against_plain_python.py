"""Every figure against an oracle: plain Python over the raw rows, written without a look at the program's way."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brigada.reports.catalogue import compute
from brigada.reports.facts import REJECT_REASONS, STEPS
from brigada.reports.filters import Filters
from brigada.reports.periods import Period
from brigada.reports.selection import Query
from brigada.reports.tables import Report
from reports.raw import NORMS, START, TEAMS, RawAssignment, RawCall, facts_of

ZONE = ZoneInfo("Europe/Berlin")
"""A zone with clock changes: the random days hold one of them."""
PERIOD = Period(START, START + timedelta(days=40), ZONE)
PROFILE_OF = {team.id: team.profile for team in TEAMS}
NAME_OF = {team.id: team.name for team in TEAMS}

LIVING = ("assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital")
LOST = ("declined", "cancelled", "diverted", "troubled")

offsets = st.integers(0, 45 * 86_400_000).map(lambda ms: timedelta(milliseconds=ms))
gaps = st.integers(-200, 5_000).map(lambda seconds: timedelta(seconds=seconds))


@st.composite
def time_lines(draw: st.DrawFn, received: datetime, number: int) -> RawAssignment:
    status = draw(st.sampled_from(("completed", "completed", "completed", *LIVING, *LOST)))
    moment, moments = received + draw(gaps), {}
    for step in STEPS:
        if step == "assigned" or draw(st.integers(0, 9)) < 8:
            moments[step] = moment
        moment += draw(gaps)
    steps = frozenset(moments)
    subset = st.sets(st.sampled_from(sorted(steps - {"assigned"}) or ["assigned"]), max_size=2)
    inferred = frozenset(draw(subset)) & steps
    advised = draw(st.sampled_from((None, 1, 2, 3)))
    return RawAssignment(
        id=number, team_id=draw(st.sampled_from(sorted(PROFILE_OF))), status=status, moments=moments,
        ended=None if status in LIVING else moment, inferred=inferred,
        corrected=frozenset(draw(subset)) & steps - inferred,
        trouble=draw(st.sampled_from(("car_broken", "human_factor"))) if status == "troubled" else None,
        advice_team_id=advised, advice_cost_s=draw(st.sampled_from((None, 0.0, 30.5, 400.0))),
        assigned_by=draw(st.sampled_from((None, 7, 8))),
    )  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[RawCall]:
    calls = []
    for number in range(draw(st.integers(0, 12))):
        received = START - timedelta(days=2) + draw(offsets)
        status = draw(st.sampled_from(("completed", "completed", "new", "accepted", "rejected")))
        sent = tuple(
            draw(time_lines(received, number * 3 + place + 1)) for place in range(draw(st.integers(0, 3)))
        )
        calls.append(
            RawCall(
                id=number + 1, received=received, status=status, assignments=sent,
                criticality=draw(st.sampled_from(("critical", "important", "common"))),
                district=draw(st.sampled_from(("", "Северный", "Южный"))),
                reject_reason=draw(st.sampled_from(REJECT_REASONS)) if status == "rejected" else None,
                required=draw(st.sampled_from((None, None, "physician", "paediatric"))),
                created_by=draw(st.sampled_from((None, 7, 8))),
            )
        )  # fmt: skip
    return calls


def ask(calls: list[RawCall], name: str, group: str | None = None, **how: Any) -> Report:
    query = Query(name=name, period=PERIOD, group=group, now=START + timedelta(days=60), **how)
    return compute(facts_of(calls), query)


def inside(calls: list[RawCall]) -> list[RawCall]:
    return [call for call in calls if PERIOD.start <= call.received < PERIOD.end]


def first_at(call: RawCall, step: str) -> tuple[datetime, RawAssignment] | None:
    arrived = [(sent.moments[step], sent.id, sent) for sent in call.assignments if step in sent.moments]
    if not arrived:
        return None
    at, _, sent = min(arrived, key=lambda item: item[:2])
    return at, sent


def measured(
    calls: list[RawCall], interval: str
) -> list[tuple[RawCall, RawAssignment | None, float | None, str]]:
    """Each duration with why it counts or not."""
    clocks = {
        "processing": ("received", "assigned"), "response": ("received", "on_scene"),
        "turnout": ("assigned", "en_route"), "travel": ("en_route", "on_scene"),
        "on_scene": ("on_scene", "left"), "transport": ("transporting", "at_hospital"),
        "turnaround": ("at_hospital", "completed"), "committed": ("assigned", "ended"),
    }  # fmt: skip
    start, stop = clocks[interval]
    found: list[tuple[RawCall, RawAssignment | None, float | None, str]] = []
    for call in calls:
        if start == "received":
            first = first_at(call, stop)
            if first is None:
                why = {"rejected": "not meant", "completed": "missing"}.get(call.status, "open")
                found.append((call, None, None, why))
            elif stop in first[1].inferred:
                found.append((call, first[1], None, "inferred"))
            else:
                found.append((call, first[1], *length(call.received, first[0])))
            continue
        found.extend((call, sent, *of_assignment(sent, start, stop)) for sent in call.assignments)
    return found


def length(start: datetime, stop: datetime) -> tuple[float | None, str]:
    seconds = (stop - start).total_seconds()
    return (None, "reversed") if seconds < 0 else (seconds, "measured")


def of_assignment(sent: RawAssignment, start: str, stop: str) -> tuple[float | None, str]:
    last = stop
    if stop == "left":
        last = "transporting" if "transporting" in sent.moments else "completed"
    begin = sent.moments.get(start)
    end = sent.ended if stop == "ended" else sent.moments.get(last)
    if begin is not None and end is not None:
        return (None, "inferred") if {start, last} & sent.inferred else length(begin, end)
    if start in {"transporting", "at_hospital"} and begin is None:
        carried = start == "at_hospital" and "transporting" in sent.moments and sent.status == "completed"
        return None, "missing" if carried else "not meant"
    if sent.ended is None:
        return None, "open"
    return None, "not meant" if sent.status in LOST else "missing"


def percentile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    place = (len(ordered) - 1) * part
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def expect_stats(
    row: dict[str, Any], items: list[tuple[RawCall, RawAssignment | None, float | None, str]]
) -> None:
    values = [seconds for _, _, seconds, _ in items if seconds is not None]
    assert row["n"] == len(values)
    assert row["incomplete"] == sum(why not in {"measured", "not meant"} for *_, why in items)
    if not values:
        assert row["mean"] is row["median"] is row["p90"] is None
        return
    assert row["mean"] == pytest.approx(sum(values) / len(values))
    assert row["median"] == pytest.approx(percentile(values, 0.5))
    assert row["p90"] == pytest.approx(percentile(values, 0.9))


@settings(max_examples=20, deadline=None)
@given(histories())
def test_every_interval_has_the_statistics_of_its_raw_durations(calls: list[RawCall]) -> None:
    report = ask(calls, "intervals")
    names = (
        "processing",
        "turnout",
        "travel",
        "response",
        "on_scene",
        "transport",
        "turnaround",
        "committed",
    )
    for name, row in zip(names, report.table("intervals").rows, strict=True):
        expect_stats(row, measured(inside(calls), name))


@settings(max_examples=20, deadline=None)
@given(histories(), st.sampled_from(("response", "travel", "committed")))
def test_intervals_by_team_and_by_criticality_count_each_duration_once(
    calls: list[RawCall], interval: str
) -> None:
    items = measured(inside(calls), interval)
    words = {"critical": "Критичный", "important": "Важный", "common": "Обычный"}
    rows = {
        row["group"]: row
        for row in ask(calls, "intervals", "criticality", interval=interval).table("groups").rows
    }
    for word, label in words.items():
        own = [item for item in items if item[0].criticality == word]
        if own:
            expect_stats(rows[label], own)
    by_team: dict[str, list[Any]] = defaultdict(list)
    for item in items:
        sent = item[1] or (item[0].assignments[-1] if item[0].assignments else None)
        by_team[NAME_OF[sent.team_id] if sent is not None else "Без бригады"].append(item)
    rows = {
        row["group"]: row for row in ask(calls, "intervals", "team", interval=interval).table("groups").rows
    }
    assert set(rows) == set(by_team)
    for label, own in by_team.items():
        expect_stats(rows[label], own)


@settings(max_examples=20, deadline=None)
@given(histories())
def test_norms_are_judged_by_the_share_within_the_target_or_by_the_mean(calls: list[RawCall]) -> None:
    rows = ask(calls, "norms").table("norms").rows
    for norm, row in zip(NORMS, rows, strict=True):
        interval = "response" if norm.clock_start == "received" else "turnout"
        values = [
            seconds
            for call, _, seconds, _ in measured(inside(calls), interval)
            if seconds is not None and call.criticality == norm.criticality
        ]
        assert row["n"] == len(values)
        if not values:
            assert row["within"] is None
            assert row["met"] == "нет данных"
            continue
        share = sum(seconds <= norm.target_s for seconds in values) / len(values)
        assert row["within"] == pytest.approx(share)
        mean = sum(values) / len(values)
        met = mean <= norm.target_s if norm.statistic == "mean" else share >= norm.share
        assert row["met"] == ("да" if met else "нет")


@settings(max_examples=20, deadline=None)
@given(histories())
def test_calls_are_counted_once_by_day_hour_district_and_status(calls: list[RawCall]) -> None:
    own = inside(calls)
    local = {call.id: call.received.astimezone(ZONE) for call in own}
    labels: tuple[tuple[str, Callable[[RawCall], str]], ...] = (
        ("day", lambda call: local[call.id].strftime("%Y-%m-%d")),
        ("hour", lambda call: local[call.id].strftime("%H:00")),
        ("month", lambda call: local[call.id].strftime("%Y-%m")),
        ("district", lambda call: call.district or "Не указано"),
        ("time_line", lambda call: local[call.id].strftime("%Y-%m-%d %H:00 %z")),
    )
    for group, label in labels:
        table = ask(calls, "calls", group).table("calls")
        expected = Counter(label(call) for call in own)
        found = {row["group"]: row["received"] for row in table.rows if row["received"]}
        assert found == dict(expected)
        assert table.total is not None
        assert table.total["received"] == len(own)
        for status in ("new", "accepted", "completed", "rejected"):
            assert table.total[status] == sum(call.status == status for call in own)


@settings(max_examples=20, deadline=None)
@given(histories())
def test_late_calls_are_those_past_their_own_norm_the_furthest_first(calls: list[RawCall]) -> None:
    target = {"critical": 1200, "important": 1200, "common": 7200}
    late = [
        (seconds - target[call.criticality], call.id)
        for call, _, seconds, _ in measured(inside(calls), "response")
        if seconds is not None and seconds > target[call.criticality]
    ]
    rows = ask(calls, "late").table("late").rows
    assert sorted((row["over"], row["call_id"]) for row in rows) == sorted(late)
    assert [row["over"] for row in rows] == sorted((row["over"] for row in rows), reverse=True)
    listed = ask(calls, "list", filters=Filters(late=True)).table("list").rows
    assert {row["call_id"] for row in listed} == {number for _, number in late}
    others = ask(calls, "list", filters=Filters(late=False)).table("list").rows
    assert len(others) + len(listed) == len(inside(calls))


@settings(max_examples=20, deadline=None)
@given(histories())
def test_busy_time_is_the_part_of_each_assignment_inside_the_period(calls: list[RawCall]) -> None:
    now = START + timedelta(days=60)
    busy: dict[str, float] = defaultdict(float)
    begun: Counter[str] = Counter()
    for call in calls:
        for sent in call.assignments:
            start = max(sent.moments["assigned"], PERIOD.start)
            end = min(sent.ended or now, PERIOD.end, now)
            if sent.moments["assigned"] < PERIOD.end and (sent.ended or min(now, PERIOD.end)) > PERIOD.start:
                busy[NAME_OF[sent.team_id]] += max(0.0, (end - start).total_seconds())
                begun[NAME_OF[sent.team_id]] += sent.moments["assigned"] >= PERIOD.start
    rows = ask(calls, "teams").table("teams").rows
    for row in rows:
        assert row["busy_h"] == pytest.approx(busy[row["group"]] / 3600)
        assert row["calls"] == begun[row["group"]]
        assert row["shift_h"] == pytest.approx(40 * 24)
        assert row["utilisation"] == pytest.approx(busy[row["group"]] / 3600 / (40 * 24))
    assert [row["group"] for row in rows] == ["1", "2", "4", "10"]


@settings(max_examples=20, deadline=None)
@given(histories())
def test_losses_and_advice_are_counted_by_assignment(calls: list[RawCall]) -> None:
    sent = [item for call in inside(calls) for item in call.assignments]
    losses = ask(calls, "losses").table("losses").rows
    kinds = ("declined", "cancelled", "diverted", "car_broken", "human_factor", "external_factor")
    for kind, row in zip(kinds, losses, strict=True):
        assert row["n"] == sum((item.trouble or item.status) == kind for item in sent)
    advised = [item for item in sent if item.advice_team_id is not None]
    rows = ask(calls, "advice").table("advice").rows
    assert sum(row["advised"] for row in rows) == len(advised)
    assert sum(row["followed"] for row in rows) == sum(
        item.advice_team_id == item.team_id for item in advised
    )
    slower = [
        item.advice_cost_s for item in advised
        if item.advice_team_id != item.team_id and item.advice_cost_s is not None and item.advice_cost_s >= 1
    ]  # fmt: skip
    assert sum(row["slower"] for row in rows) == len(slower)
    assert sum(row["lost_h"] for row in rows) == pytest.approx(sum(slower) / 3600)


@settings(max_examples=20, deadline=None)
@given(histories())
def test_what_can_not_be_measured_is_listed_and_never_dropped(calls: list[RawCall]) -> None:
    listed = {row["call_id"] for row in ask(calls, "gaps").table("gaps").rows}
    wrong = set()
    for name in ("processing", "turnout", "travel", "on_scene", "transport", "turnaround"):
        for call, _, _, why in measured(inside(calls), name):
            if why in {"missing", "reversed", "inferred"}:
                wrong.add(call.id)
    wrong |= {call.id for call in inside(calls) for sent in call.assignments if sent.corrected}
    assert listed == wrong


@settings(max_examples=20, deadline=None)
@given(histories())
def test_dispatchers_answer_for_the_calls_that_they_took(calls: list[RawCall]) -> None:
    own = inside(calls)
    rows = {row["group"]: row for row in ask(calls, "dispatchers").table("dispatchers").rows}
    for person, label in ((7, "Петрова А."), (8, "Иванова М.")):
        values = [
            s for call, _, s, _ in measured(own, "processing") if s is not None and call.created_by == person
        ]
        taken = sum(call.created_by == person for call in own)
        sent = sum(item.assigned_by == person for call in own for item in call.assignments)
        if not taken and not sent:
            assert label not in rows
            continue
        assert (rows[label]["calls"], rows[label]["assigned"], rows[label]["n"]) == (taken, sent, len(values))


@settings(max_examples=20, deadline=None)
@given(histories())
def test_the_summary_compares_with_the_period_before(calls: list[RawCall]) -> None:
    half = Period(START + timedelta(days=20), START + timedelta(days=40), ZONE)
    report = compute(facts_of(calls), Query(name="summary", period=half, now=START + timedelta(days=60)))
    figures = {figure.key: figure for figure in report.figures}
    now = [call for call in calls if half.start <= call.received < half.end]
    before = [call for call in calls if half.before(half.end).start <= call.received < half.start]
    assert figures["calls"].value == len(now)
    assert figures["calls"].before == len(before)
    responses = [seconds for *_, seconds, _ in measured(now, "response") if seconds is not None]
    if responses:
        assert figures["median"].value == pytest.approx(percentile(responses, 0.5))
    else:
        assert figures["median"].value is None
    assert len(report.charts) == 3
    assert len(report.table("worst").rows) <= 10


@pytest.mark.parametrize("name", ["summary", "calls", "intervals", "norms", "teams", "cars", "dispatchers", "losses",
                                  "advice", "gps", "map", "late", "gaps", "list"])  # fmt: skip
def test_an_empty_period_has_empty_tables_and_no_error(name: str) -> None:
    empty = Period(START, START, ZONE)
    report = compute(facts_of([]), Query(name=name, period=empty, now=START))
    assert report.tables
    nothing = RawCall(id=1, received=datetime(2030, 1, 1, tzinfo=UTC))
    assert compute(facts_of([nothing]), Query(name=name, period=PERIOD, now=START)).tables


def test_one_call_is_its_own_mean_median_and_p90() -> None:
    sent = RawAssignment(
        id=1, team_id=1, moments={"assigned": START, "on_scene": START + timedelta(minutes=9)},
        ended=START + timedelta(hours=1),
    )  # fmt: skip
    row = ask([RawCall(id=1, received=START, assignments=(sent,))], "intervals").table("groups").rows[0]
    assert (row["n"], row["mean"], row["median"], row["p90"], row["within"]) == (1, 540.0, 540.0, 540.0, 1.0)


def test_a_diverted_team_does_not_stop_the_clock_of_the_call_that_it_left() -> None:
    left = RawAssignment(
        id=1, team_id=1, status="diverted", moments={"assigned": START}, ended=START + timedelta(minutes=4)
    )
    came = RawAssignment(
        id=2, team_id=2, ended=START + timedelta(hours=1),
        moments={"assigned": START + timedelta(minutes=5), "on_scene": START + timedelta(minutes=25)},
    )  # fmt: skip
    row = ask([RawCall(id=1, received=START, assignments=(left, came))], "intervals").table("groups").rows[0]
    assert row["median"] == 25 * 60
    assert row["within"] == 0


def test_the_first_team_to_arrive_stops_the_clock_whatever_profile_was_wished() -> None:
    early = RawAssignment(id=1, team_id=1, moments={"assigned": START, "on_scene": START + timedelta(minutes=3)},
                          ended=START + timedelta(hours=1))  # fmt: skip
    wished = RawAssignment(id=2, team_id=4, moments={"assigned": START, "on_scene": START + timedelta(minutes=30)},
                           ended=START + timedelta(hours=1))  # fmt: skip
    call = RawCall(id=1, received=START, required="paediatric", assignments=(wished, early))
    assert ask([call], "intervals").table("groups").rows[0]["median"] == 3 * 60
