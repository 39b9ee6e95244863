"""The process that holds the road graphs: small, and gone when its parent is gone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from brigada.embedded.process import alive, wait_until
from brigada.regions.store import Installed, RegionStore

PROGRAM = """
import asyncio, json, sys
from pathlib import Path
import brigada.server.worker  # as heavy as a main module is
from brigada.routing.osrm_process import OsrmProcess
from brigada.routing.port import Profile

async def main():
    engine = await OsrmProcess.start({Profile.CAR: Path(sys.argv[1])})
    [pid] = engine._pool._processes
    print(pid, flush=True)
    await asyncio.sleep(120)

if __name__ == "__main__":
    asyncio.run(main())
"""


def modules_of(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")


@pytest.mark.long
def test_the_child_loads_no_part_of_the_service_and_ends_with_a_parent_that_is_killed(
    region: Installed, tmp_path: Path
) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PROGRAM, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(script), str(region.graph("car"))], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        mapped = modules_of(child)
        assert "osrm_ext" in mapped
        assert "pydantic_core" not in mapped
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        deadline = time.monotonic() + 20
        while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not Path(f"/proc/{child}").exists()


BUILDING = """
import sys, time
from brigada.running import _demo_region
from brigada.settings import load_settings

with _demo_region(load_settings(mode="demo", data_dir=sys.argv[1]), print):
    time.sleep(120)
"""


@pytest.mark.long
def test_a_demo_killed_while_its_town_is_built_leaves_no_builder_behind(tmp_path: Path) -> None:
    def builders() -> list[int]:
        return [child.pid for child in psutil.Process(parent.pid).children(recursive=True)]

    with subprocess.Popen([sys.executable, "-c", BUILDING, str(tmp_path)]) as parent:
        try:
            # The import, and one of the tools that it starts.
            assert wait_until(lambda: len(builders()) > 1 or parent.poll() is not None, 120)
            left = builders()
        finally:
            parent.kill()
    assert len(left) > 1
    assert wait_until(lambda: not any(map(alive, left)), 60)
    # They ended in the middle, not because the town was finished.
    assert RegionStore(tmp_path).active() is None
