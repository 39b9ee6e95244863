"""What if: the administrator asks, sees how far it is, stops it, and reads the answer with its intervals and map."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, expect

from brigada.whatif.changes import Rules, Variant
from brigada.whatif.playing import play_all
from browser.service import Town, database
from browser.test_accessibility import overflow, violations
from browser.windows import DESK, PHONE, Open
from small_past import invented, invented_town

PAGE = "/console/admin/whatif"
QUESTION: dict[str, Any] = {
    "weeks": 2,
    "variants": [
        {"name": "", "changes": [{"kind": "teams", "count": -2, "from_hour": 22, "to_hour": 6}]},
        {
            "name": "Пост на рынке",
            "changes": [{"kind": "post", "lat": 59.93, "lon": 30.3, "name": "Рынок", "teams": 1}],
        },
    ],
}


@pytest.fixture(scope="module")
def answer() -> dict[str, Any]:
    """What the model says about a small invented past."""
    town = invented_town(invented())
    result = play_all(town, msgspec.convert(QUESTION["variants"], list[Variant]), Rules(), repeats=1)
    return json.loads(json.dumps(result))  # type: ignore[no-any-return]


@pytest.fixture
def runs(town: Town) -> Iterator[Town]:
    """The town without a run, before and after."""
    database(town.service, "DELETE FROM whatif_runs")
    yield town
    database(town.service, "DELETE FROM whatif_runs")


def put_run(
    town: Town,
    status: str,
    progress: float = 0.0,
    step: str = "",
    *,
    problem: str = "",
    result: dict[str, Any] | None = None,
) -> None:
    """A run as the leading process and its worker leave it; its beat is ahead, so that nobody takes it for lost."""
    database(
        town.service,
        "INSERT INTO whatif_runs (question, status, progress, step, problem, result, created_at, beat_at)"
        " VALUES ($1::jsonb, $2, $3, $4, $5, $6::jsonb, now(), now() + interval '1 hour')",
        json.dumps(QUESTION), status, progress, step, problem, None if result is None else json.dumps(result),
    )  # fmt: skip


def rows(page: Page) -> Any:
    return page.locator("br-whatif > .table-scroll tbody tr")


def test_what_is_missing_is_said_at_its_field(runs: Town, window: Open) -> None:
    page = window("admin", PAGE)
    page.get_by_label("Добавить изменение").select_option("post")
    page.get_by_role("button", name="Рассчитать").click()
    latitude = page.get_by_label(re.compile("^Широта"))
    expect(latitude).to_have_attribute("aria-invalid", "true")
    expect(latitude).to_be_focused()
    expect(page.get_by_role("alert")).to_have_text("Заполните отмеченные поля.")
    latitude.fill("95")
    page.get_by_label(re.compile("^Долгота")).fill("30.3")
    page.get_by_role("button", name="Рассчитать").click()
    # This refusal is the server's.
    expect(page.locator(".whatif-change .field-error")).to_have_count(1)
    expect(latitude).to_have_value("95")
    expect(page.get_by_text("Расчётов ещё не было.")).to_be_visible()


def test_a_question_is_listed_by_what_it_changes(runs: Town, window: Open) -> None:
    page = window("admin", PAGE)
    page.get_by_label("На сколько бригад").fill("-1")
    page.get_by_role("combobox", name="До", exact=True).select_option("08:30")
    page.get_by_role("button", name="Рассчитать").click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("−1 бр. 22:00–8:30")


def test_why_a_run_failed_is_said_in_words(runs: Town, window: Open) -> None:
    put_run(runs, "failed", problem="not_enough_calls")
    page = window("admin", PAGE)
    expect(rows(page)).to_contain_text("слишком мало вызовов")


def test_a_run_shows_how_far_it_is_and_can_be_stopped(runs: Town, window: Open) -> None:
    put_run(runs, "running", 0.42, "playing")
    page = window("admin", PAGE)
    expect(rows(page)).to_contain_text("42 %")
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "42")
    rows(page).get_by_role("button", name=re.compile("Отмен")).click()
    expect(rows(page)).to_contain_text("останавливается")
    # What the worker does about the wish.
    database(
        runs.service,
        "UPDATE whatif_runs SET status = 'cancelled', finished_at = now() WHERE cancel_requested",
    )
    expect(rows(page)).to_contain_text("отменён")
    rows(page).get_by_role("button", name=re.compile("Удалить")).click()
    expect(page.get_by_text("Расчётов ещё не было.")).to_be_visible()


@pytest.mark.parametrize(
    ("lang", "theme", "size"),
    [("ru", "day", DESK), pytest.param("en", "night", PHONE, marks=pytest.mark.long)],
)
def test_the_answer_has_intervals_charts_and_files(
    runs: Town, window: Open, answer: dict[str, Any], lang: str, theme: str, size: dict[str, int]
) -> None:
    put_run(runs, "done", 1.0, result=answer)
    page = window("admin", PAGE, lang=lang, theme=theme, size=size)
    changes = page.get_by_role("table").filter(has_text="95 %")
    expect(changes.locator("tbody tr").first).to_contain_text("−2" if lang == "ru" else "−2 teams")
    # The first chart of a process waits for its library in a worker: long where other work has the processor.
    expect(page.locator("br-chart svg")).to_have_count(2, timeout=120_000)
    expect(page.get_by_role("link", name="PDF")).to_have_attribute(
        "href", re.compile(rf"format=pdf&lang={lang}")
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert "22:00" in download.value.path().read_text("utf-8")
    assert violations(page) == []
    assert overflow(page) <= 0


def test_the_map_shows_where_arrivals_change_and_where_the_post_would_be(
    runs: Town, window: Open, answer: dict[str, Any]
) -> None:
    put_run(runs, "done", 1.0, result=answer)
    page = window("admin", PAGE, map_drawn=True)
    ground = page.locator("br-whatif-result br-map")
    squares = [sum(cell["changes"][variant] is not None for cell in answer["cells"]) for variant in (0, 1)]
    expect(ground).to_have_attribute("data-cells", str(squares[0]))
    expect(ground).to_have_attribute("data-pins", "0")
    page.get_by_role("combobox", name="Вариант", exact=True).select_option(label="Пост на рынке")
    expect(ground).to_have_attribute("data-cells", str(squares[1]))
    expect(ground).to_have_attribute("data-pins", "1")
