"""Signing in leads each role to its screen; signing out leaves nothing behind."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from browser.crews import all_sent, big, eventually, phone, send
from browser.service import PASSWORD, Town
from browser.windows import Open


@pytest.mark.parametrize(
    ("login", "screen", "title"),
    [
        ("admin", "admin/teams", "Бригады"),
        ("ivanova", "dispatcher", "Пульт"),
        ("crew1", "crew", "Бригада 11"),
    ],
)
def test_each_role_is_led_to_its_screen(
    town: Town, window: Open, login: str, screen: str, title: str
) -> None:
    page = window()
    page.get_by_label("Логин").fill(login)
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    expect(page).to_have_url(re.compile(f"/console/{screen}$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)


def test_a_wrong_password_is_said_in_words(town: Town, window: Open) -> None:
    page = window()
    page.get_by_label("Логин").fill("ivanova")
    page.get_by_label("Пароль").fill("не-тот-пароль")
    page.get_by_role("button", name="Войти").click()
    expect(page.get_by_role("alert")).to_have_text("Неверный логин или пароль.")


def test_a_screen_of_another_role_is_not_shown(town: Town, window: Open) -> None:
    page = window("crew1", "/console/admin/users")
    expect(page).to_have_url(re.compile("/console/crew$"))


def test_the_language_changes_at_once_and_is_kept(town: Town, window: Open) -> None:
    page = window()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_signing_out_erases_what_the_phone_kept(town: Town, window: Open) -> None:
    page = window("crew1")
    expect(page.get_by_text("Свободны")).to_be_visible()
    names = "indexedDB.databases().then(found => found.map(item => item.name))"
    expect(page.get_by_text("На связи")).to_be_visible()
    assert "brigada-crew" in page.evaluate(names)
    page.get_by_role("button", name="Ещё").click()
    page.get_by_role("button", name="Выйти").click()
    expect(page.get_by_label("Логин")).to_be_visible()
    assert "brigada-crew" not in page.evaluate(names)


@pytest.mark.long
def test_a_server_in_trouble_at_a_refresh_signs_nobody_out(town: Town, window: Open) -> None:
    """A gateway without its server and a limit of requests say nothing about the session; a refusal ends it."""
    send(town)
    page = phone(window)
    answers = [429, 502, 503]
    asked: list[int] = []

    def stumble(route: Route) -> None:
        asked.append(answers[min(len(asked), len(answers) - 1)])
        route.fulfill(status=asked[-1], body="")

    page.route("**/api/v1/auth/refresh", stumble)
    page.context.clear_cookies(name="access_token")
    big(page, "Приняли")
    eventually(page, lambda: {429, 502, 503} <= set(asked))
    expect(page.locator(".crew-address")).to_have_text("ул. Ленина, 12")
    expect(page.locator(".queue li")).to_have_count(1)
    page.unroute("**/api/v1/auth/refresh")
    all_sent(page)
    expect(page.locator(".crew-status")).to_contain_text("Вызов принят")
    page.context.clear_cookies(name="access_token")
    page.route(
        "**/api/v1/auth/refresh", lambda route: route.fulfill(status=401, json={"code": "unauthorized"})
    )
    big(page, "Выехали")
    expect(page.get_by_label("Логин")).to_be_visible()


@pytest.mark.parametrize(
    ("lang", "words"),
    [("ru", "Сервер не отвечает"), pytest.param("en", "The server does not answer", marks=pytest.mark.long)],
)
def test_a_page_opened_while_the_server_is_away_waits_and_asks_for_no_password(
    town: Town, window: Open, lang: str, words: str
) -> None:
    page = window("ivanova", lang=lang)
    expect(page.locator(".link-state.live")).to_be_visible()
    page.route("**/api/v1/auth/me", lambda route: route.fulfill(status=502, body=""))
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text(words)
    expect(page.locator("input[name=login]")).to_have_count(0)
    page.unroute("**/api/v1/auth/me")
    expect(page.locator(".link-state.live")).to_be_visible()
