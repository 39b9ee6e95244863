"""Nobody is told of success before the commit; a commit that fails leaves nothing behind."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from brigada.calls import repository as calls
from brigada.cars.models import Car
from brigada.db import engine
from brigada.db.engine import Database, ReadOnlyError, WriteSession
from brigada.dispatch.repository import lock_with_call
from brigada.events.kinds import WrongEventError
from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.teams import repository as teams
from stage import Stage

pytestmark = pytest.mark.anyio

BODY = {"reason": "chest_pain", "address": "ул. Мира, 3"}


class _LostError(Exception):
    sqlstate = "08006"


class _DiskError(Exception):
    sqlstate = "53100"


@pytest.mark.parametrize(
    ("cause", "status"),
    [(_LostError(), 503), (_DiskError(), 503), (RuntimeError("a bug"), 500)],
    ids=["connection lost", "disk full", "bug"],
)
async def test_a_commit_that_fails_is_never_told_as_success(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, cause: Exception, status: int
) -> None:
    async def fail(self: Any) -> None:
        raise DBAPIError("COMMIT", None, cause) if not isinstance(cause, RuntimeError) else cause

    seq = await stage.last_seq()
    with monkeypatch.context() as patch:
        patch.setattr(WriteSession, "commit", fail)
        response = await stage.petrova.send("POST", "/calls", json=BODY, headers={"Idempotency-Key": "k"})
    assert response.status_code == status
    if status == 503:
        assert int(response.headers["retry-after"]) > 0
    assert await stage.sql("SELECT id FROM calls") == []
    assert await stage.last_seq() == seq
    again = await stage.petrova.send("POST", "/calls", json=BODY, headers={"Idempotency-Key": "k"})
    assert again.status_code == 201, "the key was not used up"


async def test_a_constraint_checked_at_the_commit_leaves_no_call(stage: Stage) -> None:
    """A real failure of a real COMMIT, by a trigger that PostgreSQL defers to it."""
    await stage.sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '57014'; END $$"
    )
    await stage.sql(
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON calls DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    try:
        response = await stage.petrova.send("POST", "/calls", json=BODY)
        assert response.status_code == 503
        assert await stage.sql("SELECT id FROM calls") == []
        assert await stage.events("call.created") == []
    finally:
        await stage.sql("DROP TRIGGER refuse ON calls")
        await stage.sql("DROP FUNCTION refuse")
    await stage.petrova.post("/calls", BODY)


async def test_a_change_without_its_event_is_impossible(stage: Stage) -> None:
    async with stage.state.unit_of_work() as uow:
        with pytest.raises(WrongEventError):
            uow.record(Event(kind="call.dreamt", data={}))


async def test_what_is_not_committed_never_happened(stage: Stage) -> None:
    seq = await stage.last_seq()
    async with stage.state.unit_of_work() as uow:
        uow.record(Event(kind="car.created", data={"car": {"id": 1}}))
        await uow.session.flush()
    assert await stage.last_seq() == seq


async def test_numbers_follow_commits_without_gaps_under_many_writers(stage: Stage) -> None:
    seq = await stage.last_seq()

    async def write(number: int) -> int:
        async with stage.state.unit_of_work() as uow:
            uow.record(Event(kind="reason.created", data={"reason": {"code": str(number)}}))
            uow.record(Event(kind="reason.updated", data={"reason": {"code": str(number)}}))
            if number % 5 == 0:
                return 0  # given up: its numbers must not be missed by anybody
            await uow.commit()
            assert uow.last_seq is not None
            return uow.last_seq

    last = [found for found in await asyncio.gather(*(write(number) for number in range(40))) if found]
    assert sorted(last) == list(range(seq + 2, seq + 2 * len(last) + 1, 2))


async def test_a_command_that_stops_before_its_commit_does_not_stop_the_others_for_long(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its host is gone, its connection is not, and it holds the counter of the log."""
    monkeypatch.setattr(engine, "IDLE_IN_TRANSACTION_MS", 300)
    database = Database(database_url, pool_size=2)
    try:
        stuck = UnitOfWork(database, now=stage.state.clock.now())
        await stuck.session.execute(text("UPDATE event_counter SET last_seq = last_seq + 1"))
        async with UnitOfWork(database, now=stage.state.clock.now()) as uow:
            uow.record(Event(kind="car.created", data={"car": {"id": 1}}))
            await uow.commit()
            assert uow.last_seq == 1, "the number of the one that stopped is given again"
        stuck.record(Event(kind="car.created", data={"car": {"id": 2}}))
        with pytest.raises(DBAPIError):
            await stuck.commit()
        await stuck.session.close()
    finally:
        await database.engine.dispose()


async def test_what_is_written_about_a_call_and_its_team_waits_for_no_command_and_holds_up_none(
    stage: Stage,
) -> None:
    """Advice, positions and notices name rows that commands lock. Were they to wait for each other's turn, a plan and
    a command could each wait for the other until PostgreSQL ended one of them, a second later."""
    call = await stage.petrova.take_in()
    sent = await stage.petrova.assign(call, stage.crew12)
    advice = text(
        "INSERT INTO advice (call_id, team_id, made_at, computed_at, kind, candidates)"
        " VALUES (:call, :team, now(), now(), 'keep', '{}')"
    )
    about = {"call": call["id"], "team": stage.crew12.id}
    async with stage.state.unit_of_work() as plan, stage.state.unit_of_work() as command:
        for uow in (plan, command):
            await uow.session.execute(text("SET LOCAL lock_timeout = '1s'"))
        locked = await lock_with_call(command.session, sent["id"])
        assert locked is not None
        assert await teams.lock(command.session, stage.crew12.id) is not None
        await plan.session.execute(advice, about)
        # The plan now holds what it named; the command goes on over the same rows.
        assert await calls.lock(command.session, call["id"]) is not None
        locked[1].version += 1
        await command.session.flush()


async def test_a_query_that_reads_can_not_write(stage: Stage) -> None:
    async with stage.state.database.read() as session:
        session.add(Car(number="x", car_class="B", model="x"))
        with pytest.raises(ReadOnlyError):
            await session.flush()
