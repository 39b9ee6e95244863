"""What reports there are: their names, titles, groups, who may read them and what computes them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from brigada.auth.permissions import Permission
from brigada.reports.comparing import compared
from brigada.reports.facts import Facts
from brigada.reports.figures import calls, diary, lists, load, losses, places, summary, times
from brigada.reports.figures.common import Context, context
from brigada.reports.selection import GROUPS, TIME_GROUPS, Query
from brigada.reports.tables import Report, Text

READ, OPERATIONAL, OWN = Permission.REPORTS_READ, Permission.REPORTS_OPERATIONAL, Permission.REPORTS_OWN_SHIFT


@dataclass(frozen=True, slots=True)
class Definition:
    """One report."""

    name: str
    title: Text
    about: Text
    build: Callable[[Context], Report]
    permission: Permission = OPERATIONAL
    groups: tuple[str, ...] = ()
    """What it can be grouped by; the first is the default."""
    charts: bool = True
    compares: bool = True
    """Whether its numbers can stand beside those of the period before."""


def _groups(first: str) -> tuple[str, ...]:
    return (first, *(group for group in GROUPS if group != first))


DEFINITIONS: Final = (
    Definition(
        "summary", summary.TITLE,
        ("Пять главных чисел с изменением, три графика, десять худших случаев.",
         "Five numbers with their change, three charts, the ten worst cases."),
        summary.build, compares=False,
    ),
    Definition(
        "calls", calls.TITLE,
        ("Сколько вызовов принято и чем они закончились.", "How many calls were received and how they ended."),
        calls.build, groups=_groups("day"),
    ),
    Definition(
        "intervals", times.INTERVALS_TITLE,
        ("Обработка, выезд, доезд, прибытие, работа на месте, перевозка, передача: среднее, медиана, 90 %.",
         "Processing, turnout, travel, response, scene, transport, turnaround: mean, median, P90."),
        times.build_intervals, groups=_groups("criticality"),
    ),
    Definition(
        "norms", times.NORMS_TITLE,
        ("Доля прибытий в норматив и выполнение каждого норматива.",
         "Share within the norm, and each norm met or not."),
        times.build_norms, groups=_groups("day"),
    ),
    Definition(
        "teams", load.TEAMS_TITLE,
        ("Назначения, часы смены и занятости, загрузка, пробег.", "Assignments, hours on shift and busy, distance."),
        load.build_teams, groups=("team", "station", "profile", *TIME_GROUPS, *load.CALL_GROUPS),
    ),
    Definition(
        "cars", load.CARS_TITLE,
        ("Загрузка, пробег и поломки автомобилей.", "Load, distance and breakdowns of cars."),
        load.build_cars, groups=("car", "class", "station"),
    ),
    Definition(
        "dispatchers", load.DISPATCHERS_TITLE,
        ("Кто сколько вызовов принял и как быстро назначалась бригада.",
         "Who took how many calls, and how soon a team was sent."),
        load.build_dispatchers, READ,
    ),
    Definition(
        "losses", losses.LOSSES_TITLE,
        ("Отказы бригад, снятия, перенаправления, поломки и прочие причины.",
         "Declined, cancelled, diverted, broken cars and other troubles."),
        losses.build_losses, groups=_groups("team"),
    ),
    Definition(
        "advice", losses.ADVICE_TITLE,
        ("Как часто назначена предложенная бригада и чего стоил иной выбор.",
         "How often the advised team was sent, and what the other choice cost."),
        losses.build_advice, READ, groups=("dispatcher", *(g for g in GROUPS if g != "dispatcher")),
    ),
    Definition(
        "gps", losses.GPS_TITLE,
        ("Насколько отметки бригад расходятся с положением машины.",
         "How far declared times lie from what the car's positions show."),
        losses.build_gps, READ, groups=_groups("team"),
    ),
    Definition(
        "map", places.TITLE,
        ("Плотность вызовов и опозданий по клеткам карты.", "Density of calls and late arrivals by cells of the map."),
        places.build, compares=False,
    ),
    Definition(
        "late", lists.LATE_TITLE,
        ("Вызовы, к которым прибыли позже норматива.", "Calls reached later than the norm."),
        lists.build_late, charts=False, compares=False,
    ),
    Definition(
        "gaps", lists.GAPS_TITLE,
        ("Вызовы с пропущенными, восстановленными и исправленными отметками.",
         "Calls whose time stamps are missing, inferred or corrected."),
        lists.build_gaps, charts=False, compares=False,
    ),
    Definition(
        "list", lists.LIST_TITLE,
        ("Вызовы, стоящие за числом другого отчёта.", "The calls behind a figure of another report."),
        lists.build_list, charts=False, compares=False,
    ),
    Definition(
        "diary", diary.TITLE,
        ("Форма № 115/у: по дням принято, выполнено, безрезультатно, доставлено; прибытие по минутам.",
         "Form 115/у: by day received, completed, fruitless, taken to hospital; arrivals by minutes."),
        diary.build, charts=False,
    ),
    Definition(
        "shift", summary.SHIFT_TITLE,
        ("Вызовы и занятость одной бригады за её смену.", "Calls and busy hours of one team on its shift."),
        summary.build_shift, OWN, charts=False, compares=False,
    ),
)  # fmt: skip

BY_NAME: Final = {definition.name: definition for definition in DEFINITIONS}


def compute(facts: Facts, query: Query) -> Report:
    """Return the report that a query asks for."""
    definition = BY_NAME[query.name]
    report = definition.build(context(facts, query))
    if not (query.compare and definition.compares):
        return report
    before = replace(query, period=query.period.before(query.now))
    return compared(report, definition.build(context(facts, before)))
