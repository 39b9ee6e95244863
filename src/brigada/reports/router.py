"""`/reports`: what there is, each in every form; documents of one call."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.deps import INT8_MAX, AppState, CallerLanguage, Id, QueryId, QueryText, Reads, allowed
from brigada.edge import CommandRoute, json_response
from brigada.errors import Forbidden, Language, NotFound, NotSignedIn
from brigada.reports import printing, service
from brigada.reports.asking import Asked
from brigada.reports.catalogue import BY_NAME
from brigada.reports.errors import NoSuchPart, NoTeamOfYours, ReportNotForRole
from brigada.reports.schemas import (
    Criticality,
    Format,
    Group,
    Interval,
    Outcome,
    Profile,
    ReportInfoList,
    ReportOut,
    Status,
)
from brigada.reports.selection import Filters
from brigada.reports.tasks import MEDIA
from brigada.schema import problems

router = APIRouter(prefix="/reports", tags=["reports"], route_class=CommandRoute)
calls_router = APIRouter(prefix="/calls", tags=["reports"], route_class=CommandRoute)

Reader = Annotated[
    Principal,
    allowed(Permission.REPORTS_READ, Permission.REPORTS_OPERATIONAL, Permission.REPORTS_OWN_SHIFT),
]
ReportName = Annotated[str, Path(max_length=40, pattern=r"^[a-z][a-z0-9_]*$")]
Seer = Annotated[Principal, allowed(Permission.CALLS_READ, Permission.CREW_WORK)]
_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}, "description": "PDF/A."}}
MOST_ROWS = 10_000
"""Of a list of calls; more is what the export is for."""


def asked_for(
    since: Annotated[
        QueryText | None,
        Query(alias="from", description="First day (2026-11-01) or moment with offset; counted in."),
    ] = None,
    until: Annotated[
        QueryText | None,
        Query(alias="to", description="Day or moment at which the period ends; not counted in."),
    ] = None,
    group: Annotated[Group | None, Query(description="By what; each report names its own.")] = None,
    interval: Annotated[
        Interval, Query(description="Which interval `intervals` shows by group.")
    ] = "response",
    norm_set: Annotated[
        QueryText | None, Query(description="Judge by this set instead of the active norms.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Rows of a list of calls.")] = 500,
    criticality: Criticality | None = None,
    status: Status | None = None,
    outcome: Outcome | None = None,
    profile: Profile | None = None,
    district: QueryText | None = None,
    reason: QueryText | None = None,
    team: Annotated[QueryText | None, Query(description="Name of a team, all its shifts.")] = None,
    team_id: Annotated[QueryId | None, Query(description="One shift of a team.")] = None,
    station_id: QueryId | None = None,
    dispatcher_id: Annotated[int | None, Query(ge=0, le=INT8_MAX)] = None,
    hour: Annotated[int | None, Query(ge=0, le=23, description="Hour of the day.")] = None,
    weekday: Annotated[int | None, Query(ge=0, le=6, description="0 is Monday.")] = None,
    late: Annotated[
        bool | None, Query(description="Only calls that missed the norm, or only the others.")
    ] = None,
) -> Asked:
    """Gather what a request says."""
    filters = Filters(
        criticality=criticality, status=status, outcome=outcome, profile=profile, district=district, reason=reason,
        team=team, team_id=team_id, station_id=station_id, dispatcher_id=dispatcher_id, hour=hour,
        weekday=weekday, late=late,
    )  # fmt: skip
    return Asked(
        since=since,
        until=until,
        group=group,
        interval=interval,
        norm_set=norm_set,
        limit=limit,
        filters=filters,
    )


AskedFor = Annotated[Asked, Depends(asked_for)]
Lang = Annotated[Language | None, Query(description="`ru` or `en`, instead of `Accept-Language`.")]


@router.get("", response_model=ReportInfoList, summary="Reports", responses=problems(NotSignedIn, Forbidden))
async def list_reports(principal: Reader, language: CallerLanguage, lang: Lang = None) -> Response:
    """What there is for the caller: an administrator all, a dispatcher the operational ones, a worker the shift."""
    return json_response({"items": service.list_reports(principal, lang or language), "next_cursor": None})


@router.get(
    "/forms/109.pdf",
    response_class=Response,
    summary="Journal of calls, form 109/у",
    responses={**_PDF, **problems(NotSignedIn, Forbidden)},
)
async def print_journal(
    principal: Annotated[Principal, allowed(Permission.CALLS_READ)],
    session: Reads,
    state: AppState,
    since: Annotated[QueryText | None, Query(alias="from")] = None,
    until: Annotated[QueryText | None, Query(alias="to")] = None,
) -> Response:
    """Every call of the period with patient, address, team and times; the look at patient data is written down."""
    body = await printing.journal_pdf(state, session, principal, since, until)
    return Response(body, media_type=MEDIA["pdf"], headers={"Cache-Control": "private, no-store"})


@calls_router.get(
    "/{call_id}/card.pdf",
    response_class=Response,
    summary="Call card, form 110/у",
    responses={**_PDF, **problems(NotSignedIn, Forbidden, NotFound)},
)
async def print_card(
    call_id: Id, principal: Seer, session: Reads, state: AppState, assignment_id: QueryId | None = None
) -> Response:
    """One departure: of the team that arrived first, or `assignment_id`. A worker: of the own team's calls."""
    body = await printing.call_pdf(state, session, principal, "card", call_id, assignment_id)
    return Response(body, media_type=MEDIA["pdf"], headers={"Cache-Control": "private, no-store"})


@calls_router.get(
    "/{call_id}/sheet.pdf",
    response_class=Response,
    summary="Accompanying sheet with its coupon, form 114/у",
    responses={**_PDF, **problems(NotSignedIn, Forbidden, NotFound)},
)
async def print_sheet(
    call_id: Id, principal: Seer, session: Reads, state: AppState, assignment_id: QueryId | None = None
) -> Response:
    """For the hospital that takes the patient; it sends the coupon back."""
    body = await printing.call_pdf(state, session, principal, "sheet", call_id, assignment_id)
    return Response(body, media_type=MEDIA["pdf"], headers={"Cache-Control": "private, no-store"})


@router.get(
    "/{name}",
    response_model=ReportOut,
    summary="One report",
    responses=problems(NotSignedIn, Forbidden, ReportNotForRole, NotFound, NoSuchPart, NoTeamOfYours),
)
async def get_report(
    name: ReportName,
    principal: Reader,
    session: Reads,
    state: AppState,
    asked: AskedFor,
    language: CallerLanguage,
    lang: Lang = None,
    form: Annotated[Format, Query(alias="format")] = "json",
    part: Annotated[
        QueryText | None, Query(description="Which chart (svg) or table (csv); the first.")
    ] = None,
) -> Response:
    """Computed in a worker process from the calls of this moment.

    A day is a day of the service's time zone. `format=json` describes itself; `svg` is one chart, `csv` one table,
    `xlsx` all tables with native charts, `pdf` a document for signing.
    """
    query = await service.query_for(state, session, principal, name, asked, lang or language)
    body = await service.make(state, query, form, part)
    headers = {"Cache-Control": "private, no-store"}
    if form not in {"json", "svg"}:
        headers["Content-Disposition"] = (
            f'attachment; filename="{service.file_name(BY_NAME[name], query, form)}"'
        )
    return Response(body, media_type=MEDIA[form], headers=headers)
