"""`GET /snapshot`, `WS /ws`."""

import asyncio
import contextlib
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from fastapi import APIRouter, Query, Response, WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.auth.repository import team_of
from brigada.deps import INT8_MAX, AppState, allowed, authenticate, state_of
from brigada.edge import CommandRoute, is_database_away
from brigada.errors import Forbidden, NotSignedIn, Problem
from brigada.events.log import read_after
from brigada.realtime import frames, snapshot
from brigada.realtime.audience import Listener, may_see, team_after
from brigada.realtime.connection import Connection
from brigada.realtime.hub import Hub
from brigada.realtime.schemas import SnapshotOut
from brigada.schema import problems
from brigada.state import State

MAX_FRAME_BYTES = 64 * 1024
"""A crew's buffered positions fit into 64 KB: about 400 of them."""

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
async def socket(
    socket: WebSocket, after: Annotated[int | None, Query(ge=0, le=INT8_MAX)] = None, epoch: str | None = None
) -> None:
    """Numbered events after `after`, positions, heartbeats; `resync` means: fetch the snapshot again."""
    state = state_of(socket)
    if not origin_is_ours(socket, state):
        await socket.close(frames.CLOSE_FORBIDDEN_ORIGIN, "origin")
        return
    try:
        principal = await authenticate(socket, csrf_checked=False)
        listener = await _listener(state, principal)
    except Problem as problem:
        # Accepted first, so that a browser sees the code instead of a bare failure.
        await socket.accept()
        await socket.close(frames.CLOSE_SESSION_ENDED, problem.code)
        return
    except Exception as error:
        if not is_database_away(error):
            raise
        await socket.close(1013, "unavailable")
        return
    await socket.accept()
    await _serve(socket, state, listener, after, epoch)


async def _listener(state: State, principal: Principal) -> Listener:
    if not principal.may(Permission.REALTIME) or principal.session_id is None:
        raise Forbidden
    team_id = None
    if principal.role == "worker":
        async with state.database.read() as session:
            team_id = await team_of(session, principal.id)
    return Listener(principal.id, principal.role, principal.session_id, team_id)


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
    hub = state.hub
    with state.meters.sockets.labels(listener.role).track_inprogress():
        await _catch_up(connection, state, hub, after, epoch)
        writer = asyncio.create_task(connection.write())
        reader = asyncio.create_task(_read(socket, state, connection))
        try:
            await asyncio.wait({writer, reader}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            hub.remove(connection)
            for task in (writer, reader):
                task.cancel()
            await asyncio.gather(writer, reader, return_exceptions=True)


async def _catch_up(
    connection: Connection, state: State, hub: Hub, after: int | None, epoch: str | None
) -> None:
    """Queue what the client missed, then what comes; nothing twice, nothing left out.

    The connection joins the hub only at the very number up to which the log was read here: between the last look at
    `hub.seq` and `hub.add` nothing waits, so no event can slip in between.
    """
    listener = connection.listener
    hello = frames.hello(
        hub.seq,
        hub.epoch,
        {"heartbeat_s": state.settings.heartbeat_s, "stale_after_s": state.settings.position_stale_s},
    )
    if after is None:
        connection.push(hello)
        hub.add(connection)
        return
    reason = None
    if epoch is not None and epoch != hub.epoch:
        reason = "another_epoch"
    elif after > hub.seq + 1_000_000 or hub.seq - after > state.settings.resume_window_events:
        reason = "too_old" if after <= hub.seq else "unknown"
    missed: list[bytes] = []
    reached = after
    while reason is None and reached < hub.seq:
        batch = await read_after(state.database, reached, limit=500)
        if not batch:
            reason = "unknown"
            break
        for event in batch:
            if event.seq > hub.seq:
                break
            reached = event.seq
            if may_see(listener, event):
                missed.append(frames.event(event))
            if listener.role == "worker" and event.kind.startswith("team."):
                listener.team_id = team_after(listener, event.kind, msgspec.json.decode(event.data))
    connection.push(hello)
    if reason is None and after > hub.seq:
        reason = await _ahead(state, hub, after)
    if reason is not None:
        connection.push(frames.resync(reason))
    else:
        for frame in missed:
            connection.push(frame)
    hub.add(connection)


async def _ahead(state: State, hub: Hub, after: int) -> str | None:
    """The client's number is newer than this process has delivered: wait until the tail has caught up with it."""
    for _ in range(100):
        if hub.seq >= after:
            return None
        state.doorbell.local.ring()
        await asyncio.sleep(0.02)
    return "unknown"


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
        connection.push(frames.error("unknown_type", "Known types: ack, ping, position."))
