"""Append to the log, read after a number."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import text

from brigada.db.engine import Database, ReadSession, WriteSession

ActorKind = Literal["user", "token", "device", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it. `name` is what colleagues see ("Петрова А."), kept with the entry because accounts change."""

    kind: ActorKind = "system"
    id: int | None = None
    name: str | None = None


SYSTEM = Actor()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened.

    Attributes:
        kind: `entity.verb`, one of `brigada.events.kinds`.
        data: new values: partial entities by name, each with its id; a client merges the fields into what it holds.
        old: the values before, in the same form.
        call_id: the call that it belongs to, for the call's history.
        roles: everyone of these roles is told.
        team_ids: these crews are told.
        user_ids: these persons are told.
    """

    kind: str
    data: dict[str, Any]
    old: dict[str, Any] = field(default_factory=dict)
    call_id: int | None = None
    roles: tuple[str, ...] = ()
    team_ids: tuple[int, ...] = ()
    user_ids: tuple[int, ...] = ()


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as read back; `data` is still JSON text, ready to be sent."""

    seq: int
    at: datetime
    kind: str
    actor_kind: str
    actor_id: int | None
    actor_name: str | None
    call_id: int | None
    roles: frozenset[str]
    team_ids: frozenset[int]
    user_ids: frozenset[int]
    data: str


_APPEND = text(
    """
    WITH counter AS (
        UPDATE event_counter SET last_seq = last_seq + :n WHERE id = 1 RETURNING last_seq
    )
    INSERT INTO events (seq, at, kind, actor_kind, actor_id, actor_name, cause, call_id,
                        roles, team_ids, user_ids, data, old)
    SELECT counter.last_seq - :n + e.place, :at, e.kind, :actor_kind, :actor_id, :actor_name, :cause, e.call_id,
           e.roles, e.team_ids, e.user_ids, e.data, e.old
    FROM counter,
         ROWS FROM (jsonb_to_recordset(CAST(:batch AS jsonb))
            AS (kind text, call_id bigint, roles text[], team_ids bigint[], user_ids bigint[], data jsonb, old jsonb)
         ) WITH ORDINALITY AS e (kind, call_id, roles, team_ids, user_ids, data, old, place)
    RETURNING seq
    """
)


async def append_last_before_commit(
    session: WriteSession, events: Sequence[Event], *, at: datetime, actor: Actor, cause: str | None
) -> int:
    """Number and store the events in one round trip; return the last number.

    Takes the counter's row lock, which every other writer then waits for: nothing but the commit may follow. The lock,
    held to the commit, is why a reader never sees number N+1 before N (a sequence loses 37–45 % of events there).
    """
    batch = msgspec.json.encode(events).decode()
    rows = await session.execute(
        _APPEND,
        {
            "n": len(events),
            "at": at,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "actor_name": actor.name,
            "cause": cause,
            "batch": batch,
        },
    )
    numbers: list[int] = list(rows.scalars())
    return max(numbers)


_COLUMNS = (
    "seq, at, kind, actor_kind, actor_id, actor_name, call_id, roles, team_ids, user_ids, data::text AS data"
)
_READ_AFTER = f"SELECT {_COLUMNS} FROM events WHERE seq > $1 ORDER BY seq LIMIT $2"  # noqa: S608 -- constants only


async def read_after(database: Database, seq: int, *, limit: int) -> list[StoredEvent]:
    """Return the entries after number `seq`, oldest first, at most `limit` of them."""
    rows = await database.fetch_all(_READ_AFTER, seq, limit)
    return [
        StoredEvent(
            seq=row["seq"],
            at=row["at"],
            kind=row["kind"],
            actor_kind=row["actor_kind"],
            actor_id=row["actor_id"],
            actor_name=row["actor_name"],
            call_id=row["call_id"],
            roles=frozenset(row["roles"]),
            team_ids=frozenset(row["team_ids"]),
            user_ids=frozenset(row["user_ids"]),
            data=row["data"],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Position:
    """Where the log stands: its epoch and its last number."""

    epoch: str
    seq: int


async def position(source: ReadSession | Database) -> Position:
    """Return where the log stands, as this reader sees it."""
    sql = "SELECT epoch::text AS epoch, last_seq FROM event_counter WHERE id = 1"
    if isinstance(source, Database):
        row = await source.fetch_one(sql)
        if row is None:
            message = "the table event_counter is empty: the migrations have not run"
            raise RuntimeError(message)
        return Position(row["epoch"], row["last_seq"])
    found = (await source.execute(text(sql))).one()
    return Position(found.epoch, found.last_seq)


async def renew_epoch(database: Database, epoch: str, *, shorter_than: int) -> Position:
    """Give a log that lost its last entries a new epoch; of several processes that notice, the first one does it."""
    await database.fetch_one(
        "UPDATE event_counter SET epoch = gen_random_uuid()"
        " WHERE id = 1 AND epoch = $1::uuid AND last_seq < $2 RETURNING id",
        epoch,
        shorter_than,
    )
    return await position(database)


class LocalBell:
    """Wakes the readers of this process when it has committed; other processes are woken through Redis."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109 -- a time-out is an ordinary answer here
        """Wait until rung or until `timeout` seconds have passed; return whether it was rung."""
        try:
            await asyncio.wait_for(self._rung.wait(), timeout)
        except TimeoutError:
            return False
        self._rung.clear()
        return True
