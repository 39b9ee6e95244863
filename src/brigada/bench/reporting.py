"""Measures of the reports: each one over a year of calls, and complete exports, beside the dispatcher's board."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import psutil

from brigada.bench.client import Connection
from brigada.bench.service import FULL, Size, call_body, fill_board
from brigada.bench.stand import Stand
from brigada.kit.figures import Figure, median, percentile
from brigada.reports.benchmarks import History, write_history
from brigada.reports.export import Wanted, tables_to_export
from brigada.tables import metadata

GOAL_S: Final = 1.0
STRETCH_S: Final = 0.3
FLAT: Final = 1.2
"""What ten times as many calls may do to the memory of an export."""
BOARD: Final = "/api/v1/calls?view=actual"
OPEN_CALLS: Final = 200
PAUSE_S: Final = 0.05
"""Between two looks at the board: twenty a second, as many as a desk of dispatchers makes."""
CHANGE_EVERY: Final = 20
"""Looks between two changes: the board is made anew, and the reports must follow."""
LONGEST_EXPORT_S: Final = 3_600.0
OPEN: Final = frozenset({"queued", "running"})
BESIDE: Final = ("summary", "intervals", "teams", "gaps")
"""The reports that cost most: asked for without a pause while the board is looked at."""
SMALL_PART: Final = 0.1

type Progress = Callable[[str], None]


async def measure(stand: Stand, size: Size, progress: Progress) -> list[Figure]:
    """Invent a tenth of a year's calls and export it; invent the rest, ask for every report, export it all."""
    await fill_board(stand, OPEN_CALLS)
    few = round(size.history * SMALL_PART)
    figures = [await _history(stand, History(calls=few, teams=10, seed=2), progress)]
    async with httpx.AsyncClient(
        base_url=stand.url, headers=stand.accounts["admin"].headers, timeout=600
    ) as admin:
        desk = _Desk(stand, admin, size, progress)
        small = await desk.export(few)
        year = History(calls=size.history - few, teams=90)
        figures.append(await _history(stand, year, progress))
        figures += await desk.reports(year, size.history) + await desk.documents(year, size.history)
        figures += await desk.board_beside_reports(year)
        large = await desk.export(size.history)
    return [*figures, *small.figures(), *large.figures(), *large.against(small)]


async def _history(stand: Stand, history: History, progress: Progress) -> Figure:
    started = time.perf_counter()
    await write_history(stand.database_url, history, lambda done: progress(f"history: {done:,} calls"))
    took = time.perf_counter() - started
    return Figure(f"inventing {history.calls:,} calls", took, "s", less_is_better=True)


@dataclass(frozen=True, slots=True)
class _Exported:
    """What an export took."""

    calls: int
    rows: int
    seconds: float
    zip_bytes: int
    peak_bytes: int
    """Of the process that exports: the most that it ever held, with the libraries that it shares with others."""
    alone: list[float]
    beside: list[float]

    def figures(self) -> list[Figure]:
        return [
            Figure(
                f"complete export of {self.calls:,} calls", self.seconds, "s", less_is_better=True,
                note=f"{self.rows:,} rows twice (CSV, JSON), {self.zip_bytes / 1e6:.0f} MB of ZIP",
            ),
            Figure(
                f"memory of the exporting process, at most, {self.calls:,} calls", self.peak_bytes / 1e6, "MB",
                less_is_better=True,
            ),
            _beside(f"an export of {self.calls:,} calls", self.alone, self.beside),
        ]  # fmt: skip

    def against(self, small: "_Exported") -> list[Figure]:
        return [
            Figure(
                f"memory of an export, {self.calls:,} calls against {small.calls:,}",
                self.peak_bytes / small.peak_bytes, "x", FLAT, less_is_better=True,
            )
        ]  # fmt: skip


