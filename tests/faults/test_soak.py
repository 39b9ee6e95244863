"""Sixteen writers at two processes: nothing lost, no gap, nothing out of order, for sockets and for the log."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from live.fixtures import House
from live.race import Scene, scene

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]

WRITERS = 16
COMMANDS_OF_A_LIFE = 5


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Scene]:
    async with scene(house.processes, house.dsn) as made:
        yield made


async def whole_lives(stage: Scene, writer: int, team: int, rounds: int) -> int:
    """Calls from intake to completion, one after another; return how many commands were accepted."""
    person = stage.dispatchers[writer % 2]
    done = 0
    for _ in range(rounds):
        call = await person.new_call()
        assigned = await person.assign(call["id"], team)
        assert assigned.status_code == 201, assigned.text
        for step in ("acknowledged", "on_scene", "completed"):
            answer = await person.step(assigned.json()["id"], step)
            assert answer.status_code == 200, answer.text
        done += COMMANDS_OF_A_LIFE
    return done


async def read_as_it_grows(dsn: str, after: int, over: asyncio.Event) -> list[int]:
    """Follow the log as a process does, in a hurry; the numbers in the order in which they became visible."""
    connection = await asyncpg.connect(dsn)
    seen = [after]
    try:
        while True:
            last_look = over.is_set()
            rows = await connection.fetch("SELECT seq FROM events WHERE seq > $1 ORDER BY seq", seen[-1])
            seen += [row["seq"] for row in rows]
            if last_look:
                return seen[1:]
            await asyncio.sleep(0.002)
    finally:
        await connection.close()


@pytest.mark.long
@pytest.mark.parametrize("rounds", [200])
async def test_sixteen_writers_lose_nothing(stage: Scene, rounds: int) -> None:
    teams = [(await stage.team())[0] for _ in range(WRITERS)]
    start = await stage.facts.last_seq()
    over = asyncio.Event()
    reading = asyncio.create_task(read_as_it_grows(stage.facts.dsn, start, over))
    lives_of_all = (whole_lives(stage, n, team, rounds) for n, team in enumerate(teams))
    accepted = sum(await asyncio.gather(*lives_of_all))
    over.set()
    seen = await reading
    assert accepted == WRITERS * rounds * COMMANDS_OF_A_LIFE
    assert seen == list(range(start + 1, await stage.facts.last_seq() + 1))
    counted = "SELECT count(*) FROM events WHERE seq > $1 AND kind = $2"
    lives = WRITERS * rounds
    for kind, number in (
        ("call.created", lives),
        ("assignment.created", lives),
        ("assignment.step", 2 * lives),
        ("assignment.completed", lives),
        ("call.completed", lives),
    ):
        assert await stage.facts.value(counted, start, kind) == number
    await stage.all_screens_are_true()
