"""Coverage: which part of the demand the free teams can be expected to reach in time (Daskin's MEXCLP,
1983).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from brigada.dispatch.optimiser.state import Seconds

BUSY_MIN, BUSY_MAX = 0.2, 0.6
"""Bounds of the busy fraction: outside them the two weeks it is taken from were not ordinary."""


def clipped_busy_fraction(busy_s: float, on_shift_s: float) -> float:
    """q, the part of the shifts spent busy, within its bounds; 0.3 where nothing is known."""
    if on_shift_s <= 0:
        return 0.3
    return min(BUSY_MAX, max(BUSY_MIN, busy_s / on_shift_s))


@dataclass(frozen=True, slots=True)
class Coverage:
    """Expected coverage for each zone (0 to 1) and its mean weighted by demand."""

    by_zone: Seconds
    share: float

    def barest(self, demand: Seconds, count: int = 5) -> list[int]:
        """Zones where most demand is expected to be left uncovered, the worst first."""
        lost = demand * (1.0 - self.by_zone)
        order = np.lexsort((np.arange(lost.size), -lost))
        return [int(zone) for zone in order[:count]]


def reachable(travel_s: Seconds, ready_s: Seconds, threshold_s: float) -> NDArray[np.bool_]:
    """`[team, zone]`: whether a team would arrive within the threshold. Times in seconds."""
    reached: NDArray[np.bool_] = travel_s + ready_s[:, None] <= threshold_s
    return reached


def expected_coverage(reached: NDArray[np.bool_], demand: Seconds, busy_fraction: float) -> Coverage:
    """`1 - q^k` for each zone, k the teams that reach it, and the demand-weighted mean."""
    by_zone: Seconds = 1.0 - np.float64(busy_fraction) ** reached.sum(axis=0)
    total = float(demand.sum())
    return Coverage(by_zone, float(demand @ by_zone) / total if total > 0 else 0.0)


def marginal_loss(reached: NDArray[np.bool_], demand: Seconds, busy_fraction: float) -> Seconds:
    """Share of the demand whose expected coverage goes when each team leaves: `Σ d·(1-q)·q^(k-1)`."""
    count = reached.sum(axis=0)
    gone = demand * (1.0 - busy_fraction) * busy_fraction ** np.maximum(count - 1, 0)
    total = float(demand.sum())
    loss: Seconds = reached @ gone / total if total > 0 else np.zeros(len(reached))
    return loss
