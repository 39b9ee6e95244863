"""What no rule for choosing can beat: references that know or have more than any dispatcher."""

import numpy as np

from brigada.simulator.policy.arrivals import Calls
from brigada.simulator.policy.engine import Outcome, Simulation
from brigada.simulator.policy.policies import Greedy, road_seconds
from brigada.simulator.policy.roads import Floats
from brigada.simulator.policy.scenario import Scenario
from brigada.simulator.policy.vehicles import FREE, Doing, Vehicle

UNLIMITED = "unlimited teams"
CLAIRVOYANT = "clairvoyant posts"


def unlimited_teams(scenario: Scenario, calls: Calls) -> Outcome:
    """Every post always has a team: each call is served at once from the nearest post, with the same luck."""
    service, places = scenario.service, scenario.places
    modes = np.asarray(service.modes)[calls.criticality]
    nearest = np.array([scenario.post_to_zone(mode).min(axis=0) for mode in range(len(places.off_road_s))])
    drive = nearest[modes, calls.zone]
    home_luck = calls.noise[:, 0].astype(np.float64)
    slow = np.array([service.slow(at) for at in calls.at_s])
    response = service.triage_s + service.turnout_s + drive * home_luck * slow
    count = len(calls)
    nobody = np.zeros(count, dtype=np.intp)
    return Outcome(
        calls.at_s,
        calls.criticality.astype(np.intp),
        calls.zone,
        response,
        nobody,
        calls.at_s + response,
        nobody,
        0.0,
    )


class ClairvoyantSimulation(Simulation):
    """Nearest by road, where each free team turns out to have waited at the post nearest to the next call.

    It stands for a perfect forecast of places: no standby rule over the same posts does better one call at a
    time. Teams on the road may still start from there.
    """

    def _from_posts(self, call: int) -> tuple[int, float]:
        mode, zone = self.scenario.service.modes[self.calls.criticality[call]], self.calls.zone[call]
        nodes = self.scenario.travel.destinations[self.scenario.places.posts]
        row = self.scenario.travel.seconds[mode, self.scenario.places.zones[zone]][nodes]
        best = int(np.argmin(row))
        seconds = float(row[best]) + float(self.scenario.places.off_road_s[mode, zone])
        return best, seconds * self.scenario.service.slow(self.now)

    def best_s(self, call: int, teams: list[Vehicle]) -> Floats:
        """Turnout and drive of each free team, from where it is or from the best post."""
        _, seconds = self._from_posts(call)
        return np.minimum(road_seconds(self, call, teams), seconds + self.scenario.service.turnout_s)

    def _depart(self, team: Vehicle, call: int) -> None:
        post, seconds = self._from_posts(call)
        better = seconds + self.scenario.service.turnout_s < float(road_seconds(self, call, [team])[0])
        if team.doing in FREE and better:
            self._stop(team)
            team.drive, team.node, team.doing = None, self.post_nodes[post], Doing.AT_POST
            team.off_road_s = 0.0
        super()._depart(team, call)


def clairvoyant_score(sim: Simulation, call: int, teams: list[Vehicle]) -> Floats:
    """Score for `Greedy` inside a `ClairvoyantSimulation`."""
    return (
        sim.best_s(call, teams) if isinstance(sim, ClairvoyantSimulation) else road_seconds(sim, call, teams)
    )


def clairvoyant_posts(scenario: Scenario, calls: Calls, days: float) -> Outcome:
    """One run of the clairvoyant reference."""
    return ClairvoyantSimulation(scenario, Greedy(CLAIRVOYANT, clairvoyant_score), calls).run(days)
