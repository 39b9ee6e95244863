"""The command `brigada`: every way to run, inspect and try the service from a shell."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from brigada import __version__
from brigada.commands import Commands, plainly

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,
    help=(
        "Brigada, the dispatch system of an ambulance service.\n\n"
        "Settings come from the environment and `.env`: variables BRIGADA_…, all listed in `.env.example`. "
        "Try it with `brigada demo`; run a real service with `brigada serve`."
    ),
)

Port = Annotated[int | None, typer.Option(help="TCP port, instead of BRIGADA_PORT (8443).", min=1, max=32767)]
Workers = Annotated[
    int | None, typer.Option(help="API processes, instead of BRIGADA_WORKERS (1).", min=1, max=64)
]
DataDir = Annotated[
    Path | None, typer.Option(help="Folder of the data, instead of BRIGADA_DATA_DIR (./var).")
]


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


@app.command()
@plainly
def demo(
    port: Port = None,
    workers: Workers = None,
    data_dir: DataDir = None,
    region: Annotated[
        str,
        typer.Option(
            help="Play on a real map: a file .osm.pbf, an address or a known name (`brigada region known`). "
            "Such a demo has a data folder of its own, var-NAME."
        ),
    ] = "",
) -> None:
    """Start a demo service on this machine: its own database, invented people, three accounts.

    Nothing needs to be set up. Ctrl-C stops everything; the next start goes on with the same data.
    """
    from brigada.running import run_demo

    raise typer.Exit(run_demo(_given(port=port, workers=workers, data_dir=data_dir), region=region))


@app.command()
@plainly
def serve(port: Port = None, workers: Workers = None, data_dir: DataDir = None) -> None:
    """Run a real service, judged strictly: unsafe settings are refused.

    PostgreSQL and Redis are those that BRIGADA_DATABASE_URL and BRIGADA_REDIS_URL name; else embedded ones.
    A database of your own must be at the latest structure: run `brigada migrate` first, once for all hosts.
    """
    from brigada.running import run_service

    raise typer.Exit(run_service(_given(port=port, workers=workers, data_dir=data_dir)))


@app.command()
@plainly
def migrate(
    to: Annotated[
        str, typer.Option(help="Revision to go to: `head`, `base`, or a revision's number.")
    ] = "head",
    down: Annotated[bool, typer.Option("--down", help="Undo migrations down to the revision given.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Only print where the database is.")] = False,
    new: Annotated[str | None, typer.Option(help="Write an empty migration with this title.")] = None,
) -> None:
    """Bring the database to the latest structure. Repeating it does nothing; hosts take turns."""
    from brigada.running import run_migrations

    run_migrations(Console(), to=to, down=down, show=show, new=new)


@app.command()
@plainly
def health() -> None:
    """Ask the service on this machine whether it is ready: exit code 0 when it is, 1 when not."""
    from brigada.running import is_ready
    from brigada.settings import load_settings

    raise typer.Exit(0 if is_ready(load_settings()) else 1)


@app.command()
@plainly
def trust() -> None:
    """Print which certificate browsers must trust when the service was given none, and how to do it."""
    from brigada.embedded.tls import ca_file
    from brigada.running import how_to_trust
    from brigada.settings import load_settings

    certificate = ca_file(load_settings(mode="demo").data_dir.resolve())
    Console().print(how_to_trust(certificate), highlight=False, soft_wrap=True)
