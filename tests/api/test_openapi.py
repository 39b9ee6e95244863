"""The API is what its OpenAPI document says: requests made from the document get only answers that it declares."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest
import requests
import schemathesis
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import text

from brigada.schema import Schema
from brigada.settings import Settings
from stage import API, Caller, Stage, running_app, seeded_tables, set_stage, settings_for_tests

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
LEFT_OUT = {
    "/auth/logout", "/auth/refresh", "/auth/login", "/auth/sessions/{session_id}", "/auth/password",
    "/users/{user_id}/sessions", "/metrics",
}  # fmt: skip
"""These end the very session that asks, or are limited to a few requests a minute: asked by people who need none."""

ABSENT = {503}
"""Where no region is installed and no router runs, places and routes may say so; `internal` is never right."""


@dataclass
class Fuzzed:
    """The app in a thread of its own, and whoever sends."""

    portal: BlockingPortal
    stage: Stage
    document: dict[str, Any]

    def send(self, caller: Caller, request: requests.PreparedRequest) -> Any:
        body = request.body if isinstance(request.body, bytes | type(None)) else str(request.body).encode()
        headers = {
            name: str(value)
            for name, value in request.headers.items()
            if name.lower() not in {"cookie", "content-length", "authorization"}
        }
        method, url = request.method or "GET", str(request.url)

        async def ask() -> httpx.Response:
            return await caller.client.request(method, url, content=body, headers=headers)

        return self.portal.call(ask)


@pytest.fixture(scope="module")
def fuzzed(shared_database_url: str, stage_settings: Settings, described_app: FastAPI) -> Iterator[Fuzzed]:
    redis_url = stage_settings.redis_url.get_secret_value()
    quiet = settings_for_tests(shared_database_url, redis_url, public_limit_per_address=1_000_000)
    with (
        start_blocking_portal("asyncio") as portal,
        portal.wrap_async_context_manager(running_app(quiet)) as app,
    ):

        async def prepare() -> Stage:
            seeded = await seeded_tables(app)
            async with app.state.brigada.database.engine.begin() as connection:
                # Small numbers stay free, so that made-up requests do not end the sessions that send them.
                await connection.execute(text("ALTER TABLE users ALTER COLUMN id RESTART WITH 1000000"))
            return await set_stage(app, seeded)

        stage = portal.call(prepare)
        yield Fuzzed(portal, stage, described_app.openapi())
        portal.call(stage.close)


def test_the_document_declares_every_operation_with_its_refusals(described_app: FastAPI) -> None:
    document = described_app.openapi()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation.get("summary"), where
            assert operation["responses"], where
            if (
                operation["tags"] != ["service"]
                and "osmand" not in path
                and not path.endswith(("/login", "/refresh"))
            ):
                assert "security" in operation, where
                assert path.endswith("/logout") or {"401", "403"} <= set(operation["responses"]), where
            if method == "post":
                names = [one["name"] for one in operation.get("parameters", ())]
                # Nobody is known yet or any more; or a position, which is the same one when it is sent again.
                without = path.endswith(("/login", "/refresh", "/logout")) or path.startswith(
                    "/api/v1/positions"
                )
                assert ("Idempotency-Key" in names) != without, where


def bodies(document: dict[str, Any]) -> dict[str, Any]:
    """Return the examples of every JSON body, by its operation."""
    found = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content and "osmand" not in path:  # the trackers' format, not ours
                schema = content["application/json"]["schema"]
                for name in re.findall(r"#/components/schemas/(\w+)", str(schema)):
                    schema = document["components"]["schemas"][name]
                found[f"{method} {path}"] = schema.get("examples", content["application/json"].get("example"))
    return found


def test_every_body_has_an_example_to_begin_with(described_app: FastAPI) -> None:
    """What `Try it out` fills in else is made up from the types, and such a request only gets a refusal."""
    found = bodies(described_app.openapi())
    assert len(found) > 20
    assert [operation for operation, examples in found.items() if not examples] == []


def schemas(kind: type[Schema]) -> Iterator[type[Schema]]:
    for one in kind.__subclasses__():
        yield one
        yield from schemas(one)


def test_every_example_is_taken_by_its_own_schema(described_app: FastAPI) -> None:
    assert described_app.openapi()
    checked = 0
    for kind in schemas(Schema):
        extra: Any = kind.model_config.get("json_schema_extra")
        for example in extra.get("examples", []) if isinstance(extra, dict) else []:
            kind.model_validate_json(msgspec.json.encode(example))
            checked += 1
    assert checked > 20


def test_every_operation_has_a_short_name_of_its_own(described_app: FastAPI) -> None:
    """Generated clients name their methods by it."""
    document = described_app.openapi()
    names = [one["operationId"] for operations in document["paths"].values() for one in operations.values()]
    assert len(names) == len(set(names))
    assert all(len(name) <= 40 and "api_v1" not in name for name in names)


def test_a_refusal_of_ones_own_is_declared_beside_the_usual_ones(described_app: FastAPI) -> None:
    answers = described_app.openapi()["paths"]["/api/v1/calls"]["post"]["responses"]
    assert "`criticality_needed`" in answers["422"]["description"]
    assert "`invalid`" in answers["422"]["description"]
    assert "`outcome_unknown`" in answers["503"]["description"]


def fuzz(fuzzed: Fuzzed, caller: Caller, examples: int, *, left_out: bool = False) -> Counter[int]:
    """Make up requests to every operation, or to those left out; return how many answers had which status."""
    schema = schemathesis.openapi.from_dict(fuzzed.document)
    answered: Counter[int] = Counter()
    wrong: list[str] = []
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if (operation.path.removeprefix("/api/v1") in LEFT_OUT) is left_out:
            fuzz_one(fuzzed, caller, operation, examples, answered, wrong)
    assert not wrong, f"{len(wrong)} answers that the document does not declare:\n" + "\n\n".join(wrong[:12])
    return answered


def fuzz_one(
    fuzzed: Fuzzed, caller: Caller, operation: Any, examples: int, answered: Counter[int], wrong: list[str]
) -> None:
    @seed(7)
    @settings(
        max_examples=examples, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case[Any]) -> None:
        kwargs = case.as_transport_kwargs(base_url=API.removesuffix("/api/v1"))
        try:
            words = {name: kwargs[name] for name in kwargs if name in REQUEST_WORDS}
            prepared = requests.Request(**words).prepare()
            response = fuzzed.send(caller, prepared)
        except (ValueError, requests.RequestException, httpx.InvalidURL):
            return  # what no client can send
        answered[response.status_code] += 1
        if response.status_code in ABSENT and response.json()["code"] != "internal":
            assert "503" in operation.definition.raw["responses"]
            return
        try:
            case.validate_response(response, checks=CHECKS)
        except (Failure, FailureGroup) as failure:
            whole = "; ".join(str(one) for one in getattr(failure, "exceptions", [failure]))
            wrong.append(f"{operation.method} {operation.path}: {response.status_code} {whole:.700}")

    ask()


REQUEST_WORDS = {"method", "url", "headers", "params", "data", "json", "files"}


def caller_of(fuzzed: Fuzzed, role: str) -> Caller:
    stage = fuzzed.stage
    return {"dispatcher": stage.petrova, "admin": stage.admin, "worker": stage.crew12.worker}[role]


def test_made_up_requests_get_only_declared_answers(fuzzed: Fuzzed) -> None:
    answered = fuzz(fuzzed, caller_of(fuzzed, "dispatcher"), examples=1)
    assert answered[200] > 5, "the session lives and some requests are good"
    assert answered[401] == 0


@pytest.mark.parametrize("examples", [3, pytest.param(25, marks=pytest.mark.long)])
def test_what_ends_sessions_gets_only_declared_answers_too(fuzzed: Fuzzed, examples: int) -> None:
    """By a stranger, and by a dispatcher who may find herself signed out on the way."""
    for caller in (fuzzed.stage.nobody, fuzzed.stage.ivanova):
        answered = fuzz(fuzzed, caller, examples, left_out=True)
        assert answered.total() > len(LEFT_OUT)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("role", ["dispatcher", "admin", "worker"])
def test_thousands_of_made_up_requests_get_only_declared_answers(fuzzed: Fuzzed, role: str) -> None:
    fuzz(fuzzed, caller_of(fuzzed, role), examples=40)
