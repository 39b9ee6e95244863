"""Devices bound to cars: made, shown once, revoked; and what they send."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from brigada.auth.gate import digest
from brigada.auth.principal import Principal
from brigada.cars.models import Car
from brigada.db.engine import ReadSession
from brigada.errors import Invalid, NotFound
from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.kit.pagination import Page, decode_cursor, encode_cursor
from brigada.positions import alarms, stints
from brigada.positions.fixes import BadFixError, Source, moment
from brigada.positions.models import Device
from brigada.positions.osmand import Heard
from brigada.positions.reading import was_kept
from brigada.positions.service import Positions

PREFIX = "brd_"
"""Makes a leaked token recognisable to scanners."""

_FIND = """
    SELECT d.id, d.car_id, t.id AS team_id, d.alarm_at IS NOT NULL AND NOT d.alarm_over AS alarming
    FROM devices d LEFT JOIN teams t ON t.car_id = d.car_id AND t.ended_at IS NULL
    WHERE d.digest = $1 AND d.revoked_at IS NULL
"""
_SEEN = """
    UPDATE devices SET last_seen_at = $2::timestamptz, battery = coalesce($3::float8, battery)
    WHERE id = $1 AND (last_seen_at IS NULL OR last_seen_at < $2::timestamptz - interval '1 minute')
"""


def view(device: Device) -> dict[str, Any]:
    """Return a device as the administrator sees it."""
    names = ("id", "name", "car_id", "created_at", "revoked_at", "last_seen_at", "battery")
    return {name: getattr(device, name) for name in names}


async def list_devices(session: ReadSession, *, cursor: str | None, limit: int) -> Page[dict[str, Any]]:
    """Return a page of devices, the newest first, without their tokens."""
    query = select(Device).order_by(Device.id.desc()).limit(limit + 1)
    if cursor:
        query = query.where(Device.id < decode_cursor(cursor, tuple[int])[0])
    items = [view(device) for device in (await session.scalars(query)).all()]
    more = encode_cursor(items[limit - 1]["id"]) if len(items) > limit else None
    return Page(items[:limit], more)


async def make_device(
    uow: UnitOfWork, principal: Principal, *, name: str, car_id: int, base_url: str
) -> dict[str, Any]:
    """Make a device for a car; its token and address are in the answer and nowhere else.

    Raises:
        Invalid: no such car, or it is retired.
    """
    car = await uow.session.get(Car, car_id)
    if car is None or car.retired_at is not None:
        raise Invalid.field(
            "body", "car_id", code="unknown", ru="Нет такого автомобиля.", en="There is no such car."
        )
    token = PREFIX + secrets.token_urlsafe(24)
    device = Device(
        name=name,
        car_id=car_id,
        digest=digest(token),
        created_by=principal.user_id,
        created_at=uow.now,
    )
    uow.session.add(device)
    await uow.session.flush()
    shown = view(device)
    uow.record(Event(kind="device.created", data={"device": shown}, roles=("admin",)))
    return {**shown, "token": token, "url": f"{base_url}/api/v1/positions/osmand/{token}"}


async def revoke_device(uow: UnitOfWork, device_id: int) -> None:
    """Revoke a device: what it sends is refused at once.

    Raises:
        NotFound: no such device, or it is revoked already.
    """
    device = await uow.session.get(Device, device_id, with_for_update=True)
    if device is None or device.revoked_at is not None:
        raise NotFound
    device.revoked_at = uow.now
    uow.record(
        Event(
            kind="device.revoked",
            data={"device": {"id": device.id, "revoked_at": uow.now}},
            roles=("admin",),
        )
    )


@dataclass(frozen=True, slots=True)
class Known:
    """A device that may speak: its car, and the team that drives it now."""

    id: int
    car_id: int
    team_id: int | None
    alarming: bool = False
    """Its last message was an alarm."""


async def by_token(positions: Positions, token: str) -> Known | None:
    """Return the device with this token, None for an unknown or a revoked one."""
    row = await positions.database.fetch_one(_FIND, digest(token))
    return None if row is None else Known(row["id"], row["car_id"], row["team_id"], row["alarming"])


async def take(
    positions: Positions, device: Known, messages: Sequence[Heard], begin: Callable[[], UnitOfWork]
) -> None:
    """Take what a device said: a call for help at once, then its fixes and its battery.

    What is no fix is left out: the device would send it again for ever.
    """
    now = positions.clock.now()
    fixes = [heard for heard in messages if heard.fix is not None]
    whose = stints.now_with(device.car_id, device.team_id)
    if any(heard.fix is not None and was_kept(heard.fix, now) for heard in fixes):
        teams = await stints.of_car(positions.database, device.car_id, now - positions.keep)
        whose = stints.among(teams, otherwise=stints.nobodys(device.car_id))
    if device.alarming or any(heard.alarm for heard in messages):
        async with begin() as uow:
            await alarms.hear(uow, device.id, [_said(heard, whose, now) for heard in messages])
            await uow.commit()
    for flags in sorted({heard.flags for heard in fixes}):
        points = [heard.fix for heard in fixes if heard.flags == flags]
        await positions.store(points, sent_at=None, whose=whose, source=Source.TRACKER, extra_flags=flags)
    batteries = [heard.battery for heard in messages if heard.battery is not None]
    await positions.database.fetch_one(_SEEN, device.id, now, batteries[-1] if batteries else None)


def _said(heard: Heard, whose: stints.Whose, now: datetime) -> alarms.Said:
    """Return what a message says of an alarm; a clock that is ahead, or says nothing of use, is the server's."""
    at = now
    if heard.fix is not None:
        try:
            at = min(moment(heard.fix.at, now), now)
        except BadFixError:
            at = now
    stint = whose(at)
    return alarms.Said(at, heard.alarm, heard.fix, None if stint is None else stint.team_id)
