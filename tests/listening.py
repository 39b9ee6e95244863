"""A client of the socket, within the test's own event loop: it speaks ASGI with the app, as a server would."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from stage import Caller, Stage

PATIENCE_S = 10.0
"""A condition that has not come true after this never will."""


class Listening:
    """One open socket and all that came down on it."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.accepted = False
        self.closed: int | None = None
        self._up: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._changed = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        return await self._up.get()

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.accept":
            self.accepted = True
        elif message["type"] == "websocket.close":
            self.closed = message.get("code", 1000)
        elif message["type"] == "websocket.send":
            self.frames.append(json.loads(message.get("text") or message["bytes"]))
        self._changed.set()

    def say(self, frame: str | bytes) -> None:
        """Send a frame up."""
        key = "text" if isinstance(frame, str) else "bytes"
        self._up.put_nowait({"type": "websocket.receive", key: frame})

    def hang_up(self) -> None:
        self._up.put_nowait({"type": "websocket.disconnect", "code": 1000})

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition on what came down is true."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def has(self, kind: str) -> dict[str, Any]:
        """Wait for a frame of this type, or an event of this kind; return the latest."""
        await self.until(lambda: any(kind in (one["type"], one.get("kind")) for one in self.frames))
        return [one for one in self.frames if kind in (one["type"], one.get("kind"))][-1]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == "event"]


@asynccontextmanager
async def listening(
    stage: Stage, caller: Caller, query: str = "", headers: dict[str, str] | None = None
) -> AsyncIterator[Listening]:
    """Open a socket as this caller; `query` is what follows the question mark."""
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in caller.client.cookies.jar)
    sent = {"host": "testserver", "cookie": cookies, **(headers or {})}
    if "Authorization" in caller.client.headers:
        sent["authorization"] = caller.client.headers["Authorization"]
    scope = {
        "type": "websocket", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "wss",
        "path": "/api/v1/ws", "raw_path": b"/api/v1/ws", "root_path": "", "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "client": (stage.address, 4711), "server": ("testserver", 443), "subprotocols": [], "state": {},
    }  # fmt: skip
    client = Listening()
    client._up.put_nowait({"type": "websocket.connect"})
    task = asyncio.create_task(stage.app(scope, client.receive, client.send))
    try:
        await client.until(lambda: client.accepted or client.closed is not None)
        yield client
    finally:
        client.hang_up()
        await asyncio.wait_for(task, PATIENCE_S)


async def told_all(stage: Stage) -> None:
    """Wait until this process has delivered the whole log and every socket has got what was for it."""
    last = await stage.last_seq()
    async with asyncio.timeout(PATIENCE_S):
        while stage.state.hub.seq < last or any(one.depth for one in stage.state.hub.connections):
            stage.state.doorbell.local.ring()
            await asyncio.sleep(0)
    await asyncio.sleep(0)
