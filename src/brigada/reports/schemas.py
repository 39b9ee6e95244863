"""What goes in and out of `/reports`, as documented."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from brigada.schema import View

Criticality = Literal["critical", "important", "common"]
Status = Literal["new", "accepted", "completed", "rejected"]
Profile = Literal["paramedic", "physician", "intensive_care", "paediatric", "psychiatric", "obstetric"]
Outcome = Literal[
    "open", "on_place", "hospital", "refused", "false", "duplicate", "patient_not_found", "address_not_found",
    "served_by_other", "died_before_arrival", "other",
]  # fmt: skip
Group = Literal[
    "hour", "day", "week", "month", "weekday", "time_line", "station", "team", "profile", "district", "criticality",
    "reason", "outcome", "dispatcher",
]  # fmt: skip
Interval = Literal[
    "processing", "turnout", "travel", "response", "on_scene", "transport", "turnaround", "committed"
]
Format = Literal["json", "svg", "csv", "xlsx", "pdf"]


class ReportInfo(View):
    """A report that the caller may read."""

    name: str
    title: str
    about: str
    groups: list[str]
    """What it can be grouped by; the first is the default."""
    formats: list[str]


class ReportInfoList(View):
    items: list[ReportInfo]
    next_cursor: None = None


class ColumnOut(View):
    key: str
    title: str
    kind: str
    """`text`, `count`, `number`, `seconds`, `hours`, `share` (a part of one), `km`, `time`, `call`."""
    unit: str | None


class TableOut(View):
    key: str
    title: str
    columns: list[ColumnOut]
    rows: list[dict[str, Any]]
    """Plain values by the columns' keys; `filter` says how to ask the report `list` for the calls behind a row."""
    display: list[list[str]]
    """The same rows as texts in the caller's language, in the order of the columns."""
    total: dict[str, Any] | None
    display_total: list[str] | None


class FigureOut(View):
    key: str
    title: str
    kind: str
    value: float | None
    before: float | None
    better: str
    display: str
    display_before: str


class ChartOut(View):
    key: str
    title: str
    kind: str
    table: str


class PeriodOut(View):
    """`to` is not counted in."""

    from_: Annotated[datetime, Field(alias="from")]
    to: datetime
    time_zone: str


class ReportOut(View):
    """A report that describes itself."""

    name: str
    title: str
    about: str
    language: str
    period: PeriodOut
    made_at: datetime
    filters: str
    norm: dict[str, Any]
    """The norms that it was judged by: `sets`, `title`, and `items` with their versions."""
    figures: list[FigureOut]
    columns: list[ColumnOut]
    """Of the first table; `rows`, `display` and `total` too."""
    rows: list[dict[str, Any]]
    display: list[list[str]]
    total: dict[str, Any] | None
    tables: list[TableOut]
    charts: list[ChartOut]
    """Each is drawn by `format=svg&part=KEY`."""
    notes: list[str]
