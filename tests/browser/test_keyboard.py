"""The dispatcher's keyboard, by the place of the key: it works in the Russian layout too."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from browser.crews import send
from browser.service import Client, Town
from browser.windows import DESK, PHONE, Open, hold, on_line


def press(page: Page, code: str, key: str) -> None:
    """A key as a Russian layout sends it: the code of the place, the letter of the layout."""
    page.evaluate(
        "([code, key]) => document.body.dispatchEvent(new KeyboardEvent('keydown', {code, key, bubbles: true}))",
        [code, key],
    )


@pytest.fixture
def three_calls(town: Town) -> Town:
    with Client(town.service, "ivanova") as dispatcher:
        for minutes, address in ((9, "Первая, 1"), (6, "Вторая, 2"), (3, "Третья, 3")):
            town.call(dispatcher, address=address, minutes=minutes, location={"lat": 59.93, "lon": 30.33})
    return town


def test_j_and_k_walk_through_the_waiting_calls_in_the_russian_layout(
    three_calls: Town, window: Open
) -> None:
    page = on_line(window("ivanova"))
    expect(page.locator(".waiting-list .call-row")).to_have_count(3)
    chosen = page.locator(".waiting-list .chosen .call-address")
    press(page, "KeyJ", "о")
    expect(chosen).to_have_text("Первая, 1")
    press(page, "KeyJ", "о")
    expect(chosen).to_have_text("Вторая, 2")
    press(page, "KeyK", "л")
    expect(chosen).to_have_text("Первая, 1")


def test_one_key_sends_the_team_that_the_advice_names_first(three_calls: Town, window: Open) -> None:
    page = on_line(window("ivanova"))
    expect(page.locator(".waiting-list .call-row")).to_have_count(3)
    press(page, "KeyJ", "о")
    first = page.locator(".candidate-name").first
    expect(first).to_be_visible()
    team = re.search(r"Бр\. (\S+)", first.inner_text())
    assert team
    press(page, "Digit1", "1")
    expect(page.locator(".foot-toast")).to_contain_text(f"Бр. {team[1]} назначена на К-")
    expect(page.locator(".in-work .call-row")).to_have_count(1)


def test_ctrl_z_takes_the_assignment_back(three_calls: Town, window: Open) -> None:
    page = on_line(window("ivanova"))
    expect(page.locator(".waiting-list .call-row")).to_have_count(3)
    press(page, "KeyJ", "о")
    expect(page.locator(".candidate").first).to_be_visible()
    press(page, "Digit1", "1")
    expect(page.locator(".undo-left")).to_have_text(re.compile(r"0:(10|0\d)"))
    page.keyboard.press("Control+KeyZ")
    expect(page.locator(".foot-toast")).to_contain_text("Назначение отменено.")
    expect(page.locator(".waiting-list .call-row")).to_have_count(3)


def test_a_key_that_sends_nobody_says_so(three_calls: Town, window: Open) -> None:
    """Before the advice has come, and while the command before is under way."""
    page = on_line(window("ivanova"))
    expect(page.locator(".waiting-list .call-row")).to_have_count(3)
    toast, chosen = page.locator(".toast.problem"), page.locator(".waiting-list .chosen .call-address")
    page.route("**/candidates?*", lambda _: None)
    with page.expect_request("**/candidates?*"):
        press(page, "KeyJ", "о")
    press(page, "Digit1", "1")
    expect(toast).to_contain_text("Никто не направлен: строки 1 в совете нет")
    expect(toast).to_have_css("color", "rgb(95, 67, 0)")  # red is for alarms alone
    page.unroute("**/candidates?*")
    page.locator("br-advice").evaluate("advice => void advice.ask(true)")
    held: list[Route] = []
    page.route("**/assignments", lambda route: held.append(route))
    expect(page.locator(".candidate .button").first).to_be_enabled()
    with page.expect_request("**/assignments"):
        press(page, "Digit1", "1")
    press(page, "KeyJ", "о")
    expect(chosen).to_have_text("Вторая, 2")
    expect(page.locator(".candidate").first).to_be_visible()
    press(page, "Digit1", "1")
    expect(toast).to_contain_text("предыдущая команда ещё выполняется")
    held[0].continue_()
    expect(page.locator(".in-work .call-row")).to_have_count(1)
    expect(page.locator(".in-work .call-row")).to_contain_text("Первая, 1")


def test_n_opens_a_new_call_and_escape_closes_it(town: Town, window: Open) -> None:
    page = on_line(window("ivanova"))
    press(page, "KeyN", "т")
    expect(page.get_by_label("Адрес", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator(".new-call-form")).to_have_count(0)


def test_the_command_line_understands_team_on_call(three_calls: Town, window: Open) -> None:
    page = on_line(window("ivanova"))
    expect(page.locator(".waiting-list .call-row")).to_have_count(3)
    number = page.locator(".waiting-list .call-number").nth(2).inner_text().removeprefix("К-")
    press(page, "Slash", ".")
    line = page.get_by_role("combobox", name="Командная строка")
    expect(line).to_be_focused()
    line.fill(f"бр 12 на {number}")
    expect(page.locator("#commands").get_by_role("option")).to_have_text(
        re.compile(f"Направить бр. 12 на К-{number}")
    )
    page.keyboard.press("Enter")
    expect(page.locator(".foot-toast")).to_contain_text(f"Бр. 12 назначена на К-{number}.")


def test_a_question_mark_shows_the_keys(town: Town, window: Open) -> None:
    page = on_line(window("ivanova"))
    page.keyboard.press("Shift+Slash")
    expect(page.get_by_role("dialog", name="Клавиши")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_everything_on_the_desk_is_reached_by_tab_with_a_visible_focus(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher)
    page = window("ivanova", map_drawn=True)
    expect(page.locator(".waiting-list .call-row")).to_have_count(1)
    reached = reached_by_tab(page, 25)
    assert any("call-row" in name for name in reached)
    assert any("new-call" in name for name in reached)


def reached_by_tab(page: Page, presses: int) -> set[str]:
    """Classes (else names) of what Tab comes to; wherever it stands, one sees it."""
    reached = set()
    for _ in range(presses):
        page.keyboard.press("Tab")
        focus = page.evaluate(
            "() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " return [e.className || e.tagName, s.outlineStyle, parseFloat(s.outlineWidth)]; }"
        )
        reached.add(str(focus[0]))
        if focus[0] != "BODY":
            assert focus[1] != "none", focus
            assert focus[2] >= 2, focus
    return reached


def test_a_car_is_added_with_the_keyboard_alone(town: Town, window: Open) -> None:
    """The menu, the button, the form with its mistake, and back to the button: no mouse."""
    page = window("admin", "/console/admin/stations")
    expect(page.locator("tbody tr").first).to_be_visible()
    cars = page.locator(".admin-menu a[href$=cars]")
    until_focused(page, cars)
    page.keyboard.press("Enter")
    expect(cars).to_have_attribute("aria-current", "page")
    add = page.locator(".admin-head .primary")
    until_focused(page, add)
    page.keyboard.press("Enter")
    form = page.locator("dialog[open]")
    expect(form.locator(":focus")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(form.locator(".field-error").first).to_be_visible()
    plate = form.get_by_label("Госномер")
    until_focused(page, plate)
    page.keyboard.type("К777АА178")
    until_focused(page, form.get_by_label("Модель"))
    page.keyboard.type("Соболь")
    page.keyboard.press("Enter")
    expect(form).to_have_count(0)
    expect(page.locator("tbody tr", has_text="К777АА178")).to_have_count(1)
    expect(add).to_be_focused()
    assert any(
        "row-actions" in name or "small" in name or "quiet" in name for name in reached_by_tab(page, 20)
    )


def until_focused(page: Page, wanted: Locator) -> None:
    """Press Tab until it stands there; the way round the page is not longer than its controls."""
    for _ in range(60):
        if wanted.evaluate("item => item === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab never came to it")


def test_single_keys_can_be_switched_off_and_the_device_remembers(town: Town, window: Open) -> None:
    page = on_line(window("ivanova"))
    page.get_by_role("button", name="Меню").click()
    page.get_by_role("button", name="Выключить клавиши-буквы").click()
    page.reload()
    on_line(page)
    hint = page.locator(".foot-hint")
    expect(hint).to_have_text("F1 — все клавиши")
    expect(page.locator("kbd:visible")).to_have_count(0)
    press(page, "KeyN", "т")
    press(page, "KeyT", "е")
    press(page, "Slash", ".")
    press(page, "F1", "F1")
    expect(page.get_by_role("dialog", name="Клавиши")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".new-call-form, .teams-panel")).to_have_count(0)
    page.get_by_role("button", name="Меню").click()
    page.get_by_role("button", name="Включить клавиши-буквы").click()
    expect(hint).to_have_text("/ — команда, ? — все клавиши")
    expect(page.locator(".new-call kbd")).to_be_visible()
    press(page, "KeyN", "т")
    expect(page.locator(".new-call-form")).to_be_visible()


@pytest.mark.long
def test_a_refused_command_stands_in_its_line_again_and_takes_no_key_from_another_field(
    three_calls: Town, window: Open
) -> None:
    page = on_line(window("ivanova"))
    expect(page.locator(".waiting-list .call-row")).to_have_count(3)
    number = page.locator(".waiting-list .call-number").first.inner_text().removeprefix("К-")
    held = hold(page, "**/api/v1/calls/*/assignments")
    line = page.get_by_role("combobox", name="Командная строка")
    line.fill(f"бр 12 на {number}")
    page.keyboard.press("Enter")
    sent = held.next()
    press(page, "KeyN", "т")
    address = page.get_by_label("Адрес", exact=True)
    expect(address).to_be_focused()
    sent.abort()
    expect(line).to_have_value(f"бр 12 на {number}")
    expect(address).to_be_focused()


FOCUSED = """() => {
  const item = document.activeElement;
  if (!item || item === document.body) return null;
  const style = getComputedStyle(item), box = item.getBoundingClientRect();
  // The middle; of what is higher than the window any part of it.
  const x = box.left + box.width / 2;
  const y = box.height > innerHeight && box.bottom > 0 ? Math.max(0, box.top) : box.top + box.height / 2;
  const words = [item.getAttribute('aria-label'), ...[...(item.labels ?? [])].map((label) => label.textContent),
    item.textContent, item.title];
  item.dataset.walked ??= String(document.querySelectorAll('[data-walked]').length);
  return {
    id: item.dataset.walked, what: item.outerHTML.slice(0, 160), name: (words.find((one) => one?.trim()) ?? '').trim(),
    outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: box.width > 0 && box.height > 0 && style.visibility === 'visible' && Number(style.opacity) > 0,
    inside: x >= 0 && y >= 0 && x <= innerWidth && y <= innerHeight,
  };
}"""


@pytest.mark.parametrize(
    ("login", "path", "size", "least"),
    [
        ("crew5", "/console/crew", PHONE, 5),
        ("ivanova", "/console/replay", DESK, 9),
        ("ivanova", "/console/wall", DESK, 2),
        ("admin", "/console/admin/teams", DESK, 40),
        pytest.param("admin", "/console/admin/journal", DESK, 28, marks=pytest.mark.long),
        pytest.param("admin", "/console/admin/advice", DESK, 25, marks=pytest.mark.long),
    ],
    ids=["crew", "replay", "wall", "teams", "journal", "advice"],
)
def test_tab_comes_to_everything_and_one_sees_where_it_stands(
    three_calls: Town, window: Open, login: str, path: str, size: dict[str, int], least: int
) -> None:
    if login == "crew5":
        send(three_calls)
    page = window(login, path, size=size)
    ready = {"crew": ".crew-big", "replay": ".replay-play:enabled", "wall": ".wall-list li"}
    expect(page.locator(ready.get(path.split("/")[2], "tbody tr, form.settings")).first).to_be_visible()
    walked: dict[str, str] = {}
    last = ""
    for _ in range(120):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUSED)
        if focus is None:
            if walked:
                break
            continue
        if focus["id"] in walked:
            if focus["id"] == last:
                continue  # a field of day and time has parts of its own
            break
        last = focus["id"]
        walked[focus["id"]] = focus["name"]
        assert focus["name"], focus
        assert focus["outlined"], focus
        assert focus["seen"], focus
        assert focus["inside"], focus
    assert len(walked) >= least, walked
