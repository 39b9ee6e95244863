"""How the command line is put together: areas' commands, loaded on demand, and errors in one sentence."""

import sys
import time
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from types import TracebackType
from typing import Any, NamedTuple, Self

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from brigada.embedded.process import StartError
from brigada.settings import SettingsError

EXIT_CANNOT = 2
"""Exit code of a command that could not start; its sentence is on standard error."""


class AreaCommand(NamedTuple):
    """`app` in `module` is a Typer application; `help` is shown when it has none of its own."""

    module: str
    help: str


AREAS = {
    "user": AreaCommand("brigada.users.commands", "Accounts: the first administrator of a real service."),
    "region": AreaCommand(
        "brigada.regions.commands", "Maps: make roads, addresses and base map from an OSM extract."
    ),
    "simulate": AreaCommand(
        "brigada.simulator.commands",
        "Let an invented town live through the public API; compare dispatch policies.",
    ),
    "whatif": AreaCommand(
        "brigada.whatif.commands", "Play the last weeks again with other teams, posts, norms or rules."
    ),
    "homes": AreaCommand(
        "brigada.whatif.homes_commands", "Plan where teams wait, by day and night or by hour of the week."
    ),
    "bench": AreaCommand("brigada.bench.commands", "Measure the service against its goals."),
}
"""Commands that belong to an area and live in its own module. One without its module is not shown."""


class Commands(TyperGroup):
    """The root command: its own commands, and those of the areas."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401  # Typer keeps its context type private
        return [*super().list_commands(ctx), *(name for name in AREAS if _exists(AREAS[name].module))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401  # as above
        area = AREAS.get(cmd_name)
        if area is None or not _exists(area.module):
            return super().get_command(ctx, cmd_name)
        command: Any = typer.main.get_command(import_module(area.module).app)
        command.name = cmd_name
        command.help = command.help or area.help
        command.short_help = area.help
        return command


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even its package
        return False


def plainly[**P, R](command: Callable[P, R]) -> Callable[P, R]:
    """Turn what can't be started into one sentence and exit code 2; bugs keep their traceback."""

    @wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (StartError, SettingsError) as error:
            Console(stderr=True).print(
                f"[bold red]✗[/] {escape(str(error))}", highlight=False, soft_wrap=True
            )
            raise typer.Exit(EXIT_CANNOT) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None  # as shells say of a command that SIGINT ended

    return wrapper


def in_one_line(error: ValidationError) -> str:
    """Return what is wrong with which field, as a shell shows it."""
    return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())


def require_latest(database_url: str) -> None:
    """Short commands work on the latest structure only.

    Raises:
        StartError: the database has another one.
    """
    from brigada.db import migrate

    if migrate.current(database_url) != migrate.head():
        raise StartError("The database is not at the latest structure: run `brigada migrate` first")


class Steps:
    """What is being done and how long each step took: a live line on a terminal, plain lines elsewhere."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=not sys.stdout.isatty())
        self._live = self.console.status("", spinner="dots") if self.console.is_terminal else None
        self._step: str | None = None
        self._began = 0.0
        self._started = time.monotonic()

    def __call__(self, step: str) -> None:
        """Begin a step, which ends the one before."""
        self._end()
        self._step, self._began = step, time.monotonic()
        if self._live:
            self._live.update(f"{step} …")

    @property
    def seconds(self) -> float:
        """Seconds since the first step."""
        return time.monotonic() - self._started

    def _end(self, mark: str = "[green]✓[/]") -> None:
        if self._step is not None:
            took = time.monotonic() - self._began
            self.console.print(f"{mark} {self._step} [dim]{took:.1f} s[/]", highlight=False)
            self._step = None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()
        self._end("[green]✓[/]" if kind is None else "[red]✗[/]")
