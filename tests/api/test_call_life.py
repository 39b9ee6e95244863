"""A call's whole life, and every way in which it leaves the straight path."""

from datetime import timedelta
from typing import Any

import pytest

from stage import Stage

pytestmark = pytest.mark.anyio


async def test_a_call_lives_from_the_telephone_to_the_hospital(stage: Stage) -> None:
    call = await stage.petrova.take_in(patient={"surname": "Ильин", "age": 0})
    assert (call["status"], call["criticality"], call["version"]) == ("new", "critical", 1)
    assert call["patient"]["age"] == 0
    assignment = await stage.petrova.assign(call, stage.crew12)
    assert (await stage.petrova.get(f"/calls/{call['id']}"))["status"] == "accepted"
    worker = stage.crew12.worker
    assert (await worker.get("/assignments/current"))["call"]["id"] == call["id"]
    for step in ("acknowledged", "en_route", "on_scene", "transporting", "at_hospital"):
        assignment = await worker.step(assignment, step)
        assert assignment["status"] == step
        assert (await stage.petrova.get(f"/teams/{stage.crew12.id}"))["free"] is False
    assignment = await worker.step(assignment, "completed", outcome="hospital")
    assert (assignment["status"], assignment["outcome"]) == ("completed", "hospital")
    assert all(assignment["milestones"].values())
    closed = await stage.petrova.get(f"/calls/{call['id']}")
    assert closed["status"] == "completed"
    assert closed["closed_at"] is not None
    assert (await stage.petrova.get(f"/teams/{stage.crew12.id}"))["free"] is True
    await worker.refused(404, "not_found", "GET", "/assignments/current")


async def test_a_reason_from_the_dictionary_tells_how_urgent_a_call_is(stage: Stage) -> None:
    by_title = await stage.petrova.take_in(reason="Боль в груди")
    assert (by_title["reason_code"], by_title["criticality"]) == ("chest_pain", "critical")
    overruled = await stage.petrova.take_in(reason="chest_pain", criticality="common")
    assert overruled["criticality"] == "common"


async def test_free_words_need_a_criticality(stage: Stage) -> None:
    body = {"reason": "упал с дерева", "address": "ул. Мира, 3"}
    await stage.petrova.refused(422, "criticality_needed", "POST", "/calls", json=body)
    assert (await stage.petrova.post("/calls", {**body, "criticality": "important"}))["reason_code"] is None


async def test_steps_that_were_skipped_are_filled_in_and_marked_as_inferred(stage: Stage) -> None:
    assignment = await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    found = await stage.crew12.worker.step(assignment, "on_scene")
    assert found["milestones"]["acknowledged_at"] == found["milestones"]["on_scene_at"]
    line = (await stage.petrova.get(f"/assignments/{assignment['id']}"))["time_line"]
    assert [(entry["step"], entry["source"]) for entry in line] == [
        ("assigned", "dispatcher"), ("acknowledged", "inferred"), ("en_route", "inferred"), ("on_scene", "tap"),
    ]  # fmt: skip


async def test_a_call_without_a_transport_has_no_hospital_in_its_time_line(stage: Stage) -> None:
    assignment = await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    done = await stage.crew12.worker.step(assignment, "completed")
    assert done["milestones"]["transporting_at"] is None
    assert done["milestones"]["at_hospital_at"] is None
    assert done["milestones"]["on_scene_at"] is not None


async def test_a_step_reported_twice_is_no_error_and_changes_nothing(stage: Stage) -> None:
    assignment = await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    first = await stage.crew12.worker.step(assignment, "en_route")
    seq = await stage.last_seq()
    assert await stage.crew12.workers[1].step(assignment, "en_route") == first
    assert await stage.crew12.worker.step(assignment, "acknowledged") == first
    assert await stage.last_seq() == seq


async def test_a_tap_that_waited_for_a_network_keeps_the_time_of_the_device(stage: Stage) -> None:
    assignment = await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    late = await stage.crew12.worker.step(assignment, "on_scene")
    before = late["milestones"]["acknowledged_at"]
    assigned = late["milestones"]["assigned_at"]
    precise = await stage.crew12.worker.step(assignment, "acknowledged", occurred_at=assigned)
    assert precise["milestones"]["acknowledged_at"] == assigned < before
    assert precise["status"] == "on_scene"
    line = (await stage.petrova.get(f"/assignments/{assignment['id']}"))["time_line"]
    assert line[-1]["correction"] is True
    assert len([entry for entry in line if entry["step"] == "acknowledged"]) == 2


