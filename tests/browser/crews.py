"""What the tests of the crew's phone share: calls with a team on them, the server's word, big taps, a phone offline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from browser.service import Client, Town
from browser.windows import PHONE, Open

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
    """Steps that the server knows, each as often as it was reported."""
    with Client(town.service, "ivanova") as dispatcher:
        entries = dispatcher.get(f"/assignments/{assignment['id']}")["time_line"]
    return [entry["step"] for entry in entries if not entry["correction"]]


def phone(window: Open, login: str = "crew5", **more: Any) -> Page:
    """The crew's screen on a phone, with the link up."""
    page = window(login, size=PHONE, has_touch=True, **more)
    expect(page.locator(".link-state.live")).to_be_visible()
    return page


def kept_phone(window: Open, login: str = "crew5", **more: Any) -> Page:
    """A phone whose console lies in the browser's own keeping: it starts without a network."""
    page = phone(window, login, service_workers="allow", **more)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page


def big(page: Page, name: str) -> None:
    """Tap the one big button, which must be this step; the phone has it when the button names another one."""
    button = page.locator(".crew-big", has_text=name)
    button.tap()
    if name != "Везём в стационар":  # asks for the hospital first
        expect(button).to_have_count(0)


def all_sent(page: Page) -> None:
    """Nothing waits on the phone any more."""
    expect(page.locator(".queue")).to_have_count(0)


def eventually(page: Page, holds: Callable[[], bool], within_s: float = 30) -> None:
    """Wait for something that only the server knows, while the page lives on."""
    end = datetime.now(UTC) + timedelta(seconds=within_s)
    while not holds():
        assert datetime.now(UTC) < end, "it did not come to hold"
        page.wait_for_timeout(100)
