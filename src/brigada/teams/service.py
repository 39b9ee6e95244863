"""Form, change, pause and end teams.

Rows are locked in one order everywhere: call, assignment, team, cars by number, workers by number, station.

A team shows more than its own row: its car, its crew's names, its station's place. Whoever tells of these holds their
rows too, and tells of what it changed alone: else of two changes at once (the car breaks, the team is renamed) the
later event would take back on every screen what the earlier one said.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from brigada.assignments import repository as assignments
from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.cars.errors import CarUnserviceable
from brigada.cars.repository import lock as lock_car
from brigada.db.engine import ReadSession
from brigada.errors import Invalid, NotFound, Outdated
from brigada.events.log import Event
from brigada.events.unit_of_work import UnitOfWork
from brigada.kit.changes import apply_changes
from brigada.kit.clock import Clock
from brigada.kit.pagination import Page, decode_cursor, encode_cursor
from brigada.stations import repository as stations
from brigada.stations.models import Station
from brigada.teams import repository
from brigada.teams.errors import CarTaken, TeamBusy, TeamNotOnShift, WorkerTaken
from brigada.teams.models import Team, TeamMember
from brigada.teams.rules import on_shift
from brigada.teams.schemas import TeamIn, TeamPatch

TOLD = ("admin", "dispatcher")
SHIFT = timedelta(hours=12)
"""The usual length of a shift; what is formed without an end gets it."""
LONGEST_SHIFT = timedelta(hours=26)
"""A day's shift and the hand-over; a longer one is a wrong date."""


async def list_teams(
    session: ReadSession,
    clock: Clock,
    *,
    free: bool | None,
    on_shift: bool | None,
    ended: bool,
    since: datetime | None,
    until: datetime | None,
    cursor: str | None,
    limit: int,
) -> Page[dict[str, Any]]:
    """Return a page of teams by name; `since` and `until` bound the beginning of their shift."""
    after = decode_cursor(cursor, tuple[int, str, int]) if cursor else None
    rows = await repository.page(
        session, now=clock.now(), free=free, on_shift=on_shift, ended=ended, since=since, until=until,
        after=after, limit=limit + 1,
    )  # fmt: skip
    items = rows[:limit]
    more = (
        encode_cursor(len(items[-1]["name"]), items[-1]["name"], items[-1]["id"])
        if len(rows) > limit
        else None
    )
    return Page(items, more)


async def get_team(session: ReadSession, clock: Clock, team_id: int) -> dict[str, Any]:
    """Return one team.

    Raises:
        NotFound.
    """
    found = await repository.view(session, team_id, clock.now())
    if found is None:
        raise NotFound
    return found


async def own_team(session: ReadSession, clock: Clock, principal: Principal) -> dict[str, Any]:
    """Return the worker's own living team.

    Raises:
        NotFound: the caller is on none.
    """
    team_id = await repository.living_team_of_worker(session, principal.id)
    if team_id is None:
        raise NotFound
    return await get_team(session, clock, team_id)


async def form_team(uow: UnitOfWork, body: TeamIn) -> dict[str, Any]:
    """Form a team.

    1. The car's row is locked, then the workers' rows by number: who retires that car or deletes that worker waits.
    2. A car or a worker on another living team is refused by name.
    3. What slips through is stopped by the partial unique indexes.

    Raises:
        Invalid: no such car, worker or station; a shift that ends before it starts.
        CarUnserviceable, CarTaken, WorkerTaken, TeamNameTaken.
    """
    start = body.shift_start or uow.now
    end = body.shift_end or start + SHIFT
    _check_shift(start, end)
    await _check_car(uow, body.car_id)
    await _check_workers(uow, body.member_ids)
    await _check_station(uow, body.station_id)
    team = Team(
        name=body.name, profile=body.profile, car_id=body.car_id, station_id=body.station_id,
        shift_start=start, shift_end=end, created_at=uow.now, version=1,
    )  # fmt: skip
    uow.session.add(team)
    await uow.session.flush()
    _join(uow, team.id, body.member_ids)
    return await _record(uow, team.id, "team.created", None, user_ids=body.member_ids)


