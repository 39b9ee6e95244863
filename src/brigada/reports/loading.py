"""The facts out of PostgreSQL: binary COPY of fixed-width rows, read by NumPy without a loop.

Every column is made non-null and of fixed width in SQL, so that a row of the COPY stream is a row of a NumPy structure:
half a million calls arrive in about a second, and no Python object is made for any of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from brigada.calls.norms import Norm
from brigada.reports.facts import (
    ASSIGNMENT_STATUSES,
    ASSIGNMENT_TYPES,
    CALL_TYPES,
    CRITICALITIES,
    MILEAGE_TYPES,
    NEVER,
    PROFILES,
    REJECT_REASONS,
    STATUSES,
    STEPS,
    TROUBLES,
    Array,
    CarName,
    Frame,
    Names,
    TeamName,
    empty,
)

type Connection = Any
"""An asyncpg connection; the stubs leave COPY untyped."""

_PG_EPOCH_US: Final = 946_684_800 * 1_000_000
"""PostgreSQL counts microseconds from 2000-01-01 UTC, we from 1970."""

_WIRE: Final = {"ts": ">i8", "i8": ">i8", "i4": ">i4", "i2": ">i2", "f8": ">f8"}
_HEADER_BYTES: Final = 19
_TRAILER_BYTES: Final = 2


def _ts(column: str) -> tuple[str, str]:
    return f"coalesce({column}, '-infinity')", "ts"


def _id(column: str) -> tuple[str, str]:
    return f"coalesce({column}, 0)::bigint", "i8"


def _float(column: str) -> tuple[str, str]:
    return f"coalesce({column}, 'NaN')::float8", "f8"


def _one_of(column: str, words: tuple[str, ...]) -> tuple[str, str]:
    listed = ",".join(f"'{word}'" for word in words)
    return f"(coalesce(array_position(ARRAY[{listed}]::varchar[], {column}), 0) - 1)::int2", "i2"


_CALLS: Final = {
    "id": ("c.id", "i8"),
    "number": ("c.number", "i8"),
    "received": _ts("c.received_at"),
    "accepted": _ts("c.accepted_at"),
    "closed": _ts("c.closed_at"),
    "status": _one_of("c.status", STATUSES),
    "criticality": _one_of("c.criticality", CRITICALITIES),
    "reason": ("hashtext(coalesce(c.reason_code, ''))", "i4"),
    "district": ("hashtextextended(c.district, 0)", "i8"),
    "reject_reason": _one_of("c.reject_reason", REJECT_REASONS),
    "profile": _one_of("c.required_profile", PROFILES),
    "created_by": _id("c.created_by"),
    "lat": _float("c.lat"),
    "lon": _float("c.lon"),
    "own_reason": ("CASE WHEN c.reason_code IS NULL THEN hashtextextended(c.reason, 0) ELSE 0 END", "i8"),
}
_ASSIGNMENTS: Final = {
    "id": ("a.id", "i8"),
    "call_id": ("a.call_id", "i8"),
    "team_id": ("a.team_id", "i8"),
    "status": _one_of("a.status", ASSIGNMENT_STATUSES),
    "assigned_by": _id("a.assigned_by"),
    **{step: _ts(f"a.{step}_at") for step in STEPS},
    "ended": _ts("a.ended_at"),
    "trouble": _one_of("a.trouble_kind", TROUBLES),
    "hospital_id": _id("a.hospital_id"),
    "start_lat": _float("a.start_lat"),
    "start_lon": _float("a.start_lon"),
    "advice_team_id": _id("a.advice_team_id"),
    "advice_cost_s": _float("a.advice_cost_s"),
    "eta_s": _float("a.eta_s"),
}
_STEP_BIT = (
    "1 << (array_position(ARRAY[" + ",".join(f"'{step}'" for step in STEPS) + "]::varchar[], m.step) - 1)"
)
_INFERRED = f"bit_or({_STEP_BIT}) FILTER (WHERE m.source = 'inferred')"
_CORRECTED = f"bit_or({_STEP_BIT}) FILTER (WHERE m.corrects IS NOT NULL)"
_BY_GPS = f"bit_or({_STEP_BIT}) FILTER (WHERE m.source = 'gps')"
_DECLARED_SINCE = f"bit_or({_STEP_BIT}) FILTER (WHERE m.corrects IS NOT NULL AND m.source <> 'gps')"
_MARKS: Final = {
    "id": ("m.assignment_id", "i8"),
    "inferred": (f"coalesce({_INFERRED} & ~coalesce({_CORRECTED}, 0), 0)::int2", "i2"),
    "corrected": (f"coalesce({_CORRECTED}, 0)::int2", "i2"),
    "by_gps": (f"coalesce({_BY_GPS} & ~coalesce({_DECLARED_SINCE}, 0), 0)::int2", "i2"),
}
"""An inferred step that was reported later is not inferred any more, but corrected; one that came from the positions
and was put right by a person since is that person's.
"""


async def copy_frame(
    connection: Connection, columns: dict[str, tuple[str, str]], rest: str, types: dict[str, str]
) -> Frame:
    """Run `SELECT columns FROM …rest` as a binary COPY; return its columns."""
    wanted = ", ".join(f"{sql} AS {name}" for name, (sql, _) in columns.items())
    received = bytearray()

    async def keep(chunk: bytes) -> None:
        received.extend(chunk)

    await connection.copy_from_query(f"SELECT {wanted} {rest}", output=keep, format="binary")
    return decoded(received, {name: wire for name, (_, wire) in columns.items()}, types)


def decoded(received: bytearray | bytes, wires: dict[str, str], types: dict[str, str]) -> Frame:
    """Return the columns of a binary COPY stream whose fields are all of fixed width and never null."""
    layout: list[tuple[str, str]] = [("_fields", ">i2")]
    for name, wire in wires.items():
        layout += [(f"_{name}", ">i4"), (name, _WIRE[wire])]
    dtype = np.dtype(layout)
    count = (len(received) - _HEADER_BYTES - _TRAILER_BYTES) // dtype.itemsize
    rows = np.frombuffer(received, dtype, count, _HEADER_BYTES)
    if len(received) != _HEADER_BYTES + _TRAILER_BYTES + count * dtype.itemsize or (
        count and (rows["_fields"] != len(wires)).any()
    ):
        message = "the COPY stream has other columns than were asked for"
        raise ValueError(message)
    columns = {}
    for name, wire in wires.items():
        column = rows[name].astype(types[name])
        if wire == "ts":
            column[column != NEVER] += _PG_EPOCH_US
        columns[name] = column
    return Frame(columns)


def encoded(columns: dict[str, tuple[Array, str]]) -> bytes:
    """Return the binary COPY stream of these columns, each with its kind on the wire; `decoded` reads it again."""
    layout: list[tuple[str, str]] = [("_fields", ">i2")]
    for name, (_, wire) in columns.items():
        layout += [(f"_{name}", ">i4"), (name, _WIRE[wire])]
    rows = np.zeros(len(next(iter(columns.values()))[0]), np.dtype(layout))
    rows["_fields"] = len(columns)
    for name, (column, wire) in columns.items():
        rows[f"_{name}"] = np.dtype(_WIRE[wire]).itemsize
        rows[name] = np.where(column == NEVER, NEVER, column - _PG_EPOCH_US) if wire == "ts" else column
    header = b"PGCOPY\n\xff\r\n\0".ljust(_HEADER_BYTES, b"\0")
    return header + rows.tobytes() + b"\xff\xff"


def _where(column: str, ids: list[int] | None) -> str:
    return "" if ids is None else f"WHERE {column} = ANY('{{{','.join(map(str, ids))}}}'::bigint[])"


async def load_calls(connection: Connection, ids: list[int] | None) -> Frame:
    """Return these calls (all when None)."""
    return await copy_frame(connection, _CALLS, f"FROM calls c {_where('c.id', ids)}", CALL_TYPES)


async def load_assignments(connection: Connection, call_ids: list[int] | None) -> Frame:
    """Return the assignments of these calls (of all when None), with what is special about their time lines."""
    where = _where("a.call_id", call_ids)
    frame = await copy_frame(connection, _ASSIGNMENTS, f"FROM assignments a {where}", ASSIGNMENT_TYPES)
    of_these = "" if call_ids is None else f"JOIN assignments a ON a.id = m.assignment_id {where}"
    special = "(m.source IN ('inferred', 'gps') OR m.corrects IS NOT NULL)"
    marks = await copy_frame(
        connection, _MARKS,
        f"FROM milestones m {of_these} {'AND' if of_these else 'WHERE'} {special} GROUP BY m.assignment_id",
        {"id": "i8", "inferred": "i2", "corrected": "i2", "by_gps": "i2"},
    )  # fmt: skip
    frame.columns.update(_spread(frame["id"], marks, {"inferred": 0, "corrected": 0, "by_gps": 0}))
    for step in ("en_route", "on_scene", "at_hospital"):
        frame.columns.update(
            _spread(frame["id"], await _gps(connection, step, where), {f"gps_{step}": NEVER})
        )
    return frame


async def _gps(connection: Connection, step: str, where: str) -> Frame:
    """Return when positions showed a departure or an arrival; nothing where the service does not follow crews."""
    types = {"id": "i8", f"gps_{step}": "i8"}
    if not await connection.fetchval("SELECT to_regclass('gps_steps') IS NOT NULL"):
        return empty(types)
    of_these = f"JOIN assignments a ON a.id = g.assignment_id {where} AND" if where else "WHERE"
    columns = {"id": ("g.assignment_id", "i8"), f"gps_{step}": _ts("g.at")}
    return await copy_frame(connection, columns, f"FROM gps_steps g {of_these} g.step = '{step}'", types)


def _spread(ids: Any, sparse: Frame, absent: dict[str, int]) -> dict[str, Any]:  # noqa: ANN401 -- arrays
    """Return columns of `sparse` laid along `ids`; where it has no row, the value of absence."""
    order = np.argsort(ids, kind="stable")
    rows = order[np.searchsorted(ids, sparse["id"], sorter=order)] if len(ids) else order
    found = {}
    for name, value in absent.items():
        column = np.full(len(ids), value, dtype=sparse[name].dtype)
        column[rows] = sparse[name]
        found[name] = column
    return found


_MILEAGE: Final = {
    "id": ("m.car_id", "i8"),
    "team_id": ("m.team_id", "i8"),
    "hour": _ts("m.hour"),
    "metres": ("m.metres", "f8"),
}


_COUNTED_SINCE: Final = (
    "SELECT car_id, hour FROM car_mileage WHERE counted_at > timestamptz 'epoch' + interval '1 microsecond' *"
)


async def load_mileage(connection: Connection, since_us: int | None) -> Frame:
    """Return what cars drove in each hour: all, or the hours in which something was counted after a moment (µs).

    A year of 100 cars is some 900,000 rows of 32 bytes.
    """
    where = "" if since_us is None else f"WHERE (m.car_id, m.hour) IN ({_COUNTED_SINCE} {since_us})"
    return await copy_frame(connection, _MILEAGE, f"FROM car_mileage m {where}", MILEAGE_TYPES)


async def load_teams(connection: Connection, known: Iterable[TeamName], now_us: int) -> dict[int, TeamName]:
    """Return all teams; of the known ones only those are read again that had not ended by the last reading."""
    kept = {team.id: team for team in known if team.ended and team.end <= now_us}
    rows = await connection.fetch(_TEAMS, max(kept, default=0), [])
    if kept:
        open_ids = [team.id for team in known if team.id not in kept and team.id <= max(kept)]
        rows += await connection.fetch(_TEAMS, 2**62, open_ids)
    return kept | {
        row["id"]: TeamName(
            id=row["id"], name=row["name"], profile=row["profile"], car_id=row["car_id"],
            station_id=row["station_id"], start=row["start"], end=row["end"], ended=row["ended"],
        )
        for row in rows
    }  # fmt: skip


_TEAMS: Final = """
    SELECT id, name, profile, car_id, station_id, ended_at IS NOT NULL AS ended,
        (extract(epoch FROM shift_start) * 1000000)::bigint AS start,
        (extract(epoch FROM least(ended_at, shift_end)) * 1000000)::bigint AS end
    FROM teams WHERE id > $1 OR id = ANY($2::bigint[])
