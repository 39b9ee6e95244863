"""Attention is asked for once, escalates, can be acknowledged, and is over when its reason is."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from brigada.attention import service
from brigada.attention.rules import Finding, Listening, OpenCall, Raised, Rule, Work, decide, findings
from stage import Stage

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
RULES = {
    "waiting": Rule("waiting", "call_waiting", "critical", 60, 120),
    "late": Rule("late", "call_past_norm", None, 0, None),
    "ack": Rule("ack", "not_acknowledged", None, 60, 120),
    "departed": Rule("departed", "not_departed", None, 240, None),
    "scene": Rule("scene", "on_scene_long", None, 3600, None),
    "hospital": Rule("hospital", "at_hospital_long", None, 2400, None),
    "silent": Rule("silent", "position_silent", None, 120, None),
    "shift": Rule("shift", "shift_ending", None, 900, None),
}


def call(*, waited: float, **more: Any) -> OpenCall:
    values = {
        "id": 1, "criticality": "critical", "status": "new", "received_at": NOON - timedelta(seconds=waited),
        "reached": False, "norm_s": 1200,
    }  # fmt: skip
    return OpenCall(**{**values, **more})


def work(status: str, *, ago: float, **more: Any) -> Work:
    at = NOON - timedelta(seconds=ago)
    values = {
        "assignment_id": 7, "call_id": 1, "team_id": 3, "criticality": "critical", "status": status,
        "assigned_at": at, "since": at, "position_at": NOON, "shift_end": NOON + timedelta(hours=5),
    }  # fmt: skip
    return Work(**{**values, **more})


def found(*subjects: OpenCall | Work) -> list[str]:
    calls = [one for one in subjects if isinstance(one, OpenCall)]
    works = [one for one in subjects if isinstance(one, Work)]
    return [finding.rule for finding in findings(RULES.values(), calls, works, NOON)]


def test_a_call_asks_from_the_second_of_its_rule_on() -> None:
    assert found(call(waited=59.9)) == []
    assert found(call(waited=60)) == ["waiting"]
    assert found(call(waited=60, criticality="common")) == []
    assert found(call(waited=60, status="accepted")) == []


def test_a_call_is_late_when_nobody_has_arrived_within_its_norm() -> None:
    assert found(call(waited=1200, status="accepted")) == ["late"]
    assert found(call(waited=1200, status="accepted", reached=True)) == []
    assert found(call(waited=9999, status="accepted", norm_s=None)) == []


@pytest.mark.parametrize(
    ("status", "ago", "rules"),
    [
        ("assigned", 59, []),
        ("assigned", 60, ["ack"]),
        ("assigned", 240, ["ack", "departed"]),
        ("acknowledged", 240, ["departed"]),
        ("en_route", 2000, []),
        ("on_scene", 3600, ["scene"]),
        ("at_hospital", 2400, ["hospital"]),
        ("transporting", 9000, []),
    ],
)
def test_each_state_has_its_own_patience(status: str, ago: float, rules: list[str]) -> None:
    assert found(work(status, ago=ago)) == rules


def test_a_team_on_a_call_that_is_not_heard_asks_for_attention() -> None:
    assert found(work("en_route", ago=500, position_at=NOON - timedelta(seconds=119))) == []
    assert found(work("en_route", ago=500, position_at=NOON - timedelta(seconds=120))) == ["silent"]
    assert found(work("en_route", ago=500, position_at=None)) == ["silent"]


def test_an_old_position_from_before_the_assignment_gives_the_crew_its_time() -> None:
    assert found(work("en_route", ago=60, position_at=NOON - timedelta(hours=1))) == []


def raised_after_an_outage(listening: Listening, now: datetime, *known: Raised) -> list[str]:
    """What a look raises when the only car was last heard at 11:50."""
    silent = work("en_route", ago=5000, position_at=NOON - timedelta(minutes=10))
    holding = findings([RULES["silent"]], [], [silent], now, listening.since(now))
    decision = decide(holding, known, RULES, now)
    assert not decision.to_end
    listening.looked(now)
    return [finding.rule for finding in decision.to_raise]


def test_after_an_outage_of_the_service_a_car_is_silent_only_when_it_had_its_time_to_speak_again() -> None:
    listening = Listening(timedelta(seconds=30))
    moments = [NOON + timedelta(seconds=seconds) for seconds in range(0, 121, 5)]
    assert [raised_after_an_outage(listening, at) for at in moments[:-1]] == [[]] * 24
    assert raised_after_an_outage(listening, moments[-1]) == ["silent"]
    # The database was away for a minute: no look succeeded, no position was taken.
    back = moments[-1] + timedelta(seconds=60)
    assert raised_after_an_outage(listening, back) == []
    for seconds in range(5, 120, 5):
        assert raised_after_an_outage(listening, back + timedelta(seconds=seconds)) == []
    assert raised_after_an_outage(listening, back + timedelta(seconds=120)) == ["silent"]


def test_a_look_that_failed_is_no_sign_that_cars_could_be_heard() -> None:
    listening = Listening(timedelta(seconds=30))
    listening.since(NOON)
    listening.looked(NOON)
    for seconds in (5, 25):  # these looks failed
        assert listening.since(NOON + timedelta(seconds=seconds)) == NOON
    for seconds in (35, 40):  # and these too: the break goes on
        assert listening.since(NOON + timedelta(seconds=seconds)) == NOON + timedelta(seconds=seconds)
    listening.looked(NOON + timedelta(seconds=40))
    assert listening.since(NOON + timedelta(seconds=45)) == NOON + timedelta(seconds=40)


def test_an_outage_ends_no_alarm_that_was_raised_before_it() -> None:
    before = Raised(9, "silent", "assignment:7", NOON - timedelta(minutes=5), 1, False)
    assert raised_after_an_outage(Listening(timedelta(seconds=30)), NOON, before) == []


def test_a_shift_that_ends_on_a_call_asks_a_quarter_of_an_hour_before() -> None:
    assert found(work("on_scene", ago=5, shift_end=NOON + timedelta(seconds=900))) == ["shift"]


FINDING = Finding("waiting", "call:1", NOON, call_id=1)


def raised(*, ago: float, **more: Any) -> Raised:
    values = {
        "id": 5, "rule": "waiting", "subject": "call:1", "raised_at": NOON - timedelta(seconds=ago), "level": 1,
        "acknowledged": False,
    }  # fmt: skip
    return Raised(**{**values, **more})


def test_what_was_raised_is_not_raised_again() -> None:
    assert decide([FINDING], [], RULES, NOON).to_raise == (FINDING,)
    assert not decide([FINDING], [raised(ago=10)], RULES, NOON)


def test_what_nobody_acknowledges_escalates_once() -> None:
    assert decide([FINDING], [raised(ago=120)], RULES, NOON).to_escalate == (5,)
    assert not decide([FINDING], [raised(ago=120, level=2)], RULES, NOON)
    assert not decide([FINDING], [raised(ago=120, acknowledged=True)], RULES, NOON)


def test_what_no_longer_holds_is_over() -> None:
    assert decide([], [raised(ago=10)], RULES, NOON).to_end == (5,)


async def wait(stage: Stage, seconds: float) -> None:
    """Let the calls have waited longer."""
    await stage.sql("UPDATE calls SET received_at = received_at - make_interval(secs => :s)", s=seconds)


async def open_rules(stage: Stage) -> list[str]:
    return [item["rule"] for item in (await stage.petrova.get("/attention"))["items"]]


@pytest.mark.anyio
async def test_a_critical_call_that_waits_is_raised_once_whoever_looks(stage: Stage) -> None:
    waiting = await stage.petrova.take_in(criticality="critical")
    await wait(stage, 90)
    counts = await asyncio.gather(*(service.look(stage.state) for _ in range(4)))
    await service.look(stage.state)
    assert sum(counts) <= 1  # the app's own chore may have been first
    events = await stage.events("attention.raised")
    assert [event["call_id"] for event in events] == [waiting["id"]]
    assert await open_rules(stage) == ["waiting_critical"]
    kinds = [item["kind"] for item in (await stage.petrova.get("/notifications"))["items"]]
    assert kinds.count("attention") == 1


@pytest.mark.anyio
async def test_it_escalates_to_the_administrators_and_is_over_with_a_team(stage: Stage) -> None:
    waiting = await stage.petrova.take_in(criticality="critical")
    await wait(stage, 90)
    await service.look(stage.state)
    await stage.sql("UPDATE attentions SET raised_at = raised_at - interval '3 minutes'")
    await service.look(stage.state)
    (item,) = (await stage.petrova.get("/attention"))["items"]
    assert item["level"] == 2
    kinds = [one["kind"] for one in (await stage.admin.get("/notifications"))["items"]]
    assert "attention_escalated" in kinds
    await stage.petrova.assign(waiting, stage.crew12)
    await service.look(stage.state)
    assert await open_rules(stage) == []
    assert len(await stage.events("attention.ended")) == 1


@pytest.mark.anyio
async def test_what_is_acknowledged_does_not_escalate(stage: Stage) -> None:
    await stage.petrova.take_in(criticality="critical")
    await wait(stage, 90)
    await service.look(stage.state)
    (item,) = (await stage.petrova.get("/attention"))["items"]
    await stage.petrova.post(f"/attention/{item['id']}/acknowledge")
    await stage.ivanova.post(f"/attention/{item['id']}/acknowledge")
    await stage.sql("UPDATE attentions SET raised_at = raised_at - interval '3 minutes'")
    await service.look(stage.state)
    (item,) = (await stage.petrova.get("/snapshot"))["attention"]
    assert (item["level"], item["acknowledged_by"]) == (1, stage.petrova.id)
    assert len(await stage.events("attention.acknowledged")) == 1


@pytest.mark.anyio
async def test_the_administrator_changes_the_times_of_a_rule(stage: Stage) -> None:
    rule = await stage.admin.patch(
        "/attention/rules/waiting_common", {"after_s": 60, "escalate_s": None, "version": 1}
    )
    try:
        assert (rule["after_s"], rule["escalate_s"], rule["version"]) == (60, None, 2)
        body = {"after_s": 70, "version": 1}
        await stage.admin.refused(409, "outdated", "PATCH", "/attention/rules/waiting_common", json=body)
        await stage.petrova.refused(403, "forbidden", "PATCH", "/attention/rules/waiting_common", json=body)
        await stage.admin.refused(404, "not_found", "PATCH", "/attention/rules/no_such", json={})
    finally:
        await stage.sql(
            "UPDATE attention_rules SET after_s = 1800, escalate_s = 1800, version = 1 WHERE code = 'waiting_common'"
        )


@pytest.mark.anyio
async def test_a_crew_has_no_business_with_attention(stage: Stage) -> None:
    await stage.crew12.worker.refused(403, "forbidden", "GET", "/attention")
    await stage.petrova.refused(404, "not_found", "POST", "/attention/999999/acknowledge")
