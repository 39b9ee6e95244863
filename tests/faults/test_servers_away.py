"""Redis and PostgreSQL stop and come back under a running service; its processes stay."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from faults.conftest import Town
from live.people import Person
from live.race import Scene, scene
from live.service import HEARTBEAT_S

pytestmark = [pytest.mark.anyio, pytest.mark.long, pytest.mark.timeout(180)]


@pytest.fixture
async def stage(town: Town) -> AsyncIterator[Scene]:
    async with scene(town.processes, town.dsn) as made:
        yield made


@asynccontextmanager
async def calls_coming_in(stage: Scene) -> AsyncIterator[list[httpx.Response]]:
    """Two dispatchers take in calls, one after another, for as long as the block lasts."""
    answers: list[httpx.Response] = []
    over = asyncio.Event()

    async def work(person: Person) -> None:
        while not over.is_set():
            body = {"reason": "chest_pain", "address": "пр. Мира, 88"}
            answers.append(await person.ask("POST", "/calls", body))

    jobs = [asyncio.create_task(work(person)) for person in stage.dispatchers]
    try:
        yield answers
    finally:
        over.set()
        await asyncio.gather(*jobs)


async def took_in_a_call(person: Person) -> bool:
    answer = await person.ask("POST", "/calls", {"reason": "chest_pain", "address": "пр. Мира, 88"})
    return answer.status_code == 201


async def more_of(answers: list[httpx.Response], number: int) -> None:
    """Wait until that many more answers came."""
    wanted = len(answers) + number
    async with asyncio.timeout(30):
        while len(answers) < wanted:  # noqa: ASYNC110 -- filled by two jobs
            await asyncio.sleep(0.01)


async def test_commands_go_on_and_nobody_misses_an_event_while_redis_is_away(
    town: Town, stage: Scene
) -> None:
    redis = town.stack.redis
    assert redis is not None
    async with calls_coming_in(stage) as answers:
        await more_of(answers, 10)
        redis.stop()
        await more_of(answers, 30)
        redis.begin()
        redis.finish_start()
        await more_of(answers, 30)
    assert {answer.status_code for answer in answers} == {201}
    await stage.all_screens_are_true()


async def refused_after(stage: Scene, login: str, tries: int) -> bool:
    """Try wrong passwords; whether one was answered "too many"."""
    for _ in range(tries):
        body = {"login": login, "password": "a wrong password 1"}
        answer = await stage.dispatchers[0].http.post("/auth/login", json=body)
        if answer.status_code == 429:
            assert 1 <= int(answer.headers["retry-after"]) <= 60
            return True
        assert answer.status_code == 401
    return False


async def test_limits_on_guessing_hold_without_redis(town: Town, stage: Scene) -> None:
    redis = town.stack.redis
    assert redis is not None
    _, known = await stage.facts.user("dispatcher")
    _, fresh = await stage.facts.user("dispatcher")
    # Twice the limit and one: the minute may end in between, and begins to count anew.
    assert await refused_after(stage, known, 11)
    redis.stop()
    try:
        assert await refused_after(stage, known, 6)
        assert await refused_after(stage, fresh, 11)
    finally:
        redis.begin()
        redis.finish_start()


async def test_without_postgresql_it_says_so_and_recovers_by_itself(town: Town, stage: Scene) -> None:
    postgres = town.stack.postgres
    assert postgres is not None
    one, two = stage.dispatchers
    await one.new_call()
    # What the test itself holds would keep PostgreSQL from stopping no longer than a moment.
    last = await stage.facts.last_seq()
    for screen in stage.screens:
        await screen.reach(last)
    postgres.stop()
    for person in (one, two):
        for method, path in (("POST", "/calls"), ("GET", "/calls?view=actual"), ("GET", "/snapshot")):
            body = {"reason": "chest_pain", "address": "пр. Мира, 88"} if method == "POST" else None
            answer = await person.ask(method, path, body)
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
            assert int(answer.headers["retry-after"]) >= 1
    async with httpx.AsyncClient() as client:
        for process in town.processes:
            assert (await client.get(f"{process.url}/health/ready")).status_code == 503
            assert (await client.get(f"{process.url}/health/live")).status_code == 200
    beats = [len(screen.heartbeats) for screen in stage.screens]
    await asyncio.sleep(4 * HEARTBEAT_S)  # nothing can be waited for: the point is that nothing comes
    assert [len(screen.heartbeats) for screen in stage.screens] == beats
    pids = [process.pid for process in town.processes]
    postgres.begin()
    postgres.finish_start()
    async with asyncio.timeout(20):
        for person in (one, two):
            while not await took_in_a_call(person):  # noqa: ASYNC110 -- another program gets ready
                await asyncio.sleep(0.1)
    assert [process.pid for process in town.processes] == pids
    async with scene(town.processes, town.dsn) as after:
        last = await after.facts.last_seq()
        for screen in stage.screens:
            # The very sockets of before: nobody was sent away.
            await screen.wait(lambda s=screen, n=len(screen.heartbeats): len(s.heartbeats) > n or s.closed)  # type: ignore[misc]  # a default is how a loop's value is kept
            await screen.reach(last)
            assert screen.resyncs == []
            told = await after.facts.told(
                screen.start, role=screen.person.me["role"], user_id=screen.person.id
            )
            assert screen.seqs == told
        await after.facts.log_has_no_gap()


async def test_a_process_that_stops_sends_its_sockets_elsewhere(town: Town, stage: Scene) -> None:
    """Keep it last: the process is gone then."""
    one = stage.dispatchers[0]
    screen = stage.screens[1]
    assert screen.url == town.processes[0].url
    town.processes[0].stop()
    code, _ = await screen.wait_closed()
    assert code in {1012, 4408}
    elsewhere = one.at(town.processes[1].url)
    screen.person = elsewhere
    await screen.resume(town.processes[1].url)
    await elsewhere.new_call()
    last = await stage.facts.last_seq()
    await screen.reach(last)
    told = await stage.facts.told(screen.start, role="dispatcher", user_id=one.id)
    assert screen.seqs == told
    await elsewhere.close()
