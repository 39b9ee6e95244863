"""A crew: accepts, drives, works, drives on, hands over, returns; and shows where it is all the while.

It looks at what the service says of its work and does the next thing, over and over. So it goes on from wherever it
finds itself: after a dispatcher changed something, after a person tapped on another phone, after a restart.
"""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from brigada.kit.geo import Point, haversine_m
from brigada.simulator.live.api import Account, RefusedError
from brigada.simulator.live.driving import STRAIGHT_MPS, Car, Way, way_along, way_of
from brigada.simulator.live.pace import Pace
from brigada.simulator.live.people import Person
from brigada.simulator.live.phone import Phone
from brigada.simulator.live.plan import Errand, Habits, errand

AT_HOME_M = 50.0
ON_THE_ROAD_S = 5.0
"""Turnout of a crew that sits in its car."""
LOOK_AGAIN_S, OURS_S = 60.0, 15.0
"""After so many seconds of the city, and of ours, a crew without news looks at its work by itself."""


class Crew:
    """One team: its people, its car, its phone. `person` taps for it while there is one."""

    def __init__(
        self,
        team: dict[str, Any],
        account: Account,
        hospitals: list[dict[str, Any]],
        home: Point,
        *,
        seed: int,
        pace: Pace,
        habits: Habits,
        counts: Counter[str],
        person: Person | None = None,
    ) -> None:
        self.team_id: int = team["id"]
        self.name: str = team["name"]
        self._account = account
        self._hospitals = hospitals
        self._home = home
        self._seed = seed
        self._pace = pace
        self._habits = habits
        self._counts = counts
        self._person = person
        self._rng = random.Random(f"{seed}:{self.name}:life")
        place = team["location"]
        self._car = Car(Point(place["lat"], place["lon"]) if place else home, pace)
        self._phone = Phone(account, self._car, self.name, seed=seed, pace=pace, habits=habits, counts=counts)
        self._break_since: str | None = team["on_break_since"]
        self._next_break = pace.city_time() + self._rng.expovariate(1 / habits.breaks_every_s)
        self._work: dict[str, Any] | None = None
        self._plan: Errand = errand(seed, self.name, 0, habits)
        self._done = 0
        self._goal: tuple[int, str] | None = None
        """The assignment and its state for which the car drives."""
        self._trouble_at: float | None = None
        self._news = asyncio.Event()

    async def live(self) -> None:
        """Live until cancelled; the account is signed in."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._account.listen(self._heard, self._phone.line))
            group.create_task(self._phone.show_places())
            group.create_task(self._phone.lose_signal_now_and_then())
            group.create_task(self._work_through_the_shift())

    def _heard(self, frame: dict[str, Any]) -> None:
        if frame["type"] in {"hello", "resync"}:
            self._news.set()
        elif frame["type"] == "event" and "assignment" in frame["data"]:
            if self._person is not None:
                self._person.heard_of(frame["actor"])
            self._news.set()

    # ---- the shift ----

    async def _work_through_the_shift(self) -> None:
        if self._break_since is not None:  # began before this program did
            await self._sit_out_the_break(self._since(self._break_since))
        while True:
            self._news.clear()
            try:
                await self._look()
                await (self._be_free() if self._work is None else self._go_on(self._work))
            except RefusedError as refusal:
                # Somebody was quicker: the work is another's, or over. The next look tells.
                self._counts[f"refused: {refusal.code}"] += 1
                await self._pace.sleep(5.0)

    async def _look(self) -> None:
        """See what work there is."""
        before = self._work
        try:
            self._work = await self._account.get("/assignments/current")
        except RefusedError as refusal:
            if refusal.status != 404:
                raise
            self._work = None
        if before is not None and (self._work is None or self._work["id"] != before["id"]):
            self._car.stop()
            self._goal = None
        if self._work is not None and (before is None or self._work["id"] != before["id"]):
            self._done += 1
            self._plan = errand(self._seed, self.name, self._done, self._habits)
            self._car.stop()

    def _since(self, moment: str) -> float:
        """Return the seconds of the city since a moment that the service told."""
        return (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds() * self._pace.factor

    # ---- without work ----

    async def _be_free(self) -> None:
        at_home = haversine_m(self._car.place, self._home) < AT_HOME_M
        if at_home and self._pace.city_time() > self._next_break and self._leader() is None:
            await self._rest()
            return
        if not at_home and not self._car.drives:
            self._car.drive(await self._way_home())
        look_again = max(LOOK_AGAIN_S, OURS_S * self._pace.factor)
        await self._pace.sleep(self._car.until_there() or look_again, unless=self._news)
        self._car.move()

    async def _way_home(self) -> Way:
        try:
            route = await self._account.get(f"/teams/{self.team_id}/route")
        except RefusedError:
            self._counts["without a route"] += 1
            return way_along([self._car.place, self._home], STRAIGHT_MPS)
        return way_of(route, self._car.place, end=self._home)

    async def _rest(self) -> None:
        self._next_break = self._pace.city_time() + self._rng.expovariate(1 / self._habits.breaks_every_s)
        await self._account.post(f"/teams/{self.team_id}/break")
        self._counts["breaks"] += 1
        await self._sit_out_the_break(0.0)

    async def _sit_out_the_break(self, passed_s: float) -> None:
        await self._pace.sleep(self._habits.break_s - passed_s)
        try:
            await self._account.post(f"/teams/{self.team_id}/resume")
        except RefusedError as refusal:
            self._counts[f"refused: {refusal.code}"] += 1

    # ---- at work ----

    async def _go_on(self, work: dict[str, Any]) -> None:
        """Do the next thing of an assignment when its time has come; return earlier when there is news."""
        status = str(work["status"])
        left = await self._until_next(work, status)
        if not await self._pace.sleep(left, unless=self._news):
            return
        self._car.move()
        leader = self._leader()
        if self._trouble_at is not None and self._pace.city_time() >= self._trouble_at:
            await self._fail(work)
        elif await self._until_next(work, status) > 1.0:
            return  # the clock of the loop and ours differ by a hair: not yet
        elif leader is not None:
            await self._leave_it_to(leader, work, status)
        elif status == "assigned" and self._plan.declines:
            await self._tell(work, "decline", {"reason": "other", "comment": "Бригада не укомплектована"})
            self._counts["declined"] += 1
        else:
            await self._take_step(work, status)

    async def _until_next(self, work: dict[str, Any], status: str) -> float:
        """Return the seconds of the city until the crew takes its next step."""
        passed = self._since(work["milestones"][f"{status}_at"])
        if status == "assigned":
            return self._plan.ack_s - passed
        if status == "acknowledged":
            at_home = haversine_m(self._car.place, self._home) < AT_HOME_M
            return (self._plan.turnout_s if at_home else ON_THE_ROAD_S) - passed
        if status in {"en_route", "transporting"}:
            await self._set_out(work, status)
            until_there = self._car.until_there()
            if self._trouble_at is not None:
                return min(until_there, self._trouble_at - self._pace.city_time())
            return until_there
        rest = self._plan.scene_s if status == "on_scene" else self._plan.handover_s
        return max(rest - passed, self._car.until_there())

    async def _set_out(self, work: dict[str, Any], status: str) -> None:
        """Drive the route that the service reckons, once for each leg."""
        if self._goal == (work["id"], status):
            return
        self._car.stop()
        try:
            route = await self._account.get(f"/assignments/{work['id']}/route")
            way = way_of(route, self._car.place, stretch=self._plan.stretch)
        except RefusedError as refusal:
            if refusal.code != "call_has_no_place":
                raise
            self._counts["without a route"] += 1
            way = way_along([self._car.place], STRAIGHT_MPS)
        self._goal = (work["id"], status)
        self._car.drive(way)
        fails = status == "en_route" and self._plan.trouble is not None and self._leader() is None
        self._trouble_at = (
            self._pace.city_time() + way.duration_s * self._plan.trouble_share if fails else None
        )

    async def _take_step(self, work: dict[str, Any], status: str) -> None:
        hospital = self._nearest_hospital() if self._plan.transports else None
        following: dict[str, dict[str, Any]] = {
            "assigned": {"step": "acknowledged"},
            "acknowledged": {"step": "en_route"},
            "en_route": {"step": "on_scene"},
            "on_scene": {"step": "completed", "outcome": "left_in_place"}
            if hospital is None
            else {"step": "transporting", "hospital_id": hospital["id"]},
            "transporting": {"step": "at_hospital"},
            "at_hospital": {"step": "completed", "outcome": "hospitalised"},
        }
        body = following[status]
        await self._tell(work, "steps", {**body, "source": "simulator"})
        self._counts[body["step"]] += 1

    def _nearest_hospital(self) -> dict[str, Any] | None:
        def metres(hospital: dict[str, Any]) -> float:
            place = hospital["location"]
            return haversine_m(self._car.place, Point(place["lat"], place["lon"]))

        return min((h for h in self._hospitals if h["accepting"]), key=metres, default=None)

    async def _fail(self, work: dict[str, Any]) -> None:
        self._trouble_at = None
        self._car.stop()
        kind = self._plan.trouble
        await self._tell(work, "trouble", {"kind": kind, "comment": "Имитация"})
        self._counts[f"trouble: {kind}"] += 1
        await self._pace.sleep(self._habits.repair_s)

    async def _tell(self, work: dict[str, Any], what: str, body: dict[str, Any]) -> None:
        """Report something. Without a network it waits on the phone and carries the time of the tap."""
        if what == "steps":
            body["occurred_at"] = datetime.now(UTC).isoformat()
        await self._phone.line.signal.wait()
        await self._account.post(f"/assignments/{work['id']}/{what}", body, key=uuid4().hex)

    # ---- with a person on the team ----

    def _leader(self) -> Person | None:
        """Return the person who taps for this crew now."""
        return self._person if self._person is not None and self._person.is_here else None

    async def _leave_it_to(self, person: Person, work: dict[str, Any], status: str) -> None:
        """Wait for the person's tap; who lets a crew wait for too long has gone, and the others go on."""
        try:
            await asyncio.wait_for(self._news.wait(), person.patience_s)
        except TimeoutError:
            person.gone()
            await self._take_step(work, status)
