"""Results for people: a table on the terminal, Markdown, and charts as SVG."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from brigada.simulator.policy.bounds import UNLIMITED
from brigada.simulator.policy.experiment import Results
from brigada.simulator.policy.metrics import column, gap_closed, relative_change
from brigada.simulator.policy.policies import REFERENCE

COLUMNS = ("late_urgent", "late_critical", "late_important", "late_common")
TITLES = {
    "late_urgent": "late, shortest norm",
    "late_critical": "late critical",
    "late_important": "late important",
    "late_common": "late common",
    "mean_urgent": "mean, shortest norm",
    "mean_common": "mean common",
}

type Row = dict[str, Any]


def rows(results: Results, reference: str = REFERENCE) -> list[Row]:
    """One row for a policy: level and paired change of each share late and mean, and what it costs."""
    base = results.runs[reference]
    floor = results.runs.get(UNLIMITED)
    table = []
    for name, runs in results.runs.items():
        row: Row = {"policy": name}
        for metric in TITLES:
            values = column(runs, metric)
            change, half = relative_change(values, column(base, metric))
            row[metric] = float(values.mean())
            row[f"{metric}_change"], row[f"{metric}_half"] = change, half
        for metric in ("switched", "driving_s", "decision_ms", "slowest_ms"):
            row[metric] = float(column(runs, metric).mean())
        row["driving_change"], _ = relative_change(column(runs, "driving_s"), column(base, "driving_s"))
        if floor is not None:
            late = "late_urgent"
            row["gap_closed"] = gap_closed(column(runs, late), column(base, late), column(floor, late))
        table.append(row)
    return table


def _signed(change: float, half: float) -> str:
    return f"{change:+.1f} ± {half:.1f} %".replace("-", "−")


def _whole(value: float, sign: str = "") -> str:
    """A rounded figure; nothing is neither more nor less."""
    return f"{round(value) or 0:{sign if round(value) else ''}d} %".replace("-", "−")


def _cells(row: Row) -> list[str]:
    cells = [row["policy"]]
    for metric in COLUMNS:
        change = _signed(row[f"{metric}_change"], row[f"{metric}_half"])
        compared = "reference" if row["policy"] == REFERENCE else change
        cells.append(f"{100 * row[metric]:.1f} % ({compared})")
    cells += [
        f"{row['mean_urgent'] / 60:.2f} / {row['mean_common'] / 60:.2f}",
        _whole(row["gap_closed"]) if "gap_closed" in row else "",
        f"{100 * row['switched']:.1f} %",
        _whole(row["driving_change"], "+"),
        f"{row['decision_ms']:.2f} / {row['slowest_ms']:.0f}",
    ]
    return cells


HEADERS = (
    "policy",
    "late, shortest norm (change)",
    "late critical (change)",
    "late important (change)",
    "late common (change)",
    "mean min, shortest norm / common",
    "gap closed",
    "calls switched",
    "driving",
    "decision ms, mean / slowest",
)


def terminal_table(results: Results) -> Table:
    """The heart of the comparison, narrow enough for a terminal; the rest is in `markdown`."""
    title = f"{len(results.seeds)} seeds × {results.days:g} days; changes against “{REFERENCE}”, 95 %"
    table = Table(title=title)
    table.add_column("policy", no_wrap=True)
    for header in ("late, shortest norm", "change, %", "late common", "change, %", "switched", "driving"):
        table.add_column(header, justify="right")
    for row in rows(results):
        cells = [row["policy"]]
        for metric in ("late_urgent", "late_common"):
            cells.append(f"{100 * row[metric]:.1f} %")
            cells.append(_signed(row[f"{metric}_change"], row[f"{metric}_half"]).removesuffix(" %"))
        table.add_row(*cells, f"{100 * row['switched']:.1f} %", f"{row['driving_change']:+.0f} %")
    return table


def markdown(results: Results) -> str:
    """The comparison as a Markdown table."""
    lines = ["| " + " | ".join(HEADERS) + " |", "| --- " + "| ---: " * (len(HEADERS) - 1) + "|"]
    lines += ["| " + " | ".join(_cells(row)) + " |" for row in rows(results)]
    return "\n".join(lines)


def chart(results: Results, path: Path, metrics: Sequence[str] = ("late_urgent", "late_common")) -> None:
    """Change of the share late by policy with its interval, one bar for a class of calls, as SVG."""
    import altair as alt
    import vl_convert as vlc

    data = [
        {
            "policy": row["policy"],
            "class": TITLES[metric],
            "change": row[f"{metric}_change"],
            "low": row[f"{metric}_change"] - row[f"{metric}_half"],
            "high": row[f"{metric}_change"] + row[f"{metric}_half"],
        }
        for row in rows(results)
        for metric in metrics
        if row["policy"] != REFERENCE
    ]
    order = [name for name in results.runs if name != REFERENCE]
    base = alt.Chart(alt.InlineData(values=data)).encode(
        y=alt.Y("policy:N", sort=order, title=None), yOffset=alt.YOffset("class:N")
    )
    bars = base.mark_bar().encode(
        x=alt.X("change:Q", title=f"late arrivals against “{REFERENCE}”, %"),
        color=alt.Color("class:N", title=None, scale=alt.Scale(range=["#1f5fa8", "#c98a1b"])),
    )
    errors = base.mark_rule(color="#333").encode(x="low:Q", x2="high:Q")
    spec = (bars + errors).properties(width=560).to_json()
    path.write_text(vlc.vegalite_to_svg(spec), encoding="utf-8")
