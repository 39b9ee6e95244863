"""The administrator's tables and forms."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from browser.service import Client, Town
from browser.windows import Open


def test_a_shift_is_formed_from_free_people_and_a_free_car(town: Town, window: Open) -> None:
    page = window("admin")
    page.get_by_role("button", name="Сформировать бригаду").click()
    form = page.get_by_role("dialog")
    form.get_by_role("button", name="Сохранить").click()
    expect(form.get_by_text("Заполните это поле.").first).to_be_visible()
    form.get_by_label("Номер").fill("21")
    form.get_by_role("checkbox").first.check()
    form.get_by_role("button", name="Сохранить").click()
    expect(page.get_by_text("Сохранено.")).to_be_visible()
    row = page.get_by_role("row").filter(has_text=re.compile(r"^\s*21"))
    expect(row).to_have_count(1)
    row.get_by_role("button", name=re.compile("Распустить")).click()
    question = page.get_by_role("alertdialog")
    expect(question.get_by_role("button").first).to_have_text("Оставить как есть")
    question.get_by_role("button", name="Распустить").click()
    expect(row).to_have_count(0)


def test_the_server_s_refusal_stands_next_to_the_field(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/cars")
    page.get_by_role("button", name="Добавить автомобиль").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Госномер").fill("не номер")
    form.get_by_label("Модель").fill("ГАЗель")
    form.get_by_role("button", name="Сохранить").click()
    expect(form.locator("[name=number]")).to_have_attribute("aria-invalid", "true")
    expect(form.locator("#about-number .field-error")).not_to_be_empty()


def test_tables_search_sort_and_export(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/users")
    rows = page.locator("tbody tr")
    expect(rows.nth(10)).to_be_visible()
    page.get_by_role("searchbox").fill("петрова")
    expect(rows).to_have_count(1)
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


def test_a_person_is_added_changed_and_closed_out(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/users")
    page.get_by_role("button", name="Добавить сотрудника").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Фамилия").fill("Яковлева")
    form.get_by_label("Имя").fill("Алла")
    form.get_by_label("Логин").fill("yakovleva")
    form.get_by_label("Пароль").fill("надёжный-пароль-1")
    form.get_by_role("button", name="Сохранить").click()
    row = page.get_by_role("row").filter(has_text="Яковлева Алла")
    expect(row).to_contain_text("да")
    row.get_by_role("button", name=re.compile("Изменить")).click()
    page.get_by_role("dialog").get_by_label("Работает").uncheck()
    page.get_by_role("dialog").get_by_role("button", name="Сохранить").click()
    expect(row).to_contain_text("нет")
    row.get_by_role("button", name=re.compile("Удалить")).click()
    page.get_by_role("alertdialog").get_by_role("button", name="Удалить").click()
    expect(row).to_have_count(0)


def test_a_list_follows_what_others_do(town: Town, window: Open) -> None:
    page = window("admin")
    row = page.get_by_role("row").filter(has_text=re.compile(r"^\s*15"))
    expect(row).to_contain_text("Свободна")
    with Client(town.service, "ivanova") as dispatcher:
        call = town.call(dispatcher)
        dispatcher.post(f"/calls/{call['id']}/assignments", {"team_id": town.teams["15"]["id"]})
    expect(row).to_contain_text("Занята")
