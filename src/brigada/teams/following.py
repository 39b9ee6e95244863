"""A team shows its car, its crew's names and, before the first fix, its station: when these change, so does the team.

Cars, stations and accounts lie below teams and do not know them; their events are followed here, in the transaction.
The changed row is locked, and whoever changes what a team shows of it holds it too (`service`): so the team's row need
not be locked, as long as nothing is told but what comes from that row.
"""

from collections.abc import Sequence

from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.teams import repository

TOLD = ("admin", "dispatcher")
_SHOWN = {
    "car.updated": ("car", "free"),
    "user.updated": ("members",),
    "station.updated": ("location", "position_at"),
}
_NAMES = frozenset({"name", "surname", "patronym"})


async def follow_parts(uow: UnitOfWork, events: Sequence[Event]) -> None:
    """Projection: tell how the living teams look whose car, station or member has changed."""
    for event in events:
        for team_id in await _concerned(uow, event):
            shown = await repository.view(uow.session, team_id, uow.now)
            if shown is not None:
                changed = {name: shown[name] for name in ("id", *_SHOWN[event.kind])}
                uow.record(
                    Event(kind="team.updated", data={"team": changed}, roles=TOLD, team_ids=(team_id,))
                )


async def _concerned(uow: UnitOfWork, event: Event) -> Sequence[int]:
    if event.kind == "car.updated":
        found = await repository.living_team_of_car(uow.session, event.data["car"]["id"])
    elif event.kind == "user.updated" and _NAMES & set(event.data["user"]):
        found = await repository.living_team_of_worker(uow.session, event.data["user"]["id"])
    elif (
        event.kind == "station.updated"
        and event.data["station"]["location"] != event.old["station"]["location"]
    ):
        return await repository.living_of_station(uow.session, event.data["station"]["id"])
    else:
        return ()
    return () if found is None else (found,)
