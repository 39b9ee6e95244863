"""What somebody typed, taken apart: which words may be the street, which the house, which neither.

A number can be a house or a part of a name (`8 Марта 5`), so the parser does not decide: it gives hypotheses,
and the index says which one fits an address that exists.
"""

import re
from dataclasses import dataclass, field, replace

from brigada.geocoding.numbers import Number, parse_number
from brigada.geocoding.spelling import NAMES_BY_KIND, STOP_WORDS, fold, type_as_typed
from brigada.kit.geo import Point

_COORDINATES = re.compile(
    r"^\s*(?P<a>[+-]?\d{1,3}(?:\.\d+|,\d{3,}))\s*°?\s*(?P<ns>[nсюs])?\s*[,;\s]\s*"
    r"(?P<b>[+-]?\d{1,3}(?:\.\d+|,\d{3,}))\s*°?\s*(?P<ew>[eвзw])?\s*$",
    re.IGNORECASE,
)

_CROSSING_WORDS = ("угол", "перекресток", "перекрестке", "пересечение", "пересечении", "перекрёсток")
_SPLIT_CROSSING = re.compile(r"\s(?:и|с|x|х|&|\+|угол|and)\s|(?<!\d)\s*/\s*|\s*/\s*(?!\d)|\s*[&+]\s*")

# Flat, entrance, floor, intercom: for the crew, not for the search.
_INSIDE = re.compile(
    r"(?:\b(?:кв|квартира|подъезд|под|пд|подьезд|эт|этаж|домофон|код|офис|оф|комната|комн|ком)\b\.?\s*[№#]?\s*\d+[а-я]?)"
    r"|(?:\b\d+\s*[-й]*\s*(?:подъезд|подьезд|этаж|эт)\b\.?(?!\s*\d))"
)

_HOUSE = re.compile(
    r"(?<![\w/-])(?:(?:дом|д)\s*[.№]?\s*)?(?P<number>\d{1,4}(?:\s?(?![кс]\s*\.?\s*\d)[а-яa-z](?![а-яa-z0-9-]))?(?:\s*/\s*\d{1,4}[а-яa-z]?)?"
    r"(?:\s*(?:корпус|корп|кор|к)\s*\.?\s*\d{1,3}(?:[а-яa-z](?![а-яa-z0-9]))?)?"
    r"(?:\s*(?:строение|стр|с)\s*\.?\s*\d{1,3}(?:[а-яa-z](?![а-яa-z0-9]))?)?"
    r"(?:\s*(?:литера|лит)\s*\.?\s*[а-яa-z](?![а-яa-z]))?)"
    r"(?:\s*-\s*(?P<to>\d{1,4}))?(?![\w/])"
)

_WORD = re.compile(
    r"\d+(?:-?(?:я|й|ая|ый|ий|ой|го|е|ое|st|nd|rd|th))(?![а-яa-z])|\d+|[a-zа-я]+(?:-[a-zа-я]+)*"
)
_ORDINAL = re.compile(r"(\d+)-?(?:я|й|ая|ый|ий|ой|го|е|ое|st|nd|rd|th)")


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One way to read the text. `words` are names, `types` kinds of street, `spare` numbers left over."""

    words: tuple[str, ...]
    types: tuple[str, ...]
    number: Number | None = None
    number_text: str = ""
    to: int | None = None
    spare: int = 0


@dataclass(frozen=True, slots=True)
class Query:
    """A text with its readings; `sides` are those of the two streets where it names a crossing."""

    hypotheses: tuple[Hypothesis, ...] = ()
    point: Point | None = None
    sides: tuple[tuple[Hypothesis, ...], ...] = field(default_factory=tuple)


def parse(text: str) -> Query:
    """Take a query apart. An empty one has no hypotheses."""
    point = parse_point(text)
    if point:
        return Query(point=point)
    plain = _INSIDE.sub(" ", _unglued(fold(text)))
    return Query(tuple(_readings(plain)), sides=_sides(plain))


def parse_point(text: str) -> Point | None:
    """Coordinates in degrees, latitude first unless the letters or the sizes say otherwise."""
    found = _COORDINATES.match(text.replace("°", "° "))
    if not found:
        return None
    first, second = (float(found[key].replace(",", ".")) for key in ("a", "b"))
    if found["ns"] and found["ns"].lower() in "юs":
        first = -first
    if found["ew"] and found["ew"].lower() in "зw":
        second = -second
    if abs(first) > 90:
        first, second = second, first
    return Point(first, second) if abs(first) <= 90 and abs(second) <= 180 else None


def _unglued(text: str) -> str:
    """`ленина12` as two words, dots after abbreviations as spaces, numbers with a stray dot."""
    text = re.sub(r"([a-zа-я]{3,})(\d)", r"\1 \2", text)
    text = re.sub(r"(?<=[a-zа-я])\.(?=\S)", ". ", text)
    return re.sub(r"[,;:.]+(?=\s|$)", " ", text).replace(",", " ")


def _readings(text: str) -> list[Hypothesis]:
    """All hypotheses: without a house, and with each number as the house."""
    readings = [_reading(text, None)]
    readings.extend(_reading(text, found) for found in _HOUSE.finditer(text))
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
        words, types, _ = _words(text)
        return Hypothesis(tuple(words), tuple(types))
    before, _, _ = (text[: house.start()], "", "")
    after = text[house.end() :]
    words, types, _ = _words(before)
    more, more_types, spare = _words(after, behind_house=bool(words or types))
    to = int(house["to"]) if house["to"] else None
    number = parse_number(house["number"])
    # 12-14 is a range of neighbours; 12-45 is house 12, flat 45
    if to is not None and number and not (0 < to - number.main <= 20 and (to - number.main) % 2 == 0):
        to, spare = None, spare + 1
    return Hypothesis(
        tuple(words + more), tuple(types + more_types), number, house["number"].strip(), to, spare
    )


def _words(text: str, *, behind_house: bool = False) -> tuple[list[str], list[str], int]:
    """(names, kinds of street, numbers that are neither) of a piece of text."""
    words: list[str] = []
    types: list[str] = []
    spare = 0
    for token in _WORD.findall(text):
        kinds = type_as_typed(token)
        ordinal = _ORDINAL.fullmatch(token)
        if kinds:
            types.extend(kinds)
        elif ordinal:
            words.append(ordinal[1])
        elif token.isdigit() and behind_house:
            spare += 1
        elif token not in STOP_WORDS and token not in _CROSSING_WORDS and (len(token) > 1 or token.isdigit()):
            words.append(token)
    return words, types, spare


def _sides(text: str) -> tuple[tuple[Hypothesis, ...], ...]:
    """Both streets of a crossing, or nothing where the text names none."""
    bare = text
    marked = False
    for word in _CROSSING_WORDS:
        if bare.strip().startswith(word):
            bare, marked = bare.strip()[len(word) :], True
    parts = [part for part in _SPLIT_CROSSING.split(f" {bare.strip()} ") if part.strip()]
    if marked and len(parts) == 1:
        parts = [part for part in re.split(r"\s-\s|-", bare) if part.strip()]
    if len(parts) != 2:
        return ()
    sides = tuple((_reading(part, None),) for part in parts)
    return sides if all(side[0].words or side[0].types for side in sides) else ()
