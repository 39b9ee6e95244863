"""`GET /snapshot`, `WS /ws`."""

import asyncio
import contextlib
import logging
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from fastapi import APIRouter, Response, WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.deps import INT8_MAX, AppState, allowed, authenticate, state_of
from brigada.edge import CommandRoute, is_database_away
from brigada.errors import Forbidden, NotSignedIn, Problem
from brigada.realtime import frames, joining, snapshot
from brigada.realtime.audience import Listener
from brigada.realtime.connection import Connection
from brigada.realtime.schemas import SnapshotOut
from brigada.schema import problems
from brigada.state import State

MAX_FRAME_BYTES = 64 * 1024
"""A crew's buffered positions fit into 64 KB: about 400 of them."""

_log = logging.getLogger(__name__)

router = APIRouter(tags=["realtime"], route_class=CommandRoute)


@router.get(
    "/snapshot",
    response_model=SnapshotOut,
    summary="The whole picture now",
    responses=problems(NotSignedIn, Forbidden),
)
async def get_snapshot(
    principal: Annotated[Principal, allowed(Permission.REALTIME)], state: AppState
) -> Response:
    """State and its number from one read-only transaction; then connect the socket with `after=seq`."""
    return await snapshot.answer(state, principal)


def origin_is_ours(socket: WebSocket, state: State) -> bool:
    """Return whether a browser page of ours opened this socket; programs that are no browser send no Origin."""
    origin = socket.headers.get("origin")
    if origin is None:
        return True
    if origin.lower() in (*state.settings.public_origins, *state.settings.allowed_origins):
        return True
    return (
        not state.settings.public_origins
        and urlsplit(origin).netloc.lower() == socket.headers.get("host", "").lower()
    )


@router.websocket("/ws")
async def socket(socket: WebSocket, after: str | None = None, epoch: str | None = None) -> None:
    """Numbered events after `after`, positions, heartbeats; `resync` means: fetch the snapshot again."""
    state = state_of(socket)
    if not origin_is_ours(socket, state):
        await socket.close(frames.CLOSE_FORBIDDEN_ORIGIN, "origin")
        return
    try:
        principal = await authenticate(socket, csrf_checked=False)
        listener = _listener(principal)
    except Problem as problem:
        # Accepted first, so that a browser sees the code instead of a bare failure.
        await socket.accept()
        await socket.close(frames.CLOSE_SESSION_ENDED, problem.code)
        return
    except Exception as error:
        if not is_database_away(error):
            raise
        await socket.accept()
        await socket.close(frames.CLOSE_UNAVAILABLE, "unavailable")
        return
    await socket.accept()
    await _serve(socket, state, listener, _number(after), epoch)


def _number(after: str | None) -> int | None:
    """Return the number to go on from; one that can't be any is as unknown as one not given yet: it gets `resync`."""
    if after is None:
        return None
    return int(after) if after.isascii() and after.isdecimal() and len(after) < 19 else INT8_MAX


def _listener(principal: Principal) -> Listener:
    if not principal.may(Permission.REALTIME) or principal.session_id is None:
        raise Forbidden
    return Listener(principal.id, principal.role, principal.session_id)


async def _serve(
    socket: WebSocket, state: State, listener: Listener, after: int | None, epoch: str | None
) -> None:
    settings = state.settings

    async def send(frame: bytes) -> None:
        await socket.send_text(frame.decode())

    async def close(code: int, reason: str) -> None:
        if socket.application_state is not WebSocketState.DISCONNECTED:
            await socket.close(code, reason)

    connection = Connection(
        listener,
        send,
        close,
        max_events=settings.socket_queue_events,
        max_bytes=settings.socket_queue_bytes,
        send_timeout_s=settings.socket_send_timeout_s,
    )

    async def join() -> None:
        try:
            await joining.join(connection, state, after, epoch)
        except Exception as error:
            if not is_database_away(error):
                raise
            connection.shut(frames.CLOSE_UNAVAILABLE, "unavailable")

    with state.meters.sockets.labels(listener.role).track_inprogress():
        writer = asyncio.create_task(connection.write(join))
        reader = asyncio.create_task(_read(socket, state, connection))
        try:
            await asyncio.wait({writer, reader}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            state.hub.remove(connection)
            for task in (writer, reader):
                task.cancel()
            outcomes = await asyncio.gather(writer, reader, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect):
                _log.error("a socket ended by an error", exc_info=outcome)


async def _read(socket: WebSocket, state: State, connection: Connection) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            raw = message.get("text") or message.get("bytes") or ""
            _handle(state, connection, raw if isinstance(raw, bytes) else raw.encode("utf-8", "replace"))


def _handle(state: State, connection: Connection, raw: bytes) -> None:
    """Answer one frame from the client; whatever it holds, the socket lives on."""
    if len(raw) > MAX_FRAME_BYTES:
        connection.push(frames.error("too_large", "The frame is too large."))
        return
    try:
        up = frames.up_decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        connection.push(frames.error("bad_frame", "A JSON object with a type is expected."))
        return
    handler = state.frame_handlers.get(up.type)
    if up.type == "ping":
        connection.push(frames.pong(state.clock.now()))
    elif handler is not None:
        handler(connection.listener, raw, connection.push)
    elif up.type != "ack":
        known = ", ".join(sorted({"ack", "ping", *state.frame_handlers}))
        connection.push(frames.error("unknown_type", f"Known types: {known}."))
