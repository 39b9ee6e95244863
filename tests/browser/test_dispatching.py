"""Sending teams: advice that explains itself, undo, two steps for what is dangerous, two dispatchers at once."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Route, expect

from browser.crews import eventually
from browser.service import Client, Town
from browser.windows import Open, hold, let_go, on_line

PLACE = {"lat": 59.9263, "lon": 30.3352}


def test_the_advice_shows_the_age_of_the_position_and_never_sends_by_itself(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, location=PLACE)
    page = window("ivanova")
    page.locator(".waiting-list .call-row").click()
    first = page.locator(".candidate").first
    expect(first).to_contain_text(re.compile(r"сигнал 0:\d\d назад|нет сигнала"))
    expect(first.get_by_role("button", name=re.compile("Направить бригаду"))).to_be_enabled()
    expect(page.locator(".in-work .call-row")).to_have_count(0)


def test_the_advice_gives_its_reasons_and_marks_a_straight_line(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        call = town.call(dispatcher, location=PLACE)
        best = dispatcher.get(f"/calls/{call['id']}/candidates?limit=1")["items"][0]
    page = window("ivanova")
    page.locator(".waiting-list .call-row").click()
    first = page.locator(".candidate").first
    reasons = [reason["text"] for reason in best["reasons"] if reason["code"] != "old_position"]
    assert reasons
    expect(first.locator(".candidate-why").first).to_have_text(", ".join(reasons))
    # These tests have no roads: every time is a straight line's.
    assert best["approximate"]
    expect(first.locator(".candidate-eta")).to_have_text(re.compile(r"^≈ \d+:\d\d$"))
    expect(page.locator(".advice")).to_contain_text("≈ оценка по прямой")


def test_a_click_of_a_pointer_that_rested_while_the_advice_changed_sends_nobody(
    town: Town, window: Open
) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, location=PLACE)
    page = window("ivanova")
    page.locator(".waiting-list .call-row").click()
    names = page.locator(".candidate-name")
    page.locator(".candidate .button").first.hover()
    before = names.first.inner_text()

    def turned(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        body["items"] = body["items"][:5][::-1]
        route.fulfill(response=answer, json=body)

    page.route("**/candidates?*", turned)
    # As after twenty seconds without a movement.
    page.locator("br-advice").evaluate(
        "advice => { advice.attended.movedAt -= 30_000; void advice.ask(false); }"
    )
    expect(names.first).not_to_have_text(before)
    page.mouse.down()
    page.mouse.up()
    expect(page.locator(".toast.problem")).to_contain_text("Список только что изменился")
    expect(page.locator(".in-work .call-row")).to_have_count(0)


def test_advice_that_can_not_be_renewed_says_how_old_it_is(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, location=PLACE)
    page = window("ivanova")
    page.locator(".waiting-list .call-row").click()
    expect(page.locator(".candidate").first).to_be_visible()
    expect(page.locator(".advice-old")).to_be_hidden()
    page.route("**/candidates?*", lambda route: route.abort())
    page.locator("br-advice").evaluate("advice => { advice.answeredAt -= 31_000; void advice.ask(false); }")
    expect(page.locator(".advice-old")).to_have_text(
        re.compile(r"Совет на \d\d:\d\d:\d\d, 0:3\d назад: обновить его не удаётся")
    )


def test_a_mistaken_assignment_is_undone_within_ten_seconds(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, location=PLACE)
    page = window("ivanova")
    page.locator(".waiting-list .call-row").click()
    page.locator(".candidate .button").first.click()
    expect(page.locator(".in-work .call-row")).to_have_count(1)
    page.get_by_role("button", name=re.compile("Отменить 0:")).click()
    expect(page.locator(".in-work .call-row")).to_have_count(0)
    expect(page.locator(".waiting-list .call-row")).to_have_count(1)


def test_rejecting_takes_two_steps_names_the_call_and_offers_the_safe_way_first(
    town: Town, window: Open
) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        call = town.call(dispatcher, address="Тихая, 3")
    page = window("ivanova")
    page.locator(".waiting-list .call-row").click()
    page.get_by_role("button", name="Отклонить", exact=True).click()
    question = page.locator(".confirm")
    expect(question).to_contain_text(f"Отклонить К-{call['number']}, Тихая, 3?")
    buttons = question.get_by_role("button")
    expect(buttons.first).to_have_text("Оставить как есть")
    expect(buttons.first).to_be_focused()
    question.get_by_label("Причина").select_option("other")
    buttons.last.click()
    expect(question).to_contain_text("Для причины «другое» нужно примечание.")
    question.get_by_label("Примечание").fill("Перезвонили, не нужно")
    buttons.last.click()
    expect(page.locator(".waiting-list .call-row")).to_have_count(0)
    expect(page.locator(".foot-toast")).to_contain_text(f"Вызов К-{call['number']} отклонён.")


def test_a_lower_criticality_takes_two_steps_and_a_higher_one_counts_at_once(
    town: Town, window: Open
) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        call = town.call(dispatcher, criticality="critical", location=PLACE)
    page = window("ivanova")
    page.locator(".waiting-list .call-row").click()
    choice = page.locator(".facts").get_by_label("Срочность")
    choice.select_option("common")
    question = page.locator(".confirm")
    expect(question).to_contain_text(
        f"К-{call['number']}: понизить срочность, «Критический» станет «Обычный»?"
    )
    expect(choice).to_have_value("critical")
    expect(question.get_by_role("button").first).to_be_focused()
    question.get_by_role("button").first.click()
    expect(question).to_have_count(0)
    expect(page.locator(".waiting-list .call-row.critical")).to_have_count(1)
    choice.select_option("common")
    question.get_by_role("button", name="Понизить").click()
    expect(page.locator(".waiting-list .call-row.common")).to_have_count(1)
    choice.select_option("important")
    expect(page.locator(".waiting-list .call-row.important")).to_have_count(1)


def test_of_two_dispatchers_the_loser_sees_who_was_first_and_when(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, location=PLACE)
    loser = window("petrova")
    winner = window("ivanova")
    for page in (loser, winner):
        page.locator(".waiting-list .call-row").click()
        expect(page.locator(".candidate").first).to_be_visible()
    # The losing window does not hear of the other's command before it sends its own.

    def be_second(route: Route) -> None:
        with Client(town.service, "ivanova") as first:
            call = first.get("/calls?view=actual")["items"][0]
            first.post(f"/calls/{call['id']}/assignments", {"team_id": town.teams["14"]["id"]})
        route.continue_()

    loser.route("**/api/v1/calls/*/assignments", be_second)
    loser.locator(".candidate .button").first.click()
    alert = loser.locator(".foot-toast [class~=problem], .foot-toast.problem, .toast.problem")
    expect(alert).to_contain_text(re.compile(r"Назначена бригада: Иванова А\. С\., \d\d:\d\d:\d\d"))
    expect(winner.locator(".in-work .call-row")).to_contain_text("Бр. 14")


def test_a_refusal_blames_nobody_for_what_the_service_did_and_stays(town: Town, window: Open) -> None:
    with Client(town.service, "petrova") as other:
        call = town.call(other, location=PLACE)
    page = window("ivanova")
    page.locator(".waiting-list .call-row").click()
    expect(page.locator(".candidate .button").first).to_be_enabled()

    def sent_by_itself(route: Route) -> None:
        with Client(town.service, "petrova") as first:
            first.post(f"/calls/{call['id']}/assignments", {"team_id": town.teams["14"]["id"]})
        route.continue_()

    def of_the_service(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        body["items"][0]["actor"] = {"kind": "system", "id": None, "name": None}
        route.fulfill(response=answer, json=body)

    page.route("**/api/v1/calls/*/assignments", sent_by_itself)
    page.route("**/api/v1/events?*", of_the_service)
    page.clock.install()
    page.locator(".candidate .button").first.click()
    alert = page.locator(".toast.problem")
    expect(alert).to_contain_text(re.compile(r"Назначена бригада: автоматически, \d\d:\d\d:\d\d"))
    page.clock.fast_forward(10_000)
    expect(alert).to_be_visible()
    alert.get_by_role("button", name="Закрыть").click()
    expect(alert).to_have_count(0)


def test_an_assignment_can_be_taken_back_no_more_after_ten_seconds(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, location=PLACE)
    page = window("ivanova")
    page.locator(".waiting-list .call-row").click()
    page.clock.install()
    page.locator(".candidate .button").first.click()
    undo = page.get_by_role("button", name=re.compile("Отменить 0:"))
    expect(undo).to_be_visible()
    page.clock.fast_forward(10_000)
    expect(undo).to_have_count(0)
    page.keyboard.press("Control+KeyZ")
    expect(page.locator(".in-work .call-row")).to_have_count(1)


def test_another_team_is_sent_by_the_pointer_alone(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        call = town.call(dispatcher, location=PLACE)
        dispatcher.post(f"/calls/{call['id']}/assignments", {"team_id": town.teams["14"]["id"]})
    page = window("ivanova")
    page.locator(".in-work .call-row").click()
    page.get_by_role("button", name="Направить ещё бригаду").click()
    expect(page.locator(".candidate .button").first).to_be_enabled()
    expect(page.locator(".candidate kbd")).to_have_count(0)


def test_two_windows_that_send_in_the_same_moment_send_one_team(town: Town, window: Open) -> None:
    """Nothing held back: both buttons are pressed by the browsers' own clocks, within milliseconds of each other."""
    with Client(town.service, "ivanova") as dispatcher:
        call = town.call(dispatcher, location=PLACE)
    windows = (window("ivanova"), window("petrova"))
    for page in windows:
        page.locator(".waiting-list .call-row").click()
        expect(page.locator(".candidate .button").nth(1)).to_be_enabled()
    # Each takes its own button into its hand before the moment comes.
    at = (time.time() + 3) * 1000
    for number, page in enumerate(windows):
        page.locator(".candidate .button").nth(number).evaluate(
            "(button, at) => { setTimeout(() => button.click(), at - Date.now()); }", at
        )
    assert time.time() * 1000 < at, "one window was pressed before the other was ready"
    for page in windows:
        expect(page.locator(".in-work .call-row")).to_have_count(1)
    with Client(town.service, "ivanova") as dispatcher:
        active = dispatcher.get(f"/calls/{call['id']}")["assignments"]
    assert len(active) == 1
    sent = next(name for name, team in town.teams.items() if team["id"] == active[0]["team_id"])
    for page in windows:
        expect(page.locator(".in-work .call-row")).to_contain_text(f"Бр. {sent}")
    refused = [page.locator(".problem", has_text="Назначена бригада") for page in windows]
    eventually(windows[0], lambda: sum(one.count() for one in refused) == 1)


