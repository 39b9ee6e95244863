"""A crew's phone: shows where the car is, loses its signal now and then, sends what it kept when it is back."""

import asyncio
import contextlib
import random
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import httpx

from brigada.simulator.live.api import Account, Line, RefusedError
from brigada.simulator.live.driving import Car, noisy
from brigada.simulator.live.pace import Pace
from brigada.simulator.live.plan import Habits

FIX_EVERY_S = 5.0
"""Seconds of the city between two fixes, but at least one of ours."""
KEPT = 5_000
"""Fixes kept without a network: seven hours; the oldest go first."""


class Phone:
    """Sends the car's places, over the socket or in batches; `line` is its network."""

    def __init__(
        self, account: Account, car: Car, name: str, *, seed: int, pace: Pace, habits: Habits, counts: Counter[str]
    ) -> None:  # fmt: skip
        self.line = Line()
        self._account = account
        self._car = car
        self._name = name
        self._seed = seed
        self._pace = pace
        self._habits = habits
        self._counts = counts
        self._kept: list[dict[str, Any]] = []

    async def show_places(self) -> None:
        """Tell where the car is, for ever."""
        rng = random.Random(f"{self._seed}:{self._name}:gps")
        every = max(1.0, FIX_EVERY_S / self._pace.factor)
        await asyncio.sleep(rng.uniform(0, every))  # forty phones do not speak in one breath
        while True:
            self._car.move()
            seen, accuracy = noisy(self._car.place, rng)
            fix = {
                "lat": round(seen.lat, 7),
                "lon": round(seen.lon, 7),
                "at": datetime.now(UTC).isoformat(),
                "accuracy_m": accuracy,
                "speed_mps": round(self._car.speed, 1),
                "heading_deg": round(self._car.heading),
            }
            if self._kept or not await self.line.send({"type": "position", **fix}):
                self._kept = [*self._kept, fix][-KEPT:]
                await self._send_kept()
            self._counts["fixes"] += 1
            await asyncio.sleep(every)

    async def _send_kept(self) -> None:
        if not self.line.signal.is_set() or not self._kept:
            return
        batch = self._kept[:1000]
        try:
            await self._account.post("/positions", {"items": batch, "sent_at": datetime.now(UTC).isoformat()})
            self._counts["buffered fixes"] += len(batch)
        except httpx.HTTPError:
            return  # the service is away; they are sent when it is back
        except RefusedError:
            self._counts["fixes refused"] += len(batch)
        self._kept = self._kept[len(batch) :]

    async def lose_signal_now_and_then(self) -> None:
        """Drive through a tunnel, for ever."""
        rng = random.Random(f"{self._seed}:{self._name}:signal")
        while True:
            await self._pace.sleep(rng.expovariate(1 / self._habits.offline_every_s))
            self._counts["signal lost"] += 1
            with contextlib.suppress(OSError):
                await self.line.lose_signal()
            await self._pace.sleep(rng.expovariate(1 / self._habits.offline_s))
            self.line.signal.set()
