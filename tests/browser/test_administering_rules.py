"""The administrator's rules: reasons, norms, attention, advice; what may get in; the journal of all of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from browser.service import PASSWORD, Client, Town
from browser.test_administering import confirm, form_of, keep, row_of, save
from browser.windows import Open, hold, let_go


def test_a_reason_is_added_changed_retired_and_brought_back(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/reasons")
    form = form_of(page, "Добавить повод")
    form.get_by_label("Код").fill("Не Код")
    form.get_by_label("По-русски").fill("Удар веслом")
    form.get_by_label("По-английски").fill("Blow with an oar")
    save(form)
    expect(form.locator("#about-code .field-error")).not_to_be_empty()
    form.get_by_label("Код").fill("oar")
    keep(form)
    page.get_by_role("searchbox").fill("веслом")
    row = row_of(page, "Удар веслом")
    row.get_by_role("button", name=re.compile("Изменить")).click()
    page.get_by_role("dialog").get_by_label("Срочность").select_option("important")
    keep(page.get_by_role("dialog"))
    expect(row.get_by_role("img", name="Важный")).to_be_visible()
    row.get_by_role("button", name=re.compile("Убрать")).click()
    confirm(page, "Убрать")
    expect(row).to_contain_text("нет")
    expect(row.get_by_role("button", name=re.compile("Убрать"))).to_have_count(0)
    row.get_by_role("button", name=re.compile("Изменить")).click()
    page.get_by_role("dialog").get_by_label("Предлагается").check()
    keep(page.get_by_role("dialog"))
    expect(row).to_contain_text("да")


@pytest.mark.long
def test_another_set_of_norms_is_put_in_force_in_two_steps_and_the_desks_follow(
    town: Town, window: Open
) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, criticality="critical", minutes=17)
    desk = window("ivanova")
    late = desk.locator(".waiting-list .late")
    expect(desk.locator(".waiting-list .call-row")).to_have_count(1)
    expect(late).to_have_count(0)  # 20 minutes of the Russian set
    page = window("admin", "/console/admin/norms")
    arp = page.locator(".norm-sets li").filter(has_text="NHS England ARP")
    arp.get_by_role("button", name="Ввести в действие").click()
    expect(page.get_by_role("alertdialog")).to_have_accessible_name(
        "Ввести в действие набор «NHS England ARP»?"
    )
    confirm(page, "Ввести в действие")
    expect(arp).to_contain_text("действует")
    expect(late).not_to_have_count(0)  # 15 minutes of ARP
    russia = page.locator(".norm-sets li").filter(has_text="Россия")
    russia.get_by_role("button", name="Ввести в действие").click()
    confirm(page, "Ввести в действие")
    expect(arp).not_to_contain_text("действует")
    expect(late).to_have_count(0)


def test_a_norm_is_added_and_corrected(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/norms")
    form = form_of(page, "Добавить норматив")
    form.get_by_label("Набор").fill("own")
    form.get_by_label("Норматив, минут").fill("ноль")
    form.get_by_label("Действует").uncheck()
    save(form)
    expect(form.locator("#about-minutes .field-error")).to_have_text("Введите число.")
    form.get_by_label("Норматив, минут").fill("12,5")
    form.locator("[name=clock_stop]").select_option("received")
    save(form)
    expect(form.locator("#about-clock_stop .field-error")).to_contain_text("позже")
    form.locator("[name=clock_stop]").select_option("on_scene")
    keep(form)
    row = row_of(page, "own")
    expect(row).to_contain_text("12:30")
    row.get_by_role("button", name=re.compile("Изменить")).click()
    page.get_by_role("dialog").get_by_label("Норматив, минут").fill("11")
    keep(page.get_by_role("dialog"))
    expect(row).to_contain_text("11:00")


def test_a_rule_of_attention_gets_other_times(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/attention")
    row = row_of(page, "Бригада не выехала")
    row.get_by_role("button", name=re.compile("Изменить")).click()
    form = page.get_by_role("dialog")
    form.get_by_label("Через сколько минут").fill("5000")
    save(form)
    expect(form.locator("#about-after .field-error")).to_have_text("От 0 до 1440.")
    form.get_by_label("Через сколько минут").fill("3")
    form.get_by_label("Напомнить ещё раз").fill("")
    keep(form)
    expect(row).to_contain_text("3:00")
    expect(row).to_contain_text("никогда")


def test_sending_without_a_dispatcher_is_switched_on_in_two_steps(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/advice")
    page.get_by_label("Критический").first.check()
    page.get_by_text("Числа", exact=True).click()
    page.get_by_label("Цена разворота").fill("много")
    page.get_by_role("button", name="Сохранить").click()
    expect(page.get_by_text("Введите число.")).to_be_visible()
    expect(page.get_by_label("Цена разворота")).to_be_focused()
    page.get_by_label("Цена разворота").fill("300")
    page.get_by_role("button", name="Сохранить").click()
    question = page.get_by_role("alertdialog")
    expect(question).to_have_accessible_name("Назначать без диспетчера: критический?")
    question.get_by_role("button", name="Оставить как есть").click()
    with Client(town.service, "admin") as admin:
        assert admin.get("/advice/settings")["automatic"] == []
        page.get_by_role("button", name="Сохранить").click()
        confirm(page, "Включить")
        expect(page.get_by_text("Сейчас без диспетчера: критический.")).to_be_visible()
        settings = admin.get("/advice/settings")
        assert (settings["automatic"], settings["switch_s"]) == (["critical"], 300)
        page.get_by_label("Критический").first.uncheck()
        page.get_by_role("button", name="Сохранить").click()  # switching off needs no second step
        expect(page.get_by_text("Сохранено.")).to_be_visible()
        assert admin.get("/advice/settings")["automatic"] == []


def test_the_advice_is_tuned_by_one_choice_or_by_figures_of_one_s_own(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/advice")
    with Client(town.service, "admin") as admin:
        before = admin.get("/advice/settings")
        presets = {preset["name"]: preset for preset in before["presets"]}
        page.get_by_label("Срочные важнее").check()
        page.get_by_role("button", name="Сохранить").click()
        expect(page.get_by_text("Сохранено.")).to_be_visible()
        settings = admin.get("/advice/settings")
        assert settings["preset"] == "urgent"
        assert {name: settings[name] for name in presets["urgent"] if name != "name"} == {
            name: value for name, value in presets["urgent"].items() if name != "name"
        }
        page.get_by_text("Числа", exact=True).click()
        expect(page.get_by_label("Цена нарушенного норматива")).to_have_value("1800")
        page.get_by_label("Цена нарушенного норматива").fill("7201")
        expect(page.get_by_label("Свои числа")).to_be_checked()
        page.get_by_role("button", name="Сохранить").click()
        expect(page.get_by_text("От 0 до 7200.")).to_be_visible()
        page.get_by_label("Цена нарушенного норматива").fill("1200")
        page.get_by_role("button", name="Сохранить").click()
        expect(page.get_by_text("Сохранено.")).to_be_visible()
        settings = admin.get("/advice/settings")
        assert (settings["preset"], settings["late_s"]) == (None, 1200)
        page.get_by_label("Поровну: никто не платит").check()
        page.get_by_role("button", name="Сохранить").click()
        expect(page.get_by_text("Сохранено.")).to_be_visible()
        assert admin.get("/advice/settings")["preset"] == "balanced"


def test_a_tracker_s_address_is_shown_once_and_revoked(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/devices")
    form = form_of(page, "Добавить трекер")
    save(form)
    expect(form.locator("#about-name .field-error")).to_have_text("Заполните это поле.")
    form.get_by_label("Название").fill("Планшет")
    keep(form)
    shown = page.locator(".key-window")
    expect(shown.locator(".secret")).to_have_text(re.compile(r"/api/v1/positions/osmand/brd_\S+$"))
    expect(shown.get_by_role("img", name="Адрес трекера картинкой")).to_be_visible()
    secret = shown.locator(".secret").inner_text()
    shown.get_by_role("button", name="Сохранено, закрыть").click()
    expect(shown).to_have_count(0)
    row = row_of(page, "Планшет")
    expect(row).to_contain_text("ещё ни разу")
    assert secret not in page.content()
    row.get_by_role("button", name=re.compile("Отозвать")).click()
    confirm(page, "Отозвать")
    expect(row).to_have_class("over")
    expect(row.get_by_role("button", name=re.compile("Отозвать"))).to_have_count(0)


def test_a_key_of_an_outside_system_has_rights_and_an_end(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/tokens")
    form = form_of(page, "Выдать ключ")
    form.get_by_label("Для чего").fill("112")
    form.get_by_label("Действует до").fill("2035-01-01T00:00")
    save(form)
    expect(form.locator("#about-scopes .field-error")).to_have_text("Заполните это поле.")
    form.get_by_label("создавать вызовы").check()
    keep(form)
    shown = page.locator(".key-window")
    expect(shown.locator(".secret")).to_have_text(re.compile("^brg_"))
    shown.get_by_role("button", name="Сохранено, закрыть").click()
    row = row_of(page, "112")
    expect(row).to_contain_text("создавать вызовы")
    expect(row).to_contain_text("01.01.2035 00:00:00")
    row.get_by_role("button", name=re.compile("Отозвать")).click()
    confirm(page, "Отозвать")
    expect(row).to_have_class("over")


def test_the_own_password_and_the_own_sessions(town: Town, window: Open) -> None:
    with Client(town.service, "admin") as admin:
        admin.post(
            "/users",
            {"login": "second", "password": PASSWORD, "role": "admin", "surname": "Второва", "name": "Ия"},
        )
    other = window("second", "/console/admin/cars")
    expect(other.locator("tbody tr").first).to_be_visible()
    page = window("second", "/console/admin/sessions")
    expect(page.locator("tbody tr")).to_have_count(2)
    form = form_of(page, "Сменить пароль")
    form.get_by_label("Нынешний пароль").fill("не тот")
    form.get_by_label("Новый пароль", exact=True).fill("другой-пароль-8")
    form.get_by_label("Новый пароль ещё раз").fill("другой-пароль")
    form.get_by_role("button", name="Сменить").click()
    expect(form.get_by_text("Пароли не совпадают.")).to_be_visible()
    form.get_by_label("Новый пароль ещё раз").fill("другой-пароль-8")
    form.get_by_role("button", name="Сменить").click()
    expect(form.locator("#about-current-password .field-error")).not_to_be_empty()
    form.get_by_label("Нынешний пароль").fill(PASSWORD)
    form.get_by_role("button", name="Сменить").click()
    expect(form.get_by_text("Пароль изменён. Остальные сеансы завершены.")).to_be_visible()
    expect(other.get_by_label("Логин")).to_be_visible()
    form.get_by_role("button", name="Закрыть").click()
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody").get_by_role("button", name=re.compile("Завершить")).click()
    page.get_by_role("alertdialog").get_by_role("button", name="Завершить").click()
    expect(page.get_by_label("Логин")).to_be_visible()  # it was this page's own


def test_the_journal_is_narrowed_and_tells_old_and_new_values(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        call = town.call(dispatcher, address="Журнальная, 1")
        town.call(dispatcher, address="Другая, 2")
    with Client(town.service, "admin") as admin:
        car = next(item for item in admin.get("/cars")["items"] if item["number"] == "О201КХ178")
        admin.send("PATCH", f"/cars/{car['id']}", {"model": "Соболь", "serviceability": "broken"})
        admin.send("PATCH", f"/cars/{car['id']}", {"model": car["model"], "serviceability": "in_service"})
    page = window("admin", "/console/admin/journal")
    rows = page.locator("tbody tr")
    page.get_by_label("О чём").select_option("car")
    expect(rows.nth(1)).to_contain_text(f"модель: {car['model']} → Соболь")
    expect(rows.nth(1)).to_contain_text("исправность: исправен → неисправен")
    page.get_by_label("О чём").select_option("call")
    page.get_by_label("Номер вызова").fill(f"К-{call['number']}")
    page.get_by_label("Номер вызова").press("Tab")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Иванова А. С.")
    page.get_by_label("Номер вызова").fill("999999")
    page.get_by_label("Номер вызова").press("Tab")
    expect(page.get_by_text("Вызова с таким номером нет.")).to_be_visible()
    page.get_by_label("Номер вызова").fill("")
    page.get_by_label("Номер вызова").press("Tab")
    page.get_by_label("Кто").select_option(label="Петрова Мария Игоревна")
    expect(page.get_by_text("Записей нет.")).to_be_visible()


@pytest.mark.long
def test_the_journal_s_file_holds_all_that_is_found_not_only_what_is_shown(town: Town, window: Open) -> None:
    with Client(town.service, "admin") as admin:
        car = next(item for item in admin.get("/cars")["items"] if item["number"] == "О201КХ178")
        for number in range(101):
            admin.send("PATCH", f"/cars/{car['id']}", {"model": f"Соболь {number}"})
    page = window("admin", "/console/admin/journal")
    rows = page.locator("tbody tr")
    page.get_by_label("О чём").select_option("car")
    expect(rows.first).to_contain_text("модель: Соболь 99 → Соболь 100")
    expect(rows).to_have_count(100)
    with page.expect_download() as download:
        page.get_by_role("button", name="Выгрузить CSV").click()
    lines = download.value.path().read_bytes().decode("utf-8").splitlines()
    assert lines[0] == "\ufeff№;Когда;Что;Кто;Вызов;Изменения"
    numbers = [int(line.split(";")[0]) for line in lines[1:]]
    assert len(numbers) > 100
    assert "модель: Соболь 0 → Соболь 1" in "".join(lines)
    assert numbers == sorted(set(numbers), reverse=True)
    page.get_by_role("button", name="Показать ещё").click()
    expect(rows.nth(100)).to_be_visible()


def test_an_administrator_is_told_of_a_broken_car(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/notices")
    with Client(town.service, "ivanova") as dispatcher:
        call = town.call(dispatcher)
        work = dispatcher.post(f"/calls/{call['id']}/assignments", {"team_id": town.teams["12"]["id"]})
        dispatcher.post(f"/assignments/{work['id']}/trouble", {"kind": "car_broken", "comment": "Прокол"})
    told = page.locator(".admin-notices li").filter(has_text="Автомобиль неисправен").first
    expect(told).to_have_class("unread")
    expect(page.get_by_role("link", name=re.compile("Уведомления")).locator(".count")).to_be_visible()
    told.get_by_role("button", name=re.compile("Прочитано")).click()
    expect(told).not_to_have_class("unread")
    with Client(town.service, "admin") as admin:
        admin.send("PATCH", f"/cars/{town.teams['12']['car']['id']}", {"serviceability": "in_service"})


def test_the_journal_counts_as_new_only_what_its_filters_let_through(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/journal")
    expect(page.locator(".link-state.live")).to_be_visible()
    page.get_by_label("О чём").select_option("car")
    news = page.get_by_role("button", name=re.compile("нов"))
    with Client(town.service, "admin") as admin, Client(town.service, "ivanova") as dispatcher:
        car = next(item for item in admin.get("/cars")["items"] if item["number"] == "О201КХ178")
        town.call(dispatcher, address="Не об автомобиле, 1")
        admin.send("PATCH", f"/cars/{car['id']}", {"model": "Соболь"})
        expect(news).to_have_text("1 новая ↑")
        page.context.set_offline(True)
        expect(page.locator(".link-banner")).to_be_visible()
        admin.send("PATCH", f"/cars/{car['id']}", {"model": car["model"]})
        page.context.set_offline(False)
    expect(news).to_have_text("2 новые ↑")


def test_sets_of_norms_that_did_not_come_say_so(town: Town, window: Open) -> None:
    page = window("admin")
    page.route("**/api/v1/norms", lambda route: route.abort())
    page.get_by_role("link", name="Нормативы").click()
    said = page.locator("br-norm-sets").get_by_role("alert")
    expect(said).to_contain_text("Сервер не отвечает")
    page.unroute("**/api/v1/norms")
    said.get_by_role("button", name="Повторить").click()
    expect(page.locator(".norm-sets li")).not_to_have_count(0)


def test_what_a_section_left_behind_needed_comes_late_and_hides_nothing(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/reasons")
    expect(page.get_by_role("table")).to_be_visible()
    held: list[Route] = []
    page.route("**/api/v1/users?role=worker&free=true*", lambda route: held.append(route))
    with page.expect_request("**/api/v1/users?role=worker&free=true*"):
        page.get_by_role("link", name="Бригады").click()
    page.get_by_role("link", name="Нормативы").click()
    sets = page.locator(".norm-sets li")
    expect(sets).not_to_have_count(0)
    with page.expect_response("**/api/v1/users?role=worker&free=true*"):
        held[0].continue_()
    # The answer of the one section has come when the other's next request has gone through as well.
    with page.expect_response("**/api/v1/norms"):
        page.evaluate("fetch('/api/v1/norms')")
    expect(sets).not_to_have_count(0)
    expect(page.locator(".admin-main").get_by_text("Загружаем…")).to_have_count(0)


def test_of_two_lists_the_one_that_was_asked_for_later_counts(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/stations")
    row = row_of(page, "Подстанция № 1")
    expect(row).to_have_count(1)
    held = hold(page, "**/api/v1/stations*", times=1)
    page.locator("br-table").evaluate("table => void table.load()")
    older = held.next()
    page.locator("br-table").evaluate("table => table.load()")
    let_go(page, older, json={"items": [], "next_cursor": None})
    expect(row).to_have_count(1)


def test_a_form_that_was_opened_twice_keeps_what_is_chosen(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/teams")
    expect(page.get_by_role("table")).to_be_visible()
    held = hold(page, "**/api/v1/cars?free=true*")
    button = page.get_by_role("button", name="Сформировать бригаду")
    button.click()
    first = held.next()
    button.click()
    let_go(page, held.next())
    worker = page.get_by_role("dialog").get_by_role("checkbox").first
    worker.check()
    let_go(page, first)
    expect(worker).to_be_checked()


def test_the_call_of_a_filter_that_was_taken_away_is_said_nowhere(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/journal")
    number = page.get_by_label("Номер вызова")
    expect(page.get_by_role("table")).to_be_visible()
    held = hold(page, "**/api/v1/calls?q=*")
    number.fill("999999")
    number.press("Enter")
    asked = held.next()
    expect(page.get_by_text("Загружаем…")).to_be_visible()
    number.fill("")
    number.press("Enter")
    expect(page.get_by_text(re.compile("Показано"))).to_be_visible()
    let_go(page, asked)
    expect(number).to_have_attribute("aria-invalid", "false")
    expect(page.get_by_role("table")).to_be_visible()


def test_settings_that_somebody_else_changed_come_over_nothing_that_is_typed_by_then(
    town: Town, window: Open
) -> None:
    page = window("admin", "/console/admin/advice")
    page.locator("summary").click()
    late = page.locator("[name=late_s]")
    expect(late).not_to_have_value("")
    held = hold(page, "**/api/v1/advice/settings")
    page.locator("br-advice-settings").evaluate("settings => void settings.load(true)")
    asked = held.next()
    late.fill("777")
    answer = asked.fetch()
    let_go(page, asked, response=answer, json={**answer.json(), "late_s": 1})
    expect(late).to_have_value("777")


def test_a_screen_that_loads_after_the_person_has_gone_back_is_not_shown(town: Town, window: Open) -> None:
    page = window("admin", "/console/admin/reasons")
    expect(page.get_by_role("table")).to_be_visible()
    held = hold(page, "**/replay/screen.js*")
    page.evaluate(
        "history.pushState(null, '', '/console/replay'); dispatchEvent(new PopStateEvent('popstate'))"
    )
    screen = held.next()
    page.go_back()
    expect(page.get_by_role("heading", name="Поводы")).to_be_visible()
    let_go(page, screen)
    expect(page.get_by_role("heading", name="Поводы")).to_be_visible()
    expect(page.locator("br-replay")).to_have_count(0)
