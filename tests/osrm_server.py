"""OSRM's own HTTP server, which the wheel brings along: another judge of the same graph."""

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from brigada.regions.roads import tool
from live.ports import free_port

START_S = 60
"""A busy machine takes its time; a server that ends instead is noticed at once."""


@contextlib.contextmanager
def osrm_server(graph: Path) -> Iterator[str]:
    """OSRM's own HTTP server on a graph, ready to be asked."""
    port = free_port()
    command = [
        str(tool("osrm-routed")),
        "-a",
        "mld",
        "-i",
        "127.0.0.1",
        "-p",
        str(port),
        "-t",
        "1",
        str(graph),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(server, url)
            yield url
        finally:
            server.terminate()


def _wait(server: "subprocess.Popen[bytes]", url: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert server.poll() is None, "osrm-routed ended by itself"
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(f"{url}/nearest/v1/driving/33.9,58.9")
            return
        time.sleep(0.05)
    raise TimeoutError("osrm-routed does not answer")
