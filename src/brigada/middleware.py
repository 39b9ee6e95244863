"""What every request passes: an id, a size limit, security headers, measures, and the last net for bugs."""

import logging
import time
from secrets import token_hex

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from brigada.deps import language_of
from brigada.edge import is_database_away, problem_response
from brigada.errors import PayloadTooLarge, Problem, Unavailable
from brigada.kit.tracing import request_id

_log = logging.getLogger("brigada.request")

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(self)",
    "strict-transport-security": "max-age=31536000",
}
API_CSP = "default-src 'none'; frame-ancestors 'none'"
"""An answer of the API is data: should a browser ever show it as a page, nothing in it runs."""


class Meters:
    """The measures of one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.requests = Counter(
            "brigada_requests", "Requests answered.", ["method", "route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "brigada_request_seconds",
            "Time to answer a request, seconds.",
            ["route"],
            registry=registry,
            buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )
        self.sockets = Gauge(
            "brigada_sockets", "Open sockets.", ["role"], registry=registry, multiprocess_mode="livesum"
        )
        self.event_lag = Gauge(
            "brigada_event_lag_seconds",
            "Age of the newest event when this process read it.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self.queue_depth = Gauge(
            "brigada_socket_queue_events",
            "Events waiting in the fullest queue of a socket.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self.pool_in_use = Gauge(
            "brigada_database_pool_in_use",
            "Connections to PostgreSQL in use.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.pool_limit = Gauge(
            "brigada_database_pool_limit",
            "Connections to PostgreSQL that may be open.",
            registry=registry,
            multiprocess_mode="livesum",
        )

    def note_pool(self, *, in_use: int, limit: int) -> None:
        """Note how busy the connections to PostgreSQL are."""
        self.pool_in_use.set(in_use)
        self.pool_limit.set(limit)


class EdgeMiddleware:
    """The outermost layer, in plain ASGI: about 15 µs a request."""

    def __init__(self, app: ASGIApp, *, meters: Meters, max_body_bytes: int) -> None:
        self._app = app
        self._meters = meters
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        given = Headers(scope=scope).get("x-request-id", "")
        trace = (
            given
            if given.isascii() and given.replace("-", "").isalnum() and len(given) <= 64
            else token_hex(8)
        )
        token = request_id.set(trace)
        status = 500
        answered = False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("content-security-policy", API_CSP)
                headers.setdefault("cache-control", "no-store")
                headers["x-request-id"] = trace
            await send(message)

        limited = _LimitedBody(receive, self._max_body_bytes)

        async def send_unless_cut(message: Message) -> None:
            # Whoever parsed the cut body has an answer of its own ("not JSON"); the true one is sent below.
            if not limited.exceeded:
                await send_with_headers(message)

        problem: Problem | None
        try:
            if limited.declares_too_much(scope):
                limited.exceeded = True
            else:
                await self._app(scope, limited, send_unless_cut)
            problem = PayloadTooLarge(limit_bytes=self._max_body_bytes) if limited.exceeded else None
        except Exception as error:
            if answered:
                raise
            problem = _problem_of(error)
            if problem.status >= 500 and not isinstance(problem, Unavailable):
                _log.exception("unhandled error", exc_info=error)
        if problem is not None and not answered:
            response = problem_response(problem, language_of(Request(scope)))
            await response(scope, receive, send_with_headers)
        self._note(scope, status, time.perf_counter() - started)
        request_id.reset(token)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        self._meters.requests.labels(scope["method"], route, status).inc()
        self._meters.seconds.labels(route).observe(seconds)
        _log.info(
            "request",
            extra={
                "method": scope["method"],
                "route": route,  # the pattern, not the address: an address may hold what people typed
                "status": status,
                "ms": round(seconds * 1000, 1),
            },
        )


class _LimitedBody:
    """The request's body, cut when it grows over the limit."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0
        self.exceeded = False

    def declares_too_much(self, scope: Scope) -> bool:
        length = Headers(scope=scope).get("content-length", "")
        return length.isdecimal() and (len(length) > 18 or int(length) > self._limit)

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            if self._seen > self._limit:
                self.exceeded = True
                raise PayloadTooLarge(limit_bytes=self._limit)
        return message


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if is_database_away(error):
        return Unavailable()
    return Problem()
