"""The runs of an experiment on Ray, for sweeps beyond one machine (the optional extra `sweep`)."""

import os
import socket
from collections.abc import Iterator, Sequence

from brigada.simulator.policy.experiment import Task, run_task
from brigada.simulator.policy.metrics import Metrics

INSTALL = "Ray is not installed; add it with: pip install 'brigada[sweep]'"
LOOPBACK = "127.0.0.1"
OBJECTS_BYTES = 100 * 1024 * 1024
"""Memory for objects of a cluster of our own: a task and its result are a few kilobytes, while by itself Ray would
take a third of the machine."""

ANSWER_S = 10.0
"""Enough for a connection over any network that a sweep makes sense on."""

START_TRIES = 3
"""Ray gives its own start 30 s, which a loaded machine may need for the imports of its workers alone."""


def played(tasks: Sequence[Task]) -> Iterator[tuple[Task, Metrics]]:
    """Each task with its metrics, in the order in which they are finished.

    They run on the cluster that this process is connected to, else on the one that `RAY_ADDRESS` names, else on one
    that is started here on the loopback and stopped at the end. Every machine needs Brigada, and the scenario's files
    under the same path.

    Raises:
        ValueError: Ray is not installed.
        ConnectionError: the named cluster does not answer.
    """
    if not tasks:
        return
    # Read when Ray is imported. `ray start` asks for its token by itself, a program that joins must be told to.
    os.environ.setdefault("RAY_AUTH_MODE", "token")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise ValueError(INSTALL) from error
    started = not ray.is_initialized()
    named = os.environ.get("RAY_ADDRESS")
    if started and named:
        require_answer(named)
        ray.init(log_to_driver=False)
    elif started:
        _start()
    try:
        remote = ray.remote(run_task)
        pending = {remote.remote(task): task for task in tasks}
        while pending:
            ready, _ = ray.wait(list(pending), num_returns=1)
            for reference in ready:
                yield pending.pop(reference), ray.get(reference)
    finally:
        if started:
            ray.shutdown()


def require_answer(address: str) -> None:
    """See that somebody listens where a cluster should be: Ray itself goes on knocking for more than ten minutes.

    Raises:
        ConnectionError: nobody does.
    """
    host, _, port = address.rpartition("//")[2].rpartition(":")
    if not host or not port.isdecimal():
        return  # `auto` and the like, which Ray looks up
    try:
        socket.create_connection((host, int(port)), timeout=ANSWER_S).close()
    except OSError as error:
        raise ConnectionError(f"no Ray cluster answers at {address}: {error}") from error


def _start() -> None:
    """A cluster on the loopback of this machine, with all its cores."""
    import ray

    for left in reversed(range(START_TRIES)):
        try:
            ray.init(
                "local",
                include_dashboard=False,
                log_to_driver=False,
                object_store_memory=OBJECTS_BYTES,
                _node_ip_address=LOOPBACK,
            )
        except Exception as error:  # it has no narrower class for this
            ray.shutdown()
            if not left:
                raise ConnectionError(f"Ray could not be started here: {error}") from error
        else:
            return
