"""The joint plan itself: one solution of 100 open calls and 300 teams, in a new process and in an old one.

CPU seconds of this process, since a shared machine's clock measures its neighbours. The service solves in one process
of many, after every event that may change the plan: what counts is the warm figure. The cold one is paid when a process
begins to lead, before any call: its first plan is made at once, on another thread.
"""

import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from brigada.dispatch.optimiser.recommendation import Recommendation, recommend
from brigada.dispatch.optimiser.state import Criticality, DispatchState, OpenCall, Stage, Team
from brigada.kit.figures import Figure, median, percentile

CALLS, TEAMS = 100, 300
ON_THE_WAY, SOON_FREE = 60, 40
GOAL_MS = 20.0
SIDE_M, PACE_M_S = 20_000.0, 9.0
"""A city of 20 km from side to side, crossed at 32 km/h: arrivals between a minute and three quarters of an hour."""
SHARES = (0.18, 0.37, 0.45)
NORMS_S = (1_200.0, 1_200.0, 7_200.0)
_FIRST = """
import time
from brigada.bench.plan import picture, seconds_of
state, begun = picture({seed}), time.process_time()
import scipy.optimize
print(time.process_time() - begun, seconds_of(state))
"""


def picture(seed: int) -> DispatchState:
    """An invented evening: calls waiting and driven to, teams free, on the way and soon free."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, SIDE_M, (CALLS + TEAMS, 2))
    gaps = places[:CALLS, None, :] - places[None, CALLS:, :]
    travel = 1.3 * np.hypot(gaps[..., 0], gaps[..., 1]) / PACE_M_S
    profiles = rng.choice(("paramedic", "physician", "intensive_care"), TEAMS, p=(0.6, 0.3, 0.1))
    stages = [Stage.EN_ROUTE] * ON_THE_WAY + [Stage.SOON_FREE] * SOON_FREE
    stages += [Stage.FREE] * (TEAMS - len(stages))
    ready = {Stage.EN_ROUTE: 0.0, Stage.SOON_FREE: 300.0, Stage.FREE: 60.0}
    teams = [Team(n, str(profiles[n]), stages[n], ready[stages[n]]) for n in range(TEAMS)]
    ranks = rng.choice(3, CALLS, p=SHARES)
    wishes = rng.choice(3, CALLS, p=(0.5, 0.35, 0.15))
    wanted = (
        frozenset[str](), frozenset({"physician", "intensive_care"}), frozenset({"intensive_care"}),
    )  # fmt: skip
    calls = [
        OpenCall(
            n,
            Criticality(int(ranks[n])),
            float(rng.exponential(600)),
            NORMS_S[int(ranks[n])],
            wanted[int(wishes[n])],
            team_id=n if n < ON_THE_WAY else None,
            switches=int(rng.random() < 0.1),
        )
        for n in range(CALLS)
    ]
    return DispatchState(calls, teams, travel)


def _solve(state: DispatchState) -> Recommendation:
    """The plan with what is read from it each time."""
    plan = recommend(state)
    plan.assignment()
    plan.proposals()
    return plan


def seconds_of(state: DispatchState) -> float:
    """CPU seconds of one solution."""
    begun = time.process_time()
    _solve(state)
    return time.process_time() - begun


def measure(progress: Callable[[str], None], *, rounds: int, processes: int) -> list[Figure]:
    """Solve `rounds` different pictures in this process, and one in each of so many new ones."""
    loading, cold = [], []
    for seed in range(processes):
        progress(f"the first plan of a process, {seed + 1} of {processes}")
        told = subprocess.run(
            [sys.executable, "-c", _FIRST.format(seed=seed)], capture_output=True, text=True, check=True
        )
        loaded, solved = (1000 * float(figure) for figure in told.stdout.split())
        loading.append(loaded)
        cold.append(solved)
    progress("plans of a warm process")
    _solve(picture(0))
    warm = [1000 * seconds_of(picture(seed)) for seed in range(1, rounds + 1)]
    switched = sum(bool(_solve(picture(seed)).proposals()) for seed in range(1, min(rounds, 20) + 1))
    size = f"{CALLS} calls × {TEAMS} teams, {ON_THE_WAY} on the way"
    note = f"{size}; {rounds} pictures, {switched} of the first {min(rounds, 20)} with a proposal"
    return [
        Figure("joint plan, warm, p95 of CPU", percentile(warm, 0.95), "ms", GOAL_MS, less_is_better=True),
        Figure("joint plan, warm, median of CPU", median(warm), "ms", note=note),
        Figure(
            "joint plan, first of a process, p95 of CPU", percentile(cold, 0.95), "ms", GOAL_MS, less_is_better=True
        ),
        Figure("joint plan, first of a process, median of CPU", median(cold), "ms", note=f"of {processes} processes"),
        Figure("loading SciPy before the first plan, median of CPU", median(loading), "ms", note="once a process"),
    ]  # fmt: skip
