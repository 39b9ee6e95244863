"""Nominatim and Photon over HTTP: the geocoders of services that run a server of their own."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import httpx

from brigada.geocoding.port import Found, GeocoderDownError, Kind
from brigada.kit.geo import Point

type Dialect = Literal["nominatim", "photon"]


class HttpGeocoder:
    """A client of one server. What it says is taken as it is; its own ranking decides."""

    def __init__(
        self,
        url: str,
        dialect: Dialect,
        timeout_s: float = 3.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._dialect: Dialect = dialect
        headers = {"User-Agent": "brigada", "Accept-Language": "ru,en"}
        self._client = httpx.AsyncClient(
            base_url=url.rstrip("/"), timeout=timeout_s, headers=headers, transport=transport
        )

    async def search(self, text: str, limit: int = 5, near: Point | None = None) -> list[Found]:
        if self._dialect == "nominatim":
            query = {"q": text, "limit": str(limit), "format": "jsonv2", "addressdetails": "1"}
            return await self._ask("/search", query, lambda answer: [_nominatim(item) for item in answer])
        query = {"q": text, "limit": str(limit)}
        if near:
            query |= {"lat": str(near.lat), "lon": str(near.lon)}
        return await self._ask("/api", query, _photon_list)

    async def reverse(self, point: Point) -> Found | None:
        query = {"lat": str(point.lat), "lon": str(point.lon)}
        if self._dialect == "nominatim":
            query |= {"format": "jsonv2", "addressdetails": "1"}
            return await self._ask("/reverse", query, lambda one: _nominatim(one) if "lat" in one else None)
        found = await self._ask("/reverse", query, _photon_list)
        return found[0] if found else None

    async def close(self) -> None:
        await self._client.aclose()

    async def _ask[T](self, path: str, query: Mapping[str, str], read: Callable[[Any], T]) -> T:
        """Ask the server and read its answer; an answer of another shape is no answer."""
        try:
            response = await self._client.get(path, params=query)
            response.raise_for_status()
            return read(response.json())
        except (httpx.HTTPError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise GeocoderDownError(f"the geocoding server can't be asked: {error!r}") from error


def _nominatim(item: Mapping[str, Any]) -> Found:
    address = item.get("address", {})
    number, street = address.get("house_number", ""), address.get("road", "")
    kind = Kind.HOUSE if number else Kind.STREET if street else Kind.PLACE
    name = str(item.get("name") or "")
    if name and name != street and kind is Kind.HOUSE:
        kind = Kind.POI
    return Found(
        kind,
        f"{street}, {number}" if number and street else str(item["display_name"]),
        Point(float(item["lat"]), float(item["lon"])),
        round(min(1.0, 0.5 + float(item.get("importance") or 0.0) / 2), 3),
        street=street,
        number=number,
        name=name,
        town=str(address.get("city") or address.get("town") or address.get("village") or ""),
        district=str(address.get("suburb") or address.get("city_district") or ""),
        postcode=str(address.get("postcode") or ""),
        category=f"{item.get('category', '')}={item.get('type', '')}",
    )


def _photon_list(answer: Mapping[str, Any]) -> list[Found]:
    return [_photon(item, order) for order, item in enumerate(answer["features"])]


def _photon(item: Mapping[str, Any], order: int) -> Found:
    about = item["properties"]
    lon, lat = item["geometry"]["coordinates"]
    number, street, name = (str(about.get(key) or "") for key in ("housenumber", "street", "name"))
    kind = Kind.POI if name and number else Kind.HOUSE if number else Kind.STREET if street else Kind.PLACE
    if about.get("osm_key") == "highway":
        kind, street = Kind.STREET, name
    return Found(
        kind,
        f"{street}, {number}" if number and street else name or street,
        Point(lat, lon),
        round(max(0.3, 0.9 - 0.1 * order), 3),  # Photon gives an order but no score
        street=street,
        number=number,
        name=name,
        town=str(about.get("city") or ""),
        district=str(about.get("district") or ""),
        postcode=str(about.get("postcode") or ""),
        category=f"{about.get('osm_key', '')}={about.get('osm_value', '')}",
    )
