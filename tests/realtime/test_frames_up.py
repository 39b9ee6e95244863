"""What a client may say by its socket, and what it is answered: as docs/realtime.md tells it."""

import json
from datetime import datetime
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from live.fixtures import House
from live.race import Scene, scene
from live.screen import open_socket

pytestmark = pytest.mark.anyio

NO_FRAMES = ("", "ping", "7", "[]", "{}", '{"type": 7}', '{"type": "ping"', "[" * 20_000, b"\xff\xfe")


async def answer(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next frame of this type; events and heartbeats come whenever they come."""
    while True:
        frame: dict[str, Any] = json.loads(await socket.recv())
        if frame["type"] == kind:
            return frame


async def still_alive(socket: ClientConnection) -> None:
    await socket.send('{"type": "ping"}')
    assert (await answer(socket, "pong"))["at"]


async def test_frames_of_a_client_are_answered_as_written_down(house: House) -> None:
    async with scene(house.processes, house.dsn) as stage:
        await frames_are_answered(stage)


async def frames_are_answered(stage: Scene) -> None:
    one = stage.dispatchers[0]
    async with open_socket(one, stage.processes[0].url) as socket:
        assert (await answer(socket, "hello"))["seq"] >= 0
        await socket.send('{"type": "ping", "and": "a field of a later version"}')
        assert datetime.fromisoformat((await answer(socket, "pong"))["at"]).tzinfo is not None
        # An ack is not answered: the first thing that comes back is the answer to what was sent after it.
        await socket.send('{"type": "ack", "seq": 7}')
        await socket.send('{"type": "ack"}')
        await socket.send('{"type": "nothing_known"}')
        assert await answer(socket, "error") == {
            "type": "error",
            "code": "unknown_type",
            "detail": "Known types: ack, ping, position, positions, viewing.",
        }
        for sent in NO_FRAMES:
            await socket.send(sent)
            error = await answer(socket, "error")
            assert (error["code"], set(error)) == ("bad_frame", {"type", "code", "detail"}), sent
            assert len(json.dumps(error)) < 200
        await socket.send(" " * (64 * 1024 + 1))
        assert (await answer(socket, "error"))["code"] == "too_large"
        await still_alive(socket)
        padded = '{"type": "ping"}'
        await socket.send(padded + " " * (64 * 1024 - len(padded)))
        await answer(socket, "pong")
        await socket.send('{"type": "position", "lat": 59.9, "lon": 30.3}')
        assert (await answer(socket, "error"))["code"] == "no_team"
        await still_alive(socket)
        await socket.send(" " * (256 * 1024 + 1))
        with pytest.raises(ConnectionClosed) as closed:
            await answer(socket, "never")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009
    # Nobody else noticed.
    await one.new_call()
    await stage.all_screens_are_true()
    async with httpx.AsyncClient() as client:
        text = (await client.get(f"{stage.processes[0].url}/metrics")).text
    measures_are_plausible(text)


def measures_are_plausible(text: str) -> None:
    """The event of a moment ago was read a moment later; nobody waits; connections are those of the pools."""
    found = {
        name: float(value)
        for name, value in (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    }
    assert 0 <= found["brigada_event_lag_seconds"] < 30
    assert found["brigada_socket_queue_events"] == 0
    assert 0 <= found["brigada_database_pool_in_use"] <= found["brigada_database_pool_limit"]
    assert 0 < found["brigada_database_pool_limit"] < 100
    assert found['brigada_sockets{role="dispatcher"}'] >= 1
