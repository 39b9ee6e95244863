"""One socket: a bounded queue and a single writer, so that a client that does not read holds up nobody."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from brigada.realtime import frames
from brigada.realtime.audience import Listener

Send = Callable[[bytes], Awaitable[None]]
Close = Callable[[int, str], Awaitable[None]]

CLOSE_PATIENCE_S = 2.0
"""Seconds that the closing frame may take to reach the send buffer."""


class TooSlowError(Exception):
    """The client did not take a frame within the time allowed."""


class Connection:
    """What waits for one client.

    Events queue up to two limits, by number and by bytes; past either the client is cut with a code that means
    "resume": it comes back with the last number that it has seen and misses nothing. Positions do not queue: the
    latest frame replaces the one not yet sent.
    """

    def __init__(
        self,
        listener: Listener,
        send: Send,
        close: Close,
        *,
        max_events: int,
        max_bytes: int,
        send_timeout_s: float,
    ) -> None:
        self.listener = listener
        self.floor = 0
        """Number up to which events were sent before this socket joined the hub."""
        self.positions_seen = 0
        """Tick of the hub up to which positions were sent."""
        self._send = send
        self._close = close
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._send_timeout_s = send_timeout_s
        self._queue: deque[bytes] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._closing: tuple[int, str] | None = None
        self._sending_since: float | None = None
        self._writer: asyncio.Task[Any] | None = None
        self._positions: Callable[[Connection], bytes | None] | None = None
        self._loop_time = asyncio.get_running_loop().time

    @property
    def depth(self) -> int:
        """Frames waiting."""
        return len(self._queue)

    def push(self, frame: bytes) -> None:
        """Queue a frame; never waits. Past a limit the connection is marked to be cut."""
        if self._closing is not None:
            return
        self._queue.append(frame)
        self._bytes += len(frame)
        if len(self._queue) > self._max_events or self._bytes > self._max_bytes:
            self.shut(frames.CLOSE_RESUME, "too slow")
        self._wake.set()

    def offer_positions(self, build: Callable[["Connection"], bytes | None]) -> None:
        """Say that there are newer positions; the frame is made when the writer is free to send it."""
        self._positions = build
        self._wake.set()

    @property
    def is_shut(self) -> bool:
        return self._closing is not None

    def shut(self, code: int, reason: str) -> None:
        """Close at once, even while the writer waits for the client; what waits is dropped (the client asks again)."""
        if self._closing is not None:
            return
        self._closing = (code, reason)
        self._queue.clear()
        self._bytes = 0
        self._positions = None
        if self._writer is not None and self._writer is not asyncio.current_task():
            self._writer.cancel()

    def cut_if_stuck(self) -> None:
        """Close when the client has not taken a frame for as long as is allowed; asked every few seconds."""
        since = self._sending_since
        if since is not None and self._loop_time() - since > self._send_timeout_s:
            self.shut(frames.CLOSE_RESUME, "too slow")

    async def write(self, first: Callable[[], Awaitable[None]] | None = None) -> None:
        """Do `first` (which may send), then send what waits, until shut: the only place that sends."""
        writer = self._writer = asyncio.current_task()
        try:
            if first is not None and self._closing is None:
                await first()
            while self._closing is None:
                await self._wake.wait()
                self._wake.clear()
                await self._drain()
        except asyncio.CancelledError:
            if self._closing is None or writer is None:
                raise  # not by `shut`: the client has gone
            writer.uncancel()
        except TooSlowError:
            self.shut(frames.CLOSE_RESUME, "too slow")
        self._writer = None
        code, reason = self._closing or (frames.CLOSE_RESUME, "")
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._close(code, reason), CLOSE_PATIENCE_S)

    async def send_now(self, frame: bytes) -> None:
        """Send a frame, waiting for the client as long as one may; for the writer alone.

        Raises:
            TooSlowError: the client did not take it.
        """
        try:
            await asyncio.wait_for(self._send(frame), self._send_timeout_s)
        except TimeoutError as error:
            raise TooSlowError from error

    async def _drain(self) -> None:
        while self._closing is None and (self._queue or self._positions):
            if self._queue:
                frame = self._queue.popleft()
                self._bytes -= len(frame)
            else:
                build, self._positions = self._positions, None
                made = build(self) if build is not None else None
                if made is None:
                    continue
                frame = made
            # A time-out around it would cost more than all the rest of a delivery: `cut_if_stuck` looks after it.
            self._sending_since = self._loop_time()
            await self._send(frame)
            self._sending_since = None
