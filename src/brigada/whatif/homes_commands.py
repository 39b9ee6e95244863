"""`brigada homes`: plan where teams wait, for each part of the week, from the service's own log or a file of calls."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, cast
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from brigada.commands import plainly, require_latest
from brigada.embedded.process import StartError
from brigada.embedded.stack import Joined
from brigada.errors import Language
from brigada.kit.clock import SystemClock
from brigada.reports import tables
from brigada.reports.output.values import report_json
from brigada.reports.tasks import MEDIA, Format
from brigada.settings import Settings, load_settings
from brigada.simulator.policy.planned import BLOCKS, BlockPlan, Week, days_of, in_time_s, plan, week_of
from brigada.simulator.policy.scenario import Scenario
from brigada.whatif.commands import print_report, write_report
from brigada.whatif.errors import PROBLEMS, NotEnoughError
from brigada.whatif.homes import report_of
from brigada.whatif.past import PlaceRow
from brigada.whatif.service import first_midnight, roads_in_use

_UNSEEN = frozenset({"homes"})
"""A row for each part and station: for files."""

app = typer.Typer(add_completion=False)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a plan is made from."""

    scenario: Scenario
    week: Week
    posts: list[PlaceRow]
    start: datetime
    days: int
    zone: ZoneInfo
    approximate: bool
    own: bool
    within_s: float


@app.command()
@plainly
def homes(
    by: Annotated[
        str,
        typer.Option(
            help="Parts of the week: `day` (day, night), `week` (and weekends apart), `hours` (168)."
        ),
    ] = "week",
    weeks: Annotated[
        int, typer.Option(help="How many of the last whole weeks of the log are read.", min=1, max=52)
    ] = 8,
    city: Annotated[
        str | None,
        typer.Option(
            help="Another city, as `simulate policy` takes it: `demo`, `region:NAME`, a folder, an extract."
        ),
    ] = None,
    calls: Annotated[Path | None, typer.Option(help="CSV of the calls of that city.", exists=True)] = None,
    posts: Annotated[
        Path | None,
        typer.Option(help="CSV of its posts (lat, lon), for an extract or a region.", exists=True),
    ] = None,
    teams: Annotated[int | None, typer.Option(help="How many teams that city has.", min=1, max=500)] = None,
    within: Annotated[
        float | None,
        typer.Option(
            help="Minutes of turnout and drive that count as in time; those of the most urgent norm.", min=1
        ),
    ] = None,
    most: Annotated[int | None, typer.Option(help="How many teams find room at one post.", min=1)] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="File of the plan: .json (all of it), .csv, .xlsx or .pdf by its name."),
    ] = None,
    part: Annotated[
        str | None, typer.Option(help="Which table a .csv holds: `blocks`, `moves`, `homes`.")
    ] = None,
    language: Annotated[str, typer.Option(help="Of tables and files: `ru` or `en`.")] = "en",
) -> None:
    """Plan where teams should wait, by day and night, weekday and weekend, or hour of the week.

    Reads the log of the service of this machine and changes nothing in it; with --city, a city and a file of calls.
    It begins with the homes of today and names the moves that raise the expected coverage, the most useful first.
    For example: `brigada homes --by day --out homes.xlsx`
    """
    if by not in BLOCKS:
        raise typer.BadParameter(", ".join(BLOCKS), param_hint="--by")
    if language not in {"ru", "en"}:
        raise typer.BadParameter("ru or en", param_hint="--language")
    form = None if out is None else out.suffix.removeprefix(".")
    if form is not None and form not in MEDIA:
        raise typer.BadParameter(f"a name that ends in one of: {', '.join(MEDIA)}", param_hint="--out")
    if city is None and (calls is not None or posts is not None or teams is not None):
        raise typer.BadParameter("--calls, --posts and --teams belong to --city", param_hint="--city")
    console, settings = Console(), load_settings()
    ground = _own(settings, weeks) if city is None else _other(settings, city, calls, posts, teams)
    if within is not None:
        ground = replace(ground, within_s=60 * within)
    plans = plan(ground.scenario, ground.week, BLOCKS[by], within_s=ground.within_s, most=most)
    report = _report(ground, plans, cast("Language", language))
    print_report(console, report, cast("Language", language), settings, _UNSEEN)
    if out is not None and form is not None:
        whole = {"by": by, "plan": _data(ground, plans), "report": report_json(report)}
        write_report(out, cast("Format", form), part, report, whole, settings)
        console.print(f"Written: {out}", highlight=False)


