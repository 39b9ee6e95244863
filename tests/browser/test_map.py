"""The map: it goes over to another build by itself, and an estimate does not look like a way by road."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from brigada.regions.importer import ImportOrder, import_region
from brigada.regions.store import RegionStore
from browser.service import Client, Town
from browser.windows import Open
from small_places import write_hamlet

PLACE = {"lat": 59.9263, "lon": 30.3352}
NOTICED_MS = 40_000
"""A process looks at the pointer each second and tells of it with the next heartbeat; the machine may be busy."""


@pytest.mark.long
def test_a_map_installed_and_updated_while_the_page_is_open_is_drawn_without_a_reload(
    town: Town, window: Open, tmp_path: Path
) -> None:
    store = RegionStore(town.service.settings.data_dir)
    extract = write_hamlet(tmp_path / "hamlet.osm.pbf")
    page = window("ivanova", map_drawn=True)
    board = page.locator("br-map")
    expect(board).to_have_attribute("data-teams", re.compile(r"\d+"), timeout=NOTICED_MS)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if ".mvt" in request.url else None)
    try:
        for _ in range(2):
            installed = import_region(store, ImportOrder("hamlet", extract), datetime.now(UTC))
            build = installed.manifest.build
            expect(board).to_have_attribute("data-build", build, timeout=NOTICED_MS)
            expect(board.locator("canvas")).to_be_visible()
            wait_for_tiles(page, asked, f"?build={build}")
    finally:
        (store.root / "current").unlink(missing_ok=True)
    expect(board).to_have_attribute("data-build", "", timeout=NOTICED_MS)


def wait_for_tiles(page: Page, asked: list[str], suffix: str) -> None:
    """Wait until the map asked for tiles of the new build. (The page's policy forbids conditions written as text.)"""
    end = time.monotonic() + NOTICED_MS / 1000
    while not (asked and asked[-1].endswith(suffix)):
        assert time.monotonic() < end, asked[-1:]
        page.wait_for_timeout(100)


def test_a_way_that_is_an_estimate_is_drawn_as_one(town: Town, window: Open) -> None:
    with Client(town.service, "ivanova") as dispatcher:
        call = town.call(dispatcher, location=PLACE)
        team = dispatcher.send("GET", "/teams")["items"][0]
        dispatcher.send("POST", f"/calls/{call['id']}/assignments", {"team_id": team["id"]})
    page = window("ivanova", map_drawn=True)
    page.locator(".in-work .call-row").click()
    board = page.locator("br-map")
    expect(board).to_have_attribute("data-route", "1", timeout=NOTICED_MS)
    expect(board).to_have_attribute("data-route-approximate", "1")


def test_an_old_position_is_hollow_as_a_circle_too(town: Town, window: Open) -> None:
    """Above 1,500 teams the map draws circles: what is old must not look like what is merely far away."""
    page = window("ivanova", map_drawn=True)
    board = page.locator("br-map")
    expect(board).to_have_attribute("data-teams", re.compile(r"\d+"), timeout=NOTICED_MS)
    board.evaluate("map => map.showCircles(true)")
    ground, edge = (
        board.evaluate(f"map => map.map.getPaintProperty('teams-circles', '{name}')")
        for name in ("circle-color", "circle-stroke-color")
    )
    # ["case", is it old, then, else]: what fills a fresh one is the edge of an old one, and the other way round.
    assert ground[:2] == edge[:2] == ["case", ["get", "stale"]]
    assert (ground[2], ground[3]) == (edge[3], edge[2])
    assert ground[2] != ground[3]
