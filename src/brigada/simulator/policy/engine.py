"""The event loop: calls come in, a policy answers, teams drive, work, hand over and wait."""

import heapq
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from time import perf_counter
from typing import Protocol

import numpy as np

from brigada.simulator.policy.arrivals import Calls, draw_calls
from brigada.simulator.policy.distributions import DAY_S, ExpectedRest
from brigada.simulator.policy.roads import Floats, Ints
from brigada.simulator.policy.scenario import Scenario
from brigada.simulator.policy.vehicles import FREE, Doing, Drive, Vehicle

TICK_S = 60.0
"""How often a policy is asked again while somebody waits or drives to a patient."""
PULSE_EVERY = 512
"""Events between two signs of life, some tens of milliseconds apart."""

type Pulse = Callable[[float], None]


class Kind(IntEnum):
    """Events, in the order in which they happen at the same second."""

    SHIFT = 0
    FREED = 1
    ARRIVED = 2
    SCENE_DONE = 3
    AT_HOSPITAL = 4
    AT_POST = 5
    CALL = 6
    TICK = 7


class Policy(Protocol):
    """What is compared: an answer to each event, and a post for each team that is free."""

    name: str
    ticks: bool

    def decide(self, sim: "Simulation") -> Iterable[tuple[int, int]]:
        """(call, team) orders for now; a team on its way to another call is turned round by it."""
        ...

    def post_for(self, sim: "Simulation", team: Vehicle) -> int:
        """The post where a team that is free now should wait."""
        ...


@dataclass(slots=True)
class Outcome:
    """What one run gave. Arrays have one element for a call; times in seconds."""

    received_s: Floats
    criticality: Ints
    zone: Ints
    response_s: Floats
    """Receipt to arrival."""
    team: Ints
    freed_s: Floats
    switches: Ints
    driven_s: float
    decisions: int = 0
    decide_s: float = 0.0
    slowest_s: float = 0.0
    work: list[list[tuple[float, float, int]]] = field(default_factory=list)


