"""SQL of calls, patients and reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.assignments import repository as assignments
from brigada.assignments.models import Assignment
from brigada.calls.models import CRITICALITIES, Call, Norm, Patient, Reason
from brigada.calls.view import COLUMNS, call_views
from brigada.db.base import AnyRow, AnySelect
from brigada.db.engine import WriteSession
from brigada.kit.geo import Point, box_around
from brigada.kit.text import like_pattern

OPEN = Call.status.in_(("new", "accepted"))
URGENCY = case({name: rank for rank, name in enumerate(CRITICALITIES)}, value=Call.criticality)


def _query() -> AnySelect:
    return select(*COLUMNS).outerjoin(Patient, Patient.id == Call.patient_id)


# Every command reads these: built once, not each time.
_ONE = _query().where(Call.id == bindparam("id"))
_LOCK = (
    select(Call)
    .where(Call.id == bindparam("id"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
type Stamp = tuple[object, ...]
"""Tells one state of a call, its patient and its assignments from every other one."""
# PostgreSQL writes each version of a row by another transaction (`xmin`). A copy of the database that was restored may
# come to the same numbers again with other rows; its log has another epoch.
_BOARD_STAMPS: AnySelect = (
    select(
        Call.id,
        literal_column("calls.xmin"),
        literal_column("patients.xmin"),
        Assignment.id,
        literal_column("assignments.xmin"),
        literal_column("(SELECT epoch FROM event_counter)"),
    )
    .outerjoin(Patient, Patient.id == Call.patient_id)
    .outerjoin(Assignment, Assignment.call_id == Call.id)
    .where(OPEN)
    .order_by(URGENCY, Call.received_at, Call.id, Assignment.id)
)
_REASON_OF = (
    select(Reason)
    .where(
        Reason.active,
        or_(
            Reason.code == bindparam("words"),
            func.lower(Reason.title_ru) == bindparam("words"),
            func.lower(Reason.title_en) == bindparam("words"),
        ),
    )
    .limit(1)
)


async def _views(session: AsyncSession, query: AnySelect) -> list[dict[str, Any]]:
    rows = (await session.execute(query)).all()
    if not rows:
        return []
    return call_views(rows, await assignments.of_calls(session, [row.id for row in rows]))


async def view(session: AsyncSession, call_id: int) -> dict[str, Any] | None:
    """Return one call as the API shows it."""
    row = (await session.execute(_ONE, {"id": call_id})).one_or_none()
    if row is None:
        return None
    return call_views([row], await assignments.of_calls(session, [call_id]))[0]


async def view_of_new(session: WriteSession, call_id: int) -> dict[str, Any]:
    """Return a call that this transaction has made, to which nobody can have been sent."""
    return call_views([(await session.execute(_ONE, {"id": call_id})).one()], [])[0]


async def views(session: AsyncSession, call_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return these calls, in no particular order."""
    return await _views(session, _query().where(Call.id.in_(call_ids)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which calls a list shows; what is empty narrows nothing."""

    statuses: Sequence[str] = ()
    criticality: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    q: str | None = None
    search_since: datetime | None = None
    """Words are sought from here on, a number in all of history."""
    team_id: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the list's conditions in SQL."""
        found: list[ColumnElement[bool]] = []
        if self.statuses:
            found.append(Call.status.in_(self.statuses))
        if self.criticality is not None:
            found.append(Call.criticality == self.criticality)
        if self.since is not None:
            found.append(Call.received_at >= self.since)
        if self.until is not None:
            found.append(Call.received_at < self.until)
        if self.team_id is not None:
            sent = text(
                "EXISTS (SELECT 1 FROM assignments a WHERE a.call_id = calls.id AND a.team_id = :team_id)"
            )
            found.append(cast("ColumnElement[bool]", sent.bindparams(team_id=self.team_id)))
        if self.q:
            found.append(_holds(self.q, self.search_since))
        return found


def _holds(q: str, since: datetime | None) -> ColumnElement[bool]:
    words = func.concat_ws(" ", Call.address, Call.reason, Call.caller_phone, Patient.surname, Patient.name)
    found: ColumnElement[bool] = words.ilike(like_pattern(q))
    if since is not None:
        found = and_(Call.received_at >= since, found)
    if q.isdecimal() and len(q) < 19:
        found = or_(found, Call.number == int(q))
    return found


async def board_stamps(session: AsyncSession) -> dict[int, Stamp]:
    """Return every open call in the order of the board, each with the stamp of what it is shown from."""
    stamps: dict[int, Stamp] = {}
    for call_id, *rows in (await session.execute(_BOARD_STAMPS)).all():
        stamps[call_id] = (*stamps.get(call_id, ()), *rows)
    return stamps


async def board(session: AsyncSession, wanted: Wanted | None = None) -> list[dict[str, Any]]:
    """Return all open calls, or the wanted ones: by criticality, then the longest waiting first."""
    query = _query().where(OPEN, *(wanted or Wanted()).conditions())
    return await _views(session, query.order_by(URGENCY, Call.received_at, Call.id))


async def page(
    session: AsyncSession, wanted: Wanted, *, after: tuple[datetime, int] | None, limit: int
) -> list[dict[str, Any]]:
    """Return calls, the latest received first."""
    query = _query().where(*wanted.conditions())
    if after is not None:
        query = query.where(tuple_(Call.received_at, Call.id) < after)
    return await _views(session, query.order_by(Call.received_at.desc(), Call.id.desc()).limit(limit))


async def lock(session: WriteSession, call_id: int) -> Call | None:
    """Return the call, locked against other commands until the commit; always the first row to be locked."""
    return (await session.execute(_LOCK, {"id": call_id})).scalar_one_or_none()


async def by_external_id(session: AsyncSession, external_id: str) -> AnyRow | None:
    """Return number and state of the call that another system knows by this number."""
    query = select(Call.id, Call.number, Call.status).where(Call.external_id == external_id)
    return (await session.execute(query)).one_or_none()


async def reason_of(session: AsyncSession, words: str) -> Reason | None:
    """Return the reason whose code or title, in either language, these words are."""
    return (await session.execute(_REASON_OF, {"words": words.lower()})).scalar_one_or_none()


async def reasons(session: AsyncSession, *, inactive: bool) -> Sequence[RowMapping]:
    """Return the dictionary, the most critical first."""
    columns = (
        Reason.code, Reason.title_ru, Reason.title_en, Reason.criticality, Reason.profile, Reason.active,
        Reason.version,
    )  # fmt: skip
    urgency = case({name: rank for rank, name in enumerate(CRITICALITIES)}, value=Reason.criticality)
    query = select(*columns).order_by(urgency, Reason.title_ru)
    if not inactive:
        query = query.where(Reason.active)
    return (await session.execute(query)).mappings().all()


async def lock_reason(session: WriteSession, code: str) -> Reason | None:
    return await session.get(Reason, code, with_for_update=True)


async def norms(session: AsyncSession) -> Sequence[RowMapping]:
    """Return all norms."""
    columns = (
        Norm.id, Norm.norm_set, Norm.territory, Norm.criticality, Norm.clock_start, Norm.clock_stop, Norm.target_s,
        Norm.statistic, Norm.share, Norm.title_ru, Norm.title_en, Norm.active, Norm.version,
    )  # fmt: skip
    return (await session.execute(select(*columns).order_by(Norm.norm_set, Norm.id))).mappings().all()


async def lock_norms(session: WriteSession) -> Sequence[Norm]:
    """Return all norms by number, locked against other commands until the commit."""
    query = select(Norm).order_by(Norm.id).with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).all()


async def lock_norm(session: WriteSession, norm_id: int) -> Norm | None:
    return await session.get(Norm, norm_id, with_for_update=True, populate_existing=True)


async def patient(session: WriteSession, patient_id: int) -> Patient | None:
    return await session.get(Patient, patient_id)


async def possible_duplicates(
    session: AsyncSession,
    *,
    since: datetime,
    place: Point | None,
    radius_m: float,
    phone: str,
    address: str,
    limit: int,
) -> list[AnyRow]:
    """Return recent calls that share the place, the phone or the address, the latest first."""
    alike = []
    if place is not None:
        south, west, north, east = box_around(place, radius_m)
        alike.append(and_(Call.lat.between(south, north), Call.lon.between(west, east)))
    if digits := "".join(letter for letter in phone if letter.isdigit())[-10:]:
        written = func.right(func.regexp_replace(Call.caller_phone, r"\D", "", "g"), 10)
        alike.append(written == digits)
    if address:
        alike.append(Call.address.ilike(like_pattern(address)))
    if not alike:
        return []
    query = (
        _query()
        .where(Call.received_at >= since, or_(OPEN, Call.closed_at.is_not(None)), or_(*alike))
        .order_by(Call.received_at.desc())
        .limit(limit)
    )
    return list((await session.execute(query)).all())


async def history(session: AsyncSession, call_id: int, after: int, limit: int) -> Sequence[RowMapping]:
    """Return the log's entries about a call, the oldest first."""
    query = text(
        "SELECT seq, at, kind, actor_kind, actor_id, actor_name, data, old FROM events"
        " WHERE call_id = :call_id AND seq > :after ORDER BY seq LIMIT :limit"
    )
    return (
        (await session.execute(query, {"call_id": call_id, "after": after, "limit": limit})).mappings().all()
    )


async def team_knows(session: AsyncSession, call_id: int, team_id: int) -> bool:
    """Return whether this team is or was sent to the call."""
    query = text("SELECT EXISTS (SELECT 1 FROM assignments WHERE call_id = :call_id AND team_id = :team_id)")
    return bool((await session.execute(query, {"call_id": call_id, "team_id": team_id})).scalar_one())
