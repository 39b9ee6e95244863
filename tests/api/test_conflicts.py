"""A command made from an outdated picture is refused with the present one; the same command twice has one effect."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.calls import repository
from stage import Stage

pytestmark = pytest.mark.anyio


async def test_an_outdated_version_gets_the_present_state(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    await stage.petrova.patch(
        f"/calls/{call['id']}", {"comment": "второй подъезд", "version": call["version"]}
    )
    for method, path, body in (
        ("PATCH", f"/calls/{call['id']}", {"comment": "третий подъезд"}),
        ("POST", f"/calls/{call['id']}/assignments", {"team_id": stage.crew12.id}),
        ("POST", f"/calls/{call['id']}/reject", {"reason": "false"}),
        ("POST", f"/calls/{call['id']}/complete", {}),
    ):
        refusal = await stage.ivanova.refused(
            409, "outdated", method, path, json={**body, "version": call["version"]}
        )
        assert refusal["present"]["comment"] == "второй подъезд"
        assert refusal["present"]["version"] > call["version"]


async def test_versions_guard_assignments_teams_cars_places_and_accounts_too(stage: Stage) -> None:
    assignment = await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    await stage.crew12.worker.step(assignment, "acknowledged", version=1)
    path = f"/assignments/{assignment['id']}/steps"
    refusal = await stage.crew12.worker.refused(
        409, "outdated", "POST", path, json={"step": "en_route", "version": 1}
    )
    assert refusal["present"]["status"] == "acknowledged"
    for path, body in (
        (f"/teams/{stage.crew13.id}", {"profile": "physician"}),
        (f"/cars/{stage.spare_car_id}", {"model": "Форд"}),
        (f"/stations/{stage.station_id}", {"phone": "112"}),
        (f"/hospitals/{stage.hospital_id}", {"accepting": False}),
        (f"/users/{stage.ivanova.id}", {"phone": "103"}),
    ):
        changed = await stage.admin.patch(path, {**body, "version": 1})
        assert changed["version"] == 2
        refusal = await stage.admin.refused(409, "outdated", "PATCH", path, json={**body, "version": 1})
        assert refusal["present"]["version"] == 2


async def test_who_loses_the_race_for_an_outside_number_is_shown_the_call_that_has_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both found the number free; the unique index decides, and the loser's refusal names the winner's call."""
    true = repository.by_external_id
    first: list[dict[str, Any]] = []

    async def be_too_late(session: AsyncSession, external_id: str) -> Any:
        found = await true(session, external_id)
        monkeypatch.undo()
        first.append(await stage.ivanova.take_in(external_id="112-78"))
        return found

    monkeypatch.setattr(repository, "by_external_id", be_too_late)
    body = {"reason": "chest_pain", "address": "ул. Мира, 3", "external_id": "112-78"}
    for key in ("a", "a", "b"):
        refusal = await stage.petrova.refused(
            409, "external_id_taken", "POST", "/calls", json=body, headers={"Idempotency-Key": key}
        )
        assert refusal["present"]["id"] == first[0]["id"]


