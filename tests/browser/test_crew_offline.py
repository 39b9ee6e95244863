"""The crew in a lift: taps wait on the phone in order, survive a reload, arrive once; what was refused is said."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, Route, expect

from browser.crews import STEPS, all_sent, big, eventually, kept_phone, milestones, phone, send
from browser.service import Client, Town
from browser.windows import Open

DATABASES = "indexedDB.databases().then(found => found.map(item => item.name))"
PICTURE = """() => new Promise((done, failed) => {
  const opening = indexedDB.open("brigada-crew");
  opening.onerror = failed;
  opening.onsuccess = () => {
    const reading = opening.result.transaction("kept").objectStore("kept").get("picture");
    reading.onsuccess = () => { opening.result.close(); done(reading.result); };
  };
})"""


def kept_calls(page: Page) -> list[str]:
    """Addresses of the calls that lie on the phone."""
    picture: dict[str, Any] = page.evaluate(PICTURE)
    return [call["address"] for call in picture["calls"]]


def test_a_whole_shift_goes_on_without_a_network(town: Town, window: Open) -> None:
    """A call is accepted with a network, done without one, over a reload; then the next one, the break, the end."""
    page = kept_phone(window)
    assignment = send(town)
    big(page, "Приняли")
    all_sent(page)
    page.context.set_offline(True)
    expect(page.locator(".crew-offline")).to_be_visible()
    for step in STEPS[1:]:
        big(page, step)
    expect(page.locator(".queue li")).to_have_count(2)
    page.reload()
    expect(page.locator(".queue li")).to_have_count(2)
    expect(page.locator(".queue")).to_contain_text("ждёт отправки")
    expect(page.locator(".crew-address")).to_have_text("ул. Ленина, 12")
    expect(page.locator(".crew-card h2")).to_have_text("Боль в животе")
    expect(page.locator(".crew-status")).to_contain_text("На месте")
    big(page, "Везём в стационар")
    page.get_by_role("button", name="Городская больница № 1").tap()
    expect(page.locator(".crew-hospital")).to_contain_text("Городская больница № 1")
    big(page, "В стационаре")
    big(page, "Завершить вызов")
    expect(page.get_by_text("Свободны")).to_be_visible()
    expect(page.locator(".queue li")).to_have_count(5)
    assert milestones(town, assignment) == ["assigned", "acknowledged"]
    page.context.set_offline(False)
    all_sent(page)
    expect(page.locator(".link-state.live")).to_be_visible()
    assert milestones(town, assignment) == [
        "assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed",
    ]  # fmt: skip
    with Client(town.service, "ivanova") as dispatcher:
        assert dispatcher.get(f"/assignments/{assignment['id']}")["hospital_id"] is not None
        assert dispatcher.get(f"/calls/{assignment['call_id']}")["status"] == "completed"
    expect(page.locator(".crew-news")).to_have_text([])  # its own doing is no news to a crew
    page.get_by_role("button", name="На перерыв").tap()
    expect(page.locator(".crew-free")).to_have_text("Перерыв")
    eventually(page, lambda: kept_calls(page) == [])


def test_a_lost_answer_never_doubles_a_step(town: Town, window: Open) -> None:
    assignment = send(town)
    page = phone(window)
    keys: list[str] = []

    def lose_the_first(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()  # the server has it, the phone never hears the answer
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/assignments/*/steps", lose_the_first)
    big(page, "Приняли")
    eventually(page, lambda: len(keys) >= 2)
    all_sent(page)
    expect(page.locator(".crew-status")).to_contain_text("Вызов принят")
    assert len(set(keys)) == 1
    assert milestones(town, assignment) == ["assigned", "acknowledged"]


def test_a_server_in_trouble_is_no_answer_and_the_order_holds(town: Town, window: Open) -> None:
    assignment = send(town)
    page = phone(window)
    sent: list[str] = []

    def stumble(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or "{}")["step"])
        if len(sent) == 1:
            route.fulfill(status=503, json={"code": "unavailable", "detail": "Сервис временно недоступен."})
        else:
            route.continue_()

    page.route("**/api/v1/assignments/*/steps", stumble)
    for step in STEPS:
        big(page, step)
    all_sent(page)
    assert sent == ["acknowledged", "acknowledged", "en_route", "on_scene"]
    assert milestones(town, assignment) == ["assigned", "acknowledged", "en_route", "on_scene"]


def test_a_call_cancelled_meanwhile_is_said_once_with_the_steps_that_came_too_late(
    town: Town, window: Open
) -> None:
    assignment = send(town)
    page = kept_phone(window)
    page.context.set_offline(True)
    with Client(town.service, "ivanova") as dispatcher:
        dispatcher.post(f"/assignments/{assignment['id']}/cancel", {"comment": "Вызов отменил заявитель"})
    for step in STEPS:
        big(page, step)
    page.context.set_offline(False)
    said = page.locator(".crew-news")
    expect(said).to_contain_text("Приняли")
    expect(said).to_have_count(1)
    expect(said).to_contain_text("отменён диспетчером")
    expect(said).to_contain_text("Вызов отменил заявитель")
    expect(said).to_contain_text("Не приняты отметки: Приняли")
    expect(page.get_by_text("Свободны")).to_be_visible()
    all_sent(page)
    page.reload()
    expect(said).to_contain_text("отменён диспетчером")  # until somebody has read it
    said.get_by_role("button", name="Понятно").tap()
    expect(said).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Свободны")).to_be_visible()
    expect(said).to_have_count(0)


def test_a_crew_diverted_while_offline_sees_the_other_call(town: Town, window: Open) -> None:
    first = send(town)
    page = phone(window)
    page.context.set_offline(True)
    with Client(town.service, "ivanova") as dispatcher:
        dispatcher.post(f"/assignments/{first['id']}/cancel")
    send(town, address="Садовая, 3", reason="Потеря сознания", criticality="critical")
    page.context.set_offline(False)
    expect(page.locator(".crew-address")).to_have_text("Садовая, 3")
    expect(page.locator(".crew-news")).to_contain_text("отменён диспетчером")
    expect(page.locator(".crew-ring")).to_be_visible()


def test_an_address_that_was_corrected_is_pointed_out(town: Town, window: Open) -> None:
    assignment = send(town)
    page = phone(window)
    with Client(town.service, "ivanova") as dispatcher:
        dispatcher.send("PATCH", f"/calls/{assignment['call_id']}", {"address": "ул. Ленина, 21"})
    expect(page.locator(".crew-address")).to_have_text("ул. Ленина, 21")
    said = page.locator(".crew-news")
    expect(said).to_contain_text("Проверьте адрес")
    page.context.set_offline(True)
    with Client(town.service, "ivanova") as dispatcher:
        dispatcher.send("PATCH", f"/calls/{assignment['call_id']}", {"comment": "Код на воротах 12"})
    page.context.set_offline(False)
    expect(said.last).to_contain_text("Проверьте примечание")


def test_the_card_is_cleared_when_the_shift_ends(town: Town, window: Open) -> None:
    page = phone(window, "crew9")
    assignment = send(town, team="15", address="Тайная, 5")
    expect(page.locator(".crew-address")).to_have_text("Тайная, 5")
    eventually(page, lambda: kept_calls(page) == ["Тайная, 5"])
    with Client(town.service, "ivanova") as dispatcher:
        dispatcher.post(f"/calls/{assignment['call_id']}/complete")
    with Client(town.service, "admin") as admin:
        admin.send("DELETE", f"/teams/{town.teams['15']['id']}")
    try:
        expect(page.locator(".crew-free")).to_have_text("Вы не в бригаде")
        expect(page.get_by_text("Тайная")).to_have_count(0)
        eventually(page, lambda: kept_calls(page) == [])
    finally:
        town.form_again("15")


def test_the_next_person_is_told_of_steps_that_were_never_sent(
    town: Town, window: Open, signed_in: Any
) -> None:
    assignment = send(town)
    page = kept_phone(window)
    page.route("**/api/v1/assignments/*/steps", lambda route: route.abort())
    big(page, "Приняли")
    expect(page.locator(".queue li")).to_have_count(1)
    page.context.clear_cookies()
    page.context.add_cookies(signed_in("crew9"))
    page.reload()
    expect(page.locator("h1")).to_have_text("Бригада 15")
    expect(page.locator(".crew-news")).to_contain_text("Прежний сотрудник вышел с неотправленными отметками")
    expect(page.locator(".queue")).to_have_count(0)
    page.unroute("**/api/v1/assignments/*/steps")
    assert milestones(town, assignment) == ["assigned"]


def test_signing_out_without_a_network_leaves_nothing_and_is_told_to_the_server_later(
    town: Town, window: Open
) -> None:
    send(town)
    page = kept_phone(window)
    expect(page.locator(".crew-address")).to_be_visible()
    page.context.set_offline(True)
    big(page, "Приняли")
    page.get_by_role("button", name="Ещё").tap()
    page.get_by_role("button", name="Выйти").tap()
    expect(page.get_by_text("1 нажатие ещё не дошло до сервера и пропадёт.")).to_be_visible()
    page.get_by_role("button", name="Выйти и стереть").tap()
    expect(page.get_by_label("Логин")).to_be_visible()
    assert "brigada-crew" not in page.evaluate(DATABASES)
    page.reload()
    expect(page.get_by_label("Логин")).to_be_visible()
    page.context.set_offline(False)
    with page.expect_response("**/api/v1/auth/logout") as told:
        page.reload()
    assert told.value.status == 204
    expect(page.get_by_label("Логин")).to_be_visible()


def test_a_phone_with_a_wrong_clock_reports_the_server_s_time_after_a_reload_without_a_network(
    town: Town, window: Open
) -> None:
    send(town)
    page = kept_phone(window)
    # The outer edge: the phone's own clock, twenty minutes slow.
    page.add_init_script("const now = Date.now; Date.now = () => now() - 20 * 60_000;")
    page.reload()
    expect(page.locator(".link-state.live")).to_be_visible()
    page.context.set_offline(True)
    page.reload()
    expect(page.locator(".crew-offline")).to_be_visible()
    big(page, "Приняли")
    with page.expect_request("**/api/v1/assignments/*/steps") as sent:
        page.context.set_offline(False)
    told = datetime.fromisoformat(json.loads(sent.value.post_data or "{}")["occurred_at"])
    assert abs(told - datetime.now(UTC)) < timedelta(minutes=5)
    all_sent(page)
