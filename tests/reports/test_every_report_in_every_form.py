"""Every report in every form: answered, of the right type, read by a reader, with the numbers of the page."""

import csv
import io
import json
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from pypdf import PdfReader

from brigada.reports.catalogue import DEFINITIONS
from brigada.reports.tasks import MEDIA, Format, rendered
from reports.histories import PERIOD, ask
from reports.test_reports_through_the_api import served
from reports.test_spreadsheets import history
from stage import Stage

type Page = dict[str, Any]

STEP = {"share": 1e-4, "degrees": 1e-6}
"""The last decimal of a number in CSV, a hundredth for all others."""


async def worked_hour(stage: Stage) -> dict[str, str]:
    """Calls of each kind, served or not, and a period that is over: it says the same at any time."""
    behind = await served(stage, location={"lat": 59.94, "lon": 30.31})
    await served(stage, reason="headache", location={"lat": 59.9, "lon": 30.4})
    refused = await stage.petrova.take_in(patient={"surname": "=Смирнова"})
    await stage.petrova.post(f"/calls/{refused['id']}/reject", {"reason": "refused"})
    filled_in = await stage.petrova.take_in()
    sent = await stage.petrova.assign(filled_in, stage.crew13)
    await stage.crew13.worker.step(sent, "completed")
    # One so late that the lists of late calls have a line.
    await stage.sql(
        "UPDATE calls SET received_at = received_at - interval '4 hours' WHERE id = :id", id=behind["id"]
    )
    await stage.sql(
        "UPDATE calls SET district = CASE WHEN id = :id THEN '=1+1' ELSE 'Южный' END", id=behind["id"]
    )
    end = stage.state.clock.now()
    return {"from": (end - timedelta(hours=6)).isoformat(), "to": end.isoformat()}


async def form_of(stage: Stage, name: str, form: str, asked: dict[str, str]) -> bytes:
    answer = await stage.admin.send("GET", f"/reports/{name}", params={**asked, "format": form})
    assert answer.status_code == 200, f"{name}, {form}: {answer.text}"
    assert answer.headers["content-type"] == MEDIA[form]
    if form not in {"json", "svg"}:
        assert answer.headers["content-disposition"].endswith(f'.{form}"')
    return answer.content


def asked_of(stage: Stage, name: str, period: dict[str, str]) -> dict[str, str]:
    return period | ({"team_id": str(stage.crew12.id)} if name == "shift" else {})


def same(found: Any, wanted: Any, kind: str, zone: Any) -> bool:
    """Whether a cell of a file says what the page says."""
    if wanted is None:
        return found in {None, ""}
    if kind in {"day", "month"} and str(wanted)[:4].isdigit():
        own = date.fromisoformat(str(wanted) if kind == "day" else f"{wanted}-01")
        words = own.strftime("%d.%m.%Y" if kind == "day" else "%m.%Y")
        return found == words if isinstance(found, str) else bool(found.date() == own)
    if kind == "time":
        at = datetime.fromisoformat(wanted).astimezone(zone)
        if isinstance(found, str):
            return found == at.strftime("%d.%m.%Y %H:%M:%S")
        return bool(abs(found - at.replace(tzinfo=None)) < timedelta(seconds=1))
    if isinstance(wanted, str):
        return str(found).removeprefix("'") == wanted
    if isinstance(found, str):
        found = float(found.replace(",", "."))
    elif isinstance(found, time):  # the reader turns a number of a clock's format into a time or a duration
        found = timedelta(
            hours=found.hour, minutes=found.minute, seconds=found.second, microseconds=found.microsecond
        )
    if isinstance(found, timedelta):
        found = found.total_seconds()
    return bool(abs(found - wanted) <= STEP.get(kind, 0.01))


def compare(name: str, table: Page, lines: list[Any], zone: Any) -> None:
    """The lines of a file below its head are the rows of the page, and its total."""
    rows = [*table["rows"], *([table["total"]] if table["total"] else [])]
    assert len(lines) == len(rows), f"{name}.{table['key']}"
    for line, row in zip(lines, rows, strict=True):
        for found, column in zip(line, table["columns"], strict=True):
            wanted = row.get(column["key"])
            assert same(found, wanted, column["kind"], zone), (
                f"{name}.{column['key']}: {found!r}, but {wanted!r}"
            )


def compare_files(name: str, page: Page, xlsx: bytes, csvs: dict[str, bytes], zone: Any) -> None:
    """The workbook, and the CSV of each table, hold what the page holds."""
    book = openpyxl.load_workbook(io.BytesIO(xlsx))
    assert len(book.worksheets) == 1 + len(page["tables"])
    for table, sheet in zip(page["tables"], book.worksheets[1:], strict=True):
        cells = list(sheet.iter_rows(min_row=2, max_col=len(table["columns"]), values_only=True))
        compare(name, table, cells, zone)
        text = csvs[table["key"]].decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
        assert len(lines[0]) == len(table["columns"])
        compare(name, table, lines[1 : lines.index([])], zone)


@pytest.mark.parametrize("name", [definition.name for definition in DEFINITIONS])
def test_files_have_the_numbers_of_the_page(name: str) -> None:
    report = ask(history(), name, team_id=1 if name == "shift" else None)

    def form(form: Format, part: str | None = None) -> bytes:
        return rendered(report, form, part, "Служба")

    csvs = {table.key: form("csv", table.key) for table in report.tables}
    compare_files(name, json.loads(form("json")), form("xlsx"), csvs, PERIOD.zone)


@pytest.mark.long
@pytest.mark.anyio
async def test_every_table_has_the_numbers_of_the_page_in_csv_and_xlsx(stage: Stage) -> None:
    period, zone = await worked_hour(stage), stage.state.settings.zone
    for name in (definition.name for definition in DEFINITIONS):
        asked = asked_of(stage, name, period)
        page = await stage.admin.get(f"/reports/{name}", **asked)
        keys = [table["key"] for table in page["tables"]]
        csvs = {key: await form_of(stage, name, "csv", asked | {"part": key}) for key in keys}
        compare_files(name, page, await form_of(stage, name, "xlsx", asked), csvs, zone)


@pytest.mark.long
@pytest.mark.anyio
async def test_every_chart_is_a_drawing_and_every_report_a_document(stage: Stage) -> None:
    period = await worked_hour(stage)
    for definition in DEFINITIONS:
        name, asked = definition.name, asked_of(stage, definition.name, period)
        page = await stage.admin.get(f"/reports/{name}", **asked)
        assert bool(page["charts"]) == definition.charts, name
        for chart in page["charts"]:
            drawn = ET.fromstring(await form_of(stage, name, "svg", asked | {"part": chart["key"]}))  # noqa: S314 -- drawn here
            assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
        document = await form_of(stage, name, "pdf", asked)
        assert document.startswith(b"%PDF-")
        read = PdfReader(io.BytesIO(document))
        assert 1 <= len(read.pages) <= 5, name
        first = " ".join(read.pages[0].extract_text().split())
        assert page["title"].split(" (")[0] in first
