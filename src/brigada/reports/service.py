"""Reports as operations: asked for, computed in a worker process, handed back as bytes."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.db.engine import ReadSession
from brigada.errors import Invalid, Language, NotFound
from brigada.reports.asking import Asked, check_people, definition_for, groups_for, may_read, query_of
from brigada.reports.catalogue import DEFINITIONS, Definition
from brigada.reports.errors import NoSuchPart, NoTeamOfYours
from brigada.reports.filters import Filters
from brigada.reports.selection import Query
from brigada.reports.tables import say
from brigada.reports.tasks import (
    Format,
    NoSuchPartError,
    OptionsTask,
    Place,
    ReportTask,
    list_options,
    make_report,
)
from brigada.state import State
from brigada.teams.repository import latest_team_of_worker
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
            "groups": list(groups_for(definition, principal)),
            "formats": [*FORMATS, "svg"] if definition.charts else list(FORMATS),
            "compares": definition.compares,
        }
        for definition in DEFINITIONS
        if may_read(definition, principal)
    ]


async def query_for(
    state: State, session: ReadSession, principal: Principal, name: str, asked: Asked, language: Language
) -> Query:
    """Return the query of a request that its caller may make.

    A worker gets the shift of the own team, or of the last one, up to leaving it, whatever was asked for.

    Raises:
        NotFound, ReportNotForRole, Invalid, NoTeamOfYours.
    """
    definition = definition_for(name, principal)
    if not principal.may(Permission.REPORTS_OPERATIONAL):
        asked = await _own_shift(session, principal, asked, state)
    elif name == "shift" and asked.filters.team_id and asked.since is None and asked.until is None:
        asked = await _whole_shift(session, asked.filters.team_id, asked, state)
    check_people(asked, principal)
    await check_norm_set(session, asked.norm_set)
    return query_of(asked, definition, language, state.settings.zone, state.clock.now())


async def _own_shift(session: ReadSession, principal: Principal, asked: Asked, state: State) -> Asked:
    found = await latest_team_of_worker(session, principal.id)
    if found is None:
        raise NoTeamOfYours
    team_id, left_at = found
    only = replace(asked, group=None, norm_set=None, compare=False, filters=Filters(team_id=team_id))
    return await _whole_shift(session, team_id, only, state, left_at)


async def _whole_shift(
    session: ReadSession, team_id: int, asked: Asked, state: State, left_at: datetime | None = None
) -> Asked:
    """Ask for a team's shift as planned, or up to the moment when a member left it."""
    team = await team_view(session, team_id, state.clock.now())
    if team is None:
        raise NotFound
    start: datetime = team["shift_start"]
    end = max(start, left_at) if left_at is not None else team["shift_end"]
    return replace(asked, since=start.isoformat(), until=end.isoformat())


async def check_norm_set(session: AsyncSession, norm_set: str | None) -> None:
    """Refuse a set of norms that there is not: a report judged by nothing would look like one with no delays.

    Raises:
        Invalid.
    """
    if norm_set is None:
        return
    known = (await session.execute(_NORM_SETS)).scalars().all()
    if norm_set not in known:
        raise Invalid.field(
            "query", "norm_set", code="norm_set", ru=f"Есть наборы нормативов: {', '.join(known)}.",
            en=f"There are the sets of norms: {', '.join(known)}.",
        )  # fmt: skip


_NORM_SETS: Final = text("SELECT DISTINCT norm_set FROM norms ORDER BY 1")


async def options(state: State, principal: Principal, language: Language) -> bytes:
    """Return what the caller can filter reports by."""
    task = OptionsTask(place_of(state), language, people=principal.may(Permission.REPORTS_READ))
    return await state.workers.run(list_options, task)


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
