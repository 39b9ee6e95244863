"""Which browser the tests drive, and how it is started."""

from __future__ import annotations

import shutil


def _first_of(*names: str) -> str | None:
    return next((path for name in names if (path := shutil.which(name))), None)


_WITH_WINDOWS = ("chromium", "chromium-browser", "google-chrome")

# The shell is the same engine without the browser's own windows around it: a page in it costs a third of the CPU,
# because the whole browser starts pages of its own (tabs, menus, one in reserve) beside each of ours.
CHROMIUM = _first_of("chromium-headless-shell", *_WITH_WINDOWS)
WHOLE_CHROMIUM = _first_of(*_WITH_WINDOWS)
"""For what only the browser around a page knows, such as whether an app may be installed."""

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--enable-unsafe-swiftshader",
]  # fmt: skip