def test_a_card_says_who_else_looks_at_it(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, location=PLACE)
    first, second = window("ivanova"), window("petrova")
    for page in (first, second):
        expect(page.locator(".link-state.live")).to_be_visible()
    second.locator(".waiting-list .call-row").click()
    expect(first.locator(".waiting-list .viewer")).to_have_text("◉ Петрова М. И.")
    first.locator(".waiting-list .call-row").click()
    expect(first.locator(".viewing")).to_have_text("◉ Смотрит: Петрова М. И.")
    expect(second.locator(".viewing")).to_have_text("◉ Смотрит: Иванова А. С.")
    second.locator(".close").click()
    expect(first.locator(".viewing")).to_have_count(0)


def test_an_old_position_is_drawn_hollow_with_its_age(town: Town, window: Open) -> None:
    with town.in_another_car("14", 59.9205, 30.2990, age_s=95):
        page = window("ivanova", map_drawn=True)
        drawn = page.locator("br-map")
        expect(drawn).to_have_attribute("data-teams", "6")
        expect(drawn).to_have_attribute("data-stale", re.compile("[1-9]"))
        page.get_by_role("combobox", name="Командная строка").fill("бр 14")
        page.keyboard.press("Enter")
        expect(page.locator(".team-fix")).to_have_text(re.compile(r"\? нет сигнала [1-9]:\d\d"))


