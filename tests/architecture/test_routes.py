"""Every route has a decision in the table of access, and the decision is the one that its gate makes."""

from fastapi import FastAPI

from access_model import ACCESS, OPEN_PAGES, PUBLIC
from brigada.api import PREFIX
from brigada.auth.permissions import ROLE_PERMISSIONS, TOKEN_SCOPES, Permission
from routes import Served, served

READS_BY_POST = frozenset({"POST /calls/duplicates"})
"""Questions whose words are nobody else's: they travel in the body, and change nothing."""


def api_routes(app: FastAPI) -> dict[str, Served]:
    found = {}
    for route in served(app):
        if route.path.startswith(PREFIX):
            found[f"{route.method} {route.path.removeprefix(PREFIX)}"] = route
    return found


def holders(any_of: frozenset[Permission]) -> set[str]:
    held = {**ROLE_PERMISSIONS, **TOKEN_SCOPES}
    return {name for name, permissions in held.items() if permissions & any_of}


def test_every_route_has_a_decision_in_the_table(described_app: FastAPI) -> None:
    assert set(api_routes(described_app)) == set(ACCESS)


def test_every_route_outside_the_api_is_known_or_a_page_of_the_console(described_app: FastAPI) -> None:
    outside = {route.name for route in served(described_app) if not route.path.startswith(PREFIX)}
    assert outside >= OPEN_PAGES
    documented = {
        route.name
        for route in served(described_app)
        if not route.path.startswith(PREFIX) and route.in_documents
    }
    assert documented <= OPEN_PAGES


def test_every_service_page_without_a_session_is_limited_by_address(described_app: FastAPI) -> None:
    pages = {name.removeprefix("GET ") for name in OPEN_PAGES - {"GET /api/openapi.json"}}
    for route in served(described_app):
        if route.path.removeprefix(PREFIX) in pages:
            assert route.limited, route.name


def test_every_gate_lets_in_exactly_those_whom_the_table_names(described_app: FastAPI) -> None:
    for name, route in api_routes(described_app).items():
        if ACCESS[name] == PUBLIC or route.method == "WS":
            assert route.any_of is None
        else:
            assert route.any_of is not None, f"{name} has no gate"
            assert holders(route.any_of) == set(ACCESS[name].split()), name


def test_every_route_that_changes_something_is_a_command(described_app: FastAPI) -> None:
    for name, route in api_routes(described_app).items():
        if name in READS_BY_POST:
            assert not route.command, f"{name} changes nothing"
        # Positions are stored in batches by their intake, whatever way they came.
        elif route.method not in {"GET", "WS"} and not name.startswith("POST /positions"):
            assert route.command, f"{name} has no unit of work"


def test_every_permission_is_asked_for_or_belongs_to_a_part_to_come(described_app: FastAPI) -> None:
    asked = frozenset().union(*(route.any_of or frozenset() for route in served(described_app)))
    given = frozenset().union(*ROLE_PERMISSIONS.values(), *TOKEN_SCOPES.values())
    assert set(Permission) == given, "a permission that nobody has"
    assert asked <= given
