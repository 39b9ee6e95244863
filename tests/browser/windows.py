"""What tests in a browser share: sizes of screens and the type of the fixture that opens windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route, expect

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 412, "height": 915}
# 1440 × 900 at 200 % zoom: half as many CSS pixels of double size.
ZOOMED = {"width": 720, "height": 450}

type Open = Callable[..., Page]


def on_line(page: Page) -> Page:
    """The page, as soon as its link is up: keys of commands are refused before."""
    expect(page.get_by_text("На связи")).to_be_visible()
    return page


class Held:
    """Requests that wait for the test."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._routes: list[Route] = []

    def add(self, route: Route) -> None:
        self._routes.append(route)

    def next(self) -> Route:
        """The oldest that was not taken yet, as soon as there is one."""
        while not self._routes:
            self._page.wait_for_timeout(20)
        return self._routes.pop(0)


def hold(page: Page, url: str, times: int | None = None) -> Held:
    """Keep such requests waiting from now on: all of them, or the next `times`."""
    held = Held(page)
    page.route(url, held.add, times=times)
    return held


def heard(page: Page) -> None:
    """Wait until the page has dealt with the answers so far: what it asks for after them has come too."""
    page.evaluate("fetch('/console-version.json').then((answer) => answer.text())")


def let_go(page: Page, route: Route, **answer: Any) -> None:
    """Let a held request go on, or answer it so, and wait until the page has dealt with that."""
    with page.expect_response(lambda response: response.request == route.request):
        if answer:
            route.fulfill(**answer)
        else:
            route.continue_()
    heard(page)
