"""The whole of it: callers, crews, a dispatcher who helps out, a workshop."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx

from brigada.kit.geo import Point
from brigada.simulator.live.api import Account, RefusedError, Service
from brigada.simulator.live.crew import Crew
from brigada.simulator.live.pace import Pace
from brigada.simulator.live.people import Person
from brigada.simulator.live.plan import Habits, calls
from brigada.simulator.live.upkeep import Upkeep

LOOK_EVERY_S = 2.0
"""Seconds of ours between two looks of the simulated dispatcher at the board."""
TEAMS_EVERY_S = 20.0
"""How often the city notices teams that were formed or ended."""
PEOPLE_EVERY_S = 5.0
"""How often it looks who has signed in."""
ENOUGH_WAITING = 40
"""With so many calls open nobody dispatches: callers wait, instead of burying the board."""
FOR_PEOPLE_S = 90.0
"""Seconds of ours that a call waits for a person at the desk: time to read it, to look at the map, to choose."""
ENOUGH_FOR_PEOPLE = 6
"""More waiting calls than these are not left to the people at the desk: the simulated dispatcher helps out."""
A_CALL_FOR_PEOPLE_S = 900.0
"""A crew with a person on it gets a call as long as it is there within this time, even if others are nearer."""

Invent = Callable[[random.Random], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays. The dispatcher posts the calls, unless there is a caller of their own."""

    admin: Account
    dispatcher: Account
    caller: Account
    password: str
    spared: frozenset[str] = frozenset()
    """Logins of people who may play themselves: while one is signed in, that crew's taps are left to the person."""


