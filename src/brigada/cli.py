"""The command `brigada`: every way to run, inspect and try the service from a shell."""

import typer

from brigada import __version__

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)


@app.callback(invoke_without_command=True)
def main(version: bool = typer.Option(False, "--version", help="Print the version and exit.")) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit
