"""Live advice: whom to send and why, proposals to divert, and nothing sent by itself."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select, text

from advice_town import Town, open_town
from brigada.calls.models import Call
from brigada.dispatch.advice import repository
from brigada.dispatch.advice.models import Advice
from brigada.dispatch.advice.picture import optimiser_settings
from brigada.dispatch.optimiser.settings import PRESETS

pytestmark = pytest.mark.anyio


async def test_a_waiting_call_shows_whom_to_send_and_why_and_nothing_is_sent(town: Town) -> None:
    far, near = await town.team(30), await town.team(5)
    call = await town.call(8, "critical")
    await town.watch.solve()
    [item] = (await town.advice())["items"]
    assert (item["call_id"], item["kind"], item["team_id"]) == (call, "send", near)
    assert [c["team_id"] for c in item["candidates"]] == [near, far]
    assert item["candidates"][0]["reasons"][0]["text"] == "ближе всех по дорогам"
    assert (await town.advice("en"))["items"][0]["candidates"][0]["reasons"][0]["text"] == "nearest by road"
    assert item["approximate"] is True
    assert await town.teams_of(call) == []


async def test_a_diversion_is_proposed_with_both_arrivals_before_and_after(town: Town) -> None:
    near, other, common, critical, _ = await town.diversion()
    [proposal] = (await town.advice())["proposals"]
    by_call = {move["call_id"]: move for move in proposal["moves"]}
    assert (by_call[critical]["team_before"], by_call[critical]["team_after"]) == (other, near)
    assert by_call[critical]["eta_after_s"] < by_call[critical]["eta_before_s"]
    assert by_call[critical]["late_before"]
    assert not by_call[critical]["late_after"]
    assert (by_call[common]["team_now"], by_call[common]["team_after"]) == (near, other)
    assert "Снять бригаду 1 с вызова" in proposal["text"]
    assert "Divert team 1 from" in (await town.advice("en"))["proposals"][0]["text"]
    assert await town.teams_of(common) == [(near, "assigned")]


async def test_what_one_look_proposes_and_the_next_does_not_is_told_to_nobody(town: Town) -> None:
    near = await town.team(10)
    common = await town.call(38, "common", 5)
    assert (await town.send(common, near)).status_code == 201
    critical = await town.call(11, "critical", 1)
    assert (await town.watch.solve()).proposals() != []
    assert (await town.advice())["proposals"] == []
    # Before the second look the caller rings again: nobody is needed.
    rejected = await town.client.post(f"/api/v1/calls/{critical}/reject", json={"reason": "refused"})
    assert rejected.status_code == 200, rejected.text
    await town.look_twice()
    told = await town.state.database.fetch_all("SELECT kind FROM events WHERE kind LIKE 'proposal.%'")
    assert [row["kind"] for row in told] == []


async def test_a_plan_that_meets_a_lock_gives_way_and_is_made_at_the_next_turn(town: Town) -> None:
    await town.team(5)
    first = await town.call(8, "critical")
    await town.watch.turn()
    second = await town.call(9, "critical")
    async with town.state.database.engine.begin() as connection:
        await connection.execute(text("SELECT 1 FROM advice FOR UPDATE"))
        await town.watch.turn()
        assert [item["call_id"] for item in (await town.advice())["items"]] == [first]
    await town.watch.turn()
    assert {item["call_id"] for item in (await town.advice())["items"]} == {first, second}


async def test_a_confirmed_proposal_moves_both_teams_in_one_transaction(town: Town) -> None:
    near, other, common, critical, proposal = await town.diversion()
    async with town.state.database.read() as session:
        received = await session.scalar(select(Call.received_at).where(Call.id == common))
    answer = await town.client.post(f"/api/v1/proposals/{proposal}/confirm")
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "confirmed"
    assert await town.teams_of(critical) == [(near, "assigned")]
    assert await town.teams_of(common) == [(near, "diverted"), (other, "assigned")]
    async with town.state.database.read() as session:
        assert await session.scalar(select(Call.received_at).where(Call.id == common)) == received
        kinds = await town.state.database.fetch_all(
            "SELECT kind, team_ids, xmin::text AS tx FROM events WHERE kind LIKE 'assignment.%' OR kind LIKE 'prop%'"
            " ORDER BY seq DESC LIMIT 4"
        )
    assert len({row["tx"] for row in kinds}) == 1
    told = {(row["kind"], *row["team_ids"]) for row in kinds}
    assert {
        ("assignment.diverted", near),
        ("assignment.created", near),
        ("assignment.created", other),
    } <= told
    again = await town.client.post(f"/api/v1/proposals/{proposal}/confirm")
    assert (again.status_code, again.json()["code"]) == (409, "proposal_decided")


async def test_a_call_left_without_a_team_waits_again_with_its_clock_running(town: Town) -> None:
    near = await town.team(10)
    common = await town.call(38, "common", 5)
    assert (await town.send(common, near)).status_code == 201
    critical = await town.call(11, "critical", 1)
    await town.look_twice()
    [proposal] = (await town.advice())["proposals"]
    assert (await town.client.post(f"/api/v1/proposals/{proposal['id']}/confirm")).status_code == 200
    shown = (await town.client.get(f"/api/v1/calls/{common}")).json()
    assert shown["status"] == "new"
    assert await town.teams_of(critical) == [(near, "assigned")]


async def test_a_declined_proposal_changes_nothing_and_is_not_made_again(town: Town) -> None:
    near, other, common, critical, proposal = await town.diversion()
    advised = {item["call_id"]: (item["kind"], item["team_id"]) for item in (await town.advice())["items"]}
    assert advised == {critical: ("divert", near), common: ("send", other)}
    answer = await town.client.post(f"/api/v1/proposals/{proposal}/decline")
    assert answer.json()["status"] == "declined"
    await town.look_twice()
    advised = {item["call_id"]: (item["kind"], item["team_id"]) for item in (await town.advice())["items"]}
    assert advised == {critical: ("send", other), common: ("keep", near)}
    assert (await town.advice())["proposals"] == []
    assert await town.teams_of(common) == [(near, "assigned")]
    assert await town.teams_of(critical) == []


async def test_a_proposal_from_an_outdated_picture_is_refused_whole(town: Town) -> None:
    near, other, common, critical, proposal = await town.diversion()
    assert (await town.send(critical, other)).status_code == 201
    answer = await town.client.post(f"/api/v1/proposals/{proposal}/confirm")
    assert (answer.status_code, answer.json()["code"]) == (409, "proposal_stale")
    assert await town.teams_of(common) == [(near, "assigned")]
    await town.watch.solve()
    assert proposal not in [one["id"] for one in (await town.advice())["proposals"]]


async def test_a_confirmation_against_a_manual_assignment_has_one_winner(town: Town) -> None:
    for _ in range(10):
        near, other, common, critical, proposal = await town.diversion()
        confirm, manual = await asyncio.gather(town.confirm(proposal), town.send(critical, other))
        assert sorted([confirm.status_code // 100, manual.status_code // 100]) == [2, 4]
        if confirm.status_code == 200:
            assert manual.status_code == 409
            assert await town.teams_of(critical) == [(near, "assigned")]
            assert await town.teams_of(common) == [(near, "diverted"), (other, "assigned")]
        else:
            assert confirm.json()["code"] in {"proposal_stale", "team_busy"}
            assert await town.teams_of(critical) == [(other, "assigned")]
            assert await town.teams_of(common) == [(near, "assigned")]
        await town.empty_street()


async def test_a_plan_leaves_a_proposal_alone_on_which_somebody_decides_this_moment(town: Town) -> None:
    """It neither waits for the dispatcher nor makes the dispatcher wait for it, which would be a deadlock."""
    *_, proposal = await town.diversion()
    async with town.state.unit_of_work() as uow:
        assert await repository.lock_proposal(uow.session, proposal) is not None
        await town.team(12)
        await town.watch.solve()
    assert proposal in [one["id"] for one in (await town.advice())["proposals"]]
    await town.watch.solve()
    assert proposal not in [one["id"] for one in (await town.advice())["proposals"]]


async def test_two_dispatchers_who_confirm_at_once_divert_once(town: Town) -> None:
    *_, critical, proposal = await town.diversion()
    answers = await asyncio.gather(*(town.confirm(proposal) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(await town.teams_of(critical)) == 1


async def test_another_choice_than_advised_is_kept_with_its_cost_in_seconds(town: Town) -> None:
    near, far = await town.team(5), await town.team(30)
    call = await town.call(8, "critical")
    await town.watch.solve()
    [item] = (await town.advice())["items"]
    etas = {c["team_id"]: c["eta_s"] for c in item["candidates"]}
    assert (await town.send(call, far)).status_code == 201
    await town.watch.solve()
    async with town.state.database.read() as session:
        query = select(Advice).where(Advice.call_id == call, Advice.chosen_at.is_not(None))
        advice = (await session.execute(query)).scalar_one()
        assert (advice.team_id, advice.chosen_team_id) == (near, far)
        assert advice.cost_s == pytest.approx(etas[far] - etas[near])
        assert advice.chosen_by is not None


async def test_a_team_is_sent_by_itself_only_where_an_administrator_has_said_so(town: Town) -> None:
    team = await town.team(5)
    call = await town.call(8, "critical")
    await town.watch.solve()
    assert await town.teams_of(call) == []
    refused = await town.client.put("/api/v1/advice/settings", json={"automatic": ["critical"]})
    assert refused.status_code == 403
    await town.team(6)
    common = await town.call(7, "common")
    assert (
        await town.admin.put("/api/v1/advice/settings", json={"automatic": ["critical"]})
    ).status_code == 200
    await town.watch.solve()
    assert await town.teams_of(call) != []
    assert await town.teams_of(common) == []
    assert team in {t for t, _ in await town.teams_of(call)} or len(await town.teams_of(call)) == 1


async def test_the_plan_goes_by_the_preset_that_an_administrator_took(town: Town) -> None:
    before = (await town.admin.get("/api/v1/advice/settings")).json()
    assert (before["preset"], before["late_s"]) == ("balanced", 900)
    urgent = next(preset for preset in before["presets"] if preset["name"] == "urgent")
    figures = {name: value for name, value in urgent.items() if name != "name"}
    answer = await town.admin.put("/api/v1/advice/settings", json=figures | {"version": before["version"]})
    assert (answer.status_code, answer.json()["preset"]) == (200, "urgent")
    async with town.state.database.read() as session:
        assert optimiser_settings(await repository.settings(session)) == PRESETS["urgent"]
        query = text("SELECT data, old FROM events WHERE kind = 'advice.settings' ORDER BY seq DESC LIMIT 1")
        told = (await session.execute(query)).one()
        assert (told.old["settings"]["late_s"], told.data["settings"]["late_s"]) == (900, 1800)
    outdated = await town.admin.put("/api/v1/advice/settings", json={"version": before["version"]})
    assert (outdated.status_code, outdated.json()["present"]["late_s"]) == (409, 1800)


@pytest.mark.parametrize("late_s", [-1, 7201, "NaN", None])
async def test_a_price_of_a_missed_norm_out_of_bounds_is_refused(town: Town, late_s: object) -> None:
    answer = await town.admin.put("/api/v1/advice/settings", json={"late_s": late_s})
    assert answer.status_code == 422
    assert "late_s" in answer.text


async def test_advice_is_withdrawn_when_the_crew_has_reached_the_patient(town: Town) -> None:
    near = await town.team(5)
    call = await town.call(8, "critical")
    assignment = (await town.send(call, near)).json()["id"]
    await town.watch.solve()
    assert [item["kind"] for item in (await town.advice())["items"]] == ["keep"]
    step = await town.client.post(f"/api/v1/assignments/{assignment}/steps", json={"step": "on_scene"})
    assert step.status_code == 200, step.text
    await town.watch.solve()
    assert (await town.advice())["items"] == []


async def test_the_leader_solves_by_itself_soon_after_a_call_comes_in(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with open_town(database_url, redis_url, tmp_path, leads=True) as town:
        team = await town.team(5)
        call = await town.call(8, "critical")
        async with asyncio.timeout(20):
            while not (items := (await town.advice())["items"]):  # noqa: ASYNC110 -- as a page without a socket
                await asyncio.sleep(0.1)
        assert (items[0]["call_id"], items[0]["team_id"]) == (call, team)
