"""All sockets of one process: events in, frames out, synchronously."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from brigada.events.log import StoredEvent
from brigada.realtime import frames
from brigada.realtime.audience import SEE_POSITIONS, is_ended, may_see, team_after
from brigada.realtime.connection import Connection

_FOLLOWED = ("team.", "session.")
"""Kinds of events that change who may see what; only their data is decoded here."""


class Hub:
    """Delivers what the log says to the sockets that may see it. Nothing here waits."""

    def __init__(self) -> None:
        self.seq = 0
        """Number of the newest event delivered."""
        self.epoch = ""
        self.connections: set[Connection] = set()
        self.watchers: list[Callable[[StoredEvent], None]] = []
        """Told of each event, before the sockets are; must not wait."""
        self._tick = 0
        self._positions: dict[int, tuple[int, dict[str, Any]]] = {}
        self._frames: dict[int, tuple[int, bytes | None]] = {}
        self._now: datetime | None = None

    def add(self, connection: Connection) -> None:
        """Deliver to this socket from the next event on."""
        self.connections.add(connection)
        connection.positions_seen = self._tick

    def remove(self, connection: Connection) -> None:
        self.connections.discard(connection)

    def publish(self, events: Iterable[StoredEvent]) -> None:
        """Queue each event for everyone who may see it; encoded once, whatever the number of sockets."""
        for event in events:
            self.seq = event.seq
            for watch in self.watchers:
                watch(event)
            data = msgspec.json.decode(event.data) if event.kind.startswith(_FOLLOWED) else None
            frame: bytes | None = None
            for connection in self.connections:
                before = may_see(connection.listener, event)
                if data is not None:
                    self._follow(connection, event.kind, data)
                if before or may_see(connection.listener, event):
                    frame = frame or frames.event(event)
                    connection.push(frame)

    def _follow(self, connection: Connection, kind: str, data: Mapping[str, Any]) -> None:
        listener = connection.listener
        if is_ended(listener, kind, data):
            connection.shut(frames.CLOSE_SESSION_ENDED, "session ended")
        elif listener.role == "worker" and kind.startswith("team."):
            listener.team_id = team_after(listener, kind, data)

    def heartbeat(self, at: datetime) -> None:
        """Tell everyone the latest number and the time; sent only while the log can be read."""
        frame = frames.heartbeat(self.seq, at)
        for connection in self.connections:
            connection.push(frame)

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

    def forget_positions(self, team_id: int) -> None:
        """Drop the position of a team that has ended."""
        self._positions.pop(team_id, None)

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

    def close_all(self) -> None:
        """Send every client elsewhere: the process is going down."""
        for connection in self.connections:
            connection.shut(frames.CLOSE_RESUME, "server is restarting")
