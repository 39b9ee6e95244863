"""The API's description: security, common refusals, tags, examples."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from brigada.auth.errors import CsrfMissing, KeyReused
from brigada.errors import (
    BadRequest,
    Conflict,
    Invalid,
    MethodNotAllowed,
    OutcomeUnknown,
    PayloadTooLarge,
    TooManyRequests,
    Unavailable,
)
from brigada.schema import ProblemOut, problems

DESCRIPTION = """
Sign in with `POST /api/v1/auth/login`: it sets cookies. Every request that changes something then carries the header
`X-CSRF-TOKEN` with the value of the cookie `csrf_access_token` (of `csrf_refresh_token` for `/auth/refresh`); this
page does so by itself. Outside systems send `Authorization: Bearer …` with a key from `POST /api/v1/tokens`.

Refusals are `application/problem+json` with a stable `code`, in Russian or English by `Accept-Language`.
Any POST may carry `Idempotency-Key`: repeated within 24 hours it gets the first answer and does nothing else. Positions
need none: a fix that was stored before is not stored again.
Lists take `limit` and `cursor`. The socket `/api/v1/ws` is described in docs/realtime.md.
""".strip()

TAGS = {
    "auth": "Sign-in, sessions, own password",
    "users": "Accounts",
    "cars": "Cars",
    "stations": "Stations",
    "hospitals": "Hospitals",
    "teams": "Teams and shifts",
    "calls": "Calls",
    "assignments": "One team sent to one call",
    "notifications": "What a person was told",
    "events": "The journal",
    "integration": "Keys of outside systems",
    "realtime": "Snapshot and socket",
    "service": "Health and measures",
}

WITHOUT_KEY = frozenset(f"/api/v1/auth/{name}" for name in ("login", "refresh", "logout"))
"""What is asked before anybody is known, or to know nobody any more: no account keeps keys for it."""

WITHOUT_NEED = ("/api/v1/positions", "/api/v1/positions/osmand/{device_token}")
"""A fix has its team and its moment for a key: one sent again is the same one, and nothing is kept for repetitions."""

_ALWAYS = problems(BadRequest, MethodNotAllowed, PayloadTooLarge, Invalid, Unavailable)
_CHANGES = problems(CsrfMissing, Conflict, KeyReused, TooManyRequests, OutcomeUnknown)
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key within 24 hours gets the first answer and does nothing else.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}


def describe(app: FastAPI) -> None:
    """Make the app's OpenAPI document complete; built at the first request for it, then kept."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=DESCRIPTION,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["ProblemOut"] = problem
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = {
        "cookie": {"type": "apiKey", "in": "cookie", "name": "access_token"},
        "key": {"type": "http", "scheme": "bearer"},
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)
    return document


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    if "422" in responses and "HTTPValidationError" in str(responses["422"]):
        del responses["422"]  # the framework's own shape, which nothing here answers with
    for source in (_ALWAYS, _CHANGES if method != "get" else {}):
        for status, entry in source.items():
            known = responses.setdefault(str(status), {**entry, "description": ""})
            if entry["description"] not in known["description"]:
                known["description"] = "; ".join(
                    part for part in (known["description"], entry["description"]) if part
                )
    if "401" in responses and path not in {"/api/v1/auth/login", "/api/v1/auth/refresh"}:
        operation["security"] = [{"cookie": []}, {"key": []}]
    if method == "post" and path not in WITHOUT_KEY and path not in WITHOUT_NEED:
        operation.setdefault("parameters", []).append(_IDEMPOTENCY)
