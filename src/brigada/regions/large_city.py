"""A paper city of 300,000 addresses for measuring the search: names of the right shapes, no map behind it."""

import random
from pathlib import Path

from brigada.regions.democity.names import street_names
from brigada.regions.gathered import Gathered, RawAddress, RawPlace, RawPoi, RawWay
from brigada.regions.places import write_places
from brigada.regions.progress import silent

STREETS = 4_200
HOUSES = 72  # on each street: 302,400 addresses
POIS = 20_000
DISTRICTS = (
    "Адмиралтейский",
    "Невский",
    "Приморский",
    "Выборгский",
    "Кировский",
    "Московский",
    "Калининский",
)
_SYLLABLES = (
    "ка ро ми ле со ти на ве ду по ра зе бо га ши лу мо че ни ва тро стра гле пор кун дом бел чер зол сер"
)
_CITY = "Большой Город"


def write_large_city(path: Path, *, streets: int = STREETS) -> int:
    """Write an address index of `streets` times 72 houses; the number of addresses. About 20 s for the full size."""
    rng = random.Random(1)  # noqa: S311  a drawing, not a secret
    gathered = Gathered(south=59.7, north=60.1, west=29.6, east=30.8)
    names = _names(rng, streets)
    for n, name in enumerate(names):
        _street(gathered, rng, name, first_node=n * 12)
    kinds = ("amenity=pharmacy", "shop=supermarket", "amenity=school", "amenity=cafe")
    for n in range(POIS * streets // STREETS):
        at = gathered.addresses[rng.randrange(len(gathered.addresses))]
        word = rng.choice(names).split()[-1] if rng.random() < 0.5 else str(n)
        name = f"{rng.choice(('Аптека', 'Кафе', 'Школа №', 'Магазин'))} {word}"
        gathered.pois.append(RawPoi(at.lat, at.lon, name, rng.choice(kinds), at.street, at.number, ""))
    gathered.places.append(RawPlace(59.93, 30.31, _CITY, "city", 5_000_000))
    for name in DISTRICTS:
        lat, lon = _anywhere(rng)
        gathered.places.append(RawPlace(lat, lon, f"{name} район", "suburb", 0))
    return write_places(gathered, path, silent)["addresses"]


def _names(rng: random.Random, count: int) -> list[str]:
    syllables = _SYLLABLES.split()
    names = set(street_names())
    while len(names) < count:
        word = "".join(rng.choice(syllables) for _ in range(rng.randint(2, 4))).capitalize()
        shapes = (f"улица {word}ва", f"{word}ская улица", f"{word}ский проспект", f"{word}ский переулок")
        names.add(rng.choices(shapes, (50, 25, 10, 15))[0])
    return sorted(names)[:count]


def _street(gathered: Gathered, rng: random.Random, name: str, first_node: int) -> None:
    lat, lon = _anywhere(rng)
    line = [(lon + 0.0008 * k, lat + 0.0002 * k) for k in range(12)]
    gathered.ways.append(RawWay(name, list(range(first_node, first_node + 12)), line))
    for house in range(1, HOUSES + 1):
        chance = rng.random()
        number = (
            str(house) if chance < 0.85 else f"{house} к{rng.randint(2, 4)}" if chance < 0.94 else f"{house}А"
        )
        spot = (lat + 0.0002 * (house / 6 + house % 2), lon + 0.0008 * house / 6)
        gathered.addresses.append(RawAddress(*spot, number, name, "", _CITY, "190000"))


def _anywhere(rng: random.Random) -> tuple[float, float]:
    return 59.75 + rng.random() * 0.3, 29.7 + rng.random()
