"""Frames of the socket, encoded once for everybody."""

from datetime import datetime
from typing import Any

import msgspec

from brigada.events.log import StoredEvent

_encoder = msgspec.json.Encoder()

CLOSE_SESSION_ENDED = 4401
"""Sign in again."""
CLOSE_FORBIDDEN_ORIGIN = 4403
CLOSE_RESUME = 4408
"""The client did not read, or the server is going: connect again with the last number seen."""
CLOSE_UNAVAILABLE = 1013
"""The database is away: connect again in a while."""


def hello(seq: int, epoch: str, settings: dict[str, Any]) -> bytes:
    return _encoder.encode({"type": "hello", "seq": seq, "epoch": epoch, "settings": settings})


def event(stored: StoredEvent) -> bytes:
    """Return an event's frame; its data is JSON already and goes in as it is."""
    return _encoder.encode(
        {
            "type": "event",
            "seq": stored.seq,
            "kind": stored.kind,
            "at": stored.at,
            "actor": {"kind": stored.actor_kind, "id": stored.actor_id, "name": stored.actor_name},
            "data": msgspec.Raw(stored.data.encode()),
        }
    )


def heartbeat(seq: int, at: datetime, map_build: str) -> bytes:
    return _encoder.encode({"type": "heartbeat", "seq": seq, "at": at, "map_build": map_build})


def resync(reason: str) -> bytes:
    return _encoder.encode({"type": "resync", "reason": reason})


def pong(at: datetime) -> bytes:
    return _encoder.encode({"type": "pong", "at": at})


def error(code: str, detail: str) -> bytes:
    return _encoder.encode({"type": "error", "code": code, "detail": detail})


def positions(items: list[dict[str, Any]], at: datetime) -> bytes:
    return _encoder.encode({"type": "positions", "at": at, "items": items})


class Up(msgspec.Struct, forbid_unknown_fields=False):
    """A frame from a client; what else it holds is read by whoever the type concerns."""

    type: str
    seq: int | None = None


up_decoder = msgspec.json.Decoder(Up)