async def test_a_correction_is_a_new_entry_with_a_reason_and_keeps_the_order(stage: Stage) -> None:
    assignment = await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    found = await stage.crew12.worker.step(assignment, "on_scene")
    path = f"/assignments/{assignment['id']}/corrections"
    wanted = {
        "step": "acknowledged",
        "occurred_at": found["milestones"]["assigned_at"],
        "reason": "забыли нажать",
    }
    corrected = await stage.crew12.worker.post(path, wanted)
    assert corrected["milestones"]["acknowledged_at"] == found["milestones"]["assigned_at"]
    too_early = {**wanted, "occurred_at": "2020-01-01T00:00:00Z"}
    await stage.crew12.worker.refused(409, "step_out_of_order", "POST", path, json=too_early)
    missing = {**wanted, "step": "completed"}
    await stage.crew12.worker.refused(409, "step_missing", "POST", path, json=missing)


async def test_a_dispatcher_may_report_for_a_crew_whose_phone_is_silent(stage: Stage) -> None:
    assignment = await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    await stage.ivanova.step(assignment, "on_scene")
    line = (await stage.petrova.get(f"/assignments/{assignment['id']}"))["time_line"]
    assert (line[-1]["source"], line[-1]["actor_id"]) == ("dispatcher", stage.ivanova.id)


async def test_the_hospital_of_a_transport_is_written_down(stage: Stage) -> None:
    assignment = await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    found = await stage.crew12.worker.step(assignment, "transporting", hospital_id=stage.hospital_id)
    assert found["hospital_id"] == stage.hospital_id
    await stage.crew12.worker.refused(
        422, "invalid", "POST", f"/assignments/{assignment['id']}/steps",
        json={"step": "at_hospital", "hospital_id": 10**12},
    )  # fmt: skip


async def test_where_to_may_be_said_after_the_step_and_is_told_once(stage: Stage) -> None:
    worker = stage.crew12.worker
    assignment = await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    first = await worker.step(assignment, "transporting")
    assert first["hospital_id"] is None
    named = await worker.step(assignment, "transporting", hospital_id=stage.hospital_id)
    assert (named["hospital_id"], named["version"]) == (stage.hospital_id, first["version"] + 1)
    [event] = await stage.events("assignment.corrected")
    assert event["data"]["assignment"]["hospital_id"] == stage.hospital_id
    assert event["old"]["assignment"] == {
        "id": assignment["id"], "version": first["version"], "hospital_id": None,
    }  # fmt: skip
    assert await worker.step(assignment, "transporting", hospital_id=stage.hospital_id) == named
    assert await worker.step(assignment, "transporting") == named
    await worker.refused(
        422, "invalid", "POST", f"/assignments/{assignment['id']}/steps",
        json={"step": "transporting", "hospital_id": 10**12},
    )  # fmt: skip
    await worker.step(assignment, "completed")
    ended = await worker.step(assignment, "completed", outcome="hospital")
    assert (ended["hospital_id"], ended["outcome"]) == (stage.hospital_id, "hospital")
    assert len(await stage.events("assignment.corrected")) == 2


async def test_a_late_report_of_a_step_that_was_inferred_says_where_to_as_well(stage: Stage) -> None:
    assignment = await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    await stage.crew12.worker.step(assignment, "at_hospital")
    assigned = assignment["milestones"]["assigned_at"]
    precise = await stage.crew12.worker.step(
        assignment, "transporting", occurred_at=assigned, hospital_id=stage.hospital_id
    )
    assert precise["hospital_id"] == stage.hospital_id
    [event] = await stage.events("assignment.corrected")
    assert event["old"]["assignment"]["hospital_id"] is None
    assert set(event["old"]["assignment"]["milestones"]) == {"transporting_at"}


