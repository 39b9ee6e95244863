"""Words of all names and which names have them; a typed word finds its like in a millisecond or two.

City names are made of a few thousand different words, however many addresses there are. So the forgiving
search compares words, not addresses, and memory grows with the names alone.
"""

import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from brigada.geocoding.spelling import stem

_CACHED_WORDS = 4_096  # words of the last queries; they repeat all day
_CANDIDATES = 24  # like words kept for one typed word


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
        self._by_length: dict[int, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        self._by_start: dict[str, list[str]] = {}
        for word in self._words:
            self._by_length.setdefault(len(word), []).append(word)
            self._by_stem.setdefault(stem(word), []).append(word)
            if len(word) > 3:
                self._by_start.setdefault(word[:3], []).append(word)
        self._count = max(1, count)
        self._like: OrderedDict[str, Mapping[str, float]] = OrderedDict()

    def __contains__(self, word: str) -> bool:
        return word in self._postings

    def documents(self, word: str) -> list[int]:
        return self._postings.get(word, [])

    def weight(self, word: str) -> float:
        """How much a word tells: rare ones more (inverse document frequency, at least 0.5)."""
        return max(0.5, math.log(1 + self._count / (1 + len(self._postings.get(word, ())))))

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
        for same in self._by_stem.get(stem(word), ()):
            found.setdefault(same, 0.97)
        if len(word) >= 3:
            for longer in self._by_start.get(word[:3], ()):
                if longer.startswith(word):
                    found.setdefault(longer, 0.68 + 0.22 * len(word) / len(longer))
        for like, distance in self._misspelt(word):
            # a slip in a long word says less than in a short one; the first letter is rarely wrong
            likeness = 1 - 0.95 * distance / max(len(word), len(like)) - (0.04 if like[0] != word[0] else 0)
            found[like] = max(found.get(like, 0.0), likeness)
        best = sorted(found.items(), key=lambda item: -item[1])[:_CANDIDATES]
        return dict(best)

    def _misspelt(self, word: str) -> list[tuple[str, int]]:
        reach = 0 if len(word) < 4 else 1 if len(word) < 6 else 2 if len(word) < 10 else 3
        if not reach:
            return []
        found: list[tuple[str, int]] = []
        for length in range(len(word) - reach, len(word) + reach + 1):
            words = self._by_length.get(length)
            if words:
                hits = process.extract(
                    word, words, scorer=OSA.distance, score_cutoff=reach, limit=_CANDIDATES
                )
                found.extend((hit[0], int(hit[1])) for hit in hits if hit[1])
        return found