@dataclass(slots=True)
class _Desk:
    """An administrator who asks, and a dispatcher who looks at the board meanwhile."""

    stand: Stand
    admin: httpx.AsyncClient
    size: Size
    progress: Progress
    exporter: int | None = field(default=None)
    """The process that writes exports, once it is known."""

    async def reports(self, year: History, calls: int) -> list[Figure]:
        """Ask for every report over the year: seconds on the clock, and of the processor."""
        rounds = 5 if self.size is FULL else 1
        figures = []
        for name in await self._names():
            self.progress(f"report {name}")
            seconds, cpu = [], []
            for _ in range(rounds + 1):
                started, before = time.perf_counter(), self.stand.cpu_seconds(workers=True)
                (await self._report(name, year)).raise_for_status()
                seconds.append(time.perf_counter() - started)
                cpu.append(self.stand.cpu_seconds(workers=True) - before)
            figures.append(
                Figure(
                    f"report {name}, a year of {calls:,} calls", median(seconds[1:]), "s", GOAL_S, STRETCH_S,
                    less_is_better=True,
                    note=f"{median(cpu[1:]):.2f} s of CPU; the first time {seconds[0]:.2f} s",
                )
            )  # fmt: skip
        return figures

    async def _names(self) -> list[str]:
        found = (await self.admin.get("/reports")).raise_for_status().json()["items"]
        return [
            report["name"] for report in found if report["name"] != "shift"
        ]  # about one shift, not a year

    async def _report(self, name: str, year: History, form: str = "json") -> httpx.Response:
        period = {"from": year.start.date().isoformat(), "to": year.end.date().isoformat()}
        return await self.admin.get(f"/reports/{name}", params=period | {"format": form})

    async def documents(self, year: History, calls: int) -> list[Figure]:
        """The summary in each form, the second time: the first one loads what draws it."""
        figures = []
        for form in ("csv", "xlsx", "pdf"):
            self.progress(f"summary as {form}")
            for _ in range(2):
                started = time.perf_counter()
                body = (await self._report("summary", year, form)).raise_for_status().content
                took = time.perf_counter() - started
            figures.append(
                Figure(
                    f"summary as {form}, a year of {calls:,} calls", took, "s", less_is_better=True,
                    note=f"{len(body) / 1e3:.0f} KB",
                )
            )  # fmt: skip
        return figures

    async def board_beside_reports(self, year: History) -> list[Figure]:
        """Look at the board alone, and while the dearest reports are asked for one after another."""
        self.progress("board beside reports")

        async def ask() -> None:
            while True:
                for name in BESIDE:
                    (await self._report(name, year)).raise_for_status()

        alone = await self._looks(self.size.seconds)
        asking = asyncio.create_task(ask())
        beside = await self._looks(self.size.seconds * 2)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        alone += await self._looks(self.size.seconds)
        return [_beside("reports without a pause", alone, beside)]

    async def export(self, calls: int) -> _Exported:
        """Export everything, personal data too, and look at the board before it, meanwhile and after it."""
        alone = await self._looks(self.size.seconds)
        known = {process.pid for process in self.stand.processes()}
        started = time.perf_counter()
        answer = await self.admin.post("/reports/jobs", json={"kind": "export", "personal_data": True})
        job = answer.raise_for_status().json()
        beside: list[float] = []
        while job["status"] in OPEN:
            if time.perf_counter() - started > LONGEST_EXPORT_S:
                message = "the export takes too long"
                raise TimeoutError(message)
            beside += await self._looks(0.5)
            job = (await self.admin.get(f"/reports/jobs/{job['id']}")).raise_for_status().json()
            self.progress(f"export: {job['progress']:.0%}")
        took = time.perf_counter() - started
        if job["status"] != "done":
            message = f"the export ended as {job['status']}: {job['problem']}"
            raise RuntimeError(message)
        if self.exporter is None:  # begun by the first export
            fresh = [process for process in self.stand.processes() if process.pid not in known]
            self.exporter = max(fresh, key=lambda process: process.memory_info().rss).pid
        peak = _most_held(self.exporter)
        alone += await self._looks(self.size.seconds)
        rows = await _rows_exported(self.stand)
        return _Exported(calls, rows, took, job["size_bytes"], peak, alone, beside)

    async def _looks(self, seconds: float) -> list[float]:
        """Look at the board now and then, while it changes; return how long each look took."""
        took: list[float] = []
        until = time.perf_counter() + seconds
        async with _connected(self.stand) as board:
            while time.perf_counter() < until:
                if len(took) % CHANGE_EVERY == 0:
                    call = (await board.request("POST", "/api/v1/calls", call_body(len(took)))).json()
                    await board.request("POST", f"/api/v1/calls/{call['id']}/reject", {"reason": "refused"})
                started = time.perf_counter()
                await board.request("GET", BOARD)
                took.append(time.perf_counter() - started)
                await asyncio.sleep(PAUSE_S)
        return took


@contextlib.asynccontextmanager
async def _connected(stand: Stand) -> AsyncIterator[Connection]:
    board = stand.connect("dispatcher")
    try:
        yield board
    finally:
        await board.close()


def _beside(what: str, alone: list[float], beside: list[float]) -> Figure:
    return Figure(
        f"board of {OPEN_CALLS} calls beside {what}, median against alone", median(beside) / median(alone), "x",
        less_is_better=True,
        note=(
            f"median {median(alone) * 1e3:.1f} → {median(beside) * 1e3:.1f} ms,"
            f" p95 {percentile(alone, 0.95) * 1e3:.1f} → {percentile(beside, 0.95) * 1e3:.1f} ms"
        ),
    )  # fmt: skip


def _most_held(pid: int) -> int:
    """Return the most memory that a process ever held, bytes; what it holds now where the system does not tell."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return int(psutil.Process(pid).memory_info().rss)


async def _rows_exported(stand: Stand) -> int:
    chosen = tables_to_export(metadata.sorted_tables, Wanted(personal_data=True, positions=False, zone="UTC"))
    connection: Any = await asyncpg.connect(stand.database_url)
    try:
        return sum([await connection.fetchval(f'SELECT count(*) FROM "{name}"') for name in chosen])  # noqa: S608 -- names of the models
    finally:
        await connection.close()