@dataclass(slots=True)
class City:
    """A city that lives by the service's API.

    Attributes:
        per_day: calls in a day of the city. flat: at any hour alike, for who looks at it at night.
        dispatch_after_s: seconds of the city that a call waits before the simulated dispatcher sends somebody;
            None: only people dispatch.
        welcome: calls that wait for a person who sits down at the desk: what is missing comes in at once.
    """

    service: Service
    cast: Cast
    invent: Invent
    pace: Pace
    seed: int = 1
    per_day: float = 600.0
    flat: bool = False
    dispatch_after_s: float | None = 30.0
    welcome: int = 0
    habits: Habits = field(default_factory=Habits)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Moscow"))
    start: datetime = field(default_factory=lambda: datetime.now(UTC))
    counts: Counter[str] = field(default_factory=Counter)
    say: Callable[[str], None] = field(default=lambda _: None)
    """Told what went wrong, in a line."""
    _crews: "dict[int, asyncio.Task[None]]" = field(default_factory=dict)
    _led: dict[int, Person] = field(default_factory=dict)
    """The teams that have a person on them, who may be away."""
    _desk: list[Person] = field(default_factory=list)

    async def live(self, city_seconds: float | None = None) -> None:
        """Live for so long, or until cancelled."""
        await self.cast.admin.sign_in()
        await self.cast.dispatcher.sign_in()
        tasks = [
            asyncio.create_task(self._call()),
            asyncio.create_task(self._tend_crews()),
            asyncio.create_task(self._look_for_people()),
        ]
        if self.dispatch_after_s is not None:
            tasks.append(asyncio.create_task(self._dispatch(self.dispatch_after_s)))
        try:
            await asyncio.wait(
                tasks,
                timeout=None if city_seconds is None else city_seconds / self.pace.factor,
                return_when=asyncio.FIRST_EXCEPTION,
            )
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            everything = [*tasks, *self._crews.values()]
            for task in everything:
                task.cancel()
            await asyncio.gather(*everything, return_exceptions=True)

    # ---- callers ----

    async def _call(self) -> None:
        begun = self.pace.city_time()
        keys = random.Random(f"{self.seed}:{self.start.isoformat()}:calls")
        start = self.start.astimezone(self.zone)
        for planned in calls(self.seed, start, self.per_day, self.invent, flat=self.flat):
            await self.pace.sleep(planned.after_s - (self.pace.city_time() - begun))
            key = str(UUID(int=keys.getrandbits(128), version=4))
            if await self._waiting() >= ENOUGH_WAITING:
                self.counts["calls left out"] += 1
            else:
                await self._ring(planned.body, key, "calls")

    async def _welcome(self) -> None:
        """Somebody sat down at the desk, to see how it is done: calls need not be waited for."""
        for _ in range(self.welcome - await self._waiting()):
            await self._ring(self.invent(random.Random()), str(uuid4()), "calls for a person")

    async def _ring(self, body: dict[str, Any], key: str, count: str) -> None:
        try:
            await self.cast.caller.post("/calls", body, key=key)
            self.counts[count] += 1
        except (RefusedError, httpx.HTTPError) as error:
            self.counts[f"call failed: {error}"] += 1

    async def _waiting(self) -> int:
        """Return how many calls wait for a team; none, as long as nobody can tell."""
        try:
            board = await self.cast.dispatcher.get("/calls", view="actual")
        except (RefusedError, httpx.HTTPError):
            return 0
        return sum(1 for call in board["items"] if call["status"] == "new")

    # ---- the dispatcher ----

    async def _dispatch(self, after_s: float) -> None:
        while True:
            with contextlib.suppress(RefusedError, httpx.HTTPError):
                board = await self.cast.dispatcher.get("/calls", view="actual")
                waiting = [call for call in board["items"] if call["status"] == "new"]
                waiting.sort(key=lambda call: str(call["received_at"]))
                for place, call in enumerate(waiting):
                    if self._waited(call) >= self._patience(after_s, len(waiting) - place):
                        await self._send_somebody(call)
            await asyncio.sleep(LOOK_EVERY_S / min(self.pace.factor, 4))

    @staticmethod
    def _waited(call: dict[str, Any]) -> float:
        """Return the seconds of ours that a call has waited."""
        return (datetime.now(UTC) - datetime.fromisoformat(call["received_at"])).total_seconds()

    def _patience(self, after_s: float, left: int) -> float:
        """Return the seconds of ours that a call is left alone; `left` is how many wait from this one on."""
        usual = after_s / self.pace.factor
        if not any(person.is_here for person in self._desk):
            return usual
        return usual if left > ENOUGH_FOR_PEOPLE else max(usual, FOR_PEOPLE_S)

    async def _send_somebody(self, call: dict[str, Any]) -> None:
        try:
            found = await self.cast.dispatcher.get(f"/calls/{call['id']}/candidates", limit=40)
            able = [
                c
                for c in found["items"]
                if c["possible"] and c["standing"] == "free" and c["team_id"] in self._crews
            ]
            team = next((c for c in able if self._awaits_a_call(c)), able[0] if able else None)
            if team is None:
                self.counts["nobody free"] += 1
                return
            await self.cast.dispatcher.post(
                f"/calls/{call['id']}/assignments", {"team_id": team["team_id"], "version": call["version"]}
            )
            self.counts["assigned"] += 1
        except RefusedError as refusal:
            # A person was quicker, or the team has just gone: the next look decides anew.
            self.counts[f"not assigned: {refusal.code}"] += 1

    def _awaits_a_call(self, candidate: dict[str, Any]) -> bool:
        """Is there a person on this crew, who came to see a call and is near enough for one?"""
        person = self._led.get(candidate["team_id"])
        near = candidate["eta_s"] is not None and candidate["eta_s"] <= A_CALL_FOR_PEOPLE_S
        return person is not None and person.is_here and near

    # ---- people ----

    async def _look_for_people(self) -> None:
        """See, for ever, who has signed in beside the simulated ones."""
        while True:
            with contextlib.suppress(RefusedError, httpx.HTTPError):
                users = await self._all("/users", role="dispatcher")
                known = {person.user_id: person for person in self._desk}
                ours = {self.cast.dispatcher.login, self.cast.caller.login}
                self._desk = [
                    known.get(user["id"], Person(user["id"])) for user in users if user["login"] not in ours
                ]
                for person in self._led.values():
                    users.append(await self.cast.admin.get(f"/users/{person.user_id}"))
                seen = {user["id"]: user["last_seen_at"] for user in users}
                now = datetime.now(UTC)
                at_desk = {person.user_id for person in self._desk if person.is_here}
                for person in (*self._desk, *self._led.values()):
                    at = seen.get(person.user_id)
                    person.seen(None if at is None else datetime.fromisoformat(at), now)
                if any(person.is_here and person.user_id not in at_desk for person in self._desk):
                    await self._welcome()
            await asyncio.sleep(PEOPLE_EVERY_S)

    # ---- crews ----

    async def _tend_crews(self) -> None:
        upkeep = Upkeep(self.cast.admin, self.pace, repair_s=self.habits.repair_s, counts=self.counts)
        while True:
            with contextlib.suppress(RefusedError, httpx.HTTPError):
                teams = await self._all("/teams", on_shift="true")
                await upkeep.look(teams)
                await self._start_and_stop_crews({team["id"]: team for team in teams})
            await asyncio.sleep(TEAMS_EVERY_S)

    async def _start_and_stop_crews(self, teams: dict[int, dict[str, Any]]) -> None:
        for team_id in set(self._crews) - set(teams):
            self._crews.pop(team_id).cancel()
            self._led.pop(team_id, None)
        for team_id, task in list(self._crews.items()):
            if task.done():
                self.counts[f"crew failed: {_why(task)}"] += 1
                self.say(f"{task.get_name()} begins anew after {_why(task)}")
                del self._crews[team_id]
        new = [team for team_id, team in teams.items() if team_id not in self._crews and team["members"]]
        if not new:
            return
        logins = {user["id"]: user["login"] for user in await self._all("/users", role="worker")}
        hospitals = await self._all("/hospitals")
        stations = {station["id"]: station["location"] for station in await self._all("/stations")}
        for team in new:
            place = team["location"] or stations.get(team["station_id"])
            members = [member["id"] for member in team["members"] if member["id"] in logins]
            played = [user_id for user_id in members if logins[user_id] not in self.cast.spared]
            if place is None or not played:
                continue
            home = stations.get(team["station_id"]) or place
            account = Account(self.service, logins[played[0]], self.cast.password)
            try:
                await account.sign_in()  # one after another: a hundred at once would look like an attack
            except (RefusedError, httpx.HTTPError) as error:
                self.counts[f"not signed in: {error}"] += 1
                continue
            for user_id in set(members) - set(played):
                self._led.setdefault(team["id"], Person(user_id))
            crew = Crew(
                team, account, hospitals, Point(home["lat"], home["lon"]),
                seed=self.seed, pace=self.pace, habits=self.habits, counts=self.counts,
                person=self._led.get(team["id"]),
            )  # fmt: skip
            self._crews[team["id"]] = asyncio.create_task(crew.live(), name=f"crew {team['name']}")

    async def _all(self, path: str, **params: str | int) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = await self.cast.admin.get(
                path, limit=500, **params, **({"cursor": cursor} if cursor else {})
            )
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return items

    @property
    def crews(self) -> int:
        """Crews alive now."""
        return sum(1 for task in self._crews.values() if not task.done())

    def elapsed(self) -> timedelta:
        """Return how long the city has lived, in its own time."""
        return (datetime.now(UTC) - self.start) * self.pace.factor


def _why(task: "asyncio.Task[None]") -> str:
    """Return what ended a crew, in a few words."""
    error = task.exception()
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__} {error}"[:80]
