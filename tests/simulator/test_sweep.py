"""A sweep on Ray is the same experiment: the same figures, wherever the runs are played."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from typer.testing import CliRunner

from brigada.simulator.commands import app
from brigada.simulator.policy import sweep as sweeping
from live.ports import free_port

POLICIES = "nearest by road,joint + standby,unlimited teams"
START_S = 600
"""No wait is longer; on two idle cores a cluster starts in about ten seconds."""

needs_ray = pytest.mark.skipif(
    find_spec("ray") is None, reason="Ray is not installed (the extra `sweep`, which `make test-long` adds)"
)


def test_without_ray_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setitem(sys.modules, "ray", None)
    result = CliRunner().invoke(app, ["policy", "grid", "--seeds", "2", "--days", "0.5", "--ray"])
    assert result.exit_code == 2
    assert "pip install 'brigada[sweep]'" in result.output


@pytest.fixture(scope="module")
def surroundings() -> Iterator[dict[str, str]]:
    """Variables of a Ray of this module's own: its token and files are nobody else's."""
    with TemporaryDirectory(prefix="ray-") as folder:
        yield os.environ | {
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_TMPDIR": folder,
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
        }


def sweep(out: Path, surroundings: dict[str, str], *options: str) -> list[dict[str, object]]:
    """What the command writes about each run, in one order and without the times that it took."""
    command = [
        sys.executable,
        "-m",
        "brigada",
        "simulate",
        "policy",
        "grid",
        "--per-day",
        "150",
        "--seeds",
        "2",
    ]
    command += ["--days", "1", "--policies", POLICIES, "--out", str(out), *options]
    done = subprocess.run(
        command, env=surroundings, capture_output=True, text=True, timeout=START_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    runs = [json.loads(line) for line in (out / "runs.jsonl").read_text().splitlines()]
    for run in runs:
        run["metrics"] = {key: value for key, value in run["metrics"].items() if not key.endswith("_ms")}
    return sorted(runs, key=lambda run: (run["policy"], run["seed"]))


@pytest.fixture(scope="module")
def by_processes(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    runs = sweep(tmp_path_factory.mktemp("processes"), dict(os.environ), "--processes", "2")
    assert len(runs) == 6
    return runs


@pytest.fixture
def cluster(surroundings: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """A cluster that was here before, as an operator starts it; ended by its own process."""
    port, log = free_port(), tmp_path / "head.log"
    command = [str(Path(sys.executable).with_name("ray")), "start", "--head", "--block", "--num-cpus", "2"]
    command += ["--port", str(port), "--include-dashboard", "false", "--object-store-memory", "100000000"]
    # Any free ports for its workers: by itself it takes a range that the head's port may be in.
    command += ["--min-worker-port", "0", "--max-worker-port", "0"]

    def start() -> subprocess.Popen[bytes]:
        with log.open("w") as out:
            return subprocess.Popen(command, env=surroundings, stdout=out, stderr=subprocess.STDOUT)

    head, tries, end = start(), 1, time.monotonic() + START_S
    try:
        while "Ray runtime started" not in log.read_text():
            assert time.monotonic() < end, log.read_text()
            if head.poll() is not None:  # it gives up after 30 s, whatever the machine is doing
                assert tries < sweeping.START_TRIES, log.read_text()
                head, tries = start(), tries + 1
            time.sleep(0.2)
        yield f"127.0.0.1:{port}"
    finally:
        head.terminate()
        head.wait(90)


@needs_ray
@pytest.mark.long
@pytest.mark.timeout(2 * START_S)
def test_a_sweep_on_a_cluster_of_its_own_gives_the_runs_that_processes_give(
    by_processes: list[dict[str, object]], surroundings: dict[str, str], tmp_path: Path
) -> None:
    assert sweep(tmp_path, surroundings, "--ray") == by_processes


@needs_ray
@pytest.mark.long
@pytest.mark.timeout(2 * START_S)
def test_a_sweep_joins_a_running_cluster_and_leaves_it_running(
    by_processes: list[dict[str, object]], surroundings: dict[str, str], cluster: str, tmp_path: Path
) -> None:
    there = surroundings | {"RAY_ADDRESS": cluster}
    assert sweep(tmp_path / "first", there, "--ray") == by_processes
    assert sweep(tmp_path / "second", there, "--ray") == by_processes


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_a_cluster_that_does_not_answer_is_named_at_once(scheme: str) -> None:
    port = free_port()
    with pytest.raises(ConnectionError, match=f"no Ray cluster answers at {scheme}127.0.0.1:{port}"):
        sweeping.require_answer(f"{scheme}127.0.0.1:{port}")
    with socket.create_server(("127.0.0.1", port)):
        sweeping.require_answer(f"{scheme}127.0.0.1:{port}")
    sweeping.require_answer("auto")


@needs_ray
@pytest.mark.long
def test_without_an_answer_the_command_ends_with_one_sentence(
    surroundings: dict[str, str], tmp_path: Path
) -> None:
    nobody = surroundings | {"RAY_ADDRESS": f"127.0.0.1:{free_port()}"}
    command = [
        sys.executable,
        "-m",
        "brigada",
        "simulate",
        "policy",
        "grid",
        "--seeds",
        "2",
        "--days",
        "0.5",
        "--ray",
    ]
    done = subprocess.run(command, env=nobody, capture_output=True, text=True, timeout=START_S, check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "no Ray cluster answers" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