def test_the_lists_work_when_the_map_can_not(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, location=PLACE)
    page = window("ivanova", map_drawn=False)
    expect(page.get_by_text("Карта недоступна. Списки работают.")).to_be_visible()
    page.locator(".waiting-list .call-row").click()
    page.locator(".candidate .button").first.click()
    expect(page.locator(".in-work .call-row")).to_have_count(1)


def test_the_history_of_a_call_tells_who_did_what(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        call = town.call(dispatcher, location=PLACE)
        dispatcher.post(f"/calls/{call['id']}/assignments", {"team_id": town.teams["11"]["id"]})
    page = window("petrova")
    page.locator(".in-work .call-row").click()
    page.get_by_role("tab", name="История").click()
    expect(page.locator(".history li")).to_have_count(2)
    expect(page.locator(".history")).to_contain_text("Назначена бригада · Бр. 11 · Иванова А. С.")


def test_a_late_answer_about_one_call_takes_nothing_from_the_card_of_another(
    town: Town, window: Open
) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, address="Первая, 1", minutes=9)
        town.call(dispatcher, address="Вторая, 2", minutes=3)
    page = on_line(window("ivanova"))
    held = hold(page, "**/api/v1/calls/*/reject")
    rows = page.locator(".waiting-list .call-row")
    rows.filter(has_text="Первая, 1").click()
    page.get_by_role("button", name="Отклонить", exact=True).click()
    page.locator(".confirm .danger").click()
    first = held.next()
    rows.filter(has_text="Вторая, 2").click()
    page.get_by_role("button", name="Отклонить", exact=True).click()
    page.locator("[name=comment]").fill("не дописано")
    let_go(page, first)
    expect(page.locator(".foot-toast")).to_contain_text("отклонён")
    expect(page.locator("[name=comment]")).to_have_value("не дописано")


