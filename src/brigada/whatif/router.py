"""`/whatif`: the last weeks played again with other teams, posts, norms or rules."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.deps import AppState, CallerLanguage, Command, Id, QueryText, Reads, allowed, command
from brigada.edge import CommandRoute, json_response
from brigada.errors import Forbidden, Language, NotFound, NotSignedIn
from brigada.reports.tasks import Format
from brigada.schema import problems
from brigada.whatif import service
from brigada.whatif.errors import NoSuchChart, RunNotDone, TooManyRuns
from brigada.whatif.schemas import RunDetail, RunList, RunOut, WhatIfIn

router = APIRouter(prefix="/whatif", tags=["whatif"], route_class=CommandRoute)

Asks = Annotated[Principal, allowed(Permission.SERVICE_WRITE)]
Asking = Annotated[Command, command(Permission.SERVICE_WRITE)]
Lang = Annotated[Language | None, Query(description="`ru` or `en`, instead of `Accept-Language`.")]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "The file."}
}


@router.get("", response_model=RunList, summary="What-if runs", responses=problems(NotSignedIn, Forbidden))
async def list_runs(_: Asks, session: Reads, language: CallerLanguage) -> Response:
    """The latest hundred, the last one first."""
    return json_response({"items": await service.list_runs(session, language), "next_cursor": None})


@router.post(
    "",
    status_code=202,
    response_model=RunOut,
    summary="Ask what would be if",
    responses=problems(NotSignedIn, Forbidden, TooManyRuns),
)
async def add_run(body: WhatIfIn, cmd: Asking, language: CallerLanguage) -> Response:
    """It is played aside, one after another, at a low priority; ask for its progress, take its result, or cancel it."""
    return json_response(await service.add_run(cmd.uow, cmd.principal, body, language), 202)


@router.get(
    "/{run_id}",
    response_model=RunDetail,
    summary="One run with its result",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def get_run(
    run_id: Id, _: Asks, session: Reads, state: AppState, language: CallerLanguage, lang: Lang = None
) -> Response:
    return json_response(await service.run_detail(session, run_id, lang or language, state.settings.zone))


@router.get(
    "/{run_id}/file",
    response_class=Response,
    summary="A run's comparison as a file",
    responses={**_FILE, **problems(NotSignedIn, Forbidden, NotFound, RunNotDone, NoSuchChart)},
)
async def get_file(
    run_id: Id,
    _: Asks,
    session: Reads,
    state: AppState,
    language: CallerLanguage,
    lang: Lang = None,
    form: Annotated[Format, Query(alias="format")] = "json",
    part: Annotated[
        QueryText | None, Query(description="Which chart (svg) or table (csv); the first.")
    ] = None,
) -> Response:
    """`svg` is one chart, `csv` one table, `xlsx` all tables, `pdf` a document."""
    run = await service.get_run(session, run_id)
    body, media, name = await service.form_of(state, run, form, part, lang or language)
    headers = {"Cache-Control": "private, no-store"}
    if form not in {"json", "svg"}:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(body, media_type=media, headers=headers)


@router.delete(
    "/{run_id}",
    status_code=204,
    response_class=Response,
    summary="Cancel a run",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def cancel_run(run_id: Id, cmd: Asking) -> Response:
    """A running one stops within a second or two; a finished one is forgotten with its result."""
    await service.cancel_run(cmd.uow, run_id)
    return Response(status_code=204)
