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
)
from brigada.reports.periods import micros

START = datetime(2026, 3, 1, tzinfo=UTC)

type Spot = tuple[float, float]
"""Latitude, longitude."""


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
    by_gps: frozenset[str] = frozenset()
    advice_team_id: int | None = None
    advice_cost_s: float | None = None
    assigned_by: int | None = None
    gps: dict[str, datetime] = field(default_factory=dict)
    start: Spot | None = None
    hospital_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class RawCall:
    id: int
    received: datetime
    criticality: str = "critical"
    status: str = "completed"
    district: str = ""
    reason: str = ""
    own_reason: str = ""
    """In the caller's words, where there is none of the dictionary."""
    reject_reason: str | None = None
    required: str | None = None
    created_by: int | None = None
    place: Spot | None = None
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


@dataclass(frozen=True, kw_only=True)
class RawMileage:
    car_id: int
    team_id: int
    hour: datetime
    metres: float


TEAMS = (
    RawTeam(id=1, name="1", profile="paramedic"),
    RawTeam(id=2, name="2", profile="physician", station_id=2, car_id=2),
    RawTeam(id=3, name="10", profile="intensive_care", station_id=None, car_id=3),
    RawTeam(id=4, name="4", profile="paediatric", car_id=4),
    # A second shift of team 1 with another car, and a shift that the period cuts.
    RawTeam(id=5, name="1", car_id=4, start=START + timedelta(days=3), end=START + timedelta(days=3, hours=12)),
    RawTeam(id=6, name="6", station_id=2, start=START - timedelta(hours=9), end=START + timedelta(hours=3, minutes=7)),
)  # fmt: skip
STATIONS = {1: "Первая", 2: "Вторая"}
HOSPITALS: dict[int, Spot] = {1: (59.95, 30.40), 2: (60.02, 30.21)}
REASONS = {"chest_pain": ("Боль в груди", "Chest pain"), "fall": ("Падение", "Fall")}
OWN_REASONS = ("", "Собака не пускает", "Плохо на остановке")
PEOPLE = {7: "Петрова А.", 8: "Иванова М."}
CARS = (
    CarName(id=1, number="А001ВС", car_class="B", model="ГАЗель"),
    CarName(id=2, number="А002ВС", car_class="C", model="Форд"),
    CarName(id=3, number="А003ВС", car_class="B", model="ГАЗель"),
    CarName(id=4, number="А004ВС", car_class="A", model="УАЗ"),
    CarName(id=5, number="А005ВС", car_class="A", model="УАЗ", retired=True),
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
OTHER_NORMS = (
    Norm(id=6, norm_set="arp", criticality="critical", clock_start="received", clock_stop="on_scene", target_s=900),
    Norm(
        id=7, norm_set="arp", criticality="critical", clock_start="received", clock_stop="on_scene",
        target_s=420, statistic="mean", share=0.5,
    ),
)  # fmt: skip
"""Of a set that is not in use: no norm for the other criticalities."""


def _at(moment: datetime | None) -> int:
    return NEVER if moment is None else micros(moment)


def _word(value: str | None, words: tuple[str, ...]) -> int:
    return -1 if value is None else words.index(value)


def _bits(steps: frozenset[str]) -> int:
    return sum(1 << STEPS.index(step) for step in steps)


def _spot(place: Spot | None) -> Spot:
    return (float("nan"), float("nan")) if place is None else place


def _frame(rows: list[dict[str, Any]], types: dict[str, str]) -> Frame:
    return Frame({name: np.array([row[name] for row in rows], dtype=kind) for name, kind in types.items()})


def _call_row(call: RawCall, districts: dict[str, int], reasons: dict[str, int]) -> dict[str, Any]:
    return {
        "id": call.id, "number": 1000 + call.id, "received": _at(call.received), "accepted": NEVER, "closed": NEVER,
        "status": _word(call.status, STATUSES), "criticality": _word(call.criticality, CRITICALITIES),
        "reason": reasons.get(call.reason, 0), "district": districts[call.district],
        "reject_reason": _word(call.reject_reason, REJECT_REASONS), "profile": _word(call.required, PROFILES),
        "created_by": call.created_by or 0, "lat": _spot(call.place)[0], "lon": _spot(call.place)[1],
        "own_reason": 0 if call.reason else OWN_REASONS.index(call.own_reason),
    }  # fmt: skip


def _assignment_row(call: RawCall, sent: RawAssignment) -> dict[str, Any]:
    return {
        "id": sent.id, "call_id": call.id, "team_id": sent.team_id,
        "status": _word(sent.status, ASSIGNMENT_STATUSES), "assigned_by": sent.assigned_by or 0,
        **{step: _at(sent.moments.get(step)) for step in STEPS}, "ended": _at(sent.ended),
        "trouble": _word(sent.trouble, TROUBLES), "hospital_id": sent.hospital_id or 0,
        "start_lat": _spot(sent.start)[0], "start_lon": _spot(sent.start)[1],
        "advice_team_id": sent.advice_team_id or 0,
        "advice_cost_s": float("nan") if sent.advice_cost_s is None else sent.advice_cost_s,
        "eta_s": float("nan"), "inferred": _bits(sent.inferred), "corrected": _bits(sent.corrected),
        "by_gps": _bits(sent.by_gps),
        **{f"gps_{step}": _at(sent.gps.get(step)) for step in ("en_route", "on_scene", "at_hospital")},
    }  # fmt: skip


def facts_of(
    calls: list[RawCall],
    teams: tuple[RawTeam, ...] = TEAMS,
    norms: tuple[Norm, ...] = NORMS,
    *,
    cars: tuple[CarName, ...] = CARS,
    mileage: tuple[RawMileage, ...] = (),
) -> Facts:
    """Lay raw rows into columns, in the order in which they are given."""
    districts = {call.district: n for n, call in enumerate(calls)}
    reasons = {code: n for n, code in enumerate(REASONS, 100)}
    driven = [
        {"id": one.car_id, "team_id": one.team_id, "hour": micros(one.hour), "metres": one.metres}
        for one in mileage
    ]
    names = Names(
        own_reasons=dict(enumerate(OWN_REASONS)),
        reasons={n: (code, *REASONS[code]) for code, n in reasons.items()},
        districts={n: name for name, n in districts.items()},
        teams={
            team.id: TeamName(
                id=team.id, name=team.name, profile=team.profile, car_id=team.car_id, station_id=team.station_id,
                start=micros(team.start), end=micros(team.end),
            )
            for team in teams
        },
        stations=STATIONS,
        hospitals={n: (f"Больница {n}", *spot) for n, spot in HOSPITALS.items()},
        cars={car.id: car for car in cars},
        users=PEOPLE,
        dispatchers=tuple(PEOPLE),
        norms=norms,
        all_norms=norms + OTHER_NORMS,
    )  # fmt: skip
    return arranged(
        _frame([_call_row(call, districts, reasons) for call in calls], CALL_TYPES),
        _frame(
            [_assignment_row(call, sent) for call in calls for sent in call.assignments], ASSIGNMENT_TYPES
        ),
        names,
        _frame(driven, MILEAGE_TYPES),
    )
