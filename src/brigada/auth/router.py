"""`/auth`: sign-in, refresh, sign-out, own password and sessions. `/tokens`: keys of outside systems."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from brigada.auth import keys, service
from brigada.auth.errors import (
    AddressChanged,
    CsrfMissing,
    RefreshReused,
    SessionEnded,
    TokenExpired,
    WrongCredentials,
    WrongPassword,
)
from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.auth.schemas import (
    LoginIn,
    MeOut,
    NewTokenOut,
    PasswordIn,
    SessionList,
    SignedInOut,
    TokenIn,
    TokenList,
)
from brigada.auth.service import TokenPair
from brigada.auth.tokens import Claims
from brigada.deps import (
    ACCESS_COOKIE,
    CSRF_ACCESS_COOKIE,
    CSRF_HEADER,
    CSRF_REFRESH_COOKIE,
    FIRST_LIMIT,
    REFRESH_COOKIE,
    AppState,
    Command,
    Cursor,
    Id,
    Limit,
    PublicUow,
    Reads,
    allowed,
    client_ip,
    command,
)
from brigada.edge import CommandRoute, ShownOnce, idempotency_key, json_response, problem_response
from brigada.errors import Forbidden, NotFound, NotSignedIn, TooManyRequests, pick_language
from brigada.schema import problems
from brigada.state import State

REFRESH_PATH = "/api/v1/auth"
"""The refresh token travels only to where it is needed."""

SESSION_LIMIT = 120
"""Refreshes, or sign-outs, a minute of one session: a page needs one in a quarter of an hour."""

router = APIRouter(prefix="/auth", tags=["auth"], route_class=CommandRoute)
tokens_router = APIRouter(prefix="/tokens", tags=["integration"], route_class=CommandRoute)


def _set_cookies(response: Response, state: State, pair: TokenPair) -> None:
    life = {"access": state.tokens.access_life, "refresh": state.tokens.refresh_life}
    for name, value, kind, path, hidden in (
        # The access cookie lives as long as the session may: an expired token then says so (401 token_expired).
        (ACCESS_COOKIE, pair.access, "refresh", "/", True),
        (REFRESH_COOKIE, pair.refresh, "refresh", REFRESH_PATH, True),
        (CSRF_ACCESS_COOKIE, pair.csrf, "refresh", "/", False),
        (CSRF_REFRESH_COOKIE, pair.csrf, "refresh", "/", False),
    ):
        seconds = int(life[kind].total_seconds())
        response.set_cookie(
            name, value, max_age=seconds, path=path, secure=True, httponly=hidden, samesite="strict"
        )


def _clear_cookies(response: Response) -> None:
    for name, path in (
        (ACCESS_COOKIE, "/"),
        (REFRESH_COOKIE, REFRESH_PATH),
        (CSRF_ACCESS_COOKIE, "/"),
        (CSRF_REFRESH_COOKIE, "/"),
    ):
        response.delete_cookie(name, path=path, secure=True, samesite="strict", httponly="csrf" not in name)


@router.post(
    "/login",
    response_model=SignedInOut,
    summary="Sign in",
    responses=problems(WrongCredentials, TooManyRequests),
)
async def login(body: LoginIn, request: Request, state: AppState, uow: PublicUow) -> Response:
    """Start a session: sets `access_token`, `refresh_token` (HttpOnly) and the two readable CSRF cookies.

    Failed attempts are counted by address and by account; too many of them get 429.
    """
    ip = client_ip(request, state.settings)
    by_address, by_account = f"login:ip:{ip}", f"login:account:{body.login.lower()}"
    # Counted first, given back on success: of a hundred guesses sent at once none slips through uncounted.
    await state.limiter.hit(by_address, state.settings.login_limit_per_address)
    await state.limiter.hit(by_account, state.settings.login_limit_per_account)
    signed_in = await service.sign_in(
        uow,
        state.passwords,
        state.tokens,
        login=body.login,
        password=body.password.get_secret_value(),
        ip=ip,
        user_agent=request.headers.get("user-agent", ""),
    )
    await state.limiter.forgive(by_address)
    await state.limiter.forgive(by_account)
    response = json_response(signed_in.view())
    _set_cookies(response, state, signed_in.pair)
    return response


def _refresh_claims(request: Request, state: State) -> tuple[str, Claims]:
    token = request.cookies.get(REFRESH_COOKIE)
    if not token:
        raise NotSignedIn
    claims = state.tokens.read("refresh", token)
    if request.headers.get(CSRF_HEADER) != claims.csrf:
        raise CsrfMissing
    return token, claims


@router.post(
    "/refresh",
    response_model=SignedInOut,
    summary="Exchange the refresh token for a new pair",
    responses=problems(
        SessionEnded, TokenExpired, RefreshReused, AddressChanged, CsrfMissing, TooManyRequests
    ),
)
async def refresh(request: Request, state: AppState, uow: PublicUow) -> Response:
    """Rotate both tokens. A refresh token used twice ends its whole family; one from another address is refused.

    When no answer came, ask again with the same `Idempotency-Key`: the pair is made once more.
    """
    ip = client_ip(request, state.settings)
    await state.limiter.hit(f"refresh:ip:{ip}", state.settings.public_limit_per_address)
    token, claims = _refresh_claims(request, state)
    await state.limiter.hit(f"refresh:session:{claims.session_id}", SESSION_LIMIT)
    try:
        signed_in = await service.refresh(
            uow,
            state.tokens,
            token=token,
            ip=ip,
            roaming_roles=frozenset(state.settings.refresh_roaming_roles),
            key=idempotency_key(request),
        )
    except RefreshReused as reused:
        await uow.rollback()
        await service.end_reused_family(uow, claims)
        response = problem_response(reused, pick_language(request.headers.get("accept-language")))
        _clear_cookies(response)
        return response
    response = json_response(signed_in.view())
    _set_cookies(response, state, signed_in.pair)
    return response


@router.post(
    "/logout",
    status_code=204,
    response_class=Response,
    summary="Sign out",
    responses=problems(NotSignedIn, SessionEnded, CsrfMissing, TooManyRequests),
)
async def logout(request: Request, state: AppState, uow: PublicUow) -> Response:
    """End the session at once, its open sockets too. Either token will do."""
    await state.limiter.hit(
        f"logout:ip:{client_ip(request, state.settings)}", state.settings.public_limit_per_address
    )
    access = request.cookies.get(ACCESS_COOKIE)
    try:
        claims = state.tokens.read("access", access or "")
    except NotSignedIn:
        _, claims = _refresh_claims(request, state)
    if request.headers.get(CSRF_HEADER) != claims.csrf:
        raise CsrfMissing
    await state.limiter.hit(f"logout:session:{claims.session_id}", SESSION_LIMIT)
    await service.sign_out(uow, claims)
    response = Response(status_code=204)
    _clear_cookies(response)
    return response


@router.get("/me", response_model=MeOut, summary="Who am I", responses=problems(NotSignedIn, Forbidden))
async def me(principal: Annotated[Principal, allowed(Permission.OWN_ACCOUNT)], state: AppState) -> Response:
    return json_response(await service.me(state.database, principal))


@router.post(
    "/password",
    status_code=204,
    response_class=Response,
    summary="Change the own password",
    responses=problems(NotSignedIn, WrongPassword, CsrfMissing, TooManyRequests),
)
async def change_password(
    body: PasswordIn, state: AppState, cmd: Annotated[Command, command(Permission.OWN_ACCOUNT)]
) -> Response:
    """Set a new password; all other sessions of this account end."""
    name = f"password:{cmd.principal.account}"
    await state.limiter.hit(name, state.settings.login_limit_per_account)
    await service.change_password(
        cmd.uow,
        state.passwords,
        cmd.principal,
        current=body.current_password.get_secret_value(),
        new=body.new_password.get_secret_value(),
    )
    await state.limiter.forgive(name)
    return Response(status_code=204)


@router.get(
    "/sessions",
    response_model=SessionList,
    summary="Own sessions",
    responses=problems(NotSignedIn, Forbidden),
)
async def sessions(
    principal: Annotated[Principal, allowed(Permission.OWN_ACCOUNT)], session: Reads, state: AppState
) -> Response:
    return json_response(
        {"items": await service.own_sessions(session, principal, state.clock), "next_cursor": None}
    )


@router.delete(
    "/sessions/{session_id}",
    status_code=204,
    response_class=Response,
    summary="End one of the own sessions",
    responses=problems(NotSignedIn, NotFound, CsrfMissing),
)
async def end_session(session_id: UUID, cmd: Annotated[Command, command(Permission.OWN_ACCOUNT)]) -> Response:
    await service.end_own_session(cmd.uow, cmd.principal, session_id)
    return Response(status_code=204)


@tokens_router.get(
    "",
    response_model=TokenList,
    summary="Keys of outside systems",
    responses=problems(NotSignedIn, Forbidden),
)
async def list_tokens(
    principal: Annotated[Principal, allowed(Permission.TOKENS_WRITE)],
    session: Reads,
    limit: Limit = FIRST_LIMIT,
    cursor: Cursor = None,
) -> Response:
    return json_response(await keys.list_keys(session, cursor=cursor, limit=limit))


@tokens_router.post(
    "",
    status_code=201,
    response_model=NewTokenOut,
    summary="Make a key for an outside system",
    responses=problems(NotSignedIn, Forbidden, CsrfMissing),
)
async def create_token(body: TokenIn, cmd: Annotated[Command, command(Permission.TOKENS_WRITE)]) -> Response:
    """The secret is shown in this answer and never again; only its hash is kept. A repeated request gets none."""
    return ShownOnce(
        await keys.create_key(
            cmd.uow, cmd.principal, name=body.name, scopes=list(body.scopes), expires_at=body.expires_at
        ),
        201,
        hide=("token",),
    )


@tokens_router.delete(
    "/{token_id}",
    status_code=204,
    response_class=Response,
    summary="Revoke a key",
    responses=problems(NotSignedIn, Forbidden, NotFound, CsrfMissing),
)
async def revoke_token(token_id: Id, cmd: Annotated[Command, command(Permission.TOKENS_WRITE)]) -> Response:
    """Access by the key ends at once."""
    await keys.revoke_key(cmd.uow, token_id)
    return Response(status_code=204)
