"""The facts that every figure is computed from: calls and assignments as columns of numbers.

One row for a call and one for an assignment, in NumPy arrays: half a million calls take about 100 MB and any grouping
of them some tens of milliseconds. What they stand for (names of stations, teams, reasons) is in `Names`.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from brigada.calls.norms import Norm

type Array = NDArray[Any]
type Bools = NDArray[np.bool_]
type Ints = NDArray[np.int64]
type Floats = NDArray[np.float64]

NEVER: Final = int(np.iinfo(np.int64).min)
"""The moment of what has not happened."""

STATUSES: Final = ("new", "accepted", "completed", "rejected")
CRITICALITIES: Final = ("critical", "important", "common")
PROFILES: Final = ("paramedic", "physician", "intensive_care", "paediatric", "psychiatric", "obstetric")
REJECT_REASONS: Final = (
    "refused", "false", "duplicate", "patient_not_found", "address_not_found", "served_by_other",
    "died_before_arrival", "other",
)  # fmt: skip
ASSIGNMENT_STATUSES: Final = (
    "assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed", "declined",
    "cancelled", "diverted", "troubled",
)  # fmt: skip
TROUBLES: Final = ("car_broken", "human_factor", "external_factor")
STEPS: Final = (
    "assigned",
    "acknowledged",
    "en_route",
    "on_scene",
    "transporting",
    "at_hospital",
    "completed",
)
"""In the order of the bits of `inferred`, `corrected` and `by_gps` (the crew confirmed what the positions proposed)."""

COMPLETED: Final = ASSIGNMENT_STATUSES.index("completed")
LOST: Final = tuple(
    ASSIGNMENT_STATUSES.index(name) for name in ("declined", "cancelled", "diverted", "troubled")
)

CALL_TYPES: Final = {
    "id": "i8", "number": "i8", "received": "i8", "accepted": "i8", "closed": "i8", "status": "i1",
    "criticality": "i1", "reason": "i4", "district": "i8", "reject_reason": "i1", "profile": "i1",
    "created_by": "i8", "lat": "f8", "lon": "f8", "own_reason": "i8",
}  # fmt: skip
ASSIGNMENT_TYPES: Final = {
    "id": "i8", "call_id": "i8", "team_id": "i8", "status": "i1", "assigned_by": "i8", "assigned": "i8",
    "acknowledged": "i8", "en_route": "i8", "on_scene": "i8", "transporting": "i8", "at_hospital": "i8",
    "completed": "i8", "ended": "i8", "trouble": "i1", "hospital_id": "i8", "start_lat": "f8", "start_lon": "f8",
    "advice_team_id": "i8", "advice_cost_s": "f8", "eta_s": "f8", "inferred": "i2", "corrected": "i2",
    "by_gps": "i2", "gps_en_route": "i8", "gps_on_scene": "i8", "gps_at_hospital": "i8",
}  # fmt: skip
MILEAGE_TYPES: Final = {"id": "i8", "team_id": "i8", "hour": "i8", "metres": "f8"}
"""What a car (`id`) drove in the hour that begins at `hour` on a team's shift (0: outside of any), by its positions."""
"""NumPy types. An absent moment is NEVER, an absent number of a list -1, an absent id 0, an absent float NaN."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Columns of one length by name."""

    columns: dict[str, Array]

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.columns["id"])

    def take(self, which: Array) -> "Frame":
        """Return these rows (numbers of rows, or a mask)."""
        return Frame({name: column[which] for name, column in self.columns.items()})

    def joined(self, other: "Frame") -> "Frame":
        return Frame({name: np.concatenate((column, other[name])) for name, column in self.columns.items()})


