"""Changes as somebody types them on the command line: `teams -2 22-6; norm 15`. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Final

from brigada.whatif.past import CRITICALITIES

GRAMMAR: Final = (
    "teams COUNT [FROM-TO] [PROFILE] [at STATION]",
    "post LAT,LON [NAME] [teams N] [additional]",
    "close STATION",
    "norm [CRITICALITY] MINUTES",
    "calls PERCENT",
    "rules home|standby|divert|keep|urgent|equal …",
)
PROFILES: Final = ("paramedic", "physician", "intensive_care", "paediatric", "psychiatric", "obstetric")
_RULES: Final = {
    "home": ("standby", False), "standby": ("standby", True), "divert": ("switches", True),
    "keep": ("switches", False), "urgent": ("urgent_first", True), "equal": ("urgent_first", False),
}  # fmt: skip
_NUMBER = r"[+\-−]?\d+(?:[.,]\d+)?"
_HOURS = re.compile(r"(\d{1,2})(?::(\d\d))?[-–](\d{1,2})(?::(\d\d))?")
_POINT = re.compile(r"(-?\d+\.\d+),(-?\d+\.\d+)")


class WordingError(ValueError):
    """A change can't be understood; the message says which and why."""


def variant_of(text: str, stations: Mapping[str, int]) -> dict[str, Any]:
    """One variant: its changes, parted by `;`, after an optional `NAME =`. `stations`: numbers by name.

    Raises:
        WordingError.
    """
    name, _, rest = text.rpartition("=")
    changes: list[dict[str, Any]] = []
    for part in rest.split(";"):
        if part.strip():
            changes += _changes(part.strip(), stations)
    if not changes:
        raise WordingError(f"“{text}” changes nothing")
    return {"name": name.strip(), "changes": changes}


def _changes(text: str, stations: Mapping[str, int]) -> list[dict[str, Any]]:
    kind, *words = text.split()
    match kind:
        case "teams":
            return [_teams(text, words, stations)]
        case "post":
            return [_post(text, words)]
        case "close":
            return [{"kind": "close", "station_id": _station(text, words, stations)}]
        case "norm":
            return _norms(text, words)
        case "calls":
            return [{"kind": "calls", "percent": _number(text, " ".join(words).rstrip("% "))}]
        case "rules":
            return [{"kind": "rules", **dict(_rule(text, word) for word in words)}]
    raise WordingError(f"“{text}”: a change is one of: " + "; ".join(GRAMMAR))


def _teams(text: str, words: list[str], stations: Mapping[str, int]) -> dict[str, Any]:
    if not words:
        raise WordingError(f"“{text}”: say how many teams")
    found: dict[str, Any] = {"kind": "teams", "count": _number(text, words[0])}
    place = words.index("at") if "at" in words else len(words)
    for word in words[1:place]:
        hours = _HOURS.fullmatch(word)
        if hours:
            start, start_m, end, end_m = (int(part or 0) for part in hours.groups())
            found |= {"from_hour": start + start_m / 60, "to_hour": end + end_m / 60}
        elif word in PROFILES:
            found["profile"] = word
        else:
            raise WordingError(f"“{text}”: “{word}” is neither hours nor one of {', '.join(PROFILES)}")
    if place < len(words):
        found["station_id"] = _station(text, words[place + 1 :], stations)
    return found


def _post(text: str, words: list[str]) -> dict[str, Any]:
    point = _POINT.fullmatch(words[0]) if words else None
    if point is None:
        raise WordingError(f"“{text}”: begin with the place, for example 59.95,30.36")
    found: dict[str, Any] = {"kind": "post", "lat": float(point[1]), "lon": float(point[2])}
    rest = words[1:]
    if "additional" in rest:
        rest.remove("additional")
        found["additional"] = True
    if "teams" in rest:
        at = rest.index("teams")
        found["teams"] = _number(text, " ".join(rest[at + 1 : at + 2]))
        del rest[at : at + 2]
    return found | {"name": " ".join(rest)}


def _norms(text: str, words: list[str]) -> list[dict[str, Any]]:
    """Without a criticality, the norm of critical and important calls."""
    *names, minutes = words or [""]
    if [name for name in names if name not in CRITICALITIES]:
        raise WordingError(f"“{text}”: a criticality is one of {', '.join(CRITICALITIES)}")
    value = _number(text, minutes)
    return [{"kind": "norm", "criticality": name, "minutes": value} for name in names or CRITICALITIES[:2]]


def _rule(text: str, word: str) -> tuple[str, bool]:
    if word not in _RULES:
        raise WordingError(f"“{text}”: a rule is one of {', '.join(_RULES)}")
    return _RULES[word]


def _station(text: str, words: list[str], stations: Mapping[str, int]) -> int:
    """By name, or by number."""
    name = " ".join(words)
    if name.isdecimal() and int(name) in stations.values():
        return int(name)
    if name not in stations:
        raise WordingError(
            f"“{text}”: there is no station “{name}”; there are: " + ", ".join(sorted(stations))
        )
    return stations[name]


def _number(text: str, word: str) -> float | int:
    if not re.fullmatch(_NUMBER, word):
        raise WordingError(f"“{text}”: “{word}” is no number")
    value = float(word.replace(",", ".").replace("−", "-"))
    return int(value) if value.is_integer() else value
