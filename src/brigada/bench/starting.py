"""How long a newcomer waits: `brigada demo` on an empty folder, and every start after that."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil

from brigada.bench.stand import free_port
from brigada.kit.figures import Figure, median

PATIENCE_S = 600.0
LOOK_EVERY_S = 0.05


def measure(progress: Callable[[str], None], *, rounds: int) -> list[Figure]:
    """Start the demo `rounds` times on an empty folder, and twice more on each folder that this left.

    The installing of the packages is not in it; the making of the demo town, its map and its year of calls is.
    """
    first, again, halts = [], [], []
    for number in range(rounds):
        with tempfile.TemporaryDirectory(prefix="brigada-start-") as folder:
            progress(f"the first start, {number + 1} of {rounds}")
            seconds, halt = _start(Path(folder))
            first.append(seconds)
            halts.append(halt)
            for _ in range(2):
                progress(f"a later start, {number + 1} of {rounds}")
                seconds, halt = _start(Path(folder))
                again.append(seconds)
                halts.append(halt)
    note = f"median of {len(first)}, from {min(first):.1f} to {max(first):.1f}; without installing packages"
    return [
        Figure("demo ready on an empty folder", median(first), "s", 60, less_is_better=True, note=note),
        Figure(
            "demo ready again", median(again), "s", 5, less_is_better=True,
            note=f"median of {len(again)}, from {min(again):.1f} to {max(again):.1f}",
        ),
        Figure("from Ctrl-C until every process has ended", median(halts), "s", less_is_better=True),
    ]  # fmt: skip


def _start(folder: Path) -> tuple[float, float]:
    """Return the seconds until it is ready, and from Ctrl-C until all of it has ended."""
    with _demo(folder) as (process, url, begun):
        with httpx.Client(verify=False, timeout=5) as client:  # noqa: S501 -- the demo's own certificate, here
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if client.get(f"{url}/health/ready").status_code == 200:
                        break
                if process.poll() is not None or time.perf_counter() - begun > PATIENCE_S:
                    message = f"the demo did not get ready: {(folder / 'demo.log').read_text()[-500:]}"
                    raise RuntimeError(message)
                time.sleep(LOOK_EVERY_S)
        ready = time.perf_counter() - begun
        family = psutil.Process(process.pid).children(recursive=True)
        asked = time.perf_counter()
        process.send_signal(signal.SIGINT)
        process.wait(60)
        _, alive = psutil.wait_procs(family, 60)
        if alive:
            message = f"still alive after Ctrl-C: {[one.name() for one in alive]}"
            raise RuntimeError(message)
        return ready, time.perf_counter() - asked


@contextlib.contextmanager
def _demo(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str, float]]:
    port = free_port()
    environment = {**os.environ, "BRIGADA_DATA_DIR": str(folder / "var"), "BRIGADA_PORT": str(port)}
    with (folder / "demo.log").open("wb") as log:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "brigada", "demo"], env=environment, stdout=log, stderr=log, cwd=folder
        )
        try:
            yield process, f"https://127.0.0.1:{port}", begun
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
