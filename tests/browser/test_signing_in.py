"""Signing in leads each role to its screen; signing out leaves nothing behind."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

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
