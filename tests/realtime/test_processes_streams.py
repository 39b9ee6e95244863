"""Several processes over one log: each socket gets what it may see, once, in order, wherever it is connected."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from brigada.embedded.process import wait_until
from live.fixtures import WINDOW, House
from live.people import Person
from live.ports import free_port
from live.race import ROUNDS, Scene, scene
from live.screen import Screen, open_socket
from live.service import Process, live_settings, processes

pytestmark = pytest.mark.anyio


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Scene]:
    async with scene(house.processes, house.dsn) as made:
        yield made


async def test_every_socket_of_two_processes_gets_every_event_once_and_in_order(stage: Scene) -> None:
    one, two = stage.dispatchers
    team, login = await stage.team()
    crew = await Person.sign_in(stage.processes[1].url, login)
    async with Screen(crew) as phone:

        async def take_in_calls(person: Person) -> None:
            for _ in range(15):
                await person.new_call()

        await asyncio.gather(*(take_in_calls(person) for person in (one, two, one, two)))
        call = await one.new_call()
        assignment = (await one.assign(call["id"], team)).json()
        for step in ("acknowledged", "on_scene", "completed"):
            assert (await crew.step(assignment["id"], step)).status_code == 200
        await phone.reach(await stage.facts.last_seq())
        told = await stage.facts.told(phone.start, role="worker", user_id=crew.id, team_id=team)
        assert phone.seqs == told
        kinds = [event["kind"] for event in phone.events if event["kind"].startswith("assignment")]
        assert kinds == [
            "assignment.created",
            "assignment.step",
            "assignment.step",
            "assignment.completed",
        ]
    await crew.close()
    await stage.all_screens_are_true()


@pytest.fixture
def four(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[list[Process]]:
    with processes([live_settings(tmp_path, database_url, redis_url) for _ in range(4)]) as running:
        yield running


@pytest.mark.long
async def test_every_socket_of_four_processes_gets_every_event_once_and_in_order(
    four: list[Process], database_url: str
) -> None:
    async with scene(four, database_url) as stage, AsyncExitStack() as people:
        desks = []
        for process in four:
            _, login = await stage.facts.user("dispatcher")
            desks.append(await Person.sign_in(process.url, login))
            people.push_async_callback(desks[-1].close)
            stage.screens.append(await people.enter_async_context(Screen(desks[-1])))
        team, login = await stage.team()
        # Commands by one process, the socket at another.
        crew = await Person.sign_in(four[2].url, login)
        people.push_async_callback(crew.close)
        phone = await people.enter_async_context(Screen(crew, four[3].url))

        async def work(desk: Person) -> list[int]:
            return [(await desk.new_call())["id"] for _ in range(40)]

        taken_in = await asyncio.gather(*(work(desk) for desk in desks for _ in range(2)))
        for desk, (call, *_) in zip(desks, taken_in, strict=False):
            assignment = (await desk.assign(call, team)).json()
            for step in ("acknowledged", "completed"):
                assert (await crew.step(assignment["id"], step)).status_code == 200
        await stage.all_screens_are_true()
        shown = [
            [event["data"]["call"]["id"] for event in screen.events if event["kind"] == "call.created"]
            for screen in stage.screens[-len(four) :]
        ]
        assert all(one == shown[0] for one in shown)
        assert sorted(shown[0]) == sorted(call for calls in taken_in for call in calls)
        await phone.reach(await stage.facts.last_seq())
        assert phone.seqs == await stage.facts.told(phone.start, role="worker", user_id=crew.id, team_id=team)


@ROUNDS
async def test_a_client_that_comes_to_another_process_goes_on_where_it_was(stage: Scene, rounds: int) -> None:
    """Right after the commands: the process may be ahead of the one that the client comes from, or behind."""
    one, two = stage.dispatchers
    async with Screen(one) as screen:
        for number in range(rounds):
            await screen.leave()
            await asyncio.gather(one.new_call(), two.new_call())
            snapshot = await one.get("/snapshot") if number % 3 == 0 else None
            if snapshot is not None:  # a start anew: the picture of one process, the socket of another
                screen.start, screen.cursor, screen.seqs = snapshot["seq"], snapshot["seq"], []
                screen.calls = {call["id"]: call for call in snapshot["calls"]}
            writing = asyncio.create_task(two.new_call())
            await screen.resume(stage.processes[number % 2].url)
            await writing
            await screen.reach(await stage.facts.last_seq())
            told = await stage.facts.told(screen.start, role="dispatcher", user_id=one.id)
            assert screen.seqs == told
            assert screen.resyncs == []
    await stage.all_screens_are_true()


async def first_frames(person: Person, url: str, after: int, epoch: str | None = None) -> list[str]:
    """What the log's part of a socket begins with; cars' positions come once a second, whenever that is."""
    import msgspec

    first: list[str] = []
    async with open_socket(person, url, after, epoch) as socket:
        while len(first) < 2:
            frame = msgspec.json.decode(await socket.recv())
            if frame["type"] != "positions":
                first.append(str(frame.get("reason", frame["type"])))
    return first


async def test_a_client_that_can_not_resume_is_told_to_start_anew(stage: Scene) -> None:
    one = stage.dispatchers[0]
    screen = stage.screens[1]
    last = await stage.facts.last_seq()
    url = stage.processes[0].url
    assert await first_frames(one, url, last + 1) == ["hello", "unknown"]
    assert await first_frames(one, url, last + 10**12) == ["hello", "unknown"]
    other = "00000000-0000-4000-8000-000000000000"
    assert await first_frames(one, url, last, other) == ["hello", "another_epoch"]
    assert await first_frames(one, url, last, screen.epoch) == ["hello", "heartbeat"]
    for _ in range(max(0, WINDOW + 1 - last)):  # numbers are given fast by hand: nobody is told of these
        await stage.facts.sql.execute(
            "WITH c AS (UPDATE event_counter SET last_seq = last_seq + 1 RETURNING last_seq)"
            " INSERT INTO events (seq, at, kind, actor_kind, roles, team_ids, user_ids, data, old)"
            " SELECT last_seq, now(), 'test.happened', 'system', '{}', '{}', '{}', '{}', '{}' FROM c"
        )
    assert await first_frames(one, url, 0, screen.epoch) == ["hello", "too_old"]


async def test_signing_out_at_one_process_closes_the_socket_at_the_other(stage: Scene) -> None:
    _, login = await stage.facts.user("dispatcher")
    person = await Person.sign_in(stage.processes[0].url, login)
    async with Screen(person, stage.processes[1].url) as screen:
        await person.sign_out()
        assert (await screen.wait_closed())[0] == 4401
    await person.close()


async def test_a_deactivated_account_loses_its_sockets_everywhere(stage: Scene) -> None:
    user_id, login = await stage.facts.user("dispatcher")
    people = [await Person.sign_in(process.url, login) for process in stage.processes]
    async with Screen(people[0]) as one, Screen(people[1]) as two:
        await stage.admins[0].do("PATCH", f"/users/{user_id}", {"active": False})
        assert (await one.wait_closed())[0] == 4401
        assert (await two.wait_closed())[0] == 4401
    for person in people:
        await person.close()


@ROUNDS
async def test_a_socket_opened_while_its_session_ends_does_not_stay(stage: Scene, rounds: int) -> None:
    _, login = await stage.facts.user("dispatcher")
    for _ in range(rounds):
        person = await Person.sign_in(stage.processes[0].url, login)
        screen = Screen(person, stage.processes[1].url)
        snapshot = await person.get("/snapshot")
        screen.cursor, screen.epoch = snapshot["seq"], snapshot["epoch"]
        await asyncio.gather(person.sign_out(), screen.resume())
        assert (await screen.wait_closed())[0] == 4401
        await screen.leave()
        await person.close()


async def test_a_worker_who_changes_the_team_starts_anew_and_hears_the_new_one(stage: Scene) -> None:
    one = stage.dispatchers[0]
    first, login = await stage.team()
    second, _ = await stage.team()
    members = [m["id"] for m in (await one.get(f"/teams/{second}"))["members"]]
    crew = await Person.sign_in(stage.processes[1].url, login)
    admin = stage.admins[0]
    async with Screen(crew) as phone:
        spare, _ = await stage.facts.user("worker")
        await admin.do("PATCH", f"/teams/{first}", {"member_ids": [spare]})
        await admin.do("PATCH", f"/teams/{second}", {"member_ids": [*members, crew.id]})
        await phone.wait(lambda: len(phone.resyncs) == 2)
        assert phone.resyncs == ["team_changed", "team_changed"]
        old_call, call = await one.new_call(), await one.new_call()
        assert (await one.assign(old_call["id"], first)).status_code == 201
        assert (await one.assign(call["id"], second)).status_code == 201
        await phone.reach(await stage.facts.last_seq())
        created = [e for e in phone.events if e["kind"] == "assignment.created"]
        assert [event["data"]["call"]["id"] for event in created] == [call["id"]]
        await phone.leave()
        # Away while the team changes again: the way back says so, too.
        await admin.do("PATCH", f"/teams/{second}", {"member_ids": members})
        await phone.resume()
        await phone.wait(lambda: len(phone.resyncs) == 3)
    await crew.close()
    await stage.all_screens_are_true()


async def test_heartbeats_tell_the_latest_number_at_every_process(stage: Scene) -> None:
    await stage.dispatchers[0].new_call()
    last = await stage.facts.last_seq()
    for screen in stage.screens:
        await screen.wait(lambda s=screen: bool(s.heartbeats) and s.heartbeats[-1]["seq"] >= last)  # type: ignore[misc]  # a default is how a loop's value is kept


async def test_whichever_process_is_asked_answers_with_the_measures_of_its_own(stage: Scene) -> None:
    import httpx

    async with httpx.AsyncClient() as client:
        texts = [(await client.get(f"{process.url}/metrics")).text for process in stage.processes]
    for text in texts:
        assert "brigada_requests_total" in text
        assert 'brigada_sockets{role="dispatcher"}' in text


@pytest.mark.long
def test_two_workers_of_one_port_answer_with_the_sum_of_their_measures(house: House) -> None:
    import re

    import httpx

    settings = house.processes[0].settings.model_copy(update={"workers": 2, "port": free_port()})
    process = Process(settings)
    process.start()
    try:

        def ask() -> int:
            with httpx.Client() as client:  # a connection of its own: either process may take it
                return client.get(f"{process.url}/health/live").status_code

        asked = 30
        assert {ask() for _ in range(asked)} == {200}
        with httpx.Client() as client:
            counted = 'brigada_requests_total{method="GET",route="/health/live",status="200"}'

            def total() -> float:
                text = client.get(f"{process.url}/metrics").text
                found = re.search(re.escape(counted) + r" (\S+)", text)
                return float(found.group(1)) if found else 0.0

            assert wait_until(lambda: total() == asked, 5), total()
    finally:
        process.stop()
