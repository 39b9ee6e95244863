"""OSRM over HTTP: any `osrm-routed` or a server compatible with it, for services that share one."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import httpx

from brigada.kit.geo import Point
from brigada.routing.answers import as_reaches, as_road, as_route
from brigada.routing.port import Profile, Reach, Road, Route, RouterDownError, RouterSilentError

TABLE_BATCH = 90  # origins in one request: `osrm-routed` refuses more than 100 places unless told otherwise


@contextlib.contextmanager
def _of_osrms_shape() -> Iterator[None]:
    """An answer that lacks what OSRM promises (another server, a refusal) is no answer."""
    try:
        yield
    except (LookupError, TypeError, ValueError) as error:
        raise RouterDownError(f"the router answered something else than OSRM does: {error!r}") from error


class OsrmHttp:
    """A client of one server. `profiles` are the words that stand in its addresses for ours.

    A server has one graph, whatever the profile in the address says; services that share a server of ordinary
    cars name it for both.
    """

    def __init__(
        self,
        url: str,
        timeout_s: float = 3.0,
        profiles: dict[Profile, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._profiles = profiles or {Profile.EMERGENCY: "driving", Profile.CAR: "driving"}
        self._client = httpx.AsyncClient(base_url=url.rstrip("/"), timeout=timeout_s, transport=transport)

    async def route(self, start: Point, finish: Point, profile: Profile = Profile.EMERGENCY) -> Route:
        query = {"steps": "true", "overview": "full", "geometries": "geojson", "generate_hints": "false"}
        answer = await self._ask("route", profile, [start, finish], query)
        with _of_osrms_shape():
            return as_route(answer, start, finish, profile)

    async def table(
        self, origins: Sequence[Point], destination: Point, profile: Profile = Profile.EMERGENCY
    ) -> list[Reach]:
        batches = [origins[n : n + TABLE_BATCH] for n in range(0, len(origins), TABLE_BATCH)]
        parts = await asyncio.gather(*(self._column(batch, destination, profile) for batch in batches))
        return [reach for part in parts for reach in part]

    async def _column(self, origins: Sequence[Point], destination: Point, profile: Profile) -> list[Reach]:
        query = {
            "sources": ";".join(str(n) for n in range(len(origins))),
            "destinations": str(len(origins)),
            "annotations": "duration,distance",
            "generate_hints": "false",
        }
        answer = await self._ask("table", profile, [*origins, destination], query)
        if answer["code"] != "Ok":
            raise RouterDownError(f"the router refused a table: {answer['code']}")
        with _of_osrms_shape():
            return as_reaches(
                [row[0] for row in answer["durations"]],
                [row[0] for row in answer["distances"]],
                [float(source["distance"]) for source in answer["sources"]],
                origins,
                destination=destination,
                destination_snap=float(answer["destinations"][0]["distance"]),
                profile=profile,
            )

    async def nearest(self, point: Point, profile: Profile = Profile.EMERGENCY) -> Road | None:
        answer = await self._ask("nearest", profile, [point], {"generate_hints": "false"})
        with _of_osrms_shape():
            return as_road(answer)

    async def close(self) -> None:
        await self._client.aclose()

    async def _ask(
        self, service: str, profile: Profile, points: Sequence[Point], query: dict[str, str]
    ) -> dict[str, Any]:
        places = ";".join(f"{point.lon:.6f},{point.lat:.6f}" for point in points)
        path = f"/{service}/v1/{self._profiles[profile]}/{places}"
        try:
            response = await self._client.get(path, params=query)
            answer = response.json()
        except httpx.TimeoutException as error:
            raise RouterSilentError(f"the router does not answer: {error!r}") from error
        except (httpx.HTTPError, ValueError) as error:
            raise RouterDownError(f"the router can't be asked: {error!r}") from error
        if not isinstance(answer, dict) or "code" not in answer or response.is_server_error:
            raise RouterDownError(f"the router answered {response.status_code}")
        return answer
