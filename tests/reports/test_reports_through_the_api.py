"""Reports as their readers get them: the real app, a real worker process, every form."""

import asyncio
import csv
import io
import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from brigada.db.jobs import CancelledJobError
from brigada.reports.asking import period_of
from brigada.reports.export import LEFT_OUT
from brigada.reports.job_work import JobTask, _tell_now, do_job
from brigada.reports.jobs import run_next
from brigada.reports.rules import RETRY
from brigada.reports.schedules import folder_of, write_next
from brigada.reports.selection import Query
from brigada.reports.service import place_of
from brigada.reports.tasks import READ, ReportTask, make_report
from brigada.tables import metadata
from stage import Caller, Stage

pytestmark = pytest.mark.anyio


async def served(stage: Stage, **fields: Any) -> dict[str, Any]:
    """A call that crew 12 has served to the end."""
    call = await stage.petrova.take_in(**fields)
    assignment = await stage.petrova.assign(call, stage.crew12)
    for step in ("acknowledged", "en_route", "on_scene", "completed"):
        await stage.crew12.worker.step(assignment, step)
    return call


async def pages(caller: Caller, path: str, **params: Any) -> str:
    response = await caller.send("GET", path, params=params)
    assert response.status_code == 200, response.text
    assert response.content.startswith(b"%PDF")
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)


async def test_a_report_counts_the_calls_of_this_moment(stage: Stage) -> None:
    await served(stage)
    first = await stage.admin.get("/reports/calls", group="criticality")
    assert first["total"]["received"] == 1
    await stage.petrova.take_in(reason="headache")
    second = await stage.admin.get("/reports/calls", group="criticality")
    assert second["total"]["received"] == 2
    assert {row["group"]: row["received"] for row in second["rows"]} == {
        "Критичный": 1,
        "Важный": 0,
        "Обычный": 1,
    }
    assert [column["key"] for column in second["columns"]][:2] == ["group", "received"]
    english = await stage.admin.get("/reports/calls", group="criticality", lang="en")
    assert english["rows"][0]["group"] == "Critical"


async def test_a_changed_call_changes_the_report_and_its_drill_down(stage: Stage) -> None:
    call = await stage.petrova.take_in()
    await stage.petrova.assign(call, stage.crew12)
    assert (await stage.petrova.get("/reports/calls"))["total"]["accepted"] == 1
    await stage.petrova.post(f"/calls/{call['id']}/reject", {"reason": "refused"})
    report = await stage.petrova.get("/reports/calls", group="outcome")
    assert report["total"]["rejected"] == 1
    assert report["total"]["accepted"] == 0
    refused = next(row for row in report["rows"] if row["received"])
    behind = await stage.petrova.get("/reports/list", **refused["filter"])
    assert [row["call_id"] for row in behind["rows"]] == [call["id"]]


async def test_a_corrected_norm_corrects_history_and_the_report_says_which_it_used(stage: Stage) -> None:
    await served(stage)
    await stage.sql("UPDATE assignments SET on_scene_at = on_scene_at + interval '3 minutes'")
    norms = (await stage.admin.get("/norms"))["items"]
    norm = next(item for item in norms if item["norm_set"] == "ru" and item["criticality"] == "critical")
    before = await stage.admin.get("/reports/norms")
    assert next(row for row in before["rows"] if row["criticality"] == "Критичный")["within"] == 1
    changed = await stage.admin.patch(f"/norms/{norm['id']}", {"target_s": 1, "version": norm["version"]})
    assert changed["version"] == norm["version"] + 1
    await stage.admin.refused(
        409, "outdated", "PATCH", f"/norms/{norm['id']}", json={"target_s": 2, "version": 1}
    )
    after = await stage.admin.get("/reports/norms")
    assert next(row for row in after["rows"] if row["criticality"] == "Критичный")["within"] == 0
    used = next(item for item in after["norm"]["items"] if item["id"] == norm["id"])
    assert (used["target_s"], used["version"]) == (1, changed["version"])
    assert [event["kind"] for event in await stage.events("norm.updated")] == ["norm.updated"]
    await stage.sql("UPDATE norms SET target_s = 1200, version = 1 WHERE id = :id", id=norm["id"])


