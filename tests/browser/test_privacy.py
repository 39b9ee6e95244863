"""No personal data where others could find it: titles, addresses of pages, notifications, the kept files."""

from __future__ import annotations

from playwright.sync_api import expect

from browser.service import Client, Town
from browser.windows import Open

KEPT = """async () => {
  await navigator.serviceWorker.ready;
  const urls = [];
  for (const name of await caches.keys()) {
    for (const request of await (await caches.open(name)).keys()) urls.push(new URL(request.url).pathname);
  }
  return urls;
}"""


def test_the_service_worker_keeps_the_console_s_files_and_nothing_of_the_api(
    town: Town, window: Open
) -> None:
    page = window("crew1", service_workers="allow")
    expect(page.get_by_text("На связи")).to_be_visible()
    kept: list[str] = page.evaluate(KEPT)
    assert any(path.endswith("/js/crew/screen.js") for path in kept)
    assert [path for path in kept if path != "/" and not path.startswith("/static/")] == []


def test_titles_addresses_and_notifications_name_no_patient(town: Town, window: Open) -> None:
    with Client(town.service, "petrova") as other:
        town.call(
            other,
            criticality="critical",
            address="Тайная, 5",
            patient={"surname": "Сидоров", "name": "Степан"},
            caller_phone="+7 900 555-55-55",
        )
    page = window("ivanova")
    page.locator(".waiting-list .call-row").click()
    expect(page.locator(".facts")).to_contain_text("Сидоров")
    assert page.title() == "Бригада"
    assert "Сидоров" not in page.url
    page.get_by_role("button", name="Уведомления").click()
    notices = page.locator(".notices")
    expect(notices).to_contain_text("Новый вызов")
    for secret in ("Сидоров", "Тайная", "555"):
        expect(notices).not_to_contain_text(secret)
