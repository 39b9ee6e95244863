"""Which things of OpenStreetMap the base map shows, in which layer, and from which zoom on.

Layers and their properties are a contract with the console's style; `docs/regions.md` lists them.
"""

from collections.abc import Mapping

LAYERS = ("land", "water", "waterways", "buildings", "rails", "roads", "boundaries", "places", "pois")

_ROADS = {
    "motorway": 5, "trunk": 6, "primary": 7, "secondary": 9, "tertiary": 10, "unclassified": 11,
    "residential": 11, "living_street": 12, "pedestrian": 12, "service": 13, "track": 13,
    "footway": 14, "cycleway": 14, "path": 14, "steps": 14, "construction": 14,
}  # fmt: skip

_LAND = {
    ("landuse", "residential"): ("residential", 7), ("landuse", "industrial"): ("industrial", 9),
    ("landuse", "commercial"): ("commercial", 10), ("landuse", "retail"): ("commercial", 10),
    ("landuse", "forest"): ("forest", 7), ("natural", "wood"): ("forest", 7),
    ("landuse", "grass"): ("grass", 12), ("landuse", "meadow"): ("grass", 10),
    ("landuse", "farmland"): ("farmland", 9), ("landuse", "allotments"): ("allotments", 10),
    ("landuse", "cemetery"): ("cemetery", 11), ("landuse", "military"): ("military", 10),
    ("landuse", "railway"): ("railway", 11), ("leisure", "park"): ("park", 9),
    ("leisure", "garden"): ("park", 13), ("leisure", "nature_reserve"): ("forest", 8),
    ("leisure", "pitch"): ("pitch", 13), ("leisure", "stadium"): ("pitch", 12),
    ("natural", "scrub"): ("scrub", 10), ("natural", "heath"): ("scrub", 10),
    ("natural", "wetland"): ("wetland", 9), ("natural", "beach"): ("sand", 11),
    ("natural", "sand"): ("sand", 11), ("natural", "bare_rock"): ("rock", 10),
    ("natural", "glacier"): ("ice", 7),
    ("amenity", "hospital"): ("hospital", 11), ("amenity", "school"): ("school", 13),
    ("amenity", "university"): ("school", 12), ("amenity", "parking"): ("parking", 14),
    ("aeroway", "aerodrome"): ("aerodrome", 9),
}  # fmt: skip

_PLACES = {
    "country": 5, "state": 5, "city": 5, "town": 7, "village": 9, "hamlet": 11, "suburb": 10, "quarter": 12,
    "neighbourhood": 12, "isolated_dwelling": 13, "locality": 13, "allotments": 12,
}  # fmt: skip

_RAILS = {"rail": 8, "light_rail": 11, "tram": 12, "subway": 12, "narrow_gauge": 11}

# What helps to find a patient or to name where one is; from zoom 12 what crews drive to, from 14 the rest.
POI_KEYS = (
    "amenity",
    "emergency",
    "healthcare",
    "shop",
    "tourism",
    "leisure",
    "railway",
    "highway",
    "office",
    "historic",
)
# Of these keys only what people name to a dispatcher.
_POI_SOME = {
    "landuse": {"cemetery", "industrial", "military"},
    "natural": {"beach", "spring", "peak"},
    "aeroway": {"aerodrome", "terminal", "heliport"},
    "man_made": {"works", "wastewater_plant"},
    "place": {"square"},
}
_POI_EARLY = {"hospital", "ambulance_station", "station", "aerodrome", "park", "cemetery"}
_POI_VALUES_SKIPPED = {
    "parking", "bench", "waste_basket", "recycling", "bicycle_parking", "parking_space",
    "vending_machine", "street_lamp", "fire_hydrant", "residential", "service", "unclassified",
    "tertiary", "secondary", "primary", "trunk", "motorway", "living_street", "pedestrian", "track",
    "path", "footway", "cycleway", "steps", "rail", "traffic_signals", "crossing", "level_crossing",
    "switch", "yes", "no", "garden", "pitch", "give_way", "stop", "street_cabinet",
    "shelter", "turning_circle", "road", "construction", "platform", "halt_point",
    "motorway_junction", "motorway_link", "trunk_link", "primary_link", "secondary_link",
    "tertiary_link", "abandoned", "disused", "razed", "proposed", "subway", "tram", "light_rail",
    "nature_reserve", "wayside_cross",
}  # fmt: skip

