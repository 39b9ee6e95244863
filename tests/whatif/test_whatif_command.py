"""What if, asked from a shell: the words for changes, the same answer as the page, files, refusals in one sentence."""

import asyncio
import json
import re
import secrets
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from brigada.cli import app
from brigada.whatif.schemas import WhatIfIn
from brigada.whatif.wording import WordingError, variant_of
from small_past import lived, until_finished
from stage import Stage

STATIONS = {"Северная": 4, "Подстанция № 1": 9}


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize(
    ("typed", "changes"),
    [
        ("teams -2 22-6", [{"kind": "teams", "count": -2, "from_hour": 22, "to_hour": 6}]),
        ("teams −1 7:30–19 physician at Подстанция № 1", [{
            "kind": "teams", "count": -1, "from_hour": 7.5, "to_hour": 19, "profile": "physician", "station_id": 9,
        }]),
        ("teams +1 at 4", [{"kind": "teams", "count": 1, "station_id": 4}]),
        ("post 59.95,30.36 Старый рынок teams 2 additional", [{
            "kind": "post", "lat": 59.95, "lon": 30.36, "name": "Старый рынок", "teams": 2, "additional": True,
        }]),
        ("post 59.95,-30.36", [{"kind": "post", "lat": 59.95, "lon": -30.36, "name": ""}]),
        ("norm 15", [
            {"kind": "norm", "criticality": "critical", "minutes": 15},
            {"kind": "norm", "criticality": "important", "minutes": 15},
        ]),
        ("norm common 90,5", [{"kind": "norm", "criticality": "common", "minutes": 90.5}]),
        ("close Северная; calls +20 %", [{"kind": "close", "station_id": 4}, {"kind": "calls", "percent": 20}]),
        ("rules standby keep", [{"kind": "rules", "standby": True, "switches": False}]),
    ],
)  # fmt: skip
def test_changes_are_typed_in_words_and_are_what_the_api_takes(
    typed: str, changes: list[dict[str, Any]]
) -> None:
    found = variant_of(typed, STATIONS)
    assert found == {"name": "", "changes": changes}
    assert variant_of(f"Так = {typed}", STATIONS) == {"name": "Так", "changes": changes}
    assert WhatIfIn.model_validate({"variants": [found]})


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "changes nothing"),
        ("team -2", "a change is one of"),
        ("teams", "how many"),
        ("teams many", "“many” is no number"),
        ("teams -1 night", "“night” is neither hours nor one of"),
        ("teams -1 at Южная", "no station “Южная”; there are: Подстанция № 1, Северная"),
        ("close", "no station “”"),
        ("close 5", "no station “5”"),
        ("post here", "begin with the place"),
        ("post 59.95,30.36 teams", "“” is no number"),
        ("norm", "“” is no number"),
        ("norm urgent 15", "a criticality is one of"),
        ("calls more", "“more” is no number"),
        ("rules drive faster", "a rule is one of"),
    ],
)
def test_what_can_not_be_understood_is_said_with_the_words_that_are_known(typed: str, why: str) -> None:
    with pytest.raises(WordingError, match=re.escape(why)):
        variant_of(typed, STATIONS)


@pytest.fixture
async def shell(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run `brigada whatif` against the stage's database, as a shell on the same machine would."""
    settings = stage.state.settings
    monkeypatch.setenv("BRIGADA_DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setenv("BRIGADA_REDIS_URL", settings.redis_url.get_secret_value())
    monkeypatch.setenv("BRIGADA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("BRIGADA_SECRET_KEY", secrets.token_urlsafe(48))
    monkeypatch.setenv("COLUMNS", "200")

    async def run(*arguments: str) -> Any:
        return await asyncio.to_thread(CliRunner().invoke, app, ["whatif", *arguments])

    return run


@pytest.mark.long
@pytest.mark.anyio
async def test_the_shell_gets_the_same_answer_as_the_page_as_tables_and_files(
    stage: Stage, shell: Any, tmp_path: Path
) -> None:
    await lived(stage)
    out = tmp_path / "new" / "whatif.json"
    typed = ("Ночь = teams -2 22-6", "post 59.95,30.36 Рынок", "norm 15")
    told = await shell(*typed, "--weeks", "1", "--repeats", "1", "--language", "ru", "--out", str(out))
    assert told.exit_code == 0, told.output
    assert "Что изменится" in told.output
    assert re.search(r"Ночь +│ Важный.*\(.* … .*\)", told.output), told.output
    assert "На деле (записано)" in told.output
    assert "100%" in told.output
    written = json.loads(out.read_text(encoding="utf-8"))
    run = await stage.admin.post("/whatif", written["question"])
    found = await until_finished(stage, run["id"])
    assert found["status"] == "done"
    assert found["report"]["tables"] == written["report"]["tables"]
    assert found["cells"] == written["result"]["cells"]
    assert not list((tmp_path / "whatif").iterdir()), "tables of travel times are removed"


@pytest.mark.anyio
async def test_a_comparison_is_written_in_the_form_that_its_name_says(
    stage: Stage, shell: Any, tmp_path: Path
) -> None:
    await lived(stage)
    for suffix, begins in ((".csv", b"\xef\xbb\xbf"), (".xlsx", b"PK")):
        out = tmp_path / f"whatif{suffix}"
        told = await shell("calls +10", "--weeks", "1", "--repeats", "1", "--out", str(out))
        assert told.exit_code == 0, told.output
        assert out.read_bytes().startswith(begins)


@pytest.mark.anyio
async def test_what_can_not_be_asked_is_refused_in_one_sentence(stage: Stage, shell: Any) -> None:
    for arguments, why in (
        (("teams -2", "--weeks", "1"), "Too few calls in this period"),
        (("teams 0",), "say how many teams more or fewer"),
        (("teams -2", "--weeks", "99"), "weeks: Input should be less than or equal to 12"),
        (("calls +1",) * 5, "at most 4 items"),
        (("walk",), "a change is one of"),
    ):
        told = await shell(*arguments)
        assert told.exit_code == 2, told.output
        assert why in told.output.replace("\n", " ")
        assert "Traceback" not in told.output
