"""Profiles of the browser, used again with nothing in them but the console's files: a fresh one reads all anew."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

# All but the files' cache: what a page could remember of the test before.
FORGOTTEN = "cookies,local_storage,indexeddb,service_workers,cache_storage,file_systems"


class Profiles:
    """Contexts of one browser. Each window of a test has one to itself, and it is empty when the next test gets it."""

    def __init__(self, browser: Browser, url: str, patience_ms: int) -> None:
        self._browser = browser
        self._url = url
        self._patience_ms = patience_ms
        self._idle: dict[str, list[BrowserContext]] = {}
        self._lent: list[tuple[str, BrowserContext]] = []

    def page(self, *, size: dict[str, int], lang: str, **more: Any) -> Page:
        """A page of the console in a profile that nobody uses; `more` are options of a Playwright context."""
        # Each new profile would fetch and keep all files once more; only the tests about that allow it.
        more.setdefault("service_workers", "block")
        more.setdefault("timezone_id", "Europe/Moscow")
        key = repr((lang, sorted(more.items())))
        idle = self._idle.get(key)
        context = idle.pop() if idle else self._new(lang, more)
        self._lent.append((key if _is_plain(more) else "", context))
        page = context.new_page()
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a ViewportSize is such a dict
        return page

    def _new(self, lang: str, more: dict[str, Any]) -> BrowserContext:
        context = self._browser.new_context(
            base_url=self._url, locale="ru-RU" if lang == "ru" else "en-GB", **more
        )
        context.set_default_timeout(self._patience_ms)
        return context

    def take_back(self) -> None:
        """The test is over: empty its profiles and keep them, but for those with options of their own."""
        for key, context in self._lent:
            if key:
                self._empty(context)
                self._idle.setdefault(key, []).append(context)
            else:
                context.close()
        self._lent.clear()

    def _empty(self, context: BrowserContext) -> None:
        for page in context.pages:
            page.close()
        context.set_offline(False)
        context.unroute_all()
        blank = context.new_page()
        devtools = context.new_cdp_session(blank)
        devtools.send("Storage.clearDataForOrigin", {"origin": self._url, "storageTypes": FORGOTTEN})
        context.clear_cookies()
        blank.close()

    def close(self) -> None:
        """Close the profiles."""
        for contexts in self._idle.values():
            for context in contexts:
                context.close()


def _is_plain(more: dict[str, Any]) -> bool:
    """Whether the profile has nothing that a test may change for good: a place, permissions, a worker of its own."""
    return more["service_workers"] == "block" and not more.keys() & {"geolocation", "permissions"}
