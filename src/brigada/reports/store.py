"""The facts of one worker process, kept in memory and brought up to date by the event log before each use.

1. One REPEATABLE READ transaction reads where the log stands, which calls changed since, and their rows: the facts are
   those of one moment, and that moment is now.
2. Rows that came without events (a history loaded in bulk) are found by their numbers: above the largest one known.
3. Another epoch (a restored copy), a log cut off behind us, another file of the table (emptied, rewritten), or a large
   part changed: everything is read anew.
4. A copy on disk spares the next process that first reading; it is only a cache, and a damaged one is ignored.
"""

import contextlib
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import asyncpg
import numpy as np

from brigada.db.engine import asyncpg_dsn
from brigada.reports.drafts import sweep_abandoned
from brigada.reports.facts import (
    ASSIGNMENT_TYPES,
    CALL_TYPES,
    MILEAGE_TYPES,
    Array,
    Facts,
    Frame,
    Names,
    arranged,
)
from brigada.reports.loading import (
    Connection,
    load_assignments,
    load_calls,
    load_mileage,
    load_names,
    load_texts,
)
from brigada.reports.periods import MICRO

ANEW_SHARE: Final = 0.2
"""Part of the calls from which reading all of them again is cheaper than replacing rows one by one."""

KEEP_ROWS: Final = 20_000
"""Calls from which a copy on disk pays: fewer are read in a tenth of a second."""

STATEMENT_TIMEOUT_MS: Final = 120_000
"""Reading ten years of calls takes some tens of seconds; nothing here may take longer."""

_FORMAT: Final = 4
"""Of the file; raised when the meaning of a column changes."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where the facts stand."""

    epoch: str
    seq: int
    max_call_id: int
    mileage_us: int
    """When mileage was last counted."""
    now_us: int

    def is_same(self, other: "_Mark") -> bool:
        """Return whether nothing has happened between the two."""
        return replace(self, now_us=0) == replace(other, now_us=0)


@dataclass(frozen=True, slots=True)
class _Held:
    mark: _Mark
    facts: Facts


async def connect(url: str) -> Connection:
    """Return a connection of a report's worker: read only, patient, recognisable by its name."""
    return await asyncpg.connect(
        asyncpg_dsn(url),
        timeout=10,
        server_settings={
            "application_name": "brigada-reports",
            "statement_timeout": str(STATEMENT_TIMEOUT_MS),
            "default_transaction_read_only": "on",
            "jit": "off",
        },
    )


class Store:
    """The facts of the service behind one address; `folder` keeps their copy on disk, None for none."""

    def __init__(self, url: str, folder: Path | None = None) -> None:
        self._url = url
        self._folder = folder
        self._held: _Held | None = None
        self._saved_seq: int | None = None

    async def facts(self) -> Facts:
        """Return the facts of this moment."""
        connection = await connect(self._url)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                return await self.refreshed(connection)
        finally:
            await connection.close()

    async def refreshed(self, connection: Connection) -> Facts:
        """Return the facts as the open transaction of this connection sees them."""
        mark = await _mark(connection)
        held = self._held or self._loaded(mark.epoch)
        if held is not None and held.mark.is_same(mark) and self._held is not None:
            return held.facts
        if held is not None and held.mark.epoch == mark.epoch:
            changed = await _changed(connection, held.mark, mark)
            if changed is not None and len(changed) <= max(1_000, ANEW_SHARE * len(held.facts.calls)):
                names = await load_names(connection, held.facts.names, held.mark.now_us)
                facts = await _with_mileage(connection, held.facts, held.mark, mark)
                self._held = _Held(mark, await _with_changes(connection, facts, changed, names))
                return self._held.facts
        names = await load_names(connection, None, mark.now_us)
        texts = await load_texts(connection, None)
        names = replace(names, districts=texts.districts, own_reasons=texts.own_reasons)
        calls, assignments = await load_calls(connection, None), await load_assignments(connection, None)
        self._held = _Held(mark, arranged(calls, assignments, names, await load_mileage(connection, None)))
        self._save(self._held)
        return self._held.facts

    def _file(self, epoch: str) -> Path | None:
        return None if self._folder is None else self._folder / f"facts-{_FORMAT}-{epoch}.npz"

    def _save(self, held: _Held) -> None:
        file = self._file(held.mark.epoch)
        if file is None or len(held.facts.calls) < KEEP_ROWS:
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        for old in file.parent.glob("facts-*.npz"):
            if old != file:
                old.unlink(missing_ok=True)
        sweep_abandoned(file.parent, ".facts-*.npz.*")
        names = held.facts.names
        columns = {
            "mark": np.array([held.mark.seq, held.mark.max_call_id, held.mark.mileage_us]),
            **_laid_down("districts", names.districts),
            **_laid_down("own_reasons", names.own_reasons),
            **{f"calls.{name}": column for name, column in held.facts.calls.columns.items()},
            **{f"assignments.{name}": column for name, column in held.facts.assignments.columns.items()},
            **{f"mileage.{name}": column for name, column in held.facts.mileage.columns.items()},
        }
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        # Where the calls were is nobody else's business.
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            np.savez(out, **columns)  # type: ignore[arg-type]  # the stubs take the names for options
        draft.replace(file)

    def _loaded(self, epoch: str) -> _Held | None:
        file = self._file(epoch)
        if file is None or not file.exists():
            return None
        with contextlib.suppress(OSError, ValueError, KeyError, zipfile.BadZipFile):
            with np.load(file, allow_pickle=False) as kept:
                calls = Frame({name: kept[f"calls.{name}"] for name in CALL_TYPES})
                assignments = Frame({name: kept[f"assignments.{name}"] for name in ASSIGNMENT_TYPES})
                mileage = Frame({name: kept[f"mileage.{name}"] for name in MILEAGE_TYPES})
                seq, max_call_id, mileage_us = (int(number) for number in kept["mark"])
                names = Names(
                    districts=_taken_up("districts", kept), own_reasons=_taken_up("own_reasons", kept)
                )
            # No other name is kept: now_us = 0 has all teams read again.
            mark = _Mark(epoch, seq, max_call_id, mileage_us, 0)
            return _Held(mark, Facts(calls, assignments, names, mileage))
        return None


