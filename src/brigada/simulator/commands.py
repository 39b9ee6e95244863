"""`brigada simulate`: try dispatch policies on a made-up or a real city."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

app = typer.Typer(no_args_is_help=True, help="Simulate: dispatch policies on a city.")

DEFAULT_POLICIES = "nearest by road,standby,joint,joint + standby,unlimited teams,clairvoyant posts"


@contextmanager
def _bar(console: Console, text: str) -> "Iterator[ProgressReport]":
    columns = (TextColumn(text), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        yield ProgressReport(progress)


class ProgressReport:
    """A callback `(done, total)` that draws one bar."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None)

    def __call__(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total)


@app.command()
def policy(
    scenario: Annotated[
        str,
        typer.Argument(
            help="`grid`, `demo`, `region:NAME` (an installed region), a folder in the JEMSS format, or an extract "
            "`.osm.pbf`."
        ),
    ] = "grid",
    policies: Annotated[
        str, typer.Option(help="Names separated by commas; `all` or `ablations` for those.")
    ] = DEFAULT_POLICIES,
    seeds: Annotated[int, typer.Option(help="How many runs of each policy.", min=2)] = 20,
    first_seed: Annotated[int, typer.Option(help="Evaluation starts at 1, tuning at 1001.")] = 1,
    days: Annotated[float, typer.Option(help="Days of each run.", min=0.5)] = 10.0,
    processes: Annotated[int, typer.Option(help="Worker processes.", min=1)] = 1,
    teams: Annotated[
        int | None, typer.Option(help="Teams, placed for coverage, in place of the model's.")
    ] = None,
    homes: Annotated[
        str | None, typer.Option(help="Home posts by number from 0, separated by commas.")
    ] = None,
    per_day: Annotated[float | None, typer.Option(help="Calls a day.")] = None,
    norms: Annotated[str | None, typer.Option(help="Norms in minutes by criticality: `8,8,20`.")] = None,
    turnout: Annotated[float | None, typer.Option(help="Turnout at a post, seconds.")] = None,
    noise: Annotated[
        float | None, typer.Option(help="Spread of real travel times (lognormal sigma).")
    ] = None,
    rhythm: Annotated[bool, typer.Option(help="Calls by hour and weekday of a large city.")] = False,
    surges: Annotated[
        float | None,
        typer.Option(help="Surges a day: a dozen calls of one neighbourhood within 20 minutes.", min=0),
    ] = None,
    calls: Annotated[Path | None, typer.Option(help="CSV of real calls to replay.", exists=True)] = None,
    posts: Annotated[
        Path | None, typer.Option(help="CSV of posts (lat, lon), for an extract.", exists=True)
    ] = None,
    hospitals: Annotated[Path | None, typer.Option(help="CSV of hospitals (lat, lon).", exists=True)] = None,
    ray: Annotated[
        bool, typer.Option("--ray", help="Run on Ray: the cluster of RAY_ADDRESS, else one started here.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for results.json, results.md, late.svg.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep the runs that `--out` holds from a run that was stopped.")
    ] = False,
    cache: Annotated[Path, typer.Option(help="Folder of computed travel times.")] = Path("var/cache"),
) -> None:
    """Compare policies over the same calls and the same luck, with paired 95 % intervals."""
    from brigada.simulator.policy import experiment, report, sweep
    from brigada.simulator.policy.policies import REFERENCE
    from brigada.simulator.policy.variants import expand

    console = Console()
    spec = experiment.ScenarioSpec(
        _source(console, scenario),
        str(cache),
        teams,
        per_day,
        _three(norms),
        turnout,
        noise,
        daily_rhythm=rhythm,
        homes=None if homes is None else tuple(int(part) for part in homes.split(",")),
        calls=None if calls is None else str(calls),
        posts=None if posts is None else str(posts),
        hospitals=None if hospitals is None else str(hospitals),
        surges_per_day=surges,
    )
    numbers = range(first_seed, first_seed + seeds)
    try:
        names = expand(policies)
        if REFERENCE not in names:
            names.insert(0, REFERENCE)
        with _bar(console, "roads") as progress:
            experiment.load(spec, progress)
        with _bar(console, "runs") as progress:
            journal = None
            if out is not None:
                out.mkdir(parents=True, exist_ok=True)
                journal = experiment.Journal(out / "runs.jsonl", resume=resume)
            results = experiment.run(
                spec,
                names,
                numbers,
                days,
                processes=processes,
                progress=progress,
                journal=journal,
                player=sweep.played if ray else None,
            )
    except (ValueError, FileNotFoundError, ConnectionError) as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from error
    console.print(report.terminal_table(results))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        results.write(out / "results.json")
        (out / "results.md").write_text(report.markdown(results) + "\n", encoding="utf-8")
        report.chart(results, out / "late.svg")
        console.print(f"Written to {out}")


def _source(console: Console, scenario: str) -> str:
    """What `experiment.load` reads: a region by name becomes its folder."""
    from brigada.regions.errors import RegionError
    from brigada.settings import load_settings
    from brigada.simulator.policy.region import PREFIX, folder_of

    if not scenario.startswith(PREFIX):
        return scenario
    try:
        return folder_of(scenario, load_settings(mode="demo").data_dir)
    except RegionError as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from error


