"""Whichever two commands meet, neither of them tells the screens what the other has just made untrue.

Both are let run to the very end, where the log gives numbers, and only then may finish: each has read what it tells
before the other is final. What two commands have in common must be guarded by a lock before that.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import httpx
import pytest

from live.fixtures import House
from live.people import Person
from live.race import Scene, scene

pytestmark = pytest.mark.anyio

COUNTER = "SELECT 1 FROM event_counter FOR UPDATE"


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Scene]:
    async with scene(house.processes, house.dsn) as made:
        yield made


@dataclass
class Corner:
    """What the commands are about: a team with its car, crew and station, and a call."""

    team: int
    car: int
    spare_car: int
    worker: int
    spare_worker: int
    station: int
    other_station: int
    call: int
    assignment: int
    number: int


async def corner(stage: Scene, number: int, *, busy: bool) -> Corner:
    facts, (admin, _), (dispatcher, _) = stage.facts, stage.admins, stage.dispatchers
    place = {"lat": 59.9, "lon": 30.3}
    stations = [
        (await admin.do("POST", "/stations", {"name": f"П{number}-{n}-{busy}", "location": place}))["id"]
        for n in range(2)
    ]
    workers = [(await facts.user("worker"))[0] for _ in range(2)]
    cars = [await facts.car() for _ in range(2)]
    body = {"name": f"У{cars[0]}", "car_id": cars[0], "member_ids": workers[:1], "station_id": stations[0]}
    team = (await admin.do("POST", "/teams", body))["id"]
    call = (await dispatcher.new_call())["id"]
    assignment = 0
    if busy:
        answer = await dispatcher.assign(call, team)
        assert answer.status_code == 201, answer.text
        assignment = answer.json()["id"]
    return Corner(
        team, cars[0], cars[1], workers[0], workers[1], stations[0], stations[1], call, assignment, number
    )


type Command = tuple[str, str, Callable[[Corner], str], Callable[[Corner], dict[str, Any]]]

COMMANDS: dict[str, Command] = {
    "rename the team": ("admin", "PATCH", lambda c: f"/teams/{c.team}", lambda c: {"name": f"Н{c.car}"}),
    "move the team": ("admin", "PATCH", lambda c: f"/teams/{c.team}", lambda c: {"station_id": c.other_station}),
    "change the crew": (
        "admin", "PATCH", lambda c: f"/teams/{c.team}", lambda c: {"member_ids": [c.worker, c.spare_worker]},
    ),
    "replace the crew": (
        "admin", "PATCH", lambda c: f"/teams/{c.team}", lambda c: {"member_ids": [c.spare_worker]},
    ),
    "change the car": ("admin", "PATCH", lambda c: f"/teams/{c.team}", lambda c: {"car_id": c.spare_car}),
    "end the team": ("admin", "DELETE", lambda c: f"/teams/{c.team}", lambda _: {}),
    "send on a break": ("dispatcher", "POST", lambda c: f"/teams/{c.team}/break", lambda _: {}),
    "name the car": ("admin", "PATCH", lambda c: f"/cars/{c.car}", lambda c: {"model": f"М{c.number}"}),
    "break the car": ("admin", "PATCH", lambda c: f"/cars/{c.car}", lambda _: {"serviceability": "broken"}),
    "name the worker": ("admin", "PATCH", lambda c: f"/users/{c.worker}", lambda c: {"name": f"И{c.number}"}),
    "shift the station": (
        "admin", "PATCH", lambda c: f"/stations/{c.station}", lambda _: {"location": {"lat": 59.8, "lon": 30.2}},
    ),
    "change the call": ("dispatcher", "PATCH", lambda c: f"/calls/{c.call}", lambda _: {"comment": "код 12"}),
    "send the team": (
        "dispatcher", "POST", lambda c: f"/calls/{c.call}/assignments",
        lambda c: {"team_id": c.team, "additional": True},
    ),
    "reject the call": ("dispatcher", "POST", lambda c: f"/calls/{c.call}/reject", lambda _: {"reason": "refused"}),
    "complete the call": ("dispatcher", "POST", lambda c: f"/calls/{c.call}/complete", lambda _: {}),
    "report a step": (
        "dispatcher", "POST", lambda c: f"/assignments/{c.assignment}/steps", lambda _: {"step": "on_scene"},
    ),
    "report the end": (
        "dispatcher", "POST", lambda c: f"/assignments/{c.assignment}/steps", lambda _: {"step": "completed"},
    ),
    "take the team back": ("dispatcher", "POST", lambda c: f"/assignments/{c.assignment}/cancel", lambda _: {}),
    "report a broken car": (
        "dispatcher", "POST", lambda c: f"/assignments/{c.assignment}/trouble", lambda _: {"kind": "car_broken"},
    ),
}  # fmt: skip
OF_AN_ASSIGNMENT = {"report a step", "report the end", "take the team back", "report a broken car"}


def meetings() -> list[tuple[str, str, bool]]:
    """Every pair, in both orders, while the team is free and while it is on the call."""
    return [
        (first, second, busy)
        for busy in (False, True)
        for first, second in product(COMMANDS, COMMANDS)
        if busy or not {first, second} & OF_AN_ASSIGNMENT
    ]


async def meet(stage: Scene, number: int, first: str, second: str, *, busy: bool) -> None:
    where = await corner(stage, number, busy=busy)
    people = {"admin": stage.admins, "dispatcher": stage.dispatchers}

    async def send(name: str, process: int) -> httpx.Response:
        role, method, path, body = COMMANDS[name]
        person: Person = people[role][process]
        return await person.ask(method, path(where), body(where) or None)

    async with stage.facts.holding(COUNTER):
        tasks = [asyncio.create_task(send(name, process)) for process, name in enumerate((first, second))]
        # A refused command waits for nothing, so the others are asked for until none runs any more.
        await stage.facts.all_wait_or_done(tasks)
    answers = await asyncio.gather(*tasks)
    for name, answer in zip((first, second), answers, strict=True):
        assert answer.status_code < 300 or answer.status_code in {404, 409, 422}, (name, answer.text)
    last = await stage.facts.last_seq()
    for screen in stage.screens:
        await screen.reach(last)


@pytest.mark.parametrize(
    "share",
    [
        pytest.param(0.04, id="a few"),
        pytest.param(1, id="all", marks=[pytest.mark.long, pytest.mark.timeout(1800)]),
    ],
)
async def test_no_two_commands_leave_a_screen_with_what_is_not(stage: Scene, share: float) -> None:
    pairs = meetings()
    chosen = random.sample(pairs, round(len(pairs) * share))
    wrong = []
    for number, (first, second, busy) in enumerate(chosen):
        await meet(stage, number, first, second, busy=busy)
        try:
            await stage.all_screens_are_true()
        except AssertionError as error:
            wrong.append(f"{first} + {second} ({'busy' if busy else 'free'}): {str(error)[:400]}")
            for screen in stage.screens:
                await screen.leave()
                screen.seqs.clear()
                await screen.open()
    assert not wrong, f"{len(wrong)} of {len(chosen)}:\n" + "\n\n".join(wrong)
