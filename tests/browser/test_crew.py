"""The crew's phone with a network: a whole call in big taps, and everything behind "more"."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Geolocation, expect

from browser.crews import STEPS, all_sent, big, eventually, milestones, phone, send
from browser.service import Client, Town, database
from browser.sounds import played
from browser.windows import Open, hold


def test_a_call_is_done_step_by_step_with_one_big_button(town: Town, window: Open) -> None:
    page = phone(window)
    expect(page.get_by_text("Свободны")).to_be_visible()
    details = {"entrance": "2", "floor": "5", "flat": "47", "intercom": "47К"}
    assignment = send(
        town, caller_phone="+7 900 111-22-33", address_details=details, comment="Во дворе злая собака"
    )
    expect(page.locator(".crew-address")).to_have_text("ул. Ленина, 12")
    expect(page.locator(".crew-entry dd")).to_have_text(["2", "5", "47", "47К"])
    expect(page.locator(".crew-hazard")).to_contain_text("Во дворе злая собака")
    expect(page.get_by_role("link", name="Позвонить")).to_have_attribute("href", "tel:+79001112233")
    expect(page.get_by_role("link", name="Навигатор")).to_have_attribute("href", re.compile("^geo:59.96"))
    for step in STEPS:
        big(page, step)
    big(page, "Везём в стационар")
    page.get_by_role("button", name=re.compile("Городская больница № 1")).tap()
    expect(page.locator(".crew-hospital")).to_contain_text("Городская больница № 1")
    expect(page.get_by_role("link", name="Навигатор")).to_have_attribute("href", re.compile("^geo:59.945"))
    big(page, "В стационаре")
    big(page, "Завершить вызов")
    expect(page.get_by_text("Свободны")).to_be_visible()
    all_sent(page)
    assert milestones(town, assignment) == [
        "assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed",
    ]  # fmt: skip


def test_a_double_tap_is_one_step(town: Town, window: Open) -> None:
    assignment = send(town)
    page = phone(window)
    page.locator(".crew-big").dblclick(no_wait_after=True)
    expect(page.locator(".crew-status")).to_contain_text("Вызов принят")
    expect(page.locator(".crew-big")).to_be_enabled()
    all_sent(page)
    assert milestones(town, assignment) == ["assigned", "acknowledged"]


def test_a_new_call_rings_until_it_is_accepted(town: Town, window: Open) -> None:
    page = phone(window)
    page.get_by_role("button", name="Включить звук вызова").tap()
    expect(page.get_by_role("button", name="Включить звук вызова")).to_have_count(0)
    send(town)
    ring = page.locator(".crew-ring")
    expect(ring).to_contain_text("Новый вызов")
    assert played(page)["assigned"] >= 1
    big(page, "Приняли")
    expect(ring).to_have_count(0)
    with Client(town.service, "ivanova") as dispatcher:
        dispatcher.post(f"/calls/{dispatcher.get('/calls?view=actual')['items'][0]['id']}/complete")
    expect(page.locator(".crew-news")).to_contain_text("отменён диспетчером")
    send(town, address="Садовая, 3")
    page.get_by_role("button", name="Тише").tap()
    expect(page.get_by_role("button", name="Тише")).to_have_count(0)
    expect(ring).to_be_visible()


def test_trouble_is_reported_with_its_kind_and_the_call_goes_back(town: Town, window: Open) -> None:
    assignment = send(town, team="16")
    page = phone(window, "crew11")
    big(page, "Приняли")
    page.get_by_role("button", name="Ещё").tap()
    page.get_by_role("button", name="Неисправность, помеха").tap()
    page.get_by_role("button", name="Сообщить").tap()
    expect(page.get_by_text("Выберите вид неисправности.")).to_be_visible()
    page.get_by_label("Внешняя причина").check()
    page.get_by_label("Что случилось").fill("Перекрыт мост")
    page.get_by_role("button", name="Сообщить").tap()
    expect(page.get_by_text("Свободны")).to_be_visible()
    all_sent(page)
    expect(page.locator(".crew-news")).to_have_count(0)  # the crew's own doing is no news
    with Client(town.service, "ivanova") as dispatcher:
        found = dispatcher.get(f"/assignments/{assignment['id']}")
        call = dispatcher.get(f"/calls/{assignment['call_id']}")
    assert (found["status"], found["trouble_kind"], found["end_comment"]) == (
        "troubled", "external_factor", "Перекрыт мост",
    )  # fmt: skip
    assert call["status"] == "new"


def test_a_call_is_declined_with_a_reason_before_the_patient_is_reached(town: Town, window: Open) -> None:
    assignment = send(town, team="14")
    page = phone(window, "crew7")
    page.get_by_role("button", name="Ещё").tap()
    page.get_by_role("button", name="Отказаться от вызова").tap()
    page.get_by_role("button", name="Отказаться", exact=True).tap()
    expect(page.get_by_text("Укажите причину отказа.")).to_be_visible()
    expect(page.get_by_label("Почему")).to_be_focused()
    page.get_by_label("Почему").fill("Заправка")
    page.get_by_role("button", name="Отказаться", exact=True).tap()
    expect(page.get_by_text("Свободны")).to_be_visible()
    all_sent(page)
    with Client(town.service, "ivanova") as dispatcher:
        assert dispatcher.get(f"/assignments/{assignment['id']}")["end_comment"] == "Заправка"
    send(town, team="14")
    for step in STEPS:
        big(page, step)
    page.get_by_role("button", name="Ещё").tap()
    expect(page.get_by_role("button", name="Исправить время")).to_be_visible()
    expect(page.get_by_role("button", name="Отказаться от вызова")).to_have_count(0)


def test_a_time_is_corrected_with_a_reason_and_nothing_is_overwritten(town: Town, window: Open) -> None:
    """In the service's zone: the phone of this crew stands in another one."""
    assignment = send(town)
    page = phone(window, timezone_id="Asia/Vladivostok")
    big(page, "Приняли")
    all_sent(page)
    page.get_by_role("button", name="Ещё").tap()
    page.get_by_role("button", name="Исправить время").tap()
    time = page.get_by_label("Верное время")
    shown = page.locator("select[name=step] option").first.inner_text().split(" · ")[1]
    expect(time).to_have_value(shown)
    page.get_by_role("button", name="Исправить", exact=True).tap()
    expect(page.get_by_text("Укажите время и причину.")).to_be_visible()
    page.locator("dialog input[name=reason]").fill("Нажали раньше")
    page.get_by_role("button", name="Исправить", exact=True).tap()
    expect(page.locator("dialog[open]")).to_have_count(0)
    with Client(town.service, "ivanova") as dispatcher:

        def accepted() -> list[dict[str, Any]]:
            entries = dispatcher.get(f"/assignments/{assignment['id']}")["time_line"]
            return [entry for entry in entries if entry["step"] == "acknowledged"]

        eventually(page, lambda: len(accepted()) == 2)
        first, second = accepted()
    assert [first["correction"], second["correction"]] == [False, True]
    assert second["reason"] == "Нажали раньше"
    apart = datetime.fromisoformat(first["at"]) - datetime.fromisoformat(second["at"])
    assert abs(apart) < timedelta(seconds=1)


