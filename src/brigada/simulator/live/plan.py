"""What will happen in the city, drawn from a seed: who calls when, how long a crew needs for what. Pure."""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from brigada.demo.rhythm import HOURLY, WEEKDAY

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Habits:
    """How the city behaves; seconds of its own time. Sources stand beside the figures."""

    ack_s: float = 20.0
    """Median from the alarm to "accepted"."""
    turnout_s: float = 60.0
    """At a post; on the road a crew just turns."""
    scene_s: float = 25 * MINUTE
    scene_spread: float = 0.5
    """Lognormal with a physician: mean 25 min, coefficient of variation 0.5."""
    transported: float = 0.35
    """Share taken to a hospital in Russia: 30 to 40 %."""
    handover_s: float = 12 * MINUTE
    """Exponential."""
    travel_sigma: float = 0.25
    """Spread of real travel times about the router's, lognormal."""
    declines: float = 0.02
    troubles: float = 0.01
    breaks_every_s: float = 3 * 3600.0
    break_s: float = 20 * MINUTE
    offline_every_s: float = 40 * MINUTE
    offline_s: float = 90.0
    repair_s: float = 15 * MINUTE


def lognormal(rng: random.Random, mean: float, spread: float) -> float:
    """Draw from a lognormal distribution with this mean and coefficient of variation."""
    sigma = math.sqrt(math.log(1 + spread**2))
    return rng.lognormvariate(math.log(mean) - sigma**2 / 2, sigma)


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A call to come: when, in seconds of the city from the start, and what the caller will say."""

    after_s: float
    body: dict[str, Any] = field(hash=False)


def rate_at(moment: datetime, per_day: float, *, flat: bool = False) -> float:
    """Return calls a second at a local moment: the day's mean, by hour and weekday unless `flat`."""
    return per_day / 86_400 * (1.0 if flat else HOURLY[moment.hour] * WEEKDAY[moment.weekday()])


def calls(
    seed: int,
    start: datetime,
    per_day: float,
    invent: Callable[[random.Random], dict[str, Any]],
    *,
    flat: bool = False,
) -> Iterator[PlannedCall]:
    """Yield the calls of the city, for ever: a Poisson process with the hour's rate, by thinning.

    The same seed, start and `invent` give the same calls.
    """
    when, what = random.Random(f"{seed}:when"), random.Random(f"{seed}:what")
    most = per_day / 86_400 * (1.0 if flat else max(HOURLY) * max(WEEKDAY))
    second = 0.0
    while True:
        second += when.expovariate(most)
        if when.random() * most <= rate_at(start + timedelta(seconds=second), per_day, flat=flat):
            yield PlannedCall(second, invent(what))


@dataclass(frozen=True, slots=True)
class Errand:
    """What one assignment will hold in store for one crew."""

    declines: bool
    trouble: str | None
    trouble_share: float
    """Where on the way it happens."""
    ack_s: float
    turnout_s: float
    stretch: float
    scene_s: float
    transports: bool
    handover_s: float


TROUBLES = ("external_factor", "human_factor", "car_broken")


def errand(seed: int, team: str, number: int, habits: Habits) -> Errand:
    """Return what the crew's n-th assignment will hold: the same for the same seed, whatever else happens."""
    rng = random.Random(f"{seed}:{team}:{number}")
    return Errand(
        declines=rng.random() < habits.declines,
        trouble=rng.choice(TROUBLES) if rng.random() < habits.troubles else None,
        trouble_share=rng.uniform(0.1, 0.9),
        ack_s=lognormal(rng, habits.ack_s, 0.5),
        turnout_s=lognormal(rng, habits.turnout_s, 0.3),
        stretch=rng.lognormvariate(0, habits.travel_sigma),
        scene_s=lognormal(rng, habits.scene_s, habits.scene_spread),
        transports=rng.random() < habits.transported,
        handover_s=max(MINUTE, rng.expovariate(1 / habits.handover_s)),
    )
