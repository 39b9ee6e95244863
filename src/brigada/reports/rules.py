"""When a scheduled report is due, and about which days it is; pure."""

from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from brigada.reports.periods import Period, midnight

type Every = Literal["day", "week", "month"]

RETRY: Final = timedelta(minutes=10)
"""A full disk or a folder that is not mounted is seen to within minutes or hours, not seconds."""


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
        due = _due_on(day, at_minute, zone)
        if due > after:
            return due
        day = first_day(
            every, day + {"day": timedelta(1), "week": timedelta(7), "month": timedelta(32)}[every]
        )


def last_run(every: Every, at_minute: int, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the latest moment, `now` at the latest, at which the report was due."""
    day = first_day(every, now.astimezone(zone).date())
    while (due := _due_on(day, at_minute, zone)) > now:
        day = first_day(every, day - timedelta(days=1))
    return due


def next_try(every: Every, at_minute: int, zone: ZoneInfo, now: datetime) -> datetime:
    """Return when a report that could not be written is tried again: soon, but the next one has its own moment."""
    return min(now + RETRY, next_run(every, at_minute, zone, now))


def _due_on(day: date, at_minute: int, zone: ZoneInfo) -> datetime:
    wall = datetime(day.year, day.month, day.day, at_minute // 60, at_minute % 60, tzinfo=zone)
    return wall.astimezone(UTC)


def period_before(every: Every, due: datetime, zone: ZoneInfo) -> Period:
    """Return the day, week or month that had ended when the report was due."""
    end = first_day(every, due.astimezone(zone).date())
    start = first_day(every, end - timedelta(days=1))
    return Period(midnight(start, zone), midnight(end, zone), zone)
