"""The dispatcher's screen in a real browser: CPU of its main thread for a batch of positions and for one change."""

import shutil
import time
from typing import TYPE_CHECKING

from brigada.bench.stand import Stand
from brigada.kit.figures import Figure, median, percentile

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-sync", "--enable-unsafe-swiftshader",
]  # fmt: skip
SIZES = (1_000, 5_000)
"""Teams that move at once: a large city's, and a quarter of all the ambulances on duty in the country."""
OPEN_CALLS = 500
READY_MS = 120_000
QUIET_S = 5.0
"""After the first picture the map fetches tiles and letters; what follows is measured without them."""
ROUND_S = 1.2
"""One batch is drawn in a second at the most: it is over by then, and so is the second's turn of all timers."""

_FILL = """async ([teams, calls]) => {
  const path = document.querySelector('script[type=module]').src.replace('main.js', 'core/session.js');
  const { session } = await import(path);
  const { store } = session;
  session.link.stop();
  const [team] = store.teams.values();
  const home = store.stations.values().next().value.location;
  const now = new Date().toISOString();
  store.teams = new Map();
  store.positions = new Map();
  store.calls = new Map();
  store.attention = new Map();
  for (let id = 1; id <= teams; id += 1) {
    store.teams.set(id, { ...team, id, name: String(id), free: true, on_break_since: null, ended_at: null });
  }
  for (let id = 1; id <= calls; id += 1) {
    const location = { lat: home.lat + (id % 23 - 11) * 0.003, lon: home.lon + (id % 29 - 14) * 0.005 };
    store.calls.set(id, {
      id, number: id, status: 'new', criticality: ['critical', 'important', 'common'][id % 3], reason: 'chest_pain',
      address: `${id}`, location, received_at: now, caller_phone: '', patient: null, assignments: [], version: 1,
    });
  }
  globalThis.benchBatch = (turn) => {
    const at = new Date().toISOString();
    store.applyPositions([...store.teams.keys()].map((id) => ({
      team_id: id, car_id: id, at, speed_mps: 11, heading_deg: (id + turn) % 360,
      lat: home.lat + Math.sin(id + turn * 0.003) * 0.05, lon: home.lon + Math.cos((id + turn * 0.003) * 1.3) * 0.09,
    })));
  };
  globalThis.benchChange = (turn) => {
    store.mergeCall({ id: 1 + turn % calls, address: `${turn}` });
    store.changed();
  };
  globalThis.benchBatch(0);
  store.changed();
}"""


def screen(stand: Stand, *, rounds: int) -> list[Figure]:
    """Thread CPU from the browser's own accounts, above that of a screen on which nothing happens.

    Skipped, with the reason, where there is no Chromium or no Playwright.
    """
    reason = _why_not()
    if reason:
        return [Figure("the dispatcher's screen in a browser", 0, "", note=f"skipped: {reason}")]
    from playwright.sync_api import sync_playwright

    figures: list[Figure] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=FLAGS)
        try:
            for teams in SIZES:
                figures += _measure(_open(browser, stand), teams, rounds)
        finally:
            browser.close()
    return figures


def _why_not() -> str:
    if _chromium() is None:
        return "no Chromium on this machine"
    try:
        import playwright.sync_api  # noqa: F401 -- is it there at all
    except ImportError:
        return "Playwright is not installed"
    return ""


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def _open(browser: "Browser", stand: Stand) -> "Page":
    """Open the desk of a dispatcher who has signed in, with its map drawn and its link up."""
    context = browser.new_context(
        base_url=f"http://localhost:{stand.settings.port}",
        viewport={"width": 1440, "height": 900},
        service_workers="block",
    )
    context.add_cookies(_cookies(stand))  # type: ignore[arg-type]  # a SetCookieParam is such a dict
    page = context.new_page()
    page.set_default_timeout(READY_MS)
    page.goto("/console/dispatcher")
    page.wait_for_selector("br-map[data-teams]")
    page.wait_for_selector(".link-state.live")
    return page


def _cookies(stand: Stand) -> list[dict[str, str]]:
    pairs = (pair.split("=", 1) for pair in stand.accounts["dispatcher"].headers["cookie"].split("; "))
    url = f"http://localhost:{stand.settings.port}"
    return [{"name": name, "value": value, "url": url} for name, value in pairs]


def _measure(page: "Page", teams: int, rounds: int) -> list[Figure]:
    page.evaluate(_FILL, [teams, OPEN_CALLS])
    time.sleep(QUIET_S)
    accounts = page.context.new_cdp_session(page)
    accounts.send("Performance.enable", {"timeDomain": "threadTicks"})
    still = median([_round(page, accounts, "() => undefined", turn) for turn in range(max(3, rounds // 2))])
    batches = [_round(page, accounts, "turn => benchBatch(turn)", turn) for turn in range(1, rounds + 1)]
    changes = [_round(page, accounts, "turn => benchChange(turn)", turn) for turn in range(1, rounds + 1)]
    page.context.close()
    note = f"{OPEN_CALLS} calls wait; nothing happening: {still:.0f} ms a second"
    about = f"of {teams:,} teams"
    return [
        Figure(
            f"main thread, a batch {about}, median", max(0.0, median(batches) - still), "ms",
            less_is_better=True, note=note,
        ),
        Figure(
            f"main thread, a batch {about}, p95", max(0.0, percentile(batches, 0.95) - still), "ms",
            less_is_better=True,
        ),
        Figure(
            f"main thread, a change of a call, {teams:,} teams", max(0.0, median(changes) - still), "ms",
            less_is_better=True,
        ),
    ]  # fmt: skip


def _round(page: "Page", accounts: "CDPSession", what: str, turn: int) -> float:
    """Milliseconds of the main thread's CPU in one round."""
    before = _spent_s(accounts)
    page.evaluate(what, turn)
    time.sleep(ROUND_S)
    return (_spent_s(accounts) - before) * 1000


def _spent_s(accounts: "CDPSession") -> float:
    metrics = accounts.send("Performance.getMetrics")["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))
