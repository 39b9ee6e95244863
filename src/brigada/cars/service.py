"""Add, change, retire cars."""

from typing import Any

from brigada.cars import repository
from brigada.cars.errors import CarOnTeam
from brigada.cars.models import Car
from brigada.cars.schemas import CarIn, CarPatch
from brigada.db.engine import ReadSession
from brigada.errors import Invalid, NotFound, Outdated
from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.kit.changes import apply_changes
from brigada.kit.pagination import Page, decode_cursor, encode_cursor
from brigada.stations import repository as stations
from brigada.stations.models import Station

TOLD = ("admin", "dispatcher")


async def list_cars(
    session: ReadSession,
    *,
    free: bool | None,
    serviceable: bool | None,
    q: str | None,
    cursor: str | None,
    limit: int,
) -> Page[dict[str, Any]]:
    """Return a page of cars by plate."""
    after = decode_cursor(cursor, tuple[str, int]) if cursor else None
    rows = await repository.page(
        session, free=free, serviceable=serviceable, q=q, after=after, limit=limit + 1
    )
    items = rows[:limit]
    more = encode_cursor(items[-1]["number"], items[-1]["id"]) if len(rows) > limit else None
    return Page(items, more)


async def get_car(session: ReadSession, car_id: int) -> dict[str, Any]:
    """Return one car.

    Raises:
        NotFound: absent or retired.
    """
    found = await repository.view(session, car_id)
    if found is None:
        raise NotFound
    return found


async def add_car(uow: UnitOfWork, body: CarIn) -> dict[str, Any]:
    """Add a car; a plate taken is found by the database's unique index."""
    await _check_station(uow, body.station_id)
    car = Car(**body.model_dump(exclude={"serviceable"}), created_at=uow.now)
    uow.session.add(car)
    await uow.session.flush()
    view = await _view(uow, car.id)
    uow.record(Event(kind="car.created", data={"car": view}, roles=TOLD))
    return view


async def change_car(uow: UnitOfWork, car_id: int, body: CarPatch) -> dict[str, Any]:
    """Change a car.

    Raises:
        NotFound, Outdated, PlateTaken.
    """
    car = await repository.lock(uow.session, car_id)
    if car is None:
        raise NotFound
    if body.version is not None and body.version != car.version:
        raise Outdated(present=await _view(uow, car_id))
    wanted = body.model_dump(exclude={"serviceable", "version"}, exclude_none=True)
    if "station_id" in body.model_fields_set:
        await _check_station(uow, body.station_id)
        wanted["station_id"] = body.station_id
    old, new = apply_changes(car, wanted)
    if new:
        await record_change(uow, car, old)
    return await _view(uow, car_id)


async def record_change(uow: UnitOfWork, car: Car, old: dict[str, Any]) -> None:
    """Count the version and tell of a locked car's change; also used when a trouble takes it out of service."""
    car.version += 1
    await uow.session.flush()
    uow.record(
        Event(
            kind="car.updated",
            data={"car": await _view(uow, car.id)},
            old={"car": {"id": car.id, **old}},
            roles=TOLD,
        )
    )


async def retire_car(uow: UnitOfWork, car_id: int) -> None:
    """Retire a car: its plate is free again, reports of past years still name it.

    Raises:
        NotFound.
        CarOnTeam: a living team uses it. The car's row is locked here and when a team is formed, so one of the two
            sees what the other did.
    """
    car = await repository.lock(uow.session, car_id)
    if car is None:
        raise NotFound
    if await repository.on_living_team(uow.session, car_id):
        raise CarOnTeam
    before = await _view(uow, car_id)
    car.retired_at = uow.now
    car.version += 1
    data = {"car": {"id": car_id, "deleted": True}}
    uow.record(Event(kind="car.deleted", data=data, old={"car": before}, roles=TOLD))


async def _check_station(uow: UnitOfWork, station_id: int | None) -> None:
    if station_id is not None and await stations.get(uow.session, Station, station_id) is None:
        raise Invalid.field(
            "body", "station_id", code="unknown", ru="Нет такой подстанции.", en="There is no such station."
        )


async def _view(uow: UnitOfWork, car_id: int) -> dict[str, Any]:
    found = await repository.view(uow.session, car_id)
    if found is None:
        raise NotFound
    return found
