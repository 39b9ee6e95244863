"""Lost teams, advice and its price, declared times and GPS, by every group, against plain Python over the raw rows."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from hypothesis import given

from reports.histories import PERIOD, ask, by_label, histories, some
from reports.oracle import GROUPS, expect, first_week, label, mean, percentile, within
from reports.raw import RawAssignment, RawCall, facts_of

KINDS = ("declined", "cancelled", "diverted", "car_broken", "human_factor", "external_factor")

type Sent = tuple[RawCall, RawAssignment]


def all_sent(calls: list[RawCall]) -> list[Sent]:
    return [(call, sent) for call in within(calls, PERIOD.start, PERIOD.end) for sent in call.assignments]


def groups_of(items: Iterable[Sent], group: str) -> dict[str, list[RawAssignment]]:
    found: dict[str, list[RawAssignment]] = defaultdict(list)
    for call, sent in items:
        text = label(group, call, sent)
        found[first_week(text, PERIOD.start) if group == "week" else text].append(sent)
    return found


def kind(sent: RawAssignment) -> str:
    return sent.trouble or sent.status


def expected_losses(own: list[RawAssignment]) -> dict[str, Any]:
    counts = {word: sum(kind(sent) == word for sent in own) for word in KINDS}
    return {"sent": len(own), **counts, "share": sum(counts.values()) / len(own) if own else None}


@some
@given(histories())
def test_losses_are_counted_by_kind_and_by_every_group(calls: list[RawCall]) -> None:
    everything = all_sent(calls)
    report = ask(calls, "losses")
    for word, row in zip(KINDS, report.table("losses").rows, strict=True):
        own = [sent for _, sent in everything if kind(sent) == word]
        lasted = [(sent.ended - sent.moments["assigned"]).total_seconds() for sent in own if sent.ended]
        after = [seconds for seconds in lasted if seconds >= 0]  # a reversed one is no duration
        share = len(own) / len(everything) if everything else None
        expect(row, {"n": len(own), "share": share, "after": percentile(after, 0.5)})
    for group in GROUPS:
        report = ask(calls, "losses", group)
        rows, expected = by_label(report, "groups"), groups_of(everything, group)
        assert rows.keys() == expected.keys(), group
        for text, own in expected.items():
            expect(rows[text], expected_losses(own))
        total = report.table("groups").total
        assert total is not None
        expect(total, expected_losses([sent for _, sent in everything]))


def expected_advice(own: list[RawAssignment]) -> dict[str, Any]:
    followed = [sent for sent in own if sent.advice_team_id == sent.team_id]
    other = [sent for sent in own if sent.advice_team_id != sent.team_id]
    costs = [sent.advice_cost_s for sent in other if sent.advice_cost_s is not None]
    slower = [cost for cost in costs if cost >= 1]
    return {
        "advised": len(own), "followed": len(followed), "overruled": len(other), "slower": len(slower),
        "share": len(followed) / len(own) if own else None, "n": len(costs), "mean": mean(costs),
        "median": percentile(costs, 0.5), "p90": percentile(costs, 0.9), "lost_h": sum(slower) / 3600,
    }  # fmt: skip


@some
@given(histories())
def test_advice_is_followed_or_overruled_at_a_price_by_every_group(calls: list[RawCall]) -> None:
    advised = [(call, sent) for call, sent in all_sent(calls) if sent.advice_team_id is not None]
    for group in GROUPS:
        report = ask(calls, "advice", group)
        rows = by_label(report, "advice")
        expected = groups_of(advised, group)
        if group == "dispatcher":  # whoever sent the team answers for the choice
            expected = defaultdict(list)
            for _, sent in advised:
                expected[{7: "Петрова А.", 8: "Иванова М."}.get(sent.assigned_by or 0, "Не указано")].append(
                    sent
                )
        assert rows.keys() == expected.keys(), group
        for text, own in expected.items():
            expect(rows[text], expected_advice(own))
        total = report.table("advice").total
        assert total is not None
        expect(total, expected_advice([sent for _, sent in advised]))


def expected_spread(own: list[RawAssignment], step: str) -> dict[str, Any]:
    told = [sent for sent in own if step not in sent.inferred | sent.by_gps]
    apart = [(sent.moments[step] - sent.gps[step]).total_seconds() for sent in told if step in sent.gps]
    off = sum(abs(seconds) > 120 for seconds in apart)
    return {
        "n": len(apart), "median": percentile(apart, 0.5), "p10": percentile(apart, 0.1),
        "p90": percentile(apart, 0.9), "off": off, "off_share": off / len(apart) if apart else None,
    }  # fmt: skip


@some
@given(histories())
def test_declared_times_are_set_against_gps(calls: list[RawCall]) -> None:
    everything, facts = all_sent(calls), facts_of(calls)
    rows = ask(calls, "gps", facts=facts).table("gps").rows
    for step, row in zip(("en_route", "on_scene", "at_hospital"), rows, strict=True):
        own = [sent for _, sent in everything]
        seen = {
            "declared": sum(step in sent.moments.keys() - sent.inferred - sent.by_gps for sent in own),
            "by_gps": sum(step in sent.by_gps for sent in own),
            "inferred": sum(step in sent.inferred for sent in own),
            "seen": sum(step in sent.gps for sent in own),
        }
        expect(row, seen | expected_spread(own, step))
    tables = {"en_route": "groups_en_route", "on_scene": "groups", "at_hospital": "groups_at_hospital"}
    for group in GROUPS:
        report = ask(calls, "gps", group, facts=facts)
        assert [(chart.table, chart.y) for chart in report.charts] == [("groups", ("median",))]
        for step, table in tables.items():
            found = by_label(report, table)
            compared = [
                (call, sent)
                for call, sent in everything
                if step in sent.gps.keys() - sent.inferred - sent.by_gps
            ]
            expected = groups_of(compared, group)
            assert found.keys() == expected.keys(), (group, step)
            for text, sent in expected.items():
                expect(found[text], expected_spread(sent, step))
