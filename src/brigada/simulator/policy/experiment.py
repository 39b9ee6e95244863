"""Many policies over many seeds, over processes or a cluster, with the results as plain data."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from brigada.simulator.policy import bounds, grid, jemss
from brigada.simulator.policy.arrivals import draw_calls
from brigada.simulator.policy.engine import Simulation
from brigada.simulator.policy.metrics import Metrics, measure
from brigada.simulator.policy.scenario import HOURLY, WEEKDAYS, Scenario
from brigada.simulator.policy.variants import make_policy

WARM_UP_S = 6 * 3600.0
"""Left out at the start of a run: all teams begin at home and free, which no service ever is."""
TUNING_SEEDS = range(1001, 1031)
"""Seeds for choosing homes and settings; never used for a published figure."""
EVALUATION_SEEDS = range(1, 1001)
"""Seeds for published figures."""

SURGE_CALLS = 12.0
"""Calls that a surge brings to one neighbourhood within 20 minutes, where a scenario says nothing else."""

type Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ScenarioSpec:
    """A scenario that a worker process can load by itself, and what is changed in it."""

    source: str
    """`grid`, `demo`, a folder in the JEMSS format or of an installed region, or an OSM extract (`.osm.pbf`)."""
    cache: str | None = None
    teams: int | None = None
    per_day: float | None = None
    norms_s: tuple[float, float, float] | None = None
    turnout_s: float | None = None
    noise_sigma: float | None = None
    rush_bias: float | None = None
    daily_rhythm: bool = False
    homes: tuple[int, ...] | None = None
    shifts: tuple[tuple[float, float], ...] | None = None
    calls: str | None = None
    """CSV of real calls to replay."""
    posts: str | None = None
    hospitals: str | None = None
    added_posts: tuple[tuple[float, float], ...] = ()
    surges_per_day: float | None = None
    """Fires, crashes, festivals: see `SURGE_CALLS`."""


@dataclass(frozen=True, slots=True)
class Task:
    """One run."""

    spec: ScenarioSpec
    policy: str
    seed: int
    days: float


type Player = Callable[[Sequence[Task]], Iterator[tuple[Task, Metrics]]]
"""Runs tasks somewhere and gives each with its metrics as soon as it is finished."""


class Journal:
    """Finished runs, one line of JSON each, so that a benchmark of an hour goes on where it was stopped.

    A line names its whole task; a line cut short by a crash is left out. It knows nothing of the code that made
    it: begin a new one after a change of the rules.
    """

    def __init__(self, path: Path, *, resume: bool) -> None:
        self._path = path
        self.found: dict[Task, Metrics] = {}
        if not resume:
            path.unlink(missing_ok=True)
        elif path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                with suppress(json.JSONDecodeError):
                    data = json.loads(line)
                    spec = ScenarioSpec(**{key: _tuples(value) for key, value in data["spec"].items()})
                    self.found[Task(spec, data["policy"], data["seed"], data["days"])] = data["metrics"]

    def add(self, task: Task, metrics: Metrics) -> None:
        """Keep one finished run."""
        self.found[task] = metrics
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(task) | {"metrics": metrics}) + "\n")


@dataclass(slots=True)
class Results:
    """Metrics of every policy and seed, with all that is needed to repeat them."""

    spec: ScenarioSpec
    days: float
    seeds: list[int]
    runs: dict[str, list[Metrics]] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Results":
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        spec = {key: _tuples(value) for key, value in data["spec"].items()}
        return cls(ScenarioSpec(**spec), data["days"], data["seeds"], data["runs"])


def _tuples(value: Any) -> Any:  # noqa: ANN401 - JSON has no tuples, the spec has nothing else
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


@lru_cache(maxsize=4)
def load(spec: ScenarioSpec, progress: Progress | None = None) -> Scenario:
    """The scenario of a spec; the travel table is shared by processes through its file."""
    from brigada.simulator.policy import osm, region

    cache = None if spec.cache is None else Path(spec.cache)
    path = Path(spec.source)
    if spec.source == "grid":
        scenario = grid.grid_city()
    elif spec.source == "demo":
        scenario = region.read_demo(cache, progress)
    elif path.is_dir() and not region.is_region(path):
        scenario = jemss.read_scenario(path, cache, progress)
    else:
        read = region.read_region if path.is_dir() else osm.read_scenario
        scenario = read(
            path,
            cache=cache,
            progress=progress,
            posts=None if spec.posts is None else Path(spec.posts),
            hospitals=None if spec.hospitals is None else Path(spec.hospitals),
            added_posts=spec.added_posts,
        )
    return _changed(scenario, spec)


def _changed(scenario: Scenario, spec: ScenarioSpec) -> Scenario:
    from brigada.simulator.policy.homes import spread
    from brigada.simulator.policy.logs import read_calls
    from brigada.simulator.policy.scenario import Fleet, Shift

    service = {key: getattr(spec, key) for key in ("turnout_s", "noise_sigma", "rush_bias")}
    scenario = replace(
        scenario, service=replace(scenario.service, **{k: v for k, v in service.items() if v is not None})
    )
    demand = {key: getattr(spec, key) for key in ("per_day", "norms_s")}
    changes: dict[str, Any] = {key: value for key, value in demand.items() if value is not None}
    if spec.daily_rhythm:
        changes |= {"hourly": HOURLY, "weekdays": WEEKDAYS, "day_cv": 0.15}
    if spec.surges_per_day is not None:
        changes |= {
            "surge_per_day": spec.surges_per_day,
            "surge_calls": scenario.demand.surge_calls or SURGE_CALLS,
        }
    scenario = replace(scenario, demand=replace(scenario.demand, **changes))
    if spec.homes is not None:
        scenario = replace(scenario, fleet=Fleet(spec.homes))
    elif spec.teams is not None and spec.teams != len(scenario.fleet.homes):
        scenario = replace(scenario, fleet=Fleet(spread(scenario, spec.teams)))
    if spec.shifts is not None:
        shifts = tuple(Shift(start, end) for start, end in spec.shifts)
        scenario = replace(scenario, fleet=replace(scenario.fleet, shifts=shifts))
    if spec.calls is not None:
        scenario = replace(scenario, log=read_calls(Path(spec.calls), scenario))
    return scenario


def run_task(task: Task) -> Metrics:
    """One run, in whatever process or machine."""
    scenario = load(task.spec)
    calls = draw_calls(scenario, task.seed, task.days)
    if task.policy == bounds.UNLIMITED:
        outcome = bounds.unlimited_teams(scenario, calls)
    elif task.policy == bounds.CLAIRVOYANT:
        outcome = bounds.clairvoyant_posts(scenario, calls, task.days)
    else:
        outcome = Simulation(scenario, make_policy(task.policy), calls).run(task.days)
    return measure(scenario, outcome, min(WARM_UP_S, task.days * 86_400 / 4))


def run(
    spec: ScenarioSpec,
    policies: Sequence[str],
    seeds: Iterable[int],
    days: float,
    *,
    processes: int = 1,
    progress: Progress | None = None,
    journal: Journal | None = None,
    player: Player | None = None,
) -> Results:
    """All runs that the journal does not hold yet, by `player` or else by processes of this machine.

    The scenario is loaded here first, so that workers find its travel table.
    """
    results = Results(spec, days, list(seeds))
    load(spec)
    tasks = [Task(spec, policy, seed, days) for policy in policies for seed in results.seeds]
    known = {} if journal is None else journal.found
    found = {task: known[task] for task in tasks if task in known}
    for task, metrics in (player or partial(_played, processes))(
        [task for task in tasks if task not in found]
    ):
        found[task] = metrics
        if journal is not None:
            journal.add(task, metrics)
        if progress is not None:
            progress(len(found), len(tasks))
    for policy in policies:
        results.runs[policy] = [found[Task(spec, policy, seed, days)] for seed in results.seeds]
    return results


def _played(processes: int, tasks: Sequence[Task]) -> Iterator[tuple[Task, Metrics]]:
    """Each task with its metrics, in the order in which they are finished."""
    if processes <= 1:
        for task in tasks:
            yield task, run_task(task)
        return
    with ProcessPoolExecutor(processes) as pool:
        pending = {pool.submit(run_task, task): task for task in tasks}
        for done in as_completed(pending):
            yield pending[done], done.result()