def _three(text: str | None) -> tuple[float, float, float] | None:
    if text is None:
        return None
    parts = [float(part) * 60 for part in text.split(",")]
    if len(parts) != 3:
        raise typer.BadParameter("three numbers, for example 8,8,20")
    return parts[0], parts[1], parts[2]


@app.command("homes")
def plan_homes(
    scenario: Annotated[str, typer.Argument(help="As for `simulate policy`.")],
    teams: Annotated[int | None, typer.Option(help="Teams to place, in place of the model's.")] = None,
    seeds: Annotated[int, typer.Option(help="Tuning seeds to judge by.", min=1)] = 2,
    days: Annotated[float, typer.Option(help="Days of each run.", min=0.5)] = 5.0,
    rounds: Annotated[int, typer.Option(help="Passes over all moves.", min=1)] = 2,
    turnout: Annotated[float | None, typer.Option(help="Turnout at a post, seconds.")] = None,
    cache: Annotated[Path, typer.Option(help="Folder of computed travel times.")] = Path("var/cache"),
) -> None:
    """Plan home posts by local search on tuning seeds, for nearest-by-road dispatch."""
    from brigada.simulator.policy import experiment
    from brigada.simulator.policy.homes import improve_homes, late_share

    console = Console()
    source = _source(console, scenario)
    city = experiment.load(experiment.ScenarioSpec(source, str(cache), teams, turnout_s=turnout))
    chosen = experiment.TUNING_SEEDS[:seeds]
    before = late_share(city, city.fleet.homes, chosen, days)
    console.print(f"start {list(city.fleet.homes)}: {before:.4f} late")
    homes, share = improve_homes(
        city,
        city.fleet.homes,
        chosen,
        days,
        rounds=rounds,
        report=lambda value, found: console.print(f"{value:.4f} {list(found)}"),
    )
    console.print(f"homes {','.join(str(post) for post in homes)}: {share:.4f} late")


@app.command()
def live(
    url: Annotated[str, typer.Option(help="Address of the running service.")] = "https://localhost:8443",
    ca: Annotated[Path | None, typer.Option(help="Certificate of the authority to trust, PEM.")] = None,
    password: Annotated[
        str,
        typer.Option(
            envvar="BRIGADA_SIMULATOR_PASSWORD", help="Password of all the accounts that are played."
        ),
    ] = "",
    key: Annotated[
        str,
        typer.Option(
            envvar="BRIGADA_FEEDER_KEY", help="Key with which calls are posted; else the dispatcher does."
        ),
    ] = "",
    admin: Annotated[str, typer.Option(help="Login that lists teams and repairs cars.")] = "admin",
    dispatcher: Annotated[str, typer.Option(help="Login that sends teams.")] = "orlov",
    spare: Annotated[
        str,
        typer.Option(
            help="Logins of people who may play themselves, separated by commas: while one is signed in, "
            "the crew's taps are left to the person; the others of the crew drive."
        ),
    ] = "worker",
    speed: Annotated[float, typer.Option(help="How much faster than life, 1 to 60.", min=1, max=60)] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed, the same city.")] = 103,
    per_day: Annotated[float, typer.Option(help="Calls in a day of the city.", min=1)] = 600.0,
    flat: Annotated[bool, typer.Option("--flat", help="As many calls at night as by day.")] = False,
    minutes: Annotated[
        float | None, typer.Option(help="Minutes of the city; for ever when not given.")
    ] = None,
    dispatch_after: Annotated[
        float,
        typer.Option(
            help="Seconds of the city that a call waits before somebody is sent; longer while a person is at "
            "the desk; below 0: never."
        ),
    ] = 30.0,
    welcome: Annotated[
        int,
        typer.Option(
            help="Calls that wait for a person who sits down at the desk: what is missing comes in at once.",
            min=0,
            max=20,
        ),
    ] = 0,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            help="Data folder of the service, where it is on this machine: calls come from the addresses of the "
            "region in use, else from the demo town."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing on the way.")] = False,
) -> None:
    """Let a demo city live in a running service: callers, crews that drive, a dispatcher who helps out.

    It uses the public API and sockets alone. Crews accept, drive the service's own routes, work, take patients to
    hospitals and return; now and then one declines, breaks down, takes a break or loses its signal.
    """
    import asyncio

    from brigada.simulator.live.run import Wishes, line_about, play

    console = Console()
    if not password:
        raise typer.BadParameter("give --password or BRIGADA_SIMULATOR_PASSWORD")
    wishes = Wishes(
        url=url, ca=ca, password=password, caller_key=key, admin=admin, dispatcher=dispatcher,
        spared=frozenset(spare.split(",")) - {""}, speed=speed, seed=seed, per_day=per_day, flat=flat, minutes=minutes,
        dispatch_after_s=None if dispatch_after < 0 else dispatch_after, welcome=welcome, data_dir=data_dir,
    )  # fmt: skip
    city = asyncio.run(play(wishes, (lambda _: None) if quiet else console.print, console.print))
    console.print(line_about(city))
    console.print(dict(sorted(city.counts.items())))
