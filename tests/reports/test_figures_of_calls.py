"""How many calls, by every group, against plain Python over the raw rows."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brigada.reports.catalogue import compute
from brigada.reports.facts import REJECT_REASONS
from brigada.reports.periods import Period
from brigada.reports.selection import Query
from reports.histories import NOW, PERIOD, ZONE, ask, by_label, histories, some
from reports.oracle import GROUPS, OUTCOME, WEEKDAY, expect, first_week, label, outcome, response, within
from reports.raw import START, RawCall, facts_of

STATUSES = ("new", "accepted", "completed", "rejected")
CRITICALITIES = ("critical", "important", "common")


def counted(calls: list[RawCall]) -> dict[str, int]:
    return {
        "received": len(calls),
        **{word: sum(call.criticality == word for call in calls) for word in CRITICALITIES},
        **{word: sum(call.status == word for call in calls) for word in STATUSES},
    }


@some
@given(histories())
def test_calls_are_counted_once_by_every_group(calls: list[RawCall]) -> None:
    own = within(calls, PERIOD.start, PERIOD.end)
    for group in GROUPS:
        expected: dict[str, list[RawCall]] = defaultdict(list)
        for call in own:
            text = label(group, call)
            expected[first_week(text, PERIOD.start) if group == "week" else text].append(call)
        report = ask(calls, "calls", group)
        rows = by_label(report, "calls", drop="received")
        assert rows.keys() == expected.keys(), group
        for text, behind in expected.items():
            expect(rows[text], {**counted(behind), "share": len(behind) / len(own)})
        total = report.table("calls").total
        assert total is not None
        expect(total, counted(own))


@some
@given(histories())
def test_outcomes_tell_how_each_call_ended(calls: list[RawCall]) -> None:
    own = within(calls, PERIOD.start, PERIOD.end)
    rows = by_label(ask(calls, "calls"), "outcomes")
    assert {text: row["received"] for text, row in rows.items()} == {
        OUTCOME[word]: n for word in OUTCOME if (n := sum(outcome(call) == word for call in own))
    }
    for row in rows.values():
        expect(row, {"share": row["received"] / len(own)})


def quarters(start: datetime, end: datetime) -> list[datetime]:
    return [start + timedelta(minutes=15 * n) for n in range(int((end - start).total_seconds() // 900))]


@some
@given(histories(), st.integers(0, 40 * 24))
def test_the_mean_of_a_day_counts_only_hours_that_have_passed(calls: list[RawCall], passed: int) -> None:
    now = PERIOD.start + timedelta(hours=passed)
    own = within(calls, PERIOD.start, PERIOD.end)
    walls = [at.astimezone(ZONE) for at in quarters(PERIOD.start, now)]
    rows = by_label(ask(calls, "calls", "hour", now=now), "calls")
    for hour in range(24):
        days = sum(at.hour == hour for at in walls) / 4
        n = sum(call.received.astimezone(ZONE).hour == hour for call in own)
        expect(rows[f"{hour:02}:00"], {"received": n, "per_day": n / days if days else None})
    rows = by_label(ask(calls, "calls", "weekday", now=now), "calls")
    for number, name in enumerate(WEEKDAY):
        days = sum(at.weekday() == number for at in walls) / 4 / 24
        n = sum(call.received.astimezone(ZONE).weekday() == number for call in own)
        expect(rows[name], {"received": n, "per_day": n / days if days else None})
    weekend = by_label(ask(calls, "calls", "hour", now=now, weekday=6), "calls")
    sundays = sum(at.weekday() == 6 and at.hour == 11 for at in walls) / 4
    n = sum((wall := call.received.astimezone(ZONE)).weekday() == 6 and wall.hour == 11 for call in own)
    expect(weekend["11:00"], {"received": n, "per_day": n / sundays if sundays else None})


@some
@given(histories())
def test_the_diary_counts_each_day_of_its_form(calls: list[RawCall]) -> None:
    own = within(calls, PERIOD.start, PERIOD.end)
    report = ask(calls, "diary")
    days: dict[str, list[RawCall]] = {row["group"]: [] for row in report.table("diary").rows}
    assert len(days) == 41, "every day that the period touches has its line"
    for call in own:
        days[label("day", call)].append(call)
    rows = by_label(report, "diary")
    for day, behind in days.items():
        ended = [outcome(call) for call in behind]
        minutes = [seconds / 60 for call in behind if (seconds := response(call)) is not None]
        expected = {
            "received": len(behind), "completed": sum(call.status == "completed" for call in behind),
            "hospital": ended.count("hospital"), "refused": ended.count("refused"),
            "duplicate": ended.count("duplicate"), "open": ended.count("open"),
            "fruitless": sum(word in REJECT_REASONS and word not in {"refused", "duplicate"} for word in ended),
            "within_20": sum(value <= 20 for value in minutes),
            "within_40": sum(20 < value <= 40 for value in minutes),
            "within_60": sum(40 < value <= 60 for value in minutes),
            "within_more": sum(value > 60 for value in minutes),
            "unmeasured": sum(response(call) is None for call in behind),
        }  # fmt: skip
        expect(rows[day], expected)
        assert expected["received"] == sum(
            expected[key] for key in ("completed", "fruitless", "refused", "duplicate", "open")
        ), "every call stands in one of the columns of its form"
        assert rows[day]["received"] == sum(
            rows[day][key] for key in ("within_20", "within_40", "within_60", "within_more", "unmeasured")
        ), "and in one of those of its arrival"
    total = report.table("diary").total
    assert total is not None
    for key in rows[next(iter(days))]:
        if key not in {"group", "filter"}:
            assert total[key] == sum(row[key] for row in rows.values())


EVERY_REPORT = ("summary", "calls", "intervals", "norms", "teams", "cars", "dispatchers", "losses", "advice", "gps",
                "map", "late", "gaps", "list", "diary")  # fmt: skip


@pytest.mark.parametrize("name", EVERY_REPORT)
def test_an_empty_period_has_empty_tables_and_no_error(name: str) -> None:
    empty = Period(START, START, ZONE)
    for compare in (False, True):
        report = compute(facts_of([]), Query(name=name, period=empty, now=START, compare=compare))
        assert report.tables
    nothing = RawCall(id=1, received=datetime(2030, 1, 1, tzinfo=UTC))
    assert compute(facts_of([nothing]), Query(name=name, period=PERIOD, now=NOW)).tables


@pytest.mark.parametrize("name", EVERY_REPORT)
def test_one_call_without_anything_makes_every_report(name: str) -> None:
    report = ask([RawCall(id=1, received=START, status="new")], name)
    assert report.tables