async def test_without_a_version_the_state_alone_decides(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    for word in ("один", "два"):
        await stage.petrova.patch(f"/calls/{call['id']}", {"comment": word})


async def test_a_post_repeated_with_its_key_gets_the_first_answer_and_does_nothing(stage: Stage) -> None:
    how = {
        "headers": {"Idempotency-Key": "tap-1"},
        "json": {"reason": "chest_pain", "address": "ул. Мира, 3"},
    }
    first = await stage.petrova.send("POST", "/calls", **how)
    again = await stage.petrova.send("POST", "/calls", **how)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert len(await stage.events("call.created")) == 1


async def test_a_key_belongs_to_one_request_of_one_account(stage: Stage) -> None:
    headers = {"Idempotency-Key": "k"}
    body = {"reason": "chest_pain", "address": "ул. Мира, 3"}
    await stage.petrova.post("/calls", body, headers=headers)
    other = {**body, "address": "ул. Мира, 4"}
    await stage.petrova.refused(409, "idempotency_key_reused", "POST", "/calls", json=other, headers=headers)
    await stage.ivanova.post("/calls", other, headers=headers)
    assert len(await stage.events("call.created")) == 2


async def test_a_refusal_about_the_world_is_remembered_too(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    how = {"headers": {"Idempotency-Key": "k"}}
    path = f"/calls/{call['id']}/complete"
    first = await stage.petrova.refused(409, "call_not_accepted", "POST", path, **how)
    await stage.petrova.assign(call, stage.crew12)
    assert await stage.petrova.refused(409, "call_not_accepted", "POST", path, **how) == first
    await stage.petrova.post(path, headers={"Idempotency-Key": "another"})


async def test_a_refusal_by_the_database_is_remembered_too(stage: Stage) -> None:
    """The plate is taken: found by the unique index, in the middle of the transaction that claimed the key."""
    how = {
        "headers": {"Idempotency-Key": "k"},
        "json": {"number": "А112ВС178", "class": "B", "model": "ГАЗель"},
    }
    await stage.admin.refused(409, "plate_taken", "POST", "/cars", **how)
    await stage.admin.patch(f"/cars/{stage.crew12.car_id}", {"number": "А999ВС178"})
    await stage.admin.refused(409, "plate_taken", "POST", "/cars", **how)


async def test_malformed_input_uses_up_no_key(stage: Stage) -> None:
    headers = {"Idempotency-Key": "k"}
    await stage.petrova.refused(422, "invalid", "POST", "/calls", json={"address": "x"}, headers=headers)
    await stage.petrova.post("/calls", {"reason": "chest_pain", "address": "x"}, headers=headers)


async def test_a_key_is_remembered_for_a_day(stage: Stage) -> None:
    headers = {"Idempotency-Key": "k"}
    body = {"reason": "chest_pain", "address": "ул. Мира, 3"}
    first = await stage.petrova.post("/calls", body, headers=headers)
    await stage.sql("UPDATE idempotency_keys SET created_at = created_at - interval '23 hours 59 minutes'")
    assert await stage.petrova.post("/calls", body, headers=headers) == first
    await stage.sql("UPDATE idempotency_keys SET created_at = created_at - interval '2 minutes'")
    assert (await stage.petrova.post("/calls", body, headers=headers))["id"] != first["id"]


@pytest.mark.parametrize("key", ["", "x" * 201])
async def test_a_key_has_a_sensible_length(stage: Stage, key: str) -> None:
    await stage.petrova.refused(
        422,
        "invalid",
        "POST",
        "/calls",
        json={"reason": "chest_pain", "address": "x"},
        headers={"Idempotency-Key": key},
    )


async def test_the_secret_of_a_new_key_is_kept_nowhere(stage: Stage) -> None:
    body = {"name": "112", "scopes": ["calls:create"]}
    made = await stage.admin.post("/tokens", body, headers={"Idempotency-Key": "k"})
    kept = await stage.sql("SELECT body FROM idempotency_keys")
    assert all(made["token"].encode() not in (row["body"] or b"") for row in kept)
    assert made["token"] not in str(await stage.events())
    again = await stage.admin.post("/tokens", body, headers={"Idempotency-Key": "k"})
    assert (again["id"], again["token"]) == (made["id"], "")


async def test_a_key_of_the_other_system_is_taken_once_and_says_which_call_it_was(stage: Stage) -> None:
    system = await stage.outside_system("calls:create")
    body = {"reason": "chest_pain", "address": "ул. Мира, 3", "external_id": "112-77"}
    call = await system.post("/calls", body)
    refusal = await system.refused(409, "external_id_taken", "POST", "/calls", json=body)
    assert refusal["present"] == {"id": call["id"], "number": call["number"], "status": "new"}


async def test_a_crews_clock_that_is_ahead_is_not_believed(stage: Stage) -> None:
    assignment = await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    ahead = stage.state.clock.now() + timedelta(hours=5)
    found = await stage.crew12.worker.step(assignment, "en_route", occurred_at=ahead.isoformat())
    assert found["milestones"]["en_route_at"] < ahead.isoformat()
    line = (await stage.petrova.get(f"/assignments/{assignment['id']}"))["time_line"]
    assert line[-1]["device_at"] is not None, "what the device said is kept beside"
