"""Two commands at once, many times: as the network brings them, and made to meet at one lock in the database."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from live.facts import Facts, facts_of
from live.people import Person
from live.screen import Screen, assert_true_to_the_tables
from live.service import Process

ROUNDS = pytest.mark.parametrize(
    "rounds",
    [
        pytest.param(6, id="6"),
        pytest.param(200, id="200", marks=[pytest.mark.long, pytest.mark.timeout(900)]),
    ],
)
"""A taste in every run of the tests; all two hundred among the long ones."""

LONGEST_STAGGER_S = 0.004
"""Commands take a few milliseconds: later than this the second one meets a finished first one."""

type Ask = Callable[[], Awaitable[httpx.Response]]


@dataclass
class Scene:
    """A running service, seen through two of its processes by two dispatchers and an administrator."""

    processes: list[Process]
    facts: Facts
    admins: tuple[Person, Person]
    dispatchers: tuple[Person, Person]
    screens: list[Screen]
    seen: Counter[str] = field(default_factory=Counter)
    """What became of the rounds: a race that only ever ends one way was perhaps none."""

    async def team(self) -> tuple[int, str]:
        """A new team of one worker, formed by the administrator; its number and its worker's login."""
        user_id, login = await self.facts.user("worker")
        body = {"name": f"Б{user_id}", "car_id": await self.facts.car(), "member_ids": [user_id]}
        team = await self.admins[0].do("POST", "/teams", body)
        return team["id"], login

    async def race(
        self, number: int, first: Ask, second: Ask, *, at: str, args: tuple[object, ...]
    ) -> list[httpx.Response]:
        """Send both; every other round both are held at the lock of the statement `at` until both wait there."""
        if number % 2:
            stagger = random.uniform(-LONGEST_STAGGER_S, LONGEST_STAGGER_S)
            return list(await asyncio.gather(_later(first, -stagger), _later(second, stagger)))
        asks = [first, second] if number % 4 else [second, first]
        async with self.facts.holding(at, *args):
            tasks = []
            for waiting, ask in enumerate(asks, 1):
                tasks.append(asyncio.create_task(_answer(ask)))
                await self.facts.waiting(waiting)
        answers = await asyncio.gather(*tasks)
        return answers if number % 4 else answers[::-1]

    async def one_wins(self, answers: list[httpx.Response], *codes: str, ok: int = 2) -> int:
        """One was done, the other refused with one of these codes; return which of the two won."""
        statuses = [answer.status_code for answer in answers]
        winners = [index for index, status in enumerate(statuses) if status // 100 == ok]
        assert len(winners) == 1, [(answer.status_code, answer.text) for answer in answers]
        loser = answers[1 - winners[0]]
        assert loser.status_code == 409, (loser.status_code, loser.text)
        assert loser.headers["content-type"] == "application/problem+json"
        assert loser.json()["code"] in codes, loser.text
        self.seen[f"{'first' if winners[0] == 0 else 'second'} won"] += 1
        return winners[0]

    async def all_screens_are_true(self) -> None:
        """Every screen shows what the tables hold, and got each event once, in order."""
        last = await self.facts.last_seq()
        for screen in self.screens:
            await screen.reach(last)
            told = await self.facts.told(
                screen.start, role=screen.person.me["role"], user_id=screen.person.id
            )
            # The service's own chores go on: what they told since `last` must have come by as well.
            until = max([last, *told[-1:]])
            await screen.reach(until)
            assert [seq for seq in screen.seqs if seq <= until] == told
            await assert_true_to_the_tables(screen)
        await self.facts.log_has_no_gap()
        for process in self.processes:
            assert process.faults() == ""

    def both_ways_happened(self) -> None:
        """The rounds were races: neither side won them all."""
        assert len(self.seen) > 1, self.seen


async def _answer(ask: Ask) -> httpx.Response:
    return await ask()


async def _later(ask: Ask, delay_s: float) -> httpx.Response:
    if delay_s > 0:
        await asyncio.sleep(delay_s)
    return await ask()


@asynccontextmanager
async def scene(processes: list[Process], dsn: str) -> AsyncIterator[Scene]:
    """Two administrators and two dispatchers signed in, one of each at either process; screens open at both."""
    async with AsyncExitStack() as stack:
        facts = await stack.enter_async_context(facts_of(dsn))
        people = []
        for role in ("admin", "dispatcher"):
            for process in processes[:2]:
                _, login = await facts.user(role)
                person = await Person.sign_in(process.url, login)
                stack.push_async_callback(person.close)
                people.append(person)
        screens = [await stack.enter_async_context(Screen(person)) for person in people[1:]]
        yield Scene(processes, facts, (people[0], people[1]), (people[2], people[3]), screens)
