"""The complete export: every table as CSV and as JSON lines in one ZIP, streamed row by row.

One snapshot of the database for all tables; rows come by a server-side cursor and go straight into the file, so the
memory used does not grow with the data. Patients, callers and names of staff are left out unless they were asked for.
"""

import csv
import io
import json
import time
import zipfile
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Table

from brigada.reports.output.sheets import BOM, guarded
from brigada.reports.store import connect

PREFETCH: Final = 2_000
"""Rows fetched at once: some hundreds of kilobytes."""
TELL_S: Final = 0.5
"""Seconds between two notes of progress."""

SECRET: Final = frozenset({"password_hash", "digest"})
"""Never exported, to nobody."""

PERSONAL: Final = {
    "calls": {
        "address", "entrance", "floor", "flat", "intercom", "landmark", "lat", "lon", "caller_phone", "caller_name",
        "comment", "reject_comment",
    },
    "users": {"login", "name", "surname", "patronym", "phone"},
    "assignments": {"end_comment"},
    "patients": {"name", "surname", "patronym", "notes"},
}  # fmt: skip
"""Columns that tell who somebody is or where they live; left out of an export without personal data."""

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
"""Tracks: by far the largest; exported when asked for."""


type Tell = Callable[[float, str], Awaitable[None]]
"""Hears the part done and the table; may raise to stop the export."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to export."""

    personal_data: bool
    positions: bool
    zone: str


def tables_to_export(tables: Iterable[Table], wanted: Wanted) -> list[tuple[str, list[str], dict[str, str]]]:
    """Return each table's name, its columns and their types."""
    found = []
    for table in tables:
        if table.name in LEFT_OUT or (table.name in POSITIONS and not wanted.positions):
            continue
        if table.name in PERSONAL_TABLES and not wanted.personal_data:
            continue
        hidden = SECRET if wanted.personal_data else SECRET | PERSONAL.get(table.name, set())
        columns = {column.name: str(column.type) for column in table.columns if column.name not in hidden}
        found.append((table.name, list(columns), columns))
    return found


async def write_export(url: str, file: Path, wanted: Wanted, tell: Tell, tables: Iterable[Table]) -> None:
    """Write the export into `file`; one snapshot, constant memory."""
    chosen = tables_to_export(tables, wanted)
    connection = await connect(url)
    try:
        await connection.execute("SET statement_timeout = 0")
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            sizes = {name: await connection.fetchval(_SIZE, name) or 0 for name, *_ in chosen}
            whole, done = sum(sizes.values()) * 2 or 1, 0
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                archive.writestr("README.md", _readme(wanted, [name for name, *_ in chosen]))
                archive.writestr("schema.json", json.dumps({n: types for n, _, types in chosen}, indent=1))
                for name, columns, _ in chosen:
                    for form in ("csv", "jsonl"):
                        with archive.open(f"{form}/{name}.{form}", "w", force_zip64=True) as out:
                            note = _Progress(tell, name, done, sizes[name], whole)
                            await _write_table(connection, name, columns, form, wanted, out, note)
                        done += sizes[name]
    finally:
        await connection.close()


_SIZE: Final = "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = to_regclass($1)"


class _Progress:
    """Tells now and then how far it is."""

    def __init__(self, tell: Tell, name: str, done: int, size: int, whole: int) -> None:
        self._tell, self._name, self._done, self._size, self._whole = tell, name, done, size, whole
        self._last = 0.0

    async def __call__(self, rows: int) -> None:
        now = time.monotonic()
        if now - self._last >= TELL_S:
            self._last = now
            await self._tell(min(0.99, (self._done + min(rows, self._size)) / self._whole), self._name)


async def _write_table(
    connection: Any,  # noqa: ANN401 -- asyncpg leaves cursors untyped
    name: str,
    columns: Sequence[str],
    form: str,
    wanted: Wanted,
    out: Any,  # noqa: ANN401 -- an entry of the archive
    note: _Progress,
) -> None:
    listed = ", ".join(f'"{column}"' for column in columns)
    cursor = connection.cursor(f'SELECT {listed} FROM "{name}"', prefetch=PREFETCH)  # noqa: S608 -- names of the models
    write = _csv_rows(out, columns, ZoneInfo(wanted.zone)) if form == "csv" else _json_rows(out)
    batch: list[Any] = []
    rows = 0
    async for record in cursor:
        batch.append(record)
        if len(batch) == PREFETCH:
            write(batch)
            rows += len(batch)
            batch.clear()
            await note(rows)
    write(batch)
    await note(rows)


def _csv_rows(out: Any, columns: Sequence[str], zone: ZoneInfo) -> Callable[[Sequence[Any]], None]:  # noqa: ANN401 -- as above
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    text.write(BOM)
    writer.writerow(columns)

    def plain(value: Any) -> str:  # noqa: ANN401 -- a cell
        if value is None:
            return ""
        if isinstance(value, datetime):
            return value.astimezone(zone).isoformat()
        if isinstance(value, list | dict):
            return guarded(json.dumps(value, ensure_ascii=False, default=str))
        if isinstance(value, bool | int | float):
            return str(value)
        return guarded(value.hex() if isinstance(value, bytes) else str(value))

    def write(batch: Sequence[Any]) -> None:
        writer.writerows([plain(value) for value in record] for record in batch)
        out.write(text.getvalue().encode())
        text.seek(0)
        text.truncate()

    return write


def _json_rows(out: Any) -> Callable[[Sequence[Any]], None]:  # noqa: ANN401 -- as above
    encoder = msgspec.json.Encoder(enc_hook=str)

    def write(batch: Sequence[Any]) -> None:
        out.write(b"".join(encoder.encode(dict(record)) + b"\n" for record in batch))

    return write


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
