"""A name on the map as words for the search."""

import re
from dataclasses import dataclass

from brigada.geocoding.spelling import CATEGORY_WORDS, NICKNAMES, STOP_WORDS, fold, type_of

_WORD = re.compile(
    r"\d+(?:-?(?:я|й|ая|ый|ий|ой|го|е|ое|st|nd|rd|th))(?![а-яa-z])|\d+|[a-zа-я]+(?:-[a-zа-я]+)*"
)
_ORDINAL_END = re.compile(r"(?<=\d)-?(?:я|й|ая|ый|ий|ой|го|е|ое|st|nd|rd|th)$")


_COMMON_KINDS = frozenset({"улица", "проспект", "переулок", "проезд"})
"""Of these a town has too many to be told by the kind alone; `на тракте 9` says enough."""


@dataclass(frozen=True, slots=True)
class Name:
    """`words` must be found for a full score, `types` and `extra` may be."""

    words: tuple[str, ...]
    types: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()


def street_name(text: str) -> Name:
    """The words of a street: its kind apart, ordinals as plain numbers."""
    words: list[str] = []
    types: list[str] = []
    for token in _WORD.findall(fold(text)):
        kinds = type_of(token) if len(token) > 2 else ()
        if kinds:
            types.extend(kinds)
        else:
            words.append(_ORDINAL_END.sub("", token))
    words_of, types_of = effective(words, types)
    return Name(words_of, types_of, tuple(kind for kind in types_of if kind not in _COMMON_KINDS))


def effective(words: list[str], types: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words by which a street is told from others: with its kind, where the rest is only a number.

    `Набережная улица` has no other word than its kinds, `2-я Линия` none that is not a number.
    """
    if any(not word.isdigit() for word in words):
        return tuple(words), tuple(types)
    return (*words, *types[:1]), tuple(types[1:])


def plain_name(text: str) -> tuple[str, ...]:
    """All words of a settlement, a district or a shop, without those that say nothing."""
    words = [_ORDINAL_END.sub("", token) for token in _WORD.findall(fold(text))]
    return tuple(word for word in words if word not in STOP_WORDS) or tuple(words)


def poi_name(name: str, other: str, category: str) -> Name:
    """The words of an institution; what people call its kind is extra."""
    words = plain_name(name)
    extra = [*plain_name(other), *CATEGORY_WORDS.get(category, "").split()]
    whole = fold(name).split()
    extra += [nick for pair, nick in NICKNAMES.items() if all(word in whole for word in pair)]
    letters = "".join(word[0] for word in words if word.isalpha())
    if len(letters) >= 3 or (len(letters) == 2 and set(words) & set(extra)):
        extra.append(letters)  # БСМП, ОКБ; of two letters only what is called by its kind: ДС, ПЧ
    return Name(words, (), tuple(word for word in dict.fromkeys(extra) if word not in words))
