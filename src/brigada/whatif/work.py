"""What a worker process does: reads the past, plays it, tells how far it is, stops when it is cancelled."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import asyncpg
import msgspec

from brigada.db import jobs
from brigada.db.engine import asyncpg_dsn
from brigada.whatif.changes import Rules, Variant, added_posts
from brigada.whatif.past import Past, read_past
from brigada.whatif.playing import play_all
from brigada.whatif.task import TABLE, RunTask
from brigada.whatif.town import build_town

TELL_S: Final = 0.5
"""Seconds between two notes of progress, and so between a wish to cancel and its end."""
ROADS_PART: Final = 0.1
"""Part of the bar for the roads; the plays have the rest."""


type Tell = Callable[[float, str], None]
"""Called with the part that is done, 0 to 1, and the word of the step; what it raises ends the work."""


class Question(msgspec.Struct, frozen=True):
    """What was asked. `rules` is how the service works today."""

    variants: tuple[Variant, ...]
    weeks: int = 4
    repeats: int = 3
    rules: Rules = Rules()


class Teller:
    """Writes the progress of a run, not oftener than `TELL_S`."""

    def __init__(self, task: RunTask) -> None:
        self._task = task
        self._at = 0.0

    def __call__(self, part: float, step: str) -> None:
        """Tell how far the run is.

        Raises:
            CancelledJobError: somebody wants it to stop.
        """
        now = time.monotonic()
        if now - self._at >= TELL_S:
            self._at = now
            task = self._task
            asyncio.run(jobs.tell(task.url, TABLE, task.run_id, min(part, 0.99), step))


def do_run(task: RunTask) -> dict[str, Any]:
    """Answer a question; nothing is left behind but the answer.

    Raises:
        CancelledJobError: it was cancelled.
        NotEnoughError, ImpossibleChangeError: it can't be answered.
    """
    return answer(
        task.question, url=task.url, start=task.start, roads=task.roads, folder=task.folder, tell=Teller(task)
    )


def answer(
    asked: dict[str, Any], *, url: str, start: datetime, roads: Path | None, folder: Path, tell: Tell
) -> dict[str, Any]:
    """Read the past from `start` on and play it; nothing is written but tables in `folder`, and those are removed.

    Raises:
        NotEnoughError, ImpossibleChangeError: it can't be answered.
        Whatever `tell` raises to end it.
    """
    question = msgspec.convert(asked, Question)
    tell(0.0, "reading")
    past = asyncio.run(read_log(url, start, 7 * question.weeks))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(dir=folder, prefix=".whatif-") as scratch:
        town = build_town(
            past,
            added_posts(question.variants),
            graph=roads,
            cache=Path(scratch),
            progress=lambda done, total: tell(ROADS_PART * done / total, "roads"),
        )
        return play_all(
            town,
            question.variants,
            question.rules,
            repeats=question.repeats,
            told=lambda part: tell(ROADS_PART + (1 - ROADS_PART) * part, "playing"),
        )


async def read_log(url: str, start: datetime, days: int) -> Past:
    """The log of a service from `start` on."""
    connection = await asyncpg.connect(asyncpg_dsn(url), timeout=10)
    try:
        return await read_past(connection, start, days)
    finally:
        await connection.close()
