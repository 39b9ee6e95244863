"""What the service hands to the worker. Light: an API process must not load the simulator for it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

TABLE: Final = "whatif_runs"


@dataclass(frozen=True, slots=True)
class RunTask:
    """A claimed run. `roads` is the file of the region's roads; `folder` may hold tables of travel times meanwhile."""

    run_id: int
    url: str
    start: datetime
    question: dict[str, Any]
    roads: Path | None
    folder: Path


def work(task: RunTask) -> dict[str, Any]:
    """Answer a question in a worker process; see `brigada.whatif.work.do_run`."""
    from brigada.whatif.work import do_run

    return do_run(task)
