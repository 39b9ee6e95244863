"""How long an account waits that the service refuses: longer each time, never for ever, no two alike."""

import asyncio
import random
from collections.abc import Awaitable, Callable

FIRST_S = 0.5
MOST_S = 60.0
"""A minute: an account put right is soon back, and a hundred refused ones ask twice a second."""


class Backoff:
    """The pauses of one account: the first refusal is an expired token and costs nothing, each further one doubles.

    Each pause is drawn between its half and its whole, so that accounts refused together do not come back together.
    """

    def __init__(
        self, name: str, *, first_s: float = FIRST_S, most_s: float = MOST_S,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._rng = random.Random(f"backoff:{name}")
        self._first_s = first_s
        self._most_s = most_s
        self._sleep = sleep
        self._refused = 0
        self._due = False

    def refused(self) -> None:
        """Take note of a refusal: whoever waits next waits for it."""
        self._refused += 1
        self._due = self._refused > 1

    def accepted(self) -> None:
        """The service took the account again."""
        self._refused, self._due = 0, False

    async def pause(self) -> None:
        """Wait as long as the refusals so far ask for; once for each."""
        if not self._due:
            return
        self._due = False
        whole = min(self._most_s, self._first_s * 2.0 ** min(self._refused - 2, 30))
        await self._sleep(self._rng.uniform(whole / 2, whole))
