"""No personal data where others could find it: titles, addresses of pages, notifications, the kept files."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.crews import eventually, send
from browser.service import Client, Town
from browser.windows import PHONE, Open

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
    assert page.title() == "Пульт · Бригада"
    assert "Сидоров" not in page.url
    page.get_by_role("button", name="Уведомления").click()
    notices = page.locator(".notices")
    expect(notices).to_contain_text("Новый вызов")
    for secret in ("Сидоров", "Тайная", "555-55", "5555555"):
        expect(notices).not_to_contain_text(secret)


@pytest.mark.parametrize(
    ("lang", "titles"),
    [
        ("ru", ["Пульт · Бригада", "Обстановка · Бригада", "Просмотр прошлого · Бригада"]),
        pytest.param(
            "en", ["Desk · Brigada", "Situation · Brigada", "Replay · Brigada"], marks=pytest.mark.long
        ),
    ],
)
def test_windows_are_told_apart_by_their_titles(
    town: Town, window: Open, lang: str, titles: list[str]
) -> None:
    page = window("ivanova", lang=lang)
    for path, title in zip(("dispatcher", "wall", "replay"), titles, strict=True):
        page.goto(f"/console/{path}")
        expect(page).to_have_title(title)
    manifest = page.evaluate("document.querySelector('link[rel=manifest]').href")
    shown = page.request.get(manifest).json()
    assert (shown["name"], shown["lang"]) == (titles[0].split(" · ")[1], lang)


def test_a_notification_of_the_phone_names_nobody(town: Town, window: Open) -> None:
    """The outer edge stands in: what the browser would show on the locked screen is written down."""
    page = window("crew5", size=PHONE, has_touch=True)
    page.add_init_script(
        "globalThis.shown = [];"
        "Object.defineProperty(document, 'visibilityState', {get: () => 'hidden'});"
        "Object.defineProperty(Notification, 'permission', {get: () => 'granted'});"
        "Object.defineProperty(navigator, 'serviceWorker', {value: {register: async () => ({}),"
        " getRegistration: async () => ({"
        " getNotifications: async () => [],"
        " showNotification: async (title, options) => globalThis.shown.push([title, options]) })}});"
    )
    page.reload()
    expect(page.get_by_text("Свободны")).to_be_visible()
    send(
        town,
        address="Тайная, 5",
        patient={"surname": "Сидоров", "name": "Степан"},
        caller_phone="+7 900 555-55-55",
        comment="Собака",
    )
    expect(page.locator(".crew-ring")).to_be_visible()
    eventually(page, lambda: len(page.evaluate("globalThis.shown")) == 1)
    [[title, options]] = page.evaluate("globalThis.shown")
    assert title == "Новый вызов"
    assert {name for name, value in options.items() if isinstance(value, str)} == {"tag", "body"}
    for secret in ("Сидоров", "Степан", "Тайная", "555-55", "5555555", "Собака", "Боль"):
        assert secret not in str(options)
