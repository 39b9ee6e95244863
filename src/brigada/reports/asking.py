"""From a request to a query: periods, groups and filters checked, permissions judged."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.errors import Invalid, Language, NotFound
from brigada.reports.catalogue import BY_NAME, Definition
from brigada.reports.errors import ReportNotForRole
from brigada.reports.filters import Filters
from brigada.reports.measures import INTERVALS
from brigada.reports.periods import Period, midnight
from brigada.reports.selection import Query

LONGEST: Final = timedelta(days=3_660)
LONGEST_TIME_LINE: Final = timedelta(days=62)
"""An hour is a row: two months are 1,488 of them."""
DEFAULT_DAYS: Final = 7
SHOWN_ROWS: Final = 500
"""Of a list of calls on the page, unless more are asked for."""
MOST_ROWS: Final = 10_000
"""Of a list of calls; more is what the export is for. A file has so many by default: nobody looks for its end."""
YEARS: Final = range(2000, 2100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request says, unchecked."""

    since: str | None
    until: str | None
    group: str | None
    interval: str
    norm_set: str | None
    compare: bool = False
    limit: int | None
    filters: Filters


def definition_for(name: str, principal: Principal) -> Definition:
    """Return a report that the caller may read.

    Raises:
        NotFound, ReportNotForRole.
    """
    definition = BY_NAME.get(name)
    if definition is None:
        raise NotFound
    if not may_read(definition, principal):
        raise ReportNotForRole
    return definition


def may_read(definition: Definition, principal: Principal) -> bool:
    """May this caller read that report? Whoever may read the operational ones may read a team's shift too."""
    if definition.permission is Permission.REPORTS_OWN_SHIFT and principal.may(
        Permission.REPORTS_OPERATIONAL
    ):
        return True
    return principal.may(definition.permission)


def groups_for(definition: Definition, principal: Principal) -> tuple[str, ...]:
    """Return what the caller may group a report by: figures by person are for those who read reports on people."""
    if principal.may(Permission.REPORTS_READ):
        return definition.groups
    return tuple(group for group in definition.groups if group != "dispatcher")


def check_people(asked: Asked, principal: Principal) -> None:
    """Refuse figures about single dispatchers to those who may not read reports on people.

    Raises:
        ReportNotForRole.
    """
    chosen = asked.filters
    of_people = (
        asked.group == "dispatcher" or chosen.dispatcher_id is not None or chosen.sender_id is not None
    )
    if of_people and not principal.may(Permission.REPORTS_READ):
        raise ReportNotForRole


def query_of(
    asked: Asked, definition: Definition, language: Language, zone: ZoneInfo, now: datetime
) -> Query:
    """Check what was asked for.

    Raises:
        Invalid: with the field and what is wrong with it.
    """
    period = period_of(asked.since, asked.until, zone, now)
    if asked.group is not None and asked.group not in definition.groups:
        raise Invalid.field(
            "query", "group", code="group",
            ru=f"Этот отчёт группируется так: {', '.join(definition.groups) or 'никак'}.",
            en=f"This report can be grouped by: {', '.join(definition.groups) or 'nothing'}.",
        )  # fmt: skip
    group = asked.group or (definition.groups[0] if definition.groups else None)
    if group == "time_line" and period.end - period.start > LONGEST_TIME_LINE:
        raise Invalid.field(
            "query", "group", code="too_long",
            ru="По часам подряд — не больше 62 дней.", en="Hour after hour: at most 62 days.",
        )  # fmt: skip
    if asked.interval not in INTERVALS:
        raise Invalid.field(
            "query", "interval", code="interval", ru=f"Есть интервалы: {', '.join(INTERVALS)}.",
            en=f"There are the intervals: {', '.join(INTERVALS)}.",
        )  # fmt: skip
    if definition.name == "shift" and asked.filters.team_id is None:
        raise Invalid.field("query", "team_id", code="missing", ru="Укажите бригаду.", en="Say which team.")
    return Query(
        name=definition.name, period=period, language=language, group=group, interval=asked.interval,
        norm_set=asked.norm_set, compare=asked.compare, filters=asked.filters, now=now,
        limit=asked.limit or SHOWN_ROWS,
    )  # fmt: skip


def box_of(text: str | None) -> tuple[float, float, float, float] | None:
    """Return a rectangle of the map.

    Raises:
        Invalid: not four numbers, or not a rectangle of the earth.
    """
    if text is None:
        return None
    try:
        south, west, north, east = (float(part) for part in text.split(","))
    except ValueError:
        south = west = north = east = float("nan")
    if -90 <= south < north <= 90 and -180 <= west < east <= 180:
        return south, west, north, east
    raise Invalid.field(
        "query", "box", code="box", ru="Нужны градусы: юг,запад,север,восток.",
        en="Degrees are needed: south,west,north,east.",
    )  # fmt: skip


def period_of(since: str | None, until: str | None, zone: ZoneInfo, now: datetime) -> Period:
    """Return the period: from a day or a moment (counted in) to another (not counted in).

    A day is a day of the service's zone. By default the last seven days and today so far.

    Raises:
        Invalid: not a time, no offset, out of this century, the wrong way round, longer than ten years.
    """
    today = now.astimezone(zone).date()
    end = _moment(until, "to", zone) if until else midnight(today + timedelta(days=1), zone)
    start = _moment(since, "from", zone) if since else end - timedelta(days=DEFAULT_DAYS + 1)
    if start > end:
        raise Invalid.field(
            "query", "from", code="period_order",
            ru="Начало периода позже его конца.", en="The period begins after its end.",
        )  # fmt: skip
    if end - start > LONGEST:
        raise Invalid.field(
            "query",
            "from",
            code="period_too_long",
            ru="Период длиннее десяти лет.",
            en="More than ten years.",
        )
    return Period(start, end, zone)


def _moment(text: str, name: str, zone: ZoneInfo) -> datetime:
    try:
        if len(text) == len("2026-11-23"):
            day = date.fromisoformat(text)
            if day.year in YEARS:
                return midnight(day, zone)
        else:
            # A plus sign that a client forgot to escape arrives as a space.
            at = datetime.fromisoformat(
                text.replace(" ", "+") if text.count(" ") == 1 and "T" in text else text
            )
            if at.tzinfo is not None and at.year in YEARS:
                return at.astimezone(UTC)
    except ValueError:
        pass
    raise Invalid.field(
        "query", name, code="moment",
        ru="Нужен день (2026-11-23) или момент со смещением (2026-11-23T08:00:00+03:00).",
        en="A day (2026-11-23) or a moment with its offset (2026-11-23T08:00:00+03:00) is needed.",
    )  # fmt: skip
