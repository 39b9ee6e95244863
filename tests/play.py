"""A shift played at random through the API: whatever people press, in any order.

Every command may be refused (409, 404, 422); none may fail, and what must always be true is looked at after each.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any

import httpx

from stage import Caller, Stage

STEPS = ("acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed")
ORDER = ("assigned", *STEPS)
ENDED = {"completed", "declined", "cancelled", "diverted", "troubled"}


class Play:
    """One shift."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.chance = Random(seed)
        self.calls: list[int] = []
        self.assignments: list[int] = []
        self.teams = [crew.id for crew in stage.crews]
        self.done: Counter[str] = Counter()
        self.log: list[str] = []
        self._milestones: dict[int, dict[str, Any]] = {}
        self._number = 0
        self._acts: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (6, self._take_in), (10, self._assign), (14, self._step), (2, self._correct), (2, self._lose),
            (2, self._cancel), (1, self._complete), (1, self._reject), (3, self._change_call), (2, self._pause),
            (2, self._change_team), (1, self._change_car), (1, self._end_or_form_team), (1, self._places),
            (1, self._reasons), (1, self._names),
        ]  # fmt: skip

    async def act(self) -> None:
        """Do one thing."""
        weights = [weight for weight, _ in self._acts]
        [(_, act)] = self.chance.choices(self._acts, weights)
        await act()

    async def _send(self, who: Caller, method: str, path: str, json: Any = None) -> httpx.Response:
        response = await who.send(method, path, json=json)
        self.log.append(f"{response.status_code} {method} {path} {json}")
        assert response.is_success or response.status_code in {404, 409, 422}, (self.log, response.text)
        self.done[f"{method} {path.rsplit('/', 1)[-1] if path[-1].isalpha() else path.split('/')[1]}"] += (
            response.is_success
        )
        return response

    def _dispatcher(self) -> Caller:
        return self.chance.choice([self.stage.petrova, self.stage.ivanova])

    def _call(self) -> int:
        return self.chance.choice(self.calls[-4:]) if self.calls else 10**9

    def _assignment(self) -> int:
        return self.chance.choice(self.assignments[-4:]) if self.assignments else 10**9

    async def _take_in(self) -> None:
        reason = self.chance.choice(["chest_pain", "childbirth", "Боль в груди"])
        body = {
            "reason": reason,
            "criticality": "important",
            "address": f"ул. Мира, {self.chance.randint(1, 99)}",
        }
        response = await self._send(self._dispatcher(), "POST", "/calls", body)
        self.calls.append(response.json()["id"])

    async def _assign(self) -> None:
        body = {"team_id": self.chance.choice(self.teams), "additional": self.chance.random() < 0.4}
        response = await self._send(self._dispatcher(), "POST", f"/calls/{self._call()}/assignments", body)
        if response.is_success:
            self.assignments.append(response.json()["id"])

    async def _step(self) -> None:
        body: dict[str, Any] = {"step": self.chance.choice(STEPS)}
        if self.chance.random() < 0.3:
            body["occurred_at"] = self._some_time()
        if self.chance.random() < 0.2:
            body["hospital_id"] = self.stage.hospital_id
        await self._send(self._crew_or_dispatcher(), "POST", f"/assignments/{self._assignment()}/steps", body)

    def _crew_or_dispatcher(self) -> Caller:
        return self.chance.choice([self._dispatcher(), *(crew.worker for crew in self.stage.crews)])

    def _some_time(self) -> str:
        return (self.stage.state.clock.now() - timedelta(seconds=self.chance.uniform(-1, 2))).isoformat()

    async def _correct(self) -> None:
        body = {"step": self.chance.choice(STEPS), "occurred_at": self._some_time(), "reason": "ошибка"}
        await self._send(
            self._crew_or_dispatcher(), "POST", f"/assignments/{self._assignment()}/corrections", body
        )

    async def _lose(self) -> None:
        path = f"/assignments/{self._assignment()}"
        if self.chance.random() < 0.5:
            await self._send(self._crew_or_dispatcher(), "POST", f"{path}/decline", {"comment": "далеко"})
        else:
            kind = self.chance.choice(["car_broken", "human_factor", "external_factor"])
            await self._send(self._crew_or_dispatcher(), "POST", f"{path}/trouble", {"kind": kind})

    async def _cancel(self) -> None:
        await self._send(self._dispatcher(), "POST", f"/assignments/{self._assignment()}/cancel", {})

    async def _complete(self) -> None:
        await self._send(self._dispatcher(), "POST", f"/calls/{self._call()}/complete", {})

    async def _reject(self) -> None:
        body = {"reason": "other", "comment": "шутка"}
        await self._send(self._dispatcher(), "POST", f"/calls/{self._call()}/reject", body)

    async def _change_call(self) -> None:
        body = self.chance.choice([
            {"comment": f"слово {self.chance.random()}"}, {"patient": {"age": self.chance.randint(0, 90)}},
            {"location": {"lat": 59.9, "lon": 30.3}}, {"location": None}, {"address_details": {"floor": "4"}},
            {"criticality": self.chance.choice(["critical", "common"])}, {"reason": "головная боль"},
        ])  # fmt: skip
        await self._send(self._dispatcher(), "PATCH", f"/calls/{self._call()}", body)

    async def _pause(self) -> None:
        word = self.chance.choice(["break", "resume"])
        await self._send(self._dispatcher(), "POST", f"/teams/{self.chance.choice(self.teams)}/{word}", {})

    async def _change_team(self) -> None:
        people = [worker.id for crew in self.stage.crews for worker in crew.workers]
        people += [worker.id for worker in self.stage.free_workers]
        body = self.chance.choice([
            {"profile": self.chance.choice(["physician", "obstetric"])}, {"car_id": self.stage.spare_car_id},
            {"member_ids": self.chance.sample(people, self.chance.randint(1, 3))}, {"station_id": None},
            {"station_id": self.stage.station_id}, {"name": f"б{self.chance.randint(1, 9)}"},
        ])  # fmt: skip
        await self._send(self.stage.admin, "PATCH", f"/teams/{self.chance.choice(self.teams)}", body)

    async def _change_car(self) -> None:
        car = self.chance.choice([self.stage.spare_car_id, *(crew.car_id for crew in self.stage.crews)])
        body = self.chance.choice(
            [{"serviceable": True}, {"serviceable": False}, {"model": f"М{self.chance.random()}"}]
        )
        await self._send(self.stage.admin, "PATCH", f"/cars/{car}", body)

    async def _end_or_form_team(self) -> None:
        if self.chance.random() < 0.5:
            await self._send(self.stage.admin, "DELETE", f"/teams/{self.chance.choice(self.teams)}")
            return
        self._number += 1
        body = {
            "name": f"н{self._number}", "car_id": self.stage.spare_car_id,
            "member_ids": [self.chance.choice(self.stage.free_workers).id], "station_id": self.stage.station_id,
        }  # fmt: skip
        response = await self._send(self.stage.admin, "POST", "/teams", body)
        if response.is_success:
            self.teams.append(response.json()["id"])

    async def _places(self) -> None:
        path = self.chance.choice(
            [f"/stations/{self.stage.station_id}", f"/hospitals/{self.stage.hospital_id}"]
        )
        lat = 59 + self.chance.random()
        await self._send(self.stage.admin, "PATCH", path, {"location": {"lat": lat, "lon": 30.5}})

    async def _reasons(self) -> None:
        self._number += 1
        code = f"play_{self.stage.station_id}_{self._number}"
        body = {"code": code, "title_ru": f"Повод {code}", "title_en": code, "criticality": "common"}
        await self._send(self.stage.admin, "POST", "/reasons", body)
        if self.chance.random() < 0.7:
            await self._send(self.stage.admin, "DELETE", f"/reasons/{code}")

    async def _names(self) -> None:
        worker = self.chance.choice([worker for crew in self.stage.crews for worker in crew.workers])
        await self._send(
            self.stage.admin, "PATCH", f"/users/{worker.id}", {"name": f"Имя{self.chance.randint(1, 9)}"}
        )

    async def look(self) -> None:
        """Check what must always be true.

        Raises:
            AssertionError: it is not; the log of the play is the first thing to read then.
        """
        stage = self.stage
        rows = await stage.sql("SELECT * FROM assignments ORDER BY id")
        active = [row for row in rows if row["ended_at"] is None]
        teams = Counter(row["team_id"] for row in active)
        assert all(count == 1 for count in teams.values()), ("a team is on two calls", self.log)
        on_call = Counter(row["call_id"] for row in active)
        for call in await stage.sql("SELECT id, status FROM calls"):
            busy = on_call[call["id"]] > 0
            assert busy == (call["status"] == "accepted"), (
                "a call and its assignments disagree",
                call,
                self.log,
            )
        await self._look_at_time_lines(rows)
        for team in (await stage.petrova.get("/teams"))["items"]:
            free = team["id"] not in teams and team["on_break_since"] is None and team["car"]["serviceable"]
            assert team["free"] is free, ("free is not what it is derived from", team, self.log)
        [log] = await stage.sql(
            "SELECT count(*) AS n, min(seq) AS first, max(seq) AS last, (SELECT last_seq FROM event_counter) AS counter"
            " FROM events"
        )
        assert log["n"] == log["last"] - log["first"] + 1, ("the log has a gap", self.log)
        assert log["last"] == log["counter"]

    async def _look_at_time_lines(self, assignments: list[dict[str, Any]]) -> None:
        entries = await self.stage.sql("SELECT * FROM milestones ORDER BY id")
        for entry in entries:
            known = self._milestones.setdefault(entry["id"], entry)
            assert known == entry, ("an entry was rewritten", self.log)
        in_force: dict[tuple[int, str], Any] = {}
        for entry in entries:
            in_force[entry["assignment_id"], entry["step"]] = entry["at"]
        for row in assignments:
            times = [row[f"{step}_at"] for step in ORDER if row[f"{step}_at"] is not None]
            assert times == sorted(times), ("milestones out of order", row, self.log)
            for step in ORDER:
                assert row[f"{step}_at"] == in_force.get((row["id"], step)), (
                    "columns and entries differ",
                    row,
                    self.log,
                )
            if row["status"] in ORDER:
                assert row[f"{row['status']}_at"] is not None
            assert (row["status"] in ENDED) == (row["ended_at"] is not None)
