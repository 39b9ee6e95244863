"""How a socket joins the stream: what it missed, then what comes; nothing twice, nothing left out.

1. One statement, so one moment, tells where the log stands (S), whether the session lives and which team the worker is
   on. Whatever ends the session or changes the team later has a number above S.
2. The log is read from the client's number up to S, and on up to where this process's tail stands. The client's number
   may come from a process that is ahead of this one: both are compared with the log, never with each other.
3. Between the last look at `hub.seq` and `hub.add` nothing waits, so no event slips in between; where the log was read
   beyond the tail, the hub leaves out what this socket has had (`Connection.floor`).

Frames are sent as they are read, so a long absence costs the memory of one batch, and a slow client slows only itself.
"""

import asyncio
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import msgspec

from brigada.db.engine import Database
from brigada.events.log import StoredEvent, read_after
from brigada.realtime import frames
from brigada.realtime.audience import follow_team, is_ended, may_see
from brigada.realtime.connection import Connection
from brigada.realtime.hub import Hub
from brigada.state import State

BATCH = 500
"""Events read at once; 500 of about 1 KB each."""

TAIL_PATIENCE_S = 5.0
"""A process follows the log milliseconds after its start; one that does not can't serve a socket."""

Refusal = Literal["too_old", "unknown", "another_epoch"]

_STANDING = """
    SELECT c.epoch::text AS epoch, c.last_seq,
           (SELECT m.team_id FROM team_members m WHERE m.user_id = u.id AND m.left_at IS NULL) AS team_id
    FROM sessions s JOIN users u ON u.id = s.user_id CROSS JOIN event_counter c
    WHERE s.id = $1 AND s.ended_at IS NULL AND s.expires_at > now() AND u.active AND u.deleted_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the log and a person stand at one moment."""

    seq: int
    epoch: str
    team_id: int | None


async def read_standing(database: Database, session_id: str) -> Standing | None:
    """Return where things stand now; None when the session has ended."""
    row = await database.fetch_one(_STANDING, UUID(session_id))
    return None if row is None else Standing(row["last_seq"], row["epoch"], row["team_id"])


def why_not_resume(after: int, epoch: str | None, standing: Standing, window: int) -> Refusal | None:
    """Return why a client can't go on from this number, None when it can."""
    if epoch is not None and epoch != standing.epoch:
        return "another_epoch"
    if after > standing.seq:
        return "unknown"
    return "too_old" if standing.seq - after > window else None


async def join(connection: Connection, state: State, after: int | None, epoch: str | None) -> None:
    """Send hello and what was missed, then add the connection to the hub. Runs in the connection's writer."""
    hub, listener = state.hub, connection.listener
    try:
        await asyncio.wait_for(hub.ready.wait(), TAIL_PATIENCE_S)
    except TimeoutError:
        connection.shut(frames.CLOSE_UNAVAILABLE, "unavailable")
        return
    standing = await read_standing(state.database, listener.session_id)
    if standing is None:
        connection.shut(frames.CLOSE_SESSION_ENDED, "session ended")
        return
    if standing.epoch != hub.epoch:
        connection.shut(frames.CLOSE_RESUME, "the log began anew")
        return
    if listener.role == "worker":
        listener.team_id = standing.team_id
    settings = {"heartbeat_s": state.settings.heartbeat_s, "stale_after_s": state.settings.position_stale_s}
    await connection.send_now(frames.hello(standing.seq, standing.epoch, settings))
    reached = standing.seq if after is None else after
    refusal = why_not_resume(reached, epoch, standing, state.settings.resume_window_events)
    if refusal is not None:
        await connection.send_now(frames.resync(refusal))
        reached = standing.seq
    await _read_up(connection, state.database, hub, standing, reached)


async def _read_up(
    connection: Connection, database: Database, hub: Hub, standing: Standing, reached: int
) -> None:
    while reached < max(hub.seq, standing.seq):
        batch = await read_after(database, reached, limit=BATCH)
        if not batch or batch[0].seq != reached + 1:
            if reached >= standing.seq:  # the log lost entries: the tail will say so to everybody
                connection.shut(frames.CLOSE_RESUME, "the log began anew")
                return
            await connection.send_now(frames.resync("too_old"))  # the retention rule took the start away
            reached = standing.seq
            continue
        for event in batch:
            await _deliver(connection, event, is_new=event.seq > standing.seq)
            if connection.is_shut:
                return
        reached = batch[-1].seq
    if hub.epoch == standing.epoch:
        connection.floor = reached
        hub.add(connection)
    else:
        connection.shut(frames.CLOSE_RESUME, "the log began anew")


async def _deliver(connection: Connection, event: StoredEvent, *, is_new: bool) -> None:
    """Send one event of the past. `is_new`: it came after the moment of the standing, which does not know it."""
    listener = connection.listener
    seen = may_see(listener, event)
    moved = False
    if is_new and event.kind.startswith(("team.", "session.")):
        data = msgspec.json.decode(event.data)
        if is_ended(listener, event.kind, data):
            connection.shut(frames.CLOSE_SESSION_ENDED, "session ended")
            return
        moved = follow_team(listener, event.kind, data)
    elif listener.role == "worker" and event.kind in _MEMBERSHIP:
        moved = listener.user_id in event.user_ids
    if seen or may_see(listener, event):
        await connection.send_now(frames.event(event))
    if moved:
        await connection.send_now(frames.resync("team_changed"))


_MEMBERSHIP = frozenset({"team.created", "team.updated", "team.ended"})
"""Kinds that may put a worker on a team or off it; their `user_ids` name everybody concerned."""