"""
"""A shift is over at its planned end, whenever somebody gets round to ending the team; `least` passes over NULL."""


async def load_names(connection: Connection, known: Names | None, now_us: int) -> Names:
    """Return everything that the numbers stand for; small tables are read anew, of the teams what may have changed."""
    norms = await load_norms(connection)
    states = await load_car_states(connection)
    return Names(
        reasons={
            row["hash"]: (row["code"], row["title_ru"], row["title_en"])
            for row in await connection.fetch("SELECT hashtext(code) AS hash, code, title_ru, title_en FROM reasons")
        },
        own_reasons=known.own_reasons if known is not None else {},
        districts=known.districts if known is not None else {},
        teams=await load_teams(connection, known.teams.values() if known is not None else (), now_us),
        stations=dict(await connection.fetch("SELECT id, name FROM stations")),
        hospitals={
            row["id"]: (row["name"], row["lat"], row["lon"])
            for row in await connection.fetch("SELECT id, name, lat, lon FROM hospitals")
        },
        cars={
            row["id"]: CarName(
                id=row["id"], number=row["number"], car_class=row["class"], model=row["model"],
                retired=row["retired_at"] is not None, states=states.get(row["id"], ()),
            )
            for row in await connection.fetch("SELECT id, number, class, model, retired_at FROM cars")
        },
        users=dict(await connection.fetch(_USERS)),
        dispatchers=tuple(
            row["id"] for row in await connection.fetch("SELECT id FROM users WHERE role = 'dispatcher'")
        ),
        norms=tuple(norm for norm, active in norms if active),
        all_norms=tuple(norm for norm, _ in norms),
    )  # fmt: skip


_CAR_STATES: Final = """
    SELECT (data->'car'->>'id')::bigint AS car_id, (extract(epoch FROM at) * 1000000)::bigint AS at,
        data->'car'->>'serviceability' = 'in_service' AS serves
    FROM events WHERE kind IN ('car.created', 'car.updated') AND data->'car' ? 'serviceability' ORDER BY seq
