"""The picture that a decision is made from: calls nobody has reached yet, teams, and the times between
them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Seconds = NDArray[np.float64]


class Criticality(IntEnum):
    """Rank of a call: the lower the number, the more urgent."""

    CRITICAL = 0
    IMPORTANT = 1
    COMMON = 2

    @classmethod
    def of(cls, name: str) -> "Criticality":
        """The rank of `critical`, `important` or `common`; `KeyError` for anything else."""
        return cls[name.upper()]


class Stage(StrEnum):
    """What a team is doing, as far as sending it matters."""

    FREE = "free"
    EN_ROUTE = "en_route"
    SOON_FREE = "soon_free"


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call that no team has reached.

    `age_s` runs from the receipt, `norm_s` is the time allowed from the receipt to the first suitable
    arrival.
    `allowed` None means any profile will do; `preferred` ones cost nothing, other allowed ones a penalty.
    `team_id` is the team on its way, `switches` how often the call has already lost one by a diversion.
    """

    id: int
    criticality: Criticality
    age_s: float
    norm_s: float
    preferred: frozenset[str] = frozenset()
    allowed: frozenset[str] | None = None
    team_id: int | None = None
    switches: int = 0


@dataclass(frozen=True, slots=True)
class Team:
    """A team that can be asked, now or soon.

    `ready_s`: seconds until its wheels turn for a new call (turnout at a post, rest of the present work for a
    team soon free). `reserve_s`: price in seconds of taking it, whichever call it goes to: coverage that is lost,
    overtime, a place long unknown. `blocked`: a reason code why it may not be sent at all (`on_break`, …).
    """

    id: int
    profile: str
    stage: Stage = Stage.FREE
    ready_s: float = 0.0
    reserve_s: float = 0.0
    blocked: str | None = None


@dataclass(frozen=True, slots=True)
class DispatchState:
    """Calls, teams and `travel_s[call, team]`: road seconds from where each team is, or will be free.

    For a team on the way its column entry at its own call is the rest of its trip. `inf` means unreachable.
    `price_s[call, team]`: what speaks against a pair beside its time, in seconds; None: nothing.
    """

    calls: Sequence[OpenCall]
    teams: Sequence[Team]
    travel_s: NDArray[Any]
    price_s: NDArray[Any] | None = None

    def sorted(self) -> "DispatchState":
        """The same picture in the order of ids, so that equal pictures give equal plans; checks the shape."""
        if self.travel_s.shape != (len(self.calls), len(self.teams)):
            raise ValueError(
                f"travel_s is {self.travel_s.shape}, expected {(len(self.calls), len(self.teams))}"
            )
        if self.price_s is not None and self.price_s.shape != self.travel_s.shape:
            raise ValueError(f"price_s is {self.price_s.shape}, travel_s {self.travel_s.shape}")
        rows = sorted(range(len(self.calls)), key=lambda i: self.calls[i].id)
        columns = sorted(range(len(self.teams)), key=lambda j: self.teams[j].id)
        travel = np.asarray(self.travel_s, dtype=np.float64)
        if rows == list(range(len(rows))) and columns == list(range(len(columns))):
            return DispatchState(self.calls, self.teams, travel, self.price_s)
        calls = [self.calls[i] for i in rows]
        teams = [self.teams[j] for j in columns]
        price = None if self.price_s is None else self.price_s[np.ix_(rows, columns)]
        return DispatchState(calls, teams, travel[np.ix_(rows, columns)], price)
