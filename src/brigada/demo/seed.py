"""Fill an empty service with the demo town, once; at a later start, bring its shifts up to date.

The town itself is slow to import; a later start has no need of it.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import asyncpg

from brigada.auth.gate import digest
from brigada.auth.passwords import Passwords
from brigada.db.engine import asyncpg_dsn
from brigada.demo.key import CALLERS_SECRET
from brigada.kit.clock import SystemClock
from brigada.settings import Settings, kept_secret

DISPATCHERS = ("dispatcher", "ivanova", "petrova", "orlov")
SHIFT = timedelta(hours=12)

type Connection = "asyncpg.Connection[asyncpg.Record]"
Report = Callable[[str], None]


def seed(settings: Settings, report: Report) -> None:
    """Fill the database unless it holds people already; the three demo accounts get the demo password each time."""
    asyncio.run(_seed(settings, report))


async def _seed(settings: Settings, report: Report) -> None:
    now = SystemClock().now()
    connection = await asyncpg.connect(asyncpg_dsn(settings.database_url.get_secret_value()))
    try:
        password_hash = Passwords().hash_blocking(settings.demo_password.get_secret_value())
        if await connection.fetchval("SELECT count(*) FROM users") == 0:
            await _fill(connection, settings, password_hash, now, report)
        else:
            await _bring_up_to_date(connection, settings, password_hash, now)
    finally:
        await connection.close()


async def _fill(
    connection: Connection, settings: Settings, password_hash: str, now: datetime, report: Report
) -> None:
    from brigada.demo import town

    async with connection.transaction():
        city = await town.fill(connection, settings, password_hash, now, report)
        await _callers_key(connection, settings, now)
    await connection.execute("ANALYZE")
    report("Taking in the calls of this hour")
    await town.open_calls(settings, city)


async def _bring_up_to_date(
    connection: Connection, settings: Settings, password_hash: str, now: datetime
) -> None:
    async with connection.transaction():
        await connection.execute(
            "UPDATE users SET password_hash = $1, active = true WHERE login = ANY($2) AND deleted_at IS NULL",
            password_hash,
            ["admin", "worker", *DISPATCHERS],
        )
        await _callers_key(connection, settings, now)
        await prolong_shifts(connection, now)


async def _callers_key(connection: Connection, settings: Settings, now: datetime) -> None:
    """Keep the callers' key: made once, its digest in the database."""
    secret = kept_secret(settings.data_dir.resolve() / CALLERS_SECRET, nbytes=32)
    await connection.execute(
        "INSERT INTO api_tokens (name, digest, scopes, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        "Демо: входящие вызовы", digest(secret), ["calls:create", "calls:read"], now,
    )  # fmt: skip


async def prolong_shifts(connection: Connection, now: datetime) -> None:
    """Begin a new shift for the demo's living teams whose shift is over or nearly so: a demo is started at any hour."""
    await connection.execute(
        "UPDATE teams SET shift_start = $1, shift_end = $2, version = version + 1"
        " WHERE ended_at IS NULL AND shift_end < $3",
        now - timedelta(minutes=30), now + SHIFT, now + timedelta(hours=3),
    )  # fmt: skip
