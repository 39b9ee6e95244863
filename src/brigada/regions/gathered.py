"""What one reading of an extract gathers about addresses and places, before it is put in order."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class RawAddress:
    """A house number as it was mapped. Degrees; empty texts where a tag is absent."""

    lat: float
    lon: float
    number: str
    street: str
    place: str
    city: str
    postcode: str
    estimated: bool = False


@dataclass(slots=True)
class RawWay:
    """A piece of a named road: node numbers and the places of the nodes as (longitude, latitude)."""

    name: str
    nodes: list[int]
    line: list[tuple[float, float]]


@dataclass(slots=True)
class RawPoi:
    """An institution, a shop, a stop: `kind` is its tag as `key=value`."""

    lat: float
    lon: float
    name: str
    kind: str
    street: str
    number: str
    other_names: str


@dataclass(slots=True)
class RawPlace:
    """A settlement or a part of one, as a point; `kind` is the value of `place`."""

    lat: float
    lon: float
    name: str
    kind: str
    population: int


@dataclass(slots=True)
class RawArea:
    """A border: a settlement or a district with its polygon as GeoJSON text."""

    name: str
    level: int
    place: str
    geojson: str


@dataclass(slots=True)
class Gathered:
    """Everything that the address index is made of."""

    addresses: list[RawAddress] = field(default_factory=list)
    ways: list[RawWay] = field(default_factory=list)
    pois: list[RawPoi] = field(default_factory=list)
    places: list[RawPlace] = field(default_factory=list)
    areas: list[RawArea] = field(default_factory=list)
    interpolations: list[tuple[str, list[int], list[tuple[float, float]]]] = field(default_factory=list)
    node_addresses: dict[int, int] = field(default_factory=dict)
    time_zones: list[tuple[int, str]] = field(default_factory=list)
    drivable_ways: int = 0
    south: float = 90.0
    west: float = 180.0
    north: float = -90.0
    east: float = -180.0
