"""What is counted of a run, and how two policies are compared: paired over seeds, with t intervals."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import stats

from brigada.simulator.policy.engine import Outcome
from brigada.simulator.policy.roads import Floats
from brigada.simulator.policy.scenario import Scenario

CLASSES = ("critical", "important", "common")
CONFIDENCE = 0.95

type Metrics = dict[str, float]


def measure(scenario: Scenario, outcome: Outcome, warm_up_s: float) -> Metrics:
    """Shares late, mean and P90 response (s), switches, driving and compute time; calls of the warm-up left
    out.

    A call that nobody reached counts as late; its response is left out of the means and counted in
    `unserved`.
    """
    counted = outcome.received_s >= warm_up_s
    response, rank = outcome.response_s[counted], outcome.criticality[counted]
    norms = np.asarray(scenario.demand.norms_s)
    late = ~(response <= norms[rank])
    result: Metrics = {"calls": float(counted.sum()), "unserved": float(np.isnan(response).sum())}
    urgent = norms[rank] <= norms.min()
    groups = {name: rank == index for index, name in enumerate(CLASSES)} | {"urgent": urgent}
    for name, members in groups.items():
        reached = response[members & np.isfinite(response)]
        result[f"late_{name}"] = float(late[members].mean()) if members.any() else 0.0
        result[f"mean_{name}"] = float(reached.mean()) if reached.size else 0.0
        result[f"p90_{name}"] = float(np.percentile(reached, 90)) if reached.size else 0.0
    result["switched"] = float((outcome.switches[counted] > 0).mean())
    result["driving_s"] = outcome.driven_s / max(1, len(outcome.received_s))
    result["decision_ms"] = 1000 * outcome.decide_s / max(1, outcome.decisions)
    result["slowest_ms"] = 1000 * outcome.slowest_s
    return result


def interval(values: Floats) -> tuple[float, float]:
    """Mean and half-width of its 95 % t interval."""
    size = len(values)
    if size < 2:
        return float(np.mean(values)), float("inf")
    half = stats.t.ppf(0.5 + CONFIDENCE / 2, size - 1) * np.std(values, ddof=1) / np.sqrt(size)
    return float(np.mean(values)), float(half)


def relative_change(policy: Floats, reference: Floats) -> tuple[float, float]:
    """Change against the reference in per cent of its mean, paired by seed: (change, half-width)."""
    base = float(np.mean(reference))
    if base == 0:
        return 0.0, 0.0
    change, half = interval(np.asarray(policy) - np.asarray(reference))
    return 100 * change / base, 100 * half / base


def gap_closed(policy: Floats, reference: Floats, floor: Floats) -> float:
    """Part of the way from the reference to the floor, in per cent."""
    gap = float(np.mean(reference) - np.mean(floor))
    return 100 * float(np.mean(reference) - np.mean(policy)) / gap if gap > 0 else 0.0


def column(runs: Sequence[Mapping[str, float]], name: str) -> Floats:
    """One metric of all seeds."""
    return np.array([run[name] for run in runs], dtype=np.float64)
