"""One API process: `python -m brigada.server.worker`, started by the supervisor with an open socket."""

import argparse
import gc
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from brigada.logging import configure
from brigada.server.handover import from_line
from brigada.server.sockets import SocketProtocol
from brigada.settings import Settings

type Factory = Callable[[Settings], ASGIApp]

BACKLOG = 4096
"""Connections that wait to be accepted: a reconnect storm of 2,000 clients must not meet a refusal."""

KEEP_ALIVE_S = 75
"""Longer than the 60 s for which proxies keep their connections, lest a proxy sends into a closed one."""

WS_MAX_BYTES = 256 * 1024
"""Largest frame from a client; an hour of a crew's positions, one in 5 s of about 90 bytes, makes 65 KB."""

WS_PING_S = 20.0
"""A peer that does not answer a ping within the same time is gone: its socket is closed."""


class _Server(uvicorn.Server):
    """Tells the supervisor when it accepts connections."""

    def __init__(self, config: uvicorn.Config, ready: int) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.freeze()  # the routes and their schemas stay as well
        if self.started:
            os.write(self._ready, b"ready")
            os.close(self._ready)


def server_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """How the API is served; the choices are measured in the guide to performance."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws=SocketProtocol,
        ws_max_size=WS_MAX_BYTES,
        ws_per_message_deflate=False,  # memory and CPU for each socket, to save what a network has plenty of
        ws_ping_interval=WS_PING_S,
        ws_ping_timeout=WS_PING_S,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=max(1, round(settings.shutdown_grace_s)),
        ssl_certfile=settings.tls_cert if settings.tls else None,
        ssl_keyfile=settings.tls_key if settings.tls else None,
    )


def _end_with(parent: int) -> None:
    """End when the supervisor has ended; for systems that do not tell a process of its parent's death."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


def main() -> None:
    parser = argparse.ArgumentParser(prog="brigada.server.worker")
    parser.add_argument("--socket", type=int, required=True, help="descriptor of the listening socket")
    parser.add_argument(
        "--ready", type=int, required=True, help="descriptor of the pipe that reports readiness"
    )
    parser.add_argument("--app", required=True, help="module:function that makes the application")
    arguments = parser.parse_args()
    if sys.platform != "linux":
        threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    # Importing takes most of a start, so it is done while the supervisor still prepares the database.
    module, _, name = arguments.app.partition(":")
    # Modules and classes are never garbage: looking for it among them takes a sixth of the import, and later a pause of
    # each full collection.
    gc.disable()
    factory = cast("Factory", getattr(import_module(module), name))
    gc.freeze()
    gc.enable()
    line = sys.stdin.buffer.readline()
    if not line:
        return  # the supervisor gave up
    settings = from_line(line)
    configure(settings)
    listener = socket.socket(fileno=arguments.socket)
    _Server(server_config(factory(settings), settings), arguments.ready).run([listener])


if __name__ == "__main__":
    main()