async def test_the_shipped_norms_are_those_of_their_authors(stage: Stage) -> None:
    """Order 388n and the territorial programmes; NHS England's ARP (three of its categories); NFPA 1710."""
    shown = (await stage.admin.get("/norms"))["items"]
    sets: dict[str, set[tuple[Any, ...]]] = {"ru": set(), "arp": set(), "nfpa1710": set()}
    for norm in shown:
        if norm["norm_set"] in sets:
            of_receipt = norm["clock_start"] == "received"
            clocks = () if of_receipt else (norm["clock_start"], norm["clock_stop"])
            sets[norm["norm_set"]].add(
                (norm["criticality"], *clocks, norm["statistic"], norm["target_s"] / 60)
            )
    assert sets["ru"] == {
        ("critical", "share", 20),
        ("important", "share", 20),
        ("common", "share", 120),
    }
    assert sets["arp"] == {
        ("critical", "mean", 7), ("critical", "share", 15), ("important", "mean", 18), ("important", "share", 40),
        ("common", "share", 120),
    }  # fmt: skip
    assert sets["nfpa1710"] == {
        ("critical", "assigned", "en_route", "share", 1), ("critical", "en_route", "on_scene", "share", 4),
        ("important", "en_route", "on_scene", "share", 8),
    }  # fmt: skip


async def test_a_norm_whose_clock_stops_before_it_starts_is_refused(stage: Stage) -> None:
    body = {"norm_set": "own", "criticality": "critical", "clock_start": "on_scene", "clock_stop": "received",
            "target_s": 60}  # fmt: skip
    await stage.admin.refused(422, "invalid", "POST", "/norms", json=body)
    await stage.petrova.refused(403, "forbidden", "POST", "/norms", json=body)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"from": "2026-12-01", "to": "2026-11-01"}, "period_order"),
        ({"from": "2026-12-01T10:00:00"}, "moment"),
        ({"from": "tomorrow"}, "moment"),
        ({"from": "2010-01-01", "to": "2026-01-01"}, "period_too_long"),
        ({"from": "2026-01-01", "to": "2026-06-01", "group": "time_line"}, "too_long"),
    ],
)
async def test_a_wrong_period_is_refused_with_the_reason(
    stage: Stage, params: dict[str, str], code: str
) -> None:
    problem = await stage.admin.refused(422, "invalid", "GET", "/reports/calls", params=params)
    assert problem["errors"][0]["code"] == code
    assert problem["errors"][0]["message"]


async def test_who_may_read_which_report(stage: Stage) -> None:
    names = {}
    for who, caller in (
        ("admin", stage.admin),
        ("dispatcher", stage.petrova),
        ("worker", stage.crew12.worker),
    ):
        names[who] = {item["name"] for item in (await caller.get("/reports"))["items"]}
    assert names["worker"] == {"shift"} < names["dispatcher"] < names["admin"]
    assert names["admin"] - names["dispatcher"] == {"dispatchers", "advice", "gps"}
    await stage.petrova.refused(403, "report_not_for_role", "GET", "/reports/dispatchers")
    await stage.crew12.worker.refused(403, "report_not_for_role", "GET", "/reports/calls")
    await stage.admin.refused(404, "not_found", "GET", "/reports/nothing")


async def test_a_worker_sees_the_shift_of_the_own_team_whatever_is_asked(stage: Stage) -> None:
    call = await served(stage)
    other = await stage.crew13.worker.get("/reports/shift", team_id=stage.crew12.id)
    assert other["tables"][1]["rows"] == []
    own = await stage.crew12.worker.get("/reports/shift")
    assert [row["call_id"] for row in own["tables"][1]["rows"]] == [call["id"]]
    await stage.free_workers[0].refused(409, "no_team_of_yours", "GET", "/reports/shift")


async def test_a_worker_reads_the_last_shift_after_its_end_but_not_what_came_after_leaving(
    stage: Stage,
) -> None:
    call = await served(stage)
    (row,) = await stage.sql(
        "SELECT user_id FROM team_members WHERE team_id = :id ORDER BY place LIMIT 1", id=stage.crew12.id
    )
    await stage.sql(
        "UPDATE team_members SET left_at = now() WHERE team_id = :id AND user_id = :user",
        id=stage.crew12.id, user=row["user_id"],
    )  # fmt: skip
    try:
        own = await stage.crew12.worker.get("/reports/shift")
        assert [line["call_id"] for line in own["tables"][1]["rows"]] == [call["id"]]
        await stage.sql(
            "UPDATE team_members SET left_at = now() - interval '1 day' WHERE team_id = :id",
            id=stage.crew12.id,
        )
        own = await stage.crew12.worker.get("/reports/shift")
        assert own["tables"][1]["rows"] == [], "sent to the team when this worker was on it no more"
    finally:
        await stage.sql("UPDATE team_members SET left_at = NULL WHERE team_id = :id", id=stage.crew12.id)


