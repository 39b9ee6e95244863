"""A city to simulate: roads, demand, posts, hospitals, fleet and how long things take."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from brigada.simulator.policy.distributions import DAY_S, Duration
from brigada.simulator.policy.roads import Floats, Ints, TravelTable

HOURLY = (
    *(0.56, 0.48, 0.40, 0.37, 0.33, 0.45, 0.74, 1.05, 1.37, 1.63, 1.77, 1.70),
    *(1.56, 1.48, 1.28, 1.23, 1.20, 1.14, 1.08, 1.01, 0.91, 0.85, 0.75, 0.65),
)
"""Calls by hour against the mean: 229,484 calls of a large city (LASPATED, Rio de Janeiro), local time."""
WEEKDAYS = (1.08, 1.03, 1.01, 1.0, 1.02, 0.95, 0.95)
"""Calls by weekday against the mean, Monday first; the published range is 0.95-1.08."""
PRIORITIES = 3


@dataclass(frozen=True, slots=True)
class Places:
    """Destinations of the travel table by kind; each value is an index into `TravelTable.destinations`."""

    zones: Ints
    zone_lat: Floats
    zone_lon: Floats
    zone_weight: Floats
    off_road_s: Floats
    """`[mode, zone]`: from the last road node to the patient."""
    posts: Ints
    hospitals: Ints


@dataclass(frozen=True, slots=True)
class Demand:
    """How calls come in; criticality 0 critical, 1 important, 2 common."""

    per_day: float
    shares: tuple[float, float, float]
    norms_s: tuple[float, float, float]
    hourly: tuple[float, ...] = (1.0,) * 24
    weekdays: tuple[float, ...] = (1.0,) * 7
    day_cv: float = 0.0
    """Spread of a gamma factor that a whole day shares."""
    surge_per_day: float = 0.0
    surge_calls: float = 0.0
    """A surge brings about this many calls to one neighbourhood within 20 minutes."""


@dataclass(frozen=True, slots=True)
class Service:
    """How long each step takes, seconds, and how well times are predicted."""

    triage_s: float
    turnout_s: float
    scene: Duration
    handover: Duration
    transport: float
    """Part of patients taken to a hospital."""
    modes: tuple[int, int, int] = (0, 0, 1)
    """Travel mode to a call by its criticality."""
    ordinary: int = 1
    """Travel mode of every other drive."""
    noise_sigma: float = 0.0
    """Lognormal spread of real over predicted travel time, mean 1, drawn for each (call, team)."""
    rush_bias: float = 0.0
    """What predictions miss in the rush hours 7-10 and 16-19: 0.2 means 20 % longer in truth."""
    position_delay_s: float = 0.0
    slow_by_hour: tuple[float, ...] = (1.0,) * 24
    """Travel time by hour of the day against the table, known to dispatchers: 1.2 means 20 % longer."""

    def slow(self, now: float) -> float:
        """The factor of travel times at a moment of the run, which begins at midnight."""
        return self.slow_by_hour[int(now // 3600) % 24]


@dataclass(frozen=True, slots=True)
class Shift:
    """A team works from `start_h` to `end_h` of each day; equal hours mean around the clock."""

    start_h: float = 0.0
    end_h: float = 0.0

    def duty(self, days: float) -> "Duty":
        """The shift as spans of a run of so many days, and of the two days after it."""
        if self.start_h == self.end_h:
            return ALWAYS
        hours = (self.end_h - self.start_h) % 24
        begins = (day * DAY_S + self.start_h * 3600 for day in range(-1, int(np.ceil(days)) + 2))
        return tuple((begin, begin + hours * 3600) for begin in begins)


type Duty = tuple[tuple[float, float], ...]
"""Spans of work in order of time, seconds from the start of the run; they do not overlap."""
ALWAYS: Duty = ((-np.inf, np.inf),)


@dataclass(frozen=True, slots=True)
class Fleet:
    """Teams with their home post, profile and shift."""

    homes: tuple[int, ...]
    profiles: tuple[str, ...] = ()
    shifts: tuple[Shift, ...] = ()
    duties: tuple[Duty, ...] = ()
    """Spans of work of each team where they are not the same every day; they stand in place of the shifts."""

    def profile(self, team: int) -> str:
        return self.profiles[team] if self.profiles else "paramedic"

    def shift(self, team: int) -> Shift:
        return self.shifts[team] if self.shifts else Shift()

    def duty(self, team: int, days: float) -> Duty:
        """When the team works in a run of so many days."""
        return self.duties[team] if self.duties else self.shift(team).duty(days)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything a run needs except its seed."""

    name: str
    travel: TravelTable
    places: Places
    demand: Demand
    service: Service
    fleet: Fleet
    node_lat: Floats
    node_lon: Floats
    profile_needs: tuple[tuple[float, frozenset[str], frozenset[str] | None], ...] = field(
        default=((1.0, frozenset(), None),)
    )
    """(share of calls, preferred profiles, allowed profiles or None for any)."""
    log: "CallLog | None" = None
    """Real calls to replay in place of drawn ones."""

    def with_homes(self, homes: Sequence[int]) -> "Scenario":
        return replace(self, fleet=replace(self.fleet, homes=tuple(homes)))

    def nearest_hospital(self) -> tuple[Ints, Floats]:
        """For each zone the hospital reached first by ordinary driving, and the seconds."""
        nodes = self.travel.destinations[self.places.zones]
        table = self.travel.seconds[self.service.ordinary][self.places.hospitals][:, nodes]
        best = np.argmin(table, axis=0)
        return best, np.asarray(table[best, np.arange(len(nodes))], dtype=np.float64)

    def post_to_zone(self, mode: int) -> Floats:
        """`[post, zone]` seconds by road, with the way from the last node to the patient."""
        nodes = self.travel.destinations[self.places.posts]
        table = self.travel.seconds[mode][self.places.zones][:, nodes].T
        seconds: Floats = np.asarray(table, dtype=np.float64) + self.places.off_road_s[mode][None, :]
        return seconds


@dataclass(frozen=True, slots=True)
class CallLog:
    """Calls to replay: seconds from the start of the run, criticality and zone of each, in order of time.

    What a log does not know (None) is drawn: how long the crew was at the patient, whether and where it took
    them, how long it stayed there, and the profile wanted (an index into `Scenario.profile_needs`).
    """

    at_s: Floats
    criticality: NDArray[np.int8]
    zone: Ints
    scene_s: Floats | None = None
    transport: NDArray[np.bool_] | None = None
    handover_s: Floats | None = None
    hospital: Ints | None = None
    """-1: the nearest one."""
    need: NDArray[np.int8] | None = None
    weekday: int = 0
    """On which the run starts, 0 Monday."""
