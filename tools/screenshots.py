"""Take the README's pictures from a running demo.

python -m tools.screenshots https://localhost:8443 PASSWORD    # writes docs/screenshots/*.png
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

TARGET = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--enable-unsafe-swiftshader"]
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 412, "height": 915}
# Tiles, names and the first positions have come by then, on a machine without a graphics card.
DRAWN_MS = 7000


def main() -> int:
    """Sign in as each role and take its pictures."""
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    url, password = sys.argv[1], sys.argv[2]
    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        dispatcher(browser, url, password)
        crew(browser, url, password)
        administrator(browser, url, password)
        browser.close()
    return 0


def window(
    browser: Browser, url: str, login: str, password: str, size: dict[str, int], theme: str, lang: str
) -> Page:
    """A window of a person who has signed in."""
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]  # a ViewportSize is such a dict
        locale="ru-RU" if lang == "ru" else "en-GB",
        timezone_id="Europe/Moscow",
        ignore_https_errors=True,
        permissions=["geolocation"],
        geolocation={"latitude": 58.9, "longitude": 33.97},
    )
    context.add_init_script(
        f"localStorage['brigada.lang'] = '{lang}'; localStorage['brigada.theme'] = '{theme}'"
    )
    page = context.new_page()
    page.goto(url)
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    page.keyboard.press("Enter")
    return page


def take(page: Page, name: str, wait_ms: int = DRAWN_MS) -> None:
    page.wait_for_timeout(wait_ms)
    page.screenshot(path=TARGET / f"{name}.png")
    print(f"docs/screenshots/{name}.png")


def dispatcher(browser: Browser, url: str, password: str) -> None:
    """The desk by day with an open call, by night in English, and the wall map."""
    page = window(browser, url, "dispatcher", password, DESK, "day", "ru")
    page.wait_for_selector(".call-row")
    page.wait_for_timeout(DRAWN_MS)
    if page.locator(".waiting-list .call-row").count():
        page.keyboard.press("j")
    else:
        page.locator(".in-work .call-row").first.click()
    take(page, "dispatcher", 5000)
    page.goto(f"{url}/console/wall")
    take(page, "wall")
    page.context.close()
    page = window(browser, url, "dispatcher", password, DESK, "night", "en")
    page.wait_for_selector(".call-row")
    take(page, "dispatcher-night")
    page.context.close()


SEND_THE_WORKER = """async () => {
  const snapshot = await (await fetch('/api/v1/snapshot')).json();
  const csrf = document.cookie.match(/csrf_access_token=([^;]+)/)[1];
  const post = async (path, body) => (await fetch('/api/v1' + path, {
    method: 'POST', body: JSON.stringify(body),
    headers: {'Content-Type': 'application/json', 'X-CSRF-TOKEN': csrf},
  })).json();
  const team = snapshot.teams.find(item => item.name === '1');
  const known = snapshot.calls.find(call => call.location);
  if (!team?.free || !known) return;
  const call = await post('/calls', {
    reason: 'chest_pain', address: known.address, location: known.location, caller_phone: '+7 900 000-00-01',
    address_details: {entrance: '2', floor: '5', flat: '47', intercom: '47К'}, comment: 'Во дворе собака',
    patient: {surname: 'Орлов', name: 'Николай', sex: 'male', age: 63},
  });
  await post(`/calls/${call.id}/assignments`, {team_id: team.id});
}"""


def crew(browser: Browser, url: str, password: str) -> None:
    """The crew's phone, with a call that a dispatcher has just sent to it."""
    desk = window(browser, url, "dispatcher", password, DESK, "day", "ru")
    desk.wait_for_selector(".call-row")
    desk.evaluate(SEND_THE_WORKER)
    desk.context.close()
    page = window(browser, url, "worker", password, PHONE, "day", "ru")
    page.wait_for_selector(".crew-main")
    take(page, "crew", 3000)
    page.context.close()


def administrator(browser: Browser, url: str, password: str) -> None:
    """Teams and a report."""
    page = window(browser, url, "admin", password, DESK, "day", "ru")
    page.wait_for_selector("table")
    take(page, "teams", 1000)
    page.goto(f"{url}/console/admin/reports")
    page.wait_for_selector(".chart svg", timeout=60_000)
    take(page, "reports", 10_000)
    page.context.close()


if __name__ == "__main__":
    sys.exit(main())
