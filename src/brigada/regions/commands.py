"""`brigada region …`: install, choose and remove the maps on which the service works."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from brigada.regions.democity import build_city
from brigada.regions.errors import RegionError
from brigada.regions.fetch import DEMO, KNOWN, download, is_address, region_name
from brigada.regions.importer import DEMO_ATTRIBUTION, OSM_ATTRIBUTION, ImportOrder, import_region
from brigada.regions.progress import TITLES, Report, Stage
from brigada.regions.rules import load_rules
from brigada.regions.store import Installed, RegionStore
from brigada.settings import SettingsError, load_settings

app = typer.Typer(no_args_is_help=True, help=__doc__)


def install_demo(store: RegionStore, report: Report) -> Installed:
    """Draw the demo city and import it as the region `demo`; some seconds. Used by `region add demo`."""
    folder = store.root / ".sources"
    folder.mkdir(parents=True, exist_ok=True)
    extract = folder / f"{DEMO}.osm.pbf"
    build_city().write(extract)
    order = ImportOrder(DEMO, extract, source=DEMO, attribution=DEMO_ATTRIBUTION)
    return import_region(store, order, datetime.now(UTC), report)


@app.command()
def add(
    source: Annotated[
        str, typer.Argument(help="A file .osm.pbf, an address, or a known name (see `known`).")
    ],
    name: Annotated[str, typer.Option(help="Name of the region; by default that of the source.")] = "",
    time_zone: Annotated[str, typer.Option(help="IANA time zone; by default taken from the map.")] = "",
    rules: Annotated[Path | None, typer.Option(help="TOML file: what ambulances may do on the road.")] = None,
    use: Annotated[bool, typer.Option(help="Use the region at once.")] = True,
) -> None:
    """Install a region, or update one; a running service goes over to it without a pause."""
    with _sentences():
        store = _store()
        road_rules = load_rules(rules)
        if time_zone:
            _check_zone(time_zone)
        with _bars() as report:
            if source == DEMO and not name:
                installed = install_demo(store, report)
            else:
                sources = store.root / ".sources"
                extract = download(source, sources, report) if is_address(source) else Path(source)
                order = ImportOrder(
                    name=name or region_name(source),
                    extract=extract,
                    source=source,
                    attribution=OSM_ATTRIBUTION,
                    time_zone=time_zone,
                    likely_time_zone=load_settings().time_zone,
                    activate=use,
                    rules=road_rules,
                )
                installed = import_region(store, order, datetime.now(UTC), report)
    _show(installed)


@app.command(name="list")
def list_regions() -> None:
    """The installed regions; the one in use is marked, a damaged one is named as such."""
    with _sentences():
        store = _store()
        active = store.generation()
        table = Table(box=SIMPLE)
        for header in ("", "region", "title", "addresses", "roads", "time zone", "imported"):
            # Whole names even in a narrow window: they are what `use` and `remove` ask for.
            table.add_column(header, no_wrap=header == "region", overflow="fold")
        for name in store.names():
            mark = "●" if active and active[0] == name else ""
            try:
                manifest = store.installed(name).manifest
            except RegionError:
                table.add_row(mark, name, "damaged: import it again, or remove it")
                continue
            counts = manifest.counts
            sizes = (str(counts.get("addresses", 0)), str(counts.get("drivable_ways", 0)))
            imported = f"{datetime.fromisoformat(manifest.created_at).astimezone():%Y-%m-%d %H:%M}"
            table.add_row(mark, name, manifest.title, *sizes, manifest.time_zone, imported)
        Console().print(table if table.row_count else "No region is installed: `brigada region add demo`.")


@app.command(name="use")
def use_region(name: str) -> None:
    """Make a region the one that the service works on."""
    with _sentences():
        _show(_store().use(name))


@app.command()
def remove(name: str) -> None:
    """Delete a region that is not in use."""
    with _sentences():
        _store().remove(name)
        typer.echo(f"{name} is removed.")


@app.command()
def known() -> None:
    """Names that `add` knows, and where they are fetched from."""
    typer.echo(f"{DEMO:24} a city that does not exist, drawn on this machine")
    for name, url in KNOWN.items():
        typer.echo(f"{name:24} {url}")


def _store() -> RegionStore:
    return RegionStore(load_settings().data_dir)


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError) as error:
        raise RegionError(f"{name!r} is no IANA time zone such as Europe/Moscow.") from error


@contextmanager
def _sentences() -> Iterator[None]:
    """Errors that a person can act upon, as one sentence and exit code 1."""
    try:
        yield
    except (RegionError, SettingsError, OSError) as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(1) from error


@contextmanager
def _bars() -> Iterator[Report]:
    """A progress bar for each stage, shown when the stage begins."""
    columns = (TextColumn("{task.description:24}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        tasks: dict[Stage, TaskID] = {}

        def report(stage: Stage, done: float) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(TITLES[stage][0], total=1.0)
            progress.update(tasks[stage], completed=done)

        yield report


def _show(region: Installed) -> None:
    manifest = region.manifest
    counts = manifest.counts
    guessed = " (guessed: set it with --time-zone if it is wrong)" if manifest.time_zone_guessed else ""
    typer.echo(
        f"{manifest.name}: {manifest.title}, {counts.get('addresses', 0)} addresses, "
        f"{counts.get('streets', 0)} streets, {counts.get('drivable_ways', 0)} roads, "
        f"time zone {manifest.time_zone}{guessed}; imported in {sum(manifest.seconds.values()):.1f} s, "
        f"peak memory {manifest.peak_memory_bytes / 1_048_576:.0f} MB."
    )