async def test_csv_opens_in_a_russian_excel_and_runs_no_formula(stage: Stage) -> None:
    await served(stage)
    await stage.sql("UPDATE calls SET district = '=HYPERLINK(1)'")
    answer = await stage.admin.send("GET", "/reports/calls", params={"group": "district", "format": "csv"})
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-disposition"].endswith('.csv"')
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][0] == "Район"
    assert rows[1][0] == "'=HYPERLINK(1)"
    assert answer.text.count("\r\n") == len(rows)


async def test_a_file_has_all_rows_of_a_list_or_ends_by_saying_that_it_has_not(stage: Stage) -> None:
    await stage.sql(
        "INSERT INTO calls (criticality, reason, address, received_at, created_at)"
        " SELECT 'common', 'x', 'y', now(), now() FROM generate_series(1, 510)"
    )

    async def rows(**params: Any) -> list[list[str]]:
        answer = await stage.admin.send("GET", "/reports/list", params={"format": "csv", **params})
        lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
        return lines[: lines.index([])]  # what it is about stands below

    whole, cut = await rows(), await rows(limit=7)
    assert len(whole) == 1 + 510
    assert all(len(row) == len(whole[0]) for row in whole)
    assert len(cut) == 1 + 7 + 1
    assert "7 из 510" in cut[-1][0]
    page = await stage.admin.get("/reports/list")
    assert len(page["rows"]) == 500
    assert "500 из 510" in " ".join(page["notes"])


async def test_xlsx_reopens_with_numbers_times_and_native_charts(stage: Stage) -> None:
    await served(stage)
    await stage.sql("UPDATE calls SET district = '=1+1'")
    answer = await stage.admin.send(
        "GET", "/reports/intervals", params={"group": "district", "format": "xlsx"}
    )
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames[0] == "Об отчёте"
    sheet = book.worksheets[1]
    assert sheet["A1"].value == "Район"
    assert sheet["A2"].value == "=1+1"
    assert sheet["A2"].data_type == "s" or sheet["A2"].quotePrefix is not None
    assert sheet["B2"].value == 1
    assert "mm:ss" in sheet["E2"].number_format
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert any(name.startswith("xl/charts/") for name in names)
    assert not any(
        "<f>" in zipfile.ZipFile(io.BytesIO(answer.content)).read(n).decode() for n in names if "sheet" in n
    )


async def test_every_report_is_a_pdf_for_signing_and_a_chart_is_an_svg(stage: Stage) -> None:
    await served(stage)
    text = await pages(stage.admin, "/reports/summary", format="pdf")
    assert "Сводка" in text
    assert "Подпись" in text
    english = await pages(stage.admin, "/reports/summary", format="pdf", lang="en")
    assert "Signature" in english
    svg = await stage.admin.send("GET", "/reports/summary", params={"format": "svg", "part": "response"})
    assert svg.headers["content-type"].startswith("image/svg+xml")
    assert "PT Sans" in svg.text
    await stage.admin.refused(404, "no_such_part", "GET", "/reports/late", params={"format": "svg"})


async def test_a_name_that_no_font_has_does_not_stop_a_document(stage: Stage) -> None:
    await served(stage)
    await stage.sql("UPDATE calls SET district = 'Район 𓀀 🚑'")
    assert "Район" in await pages(stage.admin, "/reports/calls", group="district", format="pdf")


async def test_forms_carry_the_patient_and_each_print_is_written_down(stage: Stage) -> None:
    patient = {"surname": "Смирнова", "name": "Мария", "age": 0, "sex": "female"}
    call = await served(stage, patient=patient, address="пр. Мира, 88")
    for path, word in (
        (f"/calls/{call['id']}/card.pdf", "110/у"),
        (f"/calls/{call['id']}/sheet.pdf", "ТАЛОН"),
        ("/reports/forms/109.pdf", "109/у"),
    ):
        text = await pages(stage.petrova, path)
        assert word in text
        assert "Смирнова" in text
        assert "Мира, 88" in text
        assert "Боль в груди" in " ".join(text.split()), "people read words, not the code that a system sent"
        assert "chest_pain" not in text
    looks = await stage.sql("SELECT what FROM patient_data_reads ORDER BY id")
    assert {look["what"] for look in looks} >= {"card", "sheet", "journal"}
    assert "110/у" in await pages(stage.crew12.worker, f"/calls/{call['id']}/card.pdf")
    await stage.crew13.worker.refused(404, "not_found", "GET", f"/calls/{call['id']}/card.pdf")
    await stage.petrova.refused(404, "not_found", "GET", "/calls/999999/card.pdf")


