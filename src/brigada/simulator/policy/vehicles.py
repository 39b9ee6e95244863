"""A team in the simulator: what it does, and where it is at any second."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from enum import Enum

from brigada.simulator.policy.scenario import Duty


class Doing(Enum):
    """Exactly one at a time."""

    OFF_SHIFT = "off_shift"
    AT_POST = "at_post"
    RETURNING = "returning"
    TO_CALL = "to_call"
    ON_SCENE = "on_scene"
    TO_HOSPITAL = "to_hospital"
    AT_HOSPITAL = "at_hospital"


def _begin(span: tuple[float, float]) -> float:
    return span[0]


FREE = frozenset({Doing.AT_POST, Doing.RETURNING})


@dataclass(slots=True)
class Drive:
    """A trip under way: nodes and predicted seconds from the start; the real ones are `factor` times as
    long.
    """

    nodes: list[int]
    at_s: list[float]
    head_s: float
    """Predicted seconds from the start to the first node: the rest of the arc it was on."""
    tail_s: float
    """Predicted seconds from the last node to the goal, off the road."""
    start: float
    factor: float

    def predicted(self) -> float:
        return self.head_s + self.at_s[-1] + self.tail_s

    def arrival(self) -> float:
        """The real time of arrival."""
        return self.start + self.predicted() * self.factor

    def where(self, now: float) -> tuple[int, float]:
        """The next node on the way and the predicted seconds to it."""
        done = max(0.0, now - self.start) / self.factor - self.head_s
        index = bisect_left(self.at_s, done)
        if index >= len(self.nodes):
            return self.nodes[-1], 0.0
        return self.nodes[index], self.at_s[index] - done


@dataclass(slots=True)
class Vehicle:
    """The changing state of one team."""

    id: int
    profile: str
    home: int
    duty: Duty
    """When it works."""
    doing: Doing
    node: int
    """Where it stands when it does not move."""
    post: int
    """The post where it waits or which it is heading to."""
    off_road_s: float = 0.0
    """Predicted seconds back to the road from where it stands."""
    ready_at: float = 0.0
    """When a turnout that has begun ends."""
    call: int | None = None
    drive: Drive | None = None
    since: float = 0.0
    version: int = 0
    """Counts changes; an event of an older version is void."""
    handover_from: float = 0.0
    driven_s: float = 0.0
    work: list[tuple[float, float, int]] = field(default_factory=list)
    """(departure, freed, call) of every job, for the check that no team is in two places."""

    def on_duty(self, now: float) -> bool:
        return self.duty_left_s(now) > 0

    def duty_left_s(self, now: float) -> float:
        """Seconds until the end of its shift; 0 when it has none now."""
        index = bisect_right(self.duty, now, key=_begin) - 1
        return max(0.0, self.duty[index][1] - now) if index >= 0 else 0.0

    def place(self, now: float) -> tuple[int, float]:
        """Node and predicted seconds to it."""
        return (self.node, self.off_road_s) if self.drive is None else self.drive.where(now)

    def ready_s(self, now: float, turnout_s: float) -> float:
        """Seconds until the wheels turn for a new call: all of the turnout at a post, what is left of it,
        none.
        """
        if self.doing is Doing.AT_POST:
            return self.ready_at - now if self.ready_at > now else turnout_s
        if self.drive is not None and self.doing is Doing.TO_CALL:
            return max(0.0, self.drive.start - now)
        return 0.0
