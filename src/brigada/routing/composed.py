"""The router that the service uses: an engine, the speeds of the hour, and an estimate always at hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from brigada.kit.geo import Point
from brigada.routing.port import Engine, Profile, Reach, Road, Route, RouterDownError, Why
from brigada.routing.speeds import SpeedFactors
from brigada.routing.straight_line import StraightLine

_log = structlog.get_logger(__name__)


class Roads:
    """Answers every question: by the engine, or, when that is down or absent, by a marked straight line."""

    def __init__(self, engine: Engine | None, factors: SpeedFactors, zone: ZoneInfo) -> None:
        self._engine = engine
        self._factors = factors
        self._zone = zone
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
        try:
            return await self._engine.nearest(point, profile) if self._engine else None
        except RouterDownError as error:
            _log.warning("router_down", reason=str(error))
            return None

    def _slower(self, profile: Profile, at: datetime | None) -> float:
        return 1.0 if at is None else 1.0 / self._factors.at(at.astimezone(self._zone), profile)

    async def _route(self, start: Point, finish: Point, profile: Profile) -> Route:
        try:
            if self._engine:
                return await self._engine.route(start, finish, profile)
        except RouterDownError as error:
            _log.warning("router_down", reason=str(error))
        return self._estimate.way(start, finish, profile)

    async def _table(self, origins: Sequence[Point], destination: Point, profile: Profile) -> list[Reach]:
        try:
            if self._engine:
                return await self._engine.table(origins, destination, profile)
        except RouterDownError as error:
            _log.warning("router_down", reason=str(error))
        return [self._estimate.reach(origin, destination, profile) for origin in origins]
