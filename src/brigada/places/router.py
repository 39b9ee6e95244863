"""`/geocode`, `/map`, `/region`."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.deps import AppState, QueryText, allowed
from brigada.edge import CommandRoute, json_response
from brigada.errors import Forbidden, Invalid, NotFound, NotSignedIn
from brigada.geocoding.port import Found
from brigada.kit.geo import Point
from brigada.places import service
from brigada.places.errors import GeocoderAway, NoRegion
from brigada.places.schemas import FoundList, FoundOut, RegionOut
from brigada.regions.tiles import MAX_ZOOM
from brigada.schema import problems

router = APIRouter(tags=["places"], route_class=CommandRoute)

Reader = Annotated[Principal, allowed(Permission.PLACES_READ)]
Lat = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)]
Lon = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
Zoom = Annotated[int, Path(ge=0, le=MAX_ZOOM)]
Tile = Annotated[int, Path(ge=0, lt=2**MAX_ZOOM)]


def _shown(found: Found) -> dict[str, Any]:
    return {
        "kind": found.kind.value,
        "label": found.label,
        "location": {"lat": round(found.point.lat, 7), "lon": round(found.point.lon, 7)},
        "confidence": found.confidence,
        "street": found.street,
        "number": found.number,
        "name": found.name,
        "town": found.town,
        "district": found.district,
        "postcode": found.postcode,
        "category": found.category,
        "distance_m": found.distance_m,
        "ambiguous": found.ambiguous,
    }


@router.get(
    "/geocode",
    response_model=FoundList,
    summary="Find an address",
    responses=problems(NotSignedIn, Forbidden, Invalid, NoRegion, GeocoderAway),
)
async def geocode(
    principal: Reader,
    state: AppState,
    q: Annotated[QueryText, Query(min_length=1, description="An address as it is typed.")],
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
    lat: Annotated[float | None, Query(ge=-90, le=90, allow_inf_nan=False)] = None,
    lon: Annotated[float | None, Query(ge=-180, le=180, allow_inf_nan=False)] = None,
) -> Response:
    """Abbreviations, slips of the key, the other keyboard layout, crossings, institutions, coordinates.

    `lat` and `lon` (the map's middle) settle ties. The best candidate comes first.
    """
    near = Point(lat, lon) if lat is not None and lon is not None else None
    items = await service.search(state.region.now, q, limit, near)
    return json_response({"items": [_shown(found) for found in items], "next_cursor": None})


@router.get(
    "/geocode/reverse",
    response_model=FoundOut,
    summary="What stands at a point",
    responses=problems(NotSignedIn, Forbidden, NotFound, NoRegion, GeocoderAway),
)
async def reverse(principal: Reader, state: AppState, lat: Lat, lon: Lon) -> Response:
    """The house, else the street, else the nearest settlement."""
    return json_response(_shown(await service.reverse(state.region.now, Point(lat, lon))))


@router.get(
    "/region",
    response_model=RegionOut,
    summary="The region in use",
    responses=problems(NotSignedIn, Forbidden),
)
async def region(principal: Reader, state: AppState) -> Response:
    return json_response(service.about(state.region.now, state.settings.region_outside))


@router.get(
    "/map/{z}/{x}/{y}.mvt",
    summary="A tile of the base map",
    response_class=Response,
    responses={
        200: {"content": {"application/vnd.mapbox-vector-tile": {}}, "description": "A vector tile."},
        204: {"description": "Nothing is drawn there."},
        304: {"description": "The tile that you have is still good."},
        **problems(NotSignedIn, Forbidden, NoRegion),
    },
)
async def map_tile(
    request: Request,
    principal: Reader,
    state: AppState,
    z: Zoom,
    x: Tile,
    y: Tile,
    build: Annotated[
        str | None, Query(max_length=80, description="The build that `GET /region` names.")
    ] = None,
) -> Response:
    """Vector tiles with names; where the region has no base map, OSRM's own tiles serve roads from zoom 12.

    A tile asked for with the build in use may be kept for a day; without one it must be asked for again by its
    `ETag`; that of another build is what is there now, and is not to be kept.
    """
    region = state.region.now
    tile = await service.tile(region, z, x, y)
    kept = _kept(build, region.manifest.build if region.manifest else None, tile.etag)
    headers = {"Cache-Control": kept, "Vary": "Accept-Encoding"} | ({"ETag": tile.etag} if tile.etag else {})
    if tile.etag and tile.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if not tile.body:
        return Response(status_code=204, headers=headers)
    body, encoding = service.encoded(tile, request.headers.get("accept-encoding", ""))
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(body, headers=headers, media_type="application/vnd.mapbox-vector-tile")


def _kept(asked: str | None, in_use: str | None, etag: str | None) -> str:
    """How long a browser may keep a tile."""
    if etag is None or asked not in {None, in_use}:
        return "no-store"
    return "private, no-cache" if asked is None else "private, max-age=86400, immutable"
