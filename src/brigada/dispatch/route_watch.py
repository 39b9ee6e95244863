"""Watches crews on the road: one that leaves its way, or gets a new goal, has its way reckoned and pushed.

A chore of one process of many. Another that takes it over reckons each way once more, which changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from brigada.db.leader import Chore
from brigada.dispatch.candidates import repository
from brigada.dispatch.routes import TO_HOSPITAL, ends, metres_off, route_view
from brigada.events.log import Event
from brigada.kit.geo import Point
from brigada.routing.port import Profile
from brigada.state import State

LOOK_EVERY_S = 3.0
OFF_THE_WAY_M = 80.0
"""Farther from its line than this a crew has turned off: GPS between houses errs by 10 to 30 m, a wide street is
40 m."""

AT_MOST = 25
"""Ways reckoned in one look, 1 to 2 ms each; the rest come three seconds later."""


@dataclass(slots=True)
class _Way:
    goal: str
    line: tuple[Point, ...]
    position_at: datetime | None


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
        pushed = 0
        for row in rows:
            if pushed >= AT_MOST:
                break
            start, finish = ends(row)
            goal = "hospital" if row.status in TO_HOSPITAL else "call"
            if start is None or finish is None or not self._needs(row.id, goal, row.position_at, start):
                continue
            now = state.clock.now()
            found = await state.region.now.roads.route(start, finish, Profile.EMERGENCY, now)
            self._ways[row.id] = _Way(goal, found.line, row.position_at)
            if found.estimate is None:
                async with state.unit_of_work() as uow:
                    uow.record(
                        Event(
                            kind="assignment.route",
                            data={"route": route_view(row, found, now)},
                            roles=("dispatcher",),
                            team_ids=(row.team_id,),
                        )
                    )
                    await uow.commit()
                pushed += 1
        return pushed

    def _needs(self, assignment_id: int, goal: str, position_at: datetime | None, start: Point) -> bool:
        way = self._ways.get(assignment_id)
        if way is None or way.goal != goal:
            return True
        if position_at == way.position_at:
            return False
        way.position_at = position_at
        return metres_off(way.line, start) > OFF_THE_WAY_M
