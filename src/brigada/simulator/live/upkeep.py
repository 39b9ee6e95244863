"""What the administration of the city does: broken cars come back from the workshop, shifts follow each other."""

import contextlib
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from brigada.simulator.live.api import Account, RefusedError
from brigada.simulator.live.pace import Pace

HAND_OVER = timedelta(minutes=20)
"""So long before its end a shift is prolonged: nobody is left on a call, and no alarm rings for forty teams at once."""
SHIFT = timedelta(hours=12)


class Upkeep:
    """Looks at the teams now and then and keeps the city going, whatever stopped before this program began."""

    def __init__(self, admin: Account, pace: Pace, *, repair_s: float, counts: Counter[str]) -> None:
        self._admin = admin
        self._pace = pace
        self._repair_s = repair_s
        self._counts = counts
        self._broken_since: dict[int, float] = {}

    async def look(self, teams: Iterable[dict[str, Any]]) -> None:
        """Repair the cars of these teams that stand for long enough; let the next shift begin where one ends."""
        teams = list(teams)
        broken = {team["car"]["id"] for team in teams if not team["car"]["serviceable"]}
        now = self._pace.city_time()
        self._broken_since = {car: self._broken_since.get(car, now) for car in broken}
        for car, since in self._broken_since.items():
            if now - since >= self._repair_s:
                with contextlib.suppress(RefusedError, httpx.HTTPError):
                    await self._admin.patch(f"/cars/{car}", {"serviceable": True})
                    self._counts["repaired"] += 1
        for team in teams:
            await self._prolong(team, datetime.now(UTC))

    async def _prolong(self, team: dict[str, Any], now: datetime) -> None:
        if datetime.fromisoformat(team["shift_end"]) - now > HAND_OVER:
            return
        shift = {"shift_start": now.isoformat(), "shift_end": (now + SHIFT).isoformat()}
        with contextlib.suppress(RefusedError, httpx.HTTPError):
            await self._admin.patch(f"/teams/{team['id']}", shift)
            self._counts["shifts"] += 1
