"""In which time zone a region lies."""

import re
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from brigada.kit.geo import Point, haversine_m

_COORDINATES = re.compile(r"([+-]\d+)([+-]\d+)")


_LIKELY_WITHIN_M = 1_500_000.0  # a time zone is about as wide


def time_zone_of(centre: Point, tagged: list[tuple[int, str]], likely: str = "") -> tuple[str, bool]:
    """(IANA time zone, whether it was guessed): a border's tag, else `likely`, else the nearest main city's.

    `likely` (the service's own) is believed where its main city is not too far: Saint Petersburg is nearer to
    Helsinki than to Moscow. The guess takes the table of principal places that comes with the tz database
    (`zone1970.tab`); near a border between zones it may be wrong, which is why it is marked.
    """
    for _, name in sorted(tagged):
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
        return name, False
    nearest, reach = "UTC", float("inf")
    table = resources.files("tzdata.zoneinfo").joinpath("zone1970.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        columns = line.split("\t")
        found = _COORDINATES.fullmatch(columns[1]) if not line.startswith("#") and len(columns) > 2 else None
        if found:
            place = Point(_degrees(found[1], 2), _degrees(found[2], 3))
            distance = haversine_m(centre, place)
            if columns[2] == likely and distance < _LIKELY_WITHIN_M:
                return likely, True
            if distance < reach:
                nearest, reach = columns[2], distance
    return nearest, True


def _degrees(text: str, digits: int) -> float:
    """ISO 6709: sign, degrees in `digits` places, minutes and perhaps seconds in two places each."""
    sign = -1.0 if text[0] == "-" else 1.0
    body = text[1:]
    value = int(body[:digits]) + int(body[digits : digits + 2]) / 60
    if len(body) > digits + 2:
        value += int(body[digits + 2 :]) / 3600
    return sign * value