class Simulation:
    """One run of one policy. Policies read its public attributes and change nothing."""

    def __init__(self, scenario: Scenario, policy: Policy, calls: Calls) -> None:
        self.scenario = scenario
        self.calls = calls
        self.now = 0.0
        self.open: dict[int, None] = {}
        """Calls that passed triage and were not reached, by number."""
        self.team_of: dict[int, Vehicle] = {}
        self.switches = np.zeros(len(calls), dtype=np.intp)
        nodes = scenario.travel.destinations[scenario.places.posts]
        self.post_nodes = [int(node) for node in nodes]
        homes = enumerate(scenario.fleet.homes)
        self.teams = [
            Vehicle(
                team,
                scenario.fleet.profile(team),
                home,
                (),
                Doing.AT_POST,
                self.post_nodes[home],
                home,
            )
            for team, home in homes
        ]
        self.handover_rest = ExpectedRest(scenario.service.handover)
        self.hospital_of_zone, _ = scenario.nearest_hospital()
        self._policy = policy
        self._heap: list[tuple[float, int, int, int, int]] = []
        self._count = itertools.count()
        self._response = np.full(len(calls), np.nan)
        self._team = np.full(len(calls), -1, dtype=np.intp)
        self._freed = np.full(len(calls), np.nan)
        self._tick_at = -1.0
        self._decisions, self._decide_s, self._slowest_s = 0, 0.0, 0.0

    # --- what policies read

    def free_teams(self) -> list[Vehicle]:
        """Teams that can be sent without taking them from anybody."""
        return [team for team in self.teams if team.doing in FREE]

    def waiting(self) -> list[int]:
        """Calls that no team is going to, the oldest first."""
        return sorted(call for call in self.open if call not in self.team_of)

    def age_s(self, call: int) -> float:
        return self.now - float(self.calls.at_s[call])

    def travel_s(self, calls: list[int], teams: list[Vehicle]) -> Floats:
        """Predicted driving seconds `[call, team]` from where each team is thought to be."""
        scenario, service = self.scenario, self.scenario.service
        seen = self.now - service.position_delay_s
        places = [team.place(seen) for team in teams]
        nodes = np.array([node for node, _ in places], dtype=np.intp)
        extra = np.array([seconds for _, seconds in places])
        result = np.empty((len(calls), len(teams)))
        for row, call in enumerate(calls):
            mode, zone = service.modes[self.calls.criticality[call]], self.calls.zone[call]
            table = scenario.travel.seconds[mode, scenario.places.zones[zone]]
            result[row] = table[nodes] + extra + scenario.places.off_road_s[mode, zone]
        result *= service.slow(self.now)
        return result

    def ready_s(self, team: Vehicle) -> float:
        return team.ready_s(self.now, self.scenario.service.turnout_s)

    # --- the loop

    def run(self, days: float, pulse: Pulse | None = None) -> Outcome:
        """Play all calls of `days` to their end.

        `pulse` is called now and then with the part of the time that is over; what it raises ends the run.
        """
        service = self.scenario.service
        for call, at in enumerate(self.calls.at_s):
            self._push(float(at) + service.triage_s, Kind.CALL, call)
        self._plan_shifts(days)
        handlers = {
            Kind.SHIFT: self._on_shift,
            Kind.FREED: self._on_freed,
            Kind.ARRIVED: self._on_arrived,
            Kind.SCENE_DONE: self._on_scene_done,
            Kind.AT_HOSPITAL: self._on_hospital,
            Kind.AT_POST: self._on_post,
            Kind.CALL: self._on_call,
            Kind.TICK: self._on_tick,
        }
        for step in itertools.count():
            if not self._heap:
                break
            if pulse is not None and step % PULSE_EVERY == 0:
                pulse(min(1.0, self.now / (days * DAY_S)))
            at, kind, _, subject, version = heapq.heappop(self._heap)
            if kind not in (Kind.CALL, Kind.TICK, Kind.SHIFT) and self.teams[subject].version != version:
                continue
            self.now = at
            handlers[Kind(kind)](subject)
        return Outcome(
            self.calls.at_s,
            self.calls.criticality.astype(np.intp),
            self.calls.zone,
            self._response,
            self._team,
            self._freed,
            self.switches,
            sum(team.driven_s for team in self.teams),
            self._decisions,
            self._decide_s,
            self._slowest_s,
            [team.work for team in self.teams],
        )

    def _push(self, at: float, kind: Kind, subject: int, version: int = 0) -> None:
        heapq.heappush(self._heap, (at, int(kind), next(self._count), subject, version))

    def _plan_shifts(self, days: float) -> None:
        for team in self.teams:
            team.duty = self.scenario.fleet.duty(team.id, days)
            if not team.on_duty(self.now):
                team.doing = Doing.OFF_SHIFT
            for moment in itertools.chain.from_iterable(team.duty):
                if self.now <= moment < np.inf:
                    self._push(moment, Kind.SHIFT, team.id)

    def _decide(self) -> None:
        if self.open:
            start = perf_counter()
            orders = list(self._policy.decide(self))
            spent = perf_counter() - start
            self._decisions += 1
            self._decide_s += spent
            self._slowest_s = max(self._slowest_s, spent)
            self._apply(orders)
            if self._policy.ticks and self._tick_at <= self.now:
                self._tick_at = self.now + TICK_S
                self._push(self._tick_at, Kind.TICK, 0)

    def _apply(self, orders: list[tuple[int, int]]) -> None:
        """Carry out a plan at once: first every crew that must leave its call, then the departures."""
        released: dict[int, Vehicle] = {}
        for call, team_id in orders:
            team = self.teams[team_id]
            for other in (self.team_of.get(call), team if team.doing is Doing.TO_CALL else None):
                if other is not None and other.call is not None:
                    self._turn_round(other)
                    released[other.id] = other
        for call, team_id in orders:
            team = self.teams[team_id]
            if call not in self.open or team.doing not in FREE:
                raise ValueError(f"team {team_id} can't be sent to call {call}")
            self._depart(team, call)
            released.pop(team_id, None)
        for team in released.values():
            self._go_to_post(team)

    def _turn_round(self, team: Vehicle) -> None:
        call = team.call
        if call is None:
            return
        del self.team_of[call]
        self.switches[call] += 1
        team.work.append((team.since, self.now, call))
        team.call = None
        still = team.drive is not None and team.drive.start > self.now
        if still and team.drive is not None:
            team.ready_at = team.drive.start
        self._stop(team)
        team.doing = Doing.AT_POST if still else Doing.RETURNING

    def _stop(self, team: Vehicle) -> None:
        """End the drive where the team is; the rest of the arc stays to be driven."""
        if team.drive is not None:
            team.driven_s += max(0.0, self.now - team.drive.start)
            node, extra = team.drive.where(self.now)
            team.node = node
            team.drive = Drive([node], [0.0], extra, 0.0, self.now, 1.0) if extra > 0 else None
        team.version += 1

    def _drive(
        self, team: Vehicle, mode: int, goal: int, *, tail_s: float = 0.0, start: float, factor: float
    ) -> None:
        if team.drive is not None:
            team.driven_s += max(0.0, min(self.now, team.drive.arrival()) - team.drive.start)
        node, head = team.place(self.now)
        team.off_road_s = 0.0
        way = self.scenario.travel.path(mode, goal, node)
        team.drive = Drive(way.nodes, way.at_s, head, tail_s, start, factor)
        team.version += 1

    def _depart(self, team: Vehicle, call: int) -> None:
        scenario = self.scenario
        zone = int(self.calls.zone[call])
        mode = scenario.service.modes[self.calls.criticality[call]]
        start = self.now + team.ready_s(self.now, scenario.service.turnout_s)
        tail = float(scenario.places.off_road_s[mode, zone])
        factor = float(self.calls.noise[call, team.id]) * scenario.service.slow(start)
        goal = int(scenario.places.zones[zone])
        self._drive(team, mode, goal, tail_s=tail, start=start, factor=factor)
        team.doing, team.call, team.since = Doing.TO_CALL, call, self.now
        self.team_of[call] = team
        if team.drive is not None:
            self._push(team.drive.arrival(), Kind.ARRIVED, team.id, team.version)

    def _go_to_post(self, team: Vehicle) -> None:
        post = self._policy.post_for(self, team)
        team.post = post
        team.call = None
        if team.drive is None and team.node == self.post_nodes[post]:
            team.doing = Doing.AT_POST
            team.version += 1
            return
        goal = int(self.scenario.places.posts[post])
        service = self.scenario.service
        self._drive(team, service.ordinary, goal, start=self.now, factor=service.slow(self.now))
        team.doing = Doing.RETURNING
        if team.drive is not None:
            self._push(team.drive.arrival(), Kind.AT_POST, team.id, team.version)

    def _arrive(self, team: Vehicle, node: int) -> None:
        if team.drive is not None:
            team.driven_s += self.now - team.drive.start
        team.drive, team.node = None, node
        team.version += 1

    # --- events

    def _on_call(self, call: int) -> None:
        self.open[call] = None
        self._decide()

    def _on_tick(self, _: int) -> None:
        self._decide()

    def _on_shift(self, team_id: int) -> None:
        team = self.teams[team_id]
        if team.on_duty(self.now) and team.doing is Doing.OFF_SHIFT:
            team.doing, team.node, team.post = Doing.AT_POST, self.post_nodes[team.home], team.home
            team.off_road_s = 0.0
            self._decide()
        elif not team.on_duty(self.now) and team.doing in FREE:
            self._leave_shift(team)

    def _leave_shift(self, team: Vehicle) -> None:
        self._stop(team)
        team.drive, team.doing = None, Doing.OFF_SHIFT

    def _on_arrived(self, team_id: int) -> None:
        team = self.teams[team_id]
        call = team.call
        if call is None:
            raise ValueError("a team without a call has arrived at one")
        zone = int(self.calls.zone[call])
        self._arrive(team, int(self.scenario.travel.destinations[self.scenario.places.zones[zone]]))
        team.off_road_s = float(self.scenario.places.off_road_s[self.scenario.service.ordinary, zone])
        team.doing = Doing.ON_SCENE
        del self.open[call]
        del self.team_of[call]
        self._response[call] = self.age_s(call)
        self._team[call] = team_id
        self._push(self.now + float(self.calls.scene_s[call]), Kind.SCENE_DONE, team_id, team.version)

    def _on_scene_done(self, team_id: int) -> None:
        team = self.teams[team_id]
        call = team.call
        if call is None or not self.calls.transport[call]:
            self._on_freed(team_id)
            return
        known = int(self.calls.hospital[call])
        hospital = known if known >= 0 else int(self.hospital_of_zone[self.calls.zone[call]])
        goal = int(self.scenario.places.hospitals[hospital])
        service = self.scenario.service
        self._drive(team, service.ordinary, goal, start=self.now, factor=service.slow(self.now))
        team.doing = Doing.TO_HOSPITAL
        if team.drive is not None:
            self._push(team.drive.arrival(), Kind.AT_HOSPITAL, team_id, team.version)

    def _on_hospital(self, team_id: int) -> None:
        team = self.teams[team_id]
        call = team.call
        if team.drive is None or call is None:
            raise ValueError("a team without a patient has arrived at a hospital")
        self._arrive(team, team.drive.nodes[-1])
        team.doing, team.handover_from = Doing.AT_HOSPITAL, self.now
        self._push(self.now + float(self.calls.handover_s[call]), Kind.FREED, team_id, team.version)

    def _on_freed(self, team_id: int) -> None:
        team = self.teams[team_id]
        if team.call is not None:
            self._freed[team.call] = self.now
            team.work.append((team.since, self.now, team.call))
        team.call = None
        team.version += 1
        if not team.on_duty(self.now):
            self._leave_shift(team)
            return
        team.doing = Doing.RETURNING
        self._decide()
        if team.doing is Doing.RETURNING and team.call is None and team.drive is None:
            self._go_to_post(team)

    def _on_post(self, team_id: int) -> None:
        team = self.teams[team_id]
        self._arrive(team, self.post_nodes[team.post])
        team.doing = Doing.AT_POST


def simulate(scenario: Scenario, policy: Policy, seed: int, days: float) -> Outcome:
    """One run: the calls of the seed, the policy, the outcome."""
    return Simulation(scenario, policy, draw_calls(scenario, seed, days)).run(days)
