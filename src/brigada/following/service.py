"""Follows the crews at work: proposes steps, keeps their arrivals current. A chore of one process of all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.assignments.models import Assignment
from brigada.db.base import AnyRow
from brigada.db.leader import Chore
from brigada.events.log import Event
from brigada.following.models import GpsStep
from brigada.following.rules import PROPOSES, Fence, Proposal, Seen, worth_telling
from brigada.kit.geo import Point
from brigada.positions.fixes import Flag
from brigada.routing.port import Profile
from brigada.state import State

LOOK_EVERY_S = 3.0
"""A crew's fixes come every five seconds."""
RECKON_EVERY = timedelta(seconds=15)
"""An arrival is reckoned anew this often: about a millisecond for each crew on the way."""
ON_THE_WAY = frozenset({"en_route", "transporting"})
TOLD = ("dispatcher", "admin")

_AT_WORK = text(
    """
    SELECT a.id, a.team_id, a.call_id, a.status, a.assigned_at, a.arrives_at, a.start_lat, a.start_lon,
           CASE a.status WHEN 'en_route' THEN least(a.en_route_at, g.at) WHEN 'transporting' THEN a.transporting_at
                ELSE a.assigned_at END AS since,
           c.lat AS call_lat, c.lon AS call_lon, h.lat AS hospital_lat, h.lon AS hospital_lon,
           p.lat, p.lon, p.at AS position_at, p.accuracy_m
    FROM assignments a JOIN calls c ON c.id = a.call_id JOIN teams t ON t.id = a.team_id
         LEFT JOIN hospitals h ON h.id = a.hospital_id
         LEFT JOIN gps_steps g ON g.assignment_id = a.id AND g.step = 'en_route'
         JOIN car_positions p ON p.car_id = t.car_id
    WHERE a.ended_at IS NULL AND p.at > a.assigned_at
    """
)
_SINCE = """
    SELECT at, lat_e7, lon_e7, accuracy_dm FROM positions
    WHERE team_id = $1 AND at > $2 AND flags & $3 = 0 ORDER BY at LIMIT 2000
"""


@dataclass(slots=True)
class _Followed:
    """What is remembered of one assignment between two looks."""

    fence: Fence | None = None
    seen_until: datetime | None = None
    reckoned_at: datetime | None = None
    proposed: set[str] = field(default_factory=set)