def test_what_the_positions_tell_is_confirmed_with_one_tap(town: Town, window: Open) -> None:
    assignment = send(town)
    page = phone(window)
    big(page, "Приняли")
    all_sent(page)
    departed = datetime.now(UTC)
    database(
        town.service,
        "INSERT INTO gps_steps (assignment_id, step, at, noticed_at, distance_m) VALUES ($1, 'en_route', $2, $2, 150)",
        assignment["id"], departed,
    )  # fmt: skip
    page.reload()
    asked = page.locator(".crew-proposal")
    expect(asked).to_contain_text("Похоже, вы выехали")
    asked.get_by_role("button", name=re.compile("^Да")).tap()
    expect(page.locator(".crew-status")).to_contain_text("В пути")
    all_sent(page)
    expect(asked).to_have_count(0)
    with Client(town.service, "ivanova") as dispatcher:
        line = dispatcher.get(f"/assignments/{assignment['id']}")["time_line"]
    told = next(entry for entry in line if entry["step"] == "en_route")
    assert told["source"] == "gps"
    assert abs(datetime.fromisoformat(told["at"]) - departed) < timedelta(seconds=1)


def test_a_break_is_taken_and_ended_and_a_refusal_is_said(town: Town, window: Open) -> None:
    page = phone(window)
    page.get_by_role("button", name="На перерыв").tap()
    expect(page.locator(".crew-free")).to_have_text("Перерыв")
    page.get_by_role("button", name="С перерыва").tap()
    expect(page.locator(".crew-free")).to_have_text("Свободны")
    page.route(
        "**/api/v1/teams/*/break",
        lambda route: route.fulfill(status=409, json={"detail": "Бригада на вызове."}),
    )
    page.get_by_role("button", name="На перерыв").tap()
    expect(page.get_by_role("alert")).to_have_text("Бригада на вызове.")


