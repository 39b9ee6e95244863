"""Jobs: long reports and exports, with progress, done one after another by the process that leads.

1. A request stores the job as queued. 2. The leader's chore claims it (a compare-and-set under SKIP LOCKED: two leaders
at once can't both have it). 3. A worker process writes the file, telling how far it is. 4. The chore writes the end:
done, failed, or cancelled. A job whose worker has shown no life for two minutes is failed by the next turn, and what
a killed worker had begun to write is swept away soon after.
"""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select, update

from brigada.auth import audit
from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.db.engine import ReadSession
from brigada.db.jobs import LOOK_S, CancelledJobError, claim_next
from brigada.db.leader import Chore
from brigada.errors import Forbidden, Language, NotFound
from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.reports import service
from brigada.reports.asking import MOST_ROWS, Asked, box_of, check_people, definition_for, query_of
from brigada.reports.catalogue import BY_NAME
from brigada.reports.errors import JobNotDone
from brigada.reports.export import Wanted
from brigada.reports.filters import Filters
from brigada.reports.job_work import FILE_OF, JobTask, do_job
from brigada.reports.models import ReportJob
from brigada.reports.schemas import JobIn
from brigada.reports.tasks import MEDIA, NoSuchPartError, ReportTask
from brigada.state import State

_log = logging.getLogger(__name__)

TIDY_S: Final = 60.0
"""Seconds between looks for files that nobody needs any more: the first as soon as a process leads."""

_FIELDS: Final = (
    "id", "kind", "status", "progress", "step", "file_name", "size_bytes", "problem", "created_at", "finished_at",
)  # fmt: skip


def job_view(job: ReportJob) -> dict[str, Any]:
    """Return a job as the API shows it."""
    asked = {name: value for name, value in job.params.items() if name != "account"}
    return {**{name: getattr(job, name) for name in _FIELDS}, "params": asked}


def asked_of(params: dict[str, Any]) -> Asked:
    """Return what the stored parameters of a report ask for."""
    chosen = dict(params.get("filters") or {})
    return Asked(
        since=params.get("from"), until=params.get("to"), group=params.get("group"),
        interval=params.get("interval") or "response", norm_set=params.get("norm_set"),
        compare=bool(params.get("compare")), limit=params.get("limit") or MOST_ROWS,
        filters=Filters(**chosen | {"box": box_of(chosen.get("box"))}),
    )  # fmt: skip


async def add_job(
    uow: UnitOfWork, state: State, principal: Principal, body: JobIn, language: Language
) -> dict[str, Any]:
    """Store a job; it begins within a second or two.

    Raises:
        Forbidden: an export by somebody who may not.
        NotFound, ReportNotForRole, Invalid: the report.
    """
    params = body.model_dump(by_alias=True, exclude_none=True, exclude={"kind"}) | {
        "account": principal.account
    }
    if body.kind == "export":
        if not principal.may(Permission.SERVICE_WRITE):
            raise Forbidden
        if body.personal_data:
            await audit.note_read(state.database, principal, "export", None, uow.now)
    else:
        definition = definition_for(body.report or "", principal)
        params["language"] = body.lang or language
        asked = asked_of(params)
        check_people(asked, principal)
        await service.check_norm_set(uow.session, asked.norm_set)
        query_of(asked, definition, params["language"], state.settings.zone, uow.now)
    job = ReportJob(
        kind=body.kind, params=params, status="queued", progress=0.0, step="", cancel_requested=False, file_name="",
        media_type="", problem="", created_by=principal.user_id, created_at=uow.now,
    )  # fmt: skip
    uow.session.add(job)
    await uow.session.flush()
    data = {"job": {"id": job.id, "kind": job.kind, "personal_data": body.personal_data}}
    uow.record(Event(kind="report_job.created", data=data, roles=("admin",)))
    return job_view(job)


async def list_jobs(session: ReadSession, principal: Principal) -> list[dict[str, Any]]:
    """Return the caller's jobs (an administrator: all), the latest first."""
    query = select(ReportJob).order_by(ReportJob.id.desc()).limit(100)
    if not principal.may(Permission.SERVICE_WRITE):
        query = query.where(ReportJob.params["account"].astext == principal.account)
    return [job_view(job) for job in (await session.execute(query)).scalars()]


def _may_see(job: ReportJob, principal: Principal) -> bool:
    return principal.may(Permission.SERVICE_WRITE) or job.params.get("account") == principal.account


async def get_job(session: ReadSession, principal: Principal, job_id: int) -> ReportJob:
    """Return one job.

    Raises:
        NotFound: absent, or somebody else's.
    """
    job = await session.get(ReportJob, job_id)
    if job is None or not _may_see(job, principal):
        raise NotFound
    return job


def file_of(state: State, job: ReportJob) -> Path:
    """Return the finished file.

    Raises:
        JobNotDone, NotFound: forgotten since, or on another host.
    """
    if job.status != "done":
        raise JobNotDone
    file = _path(state, job.id, job.file_name)
    if not file.is_file():
        raise NotFound
    return file


