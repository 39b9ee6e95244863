"""Everything of the demo city that is neither street nor house: water, parks, borders, institutions."""

import math
import random
from dataclasses import dataclass

import shapely
from shapely import LineString, Polygon

from brigada.regions.democity import ground, names
from brigada.regions.democity.canvas import XY, Canvas
from brigada.regions.democity.houses import House, district_key
from brigada.regions.democity.plan import Street

TIME_ZONE = "Europe/Moscow"


@dataclass(frozen=True, slots=True)
class Landmark:
    """A named institution: `kind` is the OSM tag as `key=value`, `x` and `y` metres from the centre."""

    name: str
    kind: str
    x: float
    y: float
    address: str


# (tag, names or a pattern with {n}, how many, at most so far from the centre in metres)
_INSTITUTIONS: tuple[tuple[str, tuple[str, ...] | str, int, float], ...] = (
    ("amenity=hospital", ("Областная клиническая больница", "Городская больница № 1",
                          "Детская городская больница", "Больница скорой медицинской помощи",
                          "Родильный дом № 1"), 5, 3_600),
    ("emergency=ambulance_station", "Подстанция скорой помощи № {n}", 8, 4_400),
    ("amenity=clinic", "Поликлиника № {n}", 7, 4_000),
    ("amenity=school", "Школа № {n}", 22, 4_400),
    ("amenity=kindergarten", "Детский сад № {n}", 24, 4_400),
    ("amenity=university", ("Бригадский государственный университет", "Медицинский институт"), 2, 1_500),
    ("amenity=police", "Отдел полиции № {n}", 5, 4_000),
    ("amenity=fire_station", "Пожарная часть № {n}", 5, 4_200),
    ("amenity=theatre", ("Театр драмы", "Театр кукол «Теремок»"), 2, 1_200),
    ("amenity=cinema", ("Кинотеатр «Октябрь»", "Кинотеатр «Заря»"), 2, 2_500),
    ("amenity=townhall", ("Администрация города Бригадска",), 1, 700),
    ("amenity=library", "Библиотека № {n}", 6, 3_500),
    ("amenity=post_office", "Почта № 1745{n:02d}", 10, 4_400),
    ("amenity=pharmacy", ("Аптека «Здоровье»", "Аптека «Ромашка»", "Аптека «Живика»",
                          "Аптека «Будь здоров»"), 30, 4_400),
    ("shop=mall", ("ТЦ «Речной»", "ТРК «Космос»", "ТЦ «Мираж»"), 3, 3_000),
    ("shop=supermarket", ("Магнит", "Пятёрочка", "Дикси", "Светлый двор"), 44, 4_400),
    ("shop=convenience", ("Продукты", "Берёзка", "Уют", "Колосок"), 50, 4_400),
    ("amenity=cafe", ("Кафе «Шоколад»", "Столовая № 5", "Кафе «Уют»", "Пекарня «Каравай»"), 24, 3_000),
    ("amenity=bank", ("Сбербанк", "Народный банк"), 12, 3_000),
    ("amenity=fuel", "АЗС № {n}", 9, 4_400),
    ("tourism=hotel", ("Гостиница «Бригадск»", "Гостиница «Волна»", "Отель «Центральный»"), 3, 2_000),
    ("leisure=sports_centre", ("ФОК «Олимп»", "Бассейн «Дельфин»", "Ледовый дворец"), 3, 3_500),
    ("amenity=nursing_home", ("Дом престарелых «Тёплый дом»",), 1, 4_300),
    ("amenity=place_of_worship", ("Троицкий собор", "Никольская церковь", "Мечеть"), 3, 3_000),
)  # fmt: skip


def institutions(houses: list[House], rng: random.Random) -> list[Landmark]:
    """Give some houses of the city an institution, apart from each other; the house keeps its address."""
    free = [h for h in houses if h.town == names.CITY and h.kind != "industrial"]
    rng.shuffle(free)
    landmarks: list[Landmark] = []
    for tag, titles, count, reach in _INSTITUTIONS:
        key, value = tag.split("=")
        apart = 900.0 if key == "emergency" or value == "hospital" else 250.0
        taken: list[House] = []
        for house in free:
            if len(taken) == count:
                break
            near = any(math.hypot(house.x - o.x, house.y - o.y) < apart for o in taken)
            if near or house.extra or math.hypot(house.x, house.y) > reach:
                continue
            n = len(taken) + 1
            name = titles.format(n=n) if isinstance(titles, str) else titles[(n - 1) % len(titles)]
            house.extra = {key: value, "name": name}
            taken.append(house)
            landmarks.append(Landmark(name, tag, house.x, house.y, f"{house.street}, {house.number}"))
    return landmarks


