"""Worker processes for heavy work, so that no report is ever computed on the event loop that serves the board.

Three of them, started when first needed: one for tables and documents that somebody waits for, one for long jobs, so
that an export holds up no table, and one for what-if plays, which ends after each so that its memory is given back.
They run at a lower priority than the service.
"""

import asyncio
import contextlib
import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final, Literal

NICE: Final = 10
"""Lower priority: beside a busy board a report may take longer, never the other way round."""

LOOK_S: Final = 2.0
"""Seconds between a worker's looks whether its service still lives."""

type Lane = Literal["tables", "jobs", "whatif"]


def _begin(parent: int) -> None:
    """Prepare a worker process: a lower priority, and an end when the service has ended, however it did."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(NICE)
    threading.Thread(target=_end_with, args=(parent,), daemon=True, name="watch").start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os._exit(0)


class Pool:
    """The worker processes of one API process."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, ProcessPoolExecutor] = {}

    async def run[Task, Answer](
        self, work: Callable[[Task], Answer], task: Task, lane: Lane = "tables"
    ) -> Answer:
        """Run a function of this package in a worker process and return what it returns.

        A worker that died (killed for its memory, say) is replaced, and the work tried once more.
        """
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._lane(lane), work, task)
        except BrokenProcessPool:
            self._drop(lane)
            return await loop.run_in_executor(self._lane(lane), work, task)

    def _lane(self, lane: Lane) -> ProcessPoolExecutor:
        if lane not in self._lanes:
            self._lanes[lane] = ProcessPoolExecutor(
                max_workers=1,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_begin,
                initargs=(os.getpid(),),
                max_tasks_per_child=1 if lane == "whatif" else None,
            )
        return self._lanes[lane]

    def _drop(self, lane: Lane) -> None:
        broken = self._lanes.pop(lane, None)
        if broken is not None:
            broken.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Stop the workers; what they were doing is dropped."""
        for executor in self._lanes.values():
            workers = list((executor._processes or {}).values())  # noqa: SLF001 -- there is no public way to stop one
            executor.shutdown(wait=False, cancel_futures=True)
            for worker in workers:
                worker.terminate()
        self._lanes.clear()
