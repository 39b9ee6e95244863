"""Which tokens of trackers were good of late, told without the database."""

from collections import OrderedDict

from brigada.auth.gate import digest

REMEMBERED = 50_000
"""Trackers known at once, about 8 MB: more than the ambulances of a country."""


class Familiar:
    """Digests of tokens that were good the last time they came; no proof, and the oldest is forgotten first."""

    def __init__(self) -> None:
        self._digests: OrderedDict[bytes, None] = OrderedDict()

    def greet(self, token: str) -> None:
        """Note a token that was good just now."""
        key = digest(token)
        self._digests[key] = None
        self._digests.move_to_end(key)
        if len(self._digests) > REMEMBERED:
            self._digests.popitem(last=False)

    def forget(self, token: str) -> None:
        """Note that a token is good no more."""
        self._digests.pop(digest(token), None)

    def knows(self, token: str) -> bool:
        """Whether it was good the last time."""
        return digest(token) in self._digests
