"""What the app serves, read from the app itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from brigada.auth.permissions import Permission
from brigada.deps import Gate


@dataclass(frozen=True)
class Served:
    """One method of one path, and the permissions of which one lets in (None: no gate)."""

    method: str
    path: str
    any_of: frozenset[Permission] | None
    command: bool
    in_documents: bool
    limited: bool

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def served(app: FastAPI) -> list[Served]:
    """Return everything that the app serves, sockets too."""
    return [one for route in app.routes for one in _of(route)]


def _of(route: Any) -> Iterator[Served]:
    if hasattr(route, "effective_candidates"):
        for candidate in route.effective_candidates():
            yield from _of(candidate)
        return
    original = getattr(route, "original_route", route)
    dependant = getattr(original, "dependant", None)
    calls = list(_calls(dependant)) if dependant is not None else []
    gates = [gate for call in calls if (gate := _gate(call)) is not None]
    any_of = frozenset().union(*(gate.any_of for gate in gates)) if gates else None
    command = any(
        hasattr(call, "gate") or getattr(call, "__name__", "") == "public_unit_of_work" for call in calls
    )
    limited = any(getattr(call, "__name__", "") == "limited" for call in calls)
    methods = getattr(original, "methods", None) or ("WS",)
    for method in sorted(set(methods) - {"HEAD"}):
        path = route.path or route.starlette_route.path  # of a socket only the inner route has it
        yield Served(
            method, path, any_of, command, bool(getattr(original, "include_in_schema", False)), limited
        )


def _calls(dependant: Any) -> Iterator[Any]:
    for inner in dependant.dependencies:
        if inner.call is not None:
            yield inner.call
        yield from _calls(inner)


def _gate(call: Any) -> Gate | None:
    if isinstance(call, Gate):
        return call
    gate: Gate | None = getattr(call, "gate", None)
    return gate
