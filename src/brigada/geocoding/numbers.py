"""House numbers: `12`, `12А`, `12 к2`, `12 с1`, `12/5`, and how near one is to another."""

import re
from dataclasses import dataclass, replace

_FORM = re.compile(
    r"(?P<main>\d{1,4})\s*(?P<letter>(?![кс]\s*[.-]?\s*\d)[а-яa-z](?![а-яa-z0-9]))?"
    r"(?:\s*/\s*(?P<slash>\d{1,4}\s*[а-яa-z]?(?![а-яa-z])))?"
    r"(?:\s*(?:корпус|корп|кор|-к|к)\s*[.-]?\s*(?P<block>\d{1,3}(?:[а-яa-z](?![а-яa-z0-9]))?))?"
    r"(?:\s*(?:строение|стр|с)\s*[.-]?\s*(?P<building>\d{1,3}(?:[а-яa-z](?![а-яa-z0-9]))?))?"
    r"(?:\s*(?:литера|лит\.?)\s*(?P<litera>[а-яa-z]))?"
)


@dataclass(frozen=True, slots=True)
class Number:
    """A house number in parts; empty where a part is absent."""

    main: int
    letter: str = ""
    slash: str = ""
    block: str = ""
    building: str = ""

    def likeness(self, other: "Number") -> float:
        """How well this number, as it was asked for, fits another that is on the map: 0 to 1."""
        if self.main != other.main:
            return 0.0
        if self.slash and not other.slash and self.slash in {other.block, other.building}:
            # 22/2 is said of 22 к2 as often as of a corner
            return 0.97 * replace(self, slash="", block=other.block, building=other.building).likeness(other)
        score = 1.0
        for mine, theirs, lost in (
            (self.letter, other.letter, 0.25),
            (self.block, other.block, 0.25),
            (self.building, other.building, 0.15),
            (self.slash, other.slash, 0.08),
        ):
            if mine != theirs:
                # Asked for and another one there is worse than not asked for at all.
                score -= lost if mine else lost * 0.6
        return max(score, 0.1)


def parse_number(text: str) -> Number | None:
    """A number as it stands on the map or in a query, or None where there is none at the beginning."""
    found = _FORM.match(text.lower().replace("ё", "е").strip())
    if not found:
        return None
    letter = found["letter"] or found["litera"] or ""
    return Number(
        int(found["main"]),
        letter,
        (found["slash"] or "").replace(" ", ""),
        found["block"] or "",
        found["building"] or "",
    )