async def test_a_corrected_end_of_work_is_the_end_of_the_call_too(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    one = await stage.petrova.assign(call, stage.crew12)
    other = await stage.petrova.assign(call, stage.crew13, additional=True)
    first = await stage.crew12.worker.step(one, "completed")
    last = await stage.crew13.worker.step(other, "completed")

    async def end_at(assignment: dict[str, Any], moment: str) -> str:
        body = {"step": "completed", "occurred_at": moment, "reason": "забыли нажать"}
        await stage.petrova.post(f"/assignments/{assignment['id']}/corrections", body)
        return str((await stage.petrova.get(f"/calls/{call['id']}"))["closed_at"])

    sooner = last["milestones"]["on_scene_at"]
    assert await end_at(other, sooner) == max(sooner, first["ended_at"])
    [event] = await stage.events("assignment.corrected")
    assert event["data"]["call"]["closed_at"] == max(sooner, first["ended_at"])
    assert event["old"]["call"]["closed_at"] == last["ended_at"]
    early = first["milestones"]["on_scene_at"]
    assert await end_at(one, early) == max(sooner, early)


async def test_a_call_ends_when_its_work_ended_however_late_the_crew_could_say_so(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    assignment = await stage.petrova.assign(call, stage.crew12)
    done_at = assignment["milestones"]["assigned_at"]
    await stage.crew12.worker.step(assignment, "completed", occurred_at=done_at)
    assert (await stage.petrova.get(f"/calls/{call['id']}"))["closed_at"] == done_at


async def test_a_second_team_helps_only_when_that_is_said(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    await stage.petrova.assign(call, stage.crew12)
    body = {"team_id": stage.crew13.id}
    refusal = await stage.ivanova.refused(
        409, "call_has_team", "POST", f"/calls/{call['id']}/assignments", json=body
    )
    assert refusal["present"]["assignments"][0]["assigned_by"] == stage.petrova.id
    await stage.ivanova.assign(call, stage.crew13, additional=True)
    assert len((await stage.petrova.get(f"/calls/{call['id']}"))["assignments"]) == 2


async def test_a_call_is_done_when_the_last_of_its_teams_is(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    first = await stage.petrova.assign(call, stage.crew12)
    second = await stage.petrova.assign(call, stage.crew13, additional=True)
    await stage.crew12.worker.step(first, "completed")
    assert (await stage.petrova.get(f"/calls/{call['id']}"))["status"] == "accepted"
    await stage.crew13.worker.step(second, "completed")
    assert (await stage.petrova.get(f"/calls/{call['id']}"))["status"] == "completed"


@pytest.mark.parametrize("ending", ["decline", "trouble", "cancel"])
async def test_a_call_that_loses_its_last_team_waits_again_and_its_clock_goes_on(
    stage: Stage, ending: str
) -> None:
    call = await stage.petrova.take_in()
    assignment = await stage.petrova.assign(call, stage.crew12)
    who = stage.petrova if ending == "cancel" else stage.crew12.worker
    body = (
        {"kind": "human_factor", "comment": "врач заболел"}
        if ending == "trouble"
        else {"comment": "не можем"}
    )
    ended = await who.post(f"/assignments/{assignment['id']}/{ending}", body)
    words = {"decline": "declined", "trouble": "troubled", "cancel": "cancelled"}
    assert ended["status"] == words[ending]
    assert ended["end_comment"]
    waiting = await stage.petrova.get(f"/calls/{call['id']}")
    assert (waiting["status"], waiting["received_at"]) == ("new", call["received_at"])
    assert (await stage.petrova.get(f"/teams/{stage.crew12.id}"))["free"] is True
    await stage.petrova.assign(call, stage.crew13)


@pytest.mark.parametrize("ending", ["decline", "trouble", "cancel"])
async def test_a_call_with_another_team_does_not_wait_again(stage: Stage, ending: str) -> None:
    call = await stage.petrova.take_in()
    assignment = await stage.petrova.assign(call, stage.crew12)
    await stage.petrova.assign(call, stage.crew13, additional=True)
    who = stage.petrova if ending == "cancel" else stage.crew12.worker
    body = {"kind": "external_factor"} if ending == "trouble" else {}
    await who.post(f"/assignments/{assignment['id']}/{ending}", body)
    assert (await stage.petrova.get(f"/calls/{call['id']}"))["status"] == "accepted"


async def test_a_crew_with_the_patient_can_not_decline_any_more(stage: Stage) -> None:
    assignment = await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    await stage.crew12.worker.step(assignment, "on_scene")
    refusal = await stage.crew12.worker.refused(
        409, "patient_reached", "POST", f"/assignments/{assignment['id']}/decline"
    )
    assert refusal["present"]["status"] == "on_scene"


async def test_an_ended_assignment_takes_no_more_steps(stage: Stage) -> None:
    assignment = await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    await stage.petrova.post(f"/assignments/{assignment['id']}/cancel")
    for path, body in (
        ("steps", {"step": "en_route"}),
        ("decline", {}),
        ("trouble", {"kind": "human_factor"}),
    ):
        refusal = await stage.crew12.worker.refused(
            409, "assignment_ended", "POST", f"/assignments/{assignment['id']}/{path}", json=body
        )
        assert refusal["present"]["status"] == "cancelled"


async def test_a_broken_car_goes_out_of_service_and_its_team_can_not_be_sent(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    assignment = await stage.petrova.assign(call, stage.crew12)
    await stage.crew12.worker.post(
        f"/assignments/{assignment['id']}/trouble", {"kind": "car_broken", "comment": "прокол"}
    )
    assert (await stage.petrova.get(f"/cars/{stage.crew12.car_id}"))["serviceability"] == "broken"
    assert [one["kind"] for one in (await stage.admin.get("/notifications"))["items"]] == ["trouble"]
    team = await stage.petrova.get(f"/teams/{stage.crew12.id}")
    assert (team["free"], team["car"]["serviceable"]) == (False, False)
    await stage.petrova.refused(
        409,
        "car_unserviceable",
        "POST",
        f"/calls/{call['id']}/assignments",
        json={"team_id": stage.crew12.id},
    )
    assert stage.crew12.id not in {
        one["id"] for one in (await stage.petrova.get("/teams", free=True))["items"]
    }
    assert stage.crew12.id in {one["id"] for one in (await stage.petrova.get("/teams", free=False))["items"]}
    await stage.admin.patch(f"/cars/{stage.crew12.car_id}", {"serviceable": True})
    await stage.petrova.assign(call, stage.crew12)


async def test_a_dispatcher_completes_a_call_and_its_assignments_end_with_it(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    there = await stage.petrova.assign(call, stage.crew12)
    on_the_way = await stage.petrova.assign(call, stage.crew13, additional=True)
    await stage.crew12.worker.step(there, "on_scene")
    done = await stage.petrova.post(f"/calls/{call['id']}/complete", {"comment": "помощь оказана"})
    assert done["status"] == "completed"
    ends = {one["id"]: one["status"] for one in done["assignments"]}
    assert ends == {there["id"]: "completed", on_the_way["id"]: "cancelled"}
    for crew in stage.crews:
        assert (await stage.petrova.get(f"/teams/{crew.id}"))["free"] is True
    refusal = await stage.petrova.refused(409, "call_closed", "POST", f"/calls/{call['id']}/complete")
    assert refusal["present"]["status"] == "completed"


async def test_a_call_that_nobody_went_to_can_only_be_rejected(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    await stage.petrova.refused(409, "call_not_accepted", "POST", f"/calls/{call['id']}/complete")
    rejected = await stage.petrova.post(f"/calls/{call['id']}/reject", {"reason": "refused"})
    assert (rejected["status"], rejected["reject_reason"]) == ("rejected", "refused")


async def test_rejecting_a_call_calls_its_teams_back(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    other = await stage.petrova.take_in()
    await stage.petrova.assign(call, stage.crew12)
    path = f"/calls/{call['id']}/reject"
    await stage.petrova.refused(422, "invalid", "POST", path, json={"reason": "other"})
    await stage.petrova.refused(
        422, "invalid", "POST", path, json={"reason": "duplicate", "duplicate_of": call["id"]}
    )
    done = await stage.petrova.post(path, {"reason": "duplicate", "duplicate_of": other["id"]})
    assert (done["duplicate_of"], done["assignments"][0]["status"]) == (other["id"], "cancelled")
    assert (await stage.petrova.get(f"/teams/{stage.crew12.id}"))["free"] is True


async def test_a_closed_call_changes_no_more(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    await stage.petrova.post(f"/calls/{call['id']}/reject", {"reason": "false"})
    path = f"/calls/{call['id']}"
    await stage.petrova.refused(409, "call_closed", "PATCH", path, json={"comment": "всё же едем"})
    await stage.petrova.refused(
        409, "call_closed", "POST", f"{path}/assignments", json={"team_id": stage.crew12.id}
    )
    await stage.petrova.refused(409, "call_closed", "POST", f"{path}/reject", json={"reason": "false"})


async def test_a_call_may_be_received_up_to_a_day_ago_and_never_in_the_future(stage: Stage) -> None:
    now = stage.state.clock.now()
    paper = await stage.petrova.take_in(received_at=(now - timedelta(hours=3)).isoformat())
    assert paper["received_at"] < paper["created_at"]
    for wrong in (now + timedelta(hours=1), now - timedelta(hours=25)):
        body = {"reason": "chest_pain", "address": "x", "received_at": wrong.isoformat()}
        await stage.petrova.refused(422, "invalid", "POST", "/calls", json=body)


async def test_what_is_known_of_a_call_grows_and_its_crew_is_told(stage: Stage) -> None:
    call = await stage.petrova.take_in(patient={"surname": "Ильин"})
    await stage.petrova.assign(call, stage.crew12)
    changed = await stage.petrova.patch(
        f"/calls/{call['id']}",
        {"patient": {"age": 63}, "address_details": {"floor": "5"}, "comment": "собака"},
    )
    assert (changed["patient"]["surname"], changed["patient"]["age"]) == ("Ильин", 63)
    assert changed["address_details"]["floor"] == "5"
    event = (await stage.events("call.updated"))[-1]
    assert event["team_ids"] == [stage.crew12.id]
    assert set(event["data"]["call"]) == {"id", "patient", "address_details", "comment", "version"}
    assert event["old"]["call"]["comment"] == ""
    seq = await stage.last_seq()
    await stage.petrova.patch(f"/calls/{call['id']}", {"comment": "собака"})
    assert await stage.last_seq() == seq, "nothing changed, nothing told"


async def test_filters_narrow_the_board_too_and_keep_its_order(stage: Stage) -> None:
    common = await stage.petrova.take_in(reason="сыпь", criticality="common", address="ул. Садовая, 1")
    critical = await stage.petrova.take_in(criticality="critical", address="ул. Садовая, 2")
    taken = await stage.petrova.take_in(criticality="critical", address="пр. Мира, 3")
    await stage.petrova.assign(taken, stage.crew12)

    async def board(**filters: Any) -> list[int]:
        found = await stage.petrova.get("/calls", view="actual", **filters)
        assert found["next_cursor"] is None
        return [call["id"] for call in found["items"]]

    assert await board() == [critical["id"], taken["id"], common["id"]]
    assert await board(limit=1) == [critical["id"], taken["id"], common["id"]]
    assert await board(criticality="critical") == [critical["id"], taken["id"]]
    assert await board(status="accepted") == [taken["id"]]
    assert await board(q="Садовая") == [critical["id"], common["id"]]
    assert await board(team_id=stage.crew12.id) == [taken["id"]]
    assert await board(status="completed") == []


async def test_a_profile_that_is_needed_no_more_is_taken_away_by_null(stage: Stage) -> None:
    call = await stage.petrova.take_in(required_profile="psychiatric")
    same = await stage.petrova.patch(f"/calls/{call['id']}", {"comment": "спокоен"})
    assert same["required_profile"] == "psychiatric"
    freed = await stage.petrova.patch(f"/calls/{call['id']}", {"required_profile": None})
    assert freed["required_profile"] is None


async def test_a_team_goes_to_one_call_at_a_time_and_only_when_it_can(stage: Stage) -> None:
    first, second = await stage.petrova.take_in(), await stage.petrova.take_in()
    await stage.petrova.assign(first, stage.crew12)
    path, body = f"/calls/{second['id']}/assignments", {"team_id": stage.crew12.id}
    refusal = await stage.petrova.refused(409, "team_busy", "POST", path, json=body)
    assert refusal["present"]["call_id"] == first["id"]
    body = {"team_id": stage.crew13.id}
    await stage.crew13.worker.post(f"/teams/{stage.crew13.id}/break")
    await stage.petrova.refused(409, "team_on_break", "POST", path, json=body)
    await stage.crew13.worker.post(f"/teams/{stage.crew13.id}/resume")
    await stage.sql(
        "UPDATE teams SET shift_end = now() - interval '1 minute' WHERE id = :id", id=stage.crew13.id
    )
    await stage.petrova.refused(409, "team_not_on_shift", "POST", path, json=body)
    await stage.petrova.refused(404, "not_found", "POST", path, json={"team_id": 10**9})


async def test_a_call_that_one_team_has_served_is_completed_when_the_other_is_lost(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    served = await stage.petrova.assign(call, stage.crew12)
    on_the_way = await stage.petrova.assign(call, stage.crew13, additional=True)
    await stage.crew12.worker.step(served, "completed")
    assert (await stage.petrova.get(f"/calls/{call['id']}"))["status"] == "accepted"
    await stage.crew13.worker.post(f"/assignments/{on_the_way['id']}/decline")
    closed = await stage.petrova.get(f"/calls/{call['id']}")
    assert closed["status"] == "completed"
    assert closed["closed_at"] is not None


async def test_another_address_takes_the_old_point_with_it_and_another_spelling_does_not(
    stage: Stage,
) -> None:
    call = await stage.petrova.take_in(address="улица Лётная, 5", location={"lat": 58.9, "lon": 33.9})
    same = await stage.petrova.patch(f"/calls/{call['id']}", {"address": "улица  летная, 5"})
    assert same["location"] == {"lat": 58.9, "lon": 33.9}
    moved = await stage.petrova.patch(f"/calls/{call['id']}", {"address": "улица Лётная, 50"})
    assert moved["location"] is None
