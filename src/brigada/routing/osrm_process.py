"""OSRM in a child process of ours: the default engine, without a server to run."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Self

from brigada.kit.geo import Point
from brigada.routing import osrm_worker
from brigada.routing.answers import as_reaches, as_road, as_route
from brigada.routing.lean_spawn import LeanSpawn
from brigada.routing.port import Profile, Reach, Road, Route, RouterDownError, RouterSilentError

START_TIMEOUT_S = 30.0  # Python's start and a cold disk; opening mapped graphs takes milliseconds
ANSWER_TIMEOUT_S = 5.0  # a table of a thousand teams takes 40 ms


class OsrmProcess:
    """One child with the graphs of one build of a region. Open it with `start`."""

    def __init__(self, graphs: Mapping[Profile, Path]) -> None:
        self._paths = {profile.value: str(path) for profile, path in graphs.items()}
        self._pool = self._new_pool()
        self._timeout_s = START_TIMEOUT_S  # the first answer waits for the start

    @classmethod
    async def start(cls, graphs: Mapping[Profile, Path]) -> Self:
        """Start the child and wait until it has opened the graphs.

        Raises:
            RouterDownError: it could not.
        """
        engine = cls(graphs)
        try:
            await engine._ask(osrm_worker.ready)
        except RouterDownError:
            await engine.close()
            raise
        engine._timeout_s = ANSWER_TIMEOUT_S
        return engine

    async def route(self, start: Point, finish: Point, profile: Profile = Profile.EMERGENCY) -> Route:
        answer = await self._ask(osrm_worker.route, profile.value, _coordinates([start, finish]))
        return as_route(answer, start, finish, profile)

    async def table(
        self, origins: Sequence[Point], destination: Point, profile: Profile = Profile.EMERGENCY
    ) -> list[Reach]:
        if not origins:
            return []
        coordinates = _coordinates([*origins, destination])
        durations, distances, snaps, last = await self._ask(osrm_worker.table, profile.value, coordinates)
        return as_reaches(
            durations,
            distances,
            snaps,
            origins,
            destination=destination,
            destination_snap=last,
            profile=profile,
        )

    async def nearest(self, point: Point, profile: Profile = Profile.EMERGENCY) -> Road | None:
        return as_road(await self._ask(osrm_worker.nearest, profile.value, _coordinates([point])))

    async def tile(self, z: int, x: int, y: int) -> bytes:
        """OSRM's own vector tile of roads (layer `speeds`), empty below zoom 12."""
        return await self._ask(osrm_worker.tile, Profile.CAR.value, z, x, y)

    async def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _ask[*Ts, R](self, function: Callable[[*Ts], R], *args: *Ts) -> R:
        """Run a function in the child.

        Raises:
            RouterDownError: the child died; a new one is started for the next question.
            RouterSilentError: it lives and does not answer; it is ended, and a new one started likewise.
        """
        pool = self._pool
        try:
            async with asyncio.timeout(self._timeout_s):
                return await asyncio.get_running_loop().run_in_executor(pool, function, *args)
        except BrokenProcessPool as error:
            self._replace(pool)
            raise RouterDownError("the process with the road graphs has died") from error
        except TimeoutError as error:
            self._replace(pool)
            raise RouterSilentError(f"no answer from the road graphs in {self._timeout_s} s") from error
        except RuntimeError as error:
            raise RouterDownError(f"the road graphs can't be asked: {error}") from error

    def _replace(self, pool: ProcessPoolExecutor) -> None:
        """Give up a child that is of no use; the first of those who lost their answer starts the new one."""
        if self._pool is not pool:
            return
        # A pool waits for a child that hangs, and the service's end would wait for the pool.
        for child in list((pool._processes or {}).values()):  # noqa: SLF001  # nothing public ends a child before 3.14
            child.kill()
        pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            max_workers=1,
            mp_context=LeanSpawn(),
            initializer=osrm_worker.open_graphs,
            initargs=(self._paths,),
        )


def _coordinates(points: Sequence[Point]) -> list[tuple[float, float]]:
    return [(point.lon, point.lat) for point in points]
