"""How well a reading of the query fits a name."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from brigada.geocoding.names import Name
from brigada.geocoding.spelling import stem
from brigada.geocoding.vocabulary import Vocabulary

_SHORT_LIST = 30  # names looked at closely for one reading
_CONTEXT = 0.93  # a word explained by the district or the town, as a part of one found in the name
_NAME_SHARE = 0.45  # how much of the score hangs on the rest of the name having been typed too
_SURE = 0.95
_KIND_COVERS = 0.55
"""What an institution is called by its kind (`вокзал`, `роддом`) counts as so much of its name."""
_TYPE_FITS = 0.05
_TYPE_DIFFERS = -0.09


@dataclass(frozen=True, slots=True)
class Match:
    """A name by its number in the vocabulary, with a score 0 to about 1."""

    document: int
    score: float


def match(
    words: Sequence[str],
    types: Sequence[str],
    vocabulary: Vocabulary,
    names: Sequence[Name],
    contexts: "Contexts",
) -> list[Match]:
    """The names that fit the words best, the best first."""
    if not words:
        return []
    likes = [vocabulary.like(word) for word in words]
    rough: dict[int, dict[int, float]] = defaultdict(dict)
    for position, like in enumerate(likes):
        for word, likeness in like.items():
            weighed = likeness * vocabulary.weight(word)
            for document in vocabulary.documents(word):
                if weighed > rough[document].get(position, 0.0):
                    rough[document][position] = weighed
    asked = _Asked(words, types, likes, vocabulary)
    short = sorted(rough, key=lambda document: -sum(rough[document].values()))[:_SHORT_LIST]
    found = [Match(document, _score(asked, names[document], contexts.of(document))) for document in short]
    return sorted(found, key=lambda m: -m.score)


class Contexts:
    """Words around each name (town, district, the street of a shop) by which a query may tell it apart."""

    def __init__(self, texts: Sequence[Iterable[str]]) -> None:
        self._words = [tuple(dict.fromkeys(words)) for words in texts]

    def of(self, document: int) -> tuple[str, ...]:
        return self._words[document]


@dataclass(frozen=True, slots=True)
class _Asked:
    """The words of a reading with what each of them may mean."""

    words: Sequence[str]
    types: Sequence[str]
    likes: Sequence[Mapping[str, float]]
    vocabulary: Vocabulary


def _score(query: _Asked, name: Name, context: tuple[str, ...]) -> float:
    words, likes, vocabulary = query.words, query.likes, query.vocabulary
    pairs = sorted(
        (
            (likes[position].get(own, 0.0), position, own)
            for position in range(len(words))
            for own in (*name.words, *name.extra)
            if own in likes[position]
        ),
        reverse=True,
    )
    matched: dict[int, tuple[float, str]] = {}
    taken: set[str] = set()
    for likeness, position, own in pairs:
        if position not in matched and own not in taken:
            matched[position] = (likeness, own)
            taken.add(own)
    if not matched:
        return 0.0
    asked = answered = 0.0
    for position, word in enumerate(words):
        if position in matched:
            likeness, own = matched[position]
            weight = vocabulary.weight(own)
        else:
            likeness = _CONTEXT * max((_alike(word, around) for around in context), default=0.0)
            weight = vocabulary.weight(word)
        asked += weight
        answered += weight * likeness
    whole = sum(vocabulary.weight(own) for own in name.words)
    covered = sum(
        vocabulary.weight(own) * likeness for likeness, own in matched.values() if own in name.words
    )
    if any(own in name.extra and likeness > _SURE for likeness, own in matched.values()):
        covered = max(covered, _KIND_COVERS * whole)
    score = answered / asked * (1 - _NAME_SHARE + _NAME_SHARE * (covered / whole if whole else 0.0))
    if query.types and name.types:
        score += _TYPE_FITS if set(query.types) & set(name.types) else _TYPE_DIFFERS
    return score


def _alike(word: str, other: str) -> float:
    """Likeness of a typed word to a word of the surroundings."""
    if word == other:
        return 1.0
    if word.isdigit() or other.isdigit():
        return 0.0
    if stem(word) == stem(other):
        return 0.97
    if len(word) >= 3 and other.startswith(word):
        return 0.9
    distance = OSA.distance(word, other, score_cutoff=2)
    return 1 - distance / max(len(word), len(other)) if distance <= len(word) // 4 else 0.0
