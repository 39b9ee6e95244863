"""Periods, days and hours of the service's own time zone; pure.

A day is a day of that zone: on the two days of a clock change it has 23 or 25 hours. The hour that happens twice is
one hour of the day (by the clock on the wall) and two hours of the time line (by their offset from UTC).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

type Ints = NDArray[np.int64]

MICRO: Final = 1_000_000
STEP_S: Final = 900
"""Offsets of zones change at quarters of an hour of UTC, nowhere finer in this century."""
MONDAY: Final = 3
"""1970-01-01 was a Thursday: days since the Monday before it."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


def micros(at: datetime) -> int:
    """Return a moment as microseconds of UTC since 1970, exactly."""
    delta = at - EPOCH
    return (delta.days * 86_400 + delta.seconds) * MICRO + delta.microseconds


def moment(value: int) -> datetime:
    """Return the moment of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=int(value))


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment (counted in) to another (not counted in), in a zone."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    @property
    def span(self) -> tuple[int, int]:
        """Both ends in microseconds."""
        return micros(self.start), micros(self.end)

    @property
    def seconds(self) -> float:
        return (self.end.astimezone(UTC) - self.start.astimezone(UTC)).total_seconds()

    def days(self) -> list[date]:
        """Return the days that the period touches."""
        first = self.start.astimezone(self.zone).date()
        last = (self.end - timedelta(microseconds=1)).astimezone(self.zone).date()
        return (
            [first + timedelta(days=n) for n in range((last - first).days + 1)]
            if self.end > self.start
            else []
        )

    def before(self, now: datetime) -> "Period":
        """Return the period before, to compare with.

        Whole days compare with as many whole days, whole calendar months and years with the months and years before,
        anything else with the same length. Of a period that is not over, as much of the one before counts as has
        passed of this one: half a Monday compares with half a Monday.
        """
        start, end = (at.astimezone(self.zone) for at in (self.start, self.end))
        if not (self._begins_day(self.start) and self._begins_day(self.end)):
            length = self.end.astimezone(UTC) - self.start.astimezone(UTC)
            found = Period(self.start - length, self.start, self.zone)
        else:
            found = Period(
                midnight(_start_before(start.date(), end.date()), self.zone), self.start, self.zone
            )
        if self.start <= now < self.end:
            passed = found.start + (now.astimezone(UTC) - self.start.astimezone(UTC))
            return Period(found.start, min(passed, self.start), self.zone)
        return found

    def _begins_day(self, at: datetime) -> bool:
        return at == midnight(at.astimezone(self.zone).date(), self.zone)


def _start_before(first: date, end: date) -> date:
    """Return where the days before [first, end) begin: months before months, else as many days."""
    if first.day == end.day == 1 and first < end:
        months = first.year * 12 + first.month - 1 - ((end.year - first.year) * 12 + end.month - first.month)
        return date(months // 12, months % 12 + 1, 1)
    return first - (end - first)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment at which a day begins there (some zones skip midnight when clocks change)."""
    local = datetime.combine(day, time(0), zone)
    # A time that does not exist comes back changed from a trip through UTC: then the day begins at the jump.
    back = local.astimezone(UTC).astimezone(zone)
    return back if back.date() == day else local


@lru_cache(maxsize=64)
def _offsets(zone: ZoneInfo, year: int) -> tuple[int, Ints]:
    """Return the second at which a year of UTC begins, and the zone's offset in seconds for each step of it."""
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    first, last = int(start.timestamp()), int(end.timestamp())
    days = range(first, last, 86_400)
    ends = [_offset(zone, day) for day in days] + [_offset(zone, last)]
    steps = 86_400 // STEP_S
    found = np.repeat(np.array(ends[:-1], dtype=np.int64), steps)
    for n, day in enumerate(days):
        if ends[n] != ends[n + 1]:  # clocks changed during this day: look closely
            found[n * steps : (n + 1) * steps] = [_offset(zone, day + step * STEP_S) for step in range(steps)]
    return first, found


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def local_seconds(at: Ints, zone: ZoneInfo) -> Ints:
    """Return seconds on the wall clock since 1970-01-01 00:00 there, for moments in microseconds."""
    seconds = at // MICRO
    if not len(seconds):
        return seconds
    years = seconds.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + 1970
    local = np.empty_like(seconds)
    for year in range(int(years.min()), int(years.max()) + 1):
        inside = years == year
        first, offsets = _offsets(zone, year)
        local[inside] = seconds[inside] + offsets[(seconds[inside] - first) // STEP_S]
    return local


def day_of(number: int) -> date:
    """Return the day of a number of days since 1970-01-01."""
    return date.fromordinal(EPOCH_DAY + number)


def hours_of_the_clock(period: Period, now: datetime) -> NDArray[np.float64]:
    """Return how many hours of the period have passed by now, by weekday (7 rows, Monday first) and hour (24).

    Told by quarters of an hour; the quarters at both ends count by their part.
    """
    start, end = period.span
    end = min(end, micros(now))
    step = STEP_S * MICRO
    slots = np.arange(start // step, -(-end // step), dtype=np.int64) * step
    length = np.minimum(slots + step, end) - np.maximum(slots, start)
    local = local_seconds(slots, period.zone)
    places = (local // 86_400 + MONDAY) % 7 * 24 + local // 3600 % 24
    weights = np.maximum(length, 0) / (3600 * MICRO)
    return np.bincount(places, weights=weights, minlength=168).reshape(7, 24)
