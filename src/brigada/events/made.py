"""What is costly to make and asked for by many: made once for each state of the log."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from brigada.events.log import Position


@dataclass(frozen=True, slots=True)
class _Making[T]:
    at: Position
    begun: float
    task: asyncio.Task[T]

    @property
    def failed(self) -> bool:
        return self.task.done() and (self.task.cancelled() or self.task.exception() is not None)


class MadeOnce[T]:
    """The newest value of `make`, kept together with the place in the log at which its making began.

    Whoever asks has read where the log stands before. A value whose making began at the same number or at a higher one
    holds at least what that number says, also while it is still being made: of two thousand clients who come back at
    once one makes it, the others wait for it. Numbers of another epoch are never compared: after a restore the log
    comes to the same numbers again, with other events behind them.
    """

    def __init__(self, make: Callable[[], Awaitable[T]], *, fresh_s: float = math.inf) -> None:
        """`fresh_s`: seconds after which a value is made anew without any event, for what also changes by the clock."""
        self._make = make
        self._fresh_s = fresh_s
        self._newest: _Making[T] | None = None

    async def get(self, at: Position) -> T:
        """Return a value that holds at least what the log held at this place.

        Raises:
            Exception: whatever `make` raised; the next one who asks tries again.
        """
        newest = self._newest
        if newest is None or newest.failed or not self._serves(newest, at):
            newest = self._begin(at)
        return await asyncio.shield(newest.task)  # the others wait for it still when one goes away

    def _serves(self, made: _Making[T], at: Position) -> bool:
        same_log = made.at.epoch == at.epoch and made.at.seq >= at.seq
        return same_log and asyncio.get_running_loop().time() - made.begun < self._fresh_s

    def _begin(self, at: Position) -> _Making[T]:
        task = asyncio.ensure_future(self._run())
        task.add_done_callback(
            lambda done: done.cancelled() or done.exception()
        )  # perhaps nobody waits for it
        self._newest = _Making(at, asyncio.get_running_loop().time(), task)
        return self._newest

    async def _run(self) -> T:
        return await self._make()
