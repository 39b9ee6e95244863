"""The edge of the service: here commands are committed, repeated answers replayed, refusals rendered.

Every router uses `CommandRoute`. What happens to a request that changes something:

1. The gate lets the caller through and opens a unit of work (`deps.command`).
2. With an `Idempotency-Key`, the key is claimed inside that transaction. Whoever claims second waits for the first to
   commit and then gets its answer; who won is decided by the primary key of `idempotency_keys`.
3. The endpoint runs. A refusal rolls back to the savepoint behind the claim, and is remembered as the answer.
4. The commit happens before the answer leaves: a client that reads 201 has a stored call.
5. A deadlock or a serialization failure (another command won, and PostgreSQL chose this one to give way) starts over;
   so does, once, what a constraint stopped: the checks then see the winner, and the refusal shows it.
"""

import hashlib
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn

import asyncpg
import msgspec
from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncSessionTransaction

from brigada.auth.errors import KeyReused
from brigada.auth.principal import Principal
from brigada.deps import SAFE_METHODS, language_of, state_of
from brigada.errors import MEDIA_TYPE, Conflict, Invalid, Language, Problem, Unavailable
from brigada.events.log import SYSTEM
from brigada.events.unit_of_work import UnitOfWork
from brigada.kit.tracing import request_id

KEY_LIFE = timedelta(hours=24)
TRIES = 4
"""Deadlocks need two commands that lock in different orders; ours lock in one order, so four tries are plenty."""
KEY_HEADER = "Idempotency-Key"
KEY_MAX_CHARS = 200
WARNING_HEADER = "X-Brigada-Warning"
"""What an answer warns of; remembered with it."""
REMEMBERED_REFUSALS = frozenset({404, 409})
"""Refusals that are an answer about the world. 401, 403, 422, 429 and 503 are not: the same key may be tried again."""

_ENCODER = msgspec.json.Encoder()

_CLAIM = text(
    """
    INSERT INTO idempotency_keys AS k (account, key, fingerprint, created_at)
    VALUES (:account, :key, :fingerprint, :now)
    ON CONFLICT (account, key) DO UPDATE
        SET fingerprint = excluded.fingerprint, created_at = excluded.created_at,
            status = NULL, body = NULL, media_type = NULL, warning = NULL
        WHERE k.created_at < :oldest
    RETURNING key
    """
)
_RECALL = text(
    "SELECT fingerprint, status, body, media_type, warning FROM idempotency_keys"
    " WHERE account = :account AND key = :key"
)
_REMEMBER = text(
    "UPDATE idempotency_keys SET status = :status, body = :body, media_type = :media_type, warning = :warning"
    " WHERE account = :account AND key = :key"
)


def json_response(content: Any, status: int = 200) -> Response:  # noqa: ANN401 -- whatever msgspec can encode
    """Return JSON of plain data (dicts, lists, structs, aware times), about ten times faster than a model dump."""
    return Response(_ENCODER.encode(content), status, media_type="application/json")


class ShownOnce(Response):
    """JSON that is sent once: what a repetition of the request gets is `remembered`, without the secret."""

    def __init__(self, content: dict[str, Any], status: int, *, hide: Iterable[str]) -> None:
        super().__init__(_ENCODER.encode(content), status, media_type="application/json")
        self.remembered = _ENCODER.encode({**content, **dict.fromkeys(hide, "")})


