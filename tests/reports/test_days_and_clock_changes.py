"""A day is a day of the service's zone, whatever its clocks do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from brigada.reports.catalogue import compute
from brigada.reports.periods import Period, local_seconds, micros, midnight, moment
from brigada.reports.rules import Every, last_run, next_run, next_try
from brigada.reports.selection import Query
from reports.histories import some
from reports.raw import RawAssignment, RawCall, facts_of

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = (
    "Europe/Moscow",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Asia/Tehran",
)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.datetimes(datetime(2001, 1, 1), datetime(2060, 1, 1)), max_size=20),  # noqa: DTZ001 -- made aware below
    st.sampled_from(ZONES),
)
def test_local_time_is_what_the_zone_says_at_every_moment(moments: list[datetime], zone: str) -> None:
    aware = [at.replace(tzinfo=UTC) for at in moments]
    found = local_seconds(np.array([micros(at) for at in aware], dtype=np.int64), ZoneInfo(zone))
    for at, seconds in zip(aware, found.tolist(), strict=True):
        wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC, microsecond=0)
        assert seconds == int(wall.timestamp())
        assert moment(micros(at)) == at


def report(period: Period, calls: list[RawCall], group: str) -> dict[str, int]:
    query = Query(name="calls", period=period, group=group, now=period.end)
    return {row["group"]: row["received"] for row in compute(facts_of(calls), query).table("calls").rows}


def test_the_hour_that_happens_twice_is_one_hour_of_the_day_and_two_of_the_time_line() -> None:
    day = Period(midnight(date(2026, 10, 25), BERLIN), midnight(date(2026, 10, 26), BERLIN), BERLIN)
    assert day.seconds == 25 * 3600
    twice = [
        datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)
    ]  # 02:30 summer, then 02:30 winter time
    calls = [RawCall(id=n, received=at) for n, at in enumerate(twice, 1)]
    assert report(day, calls, "hour")["02:00"] == 2
    line = report(day, calls, "time_line")
    assert line["2026-10-25 02:00 +0200"] == line["2026-10-25 02:00 +0100"] == 1
    assert len(line) == 25
    assert report(day, calls, "day") == {"2026-10-25": 2}


def test_the_hour_that_does_not_happen_is_missing_from_the_time_line() -> None:
    day = Period(midnight(date(2026, 3, 29), BERLIN), midnight(date(2026, 3, 30), BERLIN), BERLIN)
    line = report(day, [RawCall(id=1, received=datetime(2026, 3, 29, 1, tzinfo=UTC))], "time_line")
    assert len(line) == 23
    assert "2026-03-29 02:00 +0100" not in line
    assert line["2026-03-29 03:00 +0200"] == 1


def test_a_call_over_midnight_counts_on_the_day_of_its_receipt_alone() -> None:
    received = datetime(2026, 5, 1, 23, 59, 59, tzinfo=BERLIN)
    sent = RawAssignment(id=1, team_id=1, moments={"assigned": received, "on_scene": received + timedelta(minutes=9)},
                         ended=received + timedelta(hours=2))  # fmt: skip
    calls = [RawCall(id=1, received=received.astimezone(UTC), assignments=(sent,))]
    days = [
        Period(midnight(date(2026, 5, n), BERLIN), midnight(date(2026, 5, n + 1), BERLIN), BERLIN)
        for n in (1, 2)
    ]
    assert [sum(report(day, calls, "day").values()) for day in days] == [1, 0]
    busy = []
    for day in days:
        query = Query(name="teams", period=day, now=day.end)
        rows = {row["group"]: row for row in compute(facts_of(calls), query).table("teams").rows}
        busy.append(round(rows["1"]["busy_h"] * 3600))
    assert busy == [1, 7199]


def test_whole_days_compare_with_as_many_whole_days_before() -> None:
    week = Period(midnight(date(2026, 3, 28), BERLIN), midnight(date(2026, 4, 4), BERLIN), BERLIN)
    assert week.before(week.end).start == midnight(date(2026, 3, 21), BERLIN)
    assert week.before(week.end).end == week.start


def test_a_day_begins_at_the_jump_where_clocks_jump_over_midnight() -> None:
    beirut = ZoneInfo("Asia/Beirut")
    start = midnight(date(2026, 3, 29), beirut)
    assert start.astimezone(beirut).isoformat() == "2026-03-29T01:00:00+03:00"


@some
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 -- as it asks
    st.sampled_from(("day", "week", "month")),
    st.integers(0, 1439),
)
def test_the_last_time_that_a_report_was_due_is_the_one_before_the_next(
    now: datetime, every: Every, minute: int
) -> None:
    zone = ZoneInfo("Europe/Berlin")
    last, following = last_run(every, minute, zone, now), next_run(every, minute, zone, now)
    assert last <= now < following
    assert next_run(every, minute, zone, last) == following
    assert last_run(every, minute, zone, following) == following
    assert now < next_try(every, minute, zone, now) <= following
