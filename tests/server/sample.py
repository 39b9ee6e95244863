"""A small application, to try the processes with."""

import os

from starlette.types import ASGIApp, Receive, Scope, Send

from brigada.settings import Settings


def create_app(settings: Settings) -> ASGIApp:
    """Answers each request with the process's number, the caller's address and one setting."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        if scope["type"] == "http":
            body = f"{os.getpid()} {scope['client'][0]} {scope['scheme']} {settings.time_zone}".encode()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": body})

    return app


def create_broken_app(settings: Settings) -> ASGIApp:
    """Fails, as an application with a bug does."""
    raise RuntimeError("the sample is broken")
