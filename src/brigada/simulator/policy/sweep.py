"""The same experiment on Ray, for sweeps beyond one machine (the optional extra `sweep`)."""

from collections.abc import Iterable, Sequence

from brigada.simulator.policy.experiment import Progress, Results, ScenarioSpec, Task, run_task

INSTALL = "Ray is not installed; add it with: pip install 'brigada[sweep]'"


def run(
    spec: ScenarioSpec,
    policies: Sequence[str],
    seeds: Iterable[int],
    days: float,
    *,
    progress: Progress | None = None,
) -> Results:
    """All runs on the cluster that `RAY_ADDRESS` names, or on one started here and stopped at the end.

    Every machine needs the scenario's files under the same path. Raises `ValueError` when Ray is absent.
    """
    try:
        import ray
    except ImportError as error:
        raise ValueError(INSTALL) from error
    results = Results(spec, days, list(seeds))
    tasks = [Task(spec, policy, seed, days) for policy in policies for seed in results.seeds]
    started = not ray.is_initialized()
    if started:
        # Loopback for a cluster of this machine alone; an address of the environment names another.
        ray.init(include_dashboard=False, log_to_driver=False, _node_ip_address="127.0.0.1")
    try:
        remote = ray.remote(run_task)
        pending = {remote.remote(task): task for task in tasks}
        found = {}
        while pending:
            ready, _ = ray.wait(list(pending), num_returns=1)
            for reference in ready:
                found[pending.pop(reference)] = ray.get(reference)
            if progress is not None:
                progress(len(found), len(tasks))
    finally:
        if started:
            ray.shutdown()
    for policy in policies:
        results.runs[policy] = [found[Task(spec, policy, seed, days)] for seed in results.seeds]
    return results