async def change_team(uow: UnitOfWork, team_id: int, body: TeamPatch) -> dict[str, Any]:
    """Change a team's name, profile, station, shift, car or crew; what is so already changes nothing.

    Raises:
        NotFound, Outdated, Invalid, CarUnserviceable, CarTaken, WorkerTaken, TeamNameTaken.
    """
    team = await _locked(uow, team_id, body.version)
    wanted = body.model_dump(exclude={"member_ids", "version"}, exclude_none=True)
    if "station_id" in body.model_fields_set:
        wanted["station_id"] = body.station_id
    await _hold_parts(uow, team, cars=[wanted.get("car_id")], workers=body.member_ids or ())
    before = await _view(uow, team_id)
    if "station_id" in wanted:
        await _check_station(uow, body.station_id)
    _check_shift(wanted.get("shift_start", team.shift_start), wanted.get("shift_end", team.shift_end))
    if wanted.get("car_id", team.car_id) != team.car_id:
        await _check_car(uow, wanted["car_id"])
    _, new = apply_changes(team, wanted)
    shows = {field for name in new for field in _SHOWS[name]}
    moved: set[int] = set()
    if body.member_ids is not None:
        moved = {member["id"] for member in before["members"]} ^ set(body.member_ids)
    if not new and not moved:
        return before
    if body.member_ids is not None and moved:
        await _change_crew(uow, team_id, body.member_ids)
        shows.add("members")
    team.version += 1
    return await _record(uow, team_id, "team.updated", shows, user_ids=sorted(moved), old=before)


_SHOWS = {
    "name": ("name",),
    "profile": ("profile",),
    "car_id": ("car", "free", "location", "position_at"),
    "station_id": ("station_id", "location", "position_at"),
    "shift_start": ("shift_start", "on_shift", "free"),
    "shift_end": ("shift_end", "on_shift", "free"),
}
"""What a team's picture shows otherwise when this field of its row has changed."""
_BREAK = ("on_break_since", "free")


async def end_team(uow: UnitOfWork, team_id: int, version: int | None) -> None:
    """End a team: its car and workers are free for another; history keeps it.

    Raises:
        NotFound, Outdated.
        TeamBusy: it is on a call.
    """
    team = await _locked(uow, team_id, version)
    await _refuse_busy(uow, team_id)
    await _hold_parts(uow, team)
    members = await repository.living_member_ids(uow.session, team_id)
    before = await _view(uow, team_id)
    team.ended_at = uow.now
    team.version += 1
    await uow.session.flush()
    await repository.members_leave(uow.session, team_id, uow.now)
    uow.record(
        Event(
            kind="team.ended",
            data={"team": {"id": team_id, "ended_at": uow.now, "free": False, "version": team.version}},
            old={"team": before},
            roles=TOLD,
            team_ids=(team_id,),
            user_ids=tuple(members),
        )
    )


async def start_break(
    uow: UnitOfWork, principal: Principal, team_id: int, version: int | None
) -> dict[str, Any]:
    """Send a free team on a break; on a break already is no error.

    Raises:
        NotFound: absent, or not the worker's own.
        TeamBusy, TeamNotOnShift, Outdated.
    """
    team = await _own_or_any(uow, principal, team_id, version)
    if team.on_break_since is None:
        await _refuse_busy(uow, team_id)
        if not on_shift(team, uow.now):
            raise TeamNotOnShift(present=await _view(uow, team_id))
        await lock_car(uow.session, team.car_id)
        before = await _view(uow, team_id)
        team.on_break_since = uow.now
        team.version += 1
        return await _record(uow, team_id, "team.break_started", _BREAK, old=before)
    return await _view(uow, team_id)


async def end_break(
    uow: UnitOfWork, principal: Principal, team_id: int, version: int | None
) -> dict[str, Any]:
    """Bring a team back from its break; not on a break is no error.

    Raises:
        NotFound: absent, or not the worker's own.
        Outdated.
    """
    team = await _own_or_any(uow, principal, team_id, version)
    if team.on_break_since is not None:
        await lock_car(uow.session, team.car_id)
        before = await _view(uow, team_id)
        team.on_break_since = None
        team.version += 1
        return await _record(uow, team_id, "team.break_ended", _BREAK, old=before)
    return await _view(uow, team_id)


async def _own_or_any(uow: UnitOfWork, principal: Principal, team_id: int, version: int | None) -> Team:
    sees_all = principal.may(Permission.TEAMS_READ)
    if not sees_all and await repository.living_team_of_worker(uow.session, principal.id) != team_id:
        raise NotFound
    return await _locked(uow, team_id, version)


async def _locked(uow: UnitOfWork, team_id: int, version: int | None) -> Team:
    team = await repository.lock(uow.session, team_id)
    if team is None:
        raise NotFound
    if version is not None and version != team.version:
        raise Outdated(present=await _view(uow, team_id))
    return team


