"""Every number that the optimiser may be tuned by, with its unit, its reason and a safe default."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class OptimiserSettings:
    """Weights, penalties and guards; all durations in seconds.

    The defaults treat the three criticalities alike: on the published city models that lowers late arrivals
    of
    every class, while unequal weights buy the first class at the price of the last.
    """

    weights: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Price of one second for critical, important and common calls."""
    late_s: float = 900.0
    """B: what a missed norm costs beside the wait itself."""
    margin_share: float = 0.9
    """Part of the norm from which an arrival counts as risky: predicted times err by tens of per cent."""
    margin_weight: float = 1.0
    """a: price of each second past that part."""
    switch_s: float = 120.0
    """s: price of calling a crew back. 2 min where norms are tight, 4-6 min where the last class has two
    hours.
    """
    weaker_profile_s: float = 300.0
    """m: price of an allowed but weaker profile, 3-10 min by the guide."""
    unserved_s: float = 7200.0
    """Wait assumed for a call that gets nobody now: above any real trip, so a free team is never left
    idle.
    """
    allow_switches: bool = True
    """False: teams on the way are never asked to turn round."""
    use_soon_free: bool = True
    """Teams about to finish may be waited for; only teams that the caller put into the state count."""
    guard_near_patient: bool = True
    near_patient_s: float = 120.0
    """A crew this close to its patient is left alone: the patient may already see it."""
    guard_equal: bool = True
    equal_gain_s: float = 180.0
    """A team leaves an equal or higher call only when both calls gain, or the price of the two together falls
    by this much and neither becomes late by it."""
    guard_once: bool = True
    max_switches: int = 1
    """How often one call may see its team turn round."""


DEFAULTS = OptimiserSettings()

PRESETS = {
    "balanced": replace(DEFAULTS, switch_s=240.0),
    "urgent": replace(DEFAULTS, weights=(2.0, 2.0, 1.0), late_s=1800.0, max_switches=2),
}
"""Sets of figures that an administrator may take by one name; `docs/benchmarks/dispatch.md` measures both.

`balanced`: what a service starts with. All criticalities gain, nobody pays; a turn costs 4 min where the last class has
two hours. `urgent`, the benchmark's *tuned*: fewer late urgent calls, while common ones gain less.
"""
