"""The columns of numbers are the rows of the database, at the first reading and after every change."""

import asyncio
import math
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
import pytest

from brigada.reports.benchmarks import History, write_history
from brigada.reports.facts import (
    ASSIGNMENT_STATUSES,
    CRITICALITIES,
    NEVER,
    STATUSES,
    STEPS,
    Facts,
)
from brigada.reports.loading import load_assignments, load_teams
from brigada.reports.periods import micros
from brigada.reports.store import KEEP_ROWS, Store

SMALL = History(calls=400, days=20, teams=6, seed=3)


def at(moment: datetime | None) -> int:
    return NEVER if moment is None else micros(moment)


async def run(url: str, statement: str, *values: Any) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement, *values))
    finally:
        await connection.close()


async def expect_the_rows(url: str, facts: Facts) -> None:
    """Compare every column that figures rest on with what plain SQL returns."""
    rows = await run(url, "SELECT * FROM calls ORDER BY received_at, id")
    calls = facts.calls
    assert calls["id"].tolist() == [row["id"] for row in rows]
    assert calls["received"].tolist() == [at(row["received_at"]) for row in rows]
    assert calls["closed"].tolist() == [at(row["closed_at"]) for row in rows]
    assert calls["status"].tolist() == [STATUSES.index(row["status"]) for row in rows]
    assert calls["criticality"].tolist() == [CRITICALITIES.index(row["criticality"]) for row in rows]
    assert [facts.names.districts[n] for n in calls["district"].tolist()] == [row["district"] for row in rows]
    for own, code, row in zip(calls["own_reason"].tolist(), calls["reason"].tolist(), rows, strict=True):
        if row["reason_code"] is None:
            assert facts.names.own_reasons[own] == row["reason"]
            assert code not in facts.names.reasons
        else:
            assert facts.names.reasons[code][0] == row["reason_code"]
    lats = [None if math.isnan(lat) else lat for lat in calls["lat"].tolist()]
    assert lats == [row["lat"] for row in rows]
    sent = await run(url, "SELECT * FROM assignments ORDER BY id")
    frame = facts.assignments
    assert frame["id"].tolist() == [row["id"] for row in sent]
    assert calls["id"][facts.call_row].tolist() == [row["call_id"] for row in sent]
    assert frame["status"].tolist() == [ASSIGNMENT_STATUSES.index(row["status"]) for row in sent]
    for step in STEPS:
        assert frame[step].tolist() == [at(row[f"{step}_at"]) for row in sent]
    for found, row in zip(frame["advice_cost_s"].tolist(), sent, strict=True):
        expected = row["advice_cost_s"]
        assert math.isnan(found) if expected is None else found == expected
    assert {facts.names.teams[n].name for n in frame["team_id"].tolist()} <= {str(n) for n in range(1, 7)}


def one_file(folder: Path) -> Path:
    (kept,) = folder.glob("facts-*.npz")
    return kept


@pytest.fixture(scope="module")
def history_url(shared_database_url: str) -> str:
    asyncio.run(write_history(shared_database_url, SMALL))
    return shared_database_url


def test_the_facts_are_the_rows_and_follow_the_log(history_url: str) -> None:
    async def story() -> None:
        store = Store(history_url)
        await expect_the_rows(history_url, await store.facts())
        held = await store.facts()
        assert await store.facts() is held  # nothing happened, nothing is read again

        (call,) = await run(
            history_url, "SELECT id FROM calls WHERE status = 'completed' ORDER BY id LIMIT 1"
        )
        correction = """
            INSERT INTO milestones (assignment_id, step, at, recorded_at, source, corrects, reason)
            SELECT m.assignment_id, m.step, m.at + interval '90 seconds', now(), 'dispatcher', m.id, 'часы'
            FROM milestones m JOIN assignments a ON a.id = m.assignment_id
            WHERE a.call_id = $1 AND m.step = 'on_scene'
        """
        changed = (
            "UPDATE calls SET criticality = 'critical', district = 'Новый' WHERE id = $1",
            "UPDATE calls SET reason = 'Собака не пускает', reason_code = NULL WHERE id = $1",
            "UPDATE assignments SET on_scene_at = on_scene_at + interval '90 seconds' WHERE call_id = $1",
            correction,
        )
        for statement in changed:
            await run(history_url, statement, call["id"])
        assert await store.facts() is held  # the log has not told
        await run(history_url, "UPDATE event_counter SET last_seq = last_seq + 1")
        await run(
            history_url,
            "INSERT INTO events (seq, at, kind, actor_kind, call_id, roles, team_ids, user_ids, data, old)"
            " SELECT last_seq, now(), 'call.updated', 'system', $1, '{}', '{}', '{}', '{}', '{}' FROM event_counter",
            call["id"],
        )
        fresh = await store.facts()
        await expect_the_rows(history_url, fresh)
        assert (fresh.assignments["corrected"] == 1 << STEPS.index("on_scene")).sum() == 1

        await run(
            history_url,
            "INSERT INTO calls (criticality, reason, reason_code, address, received_at, created_at)"
            " SELECT criticality, 'Упал с крыши', NULL, address, received_at, created_at FROM calls LIMIT 3",
        )
        await expect_the_rows(history_url, await store.facts())  # bulk rows, of which no event told

    asyncio.run(story())


