"""Beside each number that of the period before."""

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given

from brigada.reports.catalogue import DEFINITIONS
from brigada.reports.periods import Period, midnight
from reports.histories import NOW, ZONE, ask, histories, some
from reports.raw import START, RawCall

HALF = Period(START + timedelta(days=20), START + timedelta(days=40), ZONE)
BEFORE = Period(START, START + timedelta(days=20), ZONE)
WORDS_AND_TIMES = {"text", "time", "call", "day", "month"}
COMPARED = [definition for definition in DEFINITIONS if definition.compares]


def _groups(groups: tuple[str, ...]) -> list[str | None]:
    """The usual group of a report and one of names."""
    return [*(groups[:1] or (None,))] + [group for group in groups[1:] if group == "criticality"]


@some
@given(histories())
def test_each_number_stands_beside_the_same_number_of_the_period_before(calls: list[RawCall]) -> None:
    for definition in COMPARED:
        for group in _groups(definition.groups):
            beside = ask(calls, definition.name, group, period=HALF, compare=True)
            was = ask(calls, definition.name, group, period=BEFORE)
            for own, earlier in zip(beside.tables, was.tables, strict=True):
                compared = [column for column in own.columns if column.compared]
                assert {column.compared for column in compared} == {
                    column.key for column in earlier.columns if column.kind not in WORDS_AND_TIMES
                }
                if own.total is not None and earlier.total is not None:
                    for column in compared:
                        assert own.total[column.key] == earlier.total[column.compared]
                by_name = {(row["group"], str(row.get("filters"))): row for row in earlier.rows}
                assert len(by_name) == len(earlier.rows)
                days = any("from" in row.get("filter", {}) for row in own.rows)
                for place, row in enumerate(own.rows):
                    match = (
                        earlier.rows[place]
                        if days and place < len(earlier.rows)
                        else by_name.get((row["group"], str(row.get("filters"))))
                    )
                    for column in compared:
                        assert row[column.key] == (None if match is None or (days and place >= len(earlier.rows))
                                                   else match[column.compared])  # fmt: skip


def test_who_is_no_more_is_named() -> None:
    gone = RawCall(id=1, received=START + timedelta(days=1), district="Южный")
    stays = RawCall(id=2, received=START + timedelta(days=25), district="Северный")
    report = ask([gone, stays], "calls", "district", period=HALF, compare=True)
    assert [row["group"] for row in report.table("calls").rows] == ["Северный"]
    assert any("Южный" in note for note in report.notes)


def days(first: date, end: date) -> Period:
    return Period(midnight(first, ZONE), midnight(end, ZONE), ZONE)


def test_months_compare_with_months_and_days_with_as_many_days() -> None:
    march = days(date(2026, 3, 1), date(2026, 4, 1))
    assert march.before(NOW) == days(date(2026, 2, 1), date(2026, 3, 1))
    quarter = days(date(2026, 1, 1), date(2026, 4, 1))
    assert quarter.before(NOW) == days(date(2025, 10, 1), date(2026, 1, 1))
    year = days(date(2025, 1, 1), date(2026, 1, 1))
    assert year.before(NOW) == days(date(2024, 1, 1), date(2025, 1, 1))
    week = days(date(2026, 3, 28), date(2026, 4, 4))
    assert week.before(NOW) == days(date(2026, 3, 21), date(2026, 3, 28)), "over a change of clocks too"
    hours = Period(START, START + timedelta(hours=5), ZONE)
    assert hours.before(NOW) == Period(START - timedelta(hours=5), START, ZONE)


def test_of_a_period_that_is_not_over_as_much_compares_as_has_passed() -> None:
    now = datetime(2026, 4, 10, 12, tzinfo=ZONE)
    april = days(date(2026, 4, 1), date(2026, 5, 1))
    before = april.before(now)
    assert before.start == midnight(date(2026, 3, 1), ZONE)
    assert before.end - before.start == timedelta(days=9, hours=12)
    ahead = days(date(2026, 5, 1), date(2026, 6, 1))
    assert ahead.before(now) == april, "a period that has not begun compares with a whole one"


def said(period: Period, **how: Any) -> list[str]:
    """What the notes of a compared report and of the summary say of the length of their periods."""
    called = [RawCall(id=1, received=period.before(NOW).end - timedelta(hours=1))]
    notes = ask(called, "calls", "day", period=period, compare=True, **how).notes
    summary = ask(called, "summary", period=period, **how).notes
    length = [note for note in notes if "разной длины" in note or "Перевод часов" in note]
    assert length == [note for note in summary if "разной длины" in note or "Перевод часов" in note]
    return length + [note for note in notes if "раньше было ещё" in note]


def test_periods_that_differ_by_a_day_or_by_a_change_of_clocks_say_so() -> None:
    later = NOW + timedelta(days=365)
    february = days(date(2026, 2, 1), date(2026, 3, 1))
    assert said(february, now=later) == [
        "Периоды разной длины: 28 дн., раньше 31 дн.",
        "Вызовы: раньше было ещё — 31.01.2026.",
    ]
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    day = timedelta(days=1)
    assert said(days(spring, spring + day), now=later) == ["Перевод часов: период на 1 ч короче прежнего."]
    assert said(days(spring + day, spring + 2 * day), now=later) == [
        "Перевод часов: период на 1 ч длиннее прежнего."
    ]
    assert said(days(autumn, autumn + 7 * day), now=later) == [
        "Перевод часов: период на 1 ч длиннее прежнего."
    ]
    assert said(days(date(2026, 5, 4), date(2026, 5, 11)), now=later) == []
    assert said(days(date(2026, 8, 1), date(2026, 9, 1)), now=later) == [], "two months of 31 days"
    half = datetime(2026, 3, 29, 12, tzinfo=ZONE)
    assert said(days(spring, spring + day), now=half) == [], "as much has passed"
