"""How well a reading of the query fits a name."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest

from rapidfuzz.distance import OSA

from brigada.geocoding.names import Name
from brigada.geocoding.spelling import stem
from brigada.geocoding.vocabulary import Vocabulary

_SHORT_LIST = 30  # names looked at closely for one reading
_COMMON = 1_000  # names with one word, from which on the word is no help in finding
_CONTEXT = 0.93  # a word explained by the district or the town, as a part of one found in the name
_NAME_SHARE = 0.45  # how much of the score hangs on the rest of the name having been typed too
_SURE = 0.95
_KIND_COVERS = 0.55
"""What an institution is called by its kind (`вокзал`, `роддом`) counts as so much of its name."""
_TYPE_FITS = 0.05
_TYPE_DIFFERS = -0.09
_PLAIN_KIND = 0.005
"""Where no kind was typed, the plain one comes first of equals: `октябрьская 3` is a улица."""
_NOISE = 0.2
"""Weight of a word like none that the region knows, as a part of a name's: a remark, a slip beyond repair."""
_START = 0.85  # a single letter for a whole word: `м. горького`
_STRAY_START = 0.02


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
    starts: Sequence[str] = (),
    known: Callable[[str], bool] = bool,
) -> list[Match]:
    """The names that fit the words best, the best first.

    `starts` are letters with which further words of the name may begin; `known` tells whether the region has
    any name like a word.
    """
    if not words:
        return []
    likes = [vocabulary.like(word) for word in words]
    noise = [not word.isdigit() and not known(word) for word in words]
    asked = _Asked(words, types, likes, vocabulary, noise, starts)
    found = [
        Match(document, _score(asked, names[document], contexts.of(document)))
        for document in _short_list(likes, vocabulary)
    ]
    return sorted(found, key=lambda m: -m.score)


def _short_list(likes: Sequence[Mapping[str, float]], vocabulary: Vocabulary) -> list[int]:
    """The names that share most with the words, by their weights: those worth a close look.

    The rarest word comes first. One that thousands of names have (`магазин`) only ranks those that a rarer
    one has found, where there are enough of them.
    """
    totals: dict[int, float] = {}
    rarest_first = sorted(likes, key=lambda like: sum(len(vocabulary.documents(word)) for word in like))
    for like in rarest_first:
        best: dict[int, float] = {}
        for word, likeness in like.items():
            weighed = likeness * vocabulary.weight(word)
            documents: Iterable[int] = vocabulary.documents(word)
            if len(totals) >= _SHORT_LIST and len(vocabulary.documents(word)) > _COMMON:
                documents = [document for document in vocabulary.documents(word) if document in totals]
            for document in documents:
                if weighed > best.get(document, 0.0):
                    best[document] = weighed
        for document, weighed in best.items():
            totals[document] = totals.get(document, 0.0) + weighed
    return nlargest(_SHORT_LIST, totals, key=totals.__getitem__)


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
    noise: Sequence[bool]
    starts: Sequence[str]


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
    named = any(
        not own.isdigit() for _, own in matched.values()
    )  # else there is no name to forgive remarks for
    for position, word in enumerate(words):
        if position in matched:
            likeness, own = matched[position]
            weight = vocabulary.weight(own)
        else:
            likeness = _CONTEXT * max((_alike(word, around) for around in context), default=0.0)
            remark = named and query.noise[position] and not likeness
            weight = vocabulary.weight(word) * (_NOISE if remark else 1.0)
        asked += weight
        answered += weight * likeness
    whole = sum(vocabulary.weight(own) for own in name.words)
    covered = sum(
        vocabulary.weight(own) * likeness for likeness, own in matched.values() if own in name.words
    )
    begun = _begun(query.starts, name.words, taken)
    covered += sum(_START * vocabulary.weight(own) for own in begun)
    if any(own in name.extra and likeness > _SURE for likeness, own in matched.values()):
        covered = max(covered, _KIND_COVERS * whole)
    score = answered / asked * (1 - _NAME_SHARE + _NAME_SHARE * (covered / whole if whole else 0.0))
    if query.types and name.types:
        score += _TYPE_FITS if set(query.types) & set(name.types) else _TYPE_DIFFERS
    elif not query.types and "улица" in name.types:
        score += _PLAIN_KIND
    return score - _STRAY_START * (len(query.starts) - len(begun))


def _begun(starts: Sequence[str], words: Iterable[str], taken: set[str]) -> list[str]:
    """The words of a name, not found otherwise, that begin with the single letters of the query."""
    left = [word for word in words if word not in taken]
    begun = []
    for letter in starts:
        own = next((word for word in left if word.startswith(letter)), None)
        if own is not None:
            left.remove(own)
            begun.append(own)
    return begun


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
