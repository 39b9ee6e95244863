"""One service, one town and one Chromium for all tests of a worker; each test gets windows of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from brigada.embedded.stack import Stack
from brigada.settings import load_settings
from browser.chromium import CHROMIUM, FLAGS
from browser.profiles import Profiles
from browser.service import Client, Service, Town, add_first_administrator
from browser.windows import DESK, Open
from live.databases import fresh_database
from live.ports import free_port

# What a page and an expectation wait for at the most; a machine busy with other tests is slow. Playwright's own five
# seconds for an expectation are less than a page takes to start on such a machine.
PATIENCE_MS = 30_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@pytest.fixture(scope="session")
def service(servers: Stack, template_database: str) -> Iterator[Service]:
    """The service as `brigada serve` runs it, over plain HTTP on the loopback, which browsers take as secure."""
    assert servers.redis is not None
    with fresh_database(servers, template_database) as url:
        settings = load_settings(
            _env_file=None, mode="test", tls=False, host="127.0.0.1", port=free_port(), database_url=url,
            redis_url=servers.redis.url(60), heartbeat_s=2.0, login_limit_per_address=10_000,
            login_limit_per_account=10_000, public_limit_per_address=100_000, log_level="error",
            secret_key="s" * 64, data_dir=servers.settings.data_dir,
        )  # fmt: skip
        service = Service(settings)
        service.start()
        try:
            add_first_administrator(service)
            yield service
        finally:
            service.close()


@pytest.fixture(scope="session")
def settled(service: Service) -> Town:
    return Town(service).settle()


@pytest.fixture
def town(settled: Town) -> Town:
    """The town with every team free and no call open."""
    settled.clear()
    return settled


@pytest.fixture(scope="module")
def playwright(service: Service) -> Iterator[Playwright]:
    """For one module: while it lives, its event loop occupies the thread, and no other test can run one of its own.

    (Not the scope "package": this folder is no Python package, and pytest then quietly keeps it for the session.)
    """
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def signed_in(service: Service) -> Callable[[str], list[dict[str, Any]]]:
    """The cookies of a person who signed in at the API: quicker than the form, which has tests of its own."""

    def cookies(login: str) -> list[dict[str, Any]]:
        with Client(service, login) as client:
            return client.browser_cookies()

    return cookies


@pytest.fixture(scope="module")
def profiles(browser: Browser, service: Service) -> Iterator[Profiles]:
    kept = Profiles(browser, service.url, PATIENCE_MS)
    yield kept
    kept.close()


@pytest.fixture
def window(
    profiles: Profiles, service: Service, signed_in: Callable[[str], list[dict[str, Any]]]
) -> Iterator[Open]:
    """Opens the console as a person: `window("ivanova")`; fails the test for any error on the page."""
    faults: list[str] = []

    def open_window(
        login: str = "",
        path: str = "/",
        *,
        size: dict[str, int] | None = None,
        lang: str = "ru",
        theme: str = "day",
        map_drawn: bool = False,
        **more: Any,
    ) -> Page:
        page = profiles.page(size=size or DESK, lang=lang, **more)
        page.add_init_script(
            f"localStorage['brigada.lang'] ??= '{lang}'; localStorage['brigada.theme'] ??= '{theme}';"
        )
        if not map_drawn:
            # Without a graphics card a map takes a whole core; only the tests about it draw one.
            page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null;")
        if login:
            page.context.add_cookies(signed_in(login))  # type: ignore[arg-type]  # SetCookieParam is such a dict
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((service.url, "data:", "blob:"))
                else faults.append(f"a request off the origin: {request.url}")
            ),
        )
        page.goto(path)
        return page

    yield open_window
    profiles.take_back()
    assert faults == []
