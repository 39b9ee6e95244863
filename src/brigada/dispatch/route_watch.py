"""Watches crews on the road: one that leaves its way, or gets a new goal, has its way reckoned and pushed.

A chore of one process of many. Another that takes it over reckons each way once more, which changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from brigada.db.base import AnyRow
from brigada.db.leader import Chore
from brigada.dispatch.candidates import repository
from brigada.dispatch.picture import TOLD
from brigada.dispatch.routes import ends, metres_off, route_view
from brigada.events.log import Event
from brigada.kit.geo import Point
from brigada.routing.port import Profile, Route, Why
from brigada.routing.straight_line import StraightLine
from brigada.state import State

LOOK_EVERY_S = 3.0
OFF_THE_WAY_M = 80.0
"""Farther from its line than this a crew has turned off: GPS between houses errs by 10 to 30 m, a wide street is
40 m."""

AT_MOST = 25
"""Ways reckoned in one look, 1 to 2 ms each; the rest come three seconds later."""


ESTIMATE_AGAIN = timedelta(seconds=30)
"""How soon the roads are asked again about a way that is an estimate: they may be back."""


@dataclass(slots=True)
class _Way:
    goal: Point
    line: tuple[Point, ...]
    position_at: datetime | None
    estimate: bool
    reckoned_at: datetime


class RouteWatch:
    """The job of one process."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._ways: dict[int, _Way] = {}

    def chore(self) -> Chore:
        """What the process that does the chores repeats."""

        async def look() -> None:
            await self.look()

        return Chore("routes", LOOK_EVERY_S, look)

    async def look(self) -> int:
        """Look at every crew on the road once; return how many new ways were pushed."""
        state = self._state
        async with state.database.read() as session:
            rows = await repository.driving(session)
        known = {row.id for row in rows}
        self._ways = {number: way for number, way in self._ways.items() if number in known}
        now = state.clock.now()
        reckoned = pushed = 0
        away = False
        for row in rows:
            start, finish = ends(row)
            if start is None or finish is None or not self._needs(row, start, finish, now):
                continue
            if reckoned == AT_MOST:
                break
            reckoned += 1
            # A router that does not answer costs seconds each time: one crew's wait is enough for a look.
            found = (
                StraightLine(why=Why.ROUTER_DOWN).way(start, finish, Profile.EMERGENCY)
                if away
                else await state.region.now.roads.route(start, finish, Profile.EMERGENCY, now)
            )
            away = away or found.estimate is Why.ROUTER_DOWN
            before = self._ways.get(row.id)
            self._ways[row.id] = _Way(finish, found.line, row.position_at, found.estimate is not None, now)
            if found.estimate and before and before.estimate and before.goal == finish:
                continue  # told already that it is an estimate
            await self._push(row, found, now)
            pushed += 1
        return pushed

    async def _push(self, row: AnyRow, found: Route, now: datetime) -> None:
        async with self._state.unit_of_work() as uow:
            uow.record(
                Event(
                    kind="assignment.route",
                    data={"route": route_view(row, found, now)},
                    roles=TOLD,
                    team_ids=(row.team_id,),
                )
            )
            await uow.commit()

    def _needs(self, row: AnyRow, start: Point, finish: Point, now: datetime) -> bool:
        way = self._ways.get(row.id)
        if way is None or way.goal != finish:
            return True
        if way.estimate:
            return now - way.reckoned_at >= ESTIMATE_AGAIN
        if row.position_at == way.position_at:
            return False
        way.position_at = row.position_at
        return metres_off(way.line, start) > OFF_THE_WAY_M
