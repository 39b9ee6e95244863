"""The protocol under a socket, where a connection ends on its own."""

import asyncio
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.server import ServerState

from brigada.server.sockets import SocketProtocol

pytestmark = pytest.mark.anyio

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
NO_FRAME = b"\x83\x80\x00\x00\x00\x00"
"""An opcode that means nothing: the server must end the connection."""


async def test_a_message_that_meets_the_end_of_its_connection_is_no_mistake_of_the_application() -> None:
    met: list[BaseException] = []
    done = asyncio.Event()

    async def application(_: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        assert (await receive())["type"] == "websocket.disconnect"
        try:
            await send({"type": "websocket.send", "text": "too late"})
        except Exception as error:  # noqa: BLE001 -- which one is the question
            met.append(error)
        done.set()

    config = uvicorn.Config(application, ws=SocketProtocol, lifespan="off", log_config=None)
    config.load()
    server = await asyncio.get_running_loop().create_server(
        lambda: SocketProtocol(config, ServerState(), {}), "127.0.0.1", 0
    )
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(HANDSHAKE)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
        writer.write(NO_FRAME)
        await asyncio.wait_for(done.wait(), 10)
        writer.close()
    assert [type(error) for error in met] == [ClientDisconnected]
