"""Simulated time: the city's minutes, `factor` times shorter than ours."""

import asyncio

FASTEST = 60.0
"""An hour in a minute. Beyond it the fixes of a car lie further apart than its street is long."""


class Pace:
    """Turns seconds of the city into seconds of the wall clock."""

    def __init__(self, factor: float) -> None:
        if not 1 <= factor <= FASTEST:
            raise ValueError("the speed is a factor between 1 and 60")
        self.factor = factor

    def city_time(self) -> float:
        """Return the city's clock, seconds from an arbitrary start."""
        return asyncio.get_running_loop().time() * self.factor

    async def sleep(self, city_seconds: float, *, unless: asyncio.Event | None = None) -> bool:
        """Wait; return False when `unless` happened first."""
        wall = max(0.0, city_seconds / self.factor)
        if unless is None:
            await asyncio.sleep(wall)
            return True
        try:
            await asyncio.wait_for(unless.wait(), wall)
        except TimeoutError:
            return True
        return False
