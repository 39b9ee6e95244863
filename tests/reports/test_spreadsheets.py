"""Tables as spreadsheets: reopened by a reader they hold the report's own values, and nothing in them runs."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest

from brigada.reports.output import sheets
from brigada.reports.output.sheets import FORMULA, csv_bytes, xlsx_bytes
from brigada.reports.tables import Report
from reports.histories import PERIOD, ask
from reports.raw import START, RawAssignment, RawCall

TEXTS = {letter: f"{letter}1+1" for letter in FORMULA}


def history(districts: tuple[str, ...] = ("Северный", "Южный", "")) -> list[RawCall]:
    """Calls of three days, each a little later at its patient than the one before."""
    calls = []
    for n, district in enumerate(districts * 2, 1):
        received = START + timedelta(days=n // 2, hours=n)
        moments = {"assigned": received + timedelta(seconds=40)}
        moments["en_route"] = received + timedelta(seconds=100)
        moments["on_scene"] = received + timedelta(seconds=500.5 + 90 * n)
        moments["completed"] = received + timedelta(seconds=4_000)
        sent = RawAssignment(id=n, team_id=1, moments=moments, ended=moments["completed"])
        calls.append(RawCall(id=n, received=received, district=district, assignments=(sent,)))
    return calls


def reopened(report: Report) -> list[Any]:
    """The sheets of the report's tables, after the one about it."""
    return list(openpyxl.load_workbook(io.BytesIO(xlsx_bytes(report))).worksheets[1:])


def expected_cell(value: Any, kind: str) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(PERIOD.zone).replace(tzinfo=None, microsecond=0)
    if kind == "day":
        return datetime.combine(date.fromisoformat(value), datetime.min.time())
    return value


def read_cell(value: Any, kind: str) -> Any:
    if kind == "seconds" and value is not None:  # the reader turns a number of this format into a duration
        return value.total_seconds() if isinstance(value, timedelta) else _of_midnight(value)
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def _of_midnight(value: Any) -> float:
    return float(
        timedelta(
            hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
        )
        / timedelta(seconds=1)
    )


UNITS_OVER_COLUMNS = {"hours": ", ч", "km": ", км"}
FORMATS = {"count": "#,##0", "seconds": "[h]:mm:ss", "share": "0.0%", "time": "dd.mm.yyyy hh:mm:ss",
           "day": "dd.mm.yyyy", "text": "@", "number": "#,##0.0", "hours": "#,##0.0"}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "group"), [("calls", "day"), ("intervals", "district"), ("list", None), ("teams", "team")]
)
def test_a_workbook_reopens_with_the_values_and_formats_of_the_report(name: str, group: str | None) -> None:
    report = ask(history(), name, group)
    for table, sheet in zip(report.tables, reopened(report), strict=True):
        assert [cell.value for cell in sheet[1]] == [
            column.title + UNITS_OVER_COLUMNS.get(column.kind, "") for column in table.columns
        ]
        for line, row in enumerate(table.rows, 2):
            for place, column in enumerate(table.columns, 1):
                cell = sheet.cell(line, place)
                wanted, found = (
                    expected_cell(row.get(column.key), column.kind),
                    read_cell(cell.value, column.kind),
                )
                if isinstance(wanted, float) and isinstance(found, int | float):
                    assert found == pytest.approx(wanted, abs=1e-6)
                else:
                    assert found == wanted
                if column.kind in FORMATS and found is not None:
                    assert cell.number_format == FORMATS[column.kind]


def test_native_charts_point_at_the_rows_of_their_own_table() -> None:
    report = ask(history(), "intervals", "day")
    table, sheet = report.tables[0], reopened(report)[0]
    drawn = [chart for chart in report.charts if chart.table == table.key]
    assert drawn
    assert len(sheet._charts) == len(drawn)
    letters = {column.key: chr(ord("A") + n) for n, column in enumerate(table.columns)}
    last = len(table.rows) + 1
    for chart, found in zip(drawn, sheet._charts, strict=True):
        ranges = [(series.cat.strRef or series.cat.numRef, series.val.numRef) for series in found.series]
        assert [(names.f.split("!")[1], values.f.split("!")[1]) for names, values in ranges] == [
            (f"$A$2:$A${last}", f"${letters[key]}$2:${letters[key]}${last}") for key in chart.y
        ]


def test_csv_has_the_decimals_and_dates_of_the_reader_s_language() -> None:
    def rows(language: str) -> list[list[str]]:
        report = ask(history(), "intervals", "day", language=language)
        text = csv_bytes(report, report.tables[0])
        assert text.startswith(b"\xef\xbb\xbf")
        assert text.count(b"\n") == text.count(b"\r\n")
        return list(csv.reader(io.StringIO(text.decode("utf-8-sig")), delimiter=";"))

    russian, english = rows("ru"), rows("en")
    below = russian[russian.index([]) + 1 :]
    assert [line[0].split(": ", 1)[0] for line in below] == ["Отчёт", "Период", "Норматив"]
    assert f"({PERIOD.zone})" in below[1][0]
    assert below[2][0].startswith("Норматив: Россия: ")
    assert "(v1)" in below[2][0]
    assert len(english[english.index([]) + 1 :]) == 3
    place = next(n for n, title in enumerate(russian[0]) if title.startswith("Среднее"))
    assert russian[0][place].endswith("с")
    day = START.astimezone(PERIOD.zone).date()
    assert (russian[1][0], english[1][0]) == (day.strftime("%d.%m.%Y"), day.isoformat())
    assert (russian[1][place], english[1][place]) == ("590,5", "590.5")


def test_a_text_that_would_run_as_a_formula_is_text_in_both() -> None:
    report = ask(history(tuple(TEXTS.values())), "intervals", "district")
    sheet = reopened(report)[0]
    cells = [cell for (cell,) in sheet.iter_rows(min_row=2, max_row=1 + len(TEXTS), max_col=1)]
    assert all(cell.data_type == "s" for cell in cells)
    found = csv_bytes(report, report.tables[0]).decode("utf-8-sig")
    texts = [row[0] for row in csv.reader(io.StringIO(found, newline=""), delimiter=";") if row][
        1 : 1 + len(TEXTS)
    ]
    assert sorted(texts) == sorted(f"'{text}" for text in TEXTS.values())


def test_times_in_a_workbook_are_of_the_service_s_clocks() -> None:
    at = datetime(2026, 1, 10, 23, 30, tzinfo=UTC)
    calls = [RawCall(id=1, received=at, district="Северный")]
    report = ask(
        calls, "list", period=type(PERIOD)(at - timedelta(days=1), at + timedelta(days=1), PERIOD.zone)
    )
    (sheet,) = reopened(report)
    assert sheet["B2"].value == datetime(2026, 1, 11, 0, 30)  # noqa: DTZ001 -- a cell knows no zone


def test_a_workbook_of_too_many_rows_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 4)
    report = ask(history(), "list")
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(report)))
    about, sheet = book.worksheets
    assert sheet.max_row == 1 + 4
    said = [cell for (cell,) in about.iter_rows(max_col=1, values_only=True) if cell]
    assert said[-1] == "Список вызовов: показаны первые 4 строк из 6; остальные — в CSV."
    assert len(report.table("list").rows) == 6
