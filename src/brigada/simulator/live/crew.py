"""A crew: accepts, drives, works, drives on, hands over, returns; and shows where it is all the while."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from brigada.kit.geo import Point, haversine_m
from brigada.simulator.live.api import Account, Line, RefusedError
from brigada.simulator.live.driving import STRAIGHT_MPS, Way, noisy, way_along, way_of
from brigada.simulator.live.pace import Pace
from brigada.simulator.live.plan import Errand, Habits, errand

FIX_EVERY_S = 5.0
"""Seconds of the city between two fixes, but at least one of ours."""
ENDED = frozenset({"completed", "declined", "cancelled", "diverted", "troubled"})


class LostError(Exception):
    """The work was taken away: cancelled, diverted, or the call was closed."""


class Crew:
    """One team and its phone."""

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
        repair: Callable[[int], Awaitable[None]],
    ) -> None:
        self.team_id: int = team["id"]
        self.name: str = team["name"]
        self._car_id: int = team["car"]["id"]
        self._account = account
        self._hospitals = hospitals
        self._home = home
        self._seed = seed
        self._pace = pace
        self._habits = habits
        self._counts = counts
        self._repair = repair
        self._rng = random.Random(f"{seed}:{self.name}:life")
        self._ids = random.Random(f"{seed}:{self.name}:{team['id']}:keys")
        self._line = Line()
        place = team["location"]
        self._place = Point(place["lat"], place["lon"]) if place else home
        self._speed = 0.0
        self._heading = 0.0
        self._way: tuple[Way, float] | None = None
        self._path: list[Point] = [home, self._place]
        """The roads driven since the station: the way back."""
        self._buffer: list[dict[str, Any]] = []
        self._work: dict[str, Any] | None = None
        self._call: dict[str, Any] = {}
        self._changed = asyncio.Event()
        self._over = asyncio.Event()
        self._done = 0

    async def live(self) -> None:
        """Live until cancelled; the account is signed in."""
        jobs = [
            self._account.listen(self._heard, self._line),
            self._show_places(),
            self._lose_signal_now_and_then(),
            self._work_through_the_shift(),
        ]
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(job)

    # ---- what the socket tells ----

    def _heard(self, frame: dict[str, Any]) -> None:
        if frame["type"] in {"hello", "resync"}:
            self._changed.set()
            return
        if frame["type"] != "event":
            return
        assignment = frame["data"].get("assignment")
        if assignment is None or assignment.get("team_id", self.team_id) != self.team_id:
            return
        if self._work is not None and assignment["id"] == self._work["id"]:
            if assignment.get("status") in ENDED:
                self._over.set()
        else:
            self._changed.set()

    async def _look_for_work(self) -> None:
        try:
            found = await self._account.get("/assignments/current")
        except RefusedError as refusal:
            if refusal.status != 404:
                raise
            return
        self._work, self._call = found, found["call"]
        self._over.clear()

    # ---- the shift ----

    async def _work_through_the_shift(self) -> None:
        next_break = self._pace.city_time() + self._rng.expovariate(1 / self._habits.breaks_every_s)
        while True:
            self._changed.clear()
            with contextlib.suppress(RefusedError):
                await self._look_for_work()
            if self._work is not None:
                await self._serve()
                continue
            if self._pace.city_time() > next_break and self._at_home():
                await self._rest()
                next_break = self._pace.city_time() + self._rng.expovariate(1 / self._habits.breaks_every_s)
                continue
            if not self._at_home() and self._way is None:
                self._drive(way_along(self._path[::-1], STRAIGHT_MPS))
            if not await self._pace.sleep(self._until_home() or 60.0, unless=self._changed):
                continue
            if self._way is not None and self._until_home() <= 0:
                self._arrive()
                self._path = [self._place]

    def _at_home(self) -> bool:
        return haversine_m(self._place, self._home) < 50

    def _until_home(self) -> float:
        if self._way is None:
            return 0.0
        way, started = self._way
        return started + way.duration_s - self._pace.city_time()

    async def _rest(self) -> None:
        try:
            await self._account.post(f"/teams/{self.team_id}/break")
        except RefusedError:
            return
        self._counts["breaks"] += 1
        await self._pace.sleep(self._habits.break_s)
        with contextlib.suppress(RefusedError):
            await self._account.post(f"/teams/{self.team_id}/resume")

    async def _serve(self) -> None:
        """Do one assignment from wherever it stands to its end."""
        self._stop()
        self._done += 1
        plan = errand(self._seed, self.name, self._done, self._habits)
        try:
            await self._do(plan)
        except LostError:
            self._counts["taken away"] += 1
        except RefusedError as refusal:
            self._counts[f"refused: {refusal.code}"] += 1
            await self._pace.sleep(5)
        finally:
            self._stop()
            self._work = None

    async def _do(self, plan: Errand) -> None:
        status = self._now_at()
        if status == "assigned":
            await self._wait(plan.ack_s)
            if plan.declines:
                await self._tell("decline", {"reason": "other", "comment": "Бригада не укомплектована"})
                self._counts["declined"] += 1
                return
            await self._step("acknowledged")
        if status in {"assigned", "acknowledged"}:
            await self._wait(plan.turnout_s if self._at_home() else 5)
            await self._step("en_route")
        if status in {"assigned", "acknowledged", "en_route"}:
            if not await self._drive_there(plan):
                return
            await self._step("on_scene")
        if status in {"assigned", "acknowledged", "en_route", "on_scene"}:
            await self._wait(plan.scene_s)
            hospital = self._nearest_hospital() if plan.transports else None
            if hospital is None:
                await self._finish("left_in_place")
                return
            await self._step("transporting", hospital_id=hospital["id"])
        if status != "at_hospital":
            await self._drive_there(plan, may_fail=False)
            await self._step("at_hospital")
        await self._wait(plan.handover_s)
        await self._finish("hospitalised")

    def _work_id(self) -> int:
        if self._work is None:
            raise LostError
        return int(self._work["id"])

    def _now_at(self) -> str:
        return str(self._work["status"]) if self._work else ""

    async def _finish(self, outcome: str) -> None:
        await self._step("completed", outcome=outcome)

    async def _wait(self, city_seconds: float) -> None:
        if not await self._pace.sleep(city_seconds, unless=self._over):
            raise LostError

    async def _drive_there(self, plan: Errand, *, may_fail: bool = True) -> bool:
        """Drive the route that the service reckons; return False when trouble ended it."""
        try:
            route = await self._account.get(f"/assignments/{self._work_id()}/route")
            way = way_of(route, self._place, stretch=plan.stretch)
        except RefusedError as refusal:
            if refusal.code == "assignment_ended":
                raise LostError from refusal
            self._counts["without a route"] += 1
            way = way_along([self._place, self._goal()], STRAIGHT_MPS)
        self._drive(way)
        if may_fail and plan.trouble is not None:
            await self._wait(way.duration_s * plan.trouble_share)
            await self._fail(plan.trouble)
            return False
        await self._wait(way.duration_s)
        self._arrive()
        return True

    def _goal(self) -> Point:
        place = self._call.get("location") or {"lat": self._home.lat, "lon": self._home.lon}
        return Point(place["lat"], place["lon"])

    async def _fail(self, kind: str) -> None:
        self._stop()
        await self._tell("trouble", {"kind": kind, "comment": "Имитация"})
        self._counts[f"trouble: {kind}"] += 1
        await self._pace.sleep(self._habits.repair_s)
        if kind == "car_broken":
            await self._repair(self._car_id)

    def _nearest_hospital(self) -> dict[str, Any] | None:
        def metres(hospital: dict[str, Any]) -> float:
            place = hospital["location"]
            return haversine_m(self._place, Point(place["lat"], place["lon"]))

        return min((h for h in self._hospitals if h.get("location")), key=metres, default=None)

    async def _step(self, step: str, **more: Any) -> None:  # noqa: ANN401 -- fields of the API
        await self._tell("steps", {"step": step, "source": "simulator", **more})
        self._counts[step] += 1

    async def _tell(self, what: str, body: dict[str, Any]) -> None:
        """Report something. Without a network it waits on the phone and carries the time of the tap."""
        if what == "steps":
            body["occurred_at"] = datetime.now(UTC).isoformat()
        await self._line.signal.wait()
        key = str(UUID(int=self._ids.getrandbits(128), version=4))
        try:
            await self._account.post(f"/assignments/{self._work_id()}/{what}", body, key=key)
        except RefusedError as refusal:
            if refusal.code in {"assignment_ended", "not_found"}:
                raise LostError from refusal
            raise

    # ---- driving and showing where ----

    def _drive(self, way: Way) -> None:
        self._way = (way, self._pace.city_time())

    def _move(self) -> None:
        if self._way is not None:
            way, started = self._way
            self._place, self._speed, self._heading = way.at(self._pace.city_time() - started)
        else:
            self._speed = 0.0

    def _stop(self) -> None:
        """Stop where it is now; what was driven becomes part of the way back."""
        if self._way is not None:
            way, started = self._way
            self._path += way.until(self._pace.city_time() - started)
        self._move()
        self._way = None

    def _arrive(self) -> None:
        """Be at the end of the way."""
        if self._way is not None:
            way, _ = self._way
            self._place, self._speed = way.line[-1], 0.0
            self._path += way.line
            self._way = None

    async def _show_places(self) -> None:
        rng = random.Random(f"{self._seed}:{self.name}:gps")
        every = max(1.0, FIX_EVERY_S / self._pace.factor)
        await asyncio.sleep(rng.uniform(0, every))  # forty phones do not speak in one breath
        while True:
            self._move()
            seen, accuracy = noisy(self._place, rng)
            fix = {
                "lat": round(seen.lat, 7),
                "lon": round(seen.lon, 7),
                "at": datetime.now(UTC).isoformat(),
                "accuracy_m": accuracy,
                "speed_mps": round(self._speed, 1),
                "heading_deg": round(self._heading),
            }
            if self._buffer or not await self._line.send({"type": "position", **fix}):
                self._buffer.append(fix)
                await self._send_buffered()
            self._counts["fixes"] += 1
            await asyncio.sleep(every)

    async def _send_buffered(self) -> None:
        if not self._line.signal.is_set() or not self._buffer:
            return
        batch = self._buffer[:1000]
        with contextlib.suppress(RefusedError):
            await self._account.post("/positions", {"items": batch, "sent_at": datetime.now(UTC).isoformat()})
            self._counts["buffered fixes"] += len(batch)
        self._buffer = self._buffer[len(batch) :]

    async def _lose_signal_now_and_then(self) -> None:
        rng = random.Random(f"{self._seed}:{self.name}:signal")
        while True:
            await self._pace.sleep(rng.expovariate(1 / self._habits.offline_every_s))
            self._counts["signal lost"] += 1
            await self._line.lose_signal()
            await self._pace.sleep(rng.expovariate(1 / self._habits.offline_s))
            self._line.signal.set()