def empty(types: dict[str, str]) -> Frame:
    """Return a frame without rows."""
    return Frame({name: np.empty(0, dtype=kind) for name, kind in types.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamName:
    """One shift of a team."""

    id: int
    name: str
    profile: str
    car_id: int
    station_id: int | None
    start: int
    end: int
    """Microseconds: the planned end, or the real one where the team was ended before it."""
    ended: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CarName:
    id: int
    number: str
    car_class: str
    model: str
    retired: bool = False
    states: tuple[tuple[int, bool], ...] = ()
    """When it went out of service (False) and came back (True): microseconds, in their order; in service before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the numbers in the facts stand for."""

    reasons: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    """Hash of the code → code, Russian title, English title."""
    own_reasons: dict[int, str] = field(default_factory=dict)
    """Hash of the text → the text of a reason that stands in no dictionary; a call's `own_reason` is 0 with one."""
    districts: dict[int, str] = field(default_factory=dict)
    teams: dict[int, TeamName] = field(default_factory=dict)
    stations: dict[int, str] = field(default_factory=dict)
    hospitals: dict[int, tuple[str, float, float]] = field(default_factory=dict)
    cars: dict[int, CarName] = field(default_factory=dict)
    users: dict[int, str] = field(default_factory=dict)
    dispatchers: tuple[int, ...] = ()
    norms: tuple[Norm, ...] = ()
    """The active ones."""
    all_norms: tuple[Norm, ...] = ()


@dataclass(frozen=True)
class Facts:
    """Calls in the order of receipt, assignments in the order of their numbers, and what follows from the two."""

    calls: Frame
    assignments: Frame
    names: Names
    mileage: Frame = field(default_factory=lambda: empty(MILEAGE_TYPES))

    @cached_property
    def call_row(self) -> Ints:
        """For each assignment the row of its call."""
        order = np.argsort(self.calls["id"], kind="stable")
        place = np.searchsorted(self.calls["id"], self.assignments["call_id"], sorter=order)
        return order[np.minimum(place, len(order) - 1)] if len(order) else np.empty(0, dtype=np.int64)

    @cached_property
    def team_index(self) -> Ints:
        """For each assignment the place of its team in `team_ids`."""
        return np.searchsorted(self.team_ids, self.assignments["team_id"])

    @cached_property
    def team_ids(self) -> Ints:
        return np.array(sorted(self.names.teams) or [0], dtype=np.int64)

    @cached_property
    def team_span(self) -> tuple[Ints, Ints]:
        """Start and end of each team's shift, in the order of `team_ids`: a year of a large service has 70,000."""
        teams = [self.names.teams[i] for i in self.team_ids.tolist() if i in self.names.teams]
        found = np.array([(team.start, team.end) for team in teams] or [(0, 0)], dtype=np.int64)
        return found[:, 0], found[:, 1]

    def of_teams(self, value: Any) -> Array:  # noqa: ANN401 -- a function of a team to a number
        """Return, for each assignment, a number that a function gives for its team."""
        table = np.array(
            [value(self.names.teams[i]) if i in self.names.teams else -1 for i in self.team_ids.tolist()]
        )
        return table[self.team_index]

    @cached_property
    def team_profile(self) -> Array:
        """For each assignment its team's profile."""
        return self.of_teams(lambda team: PROFILES.index(team.profile)).astype(np.int8)

    def first(self, step: str) -> tuple[Ints, Ints]:
        """Return for each call the moment when its first team reached a step, and that assignment's row.

        NEVER and -1 where none did.
        """
        if step not in self._first:
            self._first[step] = self._first_of(step)
        return self._first[step]

    @cached_property
    def _first(self) -> dict[str, tuple[Ints, Ints]]:
        return {}

    def _first_of(self, step: str) -> tuple[Ints, Ints]:
        at = self.assignments[step]
        rows = np.flatnonzero(at != NEVER)
        when = np.full(len(self.calls), NEVER, dtype=np.int64)
        which = np.full(len(self.calls), -1, dtype=np.int64)
        # The last one written wins: from the latest to the earliest moment, so the earliest stays.
        rows = rows[np.argsort(at[rows], kind="stable")[::-1]]
        when[self.call_row[rows]] = at[rows]
        which[self.call_row[rows]] = rows
        return when, which

    @cached_property
    def responsible(self) -> Ints:
        """For each call the assignment that it is counted under: who arrived first, else who was sent last, else -1."""
        which = np.full(len(self.calls), -1, dtype=np.int64)
        which[self.call_row] = np.arange(len(self.assignments))
        arrived = self.first("on_scene")[1]
        return np.where(arrived >= 0, arrived, which)

    def between(self, start: int, end: int) -> slice:
        """Return the calls received in [start, end), microseconds: a call is counted once, at its receipt."""
        received = self.calls["received"]
        return slice(int(np.searchsorted(received, start)), int(np.searchsorted(received, end)))


def arranged(calls: Frame, assignments: Frame, names: Names, mileage: Frame) -> Facts:
    """Return facts with their rows in order; assignments of calls that are not there are left out."""
    if not _in_order(calls["received"], calls["id"]):
        calls = calls.take(np.lexsort((calls["id"], calls["received"])))
    if not _in_order(assignments["id"], assignments["id"]):
        assignments = assignments.take(np.argsort(assignments["id"], kind="stable"))
    known = np.isin(assignments["call_id"], calls["id"])
    return Facts(calls, assignments if known.all() else assignments.take(known), names, mileage)


def _in_order(first: Ints, second: Ints) -> bool:
    """Return whether rows ascend by their first number, and by the second where the first is the same."""
    later, same = first[1:] > first[:-1], first[1:] == first[:-1]
    return bool((later | same & (second[1:] >= second[:-1])).all())
