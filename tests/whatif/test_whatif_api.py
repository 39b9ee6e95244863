"""An administrator asks, the leading process has a worker play it, the answer comes in both languages and as files."""

from datetime import timedelta
from typing import Any

import pytest

from brigada.whatif.service import first_midnight
from small_past import lived, until_finished
from stage import Stage

pytestmark = pytest.mark.anyio

NIGHT = {"name": "", "changes": [{"kind": "teams", "count": -2, "from_hour": 22, "to_hour": 6}]}
POST = {
    "name": "Рынок",
    "changes": [{"kind": "post", "lat": 59.95, "lon": 30.36, "teams": 1, "name": "Рынок"}],
}
QUESTION: dict[str, Any] = {"weeks": 1, "repeats": 1, "variants": [NIGHT, POST]}
WAITING = (
    "INSERT INTO whatif_runs (question, status, cancel_requested, created_at, beat_at)"
    ' VALUES (CAST(\'{"weeks": 1, "variants": []}\' AS jsonb), '
)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


async def test_a_question_is_answered_with_tables_intervals_charts_and_a_map(stage: Stage) -> None:
    await lived(stage)
    asked = await stage.admin.post("/whatif", QUESTION)
    assert (asked["status"], asked["progress"]) in {("queued", 0.0), ("running", 0.0)}
    run = await until_finished(stage, asked["id"])
    assert (run["status"], run["progress"], run["problem"]) == ("done", 1.0, "")
    changes, *levels = run["report"]["tables"]
    assert changes["display"][0][0] == "−2 бр. 22:00–6:00"
    assert changes["display"][1][0] == "Рынок"
    assert all(row["low"] <= row["change"] <= row["high"] for row in changes["rows"])
    assert [row["variant"] for row in levels[0]["rows"]][:2] == ["На деле (записано)", "Сейчас (модель)"]
    assert run["cells"]
    assert all(len(cell["changes"]) == 2 for cell in run["cells"])
    assert [post["name"] for post in run["posts"][1]] == ["Подстанция № 1", "Рынок"]
    english = await stage.admin.get(f"/whatif/{run['id']}", lang="en")
    assert english["report"]["tables"][0]["display"][0][0] == "−2 teams 22:00–6:00"
    assert english["cells"] == run["cells"]
    for form, begins in (("svg", b"<svg"), ("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF")):
        answer = await stage.admin.send("GET", f"/whatif/{run['id']}/file", params={"format": form})
        assert answer.status_code == 200, answer.text
        assert answer.content.startswith(begins)
    await stage.admin.refused(
        404, "no_such_chart", "GET", f"/whatif/{run['id']}/file", params={"format": "svg", "part": "nothing"}
    )
    (shown,) = (await stage.admin.get("/whatif"))["items"]
    assert shown["id"] == run["id"]
    assert [event["kind"] for event in await stage.events() if event["kind"].startswith("whatif")] == [
        "whatif.created",
        "whatif.finished",
    ]
    await stage.admin.delete(f"/whatif/{run['id']}")
    await stage.admin.refused(404, "not_found", "GET", f"/whatif/{run['id']}")


async def test_a_service_without_a_past_is_told_so(stage: Stage) -> None:
    run = await until_finished(stage, (await stage.admin.post("/whatif", QUESTION))["id"])
    assert (run["status"], run["problem"]) == ("failed", "not_enough_calls")
    assert run["problem_text"].startswith("За этот срок слишком мало вызовов")
    await stage.admin.refused(409, "run_not_done", "GET", f"/whatif/{run['id']}/file")


async def test_a_cancelled_run_ends_without_a_result(stage: Stage) -> None:
    await stage.sql(f"{WAITING} 'queued', true, now(), now())")
    (row,) = await stage.sql("SELECT id FROM whatif_runs")
    assert (await until_finished(stage, row["id"]))["status"] == "cancelled"


async def test_a_run_whose_worker_is_gone_is_failed_and_not_left_running(stage: Stage) -> None:
    await stage.sql(f"{WAITING} 'running', false, now(), now() - interval '5 minutes')")
    (row,) = await stage.sql("SELECT id FROM whatif_runs")
    run = await until_finished(stage, row["id"])
    assert (run["status"], run["problem"]) == ("failed", "interrupted")


async def test_runs_do_not_pile_up(stage: Stage) -> None:
    await stage.sql(f"{WAITING} 'running', false, now(), now())")
    await stage.sql(
        "INSERT INTO whatif_runs (question, status, created_at, beat_at)"
        " SELECT question, 'running', created_at, beat_at FROM whatif_runs, generate_series(1, 19)"
    )
    await stage.admin.refused(409, "too_many_runs", "POST", "/whatif", json=QUESTION)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "teams", "count": 0}, "teams"),
        ({"kind": "teams", "count": 1, "from_hour": 25}, "from_hour"),
        ({"kind": "teams", "count": -1, "station_id": 10**9}, "station_id"),
        ({"kind": "close", "station_id": 10**9}, "station_id"),
        ({"kind": "post", "lat": 95, "lon": 30}, "lat"),
        ({"kind": "norm", "criticality": "urgent", "minutes": 15}, "criticality"),
        ({"kind": "calls", "percent": -100}, "percent"),
        ({"kind": "magic"}, "changes"),
    ],
)
async def test_what_can_not_be_is_refused_by_its_field(
    stage: Stage, change: dict[str, Any], field: str
) -> None:
    body = {**QUESTION, "variants": [{"name": "", "changes": [change]}]}
    problem = await stage.admin.refused(422, "invalid", "POST", "/whatif", json=body)
    assert any(field in map(str, error["loc"]) for error in problem["errors"])


async def test_a_period_is_of_whole_local_days_before_today(stage: Stage) -> None:
    zone, now = stage.state.settings.zone, stage.state.clock.now()
    start = first_midnight(now, zone, 4)
    assert (start.hour, start.minute) == (0, 0)
    assert start.tzinfo == zone
    assert timedelta(days=28) <= now - start < timedelta(days=29, hours=1)
