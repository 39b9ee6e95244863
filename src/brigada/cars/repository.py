"""SQL of cars."""

from typing import Any

from sqlalchemy import ColumnElement, RowMapping, bindparam, func, literal_column, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.cars.models import Car
from brigada.db.base import AnySelect
from brigada.db.engine import WriteSession
from brigada.kit.text import like_pattern, plate_letters

_TEAM: ColumnElement[int | None] = literal_column(
    "(SELECT t.id FROM teams t WHERE t.car_id = cars.id AND t.ended_at IS NULL)"
)
_ON_TEAM: ColumnElement[bool] = literal_column(
    "EXISTS (SELECT 1 FROM teams t WHERE t.car_id = cars.id AND t.ended_at IS NULL)"
)


_LOCK = select(Car).where(Car.id == bindparam("id"), Car.retired_at.is_(None)).with_for_update(key_share=True)


def _query() -> AnySelect:
    columns = (
        Car.id, Car.number, Car.car_class.label("class"), Car.model, Car.serviceability, Car.station_id,
        Car.version, _TEAM.label("team_id"),
    )  # fmt: skip
    return select(*columns).where(Car.retired_at.is_(None))


def _view(row: RowMapping) -> dict[str, Any]:
    serviceable = row["serviceability"] == "in_service"
    return {**row, "serviceable": serviceable, "free": serviceable and row["team_id"] is None}


async def view(session: AsyncSession, car_id: int) -> dict[str, Any] | None:
    """Return one car as the API shows it."""
    row = (await session.execute(_query().where(Car.id == car_id))).mappings().one_or_none()
    return _view(row) if row is not None else None


async def page(
    session: AsyncSession,
    *,
    free: bool | None,
    serviceable: bool | None,
    q: str | None,
    after: tuple[str, int] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return cars by plate."""
    query = _query().order_by(Car.number, Car.id).limit(limit)
    in_service = Car.serviceability == "in_service"
    if serviceable is not None:
        query = query.where(in_service if serviceable else ~in_service)
    if free is True:
        query = query.where(in_service, ~_ON_TEAM)
    elif free is False:
        query = query.where(or_(~in_service, _ON_TEAM))
    if q:
        query = query.where(
            or_(
                Car.number.like(like_pattern(plate_letters(q))),
                func.lower(Car.model).like(like_pattern(q.lower())),
            )
        )
    if after is not None:
        query = query.where(tuple_(Car.number, Car.id) > after)
    return [_view(row) for row in (await session.execute(query)).mappings()]


async def lock(session: WriteSession, car_id: int) -> Car | None:
    """Return the living car, locked against other commands until the commit."""
    return (await session.execute(_LOCK, {"id": car_id})).scalar_one_or_none()


async def on_living_team(session: WriteSession, car_id: int) -> bool:
    query = text("SELECT EXISTS (SELECT 1 FROM teams WHERE car_id = :id AND ended_at IS NULL)")
    return bool((await session.execute(query, {"id": car_id})).scalar_one())
