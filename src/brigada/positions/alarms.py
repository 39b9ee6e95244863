"""A device in a car calls for help: by its button, or because its sensor felt an accident.

A tracker sends its alarm with every point until somebody resets it, a phone sends it once for each press. So an alarm
that goes on is one alarm, and one that comes again after a point without it is another. What is made of it is the
business of `attention`, which hears the event `device.alarm`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from brigada.cars.models import Car, LatestPosition
from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.positions.fixes import BadFixError, DeviceFix, check_place
from brigada.positions.models import Device

SOS: Final = "sos"
CRASH: Final = "crash"

_ABSENT = frozenset({"", "0", "false", "none", "no", "off", "null"})
_OF_AN_ACCIDENT = frozenset({"accident", "falldown", "crash", "rollover"})
# The protocol's own words for what concerns the car or the device, not the people: no reason to wake a dispatcher.
_NOT_URGENT = frozenset({
    "vibration", "movement", "lowspeed", "overspeed", "lowpower", "lowbattery", "fault", "poweroff", "poweron", "door",
    "lock", "unlock", "geofence", "geofenceenter", "geofenceexit", "gpsantennacut", "tow", "idle", "highrpm",
    "hardacceleration", "hardbraking", "hardcornering", "lanechange", "fatiguedriving", "powercut", "powerrestored",
    "jamming", "temperature", "parking", "shock", "bonnet", "footbrake", "fuelleak", "tampering", "removing",
})  # fmt: skip

SAME_ALARM = timedelta(minutes=5)
"""Between two points of one alarm: trackers send at least every minute while it lasts, and a network fails at times."""
PRESSED_AGAIN = timedelta(seconds=60)
"""Sooner after the last point with an alarm it is the same one: many trackers send it in every second message."""


def kind_of(said: str) -> str | None:
    """Return which alarm a device's words (separated by commas) mean: `sos`, `crash`, or None for no urgent one.

    An unknown word counts as a call for help: to ring once for nothing costs less than to miss one.
    Source of the words: `org.traccar.model.Position`, ALARM_*.
    """
    words = {word.strip().lower().replace("_", "") for word in said.split(",")}
    urgent = words - _ABSENT - _NOT_URGENT
    if not urgent:
        return None
    return CRASH if urgent <= _OF_AN_ACCIDENT else SOS


@dataclass(frozen=True, slots=True)
class Said:
    """What one message of a device says of an alarm. `at` is the device's time, never after its receipt."""

    at: datetime
    alarm: str | None
    place: DeviceFix | None
    team_id: int | None


@dataclass(frozen=True, slots=True)
class Going:
    """The last alarm of a device: which, when it was last heard, and whether a message without it came since."""

    alarm: str | None = None
    at: datetime | None = None
    over: bool = True


def is_new(going: Going, said: Said) -> bool:
    """Is this alarm another one than the last, and not its repetition or a message that came late?"""
    if said.alarm is None:
        return False
    if going.at is None:
        return True
    if said.alarm == SOS and going.alarm == CRASH:
        return True
    since = said.at - going.at
    return since > SAME_ALARM or (going.over and since > PRESSED_AGAIN)


def after(going: Going, said: Said) -> Going:
    """Return what is remembered once this was said; what is older than the last alarm changes nothing."""
    new = is_new(going, said)
    if going.at is not None and said.at <= going.at and not new:
        return going
    if said.alarm is None:
        return Going(going.alarm, going.at, over=True)
    # An accident that goes on beside a call for help is no new alarm: the graver word stays.
    goes_on = not new and going.alarm == SOS
    at = said.at if going.at is None else max(going.at, said.at)
    return Going(SOS if goes_on else said.alarm, at, over=False)


async def hear(uow: UnitOfWork, device_id: int, messages: Sequence[Said]) -> None:
    """Record each new alarm of a device and remember the last; the device's row is locked, so two hear it as one."""
    device = await uow.session.get(Device, device_id, with_for_update=True)
    if device is None:
        return
    going = Going(device.alarm, device.alarm_at, device.alarm_over)
    for said in _in_order(messages):
        if is_new(going, said):
            await _record(uow, device, said)
        going = after(going, said)
    device.alarm, device.alarm_at, device.alarm_over = going.alarm, going.at, going.over


def _in_order(messages: Iterable[Said]) -> list[Said]:
    return sorted(messages, key=lambda said: said.at)


async def _record(uow: UnitOfWork, device: Device, said: Said) -> None:
    car = await uow.session.get(Car, device.car_id)
    place, place_at = said.place, said.at
    if place is not None:
        try:
            check_place(place.lat, place.lon)
        except BadFixError:
            place = None
    where = None if place is None else {"lat": place.lat, "lon": place.lon}
    if where is None:  # without a fix of its own: where the car was heard of last
        latest = await uow.session.get(LatestPosition, device.car_id)
        if latest is not None:
            where, place_at = {"lat": latest.lat, "lon": latest.lon}, latest.at
    uow.record(
        Event(
            kind="device.alarm",
            data={
                "alarm": {
                    "device_id": device.id, "kind": said.alarm, "at": said.at, "car_id": device.car_id,
                    "car_number": None if car is None else car.number, "team_id": said.team_id, "location": where,
                    "place_at": None if where is None else place_at,
                }
            },
        )
    )  # fmt: skip
