"""The past: the board and the map at any second, marks of what happened, play and speed; and the wall."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from browser.crews import send
from browser.service import Client, Town
from browser.windows import Open


def go_to(page: Page, second: float) -> None:
    page.get_by_role("slider", name="Момент").fill(str(int(second)))


def test_the_board_shows_what_was_open_and_how_it_was_known_at_that_second(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        call = town.call(
            dispatcher,
            criticality="common",
            minutes=20,
            address="Старая, 1",
            location={"lat": 59.93, "lon": 30.33},
        )
        dispatcher.send("PATCH", f"/calls/{call['id']}", {"criticality": "critical", "address": "Новая, 2"})
    page = window("ivanova", "/console/replay")
    expect(page.get_by_text(re.compile(r"вызовов \d+, бригад \d+"))).to_be_visible()
    row = (
        page.get_by_role("list", name="Открытые вызовы")
        .get_by_role("listitem")
        .filter(has_text=f"К-{call['number']}")
    )
    went = (datetime.now(UTC) - timedelta(minutes=15)).timestamp()
    start = page.evaluate("document.querySelector('br-replay').start") / 1000
    go_to(page, went - start)
    expect(row).to_contain_text("Старая, 1")
    expect(row.get_by_role("img", name="Обычный")).to_be_visible()
    go_to(page, went - start - 600)
    expect(row).to_have_count(0)


def test_what_happened_is_marked_on_the_line_and_a_click_goes_there(town: Town, window: Open) -> None:
    assignment = send(town)
    with Client(town.service, town.logins_of["13"]) as crew:
        crew.post(
            f"/assignments/{assignment['id']}/trouble", {"kind": "external_factor", "comment": "Перекрыто"}
        )
    page = window("ivanova", "/console/replay")
    expect(page.locator(".replay-play")).to_be_enabled()
    page.get_by_role("button", name="На час позже").click()
    expect(page.locator(".replay-play")).to_be_enabled()
    length = page.get_by_role("slider", name="Момент").get_attribute("max")
    go_to(page, float(length or 0))
    trouble = page.locator(".replay-log .trouble", has_text="Неисправность у бригады")
    expect(trouble.first).to_contain_text("Бр. 13")
    expect(page.locator(".replay-marks .trouble").first).to_be_attached()
    before = page.locator(".server-clock").inner_text()
    page.locator(".replay-entry").last.click()
    expect(page.locator(".server-clock")).not_to_have_text(before)


def test_the_past_plays_pauses_and_plays_faster(town: Town, window: Open) -> None:
    page = window("ivanova", "/console/replay")
    play = page.locator(".replay-play")
    expect(play).to_be_enabled()
    page.get_by_role("button", name="×60").click()
    play.click()
    slider = page.get_by_role("slider", name="Момент")
    expect(slider).to_have_value(re.compile(r"^[1-9]\d\d"))
    play.click()
    expect(play).to_contain_text("Играть")
    stands = slider.input_value()
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_value(str(int(stands) + 10))


def test_a_past_that_can_not_be_read_says_so_and_is_asked_for_again(town: Town, window: Open) -> None:
    page = window("ivanova")
    expect(page.get_by_text("На связи")).to_be_visible()
    page.route("**/api/v1/replay*", lambda route: route.abort())
    page.goto("/console/replay")
    alert = page.locator(".replay-head [role=alert]")
    expect(alert).to_contain_text("Сервер не отвечает")
    page.unroute("**/api/v1/replay*")
    alert.get_by_role("button", name="Повторить").click()
    expect(alert).to_have_count(0)


@pytest.mark.long
def test_the_wall_shows_who_waits_first_and_says_when_the_link_is_lost(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        town.call(
            dispatcher, criticality="critical", address="Ждёт, 1", location={"lat": 59.93, "lon": 30.33}
        )
    send(town, address="В работе, 2")
    page = window("petrova", "/console/wall")
    expect(page.locator(".wall-list li").first).to_contain_text("Ждёт, 1")
    expect(page.locator(".wall-list li.work")).to_contain_text("В работе, 2")
    town.service.kill()
    try:
        expect(page.locator(".link-banner")).to_contain_text("НЕТ СВЯЗИ С СЕРВЕРОМ")
    finally:
        town.service.start()
    expect(page.locator(".link-banner")).to_have_count(0)
