"""What is old is forgotten; what is the service's memory is not."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from brigada import retention
from brigada.app import build_state
from brigada.settings import load_settings


def test_old_notifications_keys_and_sessions_go_and_fresh_ones_stay(
    database_url: str, redis_url: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    # More is old than one statement deletes: a busy day must not outrun the chore.
    monkeypatch.setattr(retention, "BATCH", 2)
    asyncio.run(_check(database_url, redis_url, str(tmp_path)))


async def _check(database_url: str, redis_url: str, folder: str) -> None:
    settings = load_settings(
        _env_file=None, mode="test", database_url=database_url, redis_url=redis_url, data_dir=folder
    )
    state = build_state(settings)
    await state.database.open()
    now = state.clock.now()
    old, fresh = now - timedelta(days=400), now - timedelta(minutes=1)
    connection = await asyncpg.connect(database_url)
    try:
        user = await connection.fetchval(
            "INSERT INTO users (login, password_hash, role, name, surname)"
            " VALUES ('u', '', 'admin', 'А', 'Б') RETURNING id"
        )
        for at in (*(old + timedelta(seconds=number) for number in range(5)), fresh):
            number = await connection.fetchval(
                "INSERT INTO notifications (kind, data, created_at) VALUES ('trouble', '{}', $1) RETURNING id",
                at,
            )
            await connection.execute("INSERT INTO notification_recipients VALUES ($1, $2)", number, user)
            await connection.execute(
                "INSERT INTO idempotency_keys VALUES ('user:1', $1, '', 200, '', 'x', $2)", str(at), at
            )
            await connection.execute(
                "INSERT INTO sessions (id, user_id, ip, created_at, last_seen_at, expires_at)"
                " VALUES (gen_random_uuid(), $1, '127.0.0.1', $2, $2, $2)",
                user, at,
            )  # fmt: skip
        for chore in retention.chores(state):
            await chore.run()
        for table in ("notifications", "notification_recipients", "idempotency_keys", "sessions"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 1, table
    finally:
        await connection.close()
        await state.cache.close()
        await state.database.close()
        state.passwords.close()
