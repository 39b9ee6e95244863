"""The figures of reports in plain Python over the raw rows.

Written from docs/reports.md, without a look at how the program does it: no NumPy, no shared function, each figure by
going over all rows once more.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reports.raw import NORMS, PEOPLE, REASONS, STATIONS, TEAMS, RawAssignment, RawCall, RawTeam

ZONE = ZoneInfo("Europe/Berlin")
LOST = ("declined", "cancelled", "diverted", "troubled")
TEAM = {team.id: team for team in TEAMS}
CLOCKS = {
    "processing": ("received", "assigned"), "turnout": ("assigned", "en_route"), "travel": ("en_route", "on_scene"),
    "response": ("received", "on_scene"), "on_scene": ("on_scene", "left"),
    "transport": ("transporting", "at_hospital"), "turnaround": ("at_hospital", "completed"),
    "committed": ("assigned", "ended"),
}  # fmt: skip
TARGET = {"critical": 1200, "important": 1200, "common": 7200}
"""Of the norms in use, from receipt to arrival by share."""
GROUPS = (
    "hour", "day", "week", "month", "weekday", "time_line", "station", "team", "profile", "district", "criticality",
    "reason", "outcome", "dispatcher",
)  # fmt: skip

CRITICALITY = {"critical": "Критичный", "important": "Важный", "common": "Обычный"}
PROFILE = {
    "paramedic": "Фельдшерская", "physician": "Врачебная", "intensive_care": "Реанимационная",
    "paediatric": "Педиатрическая", "psychiatric": "Психиатрическая", "obstetric": "Акушерская",
}  # fmt: skip
OUTCOME = {
    "open": "Ещё открыт", "on_place": "Помощь на месте", "hospital": "Доставлен в стационар", "refused": "Отказ",
    "false": "Ложный", "duplicate": "Повторный", "patient_not_found": "Больной не найден",
    "address_not_found": "Адрес не найден", "served_by_other": "Обслужен другой бригадой",
    "died_before_arrival": "Смерть до прибытия", "other": "Отклонён по другой причине",
}  # fmt: skip
WEEKDAY = ("Понедельник", "Вторник", "Среда", "Четверг", "Пятница", "Суббота", "Воскресенье")


@dataclass(frozen=True)
class Duration:
    """One duration: of a call, of an assignment where it is one's own; None and why where there is none."""

    call: RawCall
    sent: RawAssignment | None
    seconds: float | None
    why: str
    corrected: bool


def within(calls: Iterable[RawCall], start: datetime, end: datetime) -> list[RawCall]:
    return [call for call in calls if start <= call.received < end]


def first_at(call: RawCall, step: str) -> RawAssignment | None:
    """The team that reached a step first."""
    reached = [sent for sent in call.assignments if step in sent.moments]
    return min(reached, key=lambda sent: (sent.moments[step], sent.id), default=None)


def counted_under(call: RawCall) -> RawAssignment | None:
    """Whom a call counts for: who arrived first, else who was sent last."""
    arrived = first_at(call, "on_scene")
    if arrived is not None:
        return arrived
    return max(call.assignments, key=lambda sent: sent.id, default=None)


def outcome(call: RawCall) -> str:
    if call.status == "rejected":
        assert call.reject_reason is not None
        return call.reject_reason
    if call.status != "completed":
        return "open"
    sent = counted_under(call)
    carried = sent is not None and {"transporting", "at_hospital"} & set(sent.moments)
    return "hospital" if carried else "on_place"


def durations(calls: Iterable[RawCall], start: str, stop: str) -> list[Duration]:
    """Every duration between two clocks: one of a call from its receipt, else one of each team sent."""
    found = []
    for call in calls:
        if start != "received":
            found += [_of_assignment(call, sent, start, stop) for sent in call.assignments]
            continue
        first = first_at(call, stop)
        if first is None:
            why = {"rejected": "not meant", "completed": "missing"}.get(call.status, "open")
            found.append(Duration(call, None, None, why, False))
        else:
            # A call's own: it counts under the team of the call, not under the one that reached this step first.
            found.append(
                replace(_measured(call, first, call.received, first.moments[stop], {stop}), sent=None)
            )
    return found


def _of_assignment(call: RawCall, sent: RawAssignment, start: str, stop: str) -> Duration:
    last = stop
    if stop == "left":
        last = "transporting" if "transporting" in sent.moments else "completed"
    begin, end = sent.moments.get(start), sent.ended if stop == "ended" else sent.moments.get(last)
    if begin is not None and end is not None:
        return _measured(call, sent, begin, end, {start, last})
    if start in {"transporting", "at_hospital"} and begin is None:
        carried = start == "at_hospital" and "transporting" in sent.moments and sent.status == "completed"
        return Duration(call, sent, None, "missing" if carried else "not meant", False)
    if sent.ended is None:
        return Duration(call, sent, None, "open", False)
    return Duration(call, sent, None, "not meant" if sent.status in LOST else "missing", False)


