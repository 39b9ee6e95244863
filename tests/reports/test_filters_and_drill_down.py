"""A filter leaves in what it says, and behind each number of a report stand as many calls as it counts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brigada.reports.catalogue import DEFINITIONS
from brigada.reports.facts import Facts
from brigada.reports.filters import Filters
from brigada.reports.tables import Column, Table
from reports.histories import PERIOD, ZONE, ask, histories, some
from reports.oracle import (
    CLOCKS,
    TEAM,
    counted_under,
    durations,
    is_late,
    judged,
    limits_of,
    of_interval,
    outcome,
    within,
)
from reports.raw import NORMS, RawAssignment, RawCall, facts_of

type OfCall = Callable[[RawCall], bool]
type OfSent = Callable[[RawAssignment], bool]

OF_CALLS: dict[str, tuple[dict[str, Any], OfCall]] = {
    "criticality": ({"criticality": "common"}, lambda call: call.criticality == "common"),
    "status": ({"status": "rejected"}, lambda call: call.status == "rejected"),
    "district": ({"district": "Южный"}, lambda call: call.district == "Южный"),
    "no district": ({"district": ""}, lambda call: call.district == ""),
    "reason": ({"reason": "fall"}, lambda call: call.reason == "fall"),
    "no reason": ({"reason": ""}, lambda call: call.reason == ""),
    "outcome": ({"outcome": "hospital"}, lambda call: outcome(call) == "hospital"),
    "who took it": ({"dispatcher_id": 7}, lambda call: call.created_by == 7),
    "nobody took it": ({"dispatcher_id": 0}, lambda call: call.created_by is None),
    "hour": ({"hour": 2}, lambda call: call.received.astimezone(ZONE).hour == 2),
    "weekday": ({"weekday": 6}, lambda call: call.received.astimezone(ZONE).weekday() == 6),
    "box": (
        {"box": (59.9, 30.2, 60.0, 30.4)},
        lambda call: call.place is not None and 59.9 <= call.place[0] < 60.0 and 30.2 <= call.place[1] < 30.4,
    ),
    "late": ({"late": True}, is_late),
    "not late": ({"late": False}, lambda call: not is_late(call)),
    "no team": ({"team_id": 0}, lambda call: counted_under(call) is None),
    "two at once": (
        {"criticality": "critical", "status": "completed"},
        lambda call: (call.criticality, call.status) == ("critical", "completed"),
    ),
}
OF_TEAMS: dict[str, tuple[dict[str, Any], OfSent]] = {
    "profile": ({"profile": "physician"}, lambda sent: TEAM[sent.team_id].profile == "physician"),
    "station": ({"station_id": 2}, lambda sent: TEAM[sent.team_id].station_id == 2),
    "no station": ({"station_id": 0}, lambda sent: TEAM[sent.team_id].station_id is None),
    "team": ({"team": "1"}, lambda sent: TEAM[sent.team_id].name == "1"),
    "shift": ({"team_id": 1}, lambda sent: sent.team_id == 1),
}
OF_SENT: dict[str, tuple[dict[str, Any], OfSent]] = {
    "declined": ({"ending": "declined"}, lambda sent: sent.status == "declined"),
    "completed": ({"ending": "completed"}, lambda sent: sent.status == "completed"),
    "broken": ({"ending": "car_broken"}, lambda sent: sent.trouble == "car_broken"),
    "car": ({"car_id": 4}, lambda sent: TEAM[sent.team_id].car_id == 4),
    "sender": ({"sender_id": 8}, lambda sent: sent.assigned_by == 8),
    "no sender": ({"sender_id": 0}, lambda sent: sent.assigned_by is None),
    "advice": ({"advice": "any"}, lambda sent: sent.advice_team_id is not None),
    "followed": ({"advice": "followed"}, lambda sent: sent.advice_team_id == sent.team_id),
    "overruled": ({"advice": "overruled"}, lambda sent: sent.advice_team_id not in {None, sent.team_id}),
    "slower": (
        {"advice": "slower"},
        lambda sent: sent.advice_team_id not in {None, sent.team_id} and (sent.advice_cost_s or 0) >= 1,
    ),
    "off the GPS": (
        {"gps_off": "on_scene"},
        lambda sent: (
            "on_scene" in sent.gps.keys() - sent.inferred - sent.by_gps
            and abs((sent.moments["on_scene"] - sent.gps["on_scene"]).total_seconds()) > 120
        ),
    ),
    "any of a station": ({"sent": True, "station_id": 2}, lambda sent: TEAM[sent.team_id].station_id == 2),
    "a team that declined": (
        {"ending": "declined", "team": "1"},
        lambda sent: sent.status == "declined" and TEAM[sent.team_id].name == "1",
    ),
}


def listed(calls: list[RawCall] | Facts, **filters: Any) -> set[int]:
    facts = calls if isinstance(calls, Facts) else facts_of(calls)
    return {row["call_id"] for row in ask([], "list", facts=facts, **filters).table("list").rows}


@some
@given(histories())
def test_filters_of_calls_leave_in_what_they_say(calls: list[RawCall]) -> None:
    own = within(calls, PERIOD.start, PERIOD.end)
    facts = facts_of(calls)
    for name, (filters, passes) in OF_CALLS.items():
        assert listed(facts, **filters) == {call.id for call in own if passes(call)}, name


@some
@given(histories())
def test_filters_of_teams_mean_the_team_that_a_call_is_counted_under(calls: list[RawCall]) -> None:
    own = within(calls, PERIOD.start, PERIOD.end)
    for name, (filters, passes) in OF_TEAMS.items():
        expected = {call.id for call in own if (sent := counted_under(call)) is not None and passes(sent)}
        assert listed(calls, **filters) == expected, name


@some
@given(histories())
def test_filters_of_assignments_mean_any_team_that_was_sent(calls: list[RawCall]) -> None:
    own = within(calls, PERIOD.start, PERIOD.end)
    for name, (filters, passes) in OF_SENT.items():
        assert listed(calls, **filters) == {c.id for c in own if any(map(passes, c.assignments))}, name
        # What began in the period, whenever its call came in.
        begun = {
            call.id for call in calls
            if any(passes(sent) and PERIOD.start <= sent.moments["assigned"] < PERIOD.end for sent in call.assignments)
        }  # fmt: skip
        assert listed(calls, begun=True, **filters) == begun, name


@some
@given(histories(), st.sampled_from(sorted(CLOCKS)))
def test_filters_of_states_name_the_calls_whose_interval_is_so(calls: list[RawCall], interval: str) -> None:
    items, limits = of_interval(within(calls, PERIOD.start, PERIOD.end), interval), limits_of(interval)
    for state, passes in (
        ("measured", lambda item: item.seconds is not None),
        ("incomplete", lambda item: item.why not in {"measured", "not meant"}),
        ("corrected", lambda item: item.corrected),
        ("late", lambda item: judged([item], limits)["late"] == 1),
    ):
        expected = {item.call.id for item in items if passes(item)}
        assert listed(calls, state=state, interval=interval) == expected


@some
@given(histories())
def test_late_by_a_named_norm_means_beyond_its_target(calls: list[RawCall]) -> None:
    own = within(calls, PERIOD.start, PERIOD.end)
    for norm in NORMS:
        items = durations(
            [c for c in own if c.criticality == norm.criticality], norm.clock_start, norm.clock_stop
        )
        late = {item.call.id for item in items if item.seconds is not None and item.seconds > norm.target_s}
        assert listed(calls, late=True, norm_id=norm.id) == late


@some
@given(histories(), st.sampled_from(("turnout", "travel", "committed")))
def test_a_filter_by_team_gives_the_row_of_that_team(calls: list[RawCall], interval: str) -> None:
    """What the table says of a station, the same table asked for that station alone says as its total."""
    for group, name, value in (
        ("station", "station_id", 2),
        ("team", "team", "1"),
        ("profile", "profile", "physician"),
    ):
        rows = ask(calls, "intervals", group, interval=interval).table("groups").rows
        row = next((row for row in rows if row["filter"] == {name: value, "sent": True}), None)
        total = ask(calls, "intervals", group, interval=interval, **{name: value}).table("groups").total
        assert total is not None
        for key in ("n", "incomplete", "corrected", "mean", "median", "p90"):
            assert total[key] == (
                row[key] if row is not None else (None if key in {"mean", "median", "p90"} else 0)
            )


DRILLED = [
    definition for definition in DEFINITIONS if definition.name not in {"shift", "list", "late", "gaps"}
]


def cells(table: Table) -> list[tuple[Column, dict[str, Any], int]]:
    """The numbers of a table that lead to calls, with what to ask for."""
    found = []
    for row in [*table.rows, *([{**table.total, "filter": {}}] if table.total else [])]:
        for column in table.columns:
            assert column.key != "late" or column.filter is not None, f"{table.key}: who was late?"
            if column.filter is None or "filter" not in row or row[column.key] is None:
                continue
            own = row.get("filters", {}).get(column.key, row["filter"])
            if any(own.get(key, value) != value for key, value in column.filter.items()):
                assert row[column.key] == 0, "critical calls among the important ones"
            else:
                found.append((column, {**column.filter, **own}, row[column.key]))
    return found


def behind(calls: Facts, asked: dict[str, Any]) -> set[int]:
    """The calls that the list gives for a drill-down's address."""
    period = PERIOD
    if "from" in asked:
        start, end = (datetime.fromisoformat(asked.pop(key)) for key in ("from", "to"))
        period = type(PERIOD)(start, end, ZONE)
    if "box" in asked:
        asked["box"] = tuple(float(part) for part in asked["box"].split(","))
    assert set(asked) <= set(Filters.__dataclass_fields__) | {"interval"}
    return listed(calls, period=period, **asked)


