"""What is compared: plain rules that services use, rules from the literature, and the optimiser itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from brigada.dispatch.optimiser.coverage import marginal_loss
from brigada.dispatch.optimiser.recommendation import recommend
from brigada.dispatch.optimiser.settings import OptimiserSettings
from brigada.dispatch.optimiser.standby import BUSY_FRACTION, HOME_MARGIN, standby
from brigada.dispatch.optimiser.state import Criticality, DispatchState, OpenCall, Stage, Team
from brigada.simulator.policy.engine import Policy, Simulation
from brigada.simulator.policy.roads import Floats
from brigada.simulator.policy.vehicles import FREE, Doing, Vehicle

EARTH_M = 6_371_008.8

type Order = tuple[int, int]


def suitable(sim: Simulation, call: int, teams: list[Vehicle]) -> list[Vehicle]:
    """Teams whose profile may go to the call."""
    _, preferred, allowed = sim.scenario.profile_needs[sim.calls.need[call]]
    return teams if allowed is None else [t for t in teams if t.profile in allowed or t.profile in preferred]


def by_priority(sim: Simulation) -> list[int]:
    """The queue: the most critical first, then the longest wait."""
    return sorted(sim.waiting(), key=lambda call: (sim.calls.criticality[call], sim.calls.at_s[call]))


class HomePost:
    """Back to the team's own post."""

    def __call__(self, _sim: Simulation, team: Vehicle) -> int:
        return team.home


class NearestPost:
    """To the nearest post: no detour, and the whole fleet ends up where the hospitals are."""

    def __call__(self, sim: Simulation, team: Vehicle) -> int:
        return int(np.argmin(drive_to_posts(sim, team)))


def drive_to_posts(sim: Simulation, team: Vehicle) -> Floats:
    """Ordinary driving seconds from a team to each post."""
    node, extra = team.place(sim.now)
    posts = sim.scenario.places.posts
    table = sim.scenario.travel.seconds[sim.scenario.service.ordinary]
    return np.asarray(table[posts, node], dtype=np.float64) + extra


@dataclass(slots=True)
class Reach:
    """Which zones a team at each post reaches in time, with the demand of each: made once for a scenario."""

    reach: NDArray[np.bool_]
    demand: Floats
    threshold_s: float

    @classmethod
    def of(cls, sim: Simulation) -> "Reach":
        """For the most urgent class: its norm less triage and turnout."""
        service = sim.scenario.service
        threshold = sim.scenario.demand.norms_s[0] - service.triage_s - service.turnout_s
        travel = sim.scenario.post_to_zone(service.modes[0])
        return cls(travel <= threshold, sim.scenario.places.zone_weight, threshold)


@dataclass(slots=True)
class CoveragePost:
    """DMEXCLP standby: the post where a freed team adds most expected coverage, its own in case of doubt."""

    busy_fraction: float = BUSY_FRACTION
    margin: float = HOME_MARGIN
    reach: Reach | None = None

    def __call__(self, sim: Simulation, team: Vehicle) -> int:
        if self.reach is None:
            self.reach = Reach.of(sim)
        others = [t.post for t in sim.teams if t.doing in FREE and t is not team]
        advice = standby(
            self.reach.reach,
            self.reach.demand,
            others,
            busy_fraction=self.busy_fraction,
            drive_s=drive_to_posts(sim, team),
            home=team.home,
            margin=self.margin,
        )
        return advice.post


type PostRule = Callable[[Simulation, Vehicle], int]
type Score = Callable[[Simulation, int, list[Vehicle]], Floats]


def road_seconds(sim: Simulation, call: int, teams: list[Vehicle]) -> Floats:
    """Turnout and drive."""
    ready = np.array([sim.ready_s(team) for team in teams])
    seconds: Floats = sim.travel_s([call], teams)[0] + ready
    return seconds


def crow_metres(sim: Simulation, call: int, teams: list[Vehicle]) -> Floats:
    """Straight-line distance from each team's place."""
    scenario, zone = sim.scenario, sim.calls.zone[call]
    nodes = np.array([team.place(sim.now)[0] for team in teams], dtype=np.intp)
    lat, lon = scenario.places.zone_lat[zone], scenario.places.zone_lon[zone]
    north = np.radians(scenario.node_lat[nodes] - lat)
    east = np.radians(scenario.node_lon[nodes] - lon) * np.cos(np.radians(lat))
    return np.asarray(EARTH_M * np.hypot(north, east), dtype=np.float64)


