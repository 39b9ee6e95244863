"""Exactly one process of many does the chores, and another takes over when it is gone."""

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import Callable

import asyncpg
import pytest

from brigada.db.leader import Chore, Leader

pytestmark = pytest.mark.anyio


class Process:
    """A stand-in for a process: a leader with one chore that counts its turns."""

    def __init__(self, url: str, name: str, turns: Counter[str]) -> None:
        async def run() -> None:
            turns[name] += 1
            if turns[name] == 2:
                raise RuntimeError("a bad turn")

        self.leader = Leader(url, [Chore("count", 0.02, run)], try_every_s=0.05)
        self.task = asyncio.create_task(self.leader.run())

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 -- the chore counts, nobody rings
            await asyncio.sleep(0.005)


async def test_one_of_three_leads_goes_on_after_a_bad_turn_and_is_replaced(database_url: str) -> None:
    turns: Counter[str] = Counter()
    processes = {name: Process(database_url, name, turns) for name in ("a", "b", "c")}
    try:
        await until(lambda: bool(turns))
        (first,) = turns
        await until(lambda: turns[first] >= 5)
        assert set(turns) == {first}
        await processes.pop(first).end()
        await until(lambda: len(turns) == 2)
        (second,) = set(turns) - {first}
        ended_with = turns[first]
        await until(lambda: turns[second] >= 5)
        assert turns[first] == ended_with
        assert sum(process.leader.leads for process in processes.values()) == 1
    finally:
        for process in processes.values():
            await process.end()


async def test_a_leader_cut_off_from_the_database_stops_its_chores_and_tries_again(database_url: str) -> None:
    turns: Counter[str] = Counter()
    process = Process(database_url, "a", turns)
    try:
        await until(lambda: turns["a"] >= 3)
        connection = await asyncpg.connect(database_url)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'brigada-leader' AND datname = current_database()"
        )
        await connection.close()
        await until(lambda: not process.leader.leads)
        await until(lambda: process.leader.leads)
        before = turns["a"]
        await until(lambda: turns["a"] >= before + 3)
    finally:
        await process.end()


SILENT = """
import asyncio, sys
import brigada.db.leader as leading

leading.SILENCE_S = 1

async def main():
    leader = leading.Leader(sys.argv[1], [], try_every_s=0.05)
    running = asyncio.create_task(leader.run())
    while not leader.leads:
        await asyncio.sleep(0.01)
    print("leads", flush=True)
    await running

asyncio.run(main())
"""


async def test_a_leader_whose_host_falls_silent_is_replaced(database_url: str) -> None:
    """Stopped, not killed: as with a lost power supply, nobody closes its connection."""
    silent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SILENT, database_url, stdout=asyncio.subprocess.PIPE
    )
    assert silent.stdout is not None
    turns: Counter[str] = Counter()
    try:
        assert await silent.stdout.readline() == b"leads\n"
        other = Process(database_url, "other", turns)
        try:
            await asyncio.sleep(0.2)
            assert not other.leader.leads
            silent.send_signal(signal.SIGSTOP)
            await until(lambda: turns["other"] > 0)
        finally:
            await other.end()
    finally:
        silent.kill()
        await silent.wait()
