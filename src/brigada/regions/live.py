"""The region in use, as a running service holds it: roads, addresses, tiles; changed without a pause.

Another process installs or chooses a region; this one notices by the pointer on the disk, opens the new build
beside the old one, and goes over to it in one assignment. A build that can't be opened changes nothing.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

import structlog

from brigada.geocoding.local import LocalGeocoder
from brigada.geocoding.port import Geocoder
from brigada.kit.geo import Point
from brigada.regions.manifest import Manifest
from brigada.regions.store import RegionStore
from brigada.regions.tiles import Tiles
from brigada.routing.composed import Roads
from brigada.routing.osrm_process import OsrmProcess
from brigada.routing.port import Engine, Profile, RouterDownError
from brigada.routing.speeds import load_speed_factors
from brigada.settings import Settings

NOTICE_S = 1.0  # how often the pointer is looked at: one readlink
AGAIN_S = 30.0  # a build that could not be opened is tried again: the machine may have been short of memory
_FAREWELL_S = 10.0  # the old build stays open for questions that are on their way

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Loaded:
    """Everything of one build. `generation` is None where no region is installed."""

    generation: tuple[str, str] | None
    manifest: Manifest | None
    roads: Roads
    geocoder: Geocoder | None
    tiles: Tiles | None
    engine: Engine | None


class LiveRegion:
    """One for each process; `start` before the first question, `close` at the end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store = RegionStore(settings.data_dir.resolve())
        self._factors = load_speed_factors(settings.speed_factors)
        self._now = Loaded(None, None, Roads(None, self._factors, settings.zone), None, None, None)
        self._tried: tuple[tuple[str, str] | None] | None = None
        self._failed_at: float | None = None
        self._watch: asyncio.Task[None] | None = None
        self._farewells: set[asyncio.Task[None]] = set()

    @property
    def now(self) -> Loaded:
        """The build in use; take it once for each request."""
        return self._now

    @property
    def build(self) -> str:
        """Name of the region and of its build in use, `none` without one: it changes whenever the map does."""
        return "/".join(self._now.generation or ("none",))

    async def start(self) -> None:
        """Open the region in use and watch for another."""
        await self.refresh()
        self._watch = asyncio.create_task(self._notice(), name="region")

    async def close(self) -> None:
        if self._watch:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        for farewell in list(self._farewells):
            farewell.cancel()
        await asyncio.gather(*self._farewells, return_exceptions=True)
        await _close(self._now)

    async def refresh(self) -> bool:
        """Go over to the build that the pointer names, if it is another; tell whether it was."""
        generation = self._store.generation()
        if self._tried == (generation,) and (
            self._failed_at is None or monotonic() < self._failed_at + AGAIN_S
        ):
            return False
        self._tried = (generation,)  # a build that can't be opened is not tried every second
        self._failed_at = None
        try:
            loaded = await self._load(generation)
        except Exception as error:  # noqa: BLE001 -- each file's reader has words of its own for damage
            _log.error("region_not_opened", region=generation, reason=f"{type(error).__name__}: {error}")
            self._failed_at = monotonic()
            return False
        old, self._now = self._now, loaded
        _log.info("region_in_use", region=generation)
        farewell = asyncio.create_task(_close_later(old))
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)
        return True

    async def health(self) -> tuple[bool, str]:
        """(whether roads are known, a word about it), for the readiness check."""
        if self._now.engine is None:
            return False, "no road graph: straight-line estimates"
        centre = self._now.manifest.centre if self._now.manifest else (0.0, 0.0)
        try:
            await self._now.roads.probe(Point(*centre))
        except RouterDownError as error:
            return False, f"{error}: straight-line estimates"
        return True, self.build

    async def _notice(self) -> None:
        while True:
            await asyncio.sleep(NOTICE_S)
            with contextlib.suppress(OSError):
                await self.refresh()

    async def _load(self, generation: tuple[str, str] | None) -> Loaded:
        region = self._store.load(*generation) if generation else None
        async with contextlib.AsyncExitStack() as opened:
            geocoder = await self._geocoder(region.places if region else None)
            if geocoder:
                opened.push_async_callback(geocoder.close)
            has_map = region is not None and region.base_map.exists()
            tiles = Tiles(region.base_map, region.manifest.build) if region and has_map else None
            engine = await self._engine({p: region.graph(p) for p in Profile} if region else None)
            opened.pop_all()  # all of it is there: nothing is to be closed
        manifest = region.manifest if region else None
        zone = ZoneInfo(manifest.time_zone) if manifest else self._settings.zone
        return Loaded(generation, manifest, Roads(engine, self._factors, zone), geocoder, tiles, engine)

    async def _engine(self, graphs: dict[Profile, Path] | None) -> Engine | None:
        settings = self._settings
        if settings.router == "osrm":
            from brigada.routing.osrm_http import OsrmHttp

            return OsrmHttp(settings.router_url, settings.router_timeout_s)
        if settings.router == "embedded" and graphs:
            return await OsrmProcess.start(graphs)
        return None

    async def _geocoder(self, places: Path | None) -> Geocoder | None:
        settings = self._settings
        if settings.geocoder != "embedded":
            from brigada.geocoding.http import HttpGeocoder

            return HttpGeocoder(settings.geocoder_url, settings.geocoder, settings.geocoder_timeout_s)
        return await LocalGeocoder.open(places) if places else None


async def _close_later(loaded: Loaded) -> None:
    try:
        await asyncio.sleep(_FAREWELL_S)
    finally:
        await _close(loaded)


async def _close(loaded: Loaded) -> None:
    if loaded.engine:
        await loaded.engine.close()
    if loaded.geocoder:
        await loaded.geocoder.close()
