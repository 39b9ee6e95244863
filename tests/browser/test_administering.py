"""The administrator's tables and forms: people, cars, places, and the shift formed of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from browser.crews import eventually
from browser.service import Client, Town
from browser.windows import PHONE, Open


def form_of(page: Page, button: str) -> Locator:
    """The window of the form behind a button."""
    page.get_by_role("button", name=button).click()
    return page.get_by_role("dialog")


def save(form: Locator) -> None:
    form.get_by_role("button", name="Сохранить", exact=True).click()


def keep(form: Locator) -> None:
    """Save what is right: the window closes, and only then does the page below take what is typed."""
    save(form)
    expect(form.page.locator("br-form")).to_have_count(0)


def row_of(page: Page, text: str | re.Pattern[str]) -> Locator:
    return page.locator("tbody tr").filter(has_text=text)


def confirm(page: Page, word: str) -> None:
    """The second step: the object is named, the safe button comes first and has the focus."""
    question = page.get_by_role("alertdialog")
    expect(question.get_by_role("button").first).to_have_text("Оставить как есть")
    expect(question.get_by_role("button").first).to_be_focused()
    question.get_by_role("button", name=word).click()
    expect(question).to_have_count(0)


def test_a_shift_is_formed_from_free_people_and_a_free_car(town: Town, window: Open) -> None:
    page = window("admin")
    form = form_of(page, "Сформировать бригаду")
    expect(form.get_by_label("Номер")).to_have_value("1")  # the first that nobody has
    form.get_by_label("Номер").fill("11")
    save(form)
    expect(form.get_by_text("Заполните это поле.")).to_be_visible()
    form.get_by_role("checkbox").first.check()
    save(form)
    expect(form.locator("#about-name .field-error")).to_have_text("Бригада с таким названием уже на смене.")
    expect(form.get_by_label("Номер")).to_be_focused()
    form.get_by_label("Номер").fill("21")
    keep(form)
    expect(page.get_by_text("Сохранено.")).to_be_visible()
    row = row_of(page, re.compile(r"^\s*21"))
    expect(row).to_have_count(1)
    row.get_by_role("button", name=re.compile("Распустить")).click()
    expect(page.get_by_role("alertdialog")).to_have_accessible_name("Распустить: Бр. 21?")
    confirm(page, "Распустить")
    expect(row).to_have_count(0)


@pytest.fixture
def yesterday(town: Town) -> dict[str, Any]:
    """A shift of yesterday, ended."""
    with Client(town.service, "admin") as admin:
        car = admin.get("/cars?free=true")["items"][0]
        start = (datetime.now(UTC) - timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
        shift: dict[str, Any] = {
            "name": "41", "car_id": car["id"], "member_ids": [town.users["crew13"], town.users["crew14"]],
            "shift_start": start.isoformat(), "shift_end": (start + timedelta(hours=23)).isoformat(),
        }  # fmt: skip
        team: dict[str, Any] = admin.post("/teams", shift)
        return team


def test_a_shift_that_is_over_is_ended_and_formed_again_for_today(
    town: Town, window: Open, yesterday: dict[str, Any]
) -> None:
    page = window("admin")
    expect(row_of(page, re.compile(r"^\s*41"))).to_contain_text("Смена закончилась")
    page.get_by_role("button", name="Распустить закончивших: 1").click()
    confirm(page, "Распустить")
    expect(page.get_by_text("Распущена 1 бригада.")).to_be_visible()
    form = form_of(page, "Повторить смену")
    line = form.get_by_role("row").filter(has_text="Бр. 41")
    expect(line.get_by_role("checkbox")).to_be_checked()
    expect(line).to_contain_text(yesterday["car"]["number"])
    form.get_by_role("button", name="Сформировать 1 бригаду").click()
    expect(form.get_by_text("Сформирована 1 бригада.")).to_be_visible()
    form.get_by_role("button", name="Закрыть").click()
    expect(row_of(page, re.compile(r"^\s*41"))).to_contain_text(yesterday["car"]["number"])
    with Client(town.service, "admin") as admin:
        team = next(item for item in admin.get("/teams")["items"] if item["name"] == "41")
        assert {member["id"] for member in team["members"]} == {town.users["crew13"], town.users["crew14"]}
        day = datetime.fromisoformat(team["shift_start"]) - datetime.fromisoformat(yesterday["shift_start"])
        assert day == timedelta(days=1)
        admin.send("DELETE", f"/teams/{team['id']}")


def test_the_server_s_refusals_stand_next_to_their_fields(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/cars")
    form = form_of(page, "Добавить автомобиль")
    form.get_by_label("Госномер").fill("не номер")
    form.get_by_label("Модель").fill("ГАЗель")
    save(form)
    expect(form.locator("[name=number]")).to_have_attribute("aria-invalid", "true")
    expect(form.locator("#about-number .field-error")).not_to_be_empty()
    form.get_by_label("Госномер").fill("А100ВС178")
    save(form)
    expect(form.locator("#about-number .field-error")).to_have_text("Автомобиль с таким номером уже есть.")
    page.keyboard.press("Escape")
    expect(form.get_by_text("Введённое не сохранено.")).to_be_visible()
    form.get_by_role("button", name="Продолжить").click()
    form.get_by_label("Госномер").fill("К777КК178")
    keep(form)
    row = row_of(page, "К777КК178")
    expect(row).to_contain_text("исправен")
    row.get_by_role("button", name=re.compile("Изменить")).click()
    page.get_by_role("dialog").get_by_label("Исправность").select_option("maintenance")
    keep(page.get_by_role("dialog"))
    expect(row).to_contain_text("на обслуживании")
    row.get_by_role("button", name=re.compile("Списать")).click()
    confirm(page, "Списать")
    expect(row).to_have_count(0)


def test_somebody_else_s_change_is_neither_lost_nor_hidden(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/cars")
    row = row_of(page, "О200КХ178")
    row.get_by_role("button", name=re.compile("Изменить")).click()
    form = page.get_by_role("dialog")
    form.get_by_label("Модель").fill("Форд мой")
    with Client(town.service, "admin") as other:
        car = next(item for item in other.get("/cars")["items"] if item["number"] == "О200КХ178")
        other.send("PATCH", f"/cars/{car['id']}", {"model": "Форд их"})
    save(form)
    expect(form.get_by_text("запись изменил другой")).to_be_visible()
    expect(form.get_by_label("Модель")).to_have_value("Форд мой")
    form.get_by_role("button", name="Показать нынешнее").click()
    expect(form.get_by_label("Модель")).to_have_value("Форд их")
    form.get_by_label("Модель").fill("Ford Transit")
    keep(form)
    expect(row).to_contain_text("Ford Transit")


def test_tables_search_sort_and_export(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/users")
    rows = page.locator("tbody tr")
    expect(rows.nth(10)).to_be_visible()
    page.get_by_role("searchbox").fill("петрова")
    expect(rows).to_have_count(1)
    page.get_by_role("searchbox").fill("никого такого")
    expect(page.get_by_text("Ничего не найдено.")).to_be_visible()
    page.get_by_role("searchbox").fill("")
    page.get_by_role("button", name="Логин").click()
    expect(rows.first).to_contain_text("admin")
    page.get_by_role("button", name="Логин").click()
    expect(rows.first).to_contain_text("petrova")
    with page.expect_download() as download:
        page.get_by_role("button", name="Выгрузить CSV").click()
    text = download.value.path().read_bytes().decode("utf-8")
    assert text.startswith("\ufeffСотрудник;Логин;Роль")
    assert "petrova" in text


@pytest.mark.long
def test_a_lost_phone_is_signed_out_and_a_deactivated_person_may_not_come_back(
    town: Town, window: Open
) -> None:
    page = window("admin", "/console/admin/users")
    form = form_of(page, "Добавить сотрудника")
    form.get_by_label("Фамилия").fill("Яковлева")
    form.get_by_label("Имя").fill("Алла")
    form.get_by_label("Логин").fill("ivanova")
    form.get_by_label("Пароль").fill("длинный-пароль-7")
    save(form)
    expect(form.locator("#about-login .field-error")).to_have_text("Такой логин уже есть.")
    form.get_by_label("Логин").fill("yakovleva")
    keep(form)
    row = row_of(page, "Яковлева Алла")
    expect(row).to_contain_text("да")
    phone = window("yakovleva", size=PHONE)
    expect(phone.get_by_text("Вы не в бригаде")).to_be_visible()
    row.get_by_role("button", name=re.compile("Завершить сеансы")).click()
    confirm(page, "Завершить сеансы")
    expect(phone.get_by_label("Логин")).to_be_visible()  # the phone was lost; the account is not
    phone = window("yakovleva", size=PHONE)
    expect(phone.get_by_text("Вы не в бригаде")).to_be_visible()
    row.get_by_role("button", name=re.compile("Изменить")).click()
    page.get_by_role("dialog").get_by_label("Работает").uncheck()
    keep(page.get_by_role("dialog"))
    expect(row).to_contain_text("нет")
    expect(phone.get_by_label("Логин")).to_be_visible()
    row.get_by_role("button", name=re.compile("Удалить")).click()
    confirm(page, "Удалить")
    expect(row).to_have_count(0)


@pytest.mark.long
def test_a_place_is_put_by_an_address_by_numbers_and_by_a_click_on_the_map(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/hospitals", map_drawn=True)
    found = [{"kind": "house", "label": "улица Мира, 7", "location": {"lat": 59.94, "lon": 30.31}}]
    page.route("**/api/v1/geocode?*", lambda route: route.fulfill(json={"items": found}))
    form = form_of(page, "Добавить стационар")
    form.get_by_label("Название").fill("Больница № 9")
    save(form)
    expect(form.get_by_text("Заполните это поле.")).to_be_visible()
    form.get_by_label("Найти по адресу").fill("мира 7")
    form.get_by_role("button", name="улица Мира, 7").click()
    expect(form.get_by_label("Широта")).to_have_value("59.940000")
    expect(form.get_by_label("Адрес", exact=True)).to_have_value("улица Мира, 7")
    form.get_by_label("Долгота").fill("30,35")
    form.get_by_label("Долгота").press("Tab")
    keep(form)
    row = row_of(page, "Больница № 9".replace(" 9", "\u00a09"))
    expect(row).to_have_count(1)
    with Client(town.service, "admin") as admin:
        made = next(item for item in admin.get("/hospitals")["items"] if item["name"] == "Больница № 9")
        assert made["location"] == {"lat": 59.94, "lon": 30.35}
        row.get_by_role("button", name=re.compile("Изменить")).click()
        form = page.get_by_role("dialog")
        expect(form.locator("br-map")).to_have_attribute("data-teams", "6")
        form.locator(".map-canvas").click(position={"x": 30, "y": 30})
        expect(form.get_by_label("Широта")).not_to_have_value("59.940000")
        form.get_by_label("Принимает").uncheck()
        keep(form)
        expect(row).to_contain_text("нет")
        moved = admin.get(f"/hospitals/{made['id']}")
    assert moved["location"]["lat"] > 59.94
    row.get_by_role("button", name=re.compile("Удалить")).click()
    confirm(page, "Удалить")
    expect(row).to_have_count(0)


def test_a_list_follows_what_others_do_and_says_when_it_can_not(town: Town, window: Open) -> None:
    page = window("admin")
    row = row_of(page, re.compile(r"^\s*15"))
    expect(row).to_contain_text("Свободна")
    with Client(town.service, "ivanova") as dispatcher:
        call = town.call(dispatcher)
        dispatcher.post(f"/calls/{call['id']}/assignments", {"team_id": town.teams["15"]["id"]})
    expect(row).to_contain_text("Занята")
    page.context.set_offline(True)
    expect(page.get_by_text("Связи нет: данные на")).to_be_visible()
    expect(row).to_contain_text("Занята")
    with Client(town.service, "ivanova") as dispatcher:
        dispatcher.post(f"/calls/{call['id']}/reject", {"reason": "false"})
    page.context.set_offline(False)
    expect(row).to_contain_text("Свободна")
    expect(page.get_by_text("Связи нет: данные на")).to_have_count(0)


def test_a_list_that_did_not_come_says_so_and_is_asked_for_again(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/stations")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.route("**/api/v1/cars?*", lambda route: route.abort())
    page.get_by_role("link", name="Автомобили").click()
    expect(page.get_by_text("Сервер не отвечает. Проверьте связь.")).to_be_visible()
    page.unroute("**/api/v1/cars?*")
    page.get_by_role("button", name="Повторить", exact=True).click()
    expect(page.locator("tbody tr").first).to_be_visible()


def test_a_list_says_that_it_is_loading_and_its_pages_have_names(town: Town, window: Open) -> None:
    page = window("admin")
    expect(page.locator("tbody tr")).not_to_have_count(0)
    held: list[Route] = []
    # Playwright marks its handlers, which a built-in function does not allow.
    page.route("**/api/v1/cars?*", lambda route: held.append(route))
    page.get_by_role("link", name="Автомобили").click()
    expect(page.get_by_text("Загружаем…")).to_be_visible()
    eventually(page, lambda: len(held) > 0)
    car = held[0].fetch().json()["items"][0]
    held[0].fulfill(json={"items": [{**car, "id": number} for number in range(1, 62)], "next_cursor": None})
    expect(page.get_by_text("Загружаем…")).to_have_count(0)
    page.get_by_role("button", name="Следующая страница").click()
    expect(page.locator("tbody tr")).to_have_count(11)
    page.get_by_role("button", name="Предыдущая страница").click()
    expect(page.locator("tbody tr")).to_have_count(50)


def test_a_creation_whose_answer_got_lost_makes_one_thing_however_often_it_is_pressed(
    town: Town, window: Open
) -> None:
    page = window("admin", "/console/admin/tokens")
    form = form_of(page, "Выдать ключ")
    form.get_by_label("Для чего").fill("Учёт потерянный")
    form.get_by_role("checkbox").first.check()
    keys: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) <= 2:
            route.fetch()  # the server has it, the page never hears the answer
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/tokens", lose)
    save(form)
    expect(form.locator(".form-error")).to_contain_text("Сервер не отвечает")
    keep(form)
    assert len(keys) == 3
    assert len(set(keys)) == 1
