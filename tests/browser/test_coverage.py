"""Coverage: one number, the barest places, a layer to switch on, what is left if a team is sent, where to wait."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from browser.crews import send
from browser.service import Client, Town
from browser.windows import Open

PLACE = {"lat": 59.9263, "lon": 30.3352}
FAR = {"lat": 59.70, "lon": 30.10}


def some_demand(town: Town) -> None:
    """Calls near and far: coverage weighs places by the calls that they had."""
    with Client(town.service, "ivanova") as dispatcher:
        for place in (PLACE, FAR):
            call = town.call(dispatcher, location=place)
            dispatcher.post(f"/calls/{call['id']}/reject", {"reason": "false"})


@pytest.mark.long
def test_the_desk_shows_the_coverage_the_barest_places_and_a_layer_of_the_map(
    town: Town, window: Open
) -> None:
    some_demand(town)
    page = window("ivanova", map_drawn=True)
    panel = page.locator("section.coverage")
    expect(panel.locator(".coverage-share")).to_have_text(re.compile(r"^(≈ )?\d+(,\d)?\s?%$"))
    panel.get_by_label("Считать успевшими").select_option("480")
    barest = panel.get_by_role("list", name="Хуже всего прикрыты")
    expect(barest.get_by_role("listitem").first).to_contain_text("вызовов часа без бригады")
    board = page.locator("br-map")
    expect(board).to_have_attribute("data-zones", "0")
    page.keyboard.press("c")
    expect(board).to_have_attribute("data-zones", re.compile("[1-9]"))
    page.get_by_role("button", name="Покрытие", exact=True).click()
    expect(board).to_have_attribute("data-zones", "0")


def test_the_advice_tells_what_is_left_if_this_team_is_sent(town: Town, window: Open) -> None:
    some_demand(town)
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, location=PLACE)
    page = window("ivanova")
    page.locator(".waiting-list .call-row").click()
    expect(page.locator(".candidate-left").first).to_have_text(
        re.compile(r"останется покрытие \d+,\d\s?% \(−\d+,\d\s?%\)|покрытие не изменится")
    )


def test_a_team_that_is_freed_is_shown_with_the_post_where_it_would_cover_most(
    town: Town, window: Open
) -> None:
    some_demand(town)
    assignment = send(town)
    page = window("ivanova")
    expect(page.locator(".in-work .call-row")).to_have_count(1)
    with Client(town.service, town.logins_of["13"]) as crew:
        for step in ("on_scene", "completed"):
            crew.post(f"/assignments/{assignment['id']}/steps", {"step": step})
    row = page.locator(".freed-row")
    expect(row).to_contain_text("Бр. 13")
    expect(row).to_contain_text(re.compile(r"Подстанция № \d: \d+:\d\d езды, покрытие \+\d"))
    row.get_by_role("button", name="Бр. 13", exact=True).click()
    page.get_by_role("button", name="Где ждать").click()
    expect(page.locator(".posts li")).to_have_count(3)
