"""Logs: one JSON object a line, with the request's id, and without anybody's personal data.

Modules log through the standard `logging`; this module decides what a line looks like.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from brigada.kit.tracing import request_id
from brigada.settings import Settings

HIDDEN = "[hidden]"

PERSONAL = frozenset(
    {
        *(
            "name",
            "surname",
            "patronym",
            "patient",
            "age",
            "sex",
            "phone",
            "caller_phone",
            "address",
            "comment",
        ),
        *(
            "login",
            "password",
            "token",
            "access_token",
            "refresh_token",
            "csrf_token",
            "cookie",
            "authorization",
        ),
        *("client", "ip", "body", "location", "lat", "lon", "url", "query", "path"),
    }
)
"""Keys whose values are not written, whoever logs them by mistake."""

SAFE_MESSAGES: tuple[type[BaseException], ...] = (ConnectionError, TimeoutError, ImportError)
"""Errors whose text is of the system. Others quote what people typed, as database errors do."""


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send every log of the process to `stream` (standard error), in the form that the settings say."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.ExtraAdder(),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
        _hide_personal_data,
    ]
    output: list[Processor]
    if settings.log_json:
        output = [_exception_without_its_text, structlog.processors.JSONRenderer(ensure_ascii=False)]
    else:
        output = [
            _exception_without_its_text,  # the renderer's own tracebacks show the variables of every frame
            structlog.dev.ConsoleRenderer(colors=(stream or sys.stderr).isatty()),
        ]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *output],
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    # Its lines hold whole addresses with their queries; the service writes one line a request itself.
    logging.getLogger("uvicorn.access").disabled = True
    # Statements and their parameters would be patients' data.
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
    # Addresses of requests to a geocoder hold what was typed, those to a router where the patient is.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _add_request_id(_: object, __: str, event: EventDict) -> EventDict:
    current = request_id.get()
    if current:
        event["request_id"] = current
    return event


def _hide_personal_data(_: object, __: str, event: EventDict) -> EventDict:
    event.pop("color_message", None)  # uvicorn's second copy of its text, for terminals
    return {key: HIDDEN if key in PERSONAL else _hide_inside(value) for key, value in event.items()}


def _hide_inside(value: Any) -> Any:  # noqa: ANN401  # whatever a caller logs
    if isinstance(value, MutableMapping):
        return {key: HIDDEN if key in PERSONAL else _hide_inside(inner) for key, inner in value.items()}
    return value


def _exception_without_its_text(_: object, __: str, event: EventDict) -> EventDict:
    """Write where an error came from, and its own words only when they can't quote personal data."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = _describe(error)
        if error.__cause__ is not None:
            event["cause"] = _describe(error.__cause__)
        event["trace"] = [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
    return event


def _describe(error: BaseException) -> str:
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    return f"{kind}: {error}" if isinstance(error, SAFE_MESSAGES) else kind
