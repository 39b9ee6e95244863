"""axe finds nothing on any screen, in both languages, by day and night, on every size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser.service import CALLS, Client, Town
from browser.windows import DESK, PHONE, ZOOMED, Open

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# Every run looks at each screen once by day in Russian; the long tests also at night in English.
BOTH = pytest.mark.parametrize(
    ("lang", "theme"), [("ru", "day"), pytest.param("en", "night", marks=pytest.mark.long)]
)


def violations(page: Page) -> list[str]:
    """What axe finds, with the elements; injected past the page's policy, which allows no such script."""
    page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, rules)", RULES)
    return [
        f"{item['id']}: {node['target']} {node.get('failureSummary', '')[:200]}"
        for item in found["violations"]
        for node in item["nodes"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide


@pytest.fixture
def busy(town: Town) -> Iterator[Town]:
    with Client(town.service, "ivanova") as dispatcher:
        calls = [town.call(dispatcher, **call) for call in CALLS]
        for call, team in ((calls[0], "13"), (calls[4], "16")):
            dispatcher.post(f"/calls/{call['id']}/assignments", {"team_id": town.teams[team]["id"]})
    with town.in_another_car("14", 59.9205, 30.2990, age_s=95):
        yield town


@pytest.mark.parametrize(("lang", "theme"), [("ru", "day"), ("en", "night")])
def test_the_sign_in_page(town: Town, window: Open, lang: str, theme: str) -> None:
    page = window(lang=lang, theme=theme)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert violations(page) == []


SIZES = {"1440x900": DESK, "200 %": ZOOMED, "412x915": PHONE}


def resize(page: Page, size: dict[str, int]) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]  # a ViewportSize is such a dict


@BOTH
def test_the_dispatcher_s_desk(busy: Town, window: Open, lang: str, theme: str) -> None:
    page = window("ivanova", lang=lang, theme=theme)
    expect(page.locator(".waiting-list .call-row")).to_have_count(3)
    expect(page.locator(".coverage-share")).to_be_visible()
    found: list[str] = []
    for name, size in SIZES.items():
        resize(page, size)
        found += [f"overview, {name}: {one}" for one in violations(page)]
        page.keyboard.press("j")
        expect(page.locator(".candidate").first).to_be_visible()
        found += [f"card, {name}: {one}" for one in violations(page)]
        page.keyboard.press("t")
        expect(page.locator(".team-row").first).to_be_visible()
        found += [f"teams, {name}: {one}" for one in violations(page)]
        page.locator(".team-row").first.click()
        expect(page.locator(".team-fix")).to_be_visible()
        found += [f"team, {name}: {one}" for one in violations(page)]
        page.keyboard.press("n")
        expect(page.locator(".new-call-form")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.locator("#error-address")).not_to_be_empty()
        found += [f"new call, {name}: {one}" for one in violations(page)]
        assert overflow(page) <= 0, name
        page.locator(".new-call-form .close").click()
    assert found == []


@BOTH
@pytest.mark.parametrize(
    "size",
    [PHONE, pytest.param({"width": 320, "height": 640}, marks=pytest.mark.long)],
    ids=["412x915", "320 px"],
)
def test_the_crew_s_phone(busy: Town, window: Open, lang: str, theme: str, size: dict[str, int]) -> None:
    page = window("crew5", size=size, lang=lang, theme=theme)
    big = page.locator(".crew-big")
    expect(big).to_be_enabled()
    found = violations(page)
    for sheet in (0, 2, 3):  # trouble, correct a time, navigator
        page.locator(".crew-foot .pair .button").last.click()
        expect(page.locator("dialog[open]")).to_be_visible()
        found += violations(page)
        page.locator("dialog[open] .sheet-buttons .button").nth(sheet).click()
        found += violations(page)
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
    page.context.set_offline(True)
    big.click()
    expect(page.locator(".queue li")).to_have_count(1)
    found += violations(page)
    assert found == []
    assert overflow(page) <= 0
    small = page.evaluate(
        """() => [...document.querySelectorAll('.crew button, .crew a')]
          .filter(item => item.getBoundingClientRect().height < 48).map(item => item.textContent.trim())"""
    )
    assert small == []  # gloves


SECTIONS = [
    "teams", "users", "cars", "stations", "hospitals", "reasons", "norms", "attention", "advice", "journal",
    "notices", "devices", "tokens", "sessions",
]  # fmt: skip


def turn(page: Page, section: str) -> None:
    """Go to a section of the administrator, and wait until the last one is gone."""
    link = page.locator(f".admin-menu a[href$={section}]")
    link.click()
    expect(link).to_have_attribute("aria-current", "page")


@pytest.mark.parametrize(
    ("lang", "theme", "size"),
    [
        pytest.param("ru", "day", DESK, marks=pytest.mark.long),
        pytest.param("en", "night", ZOOMED, marks=pytest.mark.long),
        pytest.param("ru", "night", PHONE, marks=pytest.mark.long),
        pytest.param("en", "day", PHONE, marks=pytest.mark.long),
        pytest.param("en", "day", DESK, marks=pytest.mark.long),
        pytest.param("ru", "day", ZOOMED, marks=pytest.mark.long),
    ],
    ids=["1440x900", "200 %", "412x915 night", "412x915 day", "1440x900 English", "200 % Russian"],
)
def test_the_administrator_s_sections(
    busy: Town, window: Open, lang: str, theme: str, size: dict[str, int]
) -> None:
    page = window("admin", lang=lang, theme=theme, size=size)
    found: list[str] = []
    wide: dict[str, int] = {}
    for section in SECTIONS:
        turn(page, section)
        shown = "tbody tr, form.settings, .admin-notices, .pane-note:not([role=status])"
        expect(page.locator(shown).first).to_be_attached()
        found += violations(page)
        wide[section] = overflow(page)
    assert found == []
    assert {section: pixels for section, pixels in wide.items() if pixels > 0} == {}


@pytest.mark.parametrize(
    ("lang", "theme", "size"),
    [("ru", "night", DESK), pytest.param("en", "day", PHONE, marks=pytest.mark.long)],
    ids=["1440x900", "412x915"],
)
def test_the_administrator_s_windows(
    busy: Town, window: Open, lang: str, theme: str, size: dict[str, int]
) -> None:
    """Forms with their mistakes, questions, keys."""
    page = window("admin", lang=lang, theme=theme, size=size)
    found: list[str] = []
    for section in ("teams", "users", "stations", "norms", "tokens"):
        turn(page, section)
        page.locator(".admin-head .primary").click()
        expect(page.locator("dialog[open]")).to_be_visible()
        page.locator("dialog[open] .primary").click()
        expect(page.locator("dialog[open] .field-error").first).to_be_visible()
        found += violations(page)
        page.locator("dialog[open] .buttons.end button").first.click()
        expect(page.locator("dialog[open]")).to_have_count(0)
    turn(page, "norms")
    page.locator(".norm-sets button").first.click()
    expect(page.get_by_role("alertdialog")).to_be_visible()
    found += violations(page)
    assert found == []


@BOTH
@pytest.mark.parametrize("screen", ["wall", "replay"])
def test_the_wall_and_the_replay(busy: Town, window: Open, screen: str, lang: str, theme: str) -> None:
    page = window("ivanova", f"/console/{screen}", lang=lang, theme=theme)
    expect(
        page.locator(".wall-list li").first if screen == "wall" else page.locator(".replay-play")
    ).to_be_visible()
    found: list[str] = []
    for name, size in SIZES.items():
        resize(page, size)
        found += [f"{name}: {one}" for one in violations(page)]
        assert overflow(page) <= 0, name
    assert found == []