async def carried_by_the_second_team(stage: Stage) -> tuple[dict[str, Any], dict[str, str]]:
    """A call that crew 12 reached first and crew 13 took to hospital; the wall clock of each moment of crew 13."""
    call = await stage.petrova.take_in(patient={"surname": "Смирнова", "age": 41}, address="пр. Мира, 88")
    first = await stage.petrova.assign(call, stage.crew12)
    second = await stage.petrova.assign(call, stage.crew13, additional=True)
    await stage.crew12.worker.step(first, "on_scene")
    await stage.crew12.worker.step(first, "completed")
    await stage.crew13.worker.step(second, "at_hospital", hospital_id=stage.hospital_id)
    done = await stage.crew13.worker.step(second, "completed")
    await stage.petrova.post(
        f"/assignments/{second['id']}/corrections",
        {"step": "on_scene", "occurred_at": done["milestones"]["on_scene_at"], "reason": "не сразу нажали"},
    )
    minutes = {
        "assigned": 1,
        "en_route": 3,
        "on_scene": 12,
        "transporting": 20,
        "at_hospital": 33,
        "completed": 45,
    }
    moved = ", ".join(f"{step}_at = c.received_at + interval '{n} minutes'" for step, n in minutes.items())
    await stage.sql(f"UPDATE assignments a SET {moved} FROM calls c WHERE c.id = a.call_id AND a.id = :id",
                    id=second["id"])  # fmt: skip
    await stage.sql(
        "UPDATE assignments a SET on_scene_at = c.received_at + interval '7 minutes'"
        " FROM calls c WHERE c.id = a.call_id AND a.id = :id", id=first["id"],
    )  # fmt: skip
    received = datetime.fromisoformat(call["received_at"]).astimezone(stage.state.settings.zone)
    told = {step: f"{received + timedelta(minutes=n):%H:%M:%S}" for step, n in minutes.items()}
    return call | {"second": second["id"]}, {"received": f"{received:%H:%M:%S}", **told}


async def test_the_forms_tell_the_times_the_hospital_and_who_took_the_patient(stage: Stage) -> None:
    call, told = await carried_by_the_second_team(stage)
    (row,) = await stage.sql("SELECT name FROM hospitals WHERE id = :id", id=stage.hospital_id)
    hospital = row["name"]
    card = await pages(stage.petrova, f"/calls/{call['id']}/card.pdf", assignment_id=call["second"])
    for step in told:
        assert told[step] in card, step
    assert hospital in card
    assert "Отметки:" in card
    sheet = " ".join((await pages(stage.petrova, f"/calls/{call['id']}/sheet.pdf")).split())
    whole, coupon = sheet.split("ТАЛОН К СОПРОВОДИТЕЛЬНОМУ ЛИСТУ")
    for part in (whole, coupon):
        assert "Смирнова" in part
        assert hospital in part
        assert told["at_hospital"][:5] in part
    assert told["received"][:5] in whole
    assert "возвращается на станцию" in coupon
    assert "койко-дней" in coupon
    journal = " ".join((await pages(stage.petrova, "/reports/forms/109.pdf")).split())
    crew = (await stage.petrova.get(f"/teams/{stage.crew13.id}"))["name"]
    line = journal[journal.index("Смирнова") :]
    # The team that took the patient, its own times; the response is to the first team.
    times = (
        f"{told['assigned'][:5]} {told['en_route'][:5]}* {told['on_scene'][:5]}† {told['completed'][:5]} 7 "
    )
    assert f"{crew}‡ {times}" in line
    assert "* — время восстановлено" in line
    assert "† — время исправлено" in line
    assert "‡ — первой прибыла другая бригада" in line
    assert hospital in line.replace("- ", "")
    diary = await pages(stage.petrova, "/reports/diary", format="pdf")
    assert "115/у" in diary


