"""The start of every screen: state and its number, from one moment."""

from collections.abc import Iterable
from typing import Any

import msgspec
from fastapi import Response

from brigada.attention.repository import open_items
from brigada.attention.repository import rules as attention_rules
from brigada.auth.principal import Principal
from brigada.auth.service import me as me_of
from brigada.calls import repository as calls
from brigada.db.engine import Database, ReadSession
from brigada.events.log import Position, position
from brigada.events.made import MadeOnce
from brigada.following.pending import pending_steps
from brigada.kit.clock import Clock
from brigada.notifications.repository import unread_count
from brigada.positions.repository import latest
from brigada.realtime.audience import SEE_POSITIONS
from brigada.state import State
from brigada.stations import repository as stations
from brigada.stations.models import Hospital, Station
from brigada.teams import repository as teams

FRESH_S = 1.0
"""A team's `free` also changes by the clock (a shift begins), without an event: bytes older than this are made anew."""

_encoder = msgspec.json.Encoder()


async def answer(state: State, principal: Principal) -> Response:
    """Return the picture of this person."""
    whole = principal.role in SEE_POSITIONS
    picture = await (state.pictures.whole(principal.log) if whole else _crew_picture(state, principal))
    async with state.database.read() as session:
        own = {
            "role": principal.role,
            "me": await me_of(state.database, principal),
            "unread": await unread_count(session, principal.id),
            "settings": settings_for_screens(state),
        }
    # Both are JSON objects: joined as text, so that the large one is never decoded again.
    return Response(picture[:-1] + b"," + _encoder.encode(own)[1:], media_type="application/json")


def settings_for_screens(state: State) -> dict[str, Any]:
    """Return the settings that screens need."""
    return {
        "heartbeat_s": state.settings.heartbeat_s,
        "stale_after_s": state.settings.position_stale_s,
        "time_zone": state.settings.time_zone,
    }


class Pictures:
    """The dispatchers' picture as bytes, made once for each number of the log."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._bytes = MadeOnce(self._make, fresh_s=FRESH_S)

    async def whole(self, at: Position) -> bytes:
        """Return a picture that holds at least what the log held at this place."""
        return await self._bytes.get(at)

    async def _make(self) -> bytes:
        async with self._database.snapshot() as session:
            where = await position(session)
            now = self._clock.now()  # not before: a team formed in between would be shown before its shift
            living = await teams.living(session, now)
            body = {
                "seq": where.seq,
                "epoch": where.epoch,
                "at": now,
                "calls": await calls.board(session),
                "teams": living,
                "positions": await latest(session, None),
                "attention": await open_items(session),
                "attention_rules": await attention_rules(session),
                "proposed_steps": await pending_steps(session),
                **await _dictionaries(session),
            }
        return _encoder.encode(body)


async def _crew_picture(state: State, principal: Principal) -> bytes:
    async with state.database.snapshot() as session:
        where = await position(session)
        now = state.clock.now()
        team_id = await teams.living_team_of_worker(session, principal.id)
        own = await teams.view(session, team_id, now) if team_id is not None else None
        call = await calls.view(session, own["call_id"]) if own and own["call_id"] else None
        body = {
            "seq": where.seq,
            "epoch": where.epoch,
            "at": now,
            "calls": [call] if call else [],
            "teams": [own] if own else [],
            "positions": await latest(session, [team_id] if team_id is not None else []),
            "attention": [],
            "attention_rules": [],
            "proposed_steps": await pending_steps(session, team_id) if team_id is not None else [],
            **await _dictionaries(session),
        }
    return _encoder.encode(body)


async def _dictionaries(session: ReadSession) -> dict[str, Any]:
    return {
        "stations": _shown(await stations.page(session, Station, q=None, after=None, limit=1000)),
        "hospitals": _shown(await stations.page(session, Hospital, q=None, after=None, limit=1000)),
        "reasons": [dict(row) for row in await calls.reasons(session, inactive=False)],
        "norms": [dict(row) for row in await calls.norms(session)],
    }


def _shown(places: Iterable[Station | Hospital]) -> list[dict[str, Any]]:
    return [stations.view(place) for place in places]
