"""Durable commands: whole lives of calls by many writers, and whether the log holds each of them once and in order."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

import asyncpg

from brigada.bench.client import Connection, Load, hammer
from brigada.bench.service import Size, call_body, close_calls, p95, rate
from brigada.bench.stand import Stand
from brigada.kit.figures import Figure

WRITERS = 16

EVEN_RATE = 50
"""Commands a second of the even pace: some thirty times the average of a service with 14,000 calls a day and ten
commands for each."""

LIFE = ("create", "assign", "acknowledged", "en_route", "on_scene", "completed")
"""What a writer does with each call, one command after another; the last step completes the call."""

TELLS = {"create": "call.created", "assign": "assignment.created", "completed": "assignment.completed"}
"""The event that each command must leave; the steps between leave `assignment.step`."""


@dataclass(slots=True)
class Writer:
    """A dispatcher with a team of the own: commands of one writer never meet those of another at one row."""

    connection: Connection
    team_id: int
    call_id: int = 0
    assignment_id: int = 0
    at: int = 0
    made: "Counter[tuple[str, int]]" = field(default_factory=Counter)
    """How often each kind of event must be in the log for each call."""

    async def go_on(self, n: int) -> bool:
        """Give the next command of this call's life; return whether it was accepted."""
        command = LIFE[self.at]
        match command:
            case "create":
                answer = await self.connection.request("POST", "/api/v1/calls", call_body(n))
            case "assign":
                path, body = f"/api/v1/calls/{self.call_id}/assignments", {"team_id": self.team_id}
                answer = await self.connection.request("POST", path, body)
            case step:
                path = f"/api/v1/assignments/{self.assignment_id}/steps"
                answer = await self.connection.request("POST", path, {"step": step})
        if answer.status // 100 != 2:
            self.at = 0
            return False
        if command == "create":
            self.call_id = answer.json()["id"]
        elif command == "assign":
            self.assignment_id = answer.json()["id"]
        self.made[TELLS.get(command, "assignment.step"), self.call_id] += 1
        self.at = (self.at + 1) % len(LIFE)
        return True


async def commands(stand: Stand, size: Size) -> list[Figure]:
    """Whole lives of calls by 16 writers at once; then the log is read back whole."""
    first = int(str(await stand.fetch_value("SELECT last_seq FROM event_counter")))
    async with stand.connections("dispatcher", WRITERS) as connections:
        answer = await connections[0].request("GET", "/api/v1/teams?free=true&limit=100")
        teams = [team["id"] for team in answer.json()["items"]]
        writers = [Writer(*pair) for pair in zip(connections, teams, strict=False)]

        async def work(client: int, n: int) -> bool:
            return await writers[client].go_on(n)

        before = stand.cpu_seconds()
        load = await hammer(len(writers), 3600, work, most=size.commands)
        cpu_ms = (stand.cpu_seconds() - before) / max(1, len(load.latencies_s)) * 1e3
        even = await _at_an_even_pace(writers, size.seconds * 2)
    promised: Counter[tuple[str, int]] = sum((writer.made for writer in writers), Counter())
    figures = await _audit(stand, first, promised, load.failures + even.failures)
    await close_calls(stand)
    name = f"durable command by {len(writers)} writers"
    note = f"{len(load.latencies_s):,} commands, {cpu_ms:.1f} ms of CPU each: {', '.join(LIFE)}"
    return [
        rate(name, load, goal=100, stretch=1000, note=note),
        p95(f"{name}, as fast as they can, p95", load, goal=50),
        p95(f"durable command at {EVEN_RATE} a second, p95", even, goal=50),
        *figures,
    ]


async def _at_an_even_pace(writers: list[Writer], seconds: float) -> Load:
    """The same lives, each writer's next command at its own moment of a second: what a person waits for."""
    begun = time.perf_counter()
    latencies: list[float] = []
    done: list[float] = []
    failures = 0
    apart_s = len(writers) / EVEN_RATE

    async def run(place: int, writer: Writer) -> None:
        nonlocal failures
        due = begun + place / EVEN_RATE
        while due < begun + seconds:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            if await writer.go_on(place):
                now = time.perf_counter()
                latencies.append(now - due)  # from when it was due: a writer who is held up waits, too
                done.append(now - begun)
            else:
                failures += 1
            due += apart_s

    await asyncio.gather(*(run(place, writer) for place, writer in enumerate(writers)))
    return Load(time.perf_counter() - begun, latencies, failures, done)


async def _audit(
    stand: Stand, first: int, promised: "Counter[tuple[str, int]]", failures: int
) -> list[Figure]:
    """Compare what was answered with "done" with the log: nothing lost, no number missing, none out of order."""
    connection = await asyncpg.connect(stand.database_url)
    try:
        query = "SELECT seq, kind, call_id FROM events WHERE seq > $1 ORDER BY seq"
        rows = await connection.fetch(query, first)
    finally:
        await connection.close()
    kept = Counter((row["kind"], row["call_id"]) for row in rows)
    lost = sum((promised - kept).values())
    gaps = rows[-1]["seq"] - first - len(rows) if rows else 0
    # The order of the numbers is the order of the commits: within a call, the order of its steps.
    by_call: dict[int, list[str]] = {}
    for row in rows:
        if row["kind"] in {*TELLS.values(), "assignment.step"}:
            by_call.setdefault(row["call_id"], []).append(row["kind"])
    order = [TELLS.get(command, "assignment.step") for command in LIFE]
    disorder = sum(1 for kinds in by_call.values() if kinds != order[: len(kinds)])
    return [
        Figure("commands lost", lost + failures, "", goal=0, less_is_better=True),
        Figure("gaps in the log", gaps, "", goal=0, less_is_better=True),
        Figure("events out of order", disorder, "", goal=0, less_is_better=True),
    ]


def run(stand: Stand, size: Size) -> list[Figure]:
    """Measure durable commands."""
    return asyncio.run(commands(stand, size))