async def until_finished(stage: Stage, job_id: int) -> dict[str, Any]:
    """The job's end; whoever of the app and the test claims it first."""
    while True:
        await run_next(stage.state)
        job: dict[str, Any] = await stage.admin.get(f"/reports/jobs/{job_id}")
        if job["finished_at"]:
            return job
        await asyncio.sleep(0.05)


async def exported(stage: Stage, **wanted: Any) -> zipfile.ZipFile:
    job = await stage.admin.post("/reports/jobs", {"kind": "export", **wanted})
    job = await until_finished(stage, job["id"])
    assert job["status"] == "done", job
    answer = await stage.admin.send("GET", f"/reports/jobs/{job['id']}/file")
    assert len(answer.content) == job["size_bytes"]
    return zipfile.ZipFile(io.BytesIO(answer.content))


async def test_the_export_holds_everything_and_personal_data_only_when_asked_for(stage: Stage) -> None:
    call = await served(stage, patient={"surname": "=Смирнова"}, caller_phone="+79001234567")
    without = await exported(stage)
    assert "Смирнова" not in "".join(without.read(name).decode() for name in without.namelist())
    assert "79001234567" not in without.read("jsonl/calls.jsonl").decode()
    with_them = await exported(stage, personal_data=True)
    lines = [json.loads(line) for line in with_them.read("jsonl/calls.jsonl").splitlines()]
    assert [line["id"] for line in lines] == [call["id"]]
    assert lines[0]["caller_phone"] == "+79001234567"
    table = csv.DictReader(io.StringIO(with_them.read("csv/patients.csv").decode("utf-8-sig")), delimiter=";")
    assert [row["surname"] for row in table] == ["'=Смирнова"]
    assert len(with_them.read("jsonl/milestones.jsonl").splitlines()) == 5
    for archive in (without, with_them):
        assert not any(
            "password" in archive.read(name).decode() for name in archive.namelist() if "users" in name
        )
        assert "Time zone" in archive.read("README.md").decode()
    looks = await stage.sql("SELECT what FROM patient_data_reads WHERE what = 'export'")
    assert len(looks) == 1


async def test_the_export_has_every_row_of_every_table_that_it_names(stage: Stage) -> None:
    await served(stage, patient={"surname": "Смирнова\nвторая строка"}, caller_phone="+79001234567")
    archive = await exported(stage, personal_data=True, positions=True)
    schema = json.loads(archive.read("schema.json"))
    left_out = set(metadata.tables) - set(schema)
    assert left_out == LEFT_OUT & set(metadata.tables), (
        "nothing else is kept back from those who may have all"
    )
    # What the export itself goes on writing: its job and its events.
    moving = {"events"}
    for name in schema:
        (row,) = await stage.sql(f'SELECT count(*) AS n FROM "{name}"')
        text = archive.read(f"csv/{name}.csv").decode("utf-8-sig")
        in_csv = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
        in_json = archive.read(f"jsonl/{name}.jsonl").splitlines()
        assert len(in_csv) == len(in_json), name
        assert len(in_json) == row["n"] or (name in moving and 0 < len(in_json) <= row["n"]), name
        assert all(set(line) == set(schema[name]) for line in in_csv), name


async def test_an_export_is_for_those_who_keep_the_service(stage: Stage) -> None:
    await stage.petrova.refused(403, "forbidden", "POST", "/reports/jobs", json={"kind": "export"})


async def test_a_long_report_is_a_job_of_its_owner(stage: Stage) -> None:
    await served(stage)
    body = {"kind": "report", "report": "calls", "format": "csv", "group": "day"}
    job = await stage.petrova.post("/reports/jobs", body)
    await until_finished(stage, job["id"])
    answer = await stage.petrova.send("GET", f"/reports/jobs/{job['id']}/file")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    await stage.ivanova.refused(404, "not_found", "GET", f"/reports/jobs/{job['id']}")
    assert (await stage.ivanova.get("/reports/jobs"))["items"] == []
    await stage.sql(
        "INSERT INTO report_jobs (kind, params, status, created_at, finished_at)"
        " SELECT 'export', CAST('{}' AS jsonb), 'failed', now(), now() FROM generate_series(1, 100)"
    )
    assert [one["id"] for one in (await stage.petrova.get("/reports/jobs"))["items"]] == [job["id"]]
    assert len((await stage.admin.get("/reports/jobs"))["items"]) == 100
    await stage.petrova.delete(f"/reports/jobs/{job['id']}")
    await stage.petrova.refused(404, "not_found", "GET", f"/reports/jobs/{job['id']}/file")