"""


async def load_car_states(connection: Connection) -> dict[int, tuple[tuple[int, bool], ...]]:
    """Return when each car went out of service and came back, as the log tells: some entries a day."""
    found: dict[int, list[tuple[int, bool]]] = {}
    for row in await connection.fetch(_CAR_STATES):
        states = found.setdefault(row["car_id"], [])
        if row["serves"] != (states[-1][1] if states else True):
            states.append((row["at"], row["serves"]))
    return {car: tuple(states) for car, states in found.items()}


_USERS: Final = """
    SELECT id, trim(surname || ' ' || CASE WHEN name = '' THEN '' ELSE left(name, 1) || '.' END
        || CASE WHEN patronym = '' THEN '' ELSE ' ' || left(patronym, 1) || '.' END)
    FROM users
"""


async def load_norms(connection: Connection) -> list[tuple[Norm, bool]]:
    """Return all norms, each with whether it is active."""
    rows = await connection.fetch(
        "SELECT * FROM norms ORDER BY norm_set, criticality, clock_start, clock_stop, id"
    )
    return [
        (
            Norm(
                id=row["id"], norm_set=row["norm_set"], territory=row["territory"], criticality=row["criticality"],
                clock_start=row["clock_start"], clock_stop=row["clock_stop"], target_s=row["target_s"],
                statistic=row["statistic"], share=row["share"], title_ru=row["title_ru"],
                title_en=row["title_en"], version=row["version"],
            ),
            row["active"],
        )
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Texts:
    """What was typed, by its hash: districts, and reasons that stand in no dictionary."""

    districts: dict[int, str]
    own_reasons: dict[int, str]


async def load_texts(connection: Connection, ids: list[int] | None) -> Texts:
    """Return the texts of these calls (of all when None)."""
    among = "" if ids is None else f"AND id = ANY('{{{','.join(map(str, ids))}}}'::bigint[])"

    async def texts(column: str, which: str) -> dict[int, str]:
        rows = await connection.fetch(
            f"SELECT DISTINCT hashtextextended({column}, 0) AS hash, {column} AS text FROM calls WHERE {which} {among}"  # noqa: S608 -- constants and numbers
        )
        return {row["hash"]: row["text"] for row in rows}

    return Texts(await texts("district", "true"), await texts("reason", "reason_code IS NULL"))
