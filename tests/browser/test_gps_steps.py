"""Steps that the positions tell of: one key or one click makes them the crew's, nothing happens by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import expect

from browser.crews import milestones, send
from browser.service import Client, Town, database
from browser.windows import Open, on_line


def tell(town: Town, assignment: dict[str, Any], step: str = "on_scene") -> None:
    """What the service's follower notes when a car has stood at the address for a while."""
    database(
        town.service,
        "INSERT INTO gps_steps (assignment_id, step, at, noticed_at, distance_m) VALUES ($1, $2, $3, $3, 20)",
        assignment["id"], step, datetime.now(UTC) - timedelta(seconds=1),
    )  # fmt: skip
    with Client(town.service, "ivanova") as dispatcher:
        # An event makes the next picture a new one.
        town.call(dispatcher, address="Рядом, 1", location={"lat": 59.95, "lon": 30.31})


def on_the_way(town: Town) -> dict[str, Any]:
    assignment = send(town)
    with Client(town.service, town.logins_of["13"]) as crew:
        crew.post(f"/assignments/{assignment['id']}/steps", {"step": "en_route"})
    return assignment


def test_one_key_confirms_the_arrival_that_the_positions_tell_of(town: Town, window: Open) -> None:
    assignment = on_the_way(town)
    tell(town, assignment)
    page = on_line(window("ivanova"))
    page.locator(".in-work .call-row").click()
    told = page.locator(".card .told")
    expect(told).to_contain_text("По GPS: На месте")
    assert milestones(town, assignment)[-1] == "en_route"
    page.keyboard.press("g")
    expect(page.locator(".foot-toast")).to_contain_text("Бр. 13: отмечено «На месте».")
    expect(told).to_have_count(0)
    assert milestones(town, assignment)[-1] == "on_scene"


def test_without_an_open_card_the_list_names_the_team_and_a_click_confirms(town: Town, window: Open) -> None:
    assignment = on_the_way(town)
    tell(town, assignment)
    page = window("ivanova")
    row = page.locator(".steps-told .told")
    expect(row).to_contain_text("Бр. 13")
    row.get_by_role("button", name="Подтвердить: Бр. 13, На месте").click()
    page.mouse.move(5, 5)  # while somebody points at the list no row leaves it
    expect(row).to_have_count(0)
    assert milestones(town, assignment)[-1] == "on_scene"


def test_a_step_told_by_radio_is_marked_for_the_crew_in_two_clicks(town: Town, window: Open) -> None:
    assignment = send(town)
    page = window("ivanova")
    page.locator(".in-work .call-row").click()
    page.get_by_role("button", name="Отметить за бригаду…").click()
    question = page.locator(".confirm")
    expect(question).to_contain_text("Бр. 13: какую отметку поставить?")
    expect(question.get_by_role("button").first).to_have_text("Оставить как есть")
    question.get_by_role("button", name="В пути").click()
    expect(page.locator(".assignment-head")).to_contain_text("В пути")
    assert milestones(town, assignment)[-1] == "en_route"