type Properties = dict[str, str | int]
type Shown = tuple[str, Properties, int]


def poi_kind(tags: Mapping[str, str]) -> str:
    """`key=value` of what makes the object a point of interest, or an empty text."""
    for key in POI_KEYS:
        value = tags.get(key)
        if value and value not in _POI_VALUES_SKIPPED and (key != "highway" or value == "bus_stop"):
            return f"{key}={value}"
    for key, values in _POI_SOME.items():
        if "name" in tags and tags.get(key) in values:
            return f"{key}={tags[key]}"
    return ""


def line_layer(tags: Mapping[str, str]) -> Shown | None:
    """The layer, the properties and the first zoom of an open way, or None where the map leaves it out."""
    if highway := tags.get("highway"):
        kind = highway.removesuffix("_link")
        if kind not in _ROADS or tags.get("area") == "yes":
            return None
        properties: Properties = {"class": kind}
        if highway != kind:
            properties["link"] = 1
        for key in ("name", "ref"):
            if value := tags.get(key):
                properties[key] = value
        if tags.get("oneway") in {"yes", "1", "-1"}:
            properties["oneway"] = -1 if tags["oneway"] == "-1" else 1
        for key in ("bridge", "tunnel"):
            if tags.get(key, "no") != "no":
                properties[key] = 1
        return "roads", properties, _ROADS[kind] + (2 if highway != kind else 0)
    if (waterway := tags.get("waterway")) in {"river", "canal", "stream", "ditch", "drain"}:
        zoom = {"river": 7, "canal": 9, "stream": 12}.get(waterway, 14)
        return "waterways", _named({"class": waterway}, tags), zoom
    if (railway := tags.get("railway", "")) in _RAILS:
        properties = {"class": railway}
        if "service" in tags:
            properties["service"] = 1
        return "rails", properties, _RAILS[railway] + (2 if "service" in tags else 0)
    return None


def area_layer(tags: Mapping[str, str]) -> Shown | None:
    """The same for a polygon."""
    if tags.get("building", "no") != "no":
        properties: Properties = {"class": tags["building"]}
        if number := tags.get("addr:housenumber"):
            properties["number"] = number
        return "buildings", properties, 13
    if (
        tags.get("natural") == "water"
        or tags.get("waterway") == "riverbank"
        or tags.get("landuse")
        in {
            "reservoir",
            "basin",
        }
    ):
        return "water", _named({"class": tags.get("water", "water")}, tags), 6
    for key in ("landuse", "natural", "leisure", "amenity", "aeroway"):
        found = _LAND.get((key, tags.get(key, "")))
        if found:
            return "land", _named({"class": found[0]}, tags), found[1]
    if tags.get("boundary") == "administrative" and tags.get("admin_level", "") in {"4", "6", "8", "9"}:
        return "boundaries", {"level": int(tags["admin_level"]), **_named({}, tags)}, 8
    return None


def point_layer(tags: Mapping[str, str]) -> Shown | None:
    """The same for a node, or for the middle of an institution's polygon."""
    place = tags.get("place", "")
    if place in _PLACES and "name" in tags:
        properties = _named({"class": place}, tags)
        if tags.get("population", "").isdigit():
            properties["population"] = int(tags["population"])
        return "places", properties, _PLACES[place]
    kind = poi_kind(tags)
    if kind and ("name" in tags or kind.endswith("hospital")):
        value = kind.partition("=")[2]
        return "pois", _named({"class": value}, tags), 12 if value in _POI_EARLY else 14
    return None


def _named(properties: Properties, tags: Mapping[str, str]) -> Properties:
    if name := tags.get("name"):
        properties["name"] = name
    if latin := tags.get("name:en"):
        properties["name_en"] = latin
    return properties
