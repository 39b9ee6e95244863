"""What a worker process does for a job: writes its file, tells how far it is, stops when it is cancelled."""

import asyncio
import os
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from brigada.db import jobs
from brigada.reports.export import Wanted, write_export
from brigada.reports.tasks import ReportTask, make_report

FILE_OF: Final = re.compile(r"(\.?)(\d+)-")
"""How the name of a file begins: with the number of its job, an unfinished one's with a dot before it."""


@dataclass(frozen=True, slots=True)
class JobTask:
    """A claimed job: a report or an export, and the file that it makes."""

    job_id: int
    url: str
    file: Path
    report: ReportTask | None
    export: Wanted | None


def do_job(task: JobTask) -> int:
    """Make the job's file; return its size in bytes. The file appears when it is whole, or not at all.

    Raises:
        CancelledJobError: somebody cancelled it; nothing is left behind.
        NoSuchPartError: the report has no such chart or table.
    """
    task.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = task.file.with_name(f".{task.file.name}.{os.getpid()}")
    try:
        if task.export is not None:
            asyncio.run(_export(task, task.export, draft))
        elif task.report is not None:
            _tell_now(task, 0.0)
            draft.write_bytes(make_report(task.report, partial(_tell_now, task)))
        _tell_now(task, 0.99)
        draft.chmod(0o600)
        size = draft.stat().st_size
        draft.replace(task.file)
    finally:
        draft.unlink(missing_ok=True)
    return size


def _tell_now(task: JobTask, part: float) -> None:
    asyncio.run(_tell(task, part, ""))


async def _export(task: JobTask, wanted: Wanted, draft: Path) -> None:
    from brigada.tables import metadata

    async def tell(part: float, step: str) -> None:
        await _tell(task, part, step)

    await tell(0.0, "")
    await write_export(task.url, draft, wanted, tell, metadata.sorted_tables)


async def _tell(task: JobTask, part: float, step: str) -> None:
    await jobs.tell(task.url, "report_jobs", task.job_id, part, step)
