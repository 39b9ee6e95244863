"""Policies by name: the catalogue, the optimiser with one guard off at a time, and other settings."""

from dataclasses import replace

from brigada.dispatch.optimiser.settings import DEFAULTS, PRESETS, OptimiserSettings
from brigada.simulator.policy.bounds import CLAIRVOYANT, UNLIMITED
from brigada.simulator.policy.engine import Policy
from brigada.simulator.policy.policies import CATALOGUE, CoveragePost, Joint

BEST = "joint + standby"

TUNED = "joint + standby tuned"
"""The preset `urgent`, chosen on tuning seeds for tight norms."""
BALANCED = "joint + standby as a service starts"
"""The preset `balanced`: a dearer switch than the optimiser's default."""
EACH_MINUTE = "also solved each minute"
NO_MARGIN = "standby without the margin of the own post"

ABLATIONS: dict[str, OptimiserSettings] = {
    "without guard: near patient": replace(DEFAULTS, guard_near_patient=False),
    "without guard: equal or higher": replace(DEFAULTS, guard_equal=False),
    "without guard: one switch": replace(DEFAULTS, guard_once=False),
    "without any guard": replace(DEFAULTS, guard_near_patient=False, guard_equal=False, guard_once=False),
    "without switching": replace(DEFAULTS, allow_switches=False),
    "without switch price": replace(DEFAULTS, switch_s=0.0),
    "weights 2 2 1": replace(DEFAULTS, weights=(2.0, 2.0, 1.0)),
    "weights 4 4 1": replace(DEFAULTS, weights=(4.0, 4.0, 1.0)),
}
"""The best policy with one thing changed: what each guard costs, and what it guards against."""


def make_policy(name: str) -> Policy:
    """A fresh policy; `ValueError` with the known names for an unknown one."""
    if name in CATALOGUE:
        return CATALOGUE[name]()
    if name in ABLATIONS:
        return Joint(name, ABLATIONS[name], rule=CoveragePost())
    if name == TUNED:
        return Joint(name, PRESETS["urgent"], rule=CoveragePost())
    if name == BALANCED:
        return Joint(name, PRESETS["balanced"], rule=CoveragePost())
    if name == EACH_MINUTE:
        return Joint(name, rule=CoveragePost(), ticks=True)
    if name == NO_MARGIN:
        return Joint(name, rule=CoveragePost(margin=0.0))
    known = ", ".join([*CATALOGUE, TUNED, BALANCED, *ABLATIONS, EACH_MINUTE, NO_MARGIN])
    raise ValueError(f"no policy {name!r}; there are: {known}")


def expand(text: str) -> list[str]:
    """Names from a list separated by commas; `all` and `ablations` stand for their groups."""
    groups = {
        "all": [*CATALOGUE, TUNED, UNLIMITED, CLAIRVOYANT],
        "ablations": [BEST, *ABLATIONS, EACH_MINUTE, NO_MARGIN],
    }
    names: list[str] = []
    for part in (piece.strip() for piece in text.split(",")):
        for name in groups.get(part, [part]):
            if name not in (UNLIMITED, CLAIRVOYANT):
                make_policy(name)
            if name not in names:
                names.append(name)
    return names
