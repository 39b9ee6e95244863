"""Whoever must explain what happened reads it in the journal."""

from datetime import UTC, datetime, timedelta

import pytest

from stage import Stage

pytestmark = pytest.mark.anyio


async def test_the_journal_shows_the_newest_first_in_pages(stage: Stage) -> None:
    for _ in range(3):
        await stage.petrova.take_in()
    first = await stage.admin.get("/events", limit=2, kind="call")
    assert [item["kind"] for item in first["items"]] == ["call.created"] * 2
    assert first["items"][0]["seq"] > first["items"][1]["seq"]
    rest = await stage.admin.get("/events", limit=2, kind="call", cursor=first["next_cursor"])
    assert len(rest["items"]) == 1
    assert rest["next_cursor"] is None


async def test_a_time_and_a_call_narrow_the_journal(stage: Stage) -> None:
    one, other = await stage.petrova.take_in(), await stage.petrova.take_in()
    found = await stage.admin.get("/events", call_id=one["id"])
    assert {item["call_id"] for item in found["items"]} == {one["id"]}
    now = datetime.now(UTC)
    recent = await stage.admin.get(
        "/events", kind="call.created", **{"from": (now - timedelta(hours=1)).isoformat()}
    )
    assert {item["call_id"] for item in recent["items"]} == {one["id"], other["id"]}
    before = await stage.admin.get("/events", to=(now - timedelta(days=1)).isoformat())
    assert before["items"] == []


async def test_a_dispatcher_sees_what_dispatchers_are_told_and_nothing_of_accounts(stage: Stage) -> None:
    await stage.petrova.take_in()
    token = await stage.admin.post("/tokens", {"name": "112", "scopes": ["calls:create"]})
    assert token["token"]
    assert any(item["kind"] == "token.created" for item in (await stage.admin.get("/events"))["items"])
    kinds = {item["kind"] for item in (await stage.petrova.get("/events", limit=500))["items"]}
    assert "call.created" in kinds
    assert not any(kind.startswith(("session.", "user.", "token.")) for kind in kinds)


async def test_what_people_did_is_told_apart_from_what_the_service_did_by_itself(stage: Stage) -> None:
    await stage.petrova.take_in()
    people = (await stage.admin.get("/events", actor="people", limit=500))["items"]
    system = (await stage.admin.get("/events", actor="system", limit=500))["items"]
    assert "call.created" in {item["kind"] for item in people}
    assert "system" not in {item["actor"]["kind"] for item in people}
    assert {item["actor"]["kind"] for item in system} == {"system"}