def draw_ground(canvas: Canvas) -> list[Landmark]:
    """River, lake, railway with its stations, parks, industry, forest around."""
    reach = int(ground.CITY_RADIUS + 2_800)
    xs = range(-reach, reach + 1, 120)
    line = [(float(x), ground.river_y(x)) for x in xs]
    canvas.way([canvas.node(*p) for p in line], {"waterway": "river", "name": names.RIVER})
    bank = LineString(line).buffer(ground.RIVER_HALF_WIDTH, cap_style="flat")
    canvas.polygon(_outline(bank), {"natural": "water", "water": "river", "name": f"река {names.RIVER}"})
    canvas.polygon(ground.LAKE.outline(), {"natural": "water", "water": "lake", "name": names.LAKE})
    for park in ground.PARKS:
        canvas.polygon(park.outline(), {"leisure": "park", "name": park.name})
    canvas.polygon(ground.INDUSTRY.outline(), {"landuse": "industrial", "name": ground.INDUSTRY.name})
    canvas.polygon(ground.CEMETERY.outline(), {"landuse": "cemetery", "name": ground.CEMETERY.name})
    city = ground.Disc("", (0.0, 0.0), ground.CITY_RADIUS - 120)
    canvas.polygon(city.outline(64, uneven=0.02), {"landuse": "residential"})
    for n in range(9):
        angle = 2 * math.pi * (n + 0.45) / 9
        centre = (6_400 * math.cos(angle), 6_400 * math.sin(angle))
        if abs(ground.above_river(*centre)) > 900:
            canvas.polygon(ground.Disc("", centre, 820.0).outline(), {"landuse": "forest"})
    rails = [canvas.node(float(x), ground.rail_y(x)) for x in xs]
    canvas.way(rails, {"railway": "rail", "bridge": "yes", "layer": "2"})
    stations = []
    for name, x in (("Бригадск-Главный", -150.0), ("платформа Восточная", 2_650.0)):
        y = ground.rail_y(x) - 24
        canvas.node(x, y, {"railway": "station", "name": name, "public_transport": "station"})
        stations.append(Landmark(name, "railway=station", x, y, ""))
    return stations


def draw_borders(canvas: Canvas, villages: list[tuple[str, str, list[XY]]]) -> None:
    """Places and administrative borders: the city with its time zone, its districts, the settlements."""
    edge = ground.Disc("", (0.0, 0.0), ground.CITY_RADIUS).outline(72, uneven=0.02)
    way = canvas.polygon(edge, {})
    tags = {"boundary": "administrative", "admin_level": "8", "name": names.CITY, "place": "city"}
    canvas.relation([("w", way, "outer")], {"type": "boundary", **tags, "timezone": TIME_ZONE})
    city = {"place": "city", "name": names.CITY, "name:en": names.CITY_LATIN, "population": "118000"}
    canvas.node(0, 0, {**city, "timezone": TIME_ZONE})
    for key, polygon in _districts(Polygon(edge)).items():
        name = names.SUBURBS[key]
        way = canvas.polygon(_outline(polygon), {})
        tags = {"type": "boundary", "boundary": "administrative", "admin_level": "9", "name": name}
        canvas.relation([("w", way, "outer")], tags)
        inside = polygon.representative_point()
        canvas.node(inside.x, inside.y, {"place": "suburb", "name": name})
    for name, place, outline in villages:
        land = "allotments" if place == "allotments" else "residential"
        tags = {"landuse": land, "name": name}
        canvas.polygon(outline, tags if place == "allotments" else {**tags, "place": place})
        middle = Polygon(outline).centroid
        if place != "allotments":
            canvas.node(middle.x, middle.y, {"place": place, "name": name})


def _districts(city: Polygon) -> dict[str, Polygon]:
    """The districts as polygons, cut by the same lines as `houses.district_key`."""
    far = ground.CITY_RADIUS * 3
    xs = range(-7_500, 7_501, 60)
    bank = [(float(x), ground.river_y(x)) for x in xs]
    north = Polygon([*bank, (7_500, far), (-7_500, far)])
    centre = Polygon(ground_circle(1_300)).intersection(north)

    def sector(start: float, stop: float) -> Polygon:
        corners = [(0.0, 0.0)]
        for n in range(41):
            angle = math.radians(start + (stop - start) * n / 40)
            corners.append((far * math.cos(angle), far * math.sin(angle)))
        return Polygon(corners)

    rest = city.intersection(north).difference(centre)
    parts = {
        "centre": centre,
        "south": city.difference(north),
        "north": rest.intersection(sector(50, 130)),
        "east": rest.intersection(sector(-90, 50)),
        "west": rest.intersection(sector(130, 270)),
    }
    # Rounded to metres: corners that fall together in a file would break the ring.
    whole = {key: shapely.set_precision(part, 1.0) for key, part in parts.items()}
    return {key: max(_polygons(part), key=lambda p: p.area) for key, part in whole.items()}


def ground_circle(radius: float, corners: int = 96) -> list[XY]:
    step = 2 * math.pi / corners
    return [(radius * math.cos(n * step), radius * math.sin(n * step)) for n in range(corners)]


def _polygons(shape: object) -> list[Polygon]:
    if isinstance(shape, Polygon):
        return [shape]
    return [part for part in getattr(shape, "geoms", ()) if isinstance(part, Polygon)]


def _outline(shape: object) -> list[XY]:
    largest = max(_polygons(shape), key=lambda p: p.area)
    return [(float(x), float(y)) for x, y in largest.exterior.coords]


def bus_stops(streets: list[Street], canvas: Canvas, rng: random.Random) -> None:
    """Stops along the avenues, called after a place nearby, as in life."""
    titles = (
        "Рынок",
        "Школа",
        "Больница",
        "Площадь",
        "Универмаг",
        "Стадион",
        "Дом культуры",
        "Автовокзал",
        "Завод",
    )
    for street in streets:
        if street.highway not in {"primary", "tertiary"}:
            continue
        for chain in street.chains:
            for node in chain[2:-2:3]:
                x, y = canvas.xy(node)
                if math.hypot(x, y) > ground.CITY_RADIUS:
                    continue
                title = f"{rng.choice(titles)} ({names.SUBURBS[district_key(x, y)].split()[0]})"
                canvas.node(
                    x + 12, y + 9, {"highway": "bus_stop", "name": title, "public_transport": "platform"}
                )
