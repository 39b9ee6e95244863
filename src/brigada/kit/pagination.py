"""Keyset pagination: an opaque cursor that says after which row to go on."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

MAX_LIMIT = 500
"""Rows of one page at the most: 500 calls are about 400 KB of JSON, still one quick answer."""

DEFAULT_LIMIT = 50


class BadCursorError(ValueError):
    """The cursor was not made by this service."""


@dataclass(frozen=True, slots=True)
class Page[T]:
    """One page of a list; `next_cursor` is None on the last."""

    items: Sequence[T]
    next_cursor: str | None


def encode_cursor(*key: int | str | float) -> str:
    """Return an opaque cursor for the sort key of the last row shown."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def decode_cursor[K: tuple[object, ...]](cursor: str, shape: type[K]) -> K:
    """Return the sort key from a cursor.

    Raises:
        BadCursorError: the text is not a cursor of this shape.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        key = msgspec.json.decode(raw, type=shape)
    except (ValueError, binascii.Error, msgspec.MsgspecError) as error:
        raise BadCursorError from error
    if not all(_storable(part) for part in key):
        raise BadCursorError
    return key


def _storable(part: object) -> bool:
    """Return whether a part could have come from a row; the database must never see one that could not."""
    if isinstance(part, int):
        return abs(part) < 2**63
    if isinstance(part, datetime):
        return part.tzinfo is not None
    return not (isinstance(part, str) and "\x00" in part)
