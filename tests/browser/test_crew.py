"""The crew's phone: a whole call in big taps, with and without a network."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser.service import Client, Town
from browser.windows import PHONE, Open

pytestmark = pytest.mark.long  # not steady yet on a busy machine

STEPS = ["Приняли", "Выехали", "На месте"]


def send(town: Town, team: str = "13", **call: object) -> dict[str, Any]:
    """A call with a team on it; the assignment."""
    with Client(town.service, "ivanova") as dispatcher:
        given = {"location": {"lat": 59.9612, "lon": 30.3041}, "address": "ул. Ленина, 12", **call}
        made = town.call(dispatcher, **given)
        assignment: dict[str, Any] = dispatcher.post(
            f"/calls/{made['id']}/assignments", {"team_id": town.teams[team]["id"]}
        )
    return assignment


def milestones(town: Town, assignment: dict[str, Any]) -> list[str]:
    """Steps that the server knows, with how often each was reported."""
    with Client(town.service, "ivanova") as dispatcher:
        entries = dispatcher.get(f"/assignments/{assignment['id']}")["time_line"]
    return [entry["step"] for entry in entries if not entry["correction"]]


def big(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_call_is_done_step_by_step_with_one_big_button(town: Town, window: Open) -> None:
    page = window("crew5", size=PHONE)
    expect(page.get_by_text("Свободны")).to_be_visible()
    assignment = send(town, caller_phone="+7 900 111-22-33")
    expect(page.locator(".crew-address")).to_have_text("ул. Ленина, 12")
    expect(page.get_by_role("link", name="Позвонить")).to_have_attribute("href", "tel:+79001112233")
    expect(page.get_by_role("link", name="Навигатор")).to_have_attribute("href", re.compile("^geo:59.96"))
    for step in STEPS:
        big(page, step)
    big(page, "Везём в стационар")
    page.get_by_role("button", name=re.compile("Городская больница № 1")).click()
    expect(page.locator(".crew-hospital")).to_contain_text("Городская больница № 1")
    big(page, "В стационаре")
    big(page, "Завершить вызов")
    expect(page.get_by_text("Свободны")).to_be_visible()
    expect(page.locator(".queue")).to_have_count(0)
    assert milestones(town, assignment) == [
        "assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed",
    ]  # fmt: skip


def test_taps_without_a_network_wait_visibly_survive_a_reload_and_arrive_once_in_order(
    town: Town, window: Open
) -> None:
    assignment = send(town)
    page = window("crew5", size=PHONE, service_workers="allow")
    expect(page.get_by_role("button", name="Приняли", exact=True)).to_be_visible()
    expect(page.get_by_text("На связи")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    expect(page.get_by_text("На связи")).to_be_visible()
    page.context.set_offline(True)
    for step in STEPS:
        big(page, step)
    expect(page.locator(".queue li")).to_have_count(3)
    expect(page.locator(".queue")).to_contain_text("ждёт отправки")
    page.reload()
    expect(page.locator(".queue li")).to_have_count(3)
    expect(page.locator(".crew-address")).to_have_text("ул. Ленина, 12")
    expect(page.locator(".crew-status")).to_contain_text("На месте")
    assert milestones(town, assignment) == ["assigned"]
    page.context.set_offline(False)
    expect(page.locator(".queue")).to_have_count(0)
    assert milestones(town, assignment) == ["assigned", "acknowledged", "en_route", "on_scene"]


def test_a_lost_answer_never_doubles_a_step(town: Town, window: Open) -> None:
    assignment = send(town)
    page = window("crew5", size=PHONE)
    expect(page.get_by_role("button", name="Приняли", exact=True)).to_be_visible()
    keys: list[str] = []
    lost = 0

    def lose_first(route: Any) -> None:
        nonlocal lost
        keys.append(route.request.headers["idempotency-key"])
        if lost == 0:
            lost = 1
            route.fetch()  # the server has it, the phone never hears the answer
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/assignments/*/steps", lose_first)
    with page.expect_response(
        "**/api/v1/assignments/*/steps"
    ):  # the first answer is lost: this is the second one
        big(page, "Приняли")
    expect(page.locator(".queue")).to_have_count(0)
    expect(page.locator(".crew-status")).to_contain_text("Приняла")
    assert len(keys) >= 2
    assert len(set(keys)) == 1
    assert milestones(town, assignment) == ["assigned", "acknowledged"]


def test_a_step_that_the_server_refuses_is_told_to_the_crew(town: Town, window: Open) -> None:
    assignment = send(town)
    page = window("crew5", size=PHONE)
    expect(page.get_by_role("button", name="Приняли", exact=True)).to_be_visible()
    page.context.set_offline(True)
    with Client(town.service, "ivanova") as dispatcher:
        dispatcher.post(f"/assignments/{assignment['id']}/cancel")
    big(page, "Приняли")
    page.context.set_offline(False)
    refused = page.locator(".queue.refused")
    expect(refused).to_contain_text("Не принято: Приняла")
    refused.get_by_role("button", name="Понятно").click()
    expect(page.get_by_text("Свободны")).to_be_visible()


def test_trouble_is_reported_with_its_kind_and_the_call_goes_back(town: Town, window: Open) -> None:
    send(town, team="16")
    desk = window("ivanova")
    expect(desk.locator(".in-work .call-row")).to_have_count(1)
    page = window("crew11", size=PHONE)
    big(page, "Приняли")
    page.get_by_role("button", name="Ещё").click()
    page.get_by_role("button", name="Неисправность, помеха").click()
    page.get_by_role("button", name="Сообщить").click()
    expect(page.get_by_text("Выберите вид неисправности.")).to_be_visible()
    page.get_by_label("Внешняя причина").check()
    page.get_by_label("Что случилось").fill("Перекрыт мост")
    page.get_by_role("button", name="Сообщить").click()
    expect(page.get_by_text("Свободны")).to_be_visible()
    expect(desk.locator(".waiting-list .call-row")).to_have_count(1)


def test_a_call_is_declined_with_a_reason_before_the_patient_is_reached(town: Town, window: Open) -> None:
    send(town, team="14")
    page = window("crew7", size=PHONE)
    page.get_by_role("button", name="Ещё").click()
    page.get_by_role("button", name="Отказаться от вызова").click()
    page.get_by_role("button", name="Отказаться", exact=True).click()
    expect(page.get_by_text("Укажите причину отказа.")).to_be_visible()
    page.get_by_label("Почему").fill("Заправка")
    page.get_by_role("button", name="Отказаться", exact=True).click()
    expect(page.get_by_text("Свободны")).to_be_visible()


def test_a_time_is_corrected_with_a_reason_and_nothing_is_overwritten(town: Town, window: Open) -> None:
    assignment = send(town)
    page = window("crew5", size=PHONE)
    big(page, "Приняли")
    expect(page.locator(".queue")).to_have_count(0)
    page.get_by_role("button", name="Ещё").click()
    page.get_by_role("button", name="Исправить время").click()
    shown = page.locator("select[name=step] option").first.inner_text().split(" · ")[1]
    page.get_by_label("Верное время").fill(shown)
    page.get_by_role("button", name="Исправить", exact=True).click()
    expect(page.get_by_text("Укажите время и причину.")).to_be_visible()
    page.locator("dialog input[name=reason]").fill("Нажали позже")
    page.get_by_role("button", name="Исправить", exact=True).click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(".queue")).to_have_count(0)
    with Client(town.service, "ivanova") as dispatcher:
        entries = dispatcher.get(f"/assignments/{assignment['id']}")["time_line"]
    assert [entry["step"] for entry in entries if entry["step"] == "acknowledged"] == [
        "acknowledged"
    ] * 2 or [entry for entry in entries if entry["correction"]]


def test_the_position_is_shared_while_the_page_is_open(town: Town, window: Open) -> None:
    page = window(
        "crew5",
        size=PHONE,
        permissions=["geolocation"],
        geolocation={"latitude": 59.95, "longitude": 30.32, "accuracy": 8},
    )
    expect(page.get_by_text("Положение передаётся")).to_be_visible()


def test_a_phone_without_permission_says_so(town: Town, window: Open) -> None:
    page = window("crew5", size=PHONE)
    expect(page.get_by_text("Нет разрешения на геопозицию")).to_be_visible()