class Following:
    """The job of one process. Another that takes it over reads the tracks again and comes to the same."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._followed: dict[int, _Followed] = {}

    def chore(self) -> Chore:
        """Return the look that is repeated."""
        return Chore("following", LOOK_EVERY_S, self.look)

    async def look(self) -> None:
        """Look at every crew at work once."""
        state = self._state
        async with state.database.read() as session:
            rows = (await session.execute(_AT_WORK)).all()
        self._followed = {row.id: self._followed.get(row.id, _Followed()) for row in rows}
        for row in rows:
            followed = self._followed[row.id]
            await self._propose(row, followed)
            await self._reckon(row, followed)

    async def _propose(self, row: AnyRow, followed: _Followed) -> None:
        step = PROPOSES.get(row.status)
        centre = _place_of(row, step)
        if step is None or centre is None or step in followed.proposed:
            return
        if followed.fence is None or (followed.fence.step, followed.fence.centre) != (step, centre):
            # Not from the assignment's beginning: a crew is often sent from the very hospital to which it returns.
            followed.fence, followed.seen_until = Fence(step, centre), row.since
        if followed.seen_until is not None and row.position_at <= followed.seen_until:
            return
        for fix in await self._fixes(row, followed.seen_until or row.since):
            followed.seen_until = fix.at
            proposal = followed.fence.see(fix)
            if proposal is not None:
                followed.proposed.add(step)
                await self._tell_step(row, proposal)
                return

    async def _fixes(self, row: AnyRow, since: datetime) -> list[Seen]:
        """Return the good fixes after a moment, buffered ones too, then the marker, which may stand for parked ones."""
        doubtful = int(Flag.POOR | Flag.JUMP)
        found = await self._state.database.fetch_all(_SINCE, row.team_id, since, doubtful)
        fixes = [
            Seen(
                Point(one["lat_e7"] / 1e7, one["lon_e7"] / 1e7),
                one["at"],
                None if one["accuracy_dm"] is None else one["accuracy_dm"] / 10,
            )
            for one in found
        ]
        if not fixes or fixes[-1].at < row.position_at:
            fixes.append(Seen(Point(row.lat, row.lon), row.position_at, row.accuracy_m))
        return fixes

    async def _tell_step(self, row: AnyRow, proposal: Proposal) -> None:
        async with self._state.unit_of_work() as uow:
            stored = await uow.session.execute(
                insert(GpsStep)
                .values(
                    assignment_id=row.id, step=proposal.step, at=proposal.at, noticed_at=uow.now,
                    distance_m=proposal.distance_m, accuracy_m=proposal.accuracy_m,
                )
                .on_conflict_do_nothing()
                .returning(GpsStep.step)
            )  # fmt: skip
            if stored.first() is None:
                return  # told before, by this process or another
            proposed = {"step": proposal.step, "at": proposal.at, "distance_m": proposal.distance_m}
            uow.record(
                Event(
                    kind="assignment.proposed",
                    data={"assignment": {"id": row.id, "team_id": row.team_id, "proposed": proposed}},
                    call_id=row.call_id,
                    roles=TOLD,
                    team_ids=(row.team_id,),
                )
            )
            await uow.commit()

    async def _reckon(self, row: AnyRow, followed: _Followed) -> None:
        state = self._state
        now = state.clock.now()
        goal = _place_of(row, PROPOSES.get(row.status)) if row.status in ON_THE_WAY else None
        if goal is None or (followed.reckoned_at is not None and now - followed.reckoned_at < RECKON_EVERY):
            return
        if now - row.position_at > timedelta(seconds=state.settings.position_stale_s):
            return  # from an old place the arrival would recede by a second each second; what was told last is nearer
        followed.reckoned_at = now
        (reach,) = await state.region.now.roads.table([Point(row.lat, row.lon)], goal, Profile.EMERGENCY, now)
        arrives_at = now + timedelta(seconds=reach.duration_s)
        if not worth_telling(row.arrives_at, arrives_at):
            return
        async with state.unit_of_work() as uow:
            assignment = await uow.session.get(Assignment, row.id, with_for_update={"key_share": True})
            if assignment is None or assignment.status != row.status:
                return
            assignment.arrives_at = arrives_at
            changed = {
                "id": row.id, "team_id": row.team_id, "arrives_at": arrives_at,
                "arrival_approximate": reach.estimate is not None,
            }  # fmt: skip
            uow.record(
                Event(
                    kind="assignment.arrival",
                    data={"assignment": changed},
                    roles=TOLD,
                    team_ids=(row.team_id,),
                )
            )
            await uow.commit()


def _place_of(row: AnyRow, step: str | None) -> Point | None:
    """Return the place that a step is about: left, or arrived at."""
    places = {
        "en_route": (row.start_lat, row.start_lon),
        "on_scene": (row.call_lat, row.call_lon),
        "at_hospital": (row.hospital_lat, row.hospital_lon),
    }
    lat, lon = places.get(step or "", (None, None))
    return None if lat is None else Point(lat, lon)


async def gps_steps(session: AsyncSession, assignment_id: int) -> Sequence[dict[str, Any]]:
    """Return what the positions told of an assignment's steps."""
    query = (
        select(GpsStep.step, GpsStep.at, GpsStep.noticed_at, GpsStep.distance_m, GpsStep.accuracy_m)
        .where(GpsStep.assignment_id == assignment_id)
        .order_by(GpsStep.at)
    )
    return [dict(row) for row in (await session.execute(query)).mappings()]
