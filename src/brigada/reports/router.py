"""`/reports`: what there is, each in every form; documents of one call."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.deps import AppState, CallerLanguage, Id, QueryId, QueryText, Reads, allowed
from brigada.edge import CommandRoute, json_response
from brigada.errors import Forbidden, Language, NotFound, NotSignedIn
from brigada.reports import printing, service
from brigada.reports.asking import MOST_ROWS
from brigada.reports.catalogue import BY_NAME
from brigada.reports.errors import NoSuchPart, NoTeamOfYours, ReportNotForRole
from brigada.reports.params import AskedFor
from brigada.reports.schemas import Format, OptionsOut, ReportInfoList, ReportOut
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
Lang = Annotated[Language | None, Query(description="`ru` or `en`, instead of `Accept-Language`.")]


@router.get("", response_model=ReportInfoList, summary="Reports", responses=problems(NotSignedIn, Forbidden))
async def list_reports(principal: Reader, language: CallerLanguage, lang: Lang = None) -> Response:
    """What there is for the caller: an administrator all, a dispatcher the operational ones, a worker the shift."""
    return json_response({"items": service.list_reports(principal, lang or language), "next_cursor": None})


@router.get(
    "/options",
    response_model=OptionsOut,
    summary="What reports can be filtered by",
    responses=problems(NotSignedIn, Forbidden),
)
async def list_options(
    principal: Annotated[Principal, allowed(Permission.REPORTS_OPERATIONAL)],
    state: AppState,
    language: CallerLanguage,
    lang: Lang = None,
) -> Response:
    """Sets of norms, stations, districts, names of teams, reasons; dispatchers for those who may see them."""
    body = await service.options(state, principal, lang or language)
    return Response(body, media_type=MEDIA["json"], headers={"Cache-Control": "private, no-store"})


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
    if asked.limit is None and form not in {"json", "svg"}:
        asked = replace(asked, limit=MOST_ROWS)
    query = await service.query_for(state, session, principal, name, asked, lang or language)
    body = await service.make(state, query, form, part)
    headers = {"Cache-Control": "private, no-store"}
    if form not in {"json", "svg"}:
        headers["Content-Disposition"] = (
            f'attachment; filename="{service.file_name(BY_NAME[name], query, form)}"'
        )
    return Response(body, media_type=MEDIA[form], headers=headers)
