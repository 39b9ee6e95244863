"""The log tells what was before and what is now: an entry that changes something holds the old values too."""

from typing import Any

import pytest

from stage import Stage

pytestmark = pytest.mark.anyio

NOTHING_BEFORE = frozenset(
    {
        "call.created", "team.created", "car.created", "station.created", "hospital.created", "reason.created",
        "user.created", "token.created", "norm.created",
        "session.started", "session.ended", "user.password_changed",  # what was before is the account, unchanged
        "notification.created", "notification.read", "notification.deleted",  # one person's marks
    }
)  # fmt: skip
"""Kinds that begin something, or tell of no entity's fields."""


async def play(stage: Stage) -> None:
    """Let everything happen once."""
    admin, petrova, worker = stage.admin, stage.petrova, stage.crew12.worker
    first, second, third, fourth = [await petrova.take_in() for _ in range(4)]
    assignment = await petrova.assign(first, stage.crew12)
    await petrova.patch(f"/calls/{first['id']}", {"comment": "собака", "patient": {"age": 40}})
    await worker.step(assignment, "on_scene")
    await worker.post(
        f"/assignments/{assignment['id']}/corrections",
        {
            "step": "acknowledged",
            "occurred_at": assignment["milestones"]["assigned_at"],
            "reason": "часы",
        },
    )
    await worker.step(assignment, "completed")
    declined = await petrova.assign(second, stage.crew12)
    await worker.post(f"/assignments/{declined['id']}/decline", {"reason": "далеко"})
    cancelled = await petrova.assign(second, stage.crew12)
    await petrova.post(f"/assignments/{cancelled['id']}/cancel")
    await petrova.post(f"/calls/{second['id']}/reject", {"reason": "false"})
    await petrova.assign(third, stage.crew12)
    await petrova.post(f"/calls/{third['id']}/complete")
    await petrova.post(f"/teams/{stage.crew13.id}/break")
    await petrova.post(f"/teams/{stage.crew13.id}/resume")
    troubled = await petrova.assign(fourth, stage.crew12)
    await worker.post(f"/assignments/{troubled['id']}/trouble", {"kind": "car_broken"})
    await admin.patch(f"/teams/{stage.crew13.id}", {"name": "113"})
    await admin.delete(f"/teams/{stage.crew13.id}")
    await admin.patch(f"/cars/{stage.spare_car_id}", {"model": "Форд"})
    await admin.delete(f"/cars/{stage.spare_car_id}")
    await admin.patch(f"/hospitals/{stage.hospital_id}", {"accepting": False})
    await admin.delete(f"/hospitals/{stage.hospital_id}")
    await admin.patch("/reasons/chest_pain", {"title_en": "Pain in the chest"})
    reason = {"code": "sunburn", "title_ru": "Ожог солнцем", "title_en": "Sunburn", "criticality": "common"}
    await admin.post("/reasons", reason)
    await admin.delete("/reasons/sunburn")
    person = stage.free_workers[0]
    await admin.patch(f"/users/{person.id}", {"phone": "+7 900"})
    await admin.delete(f"/users/{person.id}")
    key = await admin.post("/tokens", {"name": "112", "scopes": ["calls:create"]})
    await admin.delete(f"/tokens/{key['id']}")


def untold(event: dict[str, Any]) -> list[str]:
    """Return the entities whose state this entry changes without telling what it was."""
    if event["kind"] == "assignment.created":
        return [] if {"call"} <= set(event["old"]) else ["call"]
    derived = (
        {"team"} if not event["kind"].startswith("team.") else set()
    )  # free or busy: follows from the rest
    return sorted(set(event["data"]) - set(event["old"]) - derived)


async def test_an_entry_that_changes_something_tells_what_was_before(stage: Stage) -> None:
    await play(stage)
    events = await stage.events()
    kinds = {event["kind"] for event in events} - NOTHING_BEFORE
    assert len(kinds) > 20, "the play has happened"
    followed = [event for event in events if event["kind"] == "team.updated" and not event["old"]]
    causes = {event["cause"]: event for event in events if event["kind"].startswith(("car.", "user."))}
    assert all(event["cause"] in causes for event in followed), "a team that follows its car or its people"
    told = [event for event in events if event["kind"] not in NOTHING_BEFORE and event not in followed]
    assert {event["kind"]: found for event in told if (found := untold(event))} == {}


async def test_a_closed_call_tells_its_state_of_before(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    await stage.petrova.assign(call, stage.crew12)
    await stage.petrova.post(f"/calls/{call['id']}/complete")
    [event] = await stage.events("call.completed")
    assert (event["old"]["call"]["status"], event["data"]["call"]["status"]) == ("accepted", "completed")
    assert (event["actor_kind"], event["actor_id"]) == ("user", stage.petrova.id)
    assert event["cause"]
