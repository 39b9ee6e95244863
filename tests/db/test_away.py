"""Which failures mean "PostgreSQL can't be reached": the caller gets 503, and sockets stay; all others are bugs."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from brigada.edge import is_database_away


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        FileNotFoundError(),
        TimeoutError(),
        PoolTimeoutError(),
        asyncpg.CannotConnectNowError(),
        asyncpg.AdminShutdownError(),
        asyncpg.ConnectionDoesNotExistError(),
        asyncpg.InterfaceError("connection is closed"),
        # A statement that crosses the server's good-bye on an idle connection; seen as it was stopped.
        asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress"),
        DBAPIError("SELECT 1", None, Exception(), connection_invalidated=True),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_lost_connection_is_no_bug(error: Exception) -> None:
    assert is_database_away(error)


@pytest.mark.parametrize(
    "error",
    [
        ValueError(),
        asyncpg.UndefinedTableError(),
        asyncpg.UniqueViolationError(),
        ProgrammingError("SELECT nothing", None, Exception()),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_bug_is_not_taken_for_a_lost_connection(error: Exception) -> None:
    assert not is_database_away(error)