class RandomScore:
    """Any free team, by lot."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def __call__(self, _sim: Simulation, _call: int, teams: list[Vehicle]) -> Floats:
        return self._rng.random(len(teams))


@dataclass(slots=True)
class CoverageScore:
    """DMEXCLP dispatch: of those in time, the team whose leaving costs least coverage; else the nearest."""

    busy_fraction: float = BUSY_FRACTION
    reach: Reach | None = None

    def __call__(self, sim: Simulation, call: int, teams: list[Vehicle]) -> Floats:
        if self.reach is None:
            self.reach = Reach.of(sim)
        seconds = road_seconds(sim, call, teams)
        in_time = seconds + sim.age_s(call) <= sim.scenario.demand.norms_s[sim.calls.criticality[call]]
        if not bool(in_time.any()):
            return seconds
        rows = self.reach.reach[[team.post for team in teams]]
        loss = marginal_loss(rows, self.reach.demand, self.busy_fraction)
        return np.where(in_time, loss + seconds * 1e-9, 1e6 + seconds)


@dataclass(slots=True)
class Greedy:
    """One call after another gets the team with the lowest score; the rest wait in a queue by priority."""

    name: str
    score: Score = road_seconds
    rule: PostRule = field(default_factory=HomePost)
    ticks: bool = False

    def decide(self, sim: Simulation) -> Iterable[Order]:
        free = sim.free_teams()
        for call in by_priority(sim):
            fit = suitable(sim, call, free)
            if fit:
                team = fit[int(np.argmin(self.score(sim, call, fit)))]
                free.remove(team)
                yield call, team.id

    def post_for(self, sim: Simulation, team: Vehicle) -> int:
        return self.rule(sim, team)


@dataclass(slots=True)
class OneWayDiversion:
    """Nearest by road, where a team on its way to a lower call counts as well; the lower call starts
    again.
    """

    name: str
    rule: PostRule = field(default_factory=HomePost)
    ticks: bool = False

    def decide(self, sim: Simulation) -> list[Order]:
        orders: dict[int, int] = {}
        queue = by_priority(sim)
        free = sim.free_teams()
        going = dict(sim.team_of)
        while queue:
            call = queue.pop(0)
            rank = sim.calls.criticality[call]
            lower = {team.id: other for other, team in going.items() if sim.calls.criticality[other] > rank}
            fit = suitable(sim, call, free + [sim.teams[team] for team in lower])
            if not fit:
                continue
            team = fit[int(np.argmin(road_seconds(sim, call, fit)))]
            orders[call] = team.id
            if team in free:
                free.remove(team)
                continue
            other = lower[team.id]
            del going[other]
            queue.append(other)
            queue.sort(key=lambda c: (sim.calls.criticality[c], sim.calls.at_s[c]))
        return list(orders.items())

    def post_for(self, sim: Simulation, team: Vehicle) -> int:
        return self.rule(sim, team)


@dataclass(slots=True)
class Joint:
    """The optimiser of the live service; every proposal is confirmed at once."""

    name: str
    settings: OptimiserSettings = field(default_factory=OptimiserSettings)
    rule: PostRule = field(default_factory=HomePost)
    ticks: bool = False
    """Also solve each minute: in a simulator nothing is learned between events, so it only costs time."""
    reserve_s: float = 0.0
    """Price in seconds of losing all expected coverage; 0 leaves coverage out of the choice."""
    soon_free_s: float = 0.0
    """Teams handing over a patient count when they are expected to be free within this time."""
    reach: Reach | None = None

    def decide(self, sim: Simulation) -> list[Order]:
        calls, vehicles = sorted(sim.open), self._vehicles(sim)
        travel = sim.travel_s(calls, vehicles)
        state = DispatchState([self._call(sim, call) for call in calls], self._teams(sim, vehicles), travel)
        return recommend(state, self.settings).orders()

    def post_for(self, sim: Simulation, team: Vehicle) -> int:
        return self.rule(sim, team)

    def _vehicles(self, sim: Simulation) -> list[Vehicle]:
        soon = self.soon_free_s > 0
        return [
            team
            for team in sim.teams
            if team.doing in FREE
            or team.doing is Doing.TO_CALL
            or (soon and team.doing is Doing.AT_HOSPITAL and self._rest(sim, team) <= self.soon_free_s)
        ]

    def _rest(self, sim: Simulation, team: Vehicle) -> float:
        return sim.handover_rest(sim.now - team.handover_from)

    def _teams(self, sim: Simulation, vehicles: list[Vehicle]) -> list[Team]:
        reserve = np.zeros(len(vehicles))
        if self.reserve_s > 0:
            if self.reach is None:
                self.reach = Reach.of(sim)
            free = [index for index, team in enumerate(vehicles) if team.doing in FREE]
            rows = self.reach.reach[[vehicles[index].post for index in free]]
            reserve[free] = marginal_loss(rows, self.reach.demand, BUSY_FRACTION) * self.reserve_s
        teams = []
        for team, price in zip(vehicles, reserve.tolist(), strict=True):
            if team.doing is Doing.AT_HOSPITAL:
                teams.append(Team(team.id, team.profile, Stage.SOON_FREE, self._rest(sim, team)))
            else:
                stage = Stage.EN_ROUTE if team.doing is Doing.TO_CALL else Stage.FREE
                teams.append(Team(team.id, team.profile, stage, sim.ready_s(team), price))
        return teams

    def _call(self, sim: Simulation, call: int) -> OpenCall:
        rank = int(sim.calls.criticality[call])
        _, preferred, allowed = sim.scenario.profile_needs[sim.calls.need[call]]
        going = sim.team_of.get(call)
        return OpenCall(
            call,
            Criticality(rank),
            sim.age_s(call),
            sim.scenario.demand.norms_s[rank],
            preferred,
            allowed,
            None if going is None else going.id,
            int(sim.switches[call]),
        )


REFERENCE = "nearest by road"

CATALOGUE: dict[str, Callable[[], Policy]] = {
    "random": lambda: Greedy("random", RandomScore(20_261_123)),
    "nearest by air": lambda: Greedy("nearest by air", crow_metres),
    REFERENCE: lambda: Greedy(REFERENCE),
    "freed to nearest post": lambda: Greedy("freed to nearest post", rule=NearestPost()),
    "coverage dispatch": lambda: Greedy("coverage dispatch", CoverageScore()),
    "one-way diversion": lambda: OneWayDiversion("one-way diversion"),
    "batch": lambda: Joint("batch", OptimiserSettings(allow_switches=False)),
    "standby": lambda: Greedy("standby", rule=CoveragePost()),
    "joint": lambda: Joint("joint"),
    "joint + standby": lambda: Joint("joint + standby", rule=CoveragePost()),
}
"""Every policy by the name used in tables; each call makes a fresh one."""
