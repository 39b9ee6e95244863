"""All sockets of one process: events in, frames out, synchronously."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec

from brigada.events.log import StoredEvent
from brigada.realtime import frames
from brigada.realtime.audience import SEE_POSITIONS, follow_team, is_ended, may_see
from brigada.realtime.connection import Connection

_FOLLOWED = ("team.", "session.")
"""Kinds of events that change who may see what; only their data is decoded here."""

RECENT_TICKS = 20
"""Positions are published once a second, and from the snapshot to the socket it takes a client seconds at the most."""


class Hub:
    """Delivers what the log says to the sockets that may see it. Nothing here waits."""

    def __init__(self) -> None:
        self.seq = 0
        """Number of the newest event delivered."""
        self.epoch = ""
        self.ready = asyncio.Event()
        """Set once `seq` and `epoch` are known."""
        self.connections: set[Connection] = set()
        self.map_build: Callable[[], str] = str
        """Asked at each heartbeat, which carries it: a screen that drew another map fetches this one."""
        self.watchers: list[Callable[[StoredEvent], None]] = []
        """Told of each event, before the sockets are; must not wait."""
        self._tick = 0
        self._positions: dict[int, tuple[int, dict[str, Any]]] = {}
        self._frames: dict[int, tuple[int, bytes | None]] = {}
        self._now: datetime | None = None

    def add(self, connection: Connection) -> None:
        """Deliver to this socket from the next event on."""
        self.connections.add(connection)
        # What arrived while the client had its snapshot and was not here yet.
        connection.positions_seen = max(0, self._tick - RECENT_TICKS)
        if self._positions:
            connection.offer_positions(self._positions_for)

    def remove(self, connection: Connection) -> None:
        self.connections.discard(connection)

    @property
    def deepest(self) -> int:
        """Frames waiting in the fullest queue."""
        return max((connection.depth for connection in self.connections), default=0)

    def begin(self, seq: int, epoch: str) -> None:
        """Deliver from the event after number `seq` on."""
        self.seq, self.epoch = seq, epoch
        self.ready.set()

    def begin_anew(self, seq: int, epoch: str) -> None:
        """The log is another one: everybody comes back, with the old epoch, and is told to start anew."""
        self.close_all("the log began anew")
        self.begin(seq, epoch)

    def publish(self, events: Iterable[StoredEvent]) -> None:
        """Queue each event for everyone who may see it; encoded once, whatever the number of sockets."""
        for event in events:
            self.seq = event.seq
            for watch in self.watchers:
                watch(event)
            frame = _Frame(event)
            data = msgspec.json.decode(event.data) if event.kind.startswith(_FOLLOWED) else None
            if data is not None and event.kind == "team.ended":
                self._positions.pop(data["team"]["id"], None)
            for connection in self.connections:
                if event.seq <= connection.floor:
                    continue
                if data is not None:
                    self._deliver_followed(connection, event, data, frame)
                elif connection.listener.role in event.roles or may_see(connection.listener, event):
                    connection.push(frame.bytes())

    def _deliver_followed(
        self, connection: Connection, event: StoredEvent, data: dict[str, Any], frame: "_Frame"
    ) -> None:
        """Deliver an event that may change what this person is told from now on."""
        listener = connection.listener
        if is_ended(listener, event.kind, data):
            connection.shut(frames.CLOSE_SESSION_ENDED, "session ended")
            return
        seen = may_see(listener, event)
        moved = follow_team(listener, event.kind, data)
        if seen or (moved and may_see(listener, event)):
            connection.push(frame.bytes())
        if moved:
            connection.push(frames.resync("team_changed"))

    def heartbeat(self, at: datetime) -> None:
        """Tell everyone the latest number and the time; sent only while the log can be read."""
        frame = frames.heartbeat(self.seq, at, self.map_build())
        for connection in self.connections:
            connection.push(frame)

    def cut_stuck(self) -> None:
        """Cut whoever has not taken a frame for too long."""
        for connection in self.connections:
            connection.cut_if_stuck()

    def publish_positions(self, items: Iterable[dict[str, Any]], at: datetime) -> None:
        """Offer the latest positions (each with its `team_id`) to the screens; the latest of a team wins."""
        self._tick += 1
        self._now = at
        self._frames.clear()
        for item in items:
            self._positions[item["team_id"]] = (self._tick, item)
        for connection in self.connections:
            if connection.listener.role in SEE_POSITIONS or connection.listener.team_id in self._positions:
                connection.offer_positions(self._positions_for)

    def _positions_for(self, connection: Connection) -> bytes | None:
        since, connection.positions_seen = connection.positions_seen, self._tick
        if self._now is None:
            return None
        if connection.listener.role not in SEE_POSITIONS:
            tick, item = self._positions.get(connection.listener.team_id or 0, (0, {}))
            return frames.positions([item], self._now) if tick > since else None
        made = self._frames.get(since)
        if made is None or made[0] != self._tick:
            fresh = [item for tick, item in self._positions.values() if tick > since]
            made = (self._tick, frames.positions(fresh, self._now) if fresh else None)
            self._frames[since] = made
        return made[1]

    def close_all(self, reason: str = "server is restarting") -> None:
        """Let every client connect again, here or at another process, with the last number that it has seen."""
        for connection in self.connections:
            connection.shut(frames.CLOSE_RESUME, reason)


class _Frame:
    """An event's frame, encoded when the first one needs it."""

    def __init__(self, event: StoredEvent) -> None:
        self._event = event
        self._bytes: bytes | None = None

    def bytes(self) -> bytes:
        if self._bytes is None:
            self._bytes = frames.event(self._event)
        return self._bytes