async def test_a_cancelled_job_ends_and_leaves_no_file(stage: Stage) -> None:
    await stage.sql(
        "INSERT INTO report_jobs (kind, params, status, cancel_requested, created_at, beat_at)"
        " VALUES ('export', CAST('{}' AS jsonb), 'queued', true, now(), now())"
    )
    (row,) = await stage.sql("SELECT id FROM report_jobs")
    job = await until_finished(stage, row["id"])
    assert job["status"] == "cancelled"
    await stage.admin.refused(409, "job_not_done", "GET", f"/reports/jobs/{job['id']}/file")


async def test_a_report_tells_of_its_parts_and_a_cancel_stops_it_before_the_next(stage: Stage) -> None:
    body = {"kind": "report", "report": "calls", "format": "csv"}
    query = Query(
        name="calls", group="day", now=stage.state.clock.now(),
        period=period_of(None, None, stage.state.settings.zone, stage.state.clock.now()),
    )  # fmt: skip
    task, told = ReportTask(place_of(stage.state), query, "csv"), list[float]()
    assert (await asyncio.to_thread(make_report, task, told.append)).startswith(b"\xef\xbb\xbf")
    assert told == sorted(told)
    assert len(told) == 2
    (row,) = await stage.sql(
        "INSERT INTO report_jobs (kind, params, status, cancel_requested, created_at, beat_at)"
        " VALUES ('report', CAST(:body AS jsonb), 'running', true, now(), now()) RETURNING id",
        body=json.dumps(body),
    )
    file = task.place.folder / "cancelled.csv"
    work = JobTask(row["id"], task.place.url, file, task, None)
    with pytest.raises(CancelledJobError):
        await asyncio.to_thread(_tell_now, work, READ)
    with pytest.raises(CancelledJobError):
        await asyncio.to_thread(do_job, work)
    assert not list(task.place.folder.glob("*cancelled.csv*"))
    await stage.sql("DELETE FROM report_jobs WHERE id = :id", id=row["id"])


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        ({"group": "dispatcher"}, {}),
        ({"dispatcher_id": 7}, {"dispatcher_id": 7}),
        ({"sender_id": 7}, {"sender_id": 7}),
    ],
)
async def test_a_dispatcher_learns_nothing_of_single_colleagues(
    stage: Stage, query: dict[str, Any], filters: dict[str, Any]
) -> None:
    await stage.petrova.refused(403, "report_not_for_role", "GET", "/reports/losses", params=query)
    body = {"kind": "report", "report": "losses", "filters": filters}
    body |= {key: value for key, value in query.items() if key == "group"}
    await stage.petrova.refused(403, "report_not_for_role", "POST", "/reports/jobs", json=body)
    await stage.admin.get("/reports/losses", **query)


async def test_a_job_whose_worker_is_gone_is_failed_and_not_left_running(stage: Stage) -> None:
    await stage.sql(
        "INSERT INTO report_jobs (kind, params, status, created_at, beat_at)"
        " VALUES ('export', CAST('{}' AS jsonb), 'running', now(), now() - interval '5 minutes')"
    )
    (row,) = await stage.sql("SELECT id FROM report_jobs")
    assert (await until_finished(stage, row["id"]))["problem"] == "interrupted"


async def until_written(stage: Stage) -> dict[str, Any]:
    """The schedule once its file is there; the app's own chore may have been quicker than the test."""
    while True:
        shown: dict[str, Any] = (await stage.admin.get("/reports/schedules"))["items"][0]
        if shown["last_file"]:
            return shown
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("days", [1, 3])
async def test_a_scheduled_report_is_written_once_about_what_has_ended(stage: Stage, days: int) -> None:
    made = await stage.admin.post(
        "/reports/schedules", {"report": "diary", "format": "csv", "every": "day", "at": "06:30"}
    )
    due = datetime.fromisoformat(made["next_at"])
    assert due > stage.state.clock.now()
    assert not await write_next(stage.state)
    await stage.sql(f"UPDATE report_schedules SET next_at = next_at - interval '{days} days'")
    while await write_next(stage.state):
        pass
    shown = await until_written(stage)
    zone = stage.state.settings.zone
    yesterday = (due.astimezone(zone) - timedelta(days=2)).strftime("%Y%m%d")
    assert f"brigada-diary-{yesterday}" in shown["last_file"]
    assert datetime.fromisoformat(shown["next_at"]) == due
    assert shown["last_problem"] == ""
    await stage.admin.delete(f"/reports/schedules/{made['id']}")
    await stage.admin.refused(
        422, "invalid", "POST", "/reports/schedules", json={"report": "diary", "every": "hour"}
    )


