"""Questions about addresses and tiles, asked of the region in use."""

import gzip
from dataclasses import asdict, dataclass
from typing import Any

from brigada.errors import NotFound
from brigada.geocoding.port import Found, GeocoderDownError
from brigada.kit.geo import Point
from brigada.places.errors import GeocoderAway, NoRegion
from brigada.regions.layers import LAYERS
from brigada.regions.live import Loaded
from brigada.routing.osrm_process import OsrmProcess
from brigada.routing.port import RouterDownError

ROAD_TILES_FROM_ZOOM = 12  # OSRM draws its tiles from here on
ROAD_TILES_TO_ZOOM = 16  # finer ones hold nothing more

TILES_URL = "/api/v1/map/{{z}}/{{x}}/{{y}}.mvt?build={build}"
"""The build stands in the address so that a browser can keep tiles and never mixes those of two builds."""


@dataclass(frozen=True, slots=True)
class TileBytes:
    """A tile; `gzipped` tells whether `body` is compressed. Without an `etag` it must not be kept."""

    body: bytes
    gzipped: bool
    etag: str | None


async def search(region: Loaded, text: str, limit: int, near: Point | None) -> list[Found]:
    """Candidates for an address.

    Raises:
        NoRegion, GeocoderAway.
    """
    if region.geocoder is None:
        raise NoRegion
    try:
        return await region.geocoder.search(text, limit, near)
    except GeocoderDownError as error:
        raise GeocoderAway from error


async def reverse(region: Loaded, point: Point) -> Found:
    """What stands at a point.

    Raises:
        NoRegion, GeocoderAway.
        NotFound: nothing within a walk.
    """
    if region.geocoder is None:
        raise NoRegion
    try:
        found = await region.geocoder.reverse(point)
    except GeocoderDownError as error:
        raise GeocoderAway from error
    if found is None:
        raise NotFound
    return found


async def tile(region: Loaded, z: int, x: int, y: int) -> TileBytes:
    """A tile of the base map, or of OSRM's roads where there is none; empty where nothing is drawn.

    A column or row that the zoom does not have lies off the world, and nothing is drawn there.

    Raises:
        NoRegion.
    """
    off_the_world = x >> z or y >> z
    if region.tiles is not None and not off_the_world:
        body = region.tiles.get(z, x, y)
        return TileBytes(body or b"", region.tiles.gzipped, region.tiles.etag(z, x, y))
    if region.generation is None:
        raise NoRegion
    if off_the_world:
        return TileBytes(b"", False, None)
    etag = f'"roads-{region.generation[1]}-{z}-{x}-{y}"'
    if z < ROAD_TILES_FROM_ZOOM or not isinstance(region.engine, OsrmProcess):
        return TileBytes(b"", False, etag)
    try:
        return TileBytes(await region.engine.tile(z, x, y), False, etag)
    except RouterDownError:
        return TileBytes(b"", False, None)


def encoded(tile: TileBytes, accept_encoding: str) -> tuple[bytes, str | None]:
    """The bytes for a client and their `Content-Encoding`: as they lie in the file for all but the oddest."""
    if tile.gzipped and "gzip" not in accept_encoding:
        return gzip.decompress(tile.body), None
    return tile.body, "gzip" if tile.gzipped else None


def about(region: Loaded, outside: str) -> dict[str, Any]:
    """The region in use, as the API shows it."""
    manifest, tiles = region.manifest, region.tiles
    zooms = (
        tiles.zooms
        if tiles
        else (ROAD_TILES_FROM_ZOOM, ROAD_TILES_TO_ZOOM)
        if region.engine
        else (None, None)
    )
    return {
        "installed": manifest is not None,
        "name": manifest.name if manifest else None,
        "title": manifest.title if manifest else None,
        "build": manifest.build if manifest else None,
        "bounds": asdict(manifest.bounds) if manifest else None,
        "centre": {"lat": manifest.centre[0], "lon": manifest.centre[1]} if manifest else None,
        "time_zone": manifest.time_zone if manifest else None,
        "attribution": manifest.attribution if manifest else "",
        "tiles": TILES_URL.format(build=manifest.build) if manifest else None,
        "min_zoom": zooms[0],
        "max_zoom": zooms[1],
        "layers": list(LAYERS) if tiles else ["speeds"] if manifest else [],
        "outside": outside,
    }
