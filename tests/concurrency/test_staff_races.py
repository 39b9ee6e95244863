"""Races about accounts, cars and teams."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import httpx
import pytest

from live.fixtures import House
from live.people import PASSWORD, Person
from live.race import ROUNDS, Scene, scene

pytestmark = [pytest.mark.anyio, pytest.mark.long]

CAR = "SELECT 1 FROM cars WHERE id = $1 FOR UPDATE"
USER = "SELECT 1 FROM users WHERE id = $1 FOR UPDATE"


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Scene]:
    async with scene(house.processes, house.dsn) as made:
        yield made


def team_of(number: int, car_id: int, *user_ids: int) -> dict[str, Any]:
    return {"name": f"Т{car_id}-{number}", "car_id": car_id, "member_ids": list(user_ids)}


@ROUNDS
async def test_a_worker_joins_one_of_two_teams(stage: Scene, rounds: int) -> None:
    one, two = stage.admins
    for number in range(rounds):
        worker, _ = await stage.facts.user("worker")
        cars = [await stage.facts.car(), await stage.facts.car()]
        answers = await stage.race(
            number,
            partial(one.ask, "POST", "/teams", team_of(number, cars[0], worker)),
            partial(two.ask, "POST", "/teams", team_of(number, cars[1], worker)),
            at=USER,
            args=(worker,),
        )
        winner = await stage.one_wins(answers, "worker_taken")
        assert answers[1 - winner].json()["team_id"] == answers[winner].json()["id"]
        living = "SELECT count(*) FROM team_members WHERE user_id = $1 AND left_at IS NULL"
        assert await stage.facts.value(living, worker) == 1
    stage.both_ways_happened()
    await stage.all_screens_are_true()


@ROUNDS
async def test_a_car_goes_to_one_of_two_teams(stage: Scene, rounds: int) -> None:
    one, two = stage.admins
    for number in range(rounds):
        car = await stage.facts.car()
        workers = [(await stage.facts.user("worker"))[0] for _ in range(2)]
        answers = await stage.race(
            number,
            partial(one.ask, "POST", "/teams", team_of(2 * number, car, workers[0])),
            partial(two.ask, "POST", "/teams", team_of(2 * number + 1, car, workers[1])),
            at=CAR,
            args=(car,),
        )
        await stage.one_wins(answers, "car_taken")
        living = "SELECT count(*) FROM teams WHERE car_id = $1 AND ended_at IS NULL"
        assert await stage.facts.value(living, car) == 1
    stage.both_ways_happened()
    await stage.all_screens_are_true()


def clean_refusal(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


@ROUNDS
async def test_a_car_is_retired_or_used_never_both(stage: Scene, rounds: int) -> None:
    one, two = stage.admins
    for number in range(rounds):
        car = await stage.facts.car()
        worker, _ = await stage.facts.user("worker")
        retired, formed = await stage.race(
            number,
            partial(one.ask, "DELETE", f"/cars/{car}"),
            partial(two.ask, "POST", "/teams", team_of(number, car, worker)),
            at=CAR,
            args=(car,),
        )
        if formed.status_code == 201:
            clean_refusal(retired, 409, "car_on_team")
        else:
            assert retired.status_code == 204
            clean_refusal(formed, 422, "invalid")  # there is no such car any more
            assert formed.json()["errors"][0]["loc"] == ["body", "car_id"]
        stage.seen[str(formed.status_code)] += 1
        lost = (
            "SELECT count(*) FROM teams t JOIN cars c ON c.id = t.car_id"
            " WHERE c.id = $1 AND c.retired_at IS NOT NULL AND t.ended_at IS NULL"
        )
        assert await stage.facts.value(lost, car) == 0
    stage.both_ways_happened()
    await stage.all_screens_are_true()


@ROUNDS
async def test_a_worker_is_deleted_or_put_on_a_team_never_both(stage: Scene, rounds: int) -> None:
    one, two = stage.admins
    for number in range(rounds):
        car = await stage.facts.car()
        worker, _ = await stage.facts.user("worker")
        deleted, formed = await stage.race(
            number,
            partial(one.ask, "DELETE", f"/users/{worker}"),
            partial(two.ask, "POST", "/teams", team_of(number, car, worker)),
            at=USER,
            args=(worker,),
        )
        if formed.status_code == 201:
            clean_refusal(deleted, 409, "user_on_team")
        else:
            assert deleted.status_code == 204
            clean_refusal(formed, 422, "invalid")
            assert formed.json()["errors"][0]["loc"] == ["body", "member_ids", 0]
        stage.seen[str(formed.status_code)] += 1
        lost = (
            "SELECT count(*) FROM team_members m JOIN users u ON u.id = m.user_id"
            " WHERE u.id = $1 AND u.deleted_at IS NOT NULL AND m.left_at IS NULL"
        )
        assert await stage.facts.value(lost, worker) == 0
    stage.both_ways_happened()
    await stage.all_screens_are_true()


@ROUNDS
async def test_of_two_administrators_who_delete_each_other_one_stays(stage: Scene, rounds: int) -> None:
    one, two = stage.admins
    for number in range(rounds):
        # Nobody else administers: whoever is deleted here is made alive again for the next round.
        await stage.facts.sql.execute(
            "UPDATE users SET active = (id = ANY($1)), deleted_at = NULL WHERE role = 'admin'",
            [one.id, two.id],
        )
        await stage.facts.sql.execute(
            "UPDATE sessions SET ended_at = NULL, end_reason = NULL WHERE user_id = ANY($1)", [one.id, two.id]
        )
        answers = await stage.race(
            number,
            partial(one.ask, "DELETE", f"/users/{two.id}"),
            partial(two.ask, "DELETE", f"/users/{one.id}"),
            at=USER,
            args=(min(one.id, two.id),),
        )
        winners = [index for index, answer in enumerate(answers) if answer.status_code == 204]
        assert len(winners) == 1, [answer.text for answer in answers]
        loser = answers[1 - winners[0]]
        if loser.status_code == 401:  # deleted before the gate: not signed in any more
            assert loser.json()["code"] == "session_ended"
        else:
            clean_refusal(loser, 409, "last_administrator")
        stage.seen[f"{winners[0]} {loser.status_code}"] += 1
        left = "SELECT array_agg(id) FROM users WHERE role = 'admin' AND active AND deleted_at IS NULL"
        assert await stage.facts.value(left) == [(one.id, two.id)[winners[0]]]
    stage.both_ways_happened()
    await stage.facts.log_has_no_gap()


@ROUNDS
async def test_a_refresh_token_used_twice_at_once_ends_its_family(stage: Scene, rounds: int) -> None:
    """Nobody can tell the owner from a thief: one of the two gets a pair, and neither pair is good any more."""
    _, login = await stage.facts.user("dispatcher")
    for number in range(rounds):
        person = await Person.sign_in(stage.processes[0].url, login)
        twin = person.at(stage.processes[1].url)
        session = "SELECT 1 FROM sessions WHERE user_id = $1 AND ended_at IS NULL FOR UPDATE"
        answers = await stage.race(number, person.refresh, twin.refresh, at=session, args=(person.id,))
        assert sorted(answer.status_code for answer in answers) == [200, 401]
        winner = 0 if answers[0].status_code == 200 else 1
        clean_refusal(answers[1 - winner], 401, "refresh_reused")
        person.take_cookies(answers[winner])
        assert (await person.ask("GET", "/auth/me")).status_code == 401
        assert (await person.refresh()).status_code == 401
        living = "SELECT count(*) FROM sessions WHERE user_id = $1 AND ended_at IS NULL"
        assert await stage.facts.value(living, person.id) == 0
        stage.seen[str(winner)] += 1
        await person.close()
        await twin.close()
    stage.both_ways_happened()
    await stage.facts.log_has_no_gap()


@ROUNDS
async def test_a_sign_in_while_the_account_is_closed_leaves_no_session(stage: Scene, rounds: int) -> None:
    admin = stage.admins[0]
    for number in range(rounds):
        user_id, login = await stage.facts.user("dispatcher")
        visitor = Person(stage.dispatchers[0].at(stage.processes[1].url).http, login)
        signed_in, closed = await stage.race(
            number,
            partial(
                visitor.http.post, "/auth/login", json={"login": login, "password": "a long enough word 7"}
            ),
            partial(admin.ask, "PATCH", f"/users/{user_id}", {"active": False}),
            at=USER,
            args=(user_id,),
        )
        assert closed.status_code == 200, closed.text
        assert signed_in.status_code in {200, 401}, signed_in.text
        stage.seen[str(signed_in.status_code)] += 1
        living = "SELECT count(*) FROM sessions WHERE user_id = $1 AND ended_at IS NULL"
        assert await stage.facts.value(living, user_id) == 0
        await visitor.close()
    await stage.facts.log_has_no_gap()


@ROUNDS
async def test_a_sign_in_while_the_person_changes_the_password_leaves_no_session(
    stage: Scene, rounds: int
) -> None:
    for number in range(rounds):
        _, login = await stage.facts.user("dispatcher")
        person = await Person.sign_in(stage.processes[0].url, login)
        visitor = Person(person.at(stage.processes[1].url).http, login)
        signed_in, changed = await stage.race(
            number,
            partial(visitor.http.post, "/auth/login", json={"login": login, "password": PASSWORD}),
            partial(
                person.ask,
                "POST",
                "/auth/password",
                {"current_password": PASSWORD, "new_password": "another long word 8"},
            ),
            at=USER,
            args=(person.id,),
        )
        assert changed.status_code == 204, changed.text
        assert signed_in.status_code in {200, 401}, signed_in.text
        stage.seen[str(signed_in.status_code)] += 1
        living = "SELECT count(*) FROM sessions WHERE user_id = $1 AND ended_at IS NULL"
        assert await stage.facts.value(living, person.id) == 1, "the own one goes on, no other does"
        await visitor.close()
        await person.close()
    await stage.facts.log_has_no_gap()
