"""The console as an app of its own on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Playwright

from browser.chromium import FLAGS, WHOLE_CHROMIUM
from browser.service import Service, Town
from browser.windows import PHONE


@pytest.mark.long
@pytest.mark.skipif(WHOLE_CHROMIUM is None, reason="a headless shell can not say what may be installed")
def test_the_console_can_be_installed_on_a_phone(
    town: Town, service: Service, playwright: Playwright, signed_in: Callable[[str], list[dict[str, Any]]]
) -> None:
    with playwright.chromium.launch(executable_path=WHOLE_CHROMIUM, args=FLAGS) as browser:
        context = browser.new_context(base_url=service.url, viewport=PHONE)  # type: ignore[arg-type]  # a ViewportSize
        context.add_cookies(signed_in("crew5"))  # type: ignore[arg-type]  # SetCookieParam is such a dict
        page = context.new_page()
        page.goto("/")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        devtools = context.new_cdp_session(page)
        faults = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
        # The windows of the tests are private ones, which alone forbids it.
        assert [fault["errorId"] for fault in faults] == ["in-incognito"]
        assert devtools.send("Page.getAppManifest")["errors"] == []
