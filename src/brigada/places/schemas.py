"""Shapes of addresses and of the region."""

from brigada.geocoding.port import Kind
from brigada.schema import PointOut, View


class FoundOut(View):
    """One candidate for an address."""

    kind: Kind
    label: str
    """The address in one line, as it is best stored in a call."""
    location: PointOut
    confidence: float
    """0 to 1; below 0.6 the words fit only in part."""
    street: str
    number: str
    name: str
    """Of an institution, a settlement, or the second street of a crossing."""
    town: str
    district: str
    postcode: str
    category: str
    """OSM's tag of an institution, e.g. `amenity=hospital`."""
    distance_m: float | None
    """From the point that was asked for (reverse search)."""
    ambiguous: bool
    """Equal addresses lie in several places: ask for the district."""


class FoundList(View):
    items: list[FoundOut]
    next_cursor: str | None


class BoundsOut(View):
    south: float
    west: float
    north: float
    east: float


class RegionOut(View):
    """The region in use; all None but `installed` where there is none."""

    installed: bool
    name: str | None
    title: str | None
    build: str | None
    bounds: BoundsOut | None
    centre: PointOut | None
    time_zone: str | None
    attribution: str
    tiles: str | None
    """Address of the base map's vector tiles, with {z}, {x} and {y}."""
    min_zoom: int | None
    max_zoom: int | None
    layers: list[str]
    outside: str
    """What happens to calls outside the bounds: refuse, warn, accept."""
