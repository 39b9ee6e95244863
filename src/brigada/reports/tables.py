"""What a report is before it has a form: tables of plain values, charts that name their columns, notes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from brigada.errors import Language

type Text = tuple[str, str]
"""Russian, English."""

type Kind = Literal[
    "text", "count", "number", "seconds", "hours", "share", "km", "time", "call", "degrees", "day", "month"
]
"""How a value is shown. `seconds`, `hours`, `km` in those units, `share` a part of one, `time` a local time, `degrees`
of the earth, `day` and `month` written as in ISO 8601."""

type ChartKind = Literal["bar", "line", "stack", "share", "map", "rank", "interval"]
"""Upright bars, lines along time, parts on top of each other, shares along time, cells of the map, lying bars,
a point and a whisker."""

MOST_BARS: Final = 8
"""Names that find room under upright bars; more of them stand beside lying ones."""

NOT_NUMBERS: Final[frozenset[Kind]] = frozenset({"text", "time", "call", "day", "month"})

UNITS: Final[dict[Kind, Text]] = {
    "seconds": ("с", "s"),
    "hours": ("ч", "h"),
    "km": ("км", "km"),
    "share": ("", ""),
}


def say(text: Text, language: Language) -> str:
    """Return the text in a language."""
    return text[0] if language == "ru" else text[1]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the key of its values in the rows, its title, how its values are shown.

    Attributes:
        filter: what a number of it adds to the filter of its row, to see the calls behind; None where there is no such.
        compared: the column of which this one tells the period before; empty for all others.
    """

    key: str
    title: str
    kind: Kind = "count"
    filter: dict[str, Any] | None = None
    compared: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of columns of one table.

    Attributes:
        x: the column along, `y` the ones up (several make several lines or parts).
        goal: a value drawn as a line across, as the target of a norm.

    An `interval` has a line for each row: the value, and the two ends of what it may be.
    """

    key: str
    title: str
    kind: ChartKind
    table: str
    x: str
    y: tuple[str, ...]
    goal: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns.

    A row may carry `filter`: what to ask the report `list` for, to see the calls behind it; and `filters`, for columns
    whose calls are chosen otherwise. `empty` is said where there is no row; without it, that there is no data. `cut` is
    said under the last row where not all are there; the notes of the report say it too.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: list[dict[str, Any]]
    total: dict[str, Any] | None = None
    empty: str = ""
    cut: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the numbers at the head of a summary.

    Attributes:
        before: the value of the period before, None where it has none.
        better: whether more is `up`, less is better `down`, or neither.
    """

    key: str
    title: str
    kind: Kind
    value: float | None
    before: float | None
    better: Literal["up", "down", "neither"] = "neither"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report in one language, ready to be given a form."""

    name: str
    title: str
    language: Language
    start: datetime
    end: datetime
    zone: str
    made_at: datetime
    filters: str
    norm: dict[str, Any]
    tables: list[Table]
    charts: list[Chart] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def table(self, key: str) -> Table:
        """Return the table of this key."""
        return next(table for table in self.tables if table.key == key)
