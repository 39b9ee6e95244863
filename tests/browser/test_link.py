"""A lost link: said at once, nothing assigned on an old picture, the whole picture again on return."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from browser.service import Client, Town
from browser.windows import Open, on_line


def test_a_killed_server_is_told_within_two_heartbeats_and_assigning_stops(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, address="До обрыва, 1", location={"lat": 59.93, "lon": 30.33})
    page = window("ivanova")
    page.locator(".waiting-list .call-row").click()
    number = page.locator(".waiting-list .call-number").inner_text().removeprefix("К-")
    page.locator(".topbar").hover()  # a list under the pointer would hold its order
    expect(page.locator(".candidate").first).to_be_visible()
    town.service.kill()
    try:
        banner = page.locator(".link-banner")
        expect(banner).to_be_visible(timeout=2 * 1000 * town.service.settings.heartbeat_s + 1000)
        expect(banner).to_have_text(re.compile(r"НЕТ СВЯЗИ С СЕРВЕРОМ\s+0:0\d\s+Данные на \d\d:\d\d:\d\d"))
        for button in page.locator(".candidate .button").all():
            expect(button).to_be_disabled()
        page.keyboard.press("1")
        expect(page.locator(".in-work .call-row")).to_have_count(0)
        line = page.get_by_role("combobox", name="Командная строка")
        line.fill(f"бр 12 на {number}")
        page.keyboard.press("Enter")
        expect(page.locator(".foot-toast")).to_contain_text("команды недоступны")
        expect(line).to_have_value(f"бр 12 на {number}")  # to be sent when the link is back
    finally:
        town.service.start()
    with Client(town.service, "petrova") as other:
        town.call(other, address="После обрыва, 2")
    expect(banner).to_be_hidden()
    expect(page.locator(".waiting-list .call-address")).to_have_text(["До обрыва, 1", "После обрыва, 2"])


@pytest.mark.long
def test_who_rings_while_the_link_is_away_is_written_down_and_taken_in_when_it_is_back(
    town: Town, window: Open
) -> None:
    page = window("ivanova")
    expect(page.locator(".link-state.live")).to_be_visible()
    town.service.kill()
    try:
        expect(page.locator(".link-banner")).to_be_visible()
        page.keyboard.press("n")
        page.get_by_label("Адрес", exact=True).fill("улица Обрыва, 3")
        page.get_by_label("Повод", exact=True).fill("Звонили без связи")
        page.locator(".crit-option").nth(1).click()
        take_in = page.get_by_role("button", name="Принять вызов")
        expect(take_in).to_be_disabled()
        expect(page.locator(".form-end-note")).to_contain_text("набранное не пропадёт")
    finally:
        town.service.start()
    expect(take_in).to_be_enabled()
    expect(page.locator(".form-end-note")).to_have_count(0)
    take_in.click()
    expect(page.locator(".waiting-list .call-address")).to_have_text(["улица Обрыва, 3"])


@pytest.mark.long
def test_a_silent_server_is_a_lost_link_too(town: Town, window: Open) -> None:
    """The cable is pulled: no close arrives, only the heartbeats stay away."""
    page = window("ivanova")
    expect(page.get_by_text("На связи")).to_be_visible()
    assert town.service.process is not None
    town.service.pause()
    try:
        expect(page.locator(".link-banner")).to_be_visible(timeout=10_000)
    finally:
        town.service.go_on()
    expect(page.locator(".link-banner")).to_be_hidden()


def test_after_a_night_asleep_nothing_old_is_shown_as_current(town: Town, window: Open) -> None:
    """The lid was closed for eight hours: timers stood still, the clock jumped, the cable may be out."""
    with Client(town.service, "ivanova") as dispatcher:
        evening = town.call(dispatcher, address="Вечер, 1", location={"lat": 59.93, "lon": 30.33})
    page = window("ivanova")
    expect(page.locator(".waiting-list .call-address")).to_have_text(["Вечер, 1"])
    expect(page.locator(".link-state.live")).to_be_visible()
    page.clock.install()
    town.service.pause()
    try:
        page.clock.fast_forward("08:00:00")
        expect(page.locator(".link-banner")).to_contain_text("НЕТ СВЯЗИ С СЕРВЕРОМ")
    finally:
        town.service.go_on()
    with Client(town.service, "petrova") as other:
        other.post(f"/calls/{evening['id']}/reject", {"reason": "false"})
        town.call(other, address="Утро, 2", location={"lat": 59.94, "lon": 30.34})
    expect(page.locator(".link-banner")).to_be_hidden()
    expect(page.locator(".waiting-list .call-address")).to_have_text(["Утро, 2"])
    # By the server's clock, however wrong the clock of this machine is now.
    expect(page.locator(".waiting-list .timer")).to_have_text(re.compile(r"^0:\d\d"))


@pytest.mark.long
def test_a_new_version_asks_to_reload(town: Town, window: Open) -> None:
    page = window("ivanova")
    expect(page.get_by_text("На связи")).to_be_visible()
    page.evaluate("document.querySelector('meta[name=brigada-version]').content = 'older'")
    town.service.kill()
    town.service.start()
    expect(page.get_by_text("Вышла новая версия пульта.")).to_be_visible()
    page.get_by_role("button", name="Обновить страницу").click()
    expect(page.get_by_text("На связи")).to_be_visible()
    expect(page.get_by_text("Вышла новая версия пульта.")).to_have_count(0)


def test_an_outdated_page_is_told_at_its_first_link_and_a_reload_asks_before_it_drops_a_call(
    town: Town, window: Open
) -> None:
    """A device may open the page that it has kept."""
    page = window("ivanova")
    page.route("**/console-version.json", lambda route: route.fulfill(json={"version": "newer"}))
    page.reload()
    expect(page.get_by_text("Вышла новая версия пульта.")).to_be_visible()
    on_line(page).keyboard.press("n")
    address = page.get_by_label("Адрес", exact=True)
    address.fill("улица Недописанная, 3")
    page.get_by_role("button", name="Обновить страницу").click()
    expect(page.get_by_text("Набранное пропадёт.")).to_be_visible()
    expect(address).to_have_value("улица Недописанная, 3")
    page.get_by_role("button", name="Всё равно обновить").click()
    expect(page.get_by_text("Вышла новая версия пульта.")).to_be_visible()


def test_two_tabs_of_one_person_both_stay_live(town: Town, window: Open) -> None:
    page = window("ivanova")
    expect(page.locator(".link-state.live")).to_be_visible()
    other = page.context.new_page()
    other.add_init_script("HTMLCanvasElement.prototype.getContext = () => null;")
    other.goto("/")
    expect(other.locator(".link-state.live")).to_be_visible()
    with Client(town.service, "petrova") as dispatcher:
        town.call(dispatcher, address="Обеим, 1")
    for tab in (page, other):
        expect(tab.locator(".waiting-list .call-address")).to_have_text(["Обеим, 1"])
        expect(tab.locator(".link-state.live")).to_be_visible()


@pytest.mark.long
def test_lists_that_ask_for_themselves_are_whole_again_on_return(town: Town, window: Open) -> None:
    """What happened while the link was away came by no event: a call's history and the notifications ask anew."""
    with Client(town.service, "petrova") as other:
        call = town.call(other, address="Разрывная, 1", criticality="critical")
    page = window("ivanova")
    page.locator(".waiting-list .call-row").click()
    page.get_by_role("tab", name="История").click()
    history = page.locator(".history li")
    expect(history).to_have_count(1)
    told = window("ivanova")
    expect(told.locator(".link-state.live")).to_be_visible()
    told.get_by_role("button", name="Уведомления").click()
    notices = told.locator(".notices")
    expect(notices).to_contain_text(f"К-{call['number']}")
    for tab in (page, told):
        tab.context.set_offline(True)
        expect(tab.locator(".link-banner")).to_be_visible()
    with Client(town.service, "petrova") as other:
        other.send("PATCH", f"/calls/{call['id']}", {"comment": "Код на воротах 12"})
        later = town.call(other, address="После разрыва, 2", criticality="critical")
    for tab in (page, told):
        tab.context.set_offline(False)
    expect(history).to_have_count(2)
    expect(notices).to_contain_text(f"К-{later['number']}")


def test_a_notification_that_could_not_be_put_away_is_said(town: Town, window: Open) -> None:
    with Client(town.service, "petrova") as other:
        town.call(other, address="Уведомительная, 1", criticality="critical")
    page = window("ivanova")
    page.get_by_role("button", name="Уведомления").click()
    page.route("**/api/v1/notifications/*", lambda route: route.abort())
    page.locator(".notices li").first.get_by_role("button", name="Убрать").click()
    expect(page.locator(".foot-toast")).to_contain_text("Сервер не отвечает")
