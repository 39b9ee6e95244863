"""What somebody typed, taken apart: which words may be the street, which the house, which neither.

A number can be a house or a part of a name (`8 Марта 5`), so the parser does not decide: it gives hypotheses,
and the index says which one fits an address that exists.
"""

import re
from dataclasses import dataclass, field, replace

from brigada.geocoding.numbers import Number, parse_number
from brigada.geocoding.spelling import (
    NAMES_BY_KIND,
    SHORT_INSTITUTIONS,
    STOP_WORDS,
    fold,
    type_as_typed,
    type_of,
)
from brigada.kit.geo import Point

_LETTERS_NS, _LETTERS_EW = "nsсюНSЮС", "ewвзEВWЗ"
_DEGREES = r"[+-]?\d{1,3}(?:\.\d+|,\d{3,})"
_COORDINATES = re.compile(
    rf"^\s*(?P<ns1>[{_LETTERS_NS}])?\.?\s*(?P<a>{_DEGREES})\s*°?\s*(?P<ns>[{_LETTERS_NS}])?(?:\.?\s*ш\.?)?\s*[,;\s]\s*"
    rf"(?P<ew1>[{_LETTERS_EW}])?\.?\s*(?P<b>{_DEGREES})\s*°?\s*(?P<ew>[{_LETTERS_EW}])?(?:\.?\s*д\.?)?\s*$",
    re.IGNORECASE,
)
_SEXAGESIMAL = re.compile(
    r"(?P<d>\d{1,3})\s*°\s*(?P<m>\d{1,2}(?:[.,]\d+)?)\s*['’′]\s*(?:(?P<s>\d{1,2}(?:[.,]\d+)?)\s*(?:\"|”|″|''))?"
)
"""Degrees, minutes and seconds, which become decimal degrees."""

_CROSSING_WORDS = ("угол", "углу", "перекресток", "перекрестке", "пересечение", "пересечении", "пересекает")
_CROSSING_START = re.compile(r"^\s*(?:на\s+)?(?:угол|углу|угл|перек\w*|перес\w*)\b\.?")
_SPLIT_CROSSING = re.compile(
    r"\s(?:и|с|со|x|х|&|\+|угол|перекресток|пересечение|and)\s|(?<!\d)\s*/\s*|\s*/\s*(?!\d)|\s*[&+]\s*"
)
_MOST_WORDS_OF_A_CROSSING = 5
"""Longer texts without a house number are told by their words alone."""

# Flat, entrance, floor, intercom: for the crew, not for the search.
_INSIDE = re.compile(
    r"(?:\b(?:кв|квартира|подъезд|под|пд|подьезд|эт|этаж|домофон|код|офис|оф|комната|комн|ком)\b\.?\s*[№#]?\s*\d+[а-я]?)"
    r"|(?:\b\d+\s*[-й]*\s*(?:подъезд|подьезд|этаж|эт)\b\.?(?!\s*\d))"
)

_HOUSE = re.compile(
    r"(?<![\w/-])(?:(?:дом|д)\s*[.№]?\s*)?(?P<number>\d{1,4}(?:\s?(?![кс]\s*[.-]?\s*\d)[а-яa-z](?![а-яa-z0-9-]))?(?:\s*/\s*\d{1,4}[а-яa-z]?)?"
    r"(?:\s*(?:корпус|корп|кор|к)\s*[.-]?\s*\d{1,3}(?:[а-яa-z](?![а-яa-z0-9]))?)?"
    r"(?:\s*(?:строение|стр|с)\s*[.-]?\s*\d{1,3}(?:[а-яa-z](?![а-яa-z0-9]))?)?"
    r"(?:\s*(?:литера|лит)\s*\.?\s*[а-яa-z](?![а-яa-z]))?)"
    r"(?:\s*-\s*(?P<to>\d{1,4}))?(?![\w/])"
)