def _laid_down(name: str, texts: dict[int, str]) -> dict[str, Array]:
    return {
        f"{name}.hashes": np.array(list(texts), dtype=np.int64),
        f"{name}.texts": np.array(list(texts.values()), dtype=np.str_),
    }


def _taken_up(name: str, kept: Mapping[str, Array]) -> dict[int, str]:
    return dict(zip(kept[f"{name}.hashes"].tolist(), kept[f"{name}.texts"].tolist(), strict=True))


async def _mark(connection: Connection) -> _Mark:
    row = await connection.fetchrow(
        "SELECT epoch::text || '-' || pg_relation_filenode('calls')::text AS epoch, last_seq,"
        " (SELECT coalesce(max(id), 0) FROM calls) AS max_call_id,"
        " (SELECT coalesce((extract(epoch FROM max(counted_at)) * 1000000)::bigint, 0) FROM car_mileage) AS mileage_us,"
        " (extract(epoch FROM now()) * 1000000)::bigint AS now_us FROM event_counter WHERE id = 1"
    )
    return _Mark(row["epoch"], row["last_seq"], row["max_call_id"], row["mileage_us"], row["now_us"])


async def _changed(connection: Connection, old: _Mark, new: _Mark) -> list[int] | None:
    """Return the calls that changed from one mark to another; None when the log does not reach back so far."""
    rows = await connection.fetch("SELECT id FROM calls WHERE id > $1", old.max_call_id)
    found = {row["id"] for row in rows}
    if new.seq != old.seq:
        oldest = await connection.fetchval("SELECT min(seq) FROM events")
        if oldest is None or oldest > old.seq + 1 or new.seq < old.seq:
            return None
        rows = await connection.fetch(
            "SELECT DISTINCT call_id FROM events WHERE seq > $1 AND call_id IS NOT NULL", old.seq
        )
        found |= {row["call_id"] for row in rows}
    return sorted(found)


async def _with_changes(connection: Connection, facts: Facts, changed: list[int], names: Names) -> Facts:
    if not changed:
        return Facts(facts.calls, facts.assignments, names, facts.mileage)
    calls = updated(facts.calls, "id", changed, await load_calls(connection, changed))
    fresh = await load_assignments(connection, changed)
    assignments = updated(facts.assignments, "call_id", changed, fresh)
    texts = await load_texts(connection, changed)
    names = replace(
        names,
        districts=facts.names.districts | texts.districts,
        own_reasons=facts.names.own_reasons | texts.own_reasons,
    )
    return arranged(calls, assignments, names, facts.mileage)


async def _with_mileage(connection: Connection, facts: Facts, old: _Mark, new: _Mark) -> Facts:
    """Return the facts with what was counted since; a count replaces the ones of the same car and hour."""
    if new.mileage_us == old.mileage_us:
        return facts
    fresh = await load_mileage(connection, old.mileage_us)
    # Hours since 1970 fit into 24 bits for two thousand years.
    keys, counted = (frame["id"] << 24 | frame["hour"] // (3600 * MICRO) for frame in (facts.mileage, fresh))
    kept = facts.mileage.take(~np.isin(keys, counted))
    return Facts(facts.calls, facts.assignments, facts.names, kept.joined(fresh))


def updated(frame: Frame, column: str, ids: list[int], fresh: Frame) -> Frame:
    """Return the frame with the fresh rows of these ids (of `column`) instead of its own.

    Rows that were there keep their places and new ones come last, so that a few changed calls leave the order as it
    was, and nothing has to be sorted anew.
    """
    own = np.flatnonzero(np.isin(frame[column], np.array(ids)))
    place = dict(zip(frame["id"][own].tolist(), own.tolist(), strict=True))
    known = np.isin(fresh["id"], frame["id"][own])
    if int(known.sum()) != len(own):  # a row is gone
        return frame.take(~np.isin(frame[column], np.array(ids))).joined(fresh)
    again, new = fresh.take(known), fresh.take(~known)
    rows = np.array([place[number] for number in again["id"].tolist()], dtype=np.int64)
    columns = {}
    for name, before in frame.columns.items():
        columns[name] = np.concatenate((before, new[name]))
        columns[name][rows] = again[name]
    return Frame(columns)