def _folder(state: State) -> Path:
    return service.folder_of(state.settings.data_dir) / "jobs"


def _path(state: State, job_id: int, name: str) -> Path:
    return _folder(state) / f"{job_id}-{name}"


async def cancel_job(uow: UnitOfWork, state: State, principal: Principal, job_id: int) -> None:
    """Stop a job, or forget a finished one and its file.

    Raises:
        NotFound: absent, or somebody else's.
    """
    job = await uow.session.get(ReportJob, job_id, with_for_update=True)
    if job is None or not _may_see(job, principal):
        raise NotFound
    if job.status == "queued":
        job.status, job.finished_at = "cancelled", uow.now
    elif job.status == "running":
        job.cancel_requested = True
    else:
        _path(state, job.id, job.file_name).unlink(missing_ok=True)
        await uow.session.delete(job)
    uow.record(Event(kind="report_job.cancelled", data={"job": {"id": job_id}}, roles=("admin",)))


def chores(state: State) -> list[Chore]:
    """Return what the leading process does about jobs."""

    async def work() -> None:
        while await run_next(state):
            pass

    async def tidy() -> None:
        await forget_old(state)
        await sweep_drafts(state)

    return [Chore("report-jobs", LOOK_S, work), Chore("report-files", TIDY_S, tidy)]


async def run_next(state: State) -> bool:
    """Claim and do one queued job; return whether there was one."""
    async with state.unit_of_work() as uow:
        job_id = await claim_next(uow.session, "report_jobs", uow.now)
        await uow.commit()
    if job_id is None:
        return False
    values: dict[str, Any]
    try:
        values = await _do(state, job_id)
    except CancelledJobError:
        values = {"status": "cancelled"}
    except NoSuchPartError:
        values = {"status": "failed", "problem": "no_such_part"}
    except Exception:  # noqa: BLE001 -- whatever it was, the job must not stay open
        _log.exception("the report job %s failed", job_id)
        values = {"status": "failed", "problem": "internal"}
    async with state.unit_of_work() as uow:
        changed = update(ReportJob).where(ReportJob.id == job_id, ReportJob.status == "running")
        await uow.session.execute(changed.values(finished_at=uow.now, step="", **values))
        data = {"job": {"id": job_id, "status": values["status"]}}
        uow.record(Event(kind="report_job.finished", data=data, roles=("admin",)))
        await uow.commit()
    return True


async def _do(state: State, job_id: int) -> dict[str, Any]:
    async with state.database.read() as session:
        job = await session.get(ReportJob, job_id)
        assert job is not None  # noqa: S101 -- just claimed, and nobody deletes a running job
        kind, params, created_at = job.kind, job.params, job.created_at
    place = service.place_of(state)
    if kind == "export":
        name, media = f"brigada-export-{created_at:%Y%m%d-%H%M}.zip", "application/zip"
        wanted = Wanted(
            bool(params.get("personal_data")), bool(params.get("positions")), state.settings.time_zone
        )
        task = JobTask(job_id, place.url, _path(state, job_id, name), None, wanted)
    else:
        definition, form = BY_NAME[params["report"]], params["format"]
        query = query_of(asked_of(params), definition, params["language"], state.settings.zone, created_at)
        name, media = service.file_name(definition, query, form), MEDIA[form]
        report = ReportTask(place, query, form, params.get("part"))
        task = JobTask(job_id, place.url, _path(state, job_id, name), report, None)
    size = await state.workers.run(do_job, task, "jobs")
    return {"status": "done", "progress": 1.0, "file_name": name, "media_type": media, "size_bytes": size}


async def sweep_drafts(state: State) -> None:
    """Delete what workers left when they were killed: drafts of jobs that run no more, whole files of jobs not done.

    A process that dies between the renaming of a file and the end of its job leaves one that no row names.
    """
    files = [
        (file, int(found[2]), bool(found[1]))
        for file in await asyncio.to_thread(lambda: list(_folder(state).glob("*")))
        if (found := FILE_OF.match(file.name))
    ]
    if not files:
        return
    async with state.database.read() as session:
        query = select(ReportJob.id, ReportJob.status).where(ReportJob.status.in_(("running", "done")))
        living = {row.id: row.status for row in await session.execute(query)}
    for file, job_id, is_draft in files:
        if living.get(job_id) not in ({"running"} if is_draft else {"running", "done"}):
            file.unlink(missing_ok=True)


async def forget_old(state: State) -> None:
    """Delete jobs past their time, and their files."""
    async with state.unit_of_work() as uow:
        oldest = uow.now - timedelta(days=state.settings.report_jobs_keep_days)
        query = select(ReportJob).where(ReportJob.finished_at < oldest)
        for job in (await uow.session.execute(query)).scalars():
            _path(state, job.id, job.file_name).unlink(missing_ok=True)
            await uow.session.delete(job)
        await uow.commit()
