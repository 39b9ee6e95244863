"""SQL of stations and hospitals: two tables of one kind."""

from typing import Any, cast

from sqlalchemy import func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.db.engine import WriteSession
from brigada.kit.text import like_pattern
from brigada.stations.models import Hospital, Station

type Place = Station | Hospital


def view(place: Place) -> dict[str, Any]:
    """Return a place as the API shows it."""
    shown: dict[str, Any] = {
        "id": place.id,
        "name": place.name,
        "location": {"lat": place.lat, "lon": place.lon},
        "address": place.address,
        "phone": place.phone,
        "version": place.version,
    }
    if isinstance(place, Hospital):
        shown |= {"profiles": place.profiles, "accepting": place.accepting}
    return shown


async def get[P: Station | Hospital](session: AsyncSession, model: type[P], place_id: int) -> P | None:
    query = select(model).where(model.id == place_id, model.deleted_at.is_(None))
    return (await session.execute(query)).scalar_one_or_none()


async def page[P: Station | Hospital](
    session: AsyncSession,
    model: type[P],
    *,
    q: str | None,
    after: tuple[str, int] | None,
    limit: int,
    accepting: bool | None = None,
) -> list[P]:
    """Return places by name."""
    query = select(model).where(model.deleted_at.is_(None)).order_by(model.name, model.id).limit(limit)
    if q:
        query = query.where(func.concat_ws(" ", model.name, model.address).ilike(like_pattern(q)))
    if accepting is not None and model is Hospital:
        query = query.where(Hospital.accepting.is_(accepting))
    if after is not None:
        query = query.where(tuple_(model.name, model.id) > after)
    return cast("list[P]", list((await session.execute(query)).scalars()))


async def lock[P: Station | Hospital](session: WriteSession, model: type[P], place_id: int) -> P | None:
    query = select(model).where(model.id == place_id, model.deleted_at.is_(None)).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def hold[P: Station | Hospital](session: WriteSession, model: type[P], place_id: int) -> P | None:
    """Return the place; until the commit nobody changes it or closes it, others may hold it too."""
    query = select(model).where(model.id == place_id, model.deleted_at.is_(None)).with_for_update(read=True)
    return (await session.execute(query)).scalar_one_or_none()


async def station_has_teams(session: WriteSession, station_id: int) -> bool:
    query = text("SELECT EXISTS (SELECT 1 FROM teams WHERE station_id = :id AND ended_at IS NULL)")
    return bool((await session.execute(query, {"id": station_id})).scalar_one())
