"""Reading assignments."""

from typing import Any

from brigada.assignments import repository as assignments
from brigada.assignments.view import assignment_view
from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.calls import repository as calls
from brigada.db.engine import ReadSession
from brigada.errors import NotFound
from brigada.teams.repository import living_team_of_worker


async def current(session: ReadSession, principal: Principal) -> dict[str, Any]:
    """Return the crew's own active assignment with its call.

    Raises:
        NotFound: the caller's team has no work now, or the caller is on no team.
    """
    team_id = await living_team_of_worker(session, principal.id)
    found = await assignments.active_of_team(session, team_id) if team_id is not None else None
    if found is None:
        raise NotFound
    return {**assignment_view(found), "call": await calls.view(session, found.call_id)}


async def get_assignment(session: ReadSession, principal: Principal, assignment_id: int) -> dict[str, Any]:
    """Return one assignment with its time line.

    Raises:
        NotFound: absent, or another team's.
    """
    found = await assignments.find(session, assignment_id)
    if found is None:
        raise NotFound
    if (
        not principal.may(Permission.CALLS_READ)
        and await living_team_of_worker(session, principal.id) != found.team_id
    ):
        raise NotFound
    time_line = await assignments.time_line(session, assignment_id)
    return {**assignment_view(found), "time_line": [dict(entry) for entry in time_line]}


async def check_team(session: ReadSession, principal: Principal, team_id: int) -> None:
    """Let a worker look at the own team alone.

    Raises:
        NotFound: another team's business.
    """
    if (
        not principal.may(Permission.TEAMS_READ)
        and await living_team_of_worker(session, principal.id) != team_id
    ):
        raise NotFound
