"""Raw rows of calls and assignments, and the facts made of them: the oracles compute from the rows alone."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from brigada.calls.norms import Norm
from brigada.reports.facts import (
    ASSIGNMENT_STATUSES,
    ASSIGNMENT_TYPES,
    CALL_TYPES,
    CRITICALITIES,
    MILEAGE_TYPES,
    NEVER,
    PROFILES,
    REJECT_REASONS,
    STATUSES,
    STEPS,
    TROUBLES,
    CarName,
    Facts,
    Frame,
    Names,
    TeamName,
    arranged,
    empty,
)
from brigada.reports.periods import micros

START = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class RawAssignment:
    id: int
    team_id: int
    status: str = "completed"
    moments: dict[str, datetime] = field(default_factory=dict)
    ended: datetime | None = None
    trouble: str | None = None
    inferred: frozenset[str] = frozenset()
    corrected: frozenset[str] = frozenset()
    advice_team_id: int | None = None
    advice_cost_s: float | None = None
    assigned_by: int | None = None


@dataclass(frozen=True, kw_only=True)
class RawCall:
    id: int
    received: datetime
    criticality: str = "critical"
    status: str = "completed"
    district: str = ""
    reject_reason: str | None = None
    required: str | None = None
    created_by: int | None = None
    assignments: tuple[RawAssignment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RawTeam:
    id: int
    name: str
    profile: str = "paramedic"
    station_id: int | None = 1
    car_id: int = 1
    start: datetime = START - timedelta(hours=1)
    end: datetime = START + timedelta(days=400)


TEAMS = (
    RawTeam(id=1, name="1", profile="paramedic"),
    RawTeam(id=2, name="2", profile="physician", station_id=2, car_id=2),
    RawTeam(id=3, name="10", profile="intensive_care", station_id=None, car_id=3),
    RawTeam(id=4, name="4", profile="paediatric", car_id=4),
)
NORMS = (
    Norm(id=1, norm_set="ru", criticality="critical", clock_start="received", clock_stop="on_scene", target_s=1200),
    Norm(id=2, norm_set="ru", criticality="important", clock_start="received", clock_stop="on_scene", target_s=1200),
    Norm(id=3, norm_set="ru", criticality="common", clock_start="received", clock_stop="on_scene", target_s=7200),
    Norm(id=4, norm_set="ru", criticality="critical", clock_start="assigned", clock_stop="en_route", target_s=60),
    Norm(
        id=5, norm_set="ru", criticality="important", clock_start="received", clock_stop="on_scene",
        target_s=1080, statistic="mean", share=0.5,
    ),
)  # fmt: skip


def _at(moment: datetime | None) -> int:
    return NEVER if moment is None else micros(moment)


def _word(value: str | None, words: tuple[str, ...]) -> int:
    return -1 if value is None else words.index(value)


def _bits(steps: frozenset[str]) -> int:
    return sum(1 << STEPS.index(step) for step in steps)


def _frame(rows: list[dict[str, Any]], types: dict[str, str]) -> Frame:
    return Frame({name: np.array([row[name] for row in rows], dtype=kind) for name, kind in types.items()})


def facts_of(
    calls: list[RawCall], teams: tuple[RawTeam, ...] = TEAMS, norms: tuple[Norm, ...] = NORMS
) -> Facts:
    """Lay raw rows into columns, in the order in which they are given."""
    districts = {call.district: n for n, call in enumerate(calls)}
    call_rows = [
        {
            "id": call.id, "number": call.id, "received": _at(call.received), "accepted": NEVER, "closed": NEVER,
            "status": _word(call.status, STATUSES), "criticality": _word(call.criticality, CRITICALITIES),
            "reason": 0, "district": districts[call.district],
            "reject_reason": _word(call.reject_reason, REJECT_REASONS), "profile": _word(call.required, PROFILES),
            "created_by": call.created_by or 0, "lat": float("nan"), "lon": float("nan"),
        }
        for call in calls
    ]  # fmt: skip
    assignment_rows = [
        {
            "id": sent.id, "call_id": call.id, "team_id": sent.team_id,
            "status": _word(sent.status, ASSIGNMENT_STATUSES), "assigned_by": sent.assigned_by or 0,
            **{step: _at(sent.moments.get(step)) for step in STEPS},
            "ended": _at(sent.ended), "trouble": _word(sent.trouble, TROUBLES), "hospital_id": 0,
            "start_lat": float("nan"), "start_lon": float("nan"), "advice_team_id": sent.advice_team_id or 0,
            "advice_cost_s": float("nan") if sent.advice_cost_s is None else sent.advice_cost_s,
            "eta_s": float("nan"), "inferred": _bits(sent.inferred), "corrected": _bits(sent.corrected),
            "gps_en_route": NEVER, "gps_on_scene": NEVER, "gps_at_hospital": NEVER,
        }
        for call in calls
        for sent in call.assignments
    ]  # fmt: skip
    names = Names(
        districts={n: name for name, n in districts.items()},
        teams={
            team.id: TeamName(
                id=team.id, name=team.name, profile=team.profile, car_id=team.car_id, station_id=team.station_id,
                start=micros(team.start), end=micros(team.end),
            )
            for team in teams
        },
        stations={1: "Первая", 2: "Вторая"},
        cars={n: CarName(id=n, number=f"А00{n}ВС", car_class="B", model="ГАЗель") for n in range(1, 5)},
        users={7: "Петрова А.", 8: "Иванова М."},
        norms=norms,
        all_norms=norms,
    )  # fmt: skip
    return arranged(
        _frame(call_rows, CALL_TYPES), _frame(assignment_rows, ASSIGNMENT_TYPES), names, empty(MILEAGE_TYPES)
    )
