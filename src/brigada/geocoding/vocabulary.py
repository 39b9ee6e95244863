"""Words of all names and which names have them; a typed word finds its like in a millisecond or two.

City names are made of a few thousand different words, however many addresses there are. So the forgiving
search compares words, not addresses, and memory grows with the names alone.
"""

import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from brigada.geocoding.spelling import RANKS, is_contraction, stem

_CACHED_WORDS = 4_096  # words of the last queries; they repeat all day
_CANDIDATES = 24  # like words kept for one typed word
_RANK_WEIGHT = 0.3  # `маршала` tells next to nothing: people leave it out, and put it where the map has none
_OTHER_ENDING = 0.03  # lost by a slip in a word that also has another ending
_SAME_ROOT = 5  # letters from which a stem inside another stem counts as one root: `кукол`, `кукольный`
_ROOT_TAIL = 4
_SURE = 0.8  # a likeness from which a word is taken to be understood
_COMPOUND = 6  # letters from which a word may be an abbreviation grown onto another
_CUTS = (3, 4, 5)  # `гор`, `обл`, `дет`, `сель`, …


class Vocabulary:
    """Built once, read by many; `document` is whatever the caller numbers."""

    def __init__(self, documents: Iterable[Iterable[str]]) -> None:
        self._postings: dict[str, list[int]] = {}
        count = 0
        for number, words in enumerate(documents):
            count = number + 1
            for word in dict.fromkeys(words):
                self._postings.setdefault(word, []).append(number)
        self._words = sorted(self._postings)
        self._stems_by_length: dict[int, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        self._by_start: dict[str, list[str]] = {}
        for word in self._words:
            self._by_stem.setdefault(stem(word), []).append(word)
            if len(word) > 3:
                self._by_start.setdefault(word[:3], []).append(word)
        for root in self._by_stem:
            self._stems_by_length.setdefault(len(root), []).append(root)
        self._count = max(1, count)
        self._like: OrderedDict[str, Mapping[str, float]] = OrderedDict()

    def __contains__(self, word: str) -> bool:
        return word in self._postings

    def documents(self, word: str) -> list[int]:
        return self._postings.get(word, [])

    def weight(self, word: str) -> float:
        """How much a word tells: rare ones more (inverse document frequency, at least 0.5), ranks hardly."""
        if word in RANKS:
            return _RANK_WEIGHT
        return max(0.5, math.log(1 + self._count / (1 + len(self._postings.get(word, ())))))

    def apart(self, words: Iterable[str]) -> tuple[str, ...]:
        """The words, those that nobody is called taken apart where that gives names.

        `янки-купалы` are two words, `облбольница` is an abbreviation grown onto a word.
        """
        found: list[str] = []
        for word in words:
            found.extend(self._parts(word))
        return tuple(found)

    def _parts(self, word: str) -> tuple[str, ...]:
        if word in self._postings or word.isdigit() or max(self.like(word).values(), default=0.0) > _SURE:
            return (word,)
        halves = tuple(half for half in word.split("-") if len(half) > 1)
        if len(halves) > 1:
            return halves
        for cut in _CUTS if len(word) >= _COMPOUND else ():
            start, rest = word[:cut], word[cut:]
            named = len(rest) >= 3 and stem(rest) in self._by_stem
            if named and any(longer.startswith(start) for longer in self._by_start.get(start[:3], ())):
                return start, rest
        return (word,)

    def like(self, word: str) -> Mapping[str, float]:
        """Words of the vocabulary that may be meant, with their likeness 0 to 1."""
        known = self._like.get(word)
        if known is not None:
            self._like.move_to_end(word)
            return known
        found = self._search(word)
        self._like[word] = found
        if len(self._like) > _CACHED_WORDS:
            self._like.popitem(last=False)
        return found

    def _search(self, word: str) -> dict[str, float]:
        found: dict[str, float] = {}
        if word in self._postings:
            found[word] = 1.0
        if word.isdigit():
            return found
        root = stem(word)
        for same in self._by_stem.get(root, ()):
            found.setdefault(same, 0.97)
        if len(word) >= 3:
            for longer in self._by_start.get(word[:3], ()):
                if longer.startswith(word):
                    found.setdefault(longer, 0.68 + 0.22 * len(word) / len(longer))
                elif (share := _one_root(root, stem(longer))) is not None:
                    found.setdefault(longer, 0.35 + 0.45 * share)
        if "-" in word:
            for full in self._by_start.get(word[:3], ()) if word.index("-") >= 3 else self._words:
                if is_contraction(word, full):
                    found.setdefault(full, 0.9)
        for other, distance in self._misspelt(root):
            for like in self._by_stem[other]:
                # a slip in a long word says less than in a short one; the first letter is rarely wrong
                likeness = 1 - 0.95 * distance / max(len(word), len(like))
                likeness -= 0.04 if like[0] != word[0] else 0.0
                likeness -= _OTHER_ENDING if word[len(root) :] != like[len(other) :] else 0.0
                found[like] = max(found.get(like, 0.0), likeness)
        best = sorted(found.items(), key=lambda item: -item[1])[:_CANDIDATES]
        return dict(best)

    def _misspelt(self, root: str) -> list[tuple[str, int]]:
        """Stems within a few slips of a stem, by edit distance."""
        reach = 0 if len(root) < 4 else 1 if len(root) < 6 else 2 if len(root) < 9 else 3
        if not reach:
            return []
        found: list[tuple[str, int]] = []
        for length in range(len(root) - reach, len(root) + reach + 1):
            stems = self._stems_by_length.get(length)
            if stems:
                hits = process.extract(
                    root, stems, scorer=OSA.distance, score_cutoff=reach, limit=_CANDIDATES
                )
                found.extend((hit[0], int(hit[1])) for hit in hits if hit[1])
        return found


def _one_root(one: str, other: str) -> float | None:
    """How much of the longer of two stems is the shorter, where it is its beginning; else None."""
    short, long = sorted((one, other), key=len)
    if len(short) >= _SAME_ROOT and len(long) - len(short) <= _ROOT_TAIL and long.startswith(short):
        return len(short) / len(long)
    return None
