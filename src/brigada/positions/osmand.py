"""The OsmAnd protocol of trackers and phones, in its two dialects; pure.

Query or form (OsmAnd, Traccar Client to version 8, many trackers): speed in knots, battery in per cent. JSON (Traccar
Client from version 9): speed in m/s, battery from 0 to 1. Source: https://www.traccar.org/osmand/ .
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from brigada.positions.alarms import kind_of
from brigada.positions.fixes import DeviceFix, Flag

KNOT_MPS = 1852 / 3600
"""One nautical mile an hour, metres a second."""

SECONDS_BEFORE = 10**11
"""A whole number below is seconds since 1970 (this one would be the year 5138), above it milliseconds (1973)."""

_PLAIN_TIME = "%Y-%m-%d %H:%M:%S"
_INTEGER = re.compile(r"-?\d{1,17}")


class NotTheProtocolError(ValueError):
    """The request is none that a client of this protocol sends."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of a device.

    Attributes:
        fix: where it is; None for a heartbeat, and where the receiver said itself that it does not know.
        wrong: why coordinates that were sent are no fix; sending them again would not help.
        battery: 0 to 1.
        alarm: which urgent alarm it tells of (`alarms.kind_of`); None for none.
    """

    fix: DeviceFix | None
    wrong: str | None = None
    battery: float | None = None
    alarm: str | None = None

    @property
    def flags(self) -> int:
        return int(Flag.ALARM) if self.alarm else 0


def read_parameters(given: Mapping[str, str]) -> Heard:
    """Return what a query or a form says.

    Raises:
        NotTheProtocolError: nothing in it is of this protocol.
    """
    if not given.keys() & {"id", "deviceid", "lat", "lon", "location", "timestamp", "alarm"}:
        raise NotTheProtocolError
    battery = _percent(given.get("batt"))
    alarm = kind_of(given.get("alarm", ""))
    lat_text, lon_text = given.get("lat", ""), given.get("lon", "")
    if not lat_text and not lon_text and "location" in given:
        lat_text, _, lon_text = given["location"].partition(",")
    if not lat_text and not lon_text:
        return Heard(None, battery=battery, alarm=alarm)
    if given.get("valid", "true").strip().lower() in {"false", "0"}:
        return Heard(None, wrong="no_fix", battery=battery, alarm=alarm)
    lat, lon = _number(lat_text), _number(lon_text)
    at = read_time(given.get("timestamp", ""))
    if lat is None or lon is None:
        return Heard(None, wrong="coordinates", battery=battery, alarm=alarm)
    if at == "unreadable":
        return Heard(None, wrong="time", battery=battery, alarm=alarm)
    speed = _number(given.get("speed", ""))
    fix = DeviceFix(
        lat=lat,
        lon=lon,
        at=at if isinstance(at, datetime) else None,
        accuracy_m=_number(given.get("accuracy", "")),
        speed_mps=None if speed is None else speed * KNOT_MPS,
        heading_deg=_number(given.get("bearing", "") or given.get("heading", "")),
    )
    return Heard(fix, battery=battery, alarm=alarm)


def read_json(raw: bytes) -> list[Heard]:
    """Return what a JSON body says: one location, or the list that a client sends after being offline.

    Raises:
        NotTheProtocolError: not JSON, or without `location`.
    """
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotTheProtocolError from error
    if not isinstance(body, dict) or not ("location" in body or "device_id" in body):
        raise NotTheProtocolError
    location = body.get("location")
    if location is None:
        return [Heard(None)]
    return [_heard(one) for one in (location if isinstance(location, list) else [location])]


def _heard(location: object) -> Heard:
    if not isinstance(location, dict):
        return Heard(None, wrong="coordinates")
    battery = _share(_part(location, "battery").get("level"))
    alarm = kind_of(_words(_part(location, "extras").get("alarm")) or _words(location.get("alarm")))
    coords = _part(location, "coords")
    if not coords:
        return Heard(None, battery=battery, alarm=alarm)
    lat, lon = _measured(coords.get("latitude")), _measured(coords.get("longitude"))
    stamp = location.get("timestamp")
    at = read_time(str(stamp)) if stamp is not None else None
    if lat is None or lon is None:
        return Heard(None, wrong="coordinates", battery=battery, alarm=alarm)
    if at == "unreadable":
        return Heard(None, wrong="time", battery=battery, alarm=alarm)
    fix = DeviceFix(
        lat=lat,
        lon=lon,
        at=at if isinstance(at, datetime) else None,
        accuracy_m=_measured(coords.get("accuracy")),
        speed_mps=_measured(coords.get("speed")),
        heading_deg=_measured(coords.get("heading")),
    )
    return Heard(fix, battery=battery, alarm=alarm)


def read_time(text: str) -> datetime | str | None:
    """Return a device's time: seconds or milliseconds since 1970, ISO 8601, or `yyyy-MM-dd HH:mm:ss`.

    A time without an offset is UTC, as the protocol has it. None when there is none, "unreadable" when it is nonsense:
    to take the present for it would show an old place as live.
    """
    text = text.strip()
    if not text:
        return None
    try:
        if _INTEGER.fullmatch(text):
            number = int(text)
            return datetime.fromtimestamp(number if number < SECONDS_BEFORE else number / 1000, UTC)
        if "T" in text.upper():
            at = datetime.fromisoformat(
                text.replace(" ", "+")
            )  # a "+" not escaped in a query arrives as a space
        else:
            at = datetime.strptime(text, _PLAIN_TIME).replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return "unreadable"
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _number(text: str) -> float | None:
    try:
        value = float(text.strip())
    except ValueError:
        return None
    return value if value == value and abs(value) != float("inf") else None  # noqa: PLR0124 -- NaN alone differs


def _measured(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _words(value: object) -> str:
    return str(value) if isinstance(value, (str, bool, int)) else ""


def _part(of: dict[str, Any], name: str) -> dict[str, Any]:
    part = of.get(name)
    return part if isinstance(part, dict) else {}


def _percent(text: str | None) -> float | None:
    value = _number(text or "")
    return None if value is None or not 0 <= value <= 100 else value / 100


def _share(value: object) -> float | None:
    level = _measured(value)
    return level if level is not None and 0 <= level <= 1 else None
