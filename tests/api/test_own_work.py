"""A worker sees and touches the own team's work; what is another's looks as if it were not there."""

from typing import Any

import pytest

from stage import Stage

pytestmark = pytest.mark.anyio


async def test_a_worker_of_another_team_finds_nothing(stage: Stage) -> None:
    call = await stage.petrova.take_in(patient={"surname": "Ильин"})
    assignment = await stage.petrova.assign(call, stage.crew12)
    other = stage.crew13.worker
    step: dict[str, Any] = {"step": "en_route"}
    correction = {"step": "en_route", "occurred_at": "2026-01-01T00:00:00Z", "reason": "x"}
    for method, address, number, body in (
        ("GET", "/calls/{}", call["id"], None),
        ("GET", "/calls/{}/history", call["id"], None),
        ("GET", "/assignments/{}", assignment["id"], None),
        ("GET", "/assignments/{}/route", assignment["id"], None),
        ("POST", "/assignments/{}/steps", assignment["id"], step),
        ("POST", "/assignments/{}/corrections", assignment["id"], correction),
        ("POST", "/assignments/{}/decline", assignment["id"], {}),
        ("POST", "/assignments/{}/trouble", assignment["id"], {"kind": "car_broken"}),
        ("GET", "/teams/{}/route", stage.crew12.id, None),
        ("POST", "/teams/{}/break", stage.crew12.id, {}),
        ("POST", "/teams/{}/resume", stage.crew12.id, {}),
    ):
        here = await other.refused(404, "not_found", method, address.format(number), json=body)
        gone = await other.refused(404, "not_found", method, address.format(999_999_999), json=body)
        assert here == gone, "absent and forbidden look the same"
    assert "Ильин" not in (await other.send("GET", "/snapshot")).text
    assert (await stage.petrova.get(f"/calls/{call['id']}"))["status"] == "accepted"


