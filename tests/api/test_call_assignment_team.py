"""The three state machines together, against a small model of them: every press of a button does what the domain says.

Hypothesis looks for a sequence of presses after which the service and the model disagree, and shows the shortest one.
The model is written from `docs/domain.md`, not from the code: it knows nothing of rows, locks or versions.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from brigada.settings import Settings
from screens import Screen
from stage import Caller, Stage, running_app, seeded_tables, set_stage, settings_for_tests

STEPS = ("acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed")
AT_THE_PATIENT = {"on_scene", "transporting", "at_hospital"}
OPEN = {"new", "accepted"}
ENDINGS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "decline": ("declined", "decline", {"comment": "далеко"}),
    "take back": ("cancelled", "cancel", {}),
    "break the car": ("troubled", "trouble", {"kind": "car_broken"}),
    "fall ill": ("troubled", "trouble", {"kind": "human_factor"}),
}
"""How a team is lost: what becomes of its assignment, where that is sent, with which words."""


@dataclass
class Work:
    """One team sent to one call."""

    call: int
    team: int
    status: str = "assigned"
    steps: list[str] = field(default_factory=list)
    """What has happened, in order; `status` is the last of these or how it ended."""
    to_hospital: bool = False
    """Somebody said where the patient is taken."""

    @property
    def active(self) -> bool:
        return self.status == "assigned" or self.status in STEPS[:-1]


class Model:
    """Calls, assignments and teams, as the domain tells of them. Each command answers None, or why it is refused."""

    def __init__(self) -> None:
        self.calls: dict[int, str] = {}
        self.work: dict[int, Work] = {}
        self.on_break: set[int] = set()
        self.broken: set[int] = set()

    def on_call(self, call: int) -> list[Work]:
        return [work for work in self.work.values() if work.call == call and work.active]

    def of_team(self, team: int) -> Work | None:
        return next((work for work in self.work.values() if work.team == team and work.active), None)

    def free(self, team: int) -> bool:
        return self.of_team(team) is None and team not in self.on_break and team not in self.broken

    def why_not_assign(self, call: int, team: int, *, additional: bool) -> str | None:
        if self.calls[call] not in OPEN:
            return "call_closed"
        if self.on_call(call) and not additional:
            return "call_has_team"
        if self.of_team(team) is not None:
            return "team_busy"
        if team in self.on_break:
            return "team_on_break"
        return "car_unserviceable" if team in self.broken else None

    def assign(self, assignment: int, call: int, team: int) -> None:
        self.work[assignment] = Work(call, team)
        self.calls[call] = "accepted"

    def why_not_step(self, assignment: int, step: str) -> str | None:
        work = self.work[assignment]
        if step in work.steps:
            return None  # phones repeat themselves
        if not work.active:
            return "assignment_ended"
        reached = STEPS.index(work.status) if work.status in STEPS else -1
        return "step_out_of_order" if STEPS.index(step) < reached else None

    def step(self, assignment: int, step: str, *, to_hospital: bool) -> None:
        work = self.work[assignment]
        work.to_hospital |= (
            to_hospital  # with a step reported before as well: a crew taps first and asks then
        )
        if step in work.steps:
            return
        for skipped in STEPS[: STEPS.index(step)]:
            transport = skipped in {"transporting", "at_hospital"}
            if skipped not in work.steps and (not transport or self._was_transport(work, skipped, step)):
                work.steps.append(skipped)
        work.steps.append(step)
        work.status = step
        if step == "completed":
            self._settle(work.call)

    @staticmethod
    def _was_transport(work: Work, skipped: str, step: str) -> bool:
        """Whoever is at the hospital was on the way to it; whoever was on the way to it arrived there."""
        return step == "at_hospital" if skipped == "transporting" else "transporting" in work.steps

    def why_not_end(self, assignment: int, how: str) -> str | None:
        work = self.work[assignment]
        if not work.active:
            return "assignment_ended"
        return "patient_reached" if how == "declined" and work.status in AT_THE_PATIENT else None

    def end(self, assignment: int, how: str) -> None:
        work = self.work[assignment]
        work.status = how
        self._settle(work.call)

    def _settle(self, call: int) -> None:
        if self.calls[call] != "accepted" or self.on_call(call):
            return
        served = any(work.call == call and work.status == "completed" for work in self.work.values())
        self.calls[call] = "completed" if served else "new"

    def why_not_complete(self, call: int) -> str | None:
        return {"accepted": None, "new": "call_not_accepted"}.get(self.calls[call], "call_closed")

    def why_not_reject(self, call: int) -> str | None:
        return None if self.calls[call] in OPEN else "call_closed"

    def close(self, call: int, status: str) -> None:
        for work in self.on_call(call):
            if work.status in AT_THE_PATIENT:
                work.steps.append("completed")
                work.status = "completed"
            else:
                work.status = "cancelled"
        self.calls[call] = status


@dataclass
class Theatre:
    """The app in a thread of its own, an empty stage for each performance."""

    portal: BlockingPortal
    raise_curtain: Callable[[], Stage]


class Shift(RuleBasedStateMachine):
    """What dispatchers and crews may press, in any order.

    Few rules, each with several words, and what is open or at work is picked first: else most presses would fall on
    what has long ended, and hardly any on a call with two teams, where the three machines meet.
    """

    teams = st.sampled_from([0, 1])
    picks = st.integers(0, 2)

    def __init__(self, theatre: Theatre) -> None:
        super().__init__()
        self.portal = theatre.portal
        self.stage = theatre.raise_curtain()
        self.model = Model()

    def call(self, ask: Callable[[], Any]) -> Any:
        return self.portal.call(ask)

    def send(self, path: str, why_not: str | None, body: dict[str, Any] | None = None) -> Any:
        """Send a command of a dispatcher; it must be refused with this code, or done when there is none."""
        response = self.call(partial(self.stage.petrova.send, "POST", path, json=body or {}))
        answer: Any = response.json() if response.content else None
        if why_not is None:
            assert response.is_success, (path, body, response.text)
        else:
            assert (response.status_code, answer["code"]) == (409, why_not), (path, body, response.text)
        return answer

    def id_of(self, team: int) -> int:
        return self.stage.crews[team].id

    def pick_call(self, pick: int) -> int:
        """One of the latest calls, the open ones first."""
        found = sorted(self.model.calls, key=lambda call: (self.model.calls[call] not in OPEN, -call))
        return found[pick % len(found)]

    def pick_assignment(self, pick: int) -> int:
        """One of the latest assignments, the active ones first."""
        found = sorted(self.model.work, key=lambda number: (not self.model.work[number].active, -number))
        return found[pick % len(found)]

    @initialize(team=teams)
    def begin(self, team: int) -> None:
        self.seen = self.call(self.stage.last_seq)
        self.desk = self._picture_of(self.stage.petrova)
        self.phone = self._picture_of(self.stage.crew12.worker)
        self._take_in()
        self._assign(self.pick_call(0), team, additional=False)

    @precondition(lambda self: sum(status in OPEN for status in self.model.calls.values()) < 2)
    @rule()
    def take_in(self) -> None:
        self._take_in()

    def _take_in(self) -> None:
        body = {"reason": "chest_pain", "address": "ул. Мира, 3", "criticality": "important"}
        self.model.calls[self.send("/calls", None, body)["id"]] = "new"

    @rule(pick=picks, team=teams, additional=st.booleans())
    def send_a_team(self, pick: int, team: int, additional: bool) -> None:
        self._assign(self.pick_call(pick), team, additional=additional)

    def _assign(self, call: int, team: int, *, additional: bool) -> None:
        why_not = self.model.why_not_assign(call, team, additional=additional)
        body = {"team_id": self.id_of(team), "additional": additional}
        answer = self.send(f"/calls/{call}/assignments", why_not, body)
        if why_not is None:
            self.model.assign(answer["id"], call, team)

    @rule(pick=picks)
    def go_on(self, pick: int) -> None:
        """The one big button of the crew: the next step."""
        work = self.model.work[self.pick_assignment(pick)]
        reached = STEPS.index(work.status) + 1 if work.status in STEPS else 0
        self._report(self.pick_assignment(pick), STEPS[min(reached, len(STEPS) - 1)])

    @rule(pick=picks, step=st.sampled_from(STEPS), to_hospital=st.booleans())
    def report(self, pick: int, step: str, to_hospital: bool) -> None:
        self._report(self.pick_assignment(pick), step, to_hospital=to_hospital)

    def _report(self, assignment: int, step: str, *, to_hospital: bool = False) -> None:
        why_not = self.model.why_not_step(assignment, step)
        said = {"hospital_id": self.stage.hospital_id} if to_hospital else {}
        self.send(f"/assignments/{assignment}/steps", why_not, {"step": step, **said})
        if why_not is None:
            self.model.step(assignment, step, to_hospital=to_hospital)

    @rule(pick=picks, how=st.sampled_from([*ENDINGS, "complete", "reject"]))
    def end(self, pick: int, how: str) -> None:
        if how in ENDINGS:
            self._lose(self.pick_assignment(pick), how)
        else:
            self._close(self.pick_call(pick), how)

    def _lose(self, assignment: int, how: str) -> None:
        status, word, body = ENDINGS[how]
        why_not = self.model.why_not_end(assignment, status)
        self.send(f"/assignments/{assignment}/{word}", why_not, body)
        if why_not is None:
            self.model.end(assignment, status)
            if body.get("kind") == "car_broken":
                self.model.broken.add(self.model.work[assignment].team)

    def _close(self, call: int, word: str) -> None:
        complete = word == "complete"
        why_not = self.model.why_not_complete(call) if complete else self.model.why_not_reject(call)
        self.send(f"/calls/{call}/{word}", why_not, {} if complete else {"reason": "refused"})
        if why_not is None:
            self.model.close(call, "completed" if complete else "rejected")

    @rule(team=teams, what=st.sampled_from(["resume", "break", "repair"]))
    def look_after(self, team: int, what: str) -> None:
        if what == "repair":
            path = f"/cars/{self.stage.crews[team].car_id}"
            self.call(partial(self.stage.admin.patch, path, {"serviceability": "in_service"}))
            self.model.broken.discard(team)
            return
        busy = self.model.of_team(team) is not None and team not in self.model.on_break
        why_not = "team_busy" if what == "break" and busy else None
        self.send(f"/teams/{self.id_of(team)}/{what}", why_not)
        if what == "resume":
            self.model.on_break.discard(team)
        elif why_not is None:
            self.model.on_break.add(team)

    @invariant()
    def the_board_shows_the_model(self) -> None:
        board = self.call(partial(self.stage.ivanova.get, "/calls", view="actual"))["items"]
        shown = {call["id"]: call["status"] for call in board}
        assert shown == {call: status for call, status in self.model.calls.items() if status in OPEN}
        for call in board:
            for assignment in call["assignments"]:
                work = self.model.work[assignment["id"]]
                happened = [step for step in STEPS if assignment["milestones"][f"{step}_at"] is not None]
                assert assignment["status"] == work.status
                assert (assignment["hospital_id"] is not None) == work.to_hospital
                assert happened == sorted(work.steps, key=STEPS.index)
        teams = {
            team["id"]: team["free"] for team in self.call(partial(self.stage.ivanova.get, "/teams"))["items"]
        }
        assert teams == {self.id_of(team): self.model.free(team) for team in (0, 1)}

    @invariant()
    def the_log_alone_leads_to_the_same_picture(self) -> None:
        for event in self.call(partial(self._events_after, self.seen)):
            self.seen = event["seq"]
            if "dispatcher" in event["roles"]:
                self.desk.apply(event)
            if self.stage.crew12.id in event["team_ids"] or self.stage.crew12.worker.id in event["user_ids"]:
                self.phone.apply(event)
        assert self.desk.picture() == self._picture_of(self.stage.petrova).picture()
        assert self.phone.picture() == self._picture_of(self.stage.crew12.worker).picture()

    def _picture_of(self, watcher: Caller) -> Screen:
        return Screen(self.call(partial(watcher.get, "/snapshot")), watcher.id)

    async def _events_after(self, seq: int) -> list[dict[str, Any]]:
        query = "SELECT seq, roles, team_ids, user_ids, data::text AS data FROM events WHERE seq > :seq ORDER BY seq"
        return [row | {"data": json.loads(row["data"])} for row in await self.stage.sql(query, seq=seq)]

    def teardown(self) -> None:
        self.portal.call(self.stage.close)


@pytest.fixture(scope="module")
def theatre(shared_database_url: str, stage_settings: Settings) -> Iterator[Theatre]:
    redis_url = stage_settings.redis_url.get_secret_value()
    quiet = settings_for_tests(shared_database_url, redis_url)
    with (
        start_blocking_portal("asyncio") as portal,
        portal.wrap_async_context_manager(running_app(quiet)) as app,
    ):
        seeded = portal.call(seeded_tables, app)
        yield Theatre(portal, lambda: portal.call(set_stage, app, seeded))


def play(theatre: Theatre, *, shifts: int, presses: int) -> None:
    class ShiftHere(Shift):
        def __init__(self) -> None:
            super().__init__(theatre)

    run_state_machine_as_test(
        ShiftHere,
        settings=settings(
            max_examples=shifts, stateful_step_count=presses, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_every_press_of_a_button_does_what_the_domain_says(theatre: Theatre) -> None:
    play(theatre, shifts=4, presses=20)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_every_press_of_many_long_shifts_does_what_the_domain_says(theatre: Theatre) -> None:
    play(theatre, shifts=60, presses=40)
