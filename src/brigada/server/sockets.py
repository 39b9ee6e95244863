"""The WebSocket protocol of the server, for clients that have stopped reading.

Uvicorn waits for a client to take what was sent before it sends more: the closing frame too. And it closes a connection
only when everything was taken. A client that never reads would so never be told, and never be let go.
"""

import asyncio

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

ABORT_AFTER_S = 30.0
"""Seconds after its closing in which a client may still take what was sent; then the connection is cut."""

SEND_BUFFER_BYTES = 16 * 1024
"""What may wait for one client beyond its queue, before its writer waits: 64 KB by default, times thousands."""


class SocketProtocol(WebSocketsSansIOProtocol):
    """Closes also what is stuck: the closing frame is put behind what waits, and the rest is a matter of time."""

    _abort: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As the parent's, with a smaller send buffer."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=SEND_BUFFER_BYTES)

    async def send(self, message: ASGISendEvent) -> None:
        """As the parent's, but a close does not wait for the client.

        Raises:
            ClientDisconnected: the connection is ending already (the client sent no pong, or what is no frame). The
                parent takes a message that was on its way at that moment for a mistake of the application.
        """
        if message["type"] == "websocket.close":
            self.writable.set()
        try:
            await super().send(message)
        except RuntimeError:
            if message["type"] == "websocket.send" and self.close_sent:
                raise ClientDisconnected from None
            raise
        if message["type"] == "websocket.close":
            self._abort_later()

    def keepalive_timeout(self) -> None:
        """As the parent's; the peer that is gone takes nothing any more."""
        super().keepalive_timeout()
        self._abort_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """As the parent's."""
        if self._abort is not None:
            self._abort.cancel()
        super().connection_lost(exc)

    def _abort_later(self) -> None:
        if self._abort is None and not self.disconnected:
            self._abort = self.loop.call_later(ABORT_AFTER_S, self.transport.abort)
