"""The past as it was known then: what a dispatcher or an administrator replays."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from brigada.replay.service import FINEST, MOST_FIXES, step_for
from stage import Stage

pytestmark = pytest.mark.anyio


async def past(stage: Stage, minutes: float = 30) -> dict[str, Any]:
    """The last minutes, as a dispatcher asks for them."""
    since = datetime.now(UTC) - timedelta(minutes=minutes)
    found: dict[str, Any] = await stage.petrova.get("/replay", **{"from": since.isoformat()})
    return found


async def test_a_call_that_was_changed_can_be_led_back_to_what_it_was(stage: Stage) -> None:
    call = await stage.petrova.take_in(criticality="common", address="ул. Ленина, 12")
    await stage.petrova.patch(f"/calls/{call['id']}", {"criticality": "critical", "address": "ул. Мира, 3"})
    found = await past(stage)
    shown = next(item for item in found["calls"] if item["id"] == call["id"])
    assert (shown["criticality"], shown["address"]) == ("critical", "ул. Мира, 3")
    change = next(entry for entry in found["events"] if entry["kind"] == "call.updated")
    assert change["old"]["call"]["criticality"] == "common"
    assert change["old"]["call"]["address"] == "ул. Ленина, 12"


async def test_a_change_after_the_stretch_is_told_too_since_it_names_the_values_before(stage: Stage) -> None:
    call = await stage.petrova.take_in(
        criticality="common", received_at=(datetime.now(UTC) - timedelta(minutes=50)).isoformat()
    )
    await stage.petrova.patch(f"/calls/{call['id']}", {"criticality": "critical"})
    now = datetime.now(UTC)
    found = await stage.petrova.get(
        "/replay",
        **{
            "from": (now - timedelta(minutes=40)).isoformat(),
            "to": (now - timedelta(minutes=20)).isoformat(),
        },
    )
    assert [item["id"] for item in found["calls"]] == [call["id"]]
    assert [entry["kind"] for entry in found["events"]] == ["call.updated"]


async def test_a_closed_call_is_part_of_the_time_in_which_it_was_open(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    await stage.petrova.post(f"/calls/{call['id']}/reject", {"reason": "false"})
    assert [item["id"] for item in (await past(stage))["calls"]] == [call["id"]]
    now = datetime.now(UTC)
    earlier = await stage.petrova.get(
        "/replay",
        **{"from": (now - timedelta(hours=3)).isoformat(), "to": (now - timedelta(hours=2)).isoformat()},
    )
    assert earlier["calls"] == []


async def test_the_past_names_no_patient_and_no_caller(stage: Stage) -> None:
    call = await stage.petrova.take_in(
        caller_phone="+7 900 555-55-55", comment="тайна", patient={"surname": "Сидоров", "age": 40}
    )
    await stage.petrova.patch(
        f"/calls/{call['id']}", {"patient": {"surname": "Кузьмин"}, "comment": "ещё тайна"}
    )
    since = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    answer = await stage.petrova.send("GET", "/replay", params={"from": since})
    assert answer.status_code == 200
    for secret in ("Сидоров", "Кузьмин", "+7", "555-55", "5555555", "тайна"):
        assert secret not in answer.text


async def test_a_stretch_is_at_most_two_hours_and_not_ahead(stage: Stage) -> None:
    now = datetime.now(UTC)
    for start, end in ((now - timedelta(hours=3), now), (now + timedelta(hours=1), now + timedelta(hours=2))):
        await stage.petrova.refused(
            422, "invalid", "GET", "/replay", params={"from": start.isoformat(), "to": end.isoformat()}
        )


async def test_fixes_lie_farther_apart_the_more_cars_there_are() -> None:
    hour = timedelta(hours=1)
    assert step_for(40, hour) == FINEST
    assert step_for(2000, hour) * MOST_FIXES >= hour * 2000
