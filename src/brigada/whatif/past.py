"""The last weeks as they were: calls, shifts, places and norms, read in one moment's picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from brigada.dispatch.optimiser.settings import OptimiserSettings

CRITICALITIES = ("critical", "important", "common")
DEFAULT_NORMS_S = {"critical": 1200.0, "important": 1200.0, "common": 7200.0}

type Row = "asyncpg.Record"


@dataclass(frozen=True, slots=True)
class PastCall:
    """A call that a team went to. Times in seconds from the start of the period; None where nothing was recorded.

    `counted`: it is judged. A second team sent beside the first is a call of its own here, served and not judged.
    """

    at_s: float
    criticality: int
    lat: float
    lon: float
    profile: str | None
    district: str
    assigned_s: float | None
    departed_s: float | None
    arrived_s: float | None
    left_s: float | None
    transported: bool
    at_hospital_s: float | None
    ended_s: float | None
    hospital_id: int | None
    start: tuple[float, float] | None
    """Where its team was when it was sent."""
    measured: bool
    """Departure and arrival were reported, not filled in from a later step."""
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Shift:
    """A team at work from `start_s` to `end_s`."""

    station_id: int | None
    profile: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A station or a hospital."""

    id: int
    name: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Past:
    """A whole number of local days, from a midnight to a midnight."""

    start: datetime
    days: int
    calls: Sequence[PastCall]
    left_out: dict[str, int]
    """Calls that can't be played: without a place, or that no team went to."""
    shifts: Sequence[Shift]
    stations: Sequence[PlaceRow]
    hospitals: Sequence[PlaceRow]
    norms_s: tuple[float, float, float]
    plan: OptimiserSettings
    """The administrator's figures for the advice."""

    @property
    def end(self) -> datetime:
        return self.start + timedelta(days=self.days)


_CALLS = """
    SELECT id, received_at, criticality, status, lat, lon, required_profile, district FROM calls
    WHERE received_at >= $1 AND received_at < $2 ORDER BY received_at, id
"""
_ASSIGNMENTS = """
    SELECT a.call_id, a.assigned_at, a.en_route_at, a.on_scene_at, a.transporting_at, a.at_hospital_at, a.ended_at,
        a.hospital_id, a.start_lat, a.start_lon,
        NOT EXISTS (SELECT 1 FROM milestones m WHERE m.assignment_id = a.id AND m.source = 'inferred'
            AND m.step IN ('en_route', 'on_scene')) AS measured
    FROM assignments a JOIN calls c ON c.id = a.call_id
    WHERE c.received_at >= $1 AND c.received_at < $2 AND a.on_scene_at IS NOT NULL
    ORDER BY a.on_scene_at, a.id
"""
_SHIFTS = """
    SELECT station_id, profile, shift_start, least(coalesce(ended_at, shift_end), shift_end) AS shift_end
    FROM teams WHERE shift_start < $2 AND least(coalesce(ended_at, shift_end), shift_end) > $1
    ORDER BY shift_start, id
"""
_STATIONS = """
    SELECT id, name, lat, lon FROM stations s
    WHERE deleted_at IS NULL OR EXISTS (SELECT 1 FROM teams WHERE station_id = s.id AND shift_start < $2
        AND least(coalesce(ended_at, shift_end), shift_end) > $1)
    ORDER BY id
"""
_HOSPITALS = "SELECT id, name, lat, lon FROM hospitals WHERE deleted_at IS NULL ORDER BY id"
_NORMS = """
    SELECT criticality, min(target_s) AS target_s FROM norms
    WHERE active AND statistic = 'share' AND clock_start = 'received' AND clock_stop = 'on_scene' GROUP BY criticality
"""


async def read_past(connection: Any, start: datetime, days: int) -> Past:  # noqa: ANN401  an asyncpg connection
    """Read a period in one snapshot."""
    end = start + timedelta(days=days)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        calls = await connection.fetch(_CALLS, start, end)
        assignments = await connection.fetch(_ASSIGNMENTS, start, end)
        shifts = await connection.fetch(_SHIFTS, start, end)
        stations = await connection.fetch(_STATIONS, start, end)
        hospitals = await connection.fetch(_HOSPITALS)
        norms = DEFAULT_NORMS_S | {
            row["criticality"]: float(row["target_s"]) for row in await connection.fetch(_NORMS)
        }
        settings = await connection.fetchrow("SELECT * FROM advice_settings")
    arrivals: dict[int, list[Row]] = {}
    for row in assignments:
        arrivals.setdefault(row["call_id"], []).append(row)
    left_out = {"no_place": 0, "no_team": 0}
    played: list[PastCall] = []
    for call in calls:
        own = arrivals.get(call["id"], [])
        if not own:
            left_out["no_team"] += 1
        elif call["lat"] is None:
            left_out["no_place"] += 1
        else:
            played += [_played(call, row, start, counted=n == 0) for n, row in enumerate(own)]
    first, second, third = settings["weights"]
    return Past(
        start=start,
        days=days,
        calls=sorted(played, key=lambda call: call.at_s),
        left_out=left_out,
        shifts=[_shift(row, start) for row in shifts],
        stations=[PlaceRow(**dict(row)) for row in stations],
        hospitals=[PlaceRow(**dict(row)) for row in hospitals],
        norms_s=(norms["critical"], norms["important"], norms["common"]),
        plan=OptimiserSettings(
            weights=(first, second, third),
            late_s=settings["late_s"],
            switch_s=settings["switch_s"],
            near_patient_s=settings["near_patient_s"],
            equal_gain_s=settings["equal_gain_s"],
            max_switches=settings["max_switches"],
        ),
    )


def _shift(row: Row, start: datetime) -> Shift:
    """A shift that goes on past the end of the period does so here: the last calls are served by it."""
    begins = max(0.0, (row["shift_start"] - start).total_seconds())
    return Shift(row["station_id"], row["profile"], begins, (row["shift_end"] - start).total_seconds())


def _played(call: Row, work: Row, start: datetime, *, counted: bool) -> PastCall:
    def since(at: datetime | None) -> float | None:
        return None if at is None else (at - start).total_seconds()

    hospital = work["transporting_at"] is not None or work["at_hospital_at"] is not None
    received = call["received_at"] if counted else work["assigned_at"]
    return PastCall(
        at_s=(received - start).total_seconds(),
        criticality=CRITICALITIES.index(call["criticality"]),
        lat=call["lat"],
        lon=call["lon"],
        profile=call["required_profile"],
        district=call["district"],
        assigned_s=since(work["assigned_at"]),
        departed_s=since(work["en_route_at"]),
        arrived_s=since(work["on_scene_at"]),
        left_s=since(work["transporting_at"]) or since(work["at_hospital_at"]),
        transported=hospital,
        at_hospital_s=since(work["at_hospital_at"]),
        ended_s=since(work["ended_at"]),
        hospital_id=work["hospital_id"],
        start=None if work["start_lat"] is None else (work["start_lat"], work["start_lon"]),
        measured=work["measured"],
        counted=counted,
    )
