"""A proposal confirmed while a dispatcher sends by hand: one of the two happens, whole, and both screens are right."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from live.fixtures import House
from live.race import ROUNDS, Scene, scene

pytestmark = pytest.mark.anyio

CALL = "SELECT 1 FROM calls WHERE id = $1 FOR NO KEY UPDATE"
"""Holds up commands, and not the advice about the call that the leading process writes all the while."""
SOUTH, WEST = 40.0, 60.0
KM = 1 / 111.2
"""Degrees of latitude."""
STREETS = 7
"""Streets with a story each; one plan proposes for all of them, so that a round need not wait for its own."""
APART = 2.0
"""Degrees between them: no team of one is of use in another."""
FIX = (
    "INSERT INTO car_positions (car_id, lat, lon, at, received_at, source)"
    " SELECT car_id, $2, $3, now(), now(), 'phone' FROM teams WHERE id = $1"
    " ON CONFLICT (car_id) DO UPDATE SET at = now(), received_at = now()"
)


@dataclass
class Street:
    """A team drives to a far common call as a critical one comes in beside it; another stands beside the common one."""

    south: float
    near: int
    other: int
    common: int = 0
    critical: int = 0
    proposal: int = 0

    def at(self, km: float) -> dict[str, float]:
        return {"lat": self.south + km * KM, "lon": WEST}


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Scene]:
    async with scene(house.processes, house.dsn) as made:
        yield made


async def streets_of(stage: Scene) -> list[Street]:
    return [
        Street(SOUTH + number * APART, (await stage.team())[0], (await stage.team())[0])
        for number in range(STREETS)
    ]


async def proposed(stage: Scene, streets: list[Street]) -> None:
    """Begin the story in every street, and wait until the service proposes to divert in each of them."""
    one = stage.dispatchers[0]
    for street in streets:
        for team, km in ((street.near, 10), (street.other, 40)):
            place = street.at(km)
            await stage.facts.sql.execute(FIX, team, place["lat"], place["lon"])
        street.common = (await one.new_call(criticality="common", location=street.at(38)))["id"]
        assert (await one.assign(street.common, street.near)).status_code == 201
        street.critical = (await one.new_call(location=street.at(11)))["id"]
        street.proposal = 0
    async with asyncio.timeout(60):
        while not all(street.proposal for street in streets):
            for proposal in (await one.get("/advice"))["proposals"]:
                calls = {move["call_id"] for move in proposal["moves"]}
                for street in streets:
                    if calls == {street.common, street.critical}:
                        street.proposal = proposal["id"]
            await asyncio.sleep(0.1)


async def cleared(stage: Scene, street: Street) -> None:
    for call_id in (street.common, street.critical):
        await stage.dispatchers[0].do("POST", f"/calls/{call_id}/reject", {"reason": "refused"})


async def teams_of(stage: Scene, call_id: int) -> dict[int, str]:
    shown: dict[str, Any] = await stage.dispatchers[1].get(f"/calls/{call_id}")
    return {work["team_id"]: work["status"] for work in shown["assignments"]}


@pytest.mark.long
@ROUNDS
async def test_of_a_confirmation_and_a_team_sent_by_hand_one_happens(stage: Scene, rounds: int) -> None:
    one, two = stage.dispatchers
    streets = await streets_of(stage)
    for number in range(rounds):
        street = streets[number % STREETS]
        if number % STREETS == 0:
            await proposed(stage, streets)
        answers = await stage.race(
            number,
            partial(one.ask, "POST", f"/proposals/{street.proposal}/confirm"),
            partial(two.assign, street.critical, street.other),
            at=CALL,
            args=(street.critical,),
        )
        winner = await stage.one_wins(
            answers, "call_has_team", "team_busy", "proposal_stale", "proposal_decided"
        )
        if winner == 0:
            assert await teams_of(stage, street.critical) == {street.near: "assigned"}
            assert await teams_of(stage, street.common) == {street.near: "diverted", street.other: "assigned"}
        else:
            assert await teams_of(stage, street.critical) == {street.other: "assigned"}
            assert await teams_of(stage, street.common) == {street.near: "assigned"}
        status = "SELECT status FROM proposals WHERE id = $1"
        assert (await stage.facts.value(status, street.proposal) == "confirmed") == (winner == 0)
        await cleared(stage, street)
    for street in streets[rounds % STREETS or STREETS :]:
        await cleared(stage, street)
    stage.both_ways_happened()
    # The fixes were put into the table past the service, so no screen was told of them.
    teams = [team for street in streets for team in (street.near, street.other)]
    await stage.facts.sql.execute(
        "DELETE FROM car_positions WHERE car_id IN (SELECT car_id FROM teams WHERE id = ANY($1))", teams
    )
    await stage.all_screens_are_true()
