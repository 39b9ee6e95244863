"""A year of past calls with complete time stamps, written in bulk.

Plain chance with the proportions of a city: no claim about a real service. The same seed and the same end give the
same history.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from brigada.demo.people import invent, invent_phone
from brigada.demo.rhythm import HOURLY, WEEKDAY, ReasonFacts, Reasons, invent_age
from brigada.kit.geo import Point, haversine_m

DETOUR = 1.35
"""Road against straight line, a usual factor of cities."""
SPEED_MPS = 10.5
"""38 km/h on the way to a patient."""
SHIFT_HOURS = 12
TEAMS_A_SHIFT = 12
OVERRULED = 0.12
"""Part of the assignments for which the dispatcher takes the second nearest team instead of the advised one."""
DEPARTURE_SKIPPED, HOSPITAL_SKIPPED, TAPPED_LATE = 0.012, 0.03, 0.012
"""Parts of the time lines with a step that the crew never tapped, or tapped late and had put right."""
PROFILES = (
    "paramedic",
    "paramedic",
    "physician",
    "paramedic",
    "physician",
    "intensive_care",
    "paramedic",
    "paediatric",
)


@dataclass(frozen=True, slots=True)
class Place:
    """An address."""

    text: str
    district: str
    point: Point


@dataclass(frozen=True, slots=True)
class Ground:
    """What the invented past plays on: rows that exist already."""

    places: Sequence[Place]
    stations: Sequence[tuple[int, Point]]
    hospitals: Sequence[tuple[int, Point]]
    cars: Sequence[int]
    workers: Sequence[int]
    dispatchers: Sequence[int]
    reasons: Sequence[ReasonFacts]
    zone: ZoneInfo


@dataclass(slots=True)
class Rows:
    """Rows by table, ready for COPY; the first names the columns."""

    teams: list[tuple[Any, ...]] = field(default_factory=list)
    team_members: list[tuple[Any, ...]] = field(default_factory=list)
    patients: list[tuple[Any, ...]] = field(default_factory=list)
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    assignments: list[tuple[Any, ...]] = field(default_factory=list)
    milestones: list[tuple[Any, ...]] = field(default_factory=list)


COLUMNS: dict[str, tuple[str, ...]] = {
    "teams": (
        "id", "name", "profile", "car_id", "station_id", "shift_start", "shift_end", "ended_at", "created_at",
        "version",
    ),
    "team_members": ("team_id", "user_id", "place", "joined_at", "left_at"),
    "patients": ("id", "name", "surname", "patronym", "sex", "age"),
    "calls": (
        "id", "number", "status", "criticality", "reason", "reason_code", "address", "district", "lat", "lon",
        "caller_phone", "patient_id", "received_at", "created_at", "created_by", "accepted_at", "closed_at",
        "reject_reason", "version",
    ),
    "assignments": (
        "id", "call_id", "team_id", "status", "assigned_by", "assigned_at", "acknowledged_at", "en_route_at",
        "on_scene_at", "transporting_at", "at_hospital_at", "completed_at", "ended_at", "end_comment", "trouble_kind",
        "outcome", "hospital_id", "start_lat", "start_lon", "advice_team_id", "advice_cost_s", "eta_s", "version",
    ),
    "milestones": ("assignment_id", "step", "at", "device_at", "recorded_at", "actor_id", "source"),
}  # fmt: skip


@dataclass(slots=True)
class _Team:
    id: int
    profile: str
    crew: int
    place: Point
    home: Point
    free_at: datetime


class History:
    """Makes past calls in order of their time, a day at a time."""

    def __init__(
        self, ground: Ground, *, end: datetime, days: int, calls: int, seed: int, first_id: int = 1
    ) -> None:
        self._ground = ground
        self._rng = random.Random(seed)  # noqa: S311 -- invented data
        self._habits = random.Random(seed + 1)  # noqa: S311 -- what people do with advice and with their phones
        self._end = end
        self._days = days
        self._a_day = calls / days
        self._reasons = Reasons(ground.reasons)
        self._team_id = self._call_id = self._assignment_id = first_id - 1

    def by_day(self) -> Iterator[Rows]:
        """Yield the rows of each day, the oldest first; all is over before the end."""
        night: list[_Team] = []
        start = (self._end.astimezone(self._ground.zone) - timedelta(days=self._days)).date()
        for day in range(self._days):
            rows = Rows()
            midnight = datetime.combine(start + timedelta(days=day), datetime.min.time(), self._ground.zone)
            late = night or self._shift(rows, midnight - timedelta(hours=4))
            by_day = self._shift(rows, midnight + timedelta(hours=8))
            night = self._shift(rows, midnight + timedelta(hours=20))
            for at in self._moments(midnight):
                if at < self._end - timedelta(hours=5):
                    self._call(rows, at, late if at.hour < 8 else by_day if at.hour < 20 else night)
            yield rows

    def _moments(self, midnight: datetime) -> list[datetime]:
        rng = self._rng
        mean = (
            self._a_day * WEEKDAY[midnight.weekday()] * rng.gammavariate(44, 1 / 44)
        )  # ± 15 % from day to day
        count = max(0, round(rng.gauss(mean, math.sqrt(mean))))
        hours = rng.choices(range(24), HOURLY, k=count)
        return sorted(midnight + timedelta(hours=hour, seconds=rng.randrange(3600)) for hour in hours)

    def _shift(self, rows: Rows, start: datetime) -> list[_Team]:
        rng, ground = self._rng, self._ground
        end = start + timedelta(hours=SHIFT_HOURS)
        workers = rng.sample(list(ground.workers), min(len(ground.workers), TEAMS_A_SHIFT * 3))
        cars = rng.sample(list(ground.cars), min(len(ground.cars), TEAMS_A_SHIFT))
        teams = []
        for index, car in enumerate(cars):
            crew = workers[index :: len(cars)]
            if not crew:
                break
            self._team_id += 1
            station_id, home = ground.stations[index % len(ground.stations)]
            profile = PROFILES[index % len(PROFILES)]
            rows.teams.append(
                (self._team_id, str(index + 1), profile, car, station_id, start, end, end, start, 2)
            )
            rows.team_members.extend(
                (self._team_id, user, place, start, end) for place, user in enumerate(crew)
            )
            teams.append(_Team(self._team_id, profile, crew[0], home, home, start))
        return teams

    def _call(self, rows: Rows, received: datetime, teams: list[_Team]) -> None:
        rng = self._rng
        self._call_id += 1
        call_id = self._call_id
        place, reason = rng.choice(self._ground.places), self._reasons.draw(rng)
        patient = invent(rng)
        rows.patients.append(
            (
                call_id,
                patient.name,
                patient.surname,
                patient.patronym,
                patient.sex,
                invent_age(rng, reason.code),
            )
        )
        dispatcher = rng.choice(self._ground.dispatchers)
        head = (
            reason.criticality,
            reason.title_ru,
            reason.code,
            place.text,
            place.district,
            place.point.lat,
            place.point.lon,
        )
        tail = (invent_phone(rng), call_id, received, received, dispatcher)
        if rng.random() < 0.04:
            why = rng.choice(("refused", "false", "duplicate", "served_by_other"))
            closed = received + timedelta(seconds=rng.randrange(60, 900))
            rows.calls.append((call_id, call_id, "rejected", *head, *tail, None, closed, why, 2))
            return
        assigned = received + timedelta(seconds=rng.lognormvariate(4.1, 0.5))
        if rng.random() < 0.03:
            assigned = self._lost(rows, call_id, teams, assigned, dispatcher, place.point)
        accepted, closed = self._served(rows, call_id, reason, teams, assigned, dispatcher, place.point)
        rows.calls.append((call_id, call_id, "completed", *head, *tail, accepted, closed, None, 7))

    def _nearest(self, teams: list[_Team], at: datetime, to: Point) -> tuple[_Team, datetime]:
        free = [team for team in teams if team.free_at <= at]
        if not free:
            first = min(teams, key=lambda team: team.free_at)
            return first, first.free_at
        return min(free, key=lambda team: haversine_m(team.place, to)), at

    def _chosen(
        self, teams: list[_Team], at: datetime, to: Point
    ) -> tuple[_Team, datetime, int | None, float | None]:
        """Return the team sent and when, the one advised, and by how many seconds that one would have been sooner."""
        free = [team for team in teams if team.free_at <= at]
        if not free:
            return *self._nearest(teams, at, to), None, None
        ways = sorted((haversine_m(team.place, to), team.id, team) for team in free)
        if len(ways) == 1 or self._habits.random() >= OVERRULED:
            return ways[0][2], at, ways[0][1], 0.0
        return ways[1][2], at, ways[0][1], (ways[1][0] - ways[0][0]) * DETOUR / SPEED_MPS

    def _lost(
        self, rows: Rows, call_id: int, teams: list[_Team], at: datetime, dispatcher: int, to: Point
    ) -> datetime:
        """Write an assignment that came to nothing; return when the next team is sought."""
        rng = self._rng
        team, at = self._nearest(teams, at, to)
        self._assignment_id += 1
        ended = at + timedelta(seconds=rng.randrange(40, 400))
        status, comment, trouble = rng.choice(
            (
                ("declined", "Заканчиваем другой вызов", None),
                ("cancelled", "", None),
                ("troubled", "Не заводится", "car_broken"),
                ("troubled", "Дорога перекрыта", "external_factor"),
            )
        )
        rows.assignments.append(
            (self._assignment_id, call_id, team.id, status, dispatcher, at, None, None, None, None, None, None, ended,
             comment, trouble, "", None, team.place.lat, team.place.lon, None, None, None, 2)
        )  # fmt: skip
        rows.milestones.append((self._assignment_id, "assigned", at, None, at, dispatcher, "dispatcher"))
        team.free_at = ended + timedelta(minutes=20)
        return ended + timedelta(seconds=rng.randrange(20, 90))

    def _served(
        self,
        rows: Rows,
        call_id: int,
        reason: ReasonFacts,
        teams: list[_Team],
        at: datetime,
        dispatcher: int,
        to: Point,
    ) -> tuple[datetime, datetime]:
        rng = self._rng
        team, assigned, advised, cost = self._chosen(teams, at, to)
        eta_s = 40 + haversine_m(team.place, to) * DETOUR / SPEED_MPS
        self._assignment_id += 1
        times: dict[str, datetime] = {"assigned": assigned}
        times["acknowledged"] = assigned + timedelta(seconds=rng.uniform(5, 40))
        times["en_route"] = times["acknowledged"] + timedelta(seconds=rng.lognormvariate(4.0, 0.45))
        times["on_scene"] = times["en_route"] + self._drive(team.place, to)
        leaves = times["on_scene"] + timedelta(minutes=rng.lognormvariate(3.1, 0.45))
        hospital_id, where, outcome = None, to, "helped"
        if rng.random() < (0.55 if reason.criticality == "critical" else 0.3):
            hospital_id, where = min(
                self._ground.hospitals, key=lambda h: haversine_m(h[1], to) * rng.uniform(0.7, 1.4)
            )
            times["transporting"] = leaves
            times["at_hospital"] = leaves + self._drive(to, where)
            leaves = times["at_hospital"] + timedelta(minutes=rng.weibullvariate(14, 2.0) + 2)
            outcome = "hospitalised"
        times["completed"] = leaves
        skipped, late = self._flaw(times)
        steps = ("acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed")
        rows.assignments.append(
            (self._assignment_id, call_id, team.id, "completed", dispatcher, assigned, *(times.get(s) for s in steps),
             leaves, "", None, outcome, hospital_id, team.place.lat, team.place.lon, advised, cost, eta_s, 7)
        )  # fmt: skip
        for step, moment in times.items():
            by_crew = step != "assigned"
            source = "inferred" if step == skipped else "tap" if by_crew else "dispatcher"
            tapped = late if step == "on_scene" and late is not None else moment
            rows.milestones.append(
                (self._assignment_id, step, tapped, tapped if source == "tap" else None, tapped,
                 team.crew if by_crew else dispatcher, source)
            )  # fmt: skip
        team.free_at, team.place = leaves, where if rng.random() < 0.3 else team.home
        return assigned, leaves

    def _flaw(self, times: dict[str, datetime]) -> tuple[str | None, datetime | None]:
        """Spoil a time line now and then, as phones do.

        Return the step that was never tapped and is filled in from the next one, or when the arrival was tapped if it
        was too late; `times` keep the moments in force.
        """
        habits = self._habits
        if habits.random() < DEPARTURE_SKIPPED:
            times["en_route"] = times["on_scene"]
            return "en_route", None
        if "at_hospital" in times and habits.random() < HOSPITAL_SKIPPED:
            times["at_hospital"] = times["completed"]
            return "at_hospital", None
        if habits.random() < TAPPED_LATE:
            following = times.get("transporting", times["completed"])
            return None, times["on_scene"] + (following - times["on_scene"]) * habits.uniform(0.2, 0.8)
        return None, None

    def _drive(self, start: Point, end: Point) -> timedelta:
        seconds = haversine_m(start, end) * DETOUR / SPEED_MPS * self._rng.lognormvariate(0, 0.25)
        return timedelta(seconds=40 + seconds)