def problem_response(problem: Problem, language: Language) -> Response:
    """Return a refusal as problem+json."""
    body = _ENCODER.encode(problem.body(language))
    return Response(body, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


@dataclass(slots=True)
class _Open:
    uow: UnitOfWork
    account: str | None = None
    key: str | None = None
    savepoint: AsyncSessionTransaction | None = None


class _ReplayError(Exception):
    """The key was answered before."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


def idempotency_key(request: Request) -> str | None:
    """The key by which the caller will know this request again, if it sent one.

    Raises:
        Invalid: the key is empty or too long.
    """
    key = request.headers.get(KEY_HEADER)
    if key is not None and not 0 < len(key) <= KEY_MAX_CHARS:
        raise Invalid.field(
            "header",
            KEY_HEADER,
            code="length",
            ru=f"От 1 до {KEY_MAX_CHARS} символов.",
            en=f"1 to {KEY_MAX_CHARS} characters.",
        )
    return key


async def open_command(request: Request, principal: Principal | None) -> UnitOfWork:
    """Open the request's unit of work; claim its idempotency key, if it has one.

    Raises:
        KeyReused: the key belongs to another request of this caller.
        Invalid: the key is empty or too long.
    """
    state = state_of(request)
    uow = state.unit_of_work(actor=principal.actor if principal else SYSTEM, cause=request_id.get())
    opened = _Open(uow)
    request.state.opened = opened
    key = idempotency_key(request) if principal is not None and request.method == "POST" else None
    if key is None or principal is None:
        return uow
    opened.account, opened.key = principal.account, key
    fingerprint = hashlib.sha256(
        b"\n".join((request.method.encode(), str(request.url.path).encode(), await request.body()))
    ).digest()
    name = {"account": opened.account, "key": key}
    claimed = await uow.session.execute(
        _CLAIM, {**name, "fingerprint": fingerprint, "now": uow.now, "oldest": uow.now - KEY_LIFE}
    )
    if claimed.first() is None:
        row = (await uow.session.execute(_RECALL, name)).one()
        if row.fingerprint != fingerprint:
            opened.key = None
            raise KeyReused
        headers = {"Idempotency-Replayed": "true"}
        if row.warning is not None:
            headers[WARNING_HEADER] = row.warning
        raise _ReplayError(Response(row.body, row.status, headers=headers, media_type=row.media_type))
    opened.savepoint = await uow.session.begin_nested()
    return uow


class CommandRoute(APIRoute):
    """The route class of every router."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint = super().get_route_handler()

        async def run(request: Request) -> Response:
            if request.method in SAFE_METHODS:
                return await _read(endpoint, request)
            final = False
            for attempt in range(1, TRIES + 1):
                try:
                    return await _run_once(endpoint, request, final=final or attempt == TRIES)
                except _LostRaceError:
                    final = True
                except DBAPIError as error:
                    if _sqlstate(error) not in _GIVE_WAY or attempt == TRIES:
                        _refuse_for(error, state_of(request).conflicts)
            raise AssertionError  # the last try above returns or raises

        return run


async def _read(endpoint: Callable[[Request], Coroutine[Any, Any, Response]], request: Request) -> Response:
    try:
        return await endpoint(request)
    except DBAPIError as error:
        _refuse_for(error, state_of(request).conflicts)


class _LostRaceError(Exception):
    """A constraint stopped what the checks had let through: another command was quicker between the two."""


async def _run_once(
    endpoint: Callable[[Request], Coroutine[Any, Any, Response]], request: Request, *, final: bool
) -> Response:
    request.state.opened = None
    try:
        response = await endpoint(request)
        opened: _Open | None = request.state.opened
        if opened is not None:
            if opened.savepoint is not None:
                await opened.uow.session.flush()
                await opened.savepoint.commit()
                opened.savepoint = None
                await _remember(opened, response)
            await opened.uow.commit()
    except _ReplayError as replay:
        return replay.response
    except Problem as problem:
        return await _refused(request, problem)
    except IntegrityError as error:
        if not final:
            # Tried again, the checks see who was quicker, and their refusal shows the present state.
            raise _LostRaceError from error
        return await _refused(request, _conflict(error, state_of(request).conflicts))
    finally:
        if request.state.opened is not None:
            await request.state.opened.uow.session.close()
    return response


async def _refused(request: Request, problem: Problem) -> Response:
    """Remember the refusal as the answer, if the caller sent a key; hand it on."""
    opened: _Open | None = request.state.opened
    response = problem_response(problem, language_of(request))
    if opened is not None and opened.savepoint is not None and problem.status in REMEMBERED_REFUSALS:
        opened.uow.forget_events()
        await opened.savepoint.rollback()
        await _remember(opened, response)
        await opened.uow.commit()
    return response


async def _remember(opened: _Open, response: Response) -> None:
    await opened.uow.session.execute(
        _REMEMBER,
        {
            "account": opened.account,
            "key": opened.key,
            "status": response.status_code,
            "body": response.remembered if isinstance(response, ShownOnce) else bytes(response.body),
            "media_type": response.media_type or "application/json",
            "warning": response.headers.get(WARNING_HEADER),
        },
    )


_GIVE_WAY = frozenset({"40P01", "40001"})
"""deadlock_detected, serialization_failure: nothing was done, start over."""

_BUSY = frozenset({"55P03", "25P03"})
"""lock_not_available, idle_in_transaction_session_timeout; whole classes beside: connection (08), resources (53),
operator (57)."""

_OUT_OF_RANGE = frozenset({"22003", "22008", "22021", "22P02", "22P05"})
"""Numbers, times or characters that the database can't hold."""


def _sqlstate(error: DBAPIError) -> str | None:
    state: str | None = getattr(error.orig, "sqlstate", None)
    return state


def _constraint(error: DBAPIError) -> str | None:
    cause = error.orig.__cause__ if error.orig is not None else None
    return cause.constraint_name if isinstance(cause, asyncpg.PostgresError) else None


def _conflict(error: DBAPIError, conflicts: Mapping[str, type[Problem]]) -> Problem:
    """Return what a broken constraint means: the database's own last word on a race."""
    return conflicts.get(_constraint(error) or "", Conflict)()


def _refuse_for(error: DBAPIError, conflicts: Mapping[str, type[Problem]]) -> NoReturn:
    state = _sqlstate(error)
    if isinstance(error, IntegrityError):
        raise _conflict(error, conflicts) from error
    cause = error.orig.__cause__ if error.orig is not None else None
    if state in _OUT_OF_RANGE or isinstance(cause, asyncpg.DataError):  # the driver's own word has no state
        raise Invalid from error
    if error.connection_invalidated or state in _BUSY or (state or "").startswith(("08", "53", "57")):
        raise Unavailable from error
    raise error


def met_a_lock(error: BaseException) -> bool:
    """Return whether another transaction was in the way too long, or each waited for the other: nothing was done."""
    return isinstance(error, DBAPIError) and _sqlstate(error) in _GIVE_WAY | {"55P03"}


def is_database_away(error: BaseException) -> bool:
    """Return whether this failure means that PostgreSQL can't be reached at the moment.

    The driver's "internal" error is one of them: a statement that meets the server's good-bye on an idle connection
    finds the protocol in a state that it did not expect, and so says before it knows that the connection is lost.
    """
    if isinstance(error, PoolTimeoutError):
        return True
    if isinstance(error, DBAPIError):
        state = _sqlstate(error) or ""
        return error.connection_invalidated or state in _BUSY or state.startswith(("08", "53", "57"))
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(("08", "57", "53"))
    return isinstance(
        error,
        (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError),
    )
