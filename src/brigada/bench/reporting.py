"""Measures of the reports: each one over a year of calls, and a complete export beside the dispatcher's board."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import httpx

from brigada.bench.client import Connection
from brigada.bench.service import FULL, Size
from brigada.bench.stand import Stand
from brigada.kit.figures import Figure, median, percentile
from brigada.reports.benchmarks import History, write_history

GOAL_S: Final = 1.0
STRETCH_S: Final = 0.3
BOARD: Final = "/api/v1/calls?view=actual"
PAUSE_S: Final = 0.05
"""Between two looks at the board: twenty a second, as many as a desk of dispatchers makes."""
LONGEST_EXPORT_S: Final = 1_200.0
OPEN: Final = frozenset({"queued", "running"})


async def measure(stand: Stand, size: Size, progress: Callable[[str], None]) -> list[Figure]:
    """Invent a year of calls, ask for every report of it, then export everything beside the board."""
    progress(f"history: {size.history:,} calls")
    history = History(calls=size.history)
    await write_history(stand.database_url, history)
    async with httpx.AsyncClient(
        base_url=stand.url, headers=stand.accounts["admin"].headers, timeout=300
    ) as admin:
        figures = await _reports(admin, history, rounds=5 if size is FULL else 1, progress=progress)
        return figures + await _export(stand, admin, size, progress)


async def _reports(
    admin: httpx.AsyncClient, history: History, *, rounds: int, progress: Callable[[str], None]
) -> list[Figure]:
    period = {"from": history.start.date().isoformat(), "to": history.end.date().isoformat()}
    figures = []
    for report in (await admin.get("/reports")).raise_for_status().json()["items"]:
        name = report["name"]
        if name == "shift":  # about one shift, not a year
            continue
        progress(f"report {name}")
        seconds = []
        for _ in range(rounds + 1):
            started = time.perf_counter()
            answer = await admin.get(f"/reports/{name}", params=period)
            seconds.append(time.perf_counter() - started)
            answer.raise_for_status()
        figures.append(
            Figure(
                f"report {name}, a year of {history.calls:,} calls", median(seconds[1:]), "s", GOAL_S, STRETCH_S,
                less_is_better=True, note=f"the first time {seconds[0]:.2f} s",
            )
        )  # fmt: skip
    return figures


async def _export(
    stand: Stand, admin: httpx.AsyncClient, size: Size, progress: Callable[[str], None]
) -> list[Figure]:
    board = stand.connect("dispatcher")
    alone = await _looks(board, seconds=size.seconds)
    memory_before = stand.memory_bytes()
    started = time.perf_counter()
    answer = await admin.post("/reports/jobs", json={"kind": "export", "personal_data": True})
    job = answer.raise_for_status().json()
    beside: list[float] = []
    most = memory_before
    while job["status"] in OPEN:
        if time.perf_counter() - started > LONGEST_EXPORT_S:
            message = "the export takes too long"
            raise TimeoutError(message)
        beside += await _looks(board, seconds=0.5)
        most = max(most, stand.memory_bytes())
        job = (await admin.get(f"/reports/jobs/{job['id']}")).raise_for_status().json()
        progress(f"export: {job['progress']:.0%}")
    took = time.perf_counter() - started
    await board.close()
    if job["status"] != "done":
        message = f"the export ended as {job['status']}: {job['problem']}"
        raise RuntimeError(message)
    return [
        Figure("complete export", took, "s", less_is_better=True, note=f"{job['size_bytes'] / 1e6:.0f} MB of ZIP"),
        Figure(
            "memory of all processes while exporting, above before", (most - memory_before) / 1e6, "MB",
            less_is_better=True, note=f"{most / 1e6:.0f} MB in all",
        ),
        Figure(
            "board beside an export, median against alone", median(beside) / median(alone), "x",
            less_is_better=True,
            note=f"p95 {percentile(alone, 0.95) * 1e3:.1f} → {percentile(beside, 0.95) * 1e3:.1f} ms",
        ),
    ]  # fmt: skip


async def _looks(board: Connection, *, seconds: float) -> list[float]:
    """Look at the board now and then; return how long each look took."""
    took = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        started = time.perf_counter()
        await board.request("GET", BOARD)
        took.append(time.perf_counter() - started)
        await asyncio.sleep(PAUSE_S)
    return took
