"""When a scheduled report is due, and about which days it is; pure."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from brigada.reports.periods import Period, midnight

type Every = Literal["day", "week", "month"]


def first_day(every: Every, day: date) -> date:
    """Return the first day of the day, week (from Monday) or month that holds a day."""
    if every == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if every == "month" else day


def next_run(every: Every, at_minute: int, zone: ZoneInfo, after: datetime) -> datetime:
    """Return the first moment after `after` at which the report is due.

    It is due on the first day of each day, week or month, at a minute of the wall clock; where clocks skip that minute,
    an hour later.
    """
    day = first_day(every, after.astimezone(zone).date())
    while True:
        wall = datetime(day.year, day.month, day.day, at_minute // 60, at_minute % 60, tzinfo=zone)
        due = wall.astimezone(UTC)
        if due > after:
            return due
        day = first_day(
            every, day + {"day": timedelta(1), "week": timedelta(7), "month": timedelta(32)}[every]
        )


def period_before(every: Every, due: datetime, zone: ZoneInfo) -> Period:
    """Return the day, week or month that had ended when the report was due."""
    end = first_day(every, due.astimezone(zone).date())
    start = first_day(every, end - timedelta(days=1))
    return Period(midnight(start, zone), midnight(end, zone), zone)