@pytest.mark.long
def test_the_position_is_shared_after_50_m_or_5_s_while_the_page_is_open(town: Town, window: Open) -> None:
    place: Geolocation = {"latitude": 59.9482, "longitude": 30.3340, "accuracy": 8}
    further: Geolocation = {"latitude": 59.9488, "longitude": 30.3340, "accuracy": 8}
    page = phone(window, permissions=["geolocation"], geolocation=place)
    frames: list[dict[str, Any]] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda sent: frames.append(json.loads(sent))))
    page.reload()
    expect(page.get_by_text("Видно, где вы")).to_be_visible()
    with Client(town.service, "ivanova") as dispatcher:

        def latest() -> dict[str, Any]:
            items = dispatcher.get("/positions")["items"]
            own: dict[str, Any] = next(item for item in items if item["team_id"] == town.teams["13"]["id"])
            return own

        page.context.set_geolocation(further)
        eventually(page, lambda: latest()["lat"] > 59.9487)
        moved = datetime.fromisoformat(latest()["at"])

        def told_again() -> bool:
            page.context.set_geolocation(
                {**place, "latitude": 59.9488}
            )  # the receiver of a phone that stands
            return datetime.fromisoformat(latest()["at"]) > moved

        eventually(page, told_again)
        assert datetime.fromisoformat(latest()["at"]) - moved >= timedelta(seconds=5)
    told = [frame for frame in frames if frame["type"] == "position"]
    # With the clock of the phone at the moment of sending the server puts a wrong clock right.
    assert told
    assert all(datetime.fromisoformat(frame["sent_at"]) for frame in told)


def test_a_phone_without_permission_says_so(town: Town, window: Open) -> None:
    page = phone(window)
    expect(page.locator(".crew-share")).to_contain_text("Нет разрешения на геопозицию")
    expect(page.get_by_text("Разрешите геопозицию")).to_be_visible()


def test_the_map_shows_the_way_and_other_navigators(town: Town, window: Open) -> None:
    send(town)
    page = phone(window, map_drawn=True)
    page.get_by_role("button", name="Карта").tap()
    drawn = page.locator("br-map")
    expect(drawn).to_have_attribute("data-route", "1")
    expect(drawn).to_have_attribute(
        "data-route-approximate", "1"
    )  # no roads here: an estimate is drawn as one
    expect(page.locator(".crew-map-foot")).to_contain_text("Прибытие")
    page.get_by_role("button", name="Другой навигатор").tap()
    chosen = page.get_by_role("link", name="Яндекс Навигатор")
    expect(chosen).to_have_attribute("href", re.compile("^yandexnavi://.*lat_to=59.9612"))
    chosen.evaluate("link => link.addEventListener('click', event => event.preventDefault())")
    chosen.tap()
    page.get_by_role("button", name="Закрыть").tap()
    expect(page.get_by_role("link", name="Навигатор")).to_have_attribute("href", re.compile("^yandexnavi:"))


@pytest.mark.long
def test_a_crew_reads_its_own_shift(town: Town, window: Open) -> None:
    page = phone(window)

    def opened() -> Any:
        page.get_by_role("button", name="Ещё").tap()
        page.get_by_role("button", name="Моя смена").tap()
        return page.locator("br-crew-shift")

    expect(opened().locator(".shift-figures")).to_be_visible()
    before = page.locator("br-crew-shift li").count()  # of whatever this crew did earlier
    page.get_by_role("button", name="Закрыть").tap()
    assignment = send(town)
    big(page, "Приняли")
    all_sent(page)
    shift = opened()
    expect(shift.locator("li")).to_have_count(before + 1)
    expect(shift.locator("li").last).to_contain_text(re.compile(r"Занятость на вызове, ч:мин\s*0:0\d"))
    expect(shift.locator(".shift-figures")).to_contain_text(re.compile(r"На смене, ч:мин\s*\d+:\d\d"))
    page.get_by_role("button", name="Закрыть").tap()
    page.route("**/api/v1/reports/shift*", lambda route: route.abort())
    shift = opened()
    expect(shift.get_by_role("alert")).to_be_visible()
    page.unroute("**/api/v1/reports/shift*")
    shift.get_by_role("button", name="Повторить").tap()
    expect(shift.locator("li")).to_have_count(before + 1)
    assert milestones(town, assignment) == ["assigned", "acknowledged"]


