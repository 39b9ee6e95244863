"""Races about calls and teams: one winner, one clean refusal, both screens right."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from live.fixtures import House
from live.people import Person, new_key
from live.race import ROUNDS, Scene, scene

pytestmark = [pytest.mark.anyio, pytest.mark.long]

CALL = "SELECT 1 FROM calls WHERE id = $1 FOR UPDATE"
TEAM = "SELECT 1 FROM teams WHERE id = $1 FOR UPDATE"


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Scene]:
    async with scene(house.processes, house.dsn) as made:
        yield made


async def call_and_team(stage: Scene) -> tuple[int, int]:
    team_id, _ = await stage.team()
    call = await stage.dispatchers[0].new_call()
    return call["id"], team_id


@ROUNDS
async def test_of_two_dispatchers_who_take_one_call_one_sends_a_team(stage: Scene, rounds: int) -> None:
    one, two = stage.dispatchers
    for number in range(rounds):
        call_id, team = await call_and_team(stage)
        other, _ = await stage.team()
        answers = await stage.race(
            number,
            partial(one.assign, call_id, team),
            partial(two.assign, call_id, other),
            at=CALL,
            args=(call_id,),
        )
        winner = await stage.one_wins(answers, "call_has_team")
        sent = answers[winner].json()
        present = answers[1 - winner].json()["present"]
        assert [a["id"] for a in present["assignments"]] == [sent["id"]]
        assert await stage.facts.value("SELECT count(*) FROM assignments WHERE call_id = $1", call_id) == 1
    stage.both_ways_happened()
    await stage.all_screens_are_true()


@ROUNDS
async def test_one_team_goes_to_one_of_two_calls(stage: Scene, rounds: int) -> None:
    one, two = stage.dispatchers
    for number in range(rounds):
        call_id, team = await call_and_team(stage)
        other = (await two.new_call())["id"]
        answers = await stage.race(
            number,
            partial(one.assign, call_id, team),
            partial(two.assign, other, team),
            at=TEAM,
            args=(team,),
        )
        winner = await stage.one_wins(answers, "team_busy")
        loser_call = (call_id, other)[1 - winner]
        assert await stage.facts.value("SELECT status FROM calls WHERE id = $1", loser_call) == "new"
        assert await stage.facts.value("SELECT count(*) FROM assignments WHERE team_id = $1", team) == 1
    stage.both_ways_happened()
    await stage.all_screens_are_true()


@ROUNDS
async def test_a_double_clicked_call_is_taken_in_once(stage: Scene, rounds: int) -> None:
    one = stage.dispatchers[0]
    other = one.at(stage.processes[1].url)
    body = {"reason": "chest_pain", "address": "пр. Мира, 88"}
    for number in range(rounds):
        key = new_key()
        answers = await stage.race(
            number,
            partial(one.ask, "POST", "/calls", body, key=key),
            partial(other.ask, "POST", "/calls", body, key=key),
            # Both inserts of the key, or the second after the first, come to this table.
            at="LOCK TABLE idempotency_keys IN SHARE MODE",
            args=(),
        )
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].content == answers[1].content
        replayed = [answer.headers.get("idempotency-replayed") for answer in answers]
        assert sorted(replayed, key=str) == [None, "true"]
        assert await stage.facts.value("SELECT count(*) FROM idempotency_keys WHERE key = $1", key) == 1
        stage.seen[str(replayed)] += 1
    created = "SELECT count(*) FROM events WHERE kind = 'call.created' AND seq > $1 AND actor_id = $2"
    assert await stage.facts.value(created, stage.screens[0].start, one.id) == rounds
    await other.close()
    await stage.all_screens_are_true()


@ROUNDS
async def test_a_call_completed_while_a_second_team_is_sent_keeps_no_team(stage: Scene, rounds: int) -> None:
    """Assign first: the call is completed with both teams freed. Complete first: the assignment is refused."""
    one, two = stage.dispatchers
    for number in range(rounds):
        call_id, team = await call_and_team(stage)
        extra, _ = await stage.team()
        assert (await one.assign(call_id, team)).status_code == 201
        assigned, completed = await stage.race(
            number,
            partial(one.assign, call_id, extra, additional=True),
            partial(two.ask, "POST", f"/calls/{call_id}/complete"),
            at=CALL,
            args=(call_id,),
        )
        assert completed.status_code == 200, completed.text
        if assigned.status_code != 201:
            assert (assigned.status_code, assigned.json()["code"]) == (409, "call_closed")
        stage.seen[str(assigned.status_code)] += 1
        await nobody_works_on(stage, call_id, "completed")
    stage.both_ways_happened()
    await stage.all_screens_are_true()


@ROUNDS
async def test_a_call_rejected_while_a_team_is_sent_keeps_no_team(stage: Scene, rounds: int) -> None:
    one, two = stage.dispatchers
    for number in range(rounds):
        call_id, team = await call_and_team(stage)
        assigned, rejected = await stage.race(
            number,
            partial(one.assign, call_id, team),
            partial(two.ask, "POST", f"/calls/{call_id}/reject", {"reason": "refused"}),
            at=CALL,
            args=(call_id,),
        )
        assert rejected.status_code == 200, rejected.text
        if assigned.status_code != 201:
            assert (assigned.status_code, assigned.json()["code"]) == (409, "call_closed")
        stage.seen[str(assigned.status_code)] += 1
        await nobody_works_on(stage, call_id, "rejected")
    stage.both_ways_happened()
    await stage.all_screens_are_true()


async def nobody_works_on(stage: Scene, call_id: int, status: str) -> None:
    assert await stage.facts.value("SELECT status FROM calls WHERE id = $1", call_id) == status
    active = "SELECT count(*) FROM assignments WHERE call_id = $1 AND ended_at IS NULL"
    assert await stage.facts.value(active, call_id) == 0


@ROUNDS
async def test_a_step_and_a_cancellation_at_once_leave_an_ended_assignment(stage: Scene, rounds: int) -> None:
    """Step first: it counts, then the team is taken back. Cancellation first: the step is refused."""
    one = stage.dispatchers[0]
    team, login = await stage.team()
    crew = await Person.sign_in(stage.processes[1].url, login)
    for number in range(rounds):
        call = await one.new_call()
        assignment = (await one.assign(call["id"], team)).json()
        stepped, cancelled = await stage.race(
            number,
            partial(crew.step, assignment["id"], "en_route"),
            partial(one.ask, "POST", f"/assignments/{assignment['id']}/cancel"),
            at=CALL,
            args=(call["id"],),
        )
        assert cancelled.status_code == 200, cancelled.text
        if stepped.status_code != 200:
            assert (stepped.status_code, stepped.json()["code"]) == (409, "assignment_ended")
            assert stepped.json()["present"]["status"] == "cancelled"
        stage.seen[str(stepped.status_code)] += 1
        shown = await one.get(f"/calls/{call['id']}")
        assert shown["status"] == "new"
        assert [a["status"] for a in shown["assignments"]] == ["cancelled"]
        happened = shown["assignments"][0]["milestones"]["en_route_at"] is not None
        assert happened == (stepped.status_code == 200)
    stage.both_ways_happened()
    await crew.close()
    await stage.all_screens_are_true()


@ROUNDS
async def test_a_team_on_a_break_is_not_sent_and_a_sent_team_has_no_break(stage: Scene, rounds: int) -> None:
    one, two = stage.dispatchers
    for number in range(rounds):
        call_id, team = await call_and_team(stage)
        answers = await stage.race(
            number,
            partial(one.assign, call_id, team),
            partial(two.ask, "POST", f"/teams/{team}/break"),
            at=TEAM,
            args=(team,),
        )
        await stage.one_wins(answers, "team_on_break", "team_busy")
    stage.both_ways_happened()
    await stage.all_screens_are_true()


@ROUNDS
async def test_a_last_step_and_a_dispatchers_completion_complete_a_call_once(
    stage: Scene, rounds: int
) -> None:
    one = stage.dispatchers[0]
    team, login = await stage.team()
    crew = await Person.sign_in(stage.processes[1].url, login)
    for number in range(rounds):
        call = await one.new_call()
        assignment = (await one.assign(call["id"], team)).json()
        assert (await crew.step(assignment["id"], "on_scene")).status_code == 200
        stepped, completed = await stage.race(
            number,
            partial(crew.step, assignment["id"], "completed"),
            partial(one.ask, "POST", f"/calls/{call['id']}/complete"),
            at=CALL,
            args=(call["id"],),
        )
        # A step reported before is no error: after the dispatcher's completion the crew's tap changes nothing.
        assert stepped.status_code == 200, stepped.text
        assert completed.status_code in {200, 409}, completed.text
        if completed.status_code == 409:
            assert completed.json()["code"] == "call_closed"
        stage.seen[str(completed.status_code)] += 1
        closed = "SELECT count(*) FROM events WHERE call_id = $1 AND kind = 'call.completed'"
        assert await stage.facts.value(closed, call["id"]) == 1
    stage.both_ways_happened()
    await crew.close()
    await stage.all_screens_are_true()


@ROUNDS
async def test_a_team_renamed_while_it_is_freed_is_shown_free_and_renamed(stage: Scene, rounds: int) -> None:
    one, admin = stage.dispatchers[0], stage.admins[1]
    team, _ = await stage.team()
    for number in range(rounds):
        call = await one.new_call()
        assignment = (await one.assign(call["id"], team)).json()
        answers = await stage.race(
            number,
            partial(one.ask, "POST", f"/assignments/{assignment['id']}/cancel"),
            partial(admin.ask, "PATCH", f"/teams/{team}", {"name": f"Новая {team}-{number}"}),
            at=TEAM,
            args=(team,),
        )
        assert [answer.status_code for answer in answers] == [200, 200]
    await stage.all_screens_are_true()
    for screen in stage.screens:
        assert screen.teams[team]["free"]
        assert screen.teams[team]["name"] == f"Новая {team}-{rounds - 1}"
