"""Every column that could hold a text of somebody's or a place is either left out, or known to be harmless."""

import re
from pathlib import Path

from brigada.reports.export import Wanted, tables_to_export
from brigada.tables import metadata

HARMLESS = {
    "advice": {"kind", "candidates"},
    "advice_settings": {"automatic", "weights"},
    "assignments": {"status", "trouble_kind", "outcome"},
    "attention_rules": {"code", "condition", "criticality", "title_ru", "title_en"},
    "attentions": {"rule", "subject", "car_number"},
    "calls": {"status", "criticality", "reason_code", "district", "required_profile", "external_id", "reject_reason"},
    "cars": {"number", "class", "model", "serviceability"},
    "gps_steps": {"step"},
    "hospitals": {"name", "address", "phone", "lat", "lon", "profiles"},
    "milestones": {"step", "source"},
    "norms": {
        "norm_set", "territory", "criticality", "clock_start", "clock_stop", "statistic", "title_ru", "title_en",
    },
    "patients": {"sex"},
    "proposals": {"status", "fingerprint", "moves"},
    "reasons": {"code", "title_ru", "title_en", "criticality", "profile"},
    "stations": {"name", "address", "phone", "lat", "lon"},
    "teams": {"name", "profile"},
    "users": {"role", "language"},
}  # fmt: skip
"""Words of the program, and what is public. A new column belongs here, or into `PERSONAL` of the export."""

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(\w+)`(ᵖ?)")
TELLING = ("VARCHAR", "TEXT", "JSON", "ARRAY", "BLOB", "INET")


def exported(*, personal_data: bool, positions: bool = True) -> dict[str, set[str]]:
    tables = tables_to_export(metadata.sorted_tables, Wanted(personal_data, positions, "UTC"))
    return {
        name: {column for column, kind in columns.items() if _could_tell(column, kind)}
        for name, columns in tables.items()
    }


def _could_tell(column: str, kind: str) -> bool:
    return kind.startswith(TELLING) or "lat" in column.split("_") or "lon" in column.split("_")


def test_each_text_and_each_place_of_an_export_without_personal_data_is_known_to_be_harmless() -> None:
    found = {name: columns for name, columns in exported(personal_data=False).items() if columns}
    assert found == HARMLESS


def test_tracks_are_personal_data() -> None:
    assert "positions" not in exported(personal_data=False)
    assert "positions" in exported(personal_data=True)
    assert "positions" not in exported(personal_data=True, positions=False)


def test_every_exported_column_is_documented_and_no_other() -> None:
    """`docs/export.md` names each table and column, and marks what only an export with personal data has."""
    plain, personal = (
        {name: set(columns) for name, columns in tables_to_export(metadata.sorted_tables, wanted).items()}
        for wanted in (Wanted(False, True, "UTC"), Wanted(True, True, "UTC"))
    )
    described: dict[str, set[str]] = {}
    marked: dict[str, set[str]] = {}
    for line in (ROOT / "docs/export.md").read_text(encoding="utf-8").splitlines():
        if not line.startswith("| `"):
            continue
        name, _, columns = line.strip("| ").split(" | ")
        words = NAMED.findall(re.sub(r"\(.*?\)", "", columns))  # values stand in brackets
        ((table, of_people),) = NAMED.findall(name)
        described[table] = {word for word, _ in words}
        marked[table] = {word for word, mark in words if mark or of_people}
    assert described == personal
    assert {
        name: columns - marked[name] for name, columns in described.items() if columns - marked[name]
    } == plain