def _own(settings: Settings, weeks: int) -> _Ground:
    from brigada.whatif.town import build_town
    from brigada.whatif.work import read_log

    start = first_midnight(SystemClock().now(), settings.zone, weeks)
    with Joined(settings) as joined, TemporaryDirectory(prefix="brigada-homes-") as scratch:
        url = joined.database_url.get_secret_value()
        require_latest(url)
        past = asyncio.run(read_log(url, start, 7 * weeks))
        try:
            town = build_town(past, graph=roads_in_use(settings.data_dir), cache=Path(scratch))
        except NotEnoughError as error:
            raise StartError(PROBLEMS[error.code][1]) from None
        week = week_of(town.scenario, past.days, weekday=start.weekday(), counted=town.counted)
    return _Ground(
        town.scenario, week, list(town.posts), start, past.days, settings.zone, town.approximate, own=True,
        within_s=in_time_s(town.scenario),
    )  # fmt: skip


def _other(
    settings: Settings, city: str, calls: Path | None, posts: Path | None, teams: int | None
) -> _Ground:
    from brigada.regions.errors import RegionError
    from brigada.simulator.policy import experiment
    from brigada.simulator.policy.region import PREFIX, folder_of

    try:
        source = folder_of(city, settings.data_dir) if city.startswith(PREFIX) else city
        scenario = experiment.load(
            experiment.ScenarioSpec(
                source,
                teams=teams,
                calls=None if calls is None else str(calls),
                posts=None if posts is None else str(posts),
            )
        )
    except (RegionError, ValueError, FileNotFoundError) as error:
        raise StartError(str(error)) from None
    log, places = scenario.log, scenario.places
    days, weekday = (7, 0) if log is None else (days_of(log.at_s), log.weekday)
    nodes = scenario.travel.destinations[places.posts]
    stations = [
        PlaceRow(n + 1, str(n), float(scenario.node_lat[node]), float(scenario.node_lon[node]))
        for n, node in enumerate(nodes)
    ]
    start = first_midnight(SystemClock().now(), settings.zone, 1)
    return _Ground(
        scenario, week_of(scenario, days, weekday=weekday), stations, start, days, settings.zone,
        approximate=False, own=False, within_s=in_time_s(scenario),
    )  # fmt: skip


def _report(ground: _Ground, plans: list[BlockPlan], language: Language) -> tables.Report:
    return report_of(
        plans, ground.posts, language, start=ground.start, days=ground.days, zone=ground.zone,
        made_at=SystemClock().now(), threshold_s=ground.within_s, approximate=ground.approximate,
        own=ground.own,
    )  # fmt: skip


def _data(ground: _Ground, plans: list[BlockPlan]) -> dict[str, object]:
    """The plan as plain data: hours of the week from Monday midnight, teams by station in the order of `stations`."""
    return {
        "norm_s": ground.scenario.demand.norms_s[0],
        "within_s": ground.within_s,
        "calls": ground.week.counted,
        "days": ground.days,
        "stations": [{"id": p.id, "name": p.name, "lat": p.lat, "lon": p.lon} for p in ground.posts],
        "blocks": [
            {
                "name": plan.block.name,
                "hours": plan.block.hours,
                "calls_per_hour": plan.calls_per_hour,
                "busy_fraction": plan.busy_fraction,
                "today": plan.today,
                "planned": plan.homes,
                "coverage_today": plan.coverage_today,
                "coverage": plan.coverage,
                "moves": [
                    {"from": ground.posts[m.source].id, "to": ground.posts[m.target].id, "gain": m.gain}
                    for m in plan.moves
                ],
            }
            for plan in plans
        ],
    }
