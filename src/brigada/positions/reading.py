"""Fixes of a crew's own device: frames of the socket, batches by HTTP."""

from datetime import datetime
from typing import Annotated

import msgspec

from brigada.positions.errors import BadPositions, TooManyPoints
from brigada.positions.fixes import (
    MOST_ACCURACY_M,
    MOST_SPEED_MPS,
    BadFixError,
    DeviceFix,
    Fix,
    Source,
    check_place,
    known,
    moment,
)
from brigada.positions.rules import LATE, clock_offset, put_right
from brigada.positions.stints import Whose

MOST_POINTS = 5_000
"""Seven hours of one fix in five seconds: a whole shift comes in two batches."""


class Batch(msgspec.Struct, forbid_unknown_fields=False):
    """The body of `POST /positions`, its points not looked at yet."""

    items: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=0)]
    sent_at: datetime | None = None


class Frame(msgspec.Struct, forbid_unknown_fields=False):
    """A frame `position` (one fix in it) or `positions` (`items`) from a socket."""

    type: str
    items: list[DeviceFix] | None = None
    sent_at: datetime | None = None


_batch = msgspec.json.Decoder(Batch)
_list = msgspec.json.Decoder(list[msgspec.Raw])
_fix = msgspec.json.Decoder(DeviceFix)
_frame = msgspec.json.Decoder(Frame)


class Refused(msgspec.Struct, frozen=True):
    """A point that was not taken: its place in the batch and why, as a machine word."""

    index: int
    code: str


class Made(msgspec.Struct, frozen=True):
    """What a batch came to."""

    fixes: list[Fix]
    refused: list[Refused]


def read_frame(raw: bytes) -> tuple[list[DeviceFix], datetime | None]:
    """Return the fixes of a frame and the device's time of sending.

    Raises:
        msgspec.MsgspecError: it holds no fix.
    """
    frame = _frame.decode(raw)
    items = frame.items if frame.items is not None else [_fix.decode(raw)]
    return items[:MOST_POINTS], frame.sent_at


def read_body(raw: bytes) -> tuple[list[DeviceFix | None], datetime | None]:
    """Return the points of a body, None for each that can't be read: one bad point must not hold up the others.

    The body is `{"items": […], "sent_at": …}`, a bare list, or one point.

    Raises:
        BadPositions: not JSON of that shape.
        TooManyPoints: more than `MOST_POINTS`.
    """
    try:
        sent_at = None
        if raw.lstrip()[:1] == b"[":
            items = _list.decode(raw)
        elif b'"items"' in raw:
            batch = _batch.decode(raw)
            items, sent_at = batch.items, batch.sent_at
        else:
            items = [msgspec.Raw(raw)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadPositions from error
    if len(items) > MOST_POINTS:
        raise TooManyPoints(limit=MOST_POINTS)
    points = [_point(item) for item in items]
    if len(points) == 1 and points[0] is None:
        raise BadPositions
    return points, sent_at


def _point(raw: msgspec.Raw) -> DeviceFix | None:
    try:
        return _fix.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _moment_of(point: DeviceFix, received_at: datetime) -> datetime:
    check_place(point.lat, point.lon)
    return moment(point.at, received_at)


def was_kept(point: DeviceFix, now: datetime) -> bool:
    """Did this point wait on the device, so that its crew may have been another one then?"""
    return point.at is not None and point.at.tzinfo is not None and now - point.at > LATE


def make_fixes(
    points: list[DeviceFix] | list[DeviceFix | None],
    *,
    sent_at: datetime | None,
    received_at: datetime,
    oldest: datetime,
    whose: Whose,
    source: Source = Source.PHONE,
    extra_flags: int = 0,
) -> Made:
    """Return the fixes that the points of one sending are, each of the team of its moment, and those that are none.

    Raises nothing: whatever can't be used is listed with its reason.
    """
    moments: list[datetime | str] = []
    for point in points:
        try:
            moments.append("unreadable" if point is None else _moment_of(point, received_at))
        except BadFixError as error:
            moments.append(str(error))
    good = [at for at in moments if isinstance(at, datetime)]
    if not good:
        return Made([], [Refused(i, code) for i, code in enumerate(moments) if isinstance(code, str)])
    told = sent_at if sent_at is not None and sent_at.tzinfo is not None else None
    offset = clock_offset(max(good), received_at, told)
    fixes: list[Fix] = []
    refused: list[Refused] = []
    for index, (point, at) in enumerate(zip(points, moments, strict=True)):
        if isinstance(at, str) or point is None:
            refused.append(Refused(index, str(at)))
            continue
        mended, flags = put_right(at, offset, received_at)
        stint = whose(mended) if mended >= oldest else None
        if stint is None:
            refused.append(Refused(index, "too_old" if mended < oldest else "no_team"))
            continue
        fixes.append(
            Fix(
                car_id=stint.car_id,
                team_id=stint.team_id,
                lat=point.lat,
                lon=point.lon,
                at=mended,
                received_at=received_at,
                accuracy_m=known(point.accuracy_m, most=MOST_ACCURACY_M),
                speed_mps=known(point.speed_mps, most=MOST_SPEED_MPS),
                heading_deg=known(point.heading_deg, most=360),
                source=source,
                flags=flags | extra_flags,
            )
        )
    return Made(fixes, refused)
