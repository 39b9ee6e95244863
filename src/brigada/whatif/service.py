"""What-if runs as operations: asked, played one after another by the process that leads, shown, cancelled."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from brigada.auth.principal import Principal
from brigada.db.engine import ReadSession, WriteSession
from brigada.db.jobs import LOOK_S, CancelledJobError, claim_next
from brigada.db.leader import Chore
from brigada.errors import Invalid, Language, NotFound
from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.regions.errors import RegionError
from brigada.regions.store import RegionStore
from brigada.reports.tasks import MEDIA, Format, NoSuchPartError
from brigada.state import State
from brigada.stations.models import Station
from brigada.whatif.errors import (
    PROBLEMS,
    ImpossibleChangeError,
    NoSuchChart,
    NotEnoughError,
    RunNotDone,
    TooManyRuns,
)
from brigada.whatif.models import WhatIfRun
from brigada.whatif.report import STEPS, FormTask, built, in_form
from brigada.whatif.schemas import WhatIfIn
from brigada.whatif.task import TABLE, RunTask, work
from brigada.whatif.words import variant_name

MOST_WAITING: Final = 20
_log = logging.getLogger(__name__)


def run_view(run: WhatIfRun, stations: Mapping[int, str], language: Language) -> dict[str, Any]:
    """Return a run without its result; `stations` are names by number."""
    index = 0 if language == "ru" else 1
    names = (
        "id",
        "status",
        "progress",
        "cancel_requested",
        "problem",
        "question",
        "created_at",
        "finished_at",
    )
    return {
        **{name: getattr(run, name) for name in names},
        "names": [variant_name(variant, stations, language) for variant in run.question["variants"]],
        "step": STEPS[run.step][index] if run.step in STEPS else run.step,
        "problem_text": PROBLEMS[run.problem][index] if run.problem in PROBLEMS else "",
    }


async def run_detail(session: ReadSession, run_id: int, language: Language, zone: ZoneInfo) -> dict[str, Any]:
    """Return a run with its result in a language.

    Raises:
        NotFound.
    """
    run = await get_run(session, run_id)
    shown = run_view(run, await _station_names(session), language)
    shown |= {"report": None, "cells": [], "stations": [], "posts": []}
    if run.result is None:
        return shown
    from brigada.reports.output.values import report_json

    result = run.result
    return shown | {
        "report": report_json(built(run.question, result, language, zone, run.finished_at or run.created_at)),
        "cells": result["cells"],
        "stations": result["stations"],
        "posts": [variant["posts"] for variant in result["variants"]],
    }


async def add_run(
    uow: UnitOfWork, principal: Principal, body: WhatIfIn, language: Language
) -> dict[str, Any]:
    """Store a question; it begins within a second or two.

    Raises:
        Invalid: a station that is not there.
        TooManyRuns: others wait already.
    """
    waiting = select(func.count()).where(WhatIfRun.status.in_(("queued", "running")))
    if int((await uow.session.execute(waiting)).scalar_one()) >= MOST_WAITING:
        raise TooManyRuns
    known = set((await uow.session.execute(select(Station.id).where(Station.deleted_at.is_(None)))).scalars())
    for v, variant in enumerate(body.variants):
        for c, change in enumerate(variant.changes):
            station_id = getattr(change, "station_id", None)
            if station_id is not None and station_id not in known:
                raise Invalid.field(
                    "body", "variants", v, "changes", c, "station_id", code="unknown_station",
                    ru="Такой подстанции нет.", en="There is no such station.",
                )  # fmt: skip
    run = WhatIfRun(
        question=body.model_dump(mode="json", exclude_none=True), status="queued", progress=0.0, step="",
        cancel_requested=False, problem="", result=None, created_by=principal.user_id, created_at=uow.now,
    )  # fmt: skip
    uow.session.add(run)
    await uow.session.flush()
    uow.record(Event(kind="whatif.created", data={"whatif": {"id": run.id}}, roles=("admin",)))
    return run_view(run, await _station_names(uow.session), language)


async def list_runs(session: ReadSession, language: Language) -> list[dict[str, Any]]:
    """Return the latest runs without their results, the last one first."""
    from sqlalchemy.orm import defer

    query = select(WhatIfRun).options(defer(WhatIfRun.result)).order_by(WhatIfRun.id.desc()).limit(100)
    stations = await _station_names(session)
    return [run_view(run, stations, language) for run in (await session.execute(query)).scalars()]


async def _station_names(session: ReadSession | WriteSession) -> dict[int, str]:
    """Names of all stations; those that are gone too, since old questions speak of them."""
    rows = await session.execute(select(Station.id, Station.name))
    return {row.id: row.name for row in rows}


async def get_run(session: ReadSession, run_id: int) -> WhatIfRun:
    """Return one run.

    Raises:
        NotFound.
    """
    run = await session.get(WhatIfRun, run_id)
    if run is None:
        raise NotFound
    return run


async def form_of(
    state: State, run: WhatIfRun, form: Format, part: str | None, language: Language
) -> tuple[bytes, str, str]:
    """Return a finished run's comparison as a file: its bytes, its kind, its name.

    Raises:
        RunNotDone, NoSuchChart.
    """
    if run.result is None:
        raise RunNotDone
    made_at = run.finished_at or run.created_at
    report = built(run.question, run.result, language, state.settings.zone, made_at)
    try:
        body = await state.workers.run(in_form, FormTask(report, form, part, state.settings.service_name))
    except NoSuchPartError:
        raise NoSuchChart from None
    return body, MEDIA[form], f"brigada-whatif-{run.id}.{form}"


async def cancel_run(uow: UnitOfWork, run_id: int) -> None:
    """Stop a run, or forget a finished one.

    Raises:
        NotFound.
    """
    run = await uow.session.get(WhatIfRun, run_id, with_for_update=True)
    if run is None:
        raise NotFound
    if run.status == "queued":
        run.status, run.finished_at = "cancelled", uow.now
    elif run.status == "running":
        run.cancel_requested = True
    else:
        await uow.session.delete(run)
    uow.record(Event(kind="whatif.cancelled", data={"whatif": {"id": run_id}}, roles=("admin",)))


def chores(state: State) -> list[Chore]:
    """Return what the leading process does about runs."""

    async def play() -> None:
        while await run_next(state):
            pass

    return [Chore("whatif", LOOK_S, play)]


async def run_next(state: State) -> bool:
    """Claim and answer one queued question; return whether there was one."""
    async with state.unit_of_work() as uow:
        run_id = await claim_next(uow.session, TABLE, uow.now)
        await uow.commit()
    if run_id is None:
        return False
    values: dict[str, Any]
    try:
        values = {"status": "done", "progress": 1.0, "result": await _played(state, run_id)}
    except CancelledJobError:
        values = {"status": "cancelled"}
    except NotEnoughError as error:
        values = {"status": "failed", "problem": error.code}
    except ImpossibleChangeError:
        values = {"status": "failed", "problem": "impossible"}
    except Exception:  # noqa: BLE001 -- whatever it was, the run must not stay open
        _log.exception("the what-if run %s failed", run_id)
        values = {"status": "failed", "problem": "internal"}
    async with state.unit_of_work() as uow:
        changed = update(WhatIfRun).where(WhatIfRun.id == run_id, WhatIfRun.status == "running")
        await uow.session.execute(changed.values(finished_at=uow.now, step="", **values))
        told = {"whatif": {"id": run_id, "status": values["status"]}}
        uow.record(Event(kind="whatif.finished", data=told, roles=("admin",)))
        await uow.commit()
    return True


async def _played(state: State, run_id: int) -> dict[str, Any]:
    async with state.database.read() as session:
        run = await session.get(WhatIfRun, run_id)
        assert run is not None  # noqa: S101 -- just claimed, and nobody deletes a running one
        if run.cancel_requested:
            raise CancelledJobError
        question, asked_at = run.question, run.created_at
    settings = state.settings
    task = RunTask(
        run_id, state.database.url, first_midnight(asked_at, settings.zone, question["weeks"]), question,
        roads_in_use(settings.data_dir), settings.data_dir.resolve() / "whatif",
    )  # fmt: skip
    return await state.workers.run(work, task, "whatif")


def first_midnight(now: datetime, zone: ZoneInfo, weeks: int) -> datetime:
    """Return when so many whole weeks begin that end at the last midnight."""
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=7 * weeks)


def roads_in_use(data_dir: Path) -> Path | None:
    """Return the file of the roads of the region in use, if there is one."""
    try:
        region = RegionStore(data_dir.resolve()).active()
    except RegionError:
        return None
    return region.planning_graph if region is not None and region.planning_graph.is_file() else None
