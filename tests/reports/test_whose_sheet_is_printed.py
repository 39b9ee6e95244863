"""The accompanying sheet goes with the patient: it is of the team that took them, not of the first to arrive."""

from datetime import UTC, datetime, timedelta
from typing import Any

from brigada.reports.papers import chosen

AT = datetime(2026, 11, 1, tzinfo=UTC)


def sent(number: int, **minutes: int) -> dict[str, Any]:
    steps = ("on_scene", "transporting", "at_hospital")
    moments = {
        f"{step}_at": AT + timedelta(minutes=minutes[step]) if step in minutes else None for step in steps
    }
    return {"id": number, "milestones": moments}


def number_of(found: dict[str, Any] | None) -> int | None:
    return None if found is None else int(found["id"])


def test_the_sheet_is_of_who_took_the_patient_and_the_card_of_who_came_first() -> None:
    first, second = sent(1, on_scene=5), sent(2, on_scene=9, transporting=20, at_hospital=40)
    assert number_of(chosen([first, second], None, carrier=True)) == 2
    assert number_of(chosen([first, second], None, carrier=False)) == 1
    assert number_of(chosen([first, second], 1, carrier=True)) == 1
    assert number_of(chosen([first], None, carrier=True)) == 1
    assert chosen([], None, carrier=True) is None
