"""`brigada whatif`: the question of the administrator's page, asked from a shell and played by the same engine."""

import asyncio
import json
from collections.abc import Container
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import asyncpg
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from brigada.commands import in_one_line, plainly, require_latest
from brigada.db.engine import asyncpg_dsn
from brigada.embedded.process import StartError
from brigada.embedded.stack import Joined
from brigada.kit.clock import SystemClock
from brigada.reports import tables
from brigada.reports.output.values import report_json, shown
from brigada.reports.tasks import MEDIA, Format, NoSuchPartError
from brigada.settings import Settings, load_settings
from brigada.whatif.errors import PROBLEMS, ImpossibleChangeError, NotEnoughError
from brigada.whatif.report import STEPS, FormTask, built, in_form
from brigada.whatif.schemas import WhatIfIn
from brigada.whatif.service import first_midnight, roads_in_use
from brigada.whatif.wording import GRAMMAR, WordingError, variant_of

Language = Literal["ru", "en"]
_INTERVALS = {"change": ("low", "high"), "late": ("late_low", "late_high")}
"""Columns that are shown with the ends of their interval in one cell."""
_UNSEEN = frozenset({"hours"})
"""Tables too long for a terminal; the file has them."""

app = typer.Typer(add_completion=False)


@app.command()
@plainly
def whatif(
    variants: Annotated[
        list[str],
        typer.Argument(
            metavar="VARIANT…",
            help=escape(
                "One to four variants in quotes, each `[NAME =] CHANGE; CHANGE…`. A change: "
                + "; ".join(f"`{line}`" for line in GRAMMAR)
                + "."
            ),
        ),
    ],
    weeks: Annotated[int, typer.Option(help="How many of the last whole weeks are played.")] = 4,
    repeats: Annotated[int, typer.Option(help="Plays of each variant, with other luck on the road.")] = 3,
    today: Annotated[
        str, typer.Option(help="How the service works today, as a change `rules` names it: `standby keep`.")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(
            help="File of the comparison: .json (all of it), .csv, .xlsx, .svg or .pdf by its name."
        ),
    ] = None,
    part: Annotated[str | None, typer.Option(help="Which table (csv) or chart (svg); the first.")] = None,
    language: Annotated[str, typer.Option(help="Of tables and files: `ru` or `en`.")] = "en",
) -> None:
    """Play the last weeks again with other teams, posts, norms or rules, beside the weeks as they were.

    Reads the log of the service of this machine, running or not, and changes nothing in it. For example:
    `brigada whatif "teams -2 22-6" "post 59.95,30.36 Market" "norm 15" --out whatif.json`
    """
    if language not in {"ru", "en"}:
        raise typer.BadParameter("ru or en", param_hint="--language")
    form = None if out is None else out.suffix.removeprefix(".")
    if form is not None and form not in MEDIA:
        raise typer.BadParameter(f"a name that ends in one of: {', '.join(MEDIA)}", param_hint="--out")
    console = Console()
    with Joined(load_settings()) as settings:
        require_latest(settings.database_url.get_secret_value())
        question = asyncio.run(_question(settings, variants, weeks, repeats, today))
        now = SystemClock().now()
        result = _played(console, settings, question, now)
    spoken = cast("Language", language)
    report = built(question, result, spoken, settings.zone, now)
    print_report(console, report, spoken, settings, _UNSEEN)
    if out is not None and form is not None:
        whole = {"question": question, "result": result, "report": report_json(report)}
        write_report(out, cast("Format", form), part, report, whole, settings)
        console.print(f"Written: {out}", highlight=False)


async def _question(
    settings: Settings, variants: list[str], weeks: int, repeats: int, today: str
) -> dict[str, Any]:
    """The question in the API's shape, judged by the API's own rules."""
    connection = await asyncpg.connect(asyncpg_dsn(settings.database_url.get_secret_value()), timeout=10)
    try:
        rows = await connection.fetch("SELECT id, name FROM stations WHERE deleted_at IS NULL")
    finally:
        await connection.close()
    stations = {str(row["name"]): int(row["id"]) for row in rows}
    try:
        asked = [variant_of(text, stations) for text in variants]
        rules = variant_of(f"rules {today}", {})["changes"][0] if today else {}
        rules = {name: value for name, value in rules.items() if name != "kind"}
        body = WhatIfIn.model_validate(
            {"weeks": weeks, "repeats": repeats, "rules": rules, "variants": asked}
        )
    except WordingError as error:
        raise StartError(str(error)) from None
    except ValidationError as error:
        raise StartError(f"This can't be asked: {in_one_line(error)}") from None
    return body.model_dump(mode="json", exclude_none=True)


def _played(console: Console, settings: Settings, question: dict[str, Any], now: datetime) -> dict[str, Any]:
    from brigada.whatif.work import answer

    start = first_midnight(now, settings.zone, question["weeks"])
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(STEPS["reading"][1], total=1.0)

        def tell(part: float, step: str) -> None:
            progress.update(bar, completed=part, description=STEPS[step][1])

        try:
            result = answer(
                question,
                url=settings.database_url.get_secret_value(),
                start=start,
                roads=roads_in_use(settings.data_dir),
                folder=settings.data_dir.resolve() / "whatif",
                tell=tell,
            )
        except NotEnoughError as error:
            raise StartError(PROBLEMS[error.code][1]) from None
        except ImpossibleChangeError:
            raise StartError(PROBLEMS["impossible"][1]) from None
        progress.update(bar, completed=1.0)
    return result


def print_report(
    console: Console, report: tables.Report, language: Language, settings: Settings, unseen: Container[str]
) -> None:
    """The tables with rows, and the notes."""
    for found in report.tables:
        if found.key in unseen or not found.rows:
            continue
        ends = {end for key in _INTERVALS for end in _INTERVALS[key]}
        columns = [column for column in found.columns if column.key not in ends]
        table = Table(title=found.title, title_justify="left")
        for column in columns:
            table.add_column(column.title, justify="left" if column.kind == "text" else "right")
        for row in found.rows:
            table.add_row(*(_cell(row, column, language, settings) for column in columns))
        console.print(table)
    for note in report.notes:
        console.print(note, highlight=False)


def _cell(row: dict[str, Any], column: tables.Column, language: Language, settings: Settings) -> str:
    def said(key: str) -> str:
        return shown(row.get(key), column.kind, language, settings.zone)

    low, high = _INTERVALS.get(column.key, ("", ""))
    if low in row and row[low] is not None:
        return f"{said(column.key)} ({said(low)} … {said(high)})"
    return said(column.key)


def write_report(
    path: Path,
    form: Format,
    part: str | None,
    report: tables.Report,
    whole: dict[str, Any],
    settings: Settings,
) -> None:
    """The report in the form of a file's name; `whole` is what JSON holds.

    Raises:
        StartError: there is no such table or chart.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if form == "json":
        text = json.dumps(whole, ensure_ascii=False, indent=1, default=lambda moment: moment.isoformat())
        path.write_text(text + "\n", encoding="utf-8")
        return
    try:
        path.write_bytes(in_form(FormTask(report, form, part, settings.service_name)))
    except NoSuchPartError:
        raise StartError(f"There is no table or chart “{part}”") from None
