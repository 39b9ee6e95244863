"""Home posts for a fleet: a weak static plan would make any clever rule look good."""

from collections.abc import Callable, Sequence

import numpy as np

from brigada.dispatch.optimiser.standby import standby
from brigada.simulator.policy.arrivals import draw_calls
from brigada.simulator.policy.engine import Simulation
from brigada.simulator.policy.metrics import measure
from brigada.simulator.policy.policies import Greedy
from brigada.simulator.policy.scenario import Scenario


def spread(scenario: Scenario, teams: int, busy_fraction: float = 0.4) -> tuple[int, ...]:
    """Homes one by one where each adds most expected coverage (greedy MEXCLP)."""
    service = scenario.service
    threshold = scenario.demand.norms_s[0] - service.triage_s - service.turnout_s
    reach = scenario.post_to_zone(service.modes[0]) <= threshold
    homes: list[int] = []
    for _ in range(teams):
        advice = standby(reach, scenario.places.zone_weight, homes, busy_fraction=busy_fraction)
        homes.append(advice.post)
    return tuple(sorted(homes))


def late_share(scenario: Scenario, homes: Sequence[int], seeds: Sequence[int], days: float) -> float:
    """Late urgent arrivals under nearest-by-road with these homes, mean over seeds."""
    moved = scenario.with_homes(homes)
    shares = []
    for seed in seeds:
        outcome = Simulation(moved, Greedy("homes"), draw_calls(moved, seed, days)).run(days)
        shares.append(measure(moved, outcome, 0.0)["late_urgent"])
    return float(np.mean(shares))


def improve_homes(
    scenario: Scenario,
    start: Sequence[int],
    seeds: Sequence[int],
    days: float,
    *,
    rounds: int = 2,
    report: Callable[[float, tuple[int, ...]], None] | None = None,
) -> tuple[tuple[int, ...], float]:
    """Local search: move one team to another post while that lowers late urgent arrivals, on given seeds.

    Returns the homes and their share late. Use tuning seeds only.
    """
    best, value = tuple(sorted(start)), late_share(scenario, start, seeds, days)
    posts = len(scenario.places.posts)
    for _ in range(rounds):
        before = value
        for source in sorted(set(best)):
            for target in range(posts):
                if source == target or source not in best:
                    continue
                trial = list(best)
                trial.remove(source)
                homes = tuple(sorted([*trial, target]))
                share = late_share(scenario, homes, seeds, days)
                if share < value:
                    best, value = homes, share
                    if report is not None:
                        report(value, best)
        if value == before:
            break
    return best, value
