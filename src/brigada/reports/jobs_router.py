"""`/reports/jobs` and `/reports/schedules`: what takes long, and what comes by itself."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.deps import AppState, CallerLanguage, Command, Id, Reads, allowed, command
from brigada.edge import CommandRoute, json_response
from brigada.errors import Forbidden, NotFound, NotSignedIn
from brigada.reports import jobs, schedules
from brigada.reports.errors import JobNotDone, ReportNotForRole
from brigada.reports.schemas import JobIn, JobList, JobOut, ScheduleIn, ScheduleList, ScheduleOut
from brigada.schema import problems

jobs_router = APIRouter(prefix="/reports/jobs", tags=["reports"], route_class=CommandRoute)
schedules_router = APIRouter(prefix="/reports/schedules", tags=["reports"], route_class=CommandRoute)

Owner = Annotated[Principal, allowed(Permission.REPORTS_OPERATIONAL)]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "The file."}
}


@jobs_router.get(
    "", response_model=JobList, summary="Report jobs", responses=problems(NotSignedIn, Forbidden)
)
async def list_jobs(principal: Owner, session: Reads) -> Response:
    """The caller's own, the latest first; an administrator sees all."""
    return json_response({"items": await jobs.list_jobs(session, principal), "next_cursor": None})


@jobs_router.post(
    "",
    status_code=202,
    response_model=JobOut,
    summary="Begin a long report or an export",
    responses=problems(NotSignedIn, Forbidden, NotFound, ReportNotForRole),
)
async def add_job(
    body: JobIn,
    state: AppState,
    language: CallerLanguage,
    cmd: Annotated[Command, command(Permission.REPORTS_OPERATIONAL)],
) -> Response:
    """It runs aside, one after another; ask for its progress, take its file, or cancel it. An export is for those who
    keep the service.
    """
    return json_response(await jobs.add_job(cmd.uow, state, cmd.principal, body, language), 202)


@jobs_router.get(
    "/{job_id}",
    response_model=JobOut,
    summary="One job",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def get_job(job_id: Id, principal: Owner, session: Reads) -> Response:
    return json_response(jobs.job_view(await jobs.get_job(session, principal, job_id)))


@jobs_router.get(
    "/{job_id}/file",
    response_class=Response,
    summary="A job's file",
    responses={**_FILE, **problems(NotSignedIn, Forbidden, NotFound, JobNotDone)},
)
async def get_job_file(job_id: Id, principal: Owner, session: Reads, state: AppState) -> Response:
    job = await jobs.get_job(session, principal, job_id)
    file = jobs.file_of(state, job)
    return FileResponse(
        file,
        media_type=job.media_type,
        filename=job.file_name,
        headers={"Cache-Control": "private, no-store"},
    )


@jobs_router.delete(
    "/{job_id}",
    status_code=204,
    response_class=Response,
    summary="Cancel a job",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def cancel_job(
    job_id: Id, state: AppState, cmd: Annotated[Command, command(Permission.REPORTS_OPERATIONAL)]
) -> Response:
    """A running export stops within a second or two, a running report before its next part (its calls read, its figures
    computed, its file made); a finished one is forgotten with its file.
    """
    await jobs.cancel_job(cmd.uow, state, cmd.principal, job_id)
    return Response(status_code=204)


@schedules_router.get(
    "", response_model=ScheduleList, summary="Scheduled reports", responses=problems(NotSignedIn, Forbidden)
)
async def list_schedules(
    principal: Annotated[Principal, allowed(Permission.SERVICE_WRITE)], session: Reads
) -> Response:
    return json_response({"items": await schedules.list_schedules(session), "next_cursor": None})


@schedules_router.post(
    "",
    status_code=201,
    response_model=ScheduleOut,
    summary="Schedule a report",
    responses=problems(NotSignedIn, Forbidden, NotFound, ReportNotForRole),
)
async def add_schedule(
    body: ScheduleIn,
    state: AppState,
    language: CallerLanguage,
    cmd: Annotated[Command, command(Permission.SERVICE_WRITE)],
) -> Response:
    """Each day, week (from Monday) or month, about the one that has just ended, into BRIGADA_REPORTS_DIR."""
    return json_response(await schedules.add_schedule(cmd.uow, state, cmd.principal, body, language), 201)


@schedules_router.delete(
    "/{schedule_id}",
    status_code=204,
    response_class=Response,
    summary="End a schedule",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def remove_schedule(
    schedule_id: Id, cmd: Annotated[Command, command(Permission.SERVICE_WRITE)]
) -> Response:
    await schedules.remove_schedule(cmd.uow, schedule_id)
    return Response(status_code=204)