async def test_a_scheduled_report_leaves_in_what_its_filters_say(stage: Stage) -> None:
    await served(stage)
    await stage.petrova.take_in(reason="headache")
    await stage.sql("UPDATE calls SET received_at = received_at - interval '1 day', district = 'Южный' WHERE id = ("
                    "SELECT min(id) FROM calls)")  # fmt: skip
    await stage.sql(
        "UPDATE calls SET received_at = received_at - interval '1 day' WHERE id = (SELECT max(id) FROM calls)"
    )
    body = {
        "report": "calls",
        "format": "csv",
        "every": "day",
        "at": "00:00",
        "group": "district",
        "norm_set": "arp",
    }
    made = await stage.admin.post(
        "/reports/schedules", {**body, "filters": {"criticality": "critical", "late": True}}
    )
    assert made["filters"] == {"criticality": "critical", "late": True}
    assert (made["norm_set"], made["interval"], made["compare"]) == ("arp", None, False)
    wrong: list[dict[str, Any]] = [
        {"norm_set": "none"},
        {"filters": {"box": "1,2"}},
        {"filters": {"colour": "red"}},
    ]
    for more in wrong:
        await stage.admin.refused(422, "invalid", "POST", "/reports/schedules", json={**body, **more})
    now = stage.state.clock.now()
    await stage.sql(
        "UPDATE report_schedules SET next_at = CAST(:at AS timestamptz)", at=now - timedelta(seconds=1)
    )
    while await write_next(stage.state):
        pass
    shown = await until_written(stage)
    assert shown["last_problem"] == ""
    assert shown["last_file"].endswith(f"-district-ru-s{made['id']}.csv")
    text = (await asyncio.to_thread(Path(shown["last_file"]).read_bytes)).decode("utf-8-sig")
    assert "Отбор: критичность: Критичный; с опозданием" in text
    assert "ARP" in text
    assert "Южный;1" in text
    await stage.admin.delete(f"/reports/schedules/{made['id']}")


async def test_a_scheduled_report_that_failed_is_tried_again_about_the_same_days(stage: Stage) -> None:
    made = await stage.admin.post(
        "/reports/schedules", {"report": "diary", "format": "csv", "every": "day", "at": "06:30"}
    )
    due = datetime.fromisoformat(made["next_at"])
    place = folder_of(stage.state)
    aside = place.with_name("aside")
    if place.exists():
        place.rename(aside)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"in the way")
    try:
        await stage.sql("UPDATE report_schedules SET next_at = next_at - interval '1 day'")
        while not (shown := (await stage.admin.get("/reports/schedules"))["items"][0])["last_problem"]:
            await write_next(stage.state)
        again = datetime.fromisoformat(shown["next_at"])
        assert stage.state.clock.now() < again <= min(due, stage.state.clock.now() + RETRY)
    finally:
        place.unlink()
        if aside.exists():
            aside.rename(place)
    await stage.sql("UPDATE report_schedules SET next_at = now() - interval '1 second'")
    while not (shown := (await stage.admin.get("/reports/schedules"))["items"][0])["last_file"]:
        await write_next(stage.state)
    yesterday = (due.astimezone(stage.state.settings.zone) - timedelta(days=2)).strftime("%Y%m%d")
    assert f"brigada-diary-{yesterday}" in shown["last_file"]
    assert shown["last_problem"] == ""
    assert datetime.fromisoformat(shown["next_at"]) == due


async def test_schedules_of_one_report_by_other_groups_and_languages_write_files_of_their_own(
    stage: Stage,
) -> None:
    for group, lang in (("district", "ru"), ("district", "en"), ("station", "ru"), (None, "ru")):
        body = {
            "report": "calls",
            "format": "csv",
            "every": "day",
            "at": "06:30",
            "group": group,
            "lang": lang,
        }
        await stage.admin.post("/reports/schedules", body)
    await stage.sql("UPDATE report_schedules SET next_at = next_at - interval '1 day'")
    while not all(
        files := [one["last_file"] for one in (await stage.admin.get("/reports/schedules"))["items"]]
    ):
        await write_next(stage.state)
    assert len(set(files)) == 4
