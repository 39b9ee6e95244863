"""What the rest of the service asks of addresses, whoever answers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from brigada.kit.geo import Point


class Kind(StrEnum):
    """What was found."""

    HOUSE = "house"
    INTERPOLATED = "interpolated"
    """A house that is not on the map, put between its neighbours by its number."""
    STREET = "street"
    CROSSING = "crossing"
    POI = "poi"
    PLACE = "place"
    POINT = "point"
    """Coordinates that were typed."""


@dataclass(frozen=True, slots=True)
class Found:
    """One candidate. `confidence` is 0 to 1; `district` and `town` tell equal addresses apart."""

    kind: Kind
    label: str
    point: Point
    confidence: float
    street: str = ""
    number: str = ""
    name: str = ""
    town: str = ""
    district: str = ""
    postcode: str = ""
    category: str = ""
    distance_m: float | None = None
    ambiguous: bool = False
    """Another candidate is as good as this one: ask the caller for the district."""


class GeocoderDownError(Exception):
    """The engine can't answer now."""


class Geocoder(Protocol):
    """An engine that knows addresses."""

    async def search(self, text: str, limit: int = 5, near: Point | None = None) -> list[Found]:
        """Candidates for what somebody typed, the best first. `near` settles ties.

        Raises:
            GeocoderDownError: the engine can't answer.
        """
        ...

    async def reverse(self, point: Point) -> Found | None:
        """The address nearest to a point, or None where there is none within a short walk.

        Raises:
            GeocoderDownError: the engine can't answer.
        """
        ...

    async def close(self) -> None:
        """Give back what the engine holds. Calling it twice does nothing."""
        ...
