"""A fix of a car, from the moment it is heard to the row that keeps it."""

from datetime import UTC, datetime
from enum import IntEnum, IntFlag
from typing import Any

import msgspec

from brigada.kit.geo import Point


class Source(IntEnum):
    """What told us, kept as a small number; the order is the order of trust when two speak at once."""

    PHONE = 1
    """The crew's own device: the socket or `POST /positions`."""
    TRACKER = 2
    """A device bound to the car, by the OsmAnd / Traccar protocol."""

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def of_word(cls, word: str) -> "Source":
        """Return the source of this word; what another version wrote is trusted least."""
        return next((source for source in cls if source.word == word), cls.PHONE)


class Flag(IntFlag):
    """What is doubtful about a fix; a doubtful one is kept, marked, and not believed where that matters."""

    POOR = 1
    """Its accuracy is worse than 100 m."""
    JUMP = 2
    """No car gets there that fast from its last place."""
    CLOCK = 4
    """The device's clock was wrong; the time is put right by the server's."""
    LATE = 8
    """It came more than a minute after it was made: buffered while offline."""
    ALARM = 16
    """The device called for help: its button, or its sensor of an accident."""


class Fix(msgspec.Struct, array_like=True, gc=False, kw_only=True):
    """Where a car was.

    Attributes:
        at: the device's time, put right where it was plainly wrong.
        received_at: the server's time.
        accuracy_m: radius that holds the true place two times in three, metres.
        speed_mps: metres a second. heading_deg: clockwise from north.
        flags: bits of `Flag`.
    """

    car_id: int
    team_id: int | None
    lat: float
    lon: float
    at: datetime
    received_at: datetime
    accuracy_m: float | None = None
    speed_mps: float | None = None
    heading_deg: float | None = None
    source: int = Source.PHONE
    flags: int = 0

    @property
    def point(self) -> Point:
        return Point(self.lat, self.lon)


def item_of(fix: Fix, team_id: int) -> dict[str, Any]:
    """Return the latest fix of a team's car as screens get it."""
    return {
        "team_id": team_id,
        "car_id": fix.car_id,
        "lat": fix.lat,
        "lon": fix.lon,
        "at": fix.at,
        "received_at": fix.received_at,
        "accuracy_m": fix.accuracy_m,
        "speed_mps": fix.speed_mps,
        "heading_deg": fix.heading_deg,
        "source": Source(fix.source).word,
    }


COLUMNS = (
    "at", "delay_ms", "car_id", "team_id", "lat_e7", "lon_e7", "accuracy_dm", "speed_cmps", "heading_deg",
    "source", "flags",
)  # fmt: skip
"""A row of the history: 44 bytes of data. Degrees are kept in 1e-7 (a centimetre), the rest in small integers."""

_SMALL = 32_767
_INT4 = 2**31 - 1

type Record = tuple[datetime, int, int, int | None, int, int, int | None, int | None, int | None, int, int]


def to_record(fix: Fix) -> Record:
    """Return the row that keeps this fix, in the order of `COLUMNS`."""
    delay = (fix.received_at - fix.at).total_seconds() * 1000
    return (
        fix.at,
        int(min(delay, _INT4)),
        fix.car_id,
        fix.team_id,
        round(fix.lat * 1e7),
        round(fix.lon * 1e7),
        None if fix.accuracy_m is None else min(_SMALL, round(fix.accuracy_m * 10)),
        None if fix.speed_mps is None else min(_SMALL, round(fix.speed_mps * 100)),
        None if fix.heading_deg is None else round(fix.heading_deg) % 360,
        fix.source,
        fix.flags,
    )


class DeviceFix(msgspec.Struct, forbid_unknown_fields=False):
    """A fix as a crew's own device sends it, on the socket or in a batch. Values of −1 mean unknown."""

    lat: float
    lon: float
    at: datetime | None = None
    accuracy_m: float | None = None
    speed_mps: float | None = None
    heading_deg: float | None = None


class BadFixError(ValueError):
    """What a device said is no fix; the message is a machine word."""


def known(value: float | None, *, most: float) -> float | None:
    """Return a measured value, None where the device does not know it (−1, or out of any reason)."""
    return value if value is not None and 0 <= value <= most else None


MOST_ACCURACY_M = 3_000.0
"""The column keeps 3,276 m; a fix worse than that tells nothing."""
MOST_SPEED_MPS = 150.0
FIRST_YEAR = datetime(2000, 1, 1, tzinfo=UTC)


def check_place(lat: float, lon: float) -> None:
    """Refuse a place that is none.

    Raises:
        BadFixError: not on the Earth, or the point 0, 0 that receivers send when they know nothing.
    """
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise BadFixError("coordinates")
    if lat == 0 and lon == 0:
        raise BadFixError("no_fix")


def moment(at: datetime | None, received_at: datetime) -> datetime:
    """Return the device's time in UTC, the server's where it gave none.

    Raises:
        BadFixError: a time without its offset, or of another century.
    """
    if at is None:
        return received_at
    if at.tzinfo is None:
        raise BadFixError("time_without_offset")
    try:
        utc = at.astimezone(UTC)
    except OverflowError as error:
        raise BadFixError("time") from error
    if utc < FIRST_YEAR:
        raise BadFixError("time")
    return utc
