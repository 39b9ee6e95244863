"""What tests in a browser share: sizes of screens and the type of the fixture that opens windows."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 412, "height": 915}
# 1440 × 900 at 200 % zoom: half as many CSS pixels of double size.
ZOOMED = {"width": 720, "height": 450}

type Open = Callable[..., Page]
