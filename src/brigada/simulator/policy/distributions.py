"""Durations to draw: the few shapes that the literature and city models use."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from brigada.simulator.policy.roads import Floats

DAY_S = 86_400.0
_SAMPLE = 20_000
"""Draws behind the expected rest of a duration: the mean is then known to about 1 %."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A distribution of seconds.

    `exponential(mean)`, `lognormal(mean, cv)`, `weibull(shape, scale)`, `constant(value)`.
    """

    shape: Literal["exponential", "lognormal", "weibull", "constant"]
    first: float
    second: float = 0.0

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """Independent draws, seconds."""
        match self.shape:
            case "exponential":
                return rng.exponential(self.first, size)
            case "lognormal":
                sigma2 = np.log1p(self.second**2)
                return rng.lognormal(np.log(self.first) - sigma2 / 2, np.sqrt(sigma2), size)
            case "weibull":
                return self.second * rng.weibull(self.first, size)
            case "constant":
                return np.full(size, self.first)


class ExpectedRest:
    """How long a duration is expected to go on, given how long it has lasted: all that a dispatcher can
    know.
    """

    def __init__(self, duration: Duration) -> None:
        self._sorted = np.sort(duration.draw(np.random.default_rng(0), _SAMPLE))
        self._tail = np.cumsum(self._sorted[::-1])[::-1]

    def __call__(self, elapsed_s: float) -> float:
        """Expected seconds left after `elapsed_s`."""
        index = int(np.searchsorted(self._sorted, elapsed_s, side="right"))
        if index >= len(self._sorted):
            return 0.0
        return float(self._tail[index] / (len(self._sorted) - index) - elapsed_s)


_DAYS = re.compile(r"^(?P<name>\w+)\((?P<args>[^()]*(?:\([^()]*\))?[^()]*)\)$")


def parse_days(text: str) -> Duration:
    """A duration written as in the folder format, in days: `Exponential(12/60/24)`, `Normal(50/60/60/24, 0)`.

    Raises `ValueError` for a shape that is not supported.
    """
    match = _DAYS.match(text.strip())
    if match is None:
        raise ValueError(f"cannot read the distribution {text!r}")
    values = [quotient(part) for part in match["args"].split(",")]
    if match["name"] == "Exponential":
        return Duration("exponential", values[0] * DAY_S)
    if match["name"] == "Normal" and values[1] == 0:
        return Duration("constant", values[0] * DAY_S)
    if match["name"] == "LogNormal":
        mean = float(np.exp(values[0] + values[1] ** 2 / 2))
        return Duration("lognormal", mean * DAY_S, float(np.sqrt(np.expm1(values[1] ** 2))))
    if match["name"] == "Weibull":
        return Duration("weibull", values[0], values[1] * DAY_S)
    raise ValueError(f"the distribution {text!r} is not supported")


def quotient(text: str) -> float:
    """A number written as a chain of divisions: `8/60/24`."""
    first, *rest = text.strip().split("/")
    value = float(first)
    for part in rest:
        value /= float(part)
    return value