@pytest.mark.parametrize("name", [definition.name for definition in DRILLED])
@some
@given(data=st.data())
def test_behind_each_number_stand_the_calls_that_it_counts(name: str, data: st.DataObject) -> None:
    """A number of calls is the length of its list; one of assignments is at least that, and never of nothing."""
    calls = data.draw(histories())
    definition = next(one for one in DRILLED if one.name == name)
    facts = facts_of(calls)
    group = data.draw(st.sampled_from(definition.groups)) if definition.groups else None
    report = ask(calls, name, group, facts=facts)
    of_assignments = name in {"teams", "cars", "losses", "advice", "gps", "dispatchers"}
    per_team = {item for item, (start, _) in CLOCKS.items() if start != "received"}
    of_nothing = 0
    for table in report.tables:
        for column, asked, number in cells(table):
            of_nothing += number == 0
            if number == 0 and of_nothing % 20:
                continue  # a month of days has hundreds of empty cells, all alike
            found = behind(facts, dict(asked))
            several = of_assignments or asked.get("interval") in per_team or "norm_id" in asked
            assert (
                (0 < len(found) <= number or len(found) == number == 0) if several else len(found) == number
            ), f"{table.key}.{column.key}: {number}, but {sorted(found)} for {asked}"


@some
@given(histories())
def test_behind_a_number_of_assignments_stand_the_calls_of_just_these(calls: list[RawCall]) -> None:
    by_id, facts = {call.id: call for call in calls}, facts_of(calls)
    for row in ask(calls, "losses", "team").table("groups").rows:
        for kind in ("declined", "car_broken"):
            found = behind(facts, {**row["filter"], "ending": kind})
            sent = [one for call_id in found for one in by_id[call_id].assignments
                    if TEAM[one.team_id].name == row["group"] and (one.trouble or one.status) == kind]  # fmt: skip
            assert len(sent) == row[kind]
    for row in ask(calls, "teams").table("teams").rows:
        found = behind(facts, {**row["filter"], "begun": True})
        sent = [one for call_id in found for one in by_id[call_id].assignments
                if TEAM[one.team_id].name == row["group"]
                and PERIOD.start <= one.moments["assigned"] < PERIOD.end
                and (one.ended is None or one.ended > PERIOD.start)]  # fmt: skip
        assert len(sent) == row["calls"]
