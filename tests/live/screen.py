"""A client as docs/realtime.md tells how to write one: snapshot, socket after its number, merge by id."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from live.people import Person

_decode = msgspec.json.Decoder().decode
OPEN = ("new", "accepted")
NOT_TOLD = ("location", "position_at")
"""Fields of a team that change without a numbered event: a car moves. Frames of positions tell of it."""


def socket_url(url: str, after: int | None = None, epoch: str | None = None) -> str:
    query = "&".join(f"{k}={v}" for k, v in (("after", after), ("epoch", epoch)) if v is not None)
    return f"{url.replace('http', 'ws', 1)}/api/v1/ws" + (f"?{query}" if query else "")


def open_socket(person: Person, url: str, after: int | None = None, epoch: str | None = None) -> connect:
    return connect(
        socket_url(url, after, epoch),
        additional_headers={"Cookie": person.cookie},
        compression=None,
        proxy=None,
    )


class Screen:
    """What one person sees, and every number that reached it."""

    def __init__(self, person: Person, url: str | None = None) -> None:
        self.person = person
        self.url = url or person.url
        self.start = 0
        self.cursor = 0
        self.epoch = ""
        self.seqs: list[int] = []
        self.events: list[dict[str, Any]] = []
        self.heartbeats: list[dict[str, Any]] = []
        self.resyncs: list[str] = []
        self.hellos: list[dict[str, Any]] = []
        self.closed: tuple[int, str] | None = None
        self.calls: dict[int, dict[str, Any]] = {}
        self.teams: dict[int, dict[str, Any]] = {}
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._changed = asyncio.Condition()

    async def open(self) -> None:
        """The start-up path."""
        snapshot = await self.person.get("/snapshot")
        self.start = self.cursor = snapshot["seq"]
        self.epoch = snapshot["epoch"]
        self.calls = {call["id"]: call for call in snapshot["calls"]}
        self.teams = {team["id"]: team for team in snapshot["teams"]}
        await self.resume()

    async def resume(self, url: str | None = None) -> None:
        """Connect after the last number seen, at this process or at another."""
        await self.leave()
        self.url = url or self.url
        self.closed = None
        self._socket = await open_socket(self.person, self.url, self.cursor, self.epoch)
        self._reader = asyncio.create_task(self._read(self._socket))

    async def leave(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
            self._reader = None
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    async def _read(self, socket: ClientConnection) -> None:
        try:
            while True:
                frame = _decode(await socket.recv())
                self._take(frame)
                async with self._changed:
                    self._changed.notify_all()
        except ConnectionClosed as closed:
            received = closed.rcvd
            self.closed = (received.code, received.reason) if received else (1006, "")
            async with self._changed:
                self._changed.notify_all()

    def _take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "event":
                self.seqs.append(frame["seq"])
                self.events.append(frame)
                self.cursor = max(self.cursor, frame["seq"])
                self._merge(frame["data"])
            case "heartbeat":
                self.heartbeats.append(frame)
                self.cursor = max(self.cursor, frame["seq"])
            case "resync":
                self.resyncs.append(frame["reason"])
            case "hello":
                self.hellos.append(frame)

    def _merge(self, data: dict[str, Any]) -> None:
        if call := data.get("call"):
            merged = self.calls.get(call["id"], {"assignments": []}) | call
            self.calls[call["id"]] = merged
            if merged.get("status") not in OPEN:
                del self.calls[call["id"]]
        if (assignment := data.get("assignment")) and assignment["call_id"] in self.calls:
            mine = self.calls[assignment["call_id"]]
            others = [a for a in mine["assignments"] if a["id"] != assignment["id"]]
            mine["assignments"] = sorted([*others, assignment], key=lambda a: a["id"])
        if team := data.get("team"):
            merged = self.teams.get(team["id"], {}) | team
            self.teams[team["id"]] = merged
            if merged.get("ended_at"):
                del self.teams[team["id"]]

    async def wait(self, condition: Callable[[], bool], *, within_s: float = 10.0) -> None:
        """Wait until the condition, looked at after each frame, holds."""
        async with asyncio.timeout(within_s), self._changed:
            await self._changed.wait_for(condition)

    async def reach(self, seq: int, *, within_s: float = 10.0) -> None:
        """Wait until everything up to this number was delivered (a heartbeat says so, too)."""
        await self.wait(lambda: self.cursor >= seq or self.closed is not None, within_s=within_s)
        assert self.closed is None, self.closed

    async def wait_closed(self, *, within_s: float = 10.0) -> tuple[int, str]:
        await self.wait(lambda: self.closed is not None, within_s=within_s)
        assert self.closed is not None
        return self.closed

    async def __aenter__(self) -> Screen:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()


async def assert_true_to_the_tables(screen: Screen) -> None:
    """State at the start + the events since = the state of now, for everything that the screen shows."""
    snapshot = await screen.person.get("/snapshot")
    await screen.reach(snapshot["seq"])
    calls = {call["id"]: call for call in snapshot["calls"]}
    teams = {team["id"]: team for team in snapshot["teams"]}
    assert screen.calls.keys() == calls.keys()
    assert screen.teams.keys() == teams.keys()
    assert _differences(screen.calls, calls) == {}
    assert _differences(screen.teams, teams, but=NOT_TOLD) == {}


def _differences(
    shown: dict[int, dict[str, Any]], true: dict[int, dict[str, Any]], but: tuple[str, ...] = ()
) -> dict[str, tuple[Any, Any]]:
    """What is shown and what is true, for each field that differs, but for these."""
    return {
        f"{number} {name}": (shown[number].get(name), entity.get(name))
        for number, entity in true.items()
        for name in (shown[number].keys() | entity.keys()) - set(but)
        if shown[number].get(name) != entity.get(name)
    }
