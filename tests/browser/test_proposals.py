"""Proposals to divert a team: the service makes them, keys carry one out or decline it, nothing by itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from browser.crews import eventually
from browser.service import Client, Town
from browser.windows import Open, hold, let_go

FAR = {"lat": 60.17, "lon": 30.334}
BESIDE = {"lat": 59.9492, "lon": 30.334}


@pytest.fixture
def diversion(town: Town) -> tuple[int, int]:
    """Team 13 is sent to a far common call when a critical one comes in beside it; the only free team is far off."""
    town.place("14", 60.19, 30.334)
    with Client(town.service, "ivanova") as dispatcher:
        for name in ("11", "12", "15", "16"):
            dispatcher.post(f"/teams/{town.teams[name]['id']}/break")
        common = town.call(dispatcher, location=FAR, address="Дальняя, 1", minutes=5)
        dispatcher.post(f"/calls/{common['id']}/assignments", {"team_id": town.teams["13"]["id"]})
        critical = town.call(dispatcher, location=BESIDE, address="Ближняя, 2", criticality="critical")
    return int(common["id"]), int(critical["id"])


def teams_on(town: Town, call_id: int) -> list[tuple[int, str]]:
    with Client(town.service, "ivanova") as dispatcher:
        given = dispatcher.get(f"/calls/{call_id}")["assignments"]
    return [(item["team_id"], item["status"]) for item in given]


def desk_with_the_proposal(window: Open) -> Page:
    page = window("ivanova")
    proposal = page.locator(".proposal")
    expect(proposal).to_contain_text("Снять бригаду 13 с вызова")
    expect(proposal.locator("kbd")).to_have_text(["X", "Y"])
    return page


def press(page: Page, key: str, said: str) -> None:
    """Press until it counts: half a second after a change a key is refused, as meant for the proposal before."""
    told = page.locator(".foot-toast", has_text=said)

    def carried_out() -> bool:
        if told.count() == 0:
            page.keyboard.press(key)
            page.wait_for_timeout(200)
        return told.count() > 0

    eventually(page, carried_out)


def test_a_proposal_is_carried_out_in_two_steps_that_name_teams_and_calls(
    town: Town, diversion: tuple[int, int], window: Open
) -> None:
    common, critical = diversion
    with Client(town.service, "ivanova") as dispatcher:
        number = dispatcher.get(f"/calls/{critical}")["number"]
    page = desk_with_the_proposal(window)
    assert teams_on(town, critical) == []  # never by itself
    question = page.get_by_role("group", name="Перенаправить бригады? Отменить это нельзя.")

    def asked() -> bool:
        page.keyboard.press("y")
        return question.count() > 0

    eventually(page, asked)
    expect(question).to_contain_text(re.compile(f"К-{number}: .* → Бр. 13"))
    expect(question.get_by_role("button").first).to_have_text("Отмена")
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    page.locator(".proposal").get_by_role("button", name="Выполнить").click()
    expect(question.get_by_role("button").first).to_be_focused()
    press(page, "y", "Предложение выполнено.")
    expect(page.locator(".proposal")).to_have_count(0)
    assert teams_on(town, critical) == [(town.teams["13"]["id"], "assigned")]
    assert (town.teams["13"]["id"], "diverted") in teams_on(town, common)


@pytest.mark.long
def test_one_key_declines_a_proposal_and_it_does_not_come_again(
    town: Town, diversion: tuple[int, int], window: Open
) -> None:
    common, critical = diversion
    page = desk_with_the_proposal(window)
    press(page, "x", "Оставлено как есть.")
    expect(page.locator(".proposal")).to_have_count(0)
    assert teams_on(town, common) == [(town.teams["13"]["id"], "assigned")]
    assert teams_on(town, critical) == []


def test_proposals_are_whole_again_after_the_link_was_away_and_say_when_they_can_not_be_had(
    town: Town, diversion: tuple[int, int], window: Open
) -> None:
    page = desk_with_the_proposal(window)
    page.context.set_offline(True)
    expect(page.locator(".link-banner")).to_be_visible()
    with Client(town.service, "petrova") as other:
        for item in other.get("/advice")["proposals"]:
            other.post(f"/proposals/{item['id']}/decline")
    page.route("**/api/v1/advice", lambda route: route.abort())
    page.context.set_offline(False)
    said = page.locator(".proposals").get_by_role("alert")
    expect(said).to_contain_text("Сервер не отвечает")
    expect(page.locator(".proposal")).to_have_count(1)  # what was known before stays in sight
    page.unroute("**/api/v1/advice")
    said.get_by_role("button", name="Повторить").click()
    page.mouse.move(5, 5)
    expect(page.locator(".proposal")).to_have_count(0)
    expect(said).to_have_count(0)


def test_of_two_answers_the_one_that_was_asked_for_later_counts(
    town: Town, diversion: tuple[int, int], window: Open
) -> None:
    page = desk_with_the_proposal(window)
    proposals = page.locator("br-proposals")
    held = hold(page, "**/api/v1/advice", times=1)
    proposals.evaluate("list => void list.load()")
    older = held.next()
    proposals.evaluate("list => list.load()")
    let_go(page, older, json={"proposals": []})
    expect(page.locator(".proposal")).to_have_count(1)
