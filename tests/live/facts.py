"""Accounts, cars and teams put straight into the tables, and questions to the tables."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from brigada.auth.passwords import Passwords
from live.people import PASSWORD

_numbers = itertools.count(1)
_hash: list[str] = []


def _password_hash() -> str:
    if not _hash:
        passwords = Passwords()
        _hash.append(passwords.hash_blocking(PASSWORD))
        passwords.close()
    return _hash[0]


class Facts:
    """The tables behind a service, seen and prepared from outside of it."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]", dsn: str) -> None:
        self.sql = connection
        self.dsn = dsn

    async def user(self, role: str) -> tuple[int, str]:
        """A new account; its number and its login."""
        login = f"{role}-{next(_numbers)}"
        return await self.sql.fetchval(
            "INSERT INTO users (login, password_hash, role, name, surname) VALUES ($1, $2, $3, 'Имя', $1) RETURNING id",
            login, _password_hash(), role,
        ), login  # fmt: skip

    async def car(self) -> int:
        number = next(_numbers)
        plate = f"А{number % 1000:03}ВС{number // 1000 + 100}"
        car_id: int = await self.sql.fetchval(
            "INSERT INTO cars (number, class, model) VALUES ($1, 'B', 'Газель') RETURNING id", plate
        )
        return car_id

    async def team(self, *, workers: int = 1) -> tuple[int, list[str]]:
        """A new team on shift; its number and its workers' logins."""
        people = [await self.user("worker") for _ in range(workers)]
        now = datetime.now(UTC)
        team_id: int = await self.sql.fetchval(
            "INSERT INTO teams (name, profile, car_id, shift_start, shift_end)"
            " VALUES ($1, 'physician', $2, $3, $4) RETURNING id",
            f"Б{next(_numbers)}", await self.car(), now - timedelta(hours=1), now + timedelta(hours=11),
        )  # fmt: skip
        for place, (user_id, _) in enumerate(people):
            await self.sql.execute(
                "INSERT INTO team_members (team_id, user_id, place, joined_at) VALUES ($1, $2, $3, $4)",
                team_id, user_id, place, now,
            )  # fmt: skip
        return team_id, [login for _, login in people]

    async def last_seq(self) -> int:
        seq: int = await self.sql.fetchval("SELECT last_seq FROM event_counter")
        return seq

    async def told(self, after: int, *, role: str, user_id: int, team_id: int | None = None) -> list[int]:
        """The numbers of the events after `after` that this person is to be told of."""
        rows = await self.sql.fetch(
            "SELECT seq FROM events WHERE seq > $1 AND ($2 = ANY(roles) OR $3 = ANY(user_ids) OR $4 = ANY(team_ids))"
            " ORDER BY seq",
            after, role, user_id, team_id if team_id is not None else -1,
        )  # fmt: skip
        return [row["seq"] for row in rows]

    async def log_has_no_gap(self) -> None:
        row = await self.sql.fetchrow(
            "SELECT count(*) AS n, coalesce(min(seq), 1) AS first, coalesce(max(seq), 0) AS last,"
            " (SELECT last_seq FROM event_counter) AS counter FROM events"
        )
        assert row is not None
        assert row["n"] == row["last"] - row["first"] + 1
        assert row["last"] == row["counter"]

    async def value(self, query: str, *args: object) -> Any:
        return await self.sql.fetchval(query, *args)

    async def waiting(self, number: int, *, within_s: float = 30.0) -> None:
        """Wait until that many of the service's connections wait for a lock."""
        deadline = datetime.now(UTC) + timedelta(seconds=within_s)
        while await self._waiting() < number:
            assert datetime.now(UTC) < deadline, "the commands did not come to wait"

    async def all_wait_or_done(self, tasks: Sequence["asyncio.Task[Any]"], *, within_s: float = 30.0) -> None:
        """Wait until each of these commands waits for a lock or is answered."""
        deadline = datetime.now(UTC) + timedelta(seconds=within_s)
        while await self._waiting() < sum(not task.done() for task in tasks):
            assert datetime.now(UTC) < deadline, "the commands did not come to wait"
            await asyncio.sleep(0.001)

    async def _waiting(self) -> int:
        query = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name LIKE 'brigada%' AND wait_event_type = 'Lock'"
        )
        number: int = await self.sql.fetchval(query)
        return number

    @asynccontextmanager
    async def holding(self, statement: str, *args: object) -> AsyncIterator[None]:
        """Hold the locks of a statement, on a connection of its own, until the end of the block."""
        holder = await asyncpg.connect(self.dsn)
        try:
            async with holder.transaction():
                await holder.execute(statement, *args)
                yield
        finally:
            await holder.close()

    async def connections(self) -> Sequence[int]:
        """Backends that serve the API now."""
        rows = await self.sql.fetch(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'brigada%'"
        )
        return [row["pid"] for row in rows]


@asynccontextmanager
async def facts_of(dsn: str) -> AsyncIterator[Facts]:
    connection = await asyncpg.connect(dsn)
    try:
        yield Facts(connection, dsn)
    finally:
        await connection.close()
