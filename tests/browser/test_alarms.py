"""Sounds: a critical call rings until acknowledged, a lost link sounds otherwise, nothing before the first click."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from browser.service import Client, Town
from browser.sounds import played
from browser.windows import Open, on_line


def test_the_page_asks_to_begin_the_shift_before_it_can_sound(town: Town, window: Open) -> None:
    page = window("ivanova")
    start = page.get_by_role("button", name="Начать смену")
    expect(start).to_be_visible()
    start.click()
    expect(start).to_be_hidden()


def test_a_new_critical_call_rings_until_it_is_acknowledged(town: Town, window: Open) -> None:
    page = window("petrova")
    page.get_by_role("button", name="Начать смену").click()
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, criticality="common")
        expect(page.locator(".waiting-list .call-row")).to_have_count(1)
        assert played(page)["critical"] == 0
        town.call(dispatcher, criticality="critical")
    bar = page.locator(".alarm-bar")
    expect(bar).to_contain_text("1 критический вызов ждёт бригаду")
    first = played(page)["critical"]
    assert first >= 1
    page.wait_for_timeout(
        4500
    )  # the alarm repeats every 4 s: this is the time under test, not a wait for a page
    assert played(page)["critical"] > first
    page.get_by_role("button", name="Принято").click()
    expect(bar).to_be_hidden()
    silent = played(page)["critical"]
    page.wait_for_timeout(4500)
    assert played(page)["critical"] == silent


def test_a_critical_call_rings_though_the_screen_loaded_after_the_picture(town: Town, window: Open) -> None:
    page = window()
    held: list[Route] = []
    beats: list[str | bytes] = []

    def hear(frame: str | bytes) -> None:
        if '"heartbeat"' in str(frame):
            beats.append(frame)

    page.route("**/dispatcher/screen.js*", lambda route: held.append(route))
    page.on("websocket", lambda socket: socket.on("framereceived", hear))
    with Client(town.service, "petrova") as person:
        page.context.add_cookies(person.browser_cookies())  # type: ignore[arg-type]  # SetCookieParam is such a dict
        page.goto("/")
        while not (held and beats):
            page.wait_for_timeout(50)
        held[0].continue_()
        on_line(page)
        with Client(town.service, "ivanova") as dispatcher:
            town.call(dispatcher, criticality="critical")
        expect(page.locator(".alarm-bar")).to_contain_text("1 критический вызов ждёт бригаду")


def test_ones_own_critical_call_does_not_ring(town: Town, window: Open) -> None:
    page = window("ivanova")
    expect(page.get_by_text("На связи")).to_be_visible()
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, criticality="critical")
    expect(page.locator(".waiting-list .call-row")).to_have_count(1)
    expect(page.locator(".alarm-bar")).to_have_count(0)


def test_a_critical_call_that_waits_again_while_the_link_was_away_rings_again(
    town: Town, window: Open
) -> None:
    with Client(town.service, "petrova") as other:
        call = town.call(other, criticality="critical")
        page = on_line(window("ivanova"))
        row = page.locator(".waiting-list .call-row")
        expect(row).to_have_count(1)
        sent = other.post(f"/calls/{call['id']}/assignments", {"team_id": town.teams["14"]["id"]})
        expect(row).to_have_count(0)
        # What happens meanwhile comes as a picture, not as an event.
        page.context.set_offline(True)
        expect(page.locator(".link-state.live")).to_have_count(0)
        other.post(f"/assignments/{sent.get('assignment', sent)['id']}/cancel", {"comment": "сломались"})
        page.context.set_offline(False)
        expect(row).to_have_count(1)
        expect(page.locator(".alarm-bar")).to_contain_text("1 критический вызов ждёт бригаду")


def test_a_lost_link_and_a_notice_have_sounds_of_their_own(town: Town, window: Open) -> None:
    page = on_line(window("ivanova"))
    start = page.get_by_role("button", name="Начать смену")
    start.click()
    expect(start).to_be_hidden()
    with Client(town.service, "ivanova") as dispatcher:
        call = town.call(dispatcher)
        sent = dispatcher.post(f"/calls/{call['id']}/assignments", {"team_id": town.teams["11"]["id"]})
        expect(page.locator(".in-work .call-row")).to_have_count(1)
        assert played(page)["notice"] == 0
        with Client(town.service, town.logins_of["11"]) as crew:
            crew.post(
                f"/assignments/{sent.get('assignment', sent)['id']}/decline", {"reason": "другой вызов"}
            )
    expect(page.locator(".waiting-list .call-row")).to_have_count(1)
    assert played(page) == {"critical": 0, "assigned": 0, "link": 0, "notice": 1}
    page.context.set_offline(True)
    expect(page.locator(".link-state.lost")).to_be_visible()
    assert played(page) == {"critical": 0, "assigned": 0, "link": 1, "notice": 1}


def test_nothing_is_played_before_the_shift_is_begun_and_a_silent_browser_is_told(
    town: Town, window: Open
) -> None:
    page = on_line(window("petrova"))
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, criticality="critical")
    expect(page.locator(".alarm-bar")).to_be_visible()
    assert played(page)["critical"] == 0
    page.evaluate(
        "() => { Object.defineProperty(AudioContext.prototype, 'state', {get: () => 'suspended'});"
        " AudioContext.prototype.resume = () => new Promise(() => {}); }"
    )
    start = page.get_by_role("button", name="Начать смену")
    start.click()
    expect(page.locator(".start-bar")).to_contain_text("Звук не включился")
    expect(start).to_be_visible()
    assert played(page)["critical"] == 0
