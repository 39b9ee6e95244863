"""`brigada bench`: run the measures, print them beside their goals, write them as JSON."""

import asyncio
import json
import os
import platform
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from brigada import __version__
from brigada.bench import advice, motion, plan, reporting, screen, service, starting, writing
from brigada.bench.service import FULL, SHORT, Size
from brigada.bench.stand import Stand, stand
from brigada.commands import plainly
from brigada.kit.figures import Figure
from brigada.positions import benchmarks as tracks
from brigada.regions import benchmarks as roads

app = typer.Typer(invoke_without_command=True, help="Measure the service against its goals.")

type Section = Callable[[Stand, Size, Callable[[str], None]], list[Figure]]

SECTIONS: dict[str, Section] = {
    "get": lambda on, size, _: asyncio.run(service.small_get(on, size)),
    "board": lambda on, size, _: asyncio.run(service.board(on, size)),
    "commands": lambda on, size, _: writing.run(on, size),
    "fanout": lambda on, size, _: asyncio.run(service.fan_out(on, size)),
    "sockets": lambda on, size, _: asyncio.run(service.sockets_held(on, size)),
    "growth": lambda on, size, progress: asyncio.run(service.growth(on, size, progress)),
    "positions": lambda on, size, _: asyncio.run(motion.ingest(on, seconds=size.seconds)),
    "tracks": lambda on, size, progress: tracks.run(on.database_url, progress, short=size is SHORT),
    "advice": lambda on, size, _: asyncio.run(advice.measure(on, rounds=20 if size is SHORT else 300)),
    "plan": lambda _, size, progress: plan.measure(
        progress, rounds=20 if size is SHORT else 300, processes=2 if size is SHORT else 10
    ),
    "reports": lambda on, size, progress: asyncio.run(reporting.measure(on, size, progress)),
    "start": lambda _, size, progress: starting.measure(progress, rounds=1 if size is SHORT else 3),
    "screen": lambda on, size, _: screen.screen(on, rounds=5 if size is SHORT else 20),
    "roads": lambda _, size, progress: roads.measure(progress, short=size is SHORT),
    "import": lambda _, size, progress: roads.measure_large_import(progress, short=size is SHORT),
}


@app.callback()
@plainly
def bench(
    only: Annotated[
        list[str] | None, typer.Option(help=f"Sections: {', '.join(SECTIONS)}. All by default.")
    ] = None,
    short: Annotated[
        bool, typer.Option("--short", help="A minute's try of everything; its figures mean little.")
    ] = False,
    output: Annotated[Path, typer.Option(help="Where the JSON goes.")] = Path("var/bench.json"),
) -> None:
    """Start a service of its own (durable PostgreSQL, Redis, one API process) and measure it.

    The load generator runs beside it on the same machine. Quote medians and ratios: machines are noisy.
    """
    unknown = set(only or ()) - set(SECTIONS)
    if unknown:
        raise typer.BadParameter(f"no such section: {', '.join(sorted(unknown))}")
    console = Console()
    size = SHORT if short else FULL
    figures: dict[str, list[Figure]] = {}
    with console.status("starting a service …") as status, stand() as on:
        for name in only or SECTIONS:
            status.update(f"{name} …")
            figures[name] = SECTIONS[name](on, size, status.update)
            console.print(_table(name, figures[name]))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(
        json.dumps(_document(figures, short=short), ensure_ascii=False, indent=2), encoding="utf-8"
    )
    console.print(f"Written: {output}", highlight=False)


def _table(name: str, figures: list[Figure]) -> Table:
    table = Table("", "measured", "goal", "stretch", "", title=name, title_justify="left", min_width=100)
    marks = {True: "[green]✓[/]", False: "[red]✗[/]", None: ""}
    for figure in figures:
        sign = "≤ " if figure.less_is_better else "≥ "
        table.add_row(
            figure.name,
            f"{marks[figure.met]} {figure.value:,.4g} {figure.unit}",
            f"{sign}{figure.goal:,g}" if figure.goal is not None else "",
            f"{sign}{figure.stretch:,g}" if figure.stretch is not None else "",
            figure.note,
        )
    return table


def _document(figures: dict[str, list[Figure]], *, short: bool) -> dict[str, object]:
    return {
        "version": __version__,
        "at": datetime.now(UTC).isoformat(),
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.system(),
        },
        "short": short,
        "sections": {
            name: [asdict(figure) | {"met": figure.met} for figure in rows] for name, rows in figures.items()
        },
    }
