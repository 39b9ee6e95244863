"""The list of calls: order, marks, timers, and rows that never move under the pointer."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import expect

from browser.service import CALLS, Client, Town
from browser.windows import Open


def test_calls_stand_by_criticality_then_by_waiting_time(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        for call in CALLS:
            town.call(dispatcher, **call)
    page = window("ivanova")
    expect(page.locator(".waiting-list .call-reason")).to_have_text(
        ["Потеря сознания", "ДТП, зажат человек", "Боль в груди", "Температура у ребёнка", "Травма руки"]
    )


def test_criticality_is_told_by_number_shape_and_name(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        for criticality in ("critical", "important", "common"):
            town.call(dispatcher, criticality=criticality)
    page = window("ivanova")
    marks = page.locator(".waiting-list .crit")
    expect(marks).to_have_text(["1", "2", "3"])
    for mark, name, shape in zip(
        marks.all(), ["Критический", "Важный", "Обычный"], ["path", "path", "circle"], strict=True
    ):
        expect(mark).to_have_attribute("aria-label", name)
        expect(mark.locator(shape)).to_have_count(1)
    assert marks.nth(0).locator("path").get_attribute("d") != marks.nth(1).locator("path").get_attribute("d")


def test_a_timer_runs_from_the_receipt_and_warns_past_the_norm(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, criticality="critical", minutes=25)
        town.call(dispatcher, criticality="common", minutes=25)
    page = window("ivanova")
    timers = page.locator(".waiting-list .timer")
    expect(timers.nth(0)).to_have_text(re.compile(r"⚠ 2[5-9]:\d\d"))
    expect(timers.nth(1)).to_have_text(re.compile(r"^2[5-9]:\d\d"))
    before = timers.nth(1).inner_text()
    expect(timers.nth(1)).not_to_have_text(before)


def test_rows_never_jump_under_the_pointer(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        first = town.call(dispatcher, reason="Кашель")
        page = window("petrova")
        rows = page.locator(".waiting-list .call-reason")
        expect(rows).to_have_text(["Кашель"])
        page.locator(".waiting-list .call-row").hover()
        town.call(dispatcher, reason="Пожар", criticality="critical")
        news = page.get_by_role("button", name=re.compile("1 новый.*1 критический"))
        expect(news).to_be_visible()
        expect(rows).to_have_text(["Кашель"])
        dispatcher.post(f"/calls/{first['id']}/reject", {"reason": "refused"})
        expect(page.locator(".call-row.gone")).to_have_count(1)
        page.keyboard.press("u")
        expect(rows).to_have_text(["Пожар"])


def test_the_list_is_searched_as_one_types(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, address="улица Правды, 7")
        town.call(dispatcher, address="проспект Мира, 88")
    page = window("ivanova")
    page.get_by_role("searchbox").fill("мира")
    expect(page.locator(".waiting-list .call-address")).to_have_text(["проспект Мира, 88"])
    expect(page.locator(".board-part.waiting h2")).to_have_text("Ждут найдено 1 из 2")
    page.get_by_role("searchbox").fill("нет такого")
    expect(page.locator(".board-part.waiting")).to_contain_text("Ничего не найдено.")


def test_an_empty_board_says_so(town: Town, window: Open) -> None:
    page = window("ivanova")
    expect(page.get_by_text("Никто не ждёт.")).to_be_visible()
    expect(page.get_by_text("Нет вызовов в работе.")).to_be_visible()
    expect(page.get_by_text("Всё спокойно.")).to_be_visible()


def test_a_shift_that_ends_by_the_clock_and_a_car_that_breaks_free_no_team(town: Town, window: Open) -> None:
    """No event tells that a shift ends: the screen looks at the clock itself."""
    page = window("ivanova")
    free = page.locator(".topbar .counter", has_text="Свободно бригад")
    expect(free).to_contain_text("6/6")
    team = f"/teams/{town.teams['14']['id']}"
    car = f"/cars/{town.teams['15']['car']['id']}"
    with Client(town.service, "admin") as admin:
        end = admin.get(team)["shift_end"]
        try:
            admin.send("PATCH", car, {"serviceability": "broken"})
            expect(free).to_contain_text("5/6")
            soon = datetime.now(UTC) + timedelta(seconds=3)
            admin.send("PATCH", team, {"shift_end": soon.isoformat()})
            expect(free).to_contain_text("4/5")
            assert datetime.now(UTC) > soon - timedelta(seconds=0.5)
            page.keyboard.press("t")
            groups = page.locator(".team-group")
            expect(groups.filter(has_text="Автомобиль неисправен")).to_contain_text("Бр. 15")
            expect(groups.filter(has_text="Не на смене")).to_contain_text("Бр. 14")
        finally:
            admin.send("PATCH", car, {"serviceability": "in_service"})
            admin.send("PATCH", team, {"shift_end": end})
    expect(free).to_contain_text("6/6")


def test_a_search_that_was_left_never_hides_a_critical_call(town: Town, window: Open) -> None:
    page = window("ivanova")
    page.get_by_role("searchbox").fill("мира")
    with Client(town.service, "petrova") as other:
        town.call(other, address="улица Правды, 7")
        town.call(other, address="набережная, 3", criticality="critical")
    expect(page.locator(".waiting-list .call-address")).to_have_text(["набережная, 3"])
    expect(page.locator(".board-part.waiting h2")).to_have_text("Ждут найдено 1 из 2")


def test_a_desk_that_has_no_picture_yet_tells_no_numbers(
    town: Town, window: Open, signed_in: Callable[[str], Any]
) -> None:
    page = window()
    page.context.add_cookies(signed_in("ivanova"))
    page.route("**/api/v1/snapshot*", lambda _: None)
    page.goto("/")
    counters = page.locator(".topbar .counter")
    expect(counters).to_have_text([re.compile("Ждут: …"), re.compile("Свободно бригад: …")])
    counters.last.click()
    expect(page.locator(".teams-panel")).to_contain_text("Загружаем…")
    expect(page.get_by_text("На смене нет ни одной бригады.")).to_have_count(0)


def test_a_baby_of_ten_months_is_under_a_year(town: Town, window: Open) -> None:
    with Client(town.service, "petrova") as other:
        town.call(other, patient={"name": "Миша", "sex": "male", "age": 0})
    page = window("ivanova")
    page.locator(".waiting-list .call-row").click()
    expect(page.locator(".facts")).to_contain_text("до года")
