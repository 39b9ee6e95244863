"""How long it took and how that stands to the norms, by every group, against plain Python over the raw rows."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reports.histories import NOW, PERIOD, ZONE, ask, by_label, histories, some
from reports.oracle import (
    CLOCKS,
    CRITICALITY,
    GROUPS,
    Duration,
    durations,
    expect,
    first_week,
    judged,
    label,
    limits_of,
    mean,
    of_interval,
    stats,
    within,
)
from reports.raw import NORMS, OTHER_NORMS, START, RawAssignment, RawCall

intervals = st.sampled_from(sorted(CLOCKS))


@some
@given(histories())
def test_every_interval_has_the_statistics_of_its_raw_durations(calls: list[RawCall]) -> None:
    own = within(calls, PERIOD.start, PERIOD.end)
    rows = ask(calls, "intervals").table("intervals").rows
    names = [row["filter"]["interval"] for row in rows]
    assert sorted(names) == sorted(CLOCKS)
    for name, row in zip(names, rows, strict=True):
        items, limits = of_interval(own, name), limits_of(name)
        expect(row, stats(items))
        expect(row, judged(items, limits) if limits else {"late": None, "within": None})


def groups_of(items: list[Duration], group: str) -> dict[str, list[Duration]]:
    found: dict[str, list[Duration]] = defaultdict(list)
    for item in items:
        text = label(group, item.call, item.sent)
        found[first_week(text, PERIOD.start) if group == "week" else text].append(item)
    return found


@some
@given(histories(), intervals)
def test_an_interval_by_any_group_counts_each_duration_once(calls: list[RawCall], interval: str) -> None:
    items = of_interval(within(calls, PERIOD.start, PERIOD.end), interval)
    limits = limits_of(interval)
    for group in GROUPS:
        report = ask(calls, "intervals", group, interval=interval)
        rows = {text: row for text, row in by_label(report, "groups").items()
                if row["n"] or row["incomplete"]}  # fmt: skip
        expected = groups_of(items, group)
        assert rows.keys() == {
            text for text, own in expected.items() if any(item.why != "not meant" for item in own)
        }, group
        for text, row in rows.items():
            expect(row, stats(expected[text]))
            if limits:
                expect(row, judged(expected[text], limits))
        total = report.table("groups").total
        assert total is not None
        expect(total, stats(items) | (judged(items, limits) if limits else {}))


def expect_norm(row: dict[str, Any], norm: Any, items: list[Duration]) -> None:
    expect(row, stats(items))
    values = [item.seconds for item in items if item.seconds is not None]
    inside = sum(seconds <= norm.target_s for seconds in values)
    expect(
        row,
        {
            "target": float(norm.target_s), "late": len(values) - inside,
            "within": inside / len(values) if values else None, "criticality": CRITICALITY[norm.criticality],
        },
    )  # fmt: skip
    average = mean(values)
    if average is None:
        assert row["met"] == "нет данных"
        return
    met = average <= norm.target_s if norm.statistic == "mean" else inside / len(values) >= norm.share
    assert row["met"] == ("да" if met else "нет")
    assert row["asked"] == (
        "в среднем" if norm.statistic == "mean" else f"{100 * norm.share:g}\u00a0% случаев"
    )


@some
@given(histories())
def test_norms_are_judged_by_the_share_within_the_target_or_by_the_mean(calls: list[RawCall]) -> None:
    own = within(calls, PERIOD.start, PERIOD.end)
    for wanted, norms in ((None, NORMS), ("ru", NORMS), ("arp", OTHER_NORMS)):
        report = ask(calls, "norms", norm_set=wanted)
        for norm, row in zip(norms, report.table("norms").rows, strict=True):
            same_criticality = [call for call in own if call.criticality == norm.criticality]
            expect_norm(row, norm, durations(same_criticality, norm.clock_start, norm.clock_stop))
        limits = limits_of("response", norms)
        total = report.table("groups").total
        assert total is not None
        expect(total, judged(of_interval(own, "response"), limits))
        assert report.norm["sets"] == ["arp" if wanted == "arp" else "ru"]
        assert [item["id"] for item in report.norm["items"]] == [norm.id for norm in norms]


@some
@given(histories())
def test_the_norms_of_a_day_are_the_arrivals_of_its_calls(calls: list[RawCall]) -> None:
    items = of_interval(within(calls, PERIOD.start, PERIOD.end), "response")
    for group in ("day", "station", "profile"):
        rows = by_label(ask(calls, "norms", group), "groups")
        for text, own in groups_of(items, group).items():
            expect(rows[text], stats(own) | judged(own, limits_of("response")))


def test_one_call_is_its_own_mean_median_and_p90() -> None:
    sent = RawAssignment(
        id=1, team_id=1, moments={"assigned": START, "on_scene": START + timedelta(minutes=9)},
        ended=START + timedelta(hours=1),
    )  # fmt: skip
    row = ask([RawCall(id=1, received=START, assignments=(sent,))], "intervals").table("groups").rows[0]
    assert (row["n"], row["mean"], row["median"], row["p90"], row["within"]) == (1, 540.0, 540.0, 540.0, 1.0)


def test_exactly_at_the_target_is_within_the_norm_and_a_moment_later_is_not() -> None:
    def arrives(number: int, after: timedelta) -> RawCall:
        sent = RawAssignment(id=number, team_id=1, moments={"assigned": START, "on_scene": START + after})
        return RawCall(id=number, received=START, assignments=(sent,))

    on_time = arrives(1, timedelta(seconds=1200))
    late = arrives(2, timedelta(seconds=1200, microseconds=1))
    row = ask([on_time, late], "intervals").table("groups").rows[0]
    assert (row["n"], row["late"], row["within"]) == (2, 1, 0.5)


def test_reversed_stamps_are_counted_apart_and_never_averaged() -> None:
    sent = RawAssignment(
        id=1, team_id=1, moments={"assigned": START, "on_scene": START - timedelta(seconds=1)}
    )
    row = ask([RawCall(id=1, received=START, assignments=(sent,))], "intervals").table("groups").rows[0]
    assert (row["n"], row["incomplete"], row["mean"]) == (0, 1, None)


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


def test_the_hour_that_happens_twice_is_told_apart_in_the_time_line_of_an_interval() -> None:
    autumn = START.replace(month=10, day=25, hour=0, minute=30)
    calls = []
    for number, received in enumerate((autumn, autumn + timedelta(hours=1)), 1):
        arrival = received + timedelta(minutes=10 * number)
        sent = RawAssignment(id=number, team_id=1, moments={"assigned": received, "on_scene": arrival})
        calls.append(RawCall(id=number, received=received, assignments=(sent,)))
    day = type(PERIOD)(autumn - timedelta(hours=3), autumn + timedelta(hours=3), ZONE)
    rows = by_label(
        ask(calls, "intervals", "time_line", period=day, now=NOW + timedelta(days=365)), "groups", drop="n"
    )
    assert {text: row["median"] for text, row in rows.items()} == {
        "2026-10-25 02:00 +0200": 600.0,
        "2026-10-25 02:00 +0100": 1200.0,
    }