def test_candidates_that_come_after_the_tokens_were_renewed_are_those_of_the_open_call(
    town: Town, window: Open
) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        first = town.call(dispatcher, address="Первая, 1", minutes=9, location=PLACE)
        town.call(dispatcher, address="Вторая, 2", minutes=3, location=PLACE)
    page = on_line(window("ivanova"))
    expect(page.locator(".waiting-list .call-row")).to_have_count(2)
    of_first: list[str] = []

    def over(route: Route) -> None:
        of_first.append(route.request.url)
        route.fulfill(status=401, json={"code": "token_expired"})

    page.route(f"**/calls/{first['id']}/candidates?*", over)
    held = hold(page, "**/auth/refresh")
    page.keyboard.press("j")
    refresh = held.next()
    page.keyboard.press("j")
    expect(page.locator(".candidate").first).to_be_visible()
    let_go(page, refresh)
    assert len(of_first) == 1


def test_a_track_that_comes_after_its_card_was_closed_is_not_drawn(town: Town, window: Open) -> None:
    page = on_line(window("ivanova"))
    held = hold(page, "**/positions/*/track?*")
    page.keyboard.press("t")
    page.locator(".team-row").first.click()
    track = page.get_by_role("button", name="Путь за час")
    track.click()
    expect(page.locator(".card").get_by_text("Загружаем…")).to_be_visible()
    expect(track).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page.locator(".card")).to_have_count(0)
    point = {"lat": 59.93, "lon": 30.33, "at": "2026-01-01T00:00:00Z"}
    let_go(page, held.next(), json={"items": [point, {**point, "lat": 59.94}], "total": 2})
    assert page.locator("br-map").evaluate("map => map.track.length") == 0


def test_a_notification_opens_its_call_at_once_and_comes_over_nothing_later(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        call = town.call(dispatcher, address="Первая, 1")
    notice = {
        "id": 1, "kind": "call_troubled", "call_id": call["id"], "team_id": None, "assignment_id": None,
        "created_at": call["received_at"], "read_at": None, "data": {"number": call["number"]},
    }  # fmt: skip
    page = on_line(window("ivanova"))
    page.route("**/api/v1/notifications?*", lambda route: route.fulfill(json={"items": [notice]}))
    held = hold(page, "**/api/v1/notifications/1/read")
    page.get_by_role("button", name="Уведомления").click()
    page.locator(".notice").click()
    expect(page.locator(".card")).to_contain_text("Первая, 1")
    page.keyboard.press("n")
    page.get_by_label("Адрес", exact=True).fill("улица Новая, 2")
    let_go(page, held.next(), status=204)
    expect(page.get_by_label("Адрес", exact=True)).to_have_value("улица Новая, 2")


def test_a_call_is_rejected_as_the_duplicate_of_one_that_is_closed_by_now(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        original = town.call(dispatcher, address="Тихая, 3", minutes=30)
        dispatcher.post(f"/calls/{original['id']}/reject", {"reason": "refused"})
        again = town.call(dispatcher, address="Тихая, 3")
    page = on_line(window("ivanova"))
    page.locator(".waiting-list .call-row").click()
    page.get_by_role("button", name="Отклонить", exact=True).click()
    page.get_by_label("Причина").select_option("duplicate")
    number = page.get_by_label("Номер основного вызова")
    number.fill("99999999")
    page.get_by_role("button", name="Отклонить вызов").click()
    expect(page.locator(".confirm").get_by_role("alert")).to_have_text("Вызова с таким номером нет.")
    number.fill(str(original["number"]))
    page.get_by_role("button", name="Отклонить вызов").click()
    expect(page.locator(".foot-toast")).to_contain_text(f"Вызов К-{again['number']} отклонён.")
    with Client(town.service, "ivanova") as dispatcher:
        assert dispatcher.get(f"/calls/{again['id']}")["duplicate_of"] == original["id"]


def test_the_header_tells_the_shift_on_duty(town: Town, window: Open) -> None:
    page = on_line(window("ivanova"))
    expect(page.locator(".shift-now")).to_have_text(re.compile(r"^Смена \d\d:\d\d–\d\d:\d\d$"))
