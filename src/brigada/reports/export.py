"""The complete export: every table as CSV and as JSON lines in one ZIP, streamed.

One snapshot of the database for all tables. PostgreSQL writes the lines and COPY carries them straight into the file:
no Python object is made for any row, and the memory used does not grow with the data. Patients, callers and names of
staff are left out unless they were asked for.
"""

import json
import time
import zipfile
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table

from brigada.reports.output.sheets import BOM, FORMULA
from brigada.reports.store import connect

TELL_S: Final = 0.5
"""Seconds between two notes of progress."""

SECRET: Final = frozenset({"password_hash", "digest"})
"""Never exported, to nobody."""

PERSONAL: Final = {
    "calls": {
        "address", "entrance", "floor", "flat", "intercom", "landmark", "lat", "lon", "caller_phone", "caller_name",
        "comment", "reject_comment", "reason",
    },
    "users": {"login", "name", "surname", "patronym", "phone"},
    "assignments": {"end_comment", "start_lat", "start_lon"},
    "milestones": {"reason"},
    "attentions": {"lat", "lon"},
    "patients": {"name", "surname", "patronym", "notes"},
}  # fmt: skip
"""Columns that tell who somebody is or where they live, and what people typed in their own words (a call's reason by
its code stays); left out of an export without personal data.
"""

PERSONAL_TABLES: Final = frozenset(
    {"events", "patient_data_reads", "notifications", "notification_recipients"}
)
"""Tables whose rows may hold personal data anywhere."""

LEFT_OUT: Final = frozenset(
    {"sessions", "api_tokens", "devices", "idempotency_keys", "event_counter", "car_positions", "report_jobs",
     "report_schedules", "whatif_runs"}
)  # fmt: skip
"""Keys, and what only the running program needs."""

POSITIONS: Final = frozenset({"positions"})
"""Tracks: by far the largest; exported when asked for, and only with personal data: they end at patients' doors."""


type Tell = Callable[[float, str], Awaitable[None]]
"""Hears the part done and the table; may raise to stop the export."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to export."""

    personal_data: bool
    positions: bool
    zone: str


def tables_to_export(tables: Iterable[Table], wanted: Wanted) -> dict[str, dict[str, str]]:
    """Return the columns of each table to export, and their types."""
    found = {}
    for table in tables:
        if table.name in LEFT_OUT or (table.name in POSITIONS and not wanted.positions):
            continue
        if table.name in PERSONAL_TABLES | POSITIONS and not wanted.personal_data:
            continue
        hidden = SECRET if wanted.personal_data else SECRET | PERSONAL.get(table.name, set())
        found[table.name] = {
            column.name: str(column.type) for column in table.columns if column.name not in hidden
        }
    return found


async def write_export(url: str, file: Path, wanted: Wanted, tell: Tell, tables: Iterable[Table]) -> None:
    """Write the export into `file`; one snapshot, constant memory."""
    chosen = tables_to_export(tables, wanted)
    connection = await connect(url)
    try:
        await connection.execute("SET statement_timeout = 0")
        await connection.transaction(isolation="repeatable_read", readonly=True).start()
        sizes = {name: await connection.fetchval(_SIZE, name) or 0 for name in chosen}
        whole, done = sum(sizes.values()) * 2 or 1, 0
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            archive.writestr("README.md", _readme(wanted, list(chosen)))
            archive.writestr("schema.json", json.dumps(chosen, indent=1))
            for name, types in chosen.items():
                for form, write, zone in (
                    ("csv", _write_csv, wanted.zone),
                    ("jsonl", _write_json, "UTC"),
                ):
                    await connection.execute("SELECT set_config('TimeZone', $1, true)", zone)
                    with archive.open(f"{form}/{name}.{form}", "w", force_zip64=True) as out:
                        await write(
                            connection, name, types, _Lines(out, tell, name, done, sizes[name], whole)
                        )
                    done += sizes[name]
    finally:
        # Nothing was written, so there is nothing to end in order; and after a COPY that a cancellation broke off the
        # connection takes no rollback, whose failure would hide why.
        connection.terminate()


_SIZE: Final = "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = to_regclass($1)"


class _Lines:
    """Takes the lines of a table: writes them down, and tells now and then how far it is."""

    def __init__(self, out: Any, tell: Tell, name: str, done: int, size: int, whole: int) -> None:  # noqa: ANN401 -- an entry of the archive
        self._out, self._tell, self._name = out, tell, name
        self._done, self._size, self._whole = done, size, whole
        self._rows, self._last = 0, 0.0

    async def __call__(self, chunk: bytes) -> None:
        self._out.write(chunk)
        self._rows += chunk.count(b"\n")
        now = time.monotonic()
        if now - self._last >= TELL_S:
            self._last = now
            await self._tell(min(0.99, (self._done + min(self._rows, self._size)) / self._whole), self._name)


async def _write_csv(connection: Any, name: str, types: dict[str, str], lines: _Lines) -> None:  # noqa: ANN401 -- asyncpg leaves COPY untyped
    listed = ", ".join(f'{_csv_cell(column, kind)} AS "{column}"' for column, kind in types.items())
    await lines(BOM.encode())
    await connection.copy_from_query(
        f'SELECT {listed} FROM "{name}"', output=lines, format="csv", delimiter=";", header=True  # noqa: S608 -- names of the models
    )  # fmt: skip


_NUMBERS: Final = frozenset({"BIGINT", "INTEGER", "SMALLINT", "FLOAT"})
_SIGNS: Final = ", ".join(f"chr({ord(sign)})" for sign in FORMULA)


def _csv_cell(column: str, kind: str) -> str:
    """Return the SQL of a cell as plain text: a moment of the service's zone, lists as JSON, a formula guarded."""
    own = f'"{column}"'
    if kind in _NUMBERS:
        return own
    if kind == "BOOLEAN":
        return f"{own}::text"
    if kind == "DATETIME":
        return f"to_json({own}) #>> '{{}}'"
    if kind == "INET":
        return f"host({own})"
    if kind == "BLOB":
        return f"encode({own}, 'hex')"
    text = f"to_json({own})::text" if kind == "ARRAY" else f"{own}::text"
    return f"CASE WHEN left({text}, 1) IN ({_SIGNS}) THEN chr(39) ELSE '' END || {text}"


async def _write_json(connection: Any, name: str, types: dict[str, str], lines: _Lines) -> None:  # noqa: ANN401 -- as above
    listed = ", ".join(f'"{column}"' for column in types)
    # No line of JSON holds these two signs, so that COPY writes each as it is.
    await connection.copy_from_query(
        f'SELECT row_to_json(line) FROM (SELECT {listed} FROM "{name}") AS line',  # noqa: S608 -- as above
        output=lines, format="csv", delimiter="\x02", quote="\x01",
    )  # fmt: skip


def _readme(wanted: Wanted, names: Sequence[str]) -> str:
    personal = "included" if wanted.personal_data else "left out"
    return "\n".join(
        (
            "# Export of Brigada",
            "",
            "All tables are of one moment. `csv/`: UTF-8 with BOM, `;`, times of the service's zone with their offset;",
            "a text that begins with = + - @ has an apostrophe before it. `jsonl/`: one JSON object a line, times in",
            "UTC. `schema.json`: columns and types. Names ending in `_id` refer to the `id` of that table, `_at` are",
            "moments, `_s` seconds, `_m` metres, `lat` and `lon` degrees WGS 84.",
            "",
            f"Personal data: {personal}. Passwords, keys and sessions are never exported.",
            f"Time zone: {wanted.zone}.",
            "",
            *(f"- {name}" for name in names),
            "",
        )
    )