def _measured(
    call: RawCall, sent: RawAssignment, begin: datetime, end: datetime, steps: set[str]
) -> Duration:
    if steps & sent.inferred:
        return Duration(call, sent, None, "inferred", False)
    if end < begin:
        return Duration(call, sent, None, "reversed", False)
    return Duration(call, sent, (end - begin).total_seconds(), "measured", bool(steps & sent.corrected))


def of_interval(calls: Iterable[RawCall], name: str) -> list[Duration]:
    return durations(calls, *CLOCKS[name])


def response(call: RawCall) -> float | None:
    return of_interval([call], "response")[0].seconds


def is_late(call: RawCall, target: dict[str, int] | None = None) -> bool:
    seconds, limit = response(call), (target or TARGET).get(call.criticality)
    return seconds is not None and limit is not None and seconds > limit


def label(by: str, call: RawCall, sent: RawAssignment | None = None) -> str:
    """The group of a call, or of an assignment where groups are of teams."""
    local = call.received.astimezone(ZONE)
    team = sent or counted_under(call)
    words: dict[str, Callable[[], str]] = {
        "hour": lambda: f"{local:%H}:00",
        "day": lambda: f"{local:%Y-%m-%d}",
        "month": lambda: f"{local:%Y-%m}",
        "weekday": lambda: WEEKDAY[local.weekday()],
        "week": lambda: f"{local - timedelta(days=local.weekday()):%Y-%m-%d}",
        "time_line": lambda: f"{local:%Y-%m-%d %H:00 %z}",
        "station": lambda: (
            STATIONS.get(TEAM[team.team_id].station_id or 0, "Не указано") if team else "Без бригады"
        ),
        "team": lambda: TEAM[team.team_id].name if team else "Без бригады",
        "profile": lambda: PROFILE[TEAM[team.team_id].profile] if team else "Без бригады",
        "district": lambda: call.district or "Не указано",
        "criticality": lambda: CRITICALITY[call.criticality],
        "reason": lambda: REASONS[call.reason][0] if call.reason else "Другое (своими словами)",
        "outcome": lambda: OUTCOME[outcome(call)],
        "dispatcher": lambda: PEOPLE.get(call.created_by or 0, "Не указано"),
    }
    return words[by]()


def first_week(text: str, start: datetime) -> str:
    """The week that the period begins in is named by the period's first day."""
    return max(text, f"{start.astimezone(ZONE):%Y-%m-%d}")


def percentile(values: Iterable[float], part: float) -> float | None:
    ordered = sorted(values)
    if not ordered:
        return None
    place = (len(ordered) - 1) * part
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def same(found: float | None, expected: float | None) -> bool:
    if found is None or expected is None:
        return found is expected
    return found == pytest.approx(expected, rel=1e-9, abs=1e-6)


def expect(row: dict[str, Any], expected: dict[str, Any]) -> None:
    """Compare the columns named; a float within rounding."""
    for key, value in expected.items():
        found = row[key]
        close = same(found, value) if isinstance(value, float | None) else found == value
        assert close, f"{row.get('group')}: {key} is {found}, expected {value}"


def stats(items: list[Duration]) -> dict[str, Any]:
    """What a row of statistics says of these durations."""
    values = [item.seconds for item in items if item.seconds is not None]
    return {
        "n": len(values), "incomplete": sum(item.why not in {"measured", "not meant"} for item in items),
        "corrected": sum(item.corrected for item in items), "mean": mean(values), "median": percentile(values, 0.5),
        "p90": percentile(values, 0.9),
    }  # fmt: skip


def judged(items: list[Duration], limits: dict[str, int]) -> dict[str, Any]:
    """How many durations lie beyond the norm of their criticality, and the share within it."""
    own = [(item.seconds, limits[item.call.criticality]) for item in items
           if item.seconds is not None and item.call.criticality in limits]  # fmt: skip
    late = sum(seconds > limit for seconds, limit in own)
    return {"late": late, "within": (len(own) - late) / len(own) if own else None}


def limits_of(name: str, norms: tuple[Any, ...] = NORMS) -> dict[str, int]:
    """The targets by share of an interval's clocks."""
    found: dict[str, int] = {}
    for norm in norms:
        if norm.statistic == "share" and (norm.clock_start, norm.clock_stop) == CLOCKS[name]:
            found[norm.criticality] = min(norm.target_s, found.get(norm.criticality, norm.target_s))
    return found


def overlap_s(start: datetime, end: datetime, low: datetime, high: datetime) -> float:
    return max(0.0, (min(end, high) - max(start, low)).total_seconds())


def shift_s(team: RawTeam, start: datetime, end: datetime) -> float:
    return overlap_s(team.start, team.end, start, end)


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """By the law of cosines for sides of a spherical triangle."""
    a, b = math.radians(one[0]), math.radians(other[0])
    angle = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(math.radians(other[1] - one[1]))
    return 6_371_008.8 * math.acos(max(-1.0, min(1.0, angle)))
