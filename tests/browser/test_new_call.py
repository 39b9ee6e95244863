"""Taking in a call: a few keys, mistakes next to their fields, possible duplicates while it is typed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from browser.crews import eventually
from browser.service import PASSWORD, Client, Town
from browser.windows import Open, hold, let_go, on_line

PLACE = {"lat": 59.9402, "lon": 30.3321}
SADOVAYA = {
    "label": "Садовая улица, 5", "name": "", "district": "", "town": "", "ambiguous": False, "confidence": 0.5,
    "location": PLACE,
}  # fmt: skip


def set_pin(page: Page, lat: float, lon: float) -> None:
    """A click on the map, told by the map: without a graphics card drawing one takes a whole core."""
    page.locator("br-map").evaluate(
        "(map, detail) => map.dispatchEvent(new CustomEvent('map-point', {detail}))", {"lat": lat, "lon": lon}
    )


def test_a_call_is_taken_in_with_address_reason_and_criticality(town: Town, window: Open) -> None:
    page = window("ivanova")
    expect(page.get_by_text("На связи")).to_be_visible()
    page.keyboard.press("n")
    page.get_by_label("Адрес", exact=True).fill("улица Мира, 7")
    page.get_by_label("Квартира").fill("12")
    page.get_by_label("Повод", exact=True).fill("боль в спине")
    page.get_by_role("option", name="Боль в спине").click()
    page.get_by_label("Телефон звонящего").fill("+7 900 000-00-01")
    page.keyboard.press("Enter")
    card = page.locator(".card")
    expect(card).to_contain_text("улица Мира, 7")
    expect(card).to_contain_text("кв. 12")
    expect(page.locator(".foot-toast")).to_contain_text(re.compile(r"Вызов К-\d+ принят\."))


def test_what_is_missing_is_said_next_to_its_field(town: Town, window: Open) -> None:
    page = window("ivanova")
    expect(page.get_by_text("На связи")).to_be_visible()
    page.keyboard.press("n")
    page.get_by_role("button", name="Принять вызов").click()
    expect(page.get_by_text("Укажите адрес.")).to_be_visible()
    expect(page.get_by_text("Укажите повод.")).to_be_visible()
    expect(page.get_by_text("Выберите срочность.")).to_be_visible()
    expect(page.get_by_label("Адрес", exact=True)).to_be_focused()


def test_the_server_s_word_about_a_field_stands_next_to_it(town: Town, window: Open) -> None:
    page = window("ivanova")
    expect(page.get_by_text("На связи")).to_be_visible()
    page.keyboard.press("n")
    page.get_by_label("Адрес", exact=True).fill("улица Мира, 7")
    page.get_by_label("Повод", exact=True).fill("Что-то своё")
    page.locator(".crit-option").nth(1).click()
    page.get_by_label("Телефон звонящего").fill("телефон")
    page.get_by_role("button", name="Принять вызов").click()
    expect(page.locator("[name=caller_phone]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".form-error")).to_contain_text("Проверьте введённые данные.")


def test_a_possible_duplicate_is_shown_while_the_call_is_typed(town: Town, window: Open) -> None:
    with Client(town.service, "petrova") as other:
        call = town.call(other, address="проспект Мира, 88", caller_phone="+7 900 222-33-44")
    page = window("ivanova")
    expect(page.get_by_text("На связи")).to_be_visible()
    expect(page.locator(".waiting-list .call-row")).to_have_count(1)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    page.keyboard.press("n")
    page.get_by_label("Телефон звонящего", exact=True).fill("+7 900 222-33-44")
    page.get_by_label("Адрес", exact=True).fill("проспект Мира, 88")
    warning = page.get_by_role("status", name="Возможно, это повтор")
    expect(warning).to_contain_text(f"К-{call['number']}")
    # Addresses of requests lie in logs on the way.
    assert any(line.startswith("POST") and line.endswith("/calls/duplicates") for line in asked)
    assert [line for line in asked if "222" in line] == []
    warning.get_by_role("button").first.click()
    expect(page.locator(".card")).to_contain_text("проспект Мира, 88")


def test_a_pin_on_the_map_is_the_place_of_the_call(town: Town, window: Open) -> None:
    page = window("ivanova", map_drawn=True)
    expect(page.locator("br-map")).to_have_attribute("data-teams", "6")
    page.keyboard.press("n")
    page.get_by_label("Адрес", exact=True).fill("за гаражами")
    page.get_by_role("button", name="Указать на карте").click()
    page.locator(".map-canvas").click(position={"x": 60, "y": 300})
    expect(page.get_by_text("Точка на карте есть")).to_be_visible()
    page.get_by_label("Повод", exact=True).fill("Своё")
    page.locator(".crit-option").nth(2).click()
    page.get_by_role("button", name="Принять вызов").click()
    expect(page.locator(".waiting-list .call-row")).to_have_count(1)
    with Client(town.service, "ivanova") as dispatcher:
        assert dispatcher.get("/calls?view=actual")["items"][0]["location"] is not None


def test_a_call_half_typed_outlives_the_end_of_the_session(town: Town, window: Open) -> None:
    page = on_line(window("ivanova"))
    page.keyboard.press("n")
    page.get_by_label("Повод", exact=True).fill("Недописанный повод")
    page.route(
        "**/api/v1/auth/refresh", lambda route: route.fulfill(status=401, json={"code": "unauthorized"})
    )
    page.context.clear_cookies(name="access_token")
    page.get_by_label("Адрес", exact=True).fill("улица Недописанная, 3")
    page.get_by_label("Логин").fill("ivanova")
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    on_line(page)
    if page.get_by_label("Повод", exact=True).count() == 0:
        page.keyboard.press("n")
    expect(page.get_by_label("Повод", exact=True)).to_have_value("Недописанный повод")
    expect(page.get_by_label("Адрес", exact=True)).to_have_value("улица Недописанная, 3")


def test_enter_takes_no_suggestion_that_nobody_has_chosen(town: Town, window: Open) -> None:
    page = on_line(window("ivanova"))
    page.route("**/api/v1/geocode?*", lambda route: route.fulfill(json={"items": [SADOVAYA]}))
    page.keyboard.press("n")
    address, reason = page.get_by_label("Адрес", exact=True), page.get_by_label("Повод", exact=True)
    address.fill("Садовая улица, 55")
    expect(page.locator("#places").get_by_role("option")).to_have_text(re.compile("Садовая улица, 5"))
    address.press("Enter")
    expect(address).to_have_value("Садовая улица, 55")
    expect(reason).to_be_focused()
    expect(page.locator("#reasons").get_by_role("option").first).to_be_visible()
    reason.press("Enter")
    expect(reason).to_have_value("")
    address.fill("Садовая улица, 5 корпус")
    expect(page.locator("#places").get_by_role("option")).to_have_count(1)
    address.press("ArrowDown")
    address.press("Enter")
    expect(address).to_have_value("Садовая улица, 5")
    expect(page.get_by_text("Точка на карте есть")).to_be_visible()
    # The point came with the address: another address needs another one.
    address.fill("Садовая улица, 9")
    expect(page.get_by_text("Точка на карте есть")).to_have_count(0)


def test_a_pin_set_by_hand_outlives_the_address_and_is_looked_up_for_duplicates(
    town: Town, window: Open
) -> None:
    page = on_line(window("ivanova"))
    page.keyboard.press("n")
    address = page.get_by_label("Адрес", exact=True)
    address.fill("за гаражами")
    with page.expect_request(
        lambda request: (
            request.url.endswith("/calls/duplicates")
            and ((request.post_data_json or {}).get("location") or {}).get("lat") == 59.94
        )
    ):
        set_pin(page, 59.94, 30.33)
    pinned = page.get_by_text("Точка на карте есть")
    expect(pinned).to_be_visible()
    address.fill("за гаражами, у ворот")
    page.get_by_role("button", name="Новый вызов").first.click()
    page.get_by_label("Повод", exact=True).fill("Своё")
    page.locator(".crit-option").nth(2).click()
    expect(pinned).to_be_visible()
    page.get_by_role("button", name="Принять вызов").click()
    expect(page.locator(".waiting-list .call-row")).to_have_count(1)
    with Client(town.service, "ivanova") as dispatcher:
        assert dispatcher.get("/calls?view=actual")["items"][0]["location"] == {"lat": 59.94, "lon": 30.33}


def test_a_typo_corrected_in_an_address_keeps_the_point_of_the_call(town: Town, window: Open) -> None:
    with Client(town.service, "petrova") as other:
        call = town.call(other, address="Садовая улеца, 5", location=PLACE)
        page = window("ivanova")
        page.locator(".waiting-list .call-row").click()
        page.get_by_role("button", name="Исправить").click()
        page.get_by_label("Адрес", exact=True).fill("Садовая улица, 5")
        expect(page.get_by_text("Точка на карте прежняя")).to_be_visible()
        page.get_by_role("button", name="Сохранить").click()
        expect(page.locator(".card-place")).to_contain_text("Садовая улица, 5")
        assert other.get(f"/calls/{call['id']}")["location"] == PLACE


def test_a_late_suggestion_opens_no_list_over_the_next_field(town: Town, window: Open) -> None:
    page = on_line(window("ivanova"))
    held: list[Route] = []
    page.route("**/api/v1/geocode?*", lambda route: held.append(route))
    page.keyboard.press("n")
    with page.expect_request("**/api/v1/geocode?*"):
        page.get_by_label("Адрес", exact=True).fill("Садовая")
    page.get_by_label("Телефон звонящего").focus()
    with page.expect_response("**/api/v1/geocode?*"):
        held[0].fulfill(json={"items": [SADOVAYA]})
    page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(page.locator("#places")).to_have_count(0)


def test_a_missing_criticality_is_where_the_keyboard_stands(town: Town, window: Open) -> None:
    page = on_line(window("ivanova"))
    page.keyboard.press("n")
    page.get_by_label("Адрес", exact=True).fill("за гаражами")
    page.get_by_label("Повод", exact=True).fill("Что-то своё")
    page.get_by_role("button", name="Принять вызов").click()
    expect(page.get_by_text("Выберите срочность.")).to_be_visible()
    expect(page.locator("[name=criticality]").first).to_be_focused()


@pytest.mark.long
def test_a_pin_is_set_by_the_keyboard_in_the_middle_of_the_map(town: Town, window: Open) -> None:
    page = window("ivanova", map_drawn=True)
    expect(page.locator("br-map")).to_have_attribute("data-teams", "6")
    page.keyboard.press("n")
    pick = page.get_by_role("button", name="Указать на карте")
    pick.focus()
    pick.press("Enter")
    expect(page.get_by_role("button", name="Enter — середина карты")).to_be_visible()
    expect(page.locator(".map-canvas canvas")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Точка на карте есть")).to_be_visible()
    middle, pin = page.locator("br-map").evaluate(
        "map => [map.map.getCenter(), map.pin].map((place) => [place.lat, place.lng ?? place.lon])"
    )
    assert pin == pytest.approx(middle)


@pytest.mark.long
def test_a_call_that_was_left_while_it_was_sent_comes_over_no_other(town: Town, window: Open) -> None:
    page = on_line(window("ivanova"))
    held = hold(page, "**/api/v1/calls")
    toast, address = page.locator(".foot-toast"), page.get_by_label("Адрес", exact=True)

    def send(street: str) -> Route:
        page.keyboard.press("n")
        expect(address).to_have_value("")
        address.fill(street)
        page.get_by_label("Повод", exact=True).fill("Что-то своё")
        page.locator(".crit-option").nth(1).click()
        page.get_by_role("button", name="Принять вызов").click()
        route = held.next()
        page.locator(".new-call-form .close").click()
        return route

    sent = send("улица Отправленная, 1")
    page.keyboard.press("n")
    address.fill("улица Следующая, 2")
    let_go(page, sent)
    expect(toast).to_contain_text(re.compile(r"Вызов К-\d+ принят\."))
    expect(address).to_have_value("улица Следующая, 2")
    page.get_by_role("button", name="Принять вызов").focus()
    address.fill("")
    page.locator(".new-call-form .close").click()
    # One that the server did not take is told of, and stands in the form again.
    lost = send("улица Потерянная, 3")
    lost.abort()
    expect(toast).to_contain_text("Вызов не записан. Сервер не отвечает.")
    page.keyboard.press("n")
    expect(address).to_have_value("улица Потерянная, 3")


def test_the_address_of_a_place_that_the_pin_has_left_is_not_written_down(town: Town, window: Open) -> None:
    page = on_line(window("ivanova"))
    held = hold(page, "**/api/v1/geocode/reverse?*")
    page.keyboard.press("n")
    for lat in (59.94, 59.95):
        set_pin(page, lat, 30.33)
    address = page.get_by_label("Адрес", exact=True)
    for street in ("улица Прежняя, 1", "улица Нынешняя, 2"):
        let_go(page, held.next(), json={"label": street, "location": PLACE})
    expect(address).to_have_value("улица Нынешняя, 2")


def would_ask(page: Page) -> bool:
    """Whether the browser would ask before the page is left now."""
    asks: bool = page.evaluate(
        "() => { const leaving = new Event('beforeunload', {cancelable: true});"
        " dispatchEvent(leaving); return leaving.defaultPrevented; }"
    )
    return asks


def test_the_browser_asks_before_half_typed_words_are_lost_with_the_page(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, address="Тихая, 3")
    page = on_line(window("ivanova"))
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    assert not would_ask(page)
    page.keyboard.press("n")
    address = page.get_by_label("Адрес", exact=True)
    expect(address).to_be_focused()
    assert not would_ask(page)
    page.keyboard.type("улица Недописанная, 3")
    page.close(run_before_unload=True)
    eventually(page, lambda: asked == ["beforeunload"])
    expect(address).to_have_value("улица Недописанная, 3")
    page.locator(".new-call-form .close").click()
    assert would_ask(page)  # left, and kept for as long as the page lives
    page.keyboard.press("n")
    page.get_by_role("button", name="Очистить").click()
    page.locator(".new-call-form .close").click()
    assert not would_ask(page)
    page.locator(".waiting-list .call-row").click()
    page.get_by_role("button", name="Исправить").click()
    expect(address).to_have_value("Тихая, 3")
    assert not would_ask(page)
    address.fill("Тихая, 33")
    assert would_ask(page)
