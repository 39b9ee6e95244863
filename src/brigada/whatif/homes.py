"""Planned homes as a report: where teams should wait in each part of the week, and which moves bring it about."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from brigada.errors import Language
from brigada.reports.tables import Column, Report, Table, Text, say
from brigada.simulator.policy.planned import DAY_FROM, DAY_TO, BlockPlan
from brigada.whatif.past import PlaceRow

TITLE: Final[Text] = ("Где ждать бригадам", "Where teams should wait")
_DAYS: Final[tuple[Text, ...]] = (
    ("пн", "Mon"), ("вт", "Tue"), ("ср", "Wed"), ("чт", "Thu"), ("пт", "Fri"), ("сб", "Sat"), ("вс", "Sun"),
)  # fmt: skip
_BLOCK: Final[dict[str, Text]] = {
    "day": (f"день, {DAY_FROM}–{DAY_TO}", f"day, {DAY_FROM}–{DAY_TO}"),
    "night": (f"ночь, {DAY_TO}–{DAY_FROM}", f"night, {DAY_TO}–{DAY_FROM}"),
    "weekday_day": (f"будни, {DAY_FROM}–{DAY_TO}", f"weekdays, {DAY_FROM}–{DAY_TO}"),
    "weekday_night": (
        f"ночь после будней, {DAY_TO}–{DAY_FROM}",
        f"nights after weekdays, {DAY_TO}–{DAY_FROM}",
    ),
    "weekend_day": (f"выходные, {DAY_FROM}–{DAY_TO}", f"weekends, {DAY_FROM}–{DAY_TO}"),
    "weekend_night": (
        f"ночь после выходных, {DAY_TO}–{DAY_FROM}",
        f"nights after weekend days, {DAY_TO}–{DAY_FROM}",
    ),
}
_BLOCKS: Final[Text] = ("Покрытие по частям недели", "Coverage by part of the week")
_MOVES: Final[Text] = ("Что переставить", "What to move")
_HOMES: Final[Text] = ("Бригад на подстанции", "Teams at each station")
_PART: Final[Text] = ("Часть недели", "Part of the week")
_CALLS: Final[Text] = ("Вызовов в час", "Calls an hour")
_TEAMS: Final[Text] = ("Бригад", "Teams")
_BUSY: Final[Text] = ("Занято", "Busy")
_TODAY: Final[Text] = ("Покрытие сейчас", "Coverage today")
_PLANNED: Final[Text] = ("По плану", "As planned")
_FROM: Final[Text] = ("Откуда", "From")
_TO: Final[Text] = ("Куда", "To")
_GAIN: Final[Text] = ("Покрытие растёт на", "Coverage gains")
_STATION: Final[Text] = ("Подстанция", "Station")
_NOW: Final[Text] = ("Сейчас", "Today")
_MODEL: Final[Text] = (
    (
        "Покрытие — доля вызовов, к которой свободная бригада успеет за {minutes} мин пути и выезда. Каждая строка — "
        "одна бригада; перестановки идут по порядку, самая полезная первой."
    ),
    (
        "Coverage is the part of calls that a free team can reach within {minutes} min of turnout and drive. Each row "
        "is one team; the moves go in order, the most useful first."
    ),
)
_NONE: Final[Text] = (
    "Ни одна перестановка не поднимает покрытие заметно: бригады стоят хорошо.",
    "No move raises the coverage by anything that would be felt: the teams stand well.",
)
_APPROXIMATE: Final[Text] = (
    "Дорог на карте нет: время считалось по прямым линиям.",
    "There are no roads: times are by straight lines.",
)
_TRY: Final[Text] = ("Проверить на прошлых неделях: {line}", "Try it on the last weeks: {line}")


def block_name(plan: BlockPlan, language: Language) -> str:
    """What a part of the week is called."""
    known = _BLOCK.get(plan.block.name)
    if known is not None:
        return say(known, language)
    day, hour = divmod(plan.block.hours[0], 24)
    return f"{say(_DAYS[day], language)} {hour:02}:00"


def whatif_line(plans: Sequence[BlockPlan], posts: Sequence[PlaceRow]) -> str | None:
    """The plan as a variant for `brigada whatif`; None where its parts are not the same every day, or nothing moves."""
    changes = []
    for plan in plans:
        if plan.block.name not in {"day", "night"}:
            return None
        span = f"{DAY_FROM}-{DAY_TO}" if plan.block.name == "day" else f"{DAY_TO}-{DAY_FROM}"
        for post, before, after in zip(posts, plan.today, plan.homes, strict=True):
            if after != before:
                changes.append(f"teams {after - before:+d} {span} at {post.id}")
    return "; ".join(changes) or None


def report_of(
    plans: Sequence[BlockPlan],
    posts: Sequence[PlaceRow],
    language: Language,
    *,
    start: datetime,
    days: int,
    zone: ZoneInfo,
    made_at: datetime,
    threshold_s: float,
    approximate: bool,
    own: bool,
) -> Report:
    """The plan in a language. `own`: the stations are those of the service, so that a variant can name them."""
    notes = [say(_MODEL, language).format(minutes=f"{threshold_s / 60:.0f}")]
    if approximate:
        notes.insert(0, say(_APPROXIMATE, language))
    if not any(plan.moves for plan in plans):
        notes.append(say(_NONE, language))
    line = whatif_line(plans, posts) if own else None
    if line is not None:
        notes.append(say(_TRY, language).format(line=f'brigada whatif "{line}"'))
    return Report(
        name="homes",
        title=say(TITLE, language),
        language=language,
        start=start,
        end=start + timedelta(days=days),
        zone=str(zone),
        made_at=made_at,
        filters="",
        norm={"title": "", "items": []},
        tables=[_blocks(plans, language), _moves(plans, posts, language), _homes(plans, posts, language)],
        charts=[],
        figures=[],
        notes=notes,
    )


def _blocks(plans: Sequence[BlockPlan], language: Language) -> Table:
    rows = [
        {
            "part": block_name(plan, language), "calls": plan.calls_per_hour, "teams": sum(plan.homes),
            "busy": plan.busy_fraction, "today": plan.coverage_today, "planned": plan.coverage,
        }
        for plan in plans
    ]  # fmt: skip
    columns = (
        Column("part", say(_PART, language), "text"),
        Column("calls", say(_CALLS, language), "number"),
        Column("teams", say(_TEAMS, language), "count"),
        Column("busy", say(_BUSY, language), "share"),
        Column("today", say(_TODAY, language), "share"),
        Column("planned", say(_PLANNED, language), "share"),
    )
    return Table("blocks", say(_BLOCKS, language), columns, rows)


def _moves(plans: Sequence[BlockPlan], posts: Sequence[PlaceRow], language: Language) -> Table:
    rows = [
        {
            "part": block_name(plan, language), "from": posts[move.source].name, "to": posts[move.target].name,
            "gain": move.gain,
        }
        for plan in plans
        for move in plan.moves
    ]  # fmt: skip
    columns = (
        Column("part", say(_PART, language), "text"),
        Column("from", say(_FROM, language), "text"),
        Column("to", say(_TO, language), "text"),
        Column("gain", say(_GAIN, language), "share"),
    )
    return Table("moves", say(_MOVES, language), columns, rows)


def _homes(plans: Sequence[BlockPlan], posts: Sequence[PlaceRow], language: Language) -> Table:
    rows: list[dict[str, Any]] = [
        {"part": block_name(plan, language), "station": post.name, "today": before, "planned": after}
        for plan in plans
        for post, before, after in zip(posts, plan.today, plan.homes, strict=True)
    ]
    columns = (
        Column("part", say(_PART, language), "text"),
        Column("station", say(_STATION, language), "text"),
        Column("today", say(_NOW, language), "count"),
        Column("planned", say(_PLANNED, language), "count"),
    )
    return Table("homes", say(_HOMES, language), columns, rows)
