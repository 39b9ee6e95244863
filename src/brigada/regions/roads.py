"""The road graphs of a region: OSRM's own tools, one graph for each profile."""

import re
import shutil
import subprocess
from pathlib import Path

import osrm

from brigada.embedded.process import ends_with_its_parent
from brigada.regions.errors import BadExtractError, RegionError
from brigada.regions.progress import Report, Stage
from brigada.regions.rules import EmergencyRules

PROFILES = ("emergency", "car")

_PACKAGE = Path(osrm.__file__).parent
_NO_ROADS = re.compile(
    r"There are no edges|no snapable|No usable edges|input file is empty|0 edges", re.IGNORECASE
)

# OSRM leaves the files of its own steps behind; these are about half of the bytes and no engine opens them.
_SCRATCH = ("ebg", "enw", "cnbg", "cnbg_to_ebg", "restrictions", "turn_penalties_index")


def build_graphs(extract: Path, folder: Path, rules: EmergencyRules, threads: int, report: Report) -> None:
    """Build a graph for every profile into `folder/PROFILE/region.osrm*`.

    Raises:
        BadExtractError: OSRM finds no road for cars in the extract.
        RegionError: a tool failed otherwise; the message holds its last line.
    """
    for profile in PROFILES:
        target = folder / profile
        target.mkdir(parents=True)
        stage = Stage.EMERGENCY_ROADS if profile == "emergency" else Stage.CAR_ROADS
        report(stage, 0.0)
        script = _profile_script(folder / f".{profile}", profile, rules)
        base = target / "region.osrm"
        _run("osrm-extract", str(extract), "-p", str(script), "-o", str(base), "-t", str(threads))
        report(stage, 0.6)
        _run("osrm-partition", str(base), "-t", str(threads))
        report(stage, 0.8)
        _run("osrm-customize", str(base), "-t", str(threads))
        for suffix in _SCRATCH:
            (target / f"region.osrm.{suffix}").unlink(missing_ok=True)
        shutil.rmtree(script.parent)
        report(stage, 1.0)


def _profile_script(folder: Path, profile: str, rules: EmergencyRules) -> Path:
    """A folder with OSRM's profiles and, beside them, ours with the service's rules; the script to run."""
    shutil.copytree(_PACKAGE / "share" / "profiles", folder)
    if profile == "car":
        return folder / "car.lua"
    (folder / "service_rules.lua").write_text(rules.lua(), encoding="utf-8")
    return Path(shutil.copy(Path(__file__).parent / "profiles" / f"{profile}.lua", folder))


def tool(name: str) -> Path:
    """The path of one of OSRM's programs, which the wheel brings along."""
    return _PACKAGE / "bin" / name


def _run(name: str, *args: str) -> None:
    done = subprocess.run(
        [str(tool(name)), *args, "--verbosity", "WARNING"],
        capture_output=True, text=True, errors="replace", check=False, preexec_fn=ends_with_its_parent(),
    )  # fmt: skip
    if done.returncode == 0:
        return
    output = (done.stderr + done.stdout).strip()
    if _NO_ROADS.search(output):
        raise BadExtractError("The extract has no roads that a car can use.")
    last = output.splitlines()[-1] if output else f"exit code {done.returncode}"
    raise RegionError(f"{name} failed: {last}.")
