"""The router that the service uses: an engine, the speeds of the hour, and an estimate always at hand."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from time import monotonic
from zoneinfo import ZoneInfo

import structlog

from brigada.kit.geo import Point
from brigada.routing.port import Engine, Profile, Reach, Road, Route, RouterDownError, RouterSilentError, Why
from brigada.routing.speeds import SpeedFactors
from brigada.routing.straight_line import StraightLine

REST_S = 15.0
"""An engine that let a question's time pass (3 s over HTTP, 5 s in the child) is left alone for so long: commands
ask it inside a transaction, and each would wait as long for the same straight line."""

_log = structlog.get_logger(__name__)


class Roads:
    """Answers every question: by the engine, or, when that is down or absent, by a marked straight line.

    `clock` tells seconds; only differences count.
    """

    def __init__(
        self,
        engine: Engine | None,
        factors: SpeedFactors,
        zone: ZoneInfo,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._engine = engine
        self._factors = factors
        self._zone = zone
        self._clock = clock
        self._rests_until: float | None = None
        self._estimate = StraightLine(why=Why.ROUTER_DOWN if engine else Why.NO_REGION)

    async def route(
        self, start: Point, finish: Point, profile: Profile = Profile.EMERGENCY, at: datetime | None = None
    ) -> Route:
        slower = self._slower(profile, at)
        found = await self._route(start, finish, profile)
        steps = tuple(replace(step, duration_s=step.duration_s * slower) for step in found.steps)
        return replace(found, duration_s=found.duration_s * slower, steps=steps)

    async def table(
        self,
        origins: Sequence[Point],
        destination: Point,
        profile: Profile = Profile.EMERGENCY,
        at: datetime | None = None,
    ) -> list[Reach]:
        slower = self._slower(profile, at)
        found = await self._table(origins, destination, profile)
        if slower == 1.0:
            return found
        return [Reach(reach.duration_s * slower, reach.distance_m, reach.estimate) for reach in found]

    async def nearest(self, point: Point, profile: Profile = Profile.EMERGENCY) -> Road | None:
        return await self._asked(lambda engine: engine.nearest(point, profile))

    def _slower(self, profile: Profile, at: datetime | None) -> float:
        return 1.0 if at is None else 1.0 / self._factors.at(at.astimezone(self._zone), profile)

    async def _route(self, start: Point, finish: Point, profile: Profile) -> Route:
        found = await self._asked(lambda engine: engine.route(start, finish, profile))
        return self._estimate.way(start, finish, profile) if found is None else found

    async def _table(self, origins: Sequence[Point], destination: Point, profile: Profile) -> list[Reach]:
        found = await self._asked(lambda engine: engine.table(origins, destination, profile))
        if found is not None:
            return found
        return [self._estimate.reach(origin, destination, profile) for origin in origins]

    async def probe(self, point: Point) -> None:
        """Ask the engine for a road, to see whether it answers.

        Raises:
            RouterDownError: it does not, or did not a moment ago and is left alone.
        """
        await self._ask(lambda engine: engine.nearest(point, Profile.CAR))

    async def _asked[Answer](self, question: Callable[[Engine], Awaitable[Answer]]) -> Answer | None:
        """What the engine says; None where there is none, and while it is down or rests."""
        try:
            return await self._ask(question)
        except _RestsError:
            return None
        except RouterSilentError as error:
            _log.warning("router_silent", reason=str(error), rests_s=REST_S)
        except RouterDownError as error:
            _log.warning("router_down", reason=str(error))
        return None

    async def _ask[Answer](self, question: Callable[[Engine], Awaitable[Answer]]) -> Answer:
        if self._engine is None:
            raise _RestsError("no road graph")
        if self._rests_until is not None:
            now = self._clock()
            if now < self._rests_until:
                raise _RestsError("the router gave no answer a moment ago")
            self._rests_until = now + REST_S  # this one finds out whether it is back; nobody waits beside it
        try:
            answer = await question(self._engine)
        except RouterSilentError:
            self._rests_until = self._clock() + REST_S
            raise
        self._rests_until = None
        return answer


class _RestsError(RouterDownError):
    """Nobody was asked."""