_WORD = re.compile(
    r"[а-я]_|\d+(?:-?(?:я|й|ая|ый|ий|ой|го|е|ое|st|nd|rd|th))(?![а-яa-z])|\d+|[a-zа-я]+(?:-[a-zа-я]+)*"
)
_ORDINAL = re.compile(r"(\d+)-?(?:я|й|ая|ый|ий|ой|го|е|ое|st|nd|rd|th)")


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One way to read the text. `words` are names, `types` kinds of street, `spare` numbers left over.

    `starts` are single letters that may begin a word of the name (`м. горького`), `also` what a
    short kind of street stands for in the name of an institution; `aside` counts words taken for a remark.
    """

    words: tuple[str, ...]
    types: tuple[str, ...]
    number: Number | None = None
    number_text: str = ""
    to: int | None = None
    spare: int = 0
    starts: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    aside: int = 0
    number_first: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A text with its readings; `crossings` are the pairs of streets that it may name.

    `said` tells that the text itself speaks of a crossing.
    """

    hypotheses: tuple[Hypothesis, ...] = ()
    point: Point | None = None
    crossings: tuple[tuple[Hypothesis, Hypothesis], ...] = field(default_factory=tuple)
    said: bool = False


def parse(text: str) -> Query:
    """Take a query apart. An empty one has no hypotheses."""
    point = parse_point(text)
    if point:
        return Query(point=point)
    plain = _INSIDE.sub(" ", unglued(fold(text)))
    readings = tuple(_readings(plain))
    crossings, said = _crossings(plain)
    if not said and any(reading.number for reading in readings):
        crossings = ()  # a house was asked for
    return Query(readings, crossings=crossings, said=said)


def parse_point(text: str) -> Point | None:
    """Coordinates in degrees, latitude first unless the letters or the sizes say otherwise."""
    decimal = _SEXAGESIMAL.sub(_as_degrees, text)
    found = _COORDINATES.match(decimal.replace("°", "° "))
    if not found:
        return None
    first, second = (float(found[key].replace(",", ".")) for key in ("a", "b"))
    if (found["ns"] or found["ns1"] or "n").lower() in "юs":
        first = -first
    if (found["ew"] or found["ew1"] or "e").lower() in "зw":
        second = -second
    if abs(first) > 90:
        first, second = second, first
    return Point(first, second) if abs(first) <= 90 and abs(second) <= 180 else None


def _as_degrees(found: "re.Match[str]") -> str:
    minutes, seconds = (float((found[key] or "0").replace(",", ".")) for key in ("m", "s"))
    return f"{int(found['d']) + minutes / 60 + seconds / 3600:.7f}"


def unglued(text: str) -> str:
    """`ленина12`, `ленина-12` and `пр78` as two words, `д/с` as one, dots after abbreviations as spaces."""
    text = re.sub(r"\b([а-я])/([а-я])\b", r"\1\2", text)
    text = re.sub(r"([a-zа-я]{3,})-?(\d)", r"\1 \2", text)
    text = re.sub(r"\b([a-zа-я]{1,2})(\d)", _apart, text)
    text = re.sub(r"\b(наб[а-я]*[.\s]+)р\b\.?", r"\1реки ", text)
    # a letter with a dot begins a name (`в. садовая`), but for those that shorten a kind of place
    text = re.sub(r"\b([а-вежзийклмно-рт-цщэюя])\.\s*(?=[а-я]{4})", r"\1_ ", text)
    text = re.sub(r"(?<=[a-zа-я])\.(?=\S)", ". ", text)
    return re.sub(r"[,;:.]+(?=\s|$)", " ", text).replace(",", " ")


def _apart(found: "re.Match[str]") -> str:
    return f"{found[1]} {found[2]}" if type_of(found[1]) else found[0]


