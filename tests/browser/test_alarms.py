"""Sounds: a critical call rings until acknowledged, a lost link sounds otherwise, nothing before the first click."""

from __future__ import annotations

from playwright.sync_api import expect

from browser.service import Client, Town
from browser.sounds import played
from browser.windows import Open


def test_the_page_asks_to_begin_the_shift_before_it_can_sound(town: Town, window: Open) -> None:
    page = window("ivanova")
    start = page.get_by_role("button", name="Начать смену")
    expect(start).to_be_visible()
    start.click()
    expect(start).to_be_hidden()


def test_a_new_critical_call_rings_until_it_is_acknowledged(town: Town, window: Open) -> None:
    page = window("petrova")
    page.get_by_role("button", name="Начать смену").click()
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, criticality="common")
        expect(page.locator(".waiting-list .call-row")).to_have_count(1)
        assert played(page)["critical"] == 0
        town.call(dispatcher, criticality="critical")
    bar = page.locator(".alarm-bar")
    expect(bar).to_contain_text("Критический вызов ждёт бригаду")
    first = played(page)["critical"]
    assert first >= 1
    page.wait_for_timeout(
        4500
    )  # the alarm repeats every 4 s: this is the time under test, not a wait for a page
    assert played(page)["critical"] > first
    page.get_by_role("button", name="Принято").click()
    expect(bar).to_be_hidden()
    silent = played(page)["critical"]
    page.wait_for_timeout(4500)
    assert played(page)["critical"] == silent


def test_ones_own_critical_call_does_not_ring(town: Town, window: Open) -> None:
    page = window("ivanova")
    expect(page.get_by_text("На связи")).to_be_visible()
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, criticality="critical")
    expect(page.locator(".waiting-list .call-row")).to_have_count(1)
    expect(page.locator(".alarm-bar")).to_have_count(0)
