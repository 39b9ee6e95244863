"""Where the team just freed should wait: dynamic MEXCLP (Jagtenberg, Bhulai, van der Mei 2015)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from brigada.dispatch.optimiser.state import Seconds

BUSY_FRACTION = 0.3
"""q of the published rule. It does not follow the load: the rule's ranking hardly depends on it."""
HOME_MARGIN = 0.01
"""Part of the demand by which another post must cover more than the team's own before the drive is worth it.

A gain below one call in a hundred is no gain: where every post reaches the whole town in time, all gains are nearly
equal, and the largest by a hair sends crews about for nothing (decision 0035 has the measurements).
"""


@dataclass(frozen=True, slots=True)
class StandbyAdvice:
    """The post to go to, its gain, and the gain of every post (expected covered share of the demand)."""

    post: int
    gain: float
    gains: tuple[float, ...]


def standby(
    reach: NDArray[np.bool_],
    demand: Seconds,
    waiting_at: Sequence[int],
    *,
    busy_fraction: float = BUSY_FRACTION,
    allowed: NDArray[np.bool_] | None = None,
    drive_s: Seconds | None = None,
    home: int | None = None,
    margin: float = HOME_MARGIN,
) -> StandbyAdvice:
    """The post with the largest marginal coverage `Σ d·(1-q)·q^k` over the zones that it reaches in time.

    `reach[post, zone]`; `waiting_at` the posts where the other free teams stand or are heading; `allowed` masks
    posts that are full or closed; `home` the team's own post, which it goes to unless another one gains more by
    `margin`. Equal gains go to the shorter drive (`drive_s` to each post), then to the lower index. The drive itself
    is not discounted: measured, that only made the coverage worse.
    """
    count = reach[np.asarray(waiting_at, dtype=np.intp)].sum(axis=0)
    total = float(demand.sum())
    weights = demand / total if total > 0 else demand
    gains = reach @ (weights * (1.0 - busy_fraction) * busy_fraction**count)
    ranked = np.round(gains, 12)
    if allowed is not None:
        if not bool(allowed.any()):
            raise ValueError("no post is allowed")
        ranked = np.where(allowed, ranked, -np.inf)
    drive = np.zeros(len(gains)) if drive_s is None else drive_s
    post = int(np.lexsort((np.arange(len(gains)), drive, -ranked))[0])
    if home is not None and ranked[home] >= ranked[post] - margin:
        post = home
    return StandbyAdvice(post, float(gains[post]), tuple(float(gain) for gain in gains))