def _readings(text: str) -> list[Hypothesis]:
    """All hypotheses: without a house, with each number as the house, and with what follows as a remark."""
    readings = [_reading(text, None)]
    for found in _HOUSE.finditer(text):
        readings.append(_reading(text, found))
        if (aside := len(_words(text[found.end() :]).words)) and _words(text[: found.start()]).words:
            readings.append(replace(_reading(text[: found.end()], found), aside=aside))
    readings += [more for reading in readings for more in _named_by_kind(reading)]
    unique: list[Hypothesis] = []
    for reading in readings:
        if (reading.words or reading.types) and reading not in unique:
            unique.append(reading)
    return unique


def _named_by_kind(reading: Hypothesis) -> list[Hypothesis]:
    """The reading with a kind of street as a name: `Озёрный Набережная 3` is a town and a street."""
    return [
        replace(reading, words=(*reading.words, kind), types=tuple(t for t in reading.types if t != kind))
        for kind in dict.fromkeys(reading.types)
        if kind in NAMES_BY_KIND and reading.words
    ]


def _reading(text: str, house: "re.Match[str] | None") -> Hypothesis:
    if house is None:
        plain = _words(text)
        return Hypothesis(plain.words, plain.types, starts=plain.starts, also=plain.also)
    before = _words(text[: house.start()])
    after = _words(text[house.end() :], behind_house=bool(before.words or before.types))
    spare = after.spare
    to = int(house["to"]) if house["to"] else None
    number = parse_number(house["number"])
    # 12-14 is a range of neighbours; 12-45 is house 12, flat 45
    if to is not None and number and not (0 < to - number.main <= 20 and (to - number.main) % 2 == 0):
        to, spare = None, spare + 1
    return Hypothesis(
        before.words + after.words,
        before.types + after.types,
        number,
        house["number"].strip(),
        to,
        spare,
        before.starts,
        before.also,
        number_first=not before.words,
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """A piece of text taken apart; the fields are those of a hypothesis."""

    words: tuple[str, ...]
    types: tuple[str, ...]
    spare: int
    starts: tuple[str, ...]
    also: tuple[str, ...]


def _words(text: str, *, behind_house: bool = False) -> _Words:
    words: list[str] = []
    types: list[str] = []
    starts: list[str] = []
    also: list[str] = []
    spare = 0
    for token in _WORD.findall(text):
        if token.endswith("_"):
            starts.append(token[0])
            continue
        kinds = type_as_typed(token)
        ordinal = _ORDINAL.fullmatch(token)
        if token in SHORT_INSTITUTIONS:
            also.append(SHORT_INSTITUTIONS[token])
        if kinds:
            types.extend(kinds)
        elif ordinal:
            words.append(ordinal[1])
        elif token.isdigit() and behind_house:
            spare += 1
        elif token in STOP_WORDS or token in _CROSSING_WORDS:
            continue
        elif len(token) > 1 or token.isdigit():
            words.append(token)
        else:
            starts.append(token)
    return _Words(tuple(words), tuple(types), spare, tuple(starts), tuple(also))


def _crossings(text: str) -> tuple[tuple[tuple[Hypothesis, Hypothesis], ...], bool]:
    """Pairs of streets that the text may name, and whether it speaks of a crossing."""
    bare = _CROSSING_START.sub(" ", text)
    said = bare != text
    parts = [part for part in _SPLIT_CROSSING.split(f" {bare.strip()} ") if part.strip()]
    if len(parts) == 2:
        said = True
    elif len(parts) == 1:
        parts = [part for part in re.split(r"\s-\s|-", bare) if part.strip()]
    if len(parts) == 2:
        pairs = [(_reading(parts[0], None), _reading(parts[1], None))]
    else:
        tokens = bare.split()
        few = 2 <= len(tokens) <= _MOST_WORDS_OF_A_CROSSING
        pairs = [
            (_reading(" ".join(tokens[:n]), None), _reading(" ".join(tokens[n:]), None))
            for n in range(1, len(tokens) if few else 0)
        ]
    return tuple((one, other) for one, other in pairs if one.words and other.words), said
