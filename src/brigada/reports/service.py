"""Reports as operations: asked for, computed in a worker process, handed back as bytes."""

from pathlib import Path
from typing import Any, Final

from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.db.engine import ReadSession
from brigada.errors import Language
from brigada.reports.asking import Asked, definition_for, may_read, query_of
from brigada.reports.catalogue import DEFINITIONS, Definition
from brigada.reports.errors import NoSuchPart, NoTeamOfYours
from brigada.reports.selection import Filters, Query
from brigada.reports.tables import say
from brigada.reports.tasks import Format, NoSuchPartError, Place, ReportTask, make_report
from brigada.state import State
from brigada.teams.repository import living_team_of_worker
from brigada.teams.repository import view as team_view

FORMATS: Final = ("json", "csv", "xlsx", "pdf")


def place_of(state: State) -> Place:
    """Return where worker processes find the database and the folder of reports."""
    settings = state.settings
    return Place(state.database.url, folder_of(settings.data_dir), settings.service_name)


def folder_of(data_dir: Path) -> Path:
    return data_dir.resolve() / "reports"


def list_reports(principal: Principal, language: Language) -> list[dict[str, Any]]:
    """Return the reports that the caller may read."""
    return [
        {
            "name": definition.name,
            "title": say(definition.title, language),
            "about": say(definition.about, language),
            "groups": list(definition.groups),
            "formats": [*FORMATS, "svg"] if definition.charts else list(FORMATS),
        }
        for definition in DEFINITIONS
        if may_read(definition, principal)
    ]


async def query_for(
    state: State, session: ReadSession, principal: Principal, name: str, asked: Asked, language: Language
) -> Query:
    """Return the query of a request that its caller may make.

    A worker gets the own team's present shift, whatever was asked for.

    Raises:
        NotFound, ReportNotForRole, Invalid, NoTeamOfYours.
    """
    definition = definition_for(name, principal)
    now = state.clock.now()
    if not principal.may(Permission.REPORTS_OPERATIONAL):
        asked = await _own_shift(session, principal, asked, state)
    return query_of(asked, definition, language, state.settings.zone, now)


async def _own_shift(session: ReadSession, principal: Principal, asked: Asked, state: State) -> Asked:
    team_id = await living_team_of_worker(session, principal.id)
    team = await team_view(session, team_id, state.clock.now()) if team_id is not None else None
    if team is None:
        raise NoTeamOfYours
    return Asked(
        since=team["shift_start"].isoformat(), until=team["shift_end"].isoformat(), group=None, interval=asked.interval,
        norm_set=None, limit=asked.limit, filters=Filters(team_id=team["id"]),
    )  # fmt: skip


async def make(state: State, query: Query, form: Format, part: str | None) -> bytes:
    """Return the report in its form.

    Raises:
        NoSuchPart: it has no such chart or table.
    """
    try:
        return await state.workers.run(make_report, ReportTask(place_of(state), query, form, part))
    except NoSuchPartError:
        raise NoSuchPart from None


def file_name(definition: Definition, query: Query, form: str) -> str:
    """Return a name for the file, of plain letters: report, days, form."""
    zone = query.period.zone
    start, end = (at.astimezone(zone).strftime("%Y%m%d") for at in (query.period.start, query.period.end))
    return f"brigada-{definition.name}-{start}-{end}.{form}"
