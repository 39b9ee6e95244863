"""What tests in a browser share: sizes of screens and the type of the fixture that opens windows."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 412, "height": 915}
# 1440 × 900 at 200 % zoom: half as many CSS pixels of double size.
ZOOMED = {"width": 720, "height": 450}

type Open = Callable[..., Page]


def on_line(page: Page) -> Page:
    """The page, as soon as its link is up: keys of commands are refused before."""
    expect(page.get_by_text("На связи")).to_be_visible()
    return page
