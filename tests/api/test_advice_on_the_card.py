"""The card of a call and the joint plan: the same figures, the same team, or the reason why not."""

from datetime import timedelta
from typing import Any

import pytest

from advice_town import Town
from brigada.calls.models import Norm
from brigada.events.log import Event

pytestmark = pytest.mark.anyio


async def card(town: Town, call_id: int, language: str = "ru") -> dict[str, Any]:
    answer = await town.client.get(
        f"/api/v1/calls/{call_id}/candidates", headers={"Accept-Language": language}
    )
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


@pytest.mark.parametrize(
    "away", [{}, {"km": 0.05}, {"fix_age_s": 700}, {"hours_left": 0.4}, {"hours_left": 0.2}]
)
async def test_for_one_call_alone_the_card_and_the_plan_name_the_same_team(
    town: Town, away: dict[str, float]
) -> None:
    """Whatever speaks against the nearer team, a turnout, an old position, overtime: both weigh it alike."""
    plain = {"km": 3.0, "fix_age_s": 0.0, "hours_left": 10.0}
    for other_km in (3.5, 5.0, 8.0):
        await town.team(**(plain | away))
        await town.team(other_km)
        call = await town.call(0.5, "critical")
        await town.watch.solve()
        shown = await card(town, call)
        [item] = (await town.advice())["items"]
        assert shown["plan"]["agrees"]
        assert shown["plan"]["text"] == ""
        first = shown["items"][0]
        assert (first["team_id"], first["eta_s"]) == (item["team_id"], pytest.approx(item["eta_s"], abs=1))
        assert [c["team_id"] for c in shown["items"]] == [c["team_id"] for c in item["candidates"]]
        await town.empty_street()


async def test_where_the_plan_would_send_another_team_than_the_first_of_the_card_it_says_why(
    town: Town,
) -> None:
    between = await town.team(10)
    other = await town.team(25)
    urgent, common = await town.call(4, "critical", 2), await town.call(13, "common")
    await town.watch.solve()
    number = (await town.client.get(f"/api/v1/calls/{urgent}")).json()["number"]
    shown = await card(town, common)
    assert shown["items"][0]["team_id"] == between
    plan = shown["plan"]
    assert (plan["kind"], plan["team_id"], plan["agrees"]) == ("send", other, False)
    assert plan["text"].startswith("Общий план: бригада 2, через ")
    assert plan["text"].endswith(f". Бригада 1: нужнее на вызове {number}.")
    english = (await card(town, common, "en"))["plan"]["text"]
    assert english.endswith(f". Team 1: needed more at call {number}.")
    assert (await card(town, urgent))["plan"]["agrees"]


async def test_a_team_that_the_plan_does_not_know_yet_is_said_to_be_news(town: Town) -> None:
    await town.team(20)
    call = await town.call(1, "critical")
    assert (await card(town, call))["plan"] is None
    await town.watch.solve()
    await town.team(2)
    plan = (await card(town, call, "en"))["plan"]
    assert not plan["agrees"]
    assert "Team 2: was out of the question when the plan was made" in plan["text"]
    await town.watch.solve()
    assert (await card(town, call))["plan"]["agrees"]


async def test_an_arrival_that_moves_by_more_than_two_minutes_asks_for_another_plan(town: Town) -> None:
    team = await town.team(10)
    call = await town.call(30, "common")
    assert (await town.send(call, team)).status_code == 201
    watch = town.watch
    await watch.turn()
    solved: list[bool] = []
    plain = watch.solve

    async def solve() -> Any:
        solved.append(True)
        return await plain()

    watch.solve = solve  # type: ignore[method-assign]  # counted, and done as ever
    assert solved == []
    await watch.turn()
    assert solved == []
    expected = town.state.clock.now() + timedelta(seconds=(await town.advice())["items"][0]["eta_s"])
    for kind, name in (("assignment.arrival", "assignment"), ("assignment.route", "route")):
        for moved_s, asks in ((90, False), (-90, False), (150, True), (-150, True)):
            told = {name: {"id": 1, "assignment_id": 1, "arrives_at": expected + timedelta(seconds=moved_s)}}
            async with town.state.unit_of_work() as uow:
                uow.record(Event(kind=kind, data=told, roles=("dispatcher",), team_ids=(team,)))
                await uow.commit()
            solved.clear()
            await watch.turn()
            assert solved == [True] * asks, (kind, moved_s)


async def test_a_norm_from_another_moment_than_the_receipt_is_no_norm_of_arrival(town: Town) -> None:
    async with town.state.unit_of_work() as uow:
        uow.session.add(
            Norm(
                norm_set="own", criticality="critical", clock_start="assigned", clock_stop="en_route", target_s=60,
                statistic="share", share=0.9, active=True, title_ru="Выезд", title_en="Turnout",
            )
        )  # fmt: skip
        await uow.commit()
    await town.team(5)
    await town.call(8, "critical")
    await town.watch.solve()
    assert (await town.advice())["items"][0]["late"] is False
