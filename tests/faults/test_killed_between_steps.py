"""The API process is killed between any two steps of a command: all of it stands, or nothing.

The steps are found by the database itself: triggers, put on every table for these tests, stop the transaction at its
N-th write, or when it is about to be made final, until the test lets go. So the program under test is the real one.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from brigada.embedded.stack import Stack
from live.databases import fresh_database
from live.facts import Facts, facts_of
from live.people import Person, new_key
from live.service import Process, live_settings

pytestmark = pytest.mark.anyio

COMMIT = -1
"""The stop that is no write: everything is written, COMMIT was sent, the database works on it."""

TRAPS = """
CREATE TABLE test_stop (at int NOT NULL);
INSERT INTO test_stop VALUES (0);
CREATE FUNCTION test_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE n int := coalesce(nullif(current_setting('test.step', true), '')::int, 0) + 1;
BEGIN
    PERFORM set_config('test.step', n::text, true);
    IF n = (SELECT at FROM test_stop) THEN PERFORM pg_advisory_xact_lock(4242); END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION test_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT at FROM test_stop) = -1 THEN PERFORM pg_advisory_xact_lock(4242); END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER test_commit AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION test_commit();
"""
TRAP = """
CREATE TRIGGER test_step BEFORE INSERT OR UPDATE OR DELETE ON "{table}"
    FOR EACH STATEMENT EXECUTE FUNCTION test_step();
"""


@dataclass
class Patient:
    """The service that is killed."""

    process: Process
    facts: Facts
    tables: list[str]
    people: dict[str, Person]

    async def contents(self) -> dict[str, str]:
        """A fingerprint of each table."""
        query = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{}\" t"
        return {table: await self.facts.value(query.format(table)) for table in self.tables}

    async def sign_in(self, logins: dict[str, str]) -> None:
        self.people = {role: await Person.sign_in(self.process.url, login) for role, login in logins.items()}

    async def rise(self) -> None:
        """Start again; the people's connections are made anew."""
        self.process.start()
        for role, person in self.people.items():
            fresh = person.at(self.process.url)
            await person.close()
            self.people[role] = fresh

    @asynccontextmanager
    async def stopping(self, at: int) -> AsyncIterator[None]:
        async with self.facts.holding("SELECT pg_advisory_xact_lock(4242)"):
            await self.facts.sql.execute("UPDATE test_stop SET at = $1", at)
            yield

    async def kill_at(self, step: int, who: str, path: str, body: dict[str, Any], key: str) -> bool:
        """Send the command, kill the process at this step; False when the command has no such step."""
        async with self.stopping(step):
            asked = asyncio.create_task(self.people[who].ask("POST", path, body, key=key))
            stopped = asyncio.create_task(self.facts.waiting(1))
            await asyncio.wait({asked, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if asked.done() and not stopped.done():
                stopped.cancel()
                assert (await asked).is_success, (await asked).text
                await asyncio.gather(stopped, return_exceptions=True)
                return False
            await stopped
            self.process.kill()
            with pytest.raises(httpx.TransportError):
                await asked
        while await self.facts.connections():  # noqa: ASYNC110 -- the database notices that its client is gone
            await asyncio.sleep(0.01)
        await self.facts.sql.execute("UPDATE test_stop SET at = 0")
        return True


@pytest.fixture
def database(servers: Stack, template_database: str) -> Iterator[str]:
    with fresh_database(servers, template_database) as dsn:
        yield dsn


@pytest.fixture
async def patient(database: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Patient]:
    process = Process(live_settings(tmp_path, database, redis_url))
    async with facts_of(database) as facts:
        rows = await facts.sql.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = sorted(row["tablename"] for row in rows if row["tablename"] != "alembic_version")
        await facts.sql.execute(TRAPS)
        for table in tables:
            await facts.sql.execute(TRAP.format(table=table))
        process.start()
        patient = Patient(process, facts, tables, {})
        _, admin = await facts.user("admin")
        _, dispatcher = await facts.user("dispatcher")
        try:
            await patient.sign_in({"admin": admin, "dispatcher": dispatcher})
            yield patient
        finally:
            for person in patient.people.values():
                await person.close()
            process.stop()


async def prepared(patient: Patient, command: str) -> tuple[str, str, dict[str, Any]]:
    """What the command needs; who gives it, where, with which body."""
    facts, dispatcher = patient.facts, patient.people["dispatcher"]
    if command == "create":
        words = {"reason": "chest_pain", "address": "пр. Мира, 88", "patient": {"surname": "Ильин"}}
        return "dispatcher", "/calls", words
    if command == "form_team":
        worker, _ = await facts.user("worker")
        body: dict[str, Any] = {"name": f"Б{worker}", "car_id": await facts.car(), "member_ids": [worker]}
        return "admin", "/teams", body
    team, _ = await facts.team()
    call = await dispatcher.new_call()
    if command == "assign":
        return "dispatcher", f"/calls/{call['id']}/assignments", {"team_id": team}
    assignment = (await dispatcher.assign(call["id"], team)).json()
    if command == "complete":
        return "dispatcher", f"/calls/{call['id']}/complete", {}
    step = {"step": "completed"} if command == "last_step" else {"kind": "car_broken"}
    verb = "steps" if command == "last_step" else "trouble"
    return "dispatcher", f"/assignments/{assignment['id']}/{verb}", step


async def killed_and_repeated(patient: Patient, command: str, step: int) -> bool:
    who, path, body = await prepared(patient, command)
    key = new_key()
    before = await patient.contents()
    if not await patient.kill_at(step, who, path, body, key):
        return False
    after = await patient.contents()
    if step == COMMIT:  # the database had it all: it stands, though nobody was told
        assert after["events"] != before["events"]
    else:
        assert after == before, [table for table in after if after[table] != before[table]]
    await patient.facts.log_has_no_gap()
    await patient.rise()
    first = await patient.people[who].ask("POST", path, body, key=key)
    assert first.is_success, first.text
    assert (first.headers.get("idempotency-replayed") == "true") == (step == COMMIT)
    done = await patient.contents()
    again = await patient.people[who].ask("POST", path, body, key=key)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert await patient.contents() == done
    await patient.facts.log_has_no_gap()
    return True


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("command", ["create", "assign", "last_step", "complete", "trouble", "form_team"])
async def test_a_command_cut_short_at_any_step_stands_whole_or_not_at_all(
    patient: Patient, command: str
) -> None:
    step = 1
    while await killed_and_repeated(patient, command, step):
        step += 1
    assert step > 4  # the key, the rows, the events, the answer
    await patient.facts.sql.execute("UPDATE test_stop SET at = 0")
    assert await killed_and_repeated(patient, command, COMMIT)