def test_a_shift_lasts_until_its_planned_end_even_if_the_team_is_ended_the_next_morning(
    history_url: str,
) -> None:
    async def lengths() -> list[float]:
        connection = await asyncpg.connect(history_url)
        change = connection.transaction()
        await change.start()
        try:
            late, early, living = (
                row["id"] for row in await connection.fetch("SELECT id FROM teams ORDER BY id LIMIT 3")
            )
            for team, ended in ((late, "10 hours"), (early, "-2 hours"), (living, None)):
                await connection.execute(
                    "UPDATE teams SET ended_at = shift_end + CAST($2::text AS interval) WHERE id = $1",
                    team,
                    ended,
                )
            teams = await load_teams(connection, (), 0)
            return [(teams[n].end - teams[n].start) / 3_600_000_000 for n in (late, early, living)]
        finally:
            await change.rollback()
            await connection.close()

    assert asyncio.run(lengths()) == [12, 10, 12]


def test_what_was_confirmed_from_gps_is_no_declared_time_until_a_person_puts_it_right(
    history_url: str,
) -> None:
    entry = """
        INSERT INTO milestones (assignment_id, step, at, recorded_at, source, corrects, reason)
        SELECT assignment_id, step, at, recorded_at, $2, id, 'x' FROM milestones
        WHERE assignment_id = $1 AND step = $3 AND corrects IS NULL
    """

    async def marks() -> list[tuple[int, int]]:
        connection = await asyncpg.connect(history_url)
        change = connection.transaction()
        await change.start()
        try:
            row = await connection.fetchrow(
                "SELECT id, call_id FROM assignments WHERE on_scene_at IS NOT NULL LIMIT 1"
            )
            assert row is not None
            found = []
            for source, step in (("gps", "en_route"), ("gps", "on_scene"), ("dispatcher", "on_scene")):
                await connection.execute(entry, row["id"], source, step)
                frame = await load_assignments(connection, [row["call_id"]])
                (n,) = np.flatnonzero(frame["id"] == row["id"])
                found.append((int(frame["by_gps"][n]), int(frame["inferred"][n])))
            return found
        finally:
            await change.rollback()
            await connection.close()

    en_route, on_scene = (1 << STEPS.index(step) for step in ("en_route", "on_scene"))
    assert asyncio.run(marks()) == [(en_route, 0), (en_route | on_scene, 0), (en_route, 0)]


def test_a_table_emptied_or_restored_is_read_anew(history_url: str) -> None:
    async def story() -> None:
        store = Store(history_url)
        assert len((await store.facts()).calls) > 0
        await run(history_url, "TRUNCATE calls CASCADE")
        assert len((await store.facts()).calls) == 0

    asyncio.run(story())


def test_the_copy_on_disk_spares_the_next_process_the_reading(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brigada.reports.store.KEEP_ROWS", 10)
    assert KEEP_ROWS > 10

    async def story() -> None:
        await write_history(database_url, History(calls=50, days=5, teams=6, seed=4))
        first = await Store(database_url, tmp_path).facts()
        kept = one_file(tmp_path)
        assert kept.stat().st_mode & 0o077 == 0
        again = await Store(database_url, tmp_path).facts()
        assert again.calls["id"].tolist() == first.calls["id"].tolist()
        assert again.names.teams == first.names.teams
        kept.write_bytes(b"damaged")
        await expect_the_rows(database_url, await Store(database_url, tmp_path).facts())

    asyncio.run(story())
