"""What a killed or cancelled worker had begun to write does not stay."""

import asyncio
import io
import multiprocessing
import os
import signal
import time
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from brigada.reports import service
from brigada.reports.drafts import ABANDONED_S
from brigada.reports.export import Wanted
from brigada.reports.job_work import JobTask, do_job
from brigada.reports.jobs import run_next, sweep_drafts
from brigada.reports.schedules import folder_of, write_next
from stage import Stage

pytestmark = pytest.mark.anyio


def folder(stage: Stage) -> Path:
    return service.folder_of(stage.state.settings.data_dir) / "jobs"


def drafts(stage: Stage, job_id: int) -> list[Path]:
    return list(folder(stage).glob(f".{job_id}-*"))


async def draft_of(stage: Stage, job_id: int) -> Path:
    """The job's unfinished file, once its worker has begun it."""
    while True:
        if found := drafts(stage, job_id):
            return found[0]
        await asyncio.sleep(0.02)


@asynccontextmanager
async def held_up(stage: Stage) -> AsyncIterator[None]:
    """Nobody can read the milestones: an export stands still with its file half written."""
    async with stage.state.database.engine.begin() as connection:
        await connection.execute(text("LOCK TABLE milestones IN ACCESS EXCLUSIVE MODE"))
        yield


async def until_finished(stage: Stage, job_id: int) -> dict[str, Any]:
    while True:
        (job,) = await stage.sql("SELECT * FROM report_jobs WHERE id = :id", id=job_id)
        if job["finished_at"] is not None:
            return job
        await run_next(stage.state)
        await asyncio.sleep(0.05)


@pytest.mark.long
async def test_what_a_killed_service_had_begun_is_swept_away_once_its_job_is_failed(stage: Stage) -> None:
    (job,) = await stage.sql(
        "INSERT INTO report_jobs (kind, params, status, created_at, beat_at)"
        " VALUES ('export', CAST('{}' AS jsonb), 'running', now(), now()) RETURNING id"
    )
    file = folder(stage) / f"{job['id']}-brigada-export-20261101-0300.zip"
    wanted = Wanted(personal_data=True, positions=False, zone="Europe/Moscow")
    task = JobTask(job["id"], stage.state.database.url, file, None, wanted)
    worker = multiprocessing.get_context("spawn").Process(target=do_job, args=(task,))
    async with held_up(stage):
        worker.start()
        draft = await draft_of(stage, job["id"])
        worker.kill()
        await asyncio.to_thread(worker.join)
    await sweep_drafts(stage.state)
    assert draft.exists(), "for all that is known its worker still writes"
    await stage.sql("UPDATE report_jobs SET beat_at = beat_at - interval '5 minutes'")
    assert (await until_finished(stage, job["id"]))["problem"] == "interrupted"
    await sweep_drafts(stage.state)
    assert not draft.exists()
    assert not file.exists()


@pytest.mark.long
async def test_a_killed_worker_is_replaced_and_leaves_only_the_whole_file(stage: Stage) -> None:
    job = await stage.admin.post("/reports/jobs", {"kind": "export"})
    async with held_up(stage):
        running = asyncio.create_task(until_finished(stage, job["id"]))
        draft = await draft_of(stage, job["id"])
        os.kill(int(draft.suffix[1:]), signal.SIGKILL)
    done = await running
    assert done["status"] == "done"
    await sweep_drafts(stage.state)
    assert drafts(stage, job["id"]) == []
    answer = await stage.admin.send("GET", f"/reports/jobs/{job['id']}/file")
    assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None


async def test_an_export_cancelled_on_its_way_leaves_nothing(stage: Stage) -> None:
    job = await stage.admin.post("/reports/jobs", {"kind": "export"})
    async with held_up(stage):
        running = asyncio.create_task(until_finished(stage, job["id"]))
        await draft_of(stage, job["id"])
        await stage.admin.delete(f"/reports/jobs/{job['id']}")
    assert (await running)["status"] == "cancelled"
    assert list(folder(stage).glob(f"*{job['id']}-*")) == []


async def test_half_a_scheduled_file_goes_when_the_next_one_is_written(stage: Stage) -> None:
    await stage.admin.post(
        "/reports/schedules", {"report": "diary", "format": "csv", "every": "day", "at": "06:30"}
    )
    place = folder_of(stage.state)
    place.mkdir(parents=True, exist_ok=True)
    old, fresh = place / ".brigada-diary-20200101.csv.part", place / ".brigada-calls-20200101.csv.part"
    for draft in (old, fresh):
        draft.write_bytes(b"half")
    long_ago = time.time() - ABANDONED_S - timedelta(minutes=1).total_seconds()
    os.utime(old, (long_ago, long_ago))
    await stage.sql("UPDATE report_schedules SET next_at = next_at - interval '1 day'")
    while not (await stage.admin.get("/reports/schedules"))["items"][0]["last_file"]:
        await write_next(stage.state)
    assert not old.exists()
    assert fresh.exists(), "another process may be writing it"
    fresh.unlink()


async def test_a_whole_file_of_a_job_that_was_never_finished_does_not_stay(stage: Stage) -> None:
    kept = {}
    folder(stage).mkdir(parents=True, exist_ok=True)
    for status in ("failed", "cancelled", "done", "running"):
        (job,) = await stage.sql(
            "INSERT INTO report_jobs (kind, params, status, created_at, beat_at)"
            f" VALUES ('export', CAST('{{}}' AS jsonb), '{status}', now(), now()) RETURNING id"
        )
        kept[status] = folder(stage) / f"{job['id']}-brigada-export-20261101-0300.zip"
    kept["forgotten"] = folder(stage) / "999999999-brigada-export-20261101-0300.zip"
    for file in kept.values():
        file.write_bytes(b"names")
    await sweep_drafts(stage.state)
    assert {status for status, file in kept.items() if file.exists()} == {"done", "running"}
    for file in kept.values():
        file.unlink(missing_ok=True)
