"""What endpoints ask for: the state, the caller with a permission, a command, a session for reading."""

import ipaddress
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Path, Query, Request
from pydantic import AfterValidator
from starlette.requests import HTTPConnection

from brigada.auth.errors import CsrfMissing
from brigada.auth.gate import principal_of_key, principal_of_session
from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.db.engine import ReadSession
from brigada.errors import Forbidden, Language, NotSignedIn, pick_language
from brigada.events.unit_of_work import UnitOfWork
from brigada.kit.pagination import DEFAULT_LIMIT, MAX_LIMIT
from brigada.settings import Settings
from brigada.state import State

ACCESS_COOKIE, REFRESH_COOKIE = "access_token", "refresh_token"
CSRF_ACCESS_COOKIE, CSRF_REFRESH_COOKIE = "csrf_access_token", "csrf_refresh_token"
CSRF_HEADER = "X-CSRF-TOKEN"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
INT8_MAX = 2**63 - 1


def state_of(connection: HTTPConnection) -> State:
    """Return the state of the app that serves this connection."""
    return cast("State", connection.app.state.brigada)


async def get_state(request: Request) -> State:
    return state_of(request)


AppState = Annotated[State, Depends(get_state)]


def language_of(request: Request) -> Language:
    """Return the language in which the caller wants to be told."""
    return pick_language(request.headers.get("accept-language"))


async def get_language(request: Request) -> Language:
    return language_of(request)


CallerLanguage = Annotated[Language, Depends(get_language)]


def client_ip(connection: HTTPConnection, settings: Settings) -> str:
    """Return the caller's address; `X-Forwarded-For` is believed only from configured proxies, from the right."""
    peer = connection.client.host if connection.client else "127.0.0.1"
    networks = [ipaddress.ip_network(network) for network in settings.trusted_proxies]
    hops = [hop.strip() for hop in connection.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
    address = peer
    while networks and hops and _inside(address, networks):
        candidate = hops.pop()
        try:
            ipaddress.ip_address(candidate)
        except ValueError:
            break
        address = candidate
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return "127.0.0.1"  # a unix socket or a test transport has no address


def _inside(address: str, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


async def authenticate(connection: HTTPConnection, *, csrf_checked: bool) -> Principal:
    """Return who this is, by the access cookie or by a key in `Authorization: Bearer`.

    Raises:
        NotSignedIn: neither, or not good any more.
        CsrfMissing: a changing request by cookie without the matching header.
    """
    state = state_of(connection)
    scheme, _, key = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key:
        return await principal_of_key(state.database, key.strip())
    token = connection.cookies.get(ACCESS_COOKIE)
    if not token:
        raise NotSignedIn
    claims = state.tokens.read("access", token)
    if csrf_checked and connection.headers.get(CSRF_HEADER) != claims.csrf:
        raise CsrfMissing
    return await principal_of_session(state.database, claims)


class Gate:
    """Lets through callers who hold at least one of the permissions; found again by the permission matrix test."""

    def __init__(self, *any_of: Permission) -> None:
        self.any_of = frozenset(any_of)

    async def __call__(self, request: Request) -> Principal:
        principal = await authenticate(request, csrf_checked=request.method not in SAFE_METHODS)
        if not (self.any_of & principal.permissions):
            raise Forbidden
        request.state.principal = principal
        return principal


def allowed(*any_of: Permission) -> Principal:
    """Dependency: the caller, who holds at least one of these permissions."""
    return cast("Principal", Depends(Gate(*any_of)))


@dataclass(frozen=True, slots=True)
class Command:
    """A change under way: who asks, and the unit of work that the route class will commit."""

    principal: Principal
    uow: UnitOfWork


class CommandGate(Gate):
    """As `Gate`, and opens the request's unit of work (idempotent when the caller sent a key)."""

    def __init__(self, *any_of: Permission) -> None:
        super().__init__(*any_of)

    async def open(self, request: Request) -> Command:
        from brigada.edge import open_command  # the edge needs these dependencies itself

        principal = await self(request)
        return Command(principal, await open_command(request, principal))


def command(*any_of: Permission) -> Command:
    """Dependency: a command of a caller who holds at least one of these permissions."""
    gate = CommandGate(*any_of)

    async def opened(request: Request) -> Command:
        return await gate.open(request)

    opened.gate = gate  # type: ignore[attr-defined]  # read by the permission matrix test
    return cast("Command", Depends(opened))


async def public_unit_of_work(request: Request) -> UnitOfWork:
    """Dependency of the few commands that need no session (sign-in)."""
    from brigada.edge import open_command

    return await open_command(request, None)


PublicUow = Annotated[UnitOfWork, Depends(public_unit_of_work)]


async def read_session(state: AppState) -> AsyncIterator[ReadSession]:
    async with state.database.read() as session:
        yield session


Reads = Annotated[ReadSession, Depends(read_session, scope="function")]


def _no_null(text: str) -> str:
    if "\x00" in text:
        message = "text must not hold a null character"
        raise ValueError(message)
    return text


Id = Annotated[int, Path(ge=1, le=INT8_MAX)]
QueryId = Annotated[int, Query(ge=1, le=INT8_MAX)]
QueryText = Annotated[str, Query(max_length=200), AfterValidator(_no_null)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows of the page.")]
Cursor = Annotated[
    str | None,
    Query(max_length=400, description="`next_cursor` of the page before."),
    AfterValidator(lambda c: c and _no_null(c)),
]
FIRST_LIMIT = DEFAULT_LIMIT