def test_the_next_call_s_map_shows_nothing_of_the_way_before(town: Town, window: Open) -> None:
    first = send(town)
    page = phone(window, map_drawn=True)
    page.get_by_role("button", name="Карта").tap()
    drawn = page.locator("br-map")
    expect(drawn).to_have_attribute("data-route", "1")
    with Client(town.service, "ivanova") as dispatcher:
        dispatcher.post(f"/assignments/{first['id']}/cancel")
    page.route("**/api/v1/assignments/*/route", lambda route: route.abort())
    send(town, address="Садовая, 3")
    expect(page.locator(".crew-address")).to_have_text("Садовая, 3")
    expect(drawn).to_have_count(0)
    page.get_by_role("button", name="Карта").tap()
    expect(page.locator(".crew-map-foot")).to_contain_text("Путь")
    expect(page.locator(".crew-map-foot")).not_to_contain_text("Прибытие")
    expect(drawn).to_have_attribute("data-route", "0")


def test_a_double_tap_on_what_the_positions_tell_is_one_step(town: Town, window: Open) -> None:
    assignment = send(town)
    page = phone(window)
    big(page, "Приняли")
    all_sent(page)
    database(
        town.service,
        "INSERT INTO gps_steps (assignment_id, step, at, noticed_at, distance_m) VALUES ($1, 'en_route', $2, $2, 150)",
        assignment["id"], datetime.now(UTC),
    )  # fmt: skip
    page.reload()
    yes = page.locator(".crew-proposal").get_by_role("button", name=re.compile("^Да"))
    keys: list[str] = []
    page.on(
        "request",
        lambda request: (
            keys.append(request.headers["idempotency-key"]) if request.url.endswith("/steps") else None
        ),
    )
    yes.evaluate("button => { button.click(); button.click(); }")
    expect(page.locator(".crew-status")).to_contain_text("В пути")
    all_sent(page)
    assert len(keys) == 1


def test_a_double_tap_begins_a_break_and_does_not_end_it(town: Town, window: Open) -> None:
    page = phone(window)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="На перерыв").evaluate("button => { button.click(); button.click(); }")
    expect(page.get_by_role("button", name="С перерыва")).to_be_enabled()
    assert [url.rsplit("/", 1)[1] for url in asked] == ["break"]


def test_the_break_does_not_lie_under_the_finger_that_declined(town: Town, window: Open) -> None:
    send(town)
    page = phone(window)
    page.get_by_role("button", name="Ещё").tap()
    page.get_by_role("button", name="Отказаться от вызова").tap()
    page.clock.install()
    page.get_by_label("Почему").fill("Не наш профиль")
    page.get_by_role("button", name="Отказаться", exact=True).tap()
    rest = page.get_by_role("button", name="На перерыв")
    expect(rest).to_be_disabled()
    page.clock.run_for(1000)
    expect(rest).to_be_enabled()


def test_a_break_without_an_answer_is_said_in_the_crew_s_language(town: Town, window: Open) -> None:
    page = phone(window)
    page.route("**/api/v1/teams/*/break", lambda route: route.abort())
    page.get_by_role("button", name="На перерыв").tap()
    expect(page.get_by_role("alert")).to_have_text("Сервер не отвечает. Проверьте связь.")


def test_the_screen_is_kept_on_while_the_page_is_open(town: Town, window: Open) -> None:
    page = phone(window)
    page.add_init_script(
        "globalThis.asked = []; Object.defineProperty(navigator, 'wakeLock', {value: {request: async kind => {"
        " globalThis.asked.push(kind); return {release: async () => globalThis.asked.push('released')}; }}});"
    )
    page.reload()
    expect(page.get_by_text("Свободны")).to_be_visible()
    eventually(page, lambda: page.evaluate("globalThis.asked") == ["screen"])
    page.get_by_role("button", name="Ещё").tap()
    page.get_by_role("button", name="Выйти").tap()
    expect(page.get_by_label("Логин")).to_be_visible()
    eventually(page, lambda: page.evaluate("globalThis.asked") == ["screen", "released"])


def test_an_answer_that_comes_after_a_later_change_leads_the_card_nowhere_back(
    town: Town, window: Open
) -> None:
    assignment = send(town)
    page = phone(window)
    held = hold(page, "**/api/v1/assignments/*/steps")
    page.locator(".crew-big").tap()
    tapped = held.next()
    answer = tapped.fetch()
    with Client(town.service, "ivanova") as dispatcher:
        dispatcher.post(f"/assignments/{assignment['id']}/steps", {"step": "on_scene"})
    expect(page.locator(".crew-status")).to_contain_text("На месте")
    tapped.fulfill(response=answer)
    all_sent(page)
    expect(page.locator(".crew-status")).to_contain_text("На месте")
