"""Add, change, close stations and hospitals."""

from typing import Any

from brigada.db.engine import ReadSession
from brigada.errors import NotFound, Outdated
from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.kit.changes import apply_changes
from brigada.kit.pagination import Page, decode_cursor, encode_cursor
from brigada.stations import repository
from brigada.stations.errors import StationInUse
from brigada.stations.models import Hospital, Station
from brigada.stations.repository import Place
from brigada.stations.schemas import HospitalIn, HospitalPatch, StationIn, StationPatch

EVERYBODY = ("admin", "dispatcher", "worker")


def _word(model: type[Place]) -> str:
    return "hospital" if model is Hospital else "station"


async def list_places(
    session: ReadSession,
    model: type[Place],
    *,
    q: str | None,
    cursor: str | None,
    limit: int,
    accepting: bool | None = None,
) -> Page[dict[str, Any]]:
    """Return a page of stations or hospitals by name."""
    after = decode_cursor(cursor, tuple[str, int]) if cursor else None
    rows = await repository.page(session, model, q=q, after=after, limit=limit + 1, accepting=accepting)
    items = rows[:limit]
    more = encode_cursor(items[-1].name, items[-1].id) if len(rows) > limit else None
    return Page([repository.view(place) for place in items], more)


async def get_place(session: ReadSession, model: type[Place], place_id: int) -> dict[str, Any]:
    """Return one place.

    Raises:
        NotFound: absent or closed.
    """
    place = await repository.get(session, model, place_id)
    if place is None:
        raise NotFound
    return repository.view(place)


def _columns(body: StationIn | StationPatch) -> dict[str, Any]:
    values = body.model_dump(exclude_unset=isinstance(body, StationPatch), exclude={"version", "location"})
    values = {name: value for name, value in values.items() if value is not None}
    if body.location is not None:
        values |= {"lat": body.location.lat, "lon": body.location.lon}
    return values


async def add_place(uow: UnitOfWork, model: type[Place], body: StationIn | HospitalIn) -> dict[str, Any]:
    """Add a place; a name taken is found by the database's unique index."""
    place = model(**_columns(body), created_at=uow.now, version=1)
    uow.session.add(place)
    await uow.session.flush()
    shown = repository.view(place)
    uow.record(Event(kind=f"{_word(model)}.created", data={_word(model): shown}, roles=EVERYBODY))
    return shown


async def change_place(
    uow: UnitOfWork, model: type[Place], place_id: int, body: StationPatch | HospitalPatch
) -> dict[str, Any]:
    """Change a place.

    Raises:
        NotFound, Outdated, StationNameTaken, HospitalNameTaken.
    """
    place = await _locked(uow, model, place_id)
    if body.version is not None and body.version != place.version:
        raise Outdated(present=repository.view(place))
    before = repository.view(place)
    _, new = apply_changes(place, _columns(body))
    if new:
        place.version += 1
        await uow.session.flush()
        uow.record(
            Event(
                kind=f"{_word(model)}.updated",
                data={_word(model): repository.view(place)},
                old={_word(model): before},
                roles=EVERYBODY,
            )
        )
    return repository.view(place)


async def close_place(uow: UnitOfWork, model: type[Place], place_id: int) -> None:
    """Close a place: it is offered no more, history keeps it.

    Raises:
        NotFound.
        StationInUse: living teams belong to it.
    """
    place = await _locked(uow, model, place_id)
    if model is Station and await repository.station_has_teams(uow.session, place_id):
        raise StationInUse
    before = repository.view(place)
    place.deleted_at = uow.now
    place.version += 1
    uow.record(
        Event(
            kind=f"{_word(model)}.deleted",
            data={_word(model): {"id": place_id, "deleted": True}},
            old={_word(model): before},
            roles=EVERYBODY,
        )
    )


async def _locked(uow: UnitOfWork, model: type[Place], place_id: int) -> Place:
    place = await repository.lock(uow.session, model, place_id)
    if place is None:
        raise NotFound
    return place
