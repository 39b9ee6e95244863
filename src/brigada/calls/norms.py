"""Norms: how soon is soon enough. One engine for the timers on the board and for the reports; pure.

A norm is a row of data: for calls of a criticality, from one moment to another, a target, and how it is judged: by the
share of calls within the target, or by their mean. Nothing of the past is stored as judged: reports judge anew each
time, so a corrected norm corrects history, and each report says which norm it used.

The first team that was sent and arrives stops the clock. Whether it suits is judged when it is sent, by the dispatcher
with the advice; the profile that a reason names is a wish, and no profile is refused: help first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

CLOCKS: Final = (
    "received", "assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed",
)  # fmt: skip
"""The moments that a norm's clock may start or stop at, in their natural order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """One rule.

    Attributes:
        norm_set: the set that it belongs to: `ru`, `arp`, `nfpa1710` or the service's own.
        clock_start, clock_stop: two of CLOCKS, in order.
        target_s: seconds that may pass between them.
        statistic: `share`: at least `share` of the calls within the target; `mean`: the mean within the target.
        share: a part of one.
        version: grows with each correction.
    """

    id: int
    norm_set: str
    criticality: str
    clock_start: str
    clock_stop: str
    target_s: int
    statistic: str = "share"
    share: float = 0.9
    territory: str = ""
    title_ru: str = ""
    title_en: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """How measured durations stand to a norm.

    Attributes:
        n: how many were measured.
        within: how many of them within the target.
        mean_s: their mean in seconds, None when there are none.
        met: whether the norm is met, None when nothing was measured.
    """

    n: int
    within: int
    mean_s: float | None
    met: bool | None

    @property
    def share(self) -> float | None:
        return self.within / self.n if self.n else None


def is_within(norm: Norm, seconds: float) -> bool:
    """Return whether a measured duration is within the target; exactly at the target is."""
    return seconds <= norm.target_s


def judge(norm: Norm, durations_s: Sequence[float]) -> Verdict:
    """Judge durations in seconds."""
    n = len(durations_s)
    within = sum(is_within(norm, seconds) for seconds in durations_s)
    return verdict(norm, n, within, sum(durations_s) / n if n else None)


def verdict(norm: Norm, n: int, within: int, mean_s: float | None) -> Verdict:
    """Judge durations that were counted already."""
    if not n or mean_s is None:
        return Verdict(n, within, mean_s, None)
    met = mean_s <= norm.target_s if norm.statistic == "mean" else within / n >= norm.share
    return Verdict(n, within, mean_s, met)


def deadline(norm: Norm, moments: Mapping[str, datetime | None]) -> datetime | None:
    """Return when the target runs out, None before its clock has started."""
    start = moments.get(norm.clock_start)
    return None if start is None else start + timedelta(seconds=norm.target_s)


NormProblem = Literal["clock_order", "unknown_clock"]


def why_not_norm(clock_start: str, clock_stop: str) -> NormProblem | None:
    """Return what is wrong with a norm's clocks, None when they are in order."""
    if clock_start not in CLOCKS or clock_stop not in CLOCKS:
        return "unknown_clock"
    return None if CLOCKS.index(clock_start) < CLOCKS.index(clock_stop) else "clock_order"
