"""Reports by schedule: each day, week or month a file in a folder, about the one that has just ended."""

import asyncio
import logging
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import select

from brigada.auth.principal import Principal
from brigada.db.engine import ReadSession
from brigada.db.leader import Chore
from brigada.errors import Language, NotFound
from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.reports import service
from brigada.reports.asking import check_people, definition_for, query_of
from brigada.reports.catalogue import BY_NAME, Definition
from brigada.reports.drafts import sweep_abandoned
from brigada.reports.jobs import asked_of
from brigada.reports.models import ReportSchedule
from brigada.reports.rules import Every, last_run, next_run, next_try, period_before
from brigada.reports.schemas import ScheduleIn
from brigada.reports.selection import Query
from brigada.reports.tasks import Format, ReportTask, make_report
from brigada.state import State

_log = logging.getLogger(__name__)

LOOK_S: Final = 20.0
_FIELDS: Final = (
    "id", "report", "format", "every", "language", "active", "next_at", "last_at", "last_file", "last_problem",
    "version",
)  # fmt: skip


_ASKED: Final = {"group", "interval", "norm_set", "compare", "filters"}
"""What a schedule keeps of the report that it asks for; its period is what has just ended."""


def schedule_view(schedule: ReportSchedule) -> dict[str, Any]:
    """Return a schedule as the API shows it."""
    hours, minutes = divmod(schedule.at_minute, 60)
    shown = {name: getattr(schedule, name) for name in _FIELDS}
    asked = {name: schedule.params.get(name) for name in ("group", "interval", "norm_set")}
    chosen = {
        "compare": bool(schedule.params.get("compare")),
        "filters": schedule.params.get("filters") or {},
    }
    return {**shown, "at": f"{hours:02}:{minutes:02}", **asked, **chosen}


def folder_of(state: State) -> Path:
    """Return the folder that scheduled reports are written into."""
    chosen = state.settings.reports_dir
    return (chosen or service.folder_of(state.settings.data_dir) / "scheduled").resolve()


async def list_schedules(session: ReadSession) -> list[dict[str, Any]]:
    found = (await session.execute(select(ReportSchedule).order_by(ReportSchedule.id))).scalars()
    return [schedule_view(schedule) for schedule in found]


async def add_schedule(
    uow: UnitOfWork, state: State, principal: Principal, body: ScheduleIn, language: Language
) -> dict[str, Any]:
    """Store a schedule.

    Raises:
        NotFound, ReportNotForRole, Invalid: the report, its group, its filters or its set of norms.
    """
    definition = definition_for(body.report, principal)
    params = body.model_dump(include=_ASKED, exclude_none=True, exclude_defaults=True)
    asked = asked_of(params)
    check_people(asked, principal)
    await service.check_norm_set(uow.session, asked.norm_set)
    query_of(asked, definition, language, state.settings.zone, uow.now)
    hours, minutes = (int(part) for part in body.at.split(":"))
    schedule = ReportSchedule(
        report=body.report, format=body.format, params=params, every=body.every, at_minute=hours * 60 + minutes,
        language=body.lang or language, active=True, created_by=principal.user_id, created_at=uow.now, version=1,
        next_at=next_run(body.every, hours * 60 + minutes, state.settings.zone, uow.now), last_file="",
        last_problem="",
    )  # fmt: skip
    uow.session.add(schedule)
    await uow.session.flush()
    data = {"schedule": {"id": schedule.id, "report": schedule.report, "every": schedule.every}}
    uow.record(Event(kind="report_schedule.created", data=data, roles=("admin",)))
    return schedule_view(schedule)


async def remove_schedule(uow: UnitOfWork, schedule_id: int) -> None:
    """Write that report no more.

    Raises:
        NotFound.
    """
    schedule = await uow.session.get(ReportSchedule, schedule_id, with_for_update=True)
    if schedule is None:
        raise NotFound
    await uow.session.delete(schedule)
    data = {"schedule": {"id": schedule_id}}
    uow.record(Event(kind="report_schedule.deleted", data=data, roles=("admin",)))


def chores(state: State) -> list[Chore]:
    """Return what the leading process does about schedules."""

    async def write() -> None:
        while await write_next(state):
            pass

    return [Chore("report-schedules", LOOK_S, write)]


async def write_next(state: State) -> bool:
    """Write one report that is due; return whether there was one.

    The schedule moves on when the file is there, so that a process that dies in between leaves the work to the next
    one; two at once write the same file. What fails is tried again until the next one is due. After days of standing
    still only the latest one is written: the earlier periods can be asked for at any time.
    """
    now = state.clock.now()
    async with state.unit_of_work() as uow:
        query = (
            select(ReportSchedule)
            .where(ReportSchedule.active, ReportSchedule.next_at <= now)
            .order_by(ReportSchedule.next_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        schedule = (await uow.session.execute(query)).scalar_one_or_none()
        if schedule is None:
            return False
        every, zone = cast("Every", schedule.every), state.settings.zone
        due = last_run(every, schedule.at_minute, zone, now)
        schedule.last_at = now
        await uow.commit()
    problem, file = "", ""
    try:
        file = str(await _write(state, schedule, every, due))
    except Exception as error:  # noqa: BLE001 -- whatever it was, the others must go on
        _log.exception("the scheduled report %s failed", schedule.id)
        problem = type(error).__name__
    async with state.unit_of_work() as uow:
        again = await uow.session.get(ReportSchedule, schedule.id, with_for_update=True)
        if again is not None:
            again.next_at = (next_try if problem else next_run)(every, again.at_minute, zone, now)
            again.last_problem = problem
            again.last_file = file or again.last_file
        await uow.commit()
    return True


async def _write(state: State, schedule: ReportSchedule, every: Every, due: Any) -> Path:  # noqa: ANN401 -- a moment
    period = period_before(every, due, state.settings.zone)
    params = {**schedule.params, "from": period.start.isoformat(), "to": period.end.isoformat()}
    definition = BY_NAME[schedule.report]
    language = cast("Language", schedule.language)
    query = query_of(asked_of(params), definition, language, state.settings.zone, due)
    form = cast("Format", schedule.format)
    body = await state.workers.run(make_report, ReportTask(service.place_of(state), query, form), "jobs")
    file = folder_of(state) / _file_name(definition, query, form, schedule)
    await asyncio.to_thread(_put, file, body)
    return file


def _file_name(definition: Definition, query: Query, form: Format, schedule: ReportSchedule) -> str:
    """Return a name that no other schedule's file has, unless it says the same.

    One that asks for more than a group has its schedule's number: filters are names of people and places, too long and
    too strange for a file.
    """
    name = Path(service.file_name(definition, query, form))
    own = [name.stem, *([query.group] if query.group is not None else []), query.language]
    if schedule.params.keys() - {"group"}:
        own.append(f"s{schedule.id}")
    return "-".join(own) + name.suffix


def _put(file: Path, body: bytes) -> None:
    """Write aside and rename: whoever watches the folder never sees half a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    sweep_abandoned(file.parent, ".brigada-*.part")
    draft = file.with_name(f".{file.name}.part")
    draft.write_bytes(body)
    draft.replace(file)