async def _refuse_busy(uow: UnitOfWork, team_id: int) -> None:
    if await assignments.active_of_team(uow.session, team_id) is not None:
        raise TeamBusy(present=await _view(uow, team_id))


def _check_shift(start: Any, end: Any) -> None:  # noqa: ANN401 -- moments
    if not start < end:
        raise Invalid.field(
            "body",
            "shift_end",
            code="shift",
            ru="Конец смены раньше начала.",
            en="The shift ends before it starts.",
        )
    if end - start > LONGEST_SHIFT:
        raise Invalid.field(
            "body",
            "shift_end",
            code="shift",
            ru="Смена длиннее 26 часов.",
            en="The shift is longer than 26 hours.",
        )


async def _check_car(uow: UnitOfWork, car_id: int) -> None:
    car = await lock_car(uow.session, car_id)
    if car is None:
        raise Invalid.field(
            "body", "car_id", code="unknown", ru="Нет такого автомобиля.", en="There is no such car."
        )
    if car.serviceability != "in_service":
        raise CarUnserviceable(car_id=car_id)
    taken_by = await repository.living_team_of_car(uow.session, car_id)
    if taken_by is not None:
        raise CarTaken(car_id=car_id, team_id=taken_by)


async def _check_workers(uow: UnitOfWork, user_ids: Sequence[int]) -> None:
    found = {worker.id for worker in await repository.lock_workers(uow.session, user_ids)}
    missing = [user_id for user_id in user_ids if user_id not in found]
    if missing:
        raise Invalid.field(
            "body",
            "member_ids",
            user_ids.index(missing[0]),
            code="unknown",
            ru="Нет такого действующего работника.",
            en="There is no such active worker.",
        )
    taken = await repository.teams_of_workers(uow.session, user_ids)
    for user_id, team_id in taken.items():
        raise WorkerTaken(user_id=user_id, team_id=team_id)


async def _hold_parts(
    uow: UnitOfWork, team: Team, *, cars: Iterable[int | None] = (), workers: Iterable[int] = ()
) -> None:
    """Hold what a locked team shows, and what it is to show: cars, then workers, each by number, then the station."""
    for car_id in sorted({team.car_id, *(car_id for car_id in cars if car_id is not None)}):
        await lock_car(uow.session, car_id)
    members = await repository.living_member_ids(uow.session, team.id)
    await repository.lock_workers(uow.session, {*members, *workers})
    if team.station_id is not None:
        await stations.hold(uow.session, Station, team.station_id)


async def _check_station(uow: UnitOfWork, station_id: int | None) -> None:
    if station_id is not None and await stations.hold(uow.session, Station, station_id) is None:
        raise Invalid.field(
            "body", "station_id", code="unknown", ru="Нет такой подстанции.", en="There is no such station."
        )


async def _change_crew(uow: UnitOfWork, team_id: int, wanted: Sequence[int]) -> None:
    present = await repository.living_member_ids(uow.session, team_id)
    leaving = [user_id for user_id in present if user_id not in wanted]
    joining = [user_id for user_id in wanted if user_id not in present]
    if leaving:
        await repository.members_leave(uow.session, team_id, uow.now, only=leaving)
    if joining:
        await _check_workers(uow, joining)
        _join(uow, team_id, joining)
        await uow.session.flush()


def _join(uow: UnitOfWork, team_id: int, user_ids: Sequence[int]) -> None:
    for place, user_id in enumerate(user_ids):
        uow.session.add(TeamMember(team_id=team_id, user_id=user_id, place=place, joined_at=uow.now))


async def _record(
    uow: UnitOfWork,
    team_id: int,
    kind: str,
    shows: Iterable[str] | None,
    *,
    user_ids: Sequence[int] = (),
    old: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Tell how the team looks now, as far as it `shows` something new (None: all of it); return all of it."""
    await uow.session.flush()
    shown = await _view(uow, team_id)
    fields = sorted(shown if shows is None else {"id", "version", *shows})
    uow.record(
        Event(
            kind=kind,
            data={"team": {name: shown[name] for name in fields}},
            old={"team": {name: old[name] for name in fields}} if old else {},
            roles=TOLD,
            team_ids=(team_id,),
            user_ids=tuple(user_ids),
        )
    )
    return shown


async def _view(uow: UnitOfWork, team_id: int) -> dict[str, Any]:
    found = await repository.view(uow.session, team_id, uow.now)
    if found is None:
        raise NotFound
    return found
