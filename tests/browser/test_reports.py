"""The report pages: from a number to its calls, what the address keeps, files made aside, who sees what."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Route, expect

from browser.service import Client, Town
from browser.test_accessibility import overflow, violations
from browser.windows import PHONE, Open

REPORTS = "/console/admin/reports"


@pytest.fixture
def worked(town: Town) -> Town:
    """A town with a call of this test's own, a minute old."""
    with Client(town.service, "ivanova") as dispatcher:
        town.call(dispatcher, reason="Отчётный повод", criticality="important", minutes=1)
    return town


@pytest.mark.parametrize(
    ("lang", "theme"), [("ru", "day"), pytest.param("en", "night", marks=pytest.mark.long)]
)
def test_the_summary_has_five_numbers_and_axe_finds_nothing(
    worked: Town, window: Open, lang: str, theme: str
) -> None:
    page = window("admin", REPORTS, lang=lang, theme=theme)
    expect(page.locator(".report-facts")).to_be_visible()
    expect(page.locator(".figures dt")).to_have_count(5)
    # Three charts one after another out of one worker process of low priority, which has to load its parts first.
    expect(page.locator(".report-body .chart svg")).to_have_count(3, timeout=120_000)
    assert violations(page) == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a ViewportSize is such a dict
    assert violations(page) == []
    assert overflow(page) == 0


def test_a_number_leads_to_its_calls_and_a_call_to_its_card(worked: Town, window: Open) -> None:
    page = window("admin", f"{REPORTS}/calls?period=today&group=criticality")
    row = page.locator("br-report-table tbody tr").filter(has_text="Важный").first
    row.locator("button.drill").first.click()
    behind = page.get_by_role("dialog")
    expect(behind.get_by_role("cell", name="Важный", exact=True).first).to_be_visible()
    expect(behind.get_by_role("cell", name="Обычный", exact=True)).to_have_count(0)
    behind.locator("tbody button.drill").first.click()
    expect(behind.locator(".card-head")).to_be_visible()
    assert violations(page) == []
    behind.get_by_role("button", name="Закрыть").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_filters_and_comparison_stand_in_the_address_and_outlive_a_reload(worked: Town, window: Open) -> None:
    page = window("admin", f"{REPORTS}/calls?period=today&group=criticality")
    page.get_by_role("button", name="Отбор", exact=True).click()
    page.get_by_role("combobox", name="Критичность", exact=True).select_option("important")
    expect(page).to_have_url(re.compile("criticality=important"))
    page.get_by_label("Рядом с прошлым периодом").check()
    expect(page).to_have_url(re.compile("compare=true"))
    expect(page.locator("small.was").first).to_be_visible()
    page.reload()
    expect(page.locator(".chips li")).to_have_count(1)
    expect(page.locator("small.was").first).to_be_visible()
    common = page.locator("br-report-table tbody tr").filter(has_text="Обычный")
    expect(common).to_have_count(1)
    expect(common.locator("button.drill")).to_have_count(0)  # no call left to be led to


def test_a_start_after_the_end_is_told_at_the_field_and_asks_for_nothing(town: Town, window: Open) -> None:
    page = window("admin", f"{REPORTS}/calls?period=own&from=2026-03-02&to=2026-03-01")
    expect(page.locator("#days-reversed")).to_have_text("Начало позже конца: поправьте день.")
    expect(page.get_by_label("С", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".report-facts")).to_have_count(0)
    page.get_by_label("По", exact=True).fill("2026-03-05")
    expect(page.locator("#days-reversed")).to_have_count(0)
    expect(page.locator(".report-facts")).to_be_visible()


def test_a_period_without_calls_says_so_in_every_report(town: Town, window: Open) -> None:
    long_ago = "period=own&from=2020-03-01&to=2020-03-05"
    page = window("admin", f"{REPORTS}/late?{long_ago}")
    expect(page.locator(".report-empty").first).to_be_visible()
    with Client(town.service, "admin") as admin:
        names = [report["name"] for report in admin.get("/reports")["items"]]
        team = town.teams["13"]["id"]
        for name in names:
            days = "from=2020-03-01&to=2020-03-06&format=json"
            asked = admin.get(f"/reports/{name}?{days}{f'&team_id={team}' if name == 'shift' else ''}")
            assert asked["tables"], name


@pytest.mark.long
def test_a_file_made_aside_shows_its_progress_and_can_be_taken(worked: Town, window: Open) -> None:
    page = window("admin", f"{REPORTS}/list?period=today")
    expect(page.locator(".report-facts")).to_be_visible()
    page.get_by_role("button", name="В фоне").click()
    job = page.locator("li.job").first
    expect(job.get_by_role("link", name="Скачать")).to_be_visible()
    with page.expect_download() as download:
        job.get_by_role("link", name="Скачать").click()
    assert download.value.path().read_bytes()[:2] == b"PK"


def test_a_worker_is_offered_the_own_shift_alone(town: Town) -> None:
    today = datetime.now(UTC).date()
    asked = f"from={today - timedelta(days=1)}&to={today + timedelta(days=1)}&format=json"
    offered = {}
    for login in ("admin", "ivanova", town.logins_of["13"]):
        with Client(town.service, login) as client:
            offered[login] = {report["name"] for report in client.get("/reports")["items"]}
            for name in offered[login]:
                team = f"&team_id={town.teams['13']['id']}" if name == "shift" else ""
                assert client.get(f"/reports/{name}?{asked}{team}")["name"] == name
    assert offered[town.logins_of["13"]] == {"shift"}
    assert "shift" not in offered["ivanova"] - offered["admin"]
    assert offered["ivanova"] < offered["admin"] | {"shift"}


def test_a_report_comes_by_schedule_with_the_filters_of_the_page(town: Town, window: Open) -> None:
    page = window("admin", REPORTS)
    held: list[Route] = []
    page.route("**/api/v1/reports/options?*", lambda route: held.append(route))
    page.goto(f"{REPORTS}/files")
    form = page.locator("form").filter(has=page.get_by_role("button", name="Добавить"))
    form.get_by_text("Отбор").click()
    form.get_by_label("Критичность").select_option(label="критичный")
    form.get_by_label("День недели").select_option(label="понедельник")
    # What comes later adds its filters between these two, and moves nothing that was chosen.
    held[0].continue_()
    expect(form.get_by_label("Подстанция")).to_be_visible()
    form.get_by_role("button", name="Добавить").click()
    made = page.locator("li.job").filter(has_text="Критичность: критичный; День недели: понедельник")
    expect(made).to_be_visible()
    with Client(town.service, "admin") as admin:
        (schedule,) = admin.get("/reports/schedules")["items"]
    assert schedule["filters"] == {"criticality": "critical", "weekday": 0}
    made.get_by_role("button", name="Прекратить").click()
    made.get_by_role("button", name="Прекратить").click()
    expect(made).to_have_count(0)
