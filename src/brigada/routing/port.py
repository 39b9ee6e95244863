"""What the rest of the service asks of roads, whoever answers.

Durations are seconds and distances metres. `estimate` marks what was not measured on roads: it must be
visible wherever the figure is shown ("≈").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from brigada.kit.geo import Point


class Profile(StrEnum):
    """Whose rules of the road: an ambulance on its way to a patient, or any car."""

    EMERGENCY = "emergency"
    CAR = "car"


class Why(StrEnum):
    """Why a figure is an estimate."""

    ROUTER_DOWN = "router_down"
    FAR_FROM_ROAD = "far_from_road"
    UNREACHABLE = "unreachable"
    NO_REGION = "no_region"
    NOT_ASKED = "not_asked"
    """So far away that its road was not asked for."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one place is from another by road. `estimate` is empty when it was measured."""

    duration_s: float
    distance_m: float
    estimate: Why | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction, in both languages, and the piece of road that follows it."""

    ru: str
    en: str
    street: str
    distance_m: float
    duration_s: float
    point: Point


@dataclass(frozen=True, slots=True)
class Route:
    """A way from the first point to the last. `line` begins and ends on a road, or is a straight line."""

    duration_s: float
    distance_m: float
    line: tuple[Point, ...]
    steps: tuple[Step, ...] = ()
    estimate: Why | None = None


@dataclass(frozen=True, slots=True)
class Road:
    """The place on the nearest road."""

    point: Point
    street: str
    distance_m: float


class RouterDownError(Exception):
    """The engine can't answer now; the fallback does."""


class RouterSilentError(RouterDownError):
    """The engine let its time pass: whoever asks again soon waits as long for nothing."""


class Engine(Protocol):
    """Something that knows roads, without regard to the hour. Every method raises `RouterDownError`.

    All methods may be called at once from one event loop.
    """

    async def route(self, start: Point, finish: Point, profile: Profile = Profile.EMERGENCY) -> Route:
        """The quickest way on an empty road."""
        ...

    async def table(
        self, origins: Sequence[Point], destination: Point, profile: Profile = Profile.EMERGENCY
    ) -> list[Reach]:
        """How long each of the origins needs to the destination, in their order."""
        ...

    async def nearest(self, point: Point, profile: Profile = Profile.EMERGENCY) -> Road | None:
        """The nearest road, or None where the engine knows none."""
        ...

    async def close(self) -> None:
        """Give back what the engine holds. Calling it twice does nothing."""
        ...


class Router(Protocol):
    """What the service asks: never fails, but marks what is an estimate."""

    async def route(
        self, start: Point, finish: Point, profile: Profile = Profile.EMERGENCY, at: datetime | None = None
    ) -> Route:
        """The quickest way. `at` (aware) chooses the speeds of that time of day; None: an empty road."""
        ...

    async def table(
        self,
        origins: Sequence[Point],
        destination: Point,
        profile: Profile = Profile.EMERGENCY,
        at: datetime | None = None,
    ) -> list[Reach]:
        """How long each of the origins needs to the destination, in their order."""
        ...

    async def nearest(self, point: Point, profile: Profile = Profile.EMERGENCY) -> Road | None:
        """The nearest road, or None where none is known."""
        ...