async def test_a_worker_without_a_team_has_no_work(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    await stage.petrova.assign(call, stage.crew12)
    free = stage.free_workers[0]
    await free.refused(404, "not_found", "GET", f"/calls/{call['id']}")
    await free.refused(404, "not_found", "GET", "/teams/mine")
    await free.refused(404, "not_found", "GET", "/assignments/current")
    picture = await free.get("/snapshot")
    assert (picture["calls"], picture["teams"], picture["positions"]) == ([], [], [])


async def test_a_worker_sees_the_own_call_and_its_history(stage: Stage) -> None:
    call = await stage.petrova.take_in(patient={"surname": "Ильин"})
    worker = stage.crew12.worker
    await worker.refused(404, "not_found", "GET", f"/calls/{call['id']}")
    await stage.petrova.assign(call, stage.crew12)
    assert (await worker.get(f"/calls/{call['id']}"))["patient"]["surname"] == "Ильин"
    kinds = [entry["kind"] for entry in (await worker.get(f"/calls/{call['id']}/history"))["items"]]
    assert kinds == ["call.created", "assignment.created"]
    picture = await worker.get("/snapshot")
    assert [one["id"] for one in picture["calls"]] == [call["id"]]
    assert [one["id"] for one in picture["teams"]] == [stage.crew12.id]


async def test_who_leaves_a_team_leaves_its_work(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    assignment = await stage.petrova.assign(call, stage.crew12)
    leaver, stays = stage.crew12.workers
    await stage.admin.patch(f"/teams/{stage.crew12.id}", {"member_ids": [stays.id]})
    await leaver.refused(404, "not_found", "GET", f"/calls/{call['id']}")
    await leaver.refused(
        404, "not_found", "POST", f"/assignments/{assignment['id']}/steps", json={"step": "en_route"}
    )
    await stays.step(assignment, "en_route")


async def test_notifications_belong_to_their_reader(stage: Stage) -> None:
    await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    [own] = (await stage.crew12.worker.get("/notifications"))["items"]
    assert own["kind"] == "assigned"
    other = stage.crew13.worker
    await other.refused(404, "not_found", "POST", f"/notifications/{own['id']}/read")
    await other.refused(404, "not_found", "DELETE", f"/notifications/{own['id']}")
    await stage.crew12.worker.post(f"/notifications/{own['id']}/read")
    assert (await stage.crew12.worker.get("/notifications", unread=True))["items"] == []
    assert (await stage.crew12.workers[1].get("/notifications", unread=True))["items"], "each has an own copy"
    await stage.crew12.worker.delete(f"/notifications/{own['id']}")
    assert (await stage.crew12.worker.get("/notifications"))["items"] == []
    await stage.crew12.worker.refused(404, "not_found", "POST", f"/notifications/{own['id']}/read")


async def test_who_is_told_what(stage: Stage) -> None:
    call = await stage.petrova.take_in(patient={"surname": "Ильин"}, caller_phone="+7 900 1234567")
    assignment = await stage.petrova.assign(call, stage.crew12)
    await stage.crew12.worker.post(f"/assignments/{assignment['id']}/trouble", {"kind": "car_broken"})
    again = await stage.petrova.assign(call, stage.crew13)
    await stage.crew13.worker.step(again, "completed")

    async def told(caller: Any) -> list[str]:
        items = (await caller.get("/notifications"))["items"]
        assert "Ильин" not in str(items)
        assert "1234567" not in str(items)
        return [one["kind"] for one in reversed(items)]

    for dispatcher in (stage.petrova, stage.ivanova):
        assert await told(dispatcher) == ["call_new", "trouble", "call_waiting_again", "call_completed"]
    assert await told(stage.admin) == ["trouble"]
    assert await told(stage.crew12.workers[1]) == ["assigned"]
    assert await told(stage.free_workers[0]) == []


async def test_nobody_is_told_at_home(stage: Stage) -> None:
    await stage.ivanova.post("/auth/logout")
    await stage.petrova.take_in()
    rows = await stage.sql("SELECT user_id FROM notification_recipients")
    assert [row["user_id"] for row in rows] == [stage.petrova.id]


async def test_a_dispatcher_is_on_duty_for_two_lives_of_an_access_token(stage: Stage) -> None:
    """A screen refreshes once in each life; whoever was not heard of for two has gone home without signing out."""
    life = stage.state.tokens.access_life
    for caller, ago in ((stage.petrova, life * 1.9), (stage.ivanova, life * 2.1)):
        await stage.sql(
            "UPDATE sessions SET last_seen_at = :at WHERE user_id = :id",
            at=stage.state.clock.now() - ago, id=caller.id,
        )  # fmt: skip
    await stage.petrova.take_in()
    rows = await stage.sql("SELECT user_id FROM notification_recipients")
    assert [row["user_id"] for row in rows] == [stage.petrova.id]


async def test_looks_at_patient_data_are_written_down(stage: Stage) -> None:
    call = await stage.petrova.take_in(address="ул. Садовая, 1")
    await stage.ivanova.get(f"/calls/{call['id']}")
    await stage.ivanova.get(f"/calls/{call['id']}/history")
    await stage.ivanova.get("/calls", q="Садовая")
    alike = await stage.ivanova.get("/calls/duplicates", address="ул. Садовая, 1")
    assert await stage.ivanova.post("/calls/duplicates", {"address": "ул. Садовая, 1"}) == alike
    system = await stage.outside_system("calls:read")
    await system.get(f"/calls/{call['id']}")
    await system.get("/calls", view="actual")
    await stage.petrova.get("/calls", view="actual")  # what a dispatcher has in front of her all day
    await stage.petrova.assign(call, stage.crew12)
    await stage.crew12.worker.get("/assignments/current")
    rows = await stage.sql(
        "SELECT user_id, token_id, what, call_id, details FROM patient_data_reads ORDER BY id"
    )
    assert [(row["what"], row["call_id"]) for row in rows] == [
        ("call", call["id"]), ("history", call["id"]), ("list", None), ("duplicates", None), ("duplicates", None),
        ("call", call["id"]), ("list", None), ("call", call["id"]),
    ]  # fmt: skip
    assert {row["user_id"] for row in rows[:5]} == {stage.ivanova.id}
    for row in rows[5:7]:
        assert row["user_id"] is None
        assert row["token_id"] is not None
    assert "Садовая" not in str(rows), "the audit holds no patient data itself"


async def test_a_key_that_may_only_bring_calls_in_learns_which_are_alike_and_no_more(stage: Stage) -> None:
    call = await stage.petrova.take_in(address="ул. Садовая, 1", caller_phone="+7 921 000-00-00")
    centre = await stage.outside_system("calls:create")
    (found,) = (await centre.get("/calls/duplicates", address="ул. Садовая, 1"))["items"]
    assert found == {
        "id": call["id"], "number": call["number"], "score": found["score"], "reasons": ["address", "time"],
        "call": None,
    }  # fmt: skip
    (same,) = (await stage.petrova.get("/calls/duplicates", address="ул. Садовая, 1"))["items"]
    assert same["call"]["caller_phone"] == "+7 921 000-00-00"
    assert {**same, "call": None} == found
