"""What goes in and out of `/reports`, as documented."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from brigada.schema import BodyId, Line, Schema, View, example

IdOrNone = Annotated[int, Field(ge=0, le=2**63 - 1, strict=True)]
"""0: those that have none."""
Criticality = Literal["critical", "important", "common"]
Status = Literal["new", "accepted", "completed", "rejected"]
Profile = Literal["paramedic", "physician", "intensive_care", "paediatric", "psychiatric", "obstetric"]
Outcome = Literal[
    "open", "on_place", "hospital", "refused", "false", "duplicate", "patient_not_found", "address_not_found",
    "served_by_other", "died_before_arrival", "other",
]  # fmt: skip
Group = Literal[
    "hour", "day", "week", "month", "weekday", "time_line", "station", "team", "profile", "district", "criticality",
    "reason", "outcome", "dispatcher", "car", "class",
]  # fmt: skip
Interval = Literal[
    "processing", "turnout", "travel", "response", "on_scene", "transport", "turnaround", "committed"
]
Format = Literal["json", "svg", "csv", "xlsx", "pdf"]
Ending = Literal[
    "completed", "declined", "cancelled", "diverted", "car_broken", "human_factor", "external_factor"
]
Advice = Literal["any", "followed", "overruled", "slower"]
GpsStep = Literal["en_route", "on_scene", "at_hospital"]
ValueState = Literal["measured", "incomplete", "corrected", "late"]


class ReportInfo(View):
    """A report that the caller may read."""

    name: str
    title: str
    about: str
    groups: list[str]
    """What it can be grouped by; the first is the default."""
    formats: list[str]
    compares: bool
    """Whether `compare` sets the period before beside its numbers."""


class ReportInfoList(View):
    items: list[ReportInfo]
    next_cursor: None = None


class ColumnOut(View):
    key: str
    title: str
    heading: str
    """The title with the unit, where the texts of the cells do not tell it."""
    kind: str
    """`text`, `count`, `number`, `seconds`, `hours`, `share` (a part of one), `km`, `time`, `call`."""
    unit: str | None
    filter: dict[str, Any] | None
    """What a number of it adds to its row's `filter`, to ask `list` for the calls behind; null: there is no such."""
    compared: str
    """Of which column it tells the period before (`compare`)."""


class TableOut(View):
    key: str
    title: str
    columns: list[ColumnOut]
    rows: list[dict[str, Any]]
    """Plain values by the columns' keys.

    `filter` says how to ask the report `list` for the calls behind a row; `filters` replaces it for some columns.
    """
    display: list[list[str]]
    """The same rows as texts in the caller's language, in the order of the columns."""
    total: dict[str, Any] | None
    display_total: list[str] | None
    empty: str
    """What it means that there is no row; empty where it only means that there is no data."""


class FigureOut(View):
    key: str
    title: str
    kind: str
    value: float | None
    before: float | None
    better: str
    display: str
    display_before: str
    change: str
    """Against the period before: per cent, points of a share, or time."""
    mood: str
    """`better`, `worse` or `same`."""


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


class OptionOut(View):
    """A choice: its value in the address, and its words."""

    value: str
    title: str


class OptionsOut(View):
    """What reports can be filtered by, for the caller."""

    norm_sets: list[OptionOut]
    stations: list[OptionOut]
    districts: list[OptionOut]
    teams: list[OptionOut]
    """Names of teams."""
    reasons: list[OptionOut]
    dispatchers: list[OptionOut]
    """Empty for those who may not see reports on people."""


class JobFilters(Schema):
    """The filters of a report, as in its address."""

    criticality: Criticality | None = None
    status: Status | None = None
    outcome: Outcome | None = None
    district: Line(200) | None = None  # type: ignore[valid-type]  # a function that returns a type
    reason: Line(100) | None = None  # type: ignore[valid-type]  # as above
    dispatcher_id: IdOrNone | None = None
    hour: Annotated[int, Field(ge=0, le=23)] | None = None
    weekday: Annotated[int, Field(ge=0, le=6)] | None = None
    box: Line(200) | None = None  # type: ignore[valid-type]  # as above
    late: bool | None = None
    norm_id: BodyId | None = None
    state: ValueState | None = None
    profile: Profile | None = None
    team: Line(100) | None = None  # type: ignore[valid-type]  # as above
    team_id: IdOrNone | None = None
    station_id: IdOrNone | None = None
    car_id: IdOrNone | None = None
    sent: bool | None = None
    begun: bool | None = None
    ending: Ending | None = None
    advice: Advice | None = None
    gps_off: GpsStep | None = None
    sender_id: IdOrNone | None = None


class JobIn(Schema):
    """A long report, or a complete export."""

    model_config = example(
        {"kind": "report", "report": "calls", "format": "xlsx", "from": "2026-01-01", "to": "2026-02-01"}
    )

    kind: Literal["report", "export"]
    report: Annotated[str | None, Field(max_length=40)] = None
    """Its name; for `kind` `report`."""
    format: Format = "xlsx"
    since: Annotated[str | None, Field(alias="from", max_length=40)] = None
    until: Annotated[str | None, Field(alias="to", max_length=40)] = None
    group: Group | None = None
    interval: Interval = "response"
    norm_set: Line(20) | None = None  # type: ignore[valid-type]  # as above
    compare: bool = False
    limit: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    part: Annotated[str | None, Field(max_length=40)] = None
    filters: JobFilters = Field(default_factory=JobFilters)
    lang: Literal["ru", "en"] | None = None
    personal_data: bool = False
    """Export names, addresses and phones too; the export is written down as a look at patient data."""
    positions: bool = False
    """Export the tracks of cars too, with `personal_data` alone: by far the largest part."""


class JobOut(View):
    """A job: `queued`, `running`, `done`, `failed` or `cancelled`."""

    id: int
    kind: str
    status: str
    progress: float
    """0 to 1."""
    step: str
    """What is being done now."""
    file_name: str
    size_bytes: int | None
    problem: str
    created_at: datetime
    finished_at: datetime | None
    params: dict[str, Any]


class JobList(View):
    items: list[JobOut]
    next_cursor: None = None


class ScheduleIn(Schema):
    """A report that is written into the folder of reports by itself."""

    model_config = example({"report": "summary", "every": "day", "format": "pdf", "at": "06:00"})

    report: Annotated[str, Field(max_length=40)]
    format: Literal["csv", "xlsx", "pdf"] = "pdf"
    every: Literal["day", "week", "month"]
    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "06:00"
    """Wall clock of the service, on the first day after the period."""
    group: Group | None = None
    interval: Interval | None = None
    norm_set: Line(20) | None = None  # type: ignore[valid-type]  # as above
    compare: bool = False
    filters: JobFilters = Field(default_factory=JobFilters)
    lang: Literal["ru", "en"] | None = None


class ScheduleOut(View):
    id: int
    report: str
    format: str
    every: str
    at: str
    group: str | None
    interval: str | None
    norm_set: str | None
    compare: bool
    filters: dict[str, Any]
    """Those that are set."""
    language: str
    active: bool
    next_at: datetime
    last_at: datetime | None
    last_file: str
    last_problem: str
    version: int


class ScheduleList(View):
    items: list[ScheduleOut]
    next_cursor: None = None
