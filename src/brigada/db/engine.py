"""Connections: a pool for sessions and a small one for single hot statements."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

LOCK_TIMEOUT_MS = 5_000
"""A command waits this long for a row that another holds; commands take about 2 ms, so five seconds mean trouble."""

STATEMENT_TIMEOUT_MS = 60_000
"""No statement of a request may run longer, so that a bad query ends by itself."""

COMMAND_TIMEOUT_S = 75.0
"""A statement that is not answered by then never will be: the database's host is gone, or stopped."""

IDLE_IN_TRANSACTION_MS = 15_000
"""A transaction may wait so long for its own process. Commands wait for a password's hash at the most, milliseconds;
a process that was stopped, or whose host is gone, in the middle of a commit must not hold the log's counter longer."""

ACQUIRE_TIMEOUT_S = 10.0
"""A hot statement waits this long for a free connection; with PostgreSQL well it is milliseconds."""


class ReadSession(AsyncSession):
    """A session that only reads: a flush raises, so that a report can't write by accident."""


class WriteSession(AsyncSession):
    """A session of a unit of work."""


class ReadOnlyError(RuntimeError):
    """Something tried to write through a session for reading: a bug."""


class _ReadSyncSession(Session):
    pass


@event.listens_for(_ReadSyncSession, "before_flush")
def _refuse_to_flush(session: Session, *_: object) -> None:
    if session.new or session.dirty or session.deleted:
        raise ReadOnlyError


def asyncpg_dsn(url: str) -> str:
    """Return the address as asyncpg takes it: without SQLAlchemy's driver name."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


def sqlalchemy_url(url: str) -> str:
    """Return the address as SQLAlchemy takes it: with the asyncpg driver, host lists and sockets in the query."""
    return make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


class Database:
    """All connections of one process to PostgreSQL.

    Sessions come from one pool. Single statements that every request makes (who is it? which number is the latest?) go
    through `fetch…`, straight to asyncpg: no transaction around them, a third of the CPU.
    """

    def __init__(self, url: str, *, pool_size: int, fast_pool_size: int = 4) -> None:
        self.url = url
        self._pool_size = pool_size
        self._fast_pool_size = fast_pool_size
        self._fast: asyncpg.Pool[asyncpg.Record] | None = None
        self.engine: AsyncEngine = create_async_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            hide_parameters=True,  # errors are logged, and parameters are patients' data
            max_overflow=0,
            pool_timeout=10,
            connect_args={
                "timeout": 10,
                "command_timeout": COMMAND_TIMEOUT_S,
                "server_settings": {
                    "application_name": "brigada",
                    "lock_timeout": str(LOCK_TIMEOUT_MS),
                    "statement_timeout": str(STATEMENT_TIMEOUT_MS),
                    "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_MS),
                    "jit": "off",  # our statements are short; compiling them costs more than it saves
                },
            },
        )
        event.listen(self.engine.sync_engine, "checkout", _refuse_if_lost)
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._snapshot = self.engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    async def open(self) -> None:
        """Open the small pool; does not fail when the server is away: it is tried again at each use."""
        self._fast = asyncpg.create_pool(
            asyncpg_dsn(self.url),
            min_size=0,
            max_size=self._fast_pool_size,
            reset=_keep_as_is,
            timeout=10,
            command_timeout=30,
            server_settings={"application_name": "brigada-fast", "jit": "off"},
        )
        await self._fast

    async def close(self) -> None:
        if self._fast is not None:
            self._fast.terminate()
            self._fast = None
        await self.engine.dispose()

    @property
    def in_use(self) -> int:
        """Connections in use at this moment, of both pools."""
        pool = self.engine.pool
        sessions = pool.checkedout() if isinstance(pool, QueuePool) else 0
        return sessions + (self._fast.get_size() - self._fast.get_idle_size() if self._fast else 0)

    @property
    def limit(self) -> int:
        """Connections that both pools may hold."""
        return self._pool_size + self._fast_pool_size

    @property
    def fast(self) -> "asyncpg.Pool[asyncpg.Record]":
        """The small pool; each use is one statement that commits by itself."""
        if self._fast is None:
            message = "Database.open() was not awaited"
            raise RuntimeError(message)
        return self._fast

    async def fetch_one(self, sql: str, *args: object) -> "asyncpg.Record | None":
        """Run one hot statement and return its first row."""
        async with self.fast.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await connection.fetchrow(sql, *args)

    async def fetch_all(self, sql: str, *args: object) -> "Sequence[asyncpg.Record]":
        """Run one hot statement and return its rows."""
        async with self.fast.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await connection.fetch(sql, *args)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """Open a session for reads that need not agree with each other; each statement stands alone."""
        async with ReadSession(
            self._autocommit, sync_session_class=_ReadSyncSession, autoflush=False
        ) as session:
            yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[ReadSession]:
        """Open a session whose reads all see one moment (REPEATABLE READ, read only)."""
        async with ReadSession(
            self._snapshot, sync_session_class=_ReadSyncSession, autoflush=False
        ) as session:
            yield session

    def write_session(self) -> WriteSession:
        """Return a session for a unit of work; nothing is sent before the first statement."""
        return WriteSession(self.engine, expire_on_commit=False, autoflush=False)


def _refuse_if_lost(connection: Any, *_: object) -> None:  # noqa: ANN401 -- the driver's own object
    """Take another connection from the pool when this one is known to be gone: costs no round trip.

    After a restart of PostgreSQL the first requests would else meet the dead connections, one after another.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


async def _keep_as_is(connection: Any) -> None:  # noqa: ANN401 -- the driver's own signature
    """Skip the driver's clean-up between uses: these connections only ever run single statements."""
