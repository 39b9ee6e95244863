"""What roads, addresses and tiles cost, beside their goals: for `brigada bench`."""

import asyncio
import random
import resource
import tempfile
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from brigada.geocoding.local import LocalIndex
from brigada.kit.figures import Figure, median, percentile
from brigada.kit.geo import Point, haversine_m
from brigada.regions.democity import City, build_city
from brigada.regions.importer import ImportOrder, import_region
from brigada.regions.large_city import STREETS, write_large_city
from brigada.regions.large_extract import write_large_extract
from brigada.regions.progress import Stage
from brigada.regions.store import Installed, RegionStore
from brigada.regions.tiles import Tiles
from brigada.routing.osrm_process import OsrmProcess
from brigada.routing.port import Profile

TEAMS = 300
LARGE_EXTRACT_BYTES = 60_000_000

type Progress = Callable[[str], None]


def measure(progress: Progress, *, short: bool = False) -> list[Figure]:
    """Import the demo city and ask it; then search a paper city of 300,000 addresses (a tenth when short)."""
    with tempfile.TemporaryDirectory(prefix="brigada-bench-") as folder:
        progress("roads: importing the demo city …")
        city = build_city()
        region, imported = _import(city, Path(folder))
        progress("roads: routes and tables …")
        roads = asyncio.run(_roads(city, region, rounds=20 if short else 200))
        progress("roads: tiles …")
        tiles = _tiles(city, region)
        progress("roads: writing a city of 300,000 addresses …")
        search = _search(Path(folder) / "large.sqlite", STREETS // (10 if short else 1))
        return [*imported, *roads, *tiles, *search]


def _import(city: City, folder: Path) -> tuple[Installed, list[Figure]]:
    extract = folder / "city.osm.pbf"
    started = time.perf_counter()
    city.write(extract)
    drawn = time.perf_counter() - started
    region = import_region(RegionStore(folder), ImportOrder("demo", extract), datetime.now(UTC))
    seconds = sum(region.manifest.seconds.values())
    memory = region.manifest.peak_memory_bytes / 1e6
    return region, [
        Figure("demo city drawn and written", drawn, "s", goal=5, less_is_better=True),
        Figure("demo city imported", seconds, "s", goal=10, less_is_better=True),
        Figure("peak memory of the import", memory, "MB", goal=4_000, less_is_better=True),
    ]


def measure_large_import(progress: Progress, *, short: bool = False) -> list[Figure]:
    """Import an extract as large as a real city's (a fiftieth when short)."""
    with tempfile.TemporaryDirectory(prefix="brigada-bench-") as folder:
        size_bytes = LARGE_EXTRACT_BYTES // (50 if short else 1)
        progress(f"import: writing an extract of {size_bytes / 1e6:.0f} MB …")
        extract = write_large_extract(build_city(), Path(folder), size_bytes)
        megabytes = extract.stat().st_size / 1e6
        stages: list[str] = []

        def report(stage: Stage, _: float) -> None:
            if stage not in stages:
                stages.append(stage)
                progress(f"import: {stage} …")

        region = import_region(
            RegionStore(Path(folder)), ImportOrder("large", extract), datetime.now(UTC), report
        )
        manifest = region.manifest
        return [
            Figure("size of the extract", megabytes, "MB"),
            *(Figure(f"import: {stage}", seconds, "s") for stage, seconds in manifest.seconds.items()),
            Figure("import in all", sum(manifest.seconds.values()), "s"),
            Figure("addresses", manifest.counts.get("addresses", 0), ""),
            Figure("nodes of the road graph", manifest.counts.get("road_nodes", 0), ""),
            Figure(
                "peak memory of the import",
                manifest.peak_memory_bytes / 1e6,
                "MB",
                goal=4_000,
                less_is_better=True,
            ),
        ]


async def _roads(city: City, region: Installed, rounds: int) -> list[Figure]:
    rng = random.Random(3)  # noqa: S311  a draw of places, not a secret
    places = [address.point for address in rng.sample(city.addresses, TEAMS + 1)]
    *origins, goal = places
    started = time.perf_counter()
    engine = await OsrmProcess.start({profile: region.graph(profile) for profile in Profile})
    opened = time.perf_counter() - started
    try:
        table = await _timed(rounds, lambda _: engine.table(origins, goal))
        route = await _timed(rounds, lambda n: engine.route(origins[n % TEAMS], goal))
        stall = await _longest_pause(engine, origins, goal)
        reaches = await engine.table(origins, goal)
    finally:
        await engine.close()
    detour = median([r.distance_m / haversine_m(p, goal) for r, p in zip(reaches, origins, strict=True)])
    return [
        Figure(
            f"table {TEAMS} × 1, p95", percentile(table, 0.95), "ms", goal=30, stretch=10, less_is_better=True
        ),
        Figure(f"table {TEAMS} × 1, median", median(table), "ms"),
        Figure("route with steps, median", median(route), "ms"),
        Figure("route with steps, p95", percentile(route, 0.95), "ms"),
        Figure("longest pause of the event loop beside tables", stall, "ms", goal=10, less_is_better=True),
        Figure("road graphs opened in a child", opened * 1000, "ms"),
        Figure("road distance over straight distance, median", detour, ""),
    ]


async def _timed(rounds: int, ask: Callable[[int], Coroutine[Any, Any, object]]) -> list[float]:
    """Milliseconds of each question, one after another."""
    times = []
    for n in range(rounds):
        started = time.perf_counter()
        await ask(n)
        times.append((time.perf_counter() - started) * 1000)
    return times


async def _longest_pause(engine: OsrmProcess, origins: list[Point], goal: Point) -> float:
    """The longest time, ms, for which the event loop stood still while 20 tables were asked for (99th of 100)."""
    pauses: list[float] = []

    async def watch() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            pauses.append((now - last - 0.001) * 1000)
            last = now

    watching = asyncio.create_task(watch())
    for _ in range(20):
        await engine.table(origins, goal)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    return percentile(pauses, 0.99)


def _tiles(city: City, region: Installed) -> list[Figure]:
    tiles = Tiles(region.base_map, region.manifest.build)
    z = 14
    times, sizes = [], []
    for address in city.addresses[::20]:
        x, y = tile_of(address.point, z)
        started = time.perf_counter()
        body = tiles.get(z, x, y)
        times.append((time.perf_counter() - started) * 1e6)
        sizes.append(len(body or b"") / 1024)
    return [
        Figure("tile out of the map file, median", median(times), "µs"),
        Figure(
            "tile out of the map file, p95", percentile(times, 0.95), "µs", goal=1_000, less_is_better=True
        ),
        Figure("size of a tile of zoom 14, median", median(sizes), "KB"),
    ]


def tile_of(point: Point, zoom: int) -> tuple[int, int]:
    """The tile (x, y) of a zoom that holds a point, in the usual web grid."""
    from math import asinh, pi, radians, tan

    n = 2**zoom
    y = (1 - asinh(tan(radians(point.lat))) / pi) / 2
    return int((point.lon + 180) / 360 * n), int(y * n)


def _search(path: Path, streets: int) -> list[Figure]:
    """The search over a large city, in a process of its own so that its memory can be told."""
    started = time.perf_counter()
    addresses = write_large_city(path, streets=streets)
    written = time.perf_counter() - started
    note = f"{addresses:,} addresses"
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
        asked = child.submit(searched, path).result()
    return [
        Figure("address found, p95", asked.exact_p95, "ms", goal=30, less_is_better=True, note=note),
        Figure("address found, median", asked.exact_median, "ms"),
        Figure("address found, CPU", asked.exact_cpu, "ms"),
        Figure("with a slip in each long word, p95", asked.slips_p95, "ms", goal=30, less_is_better=True),
        Figure("with a slip in each long word, first is right", asked.slips_right * 100, "%", goal=95),
        Figure("address of a point, p95", asked.reverse_p95, "ms", goal=30, less_is_better=True),
        Figure("memory of the address index", asked.memory_mb, "MB", goal=150, less_is_better=True),
        Figure("address index opened", asked.opened_s, "s"),
        Figure("address index written", written, "s", note=note),
    ]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the search of a large city cost: milliseconds, a share, megabytes, seconds."""

    exact_p95: float
    exact_median: float
    exact_cpu: float
    slips_p95: float
    slips_right: float
    reverse_p95: float
    memory_mb: float
    opened_s: float


def searched(path: Path) -> Asked:
    """Ask an index as written, with slips, and in reverse; runs in a fresh process."""
    before = _resident_mb()
    started = time.perf_counter()
    index = LocalIndex(path)
    opened = time.perf_counter() - started
    rng = random.Random(4)  # noqa: S311  a draw of queries, not a secret
    queries = []
    for street in rng.sample(index.catalogue.streets, 400):
        houses = index.catalogue.houses(street.id)
        queries.append((street.title, rng.choice(houses).number))
    spent = time.process_time()
    exact, _ = _asked(index, queries, lambda name, number: f"{name}, {number}")
    cpu = (time.process_time() - spent) / len(queries) * 1000
    slips, right = _asked(index, queries, lambda name, number: f"{_slip(rng, name)} {number}")
    reverse = []
    for _ in range(400):
        point = Point(59.75 + rng.random() * 0.3, 29.7 + rng.random())
        started = time.perf_counter()
        index.reverse(point)
        reverse.append((time.perf_counter() - started) * 1000)
    return Asked(
        exact_p95=percentile(exact, 0.95),
        exact_median=median(exact),
        exact_cpu=cpu,
        slips_p95=percentile(slips, 0.95),
        slips_right=right,
        reverse_p95=percentile(reverse, 0.95),
        memory_mb=_resident_mb() - before,
        opened_s=opened,
    )


def _asked(
    index: LocalIndex, queries: list[tuple[str, str]], typed: Callable[[str, str], str]
) -> tuple[list[float], float]:
    """Milliseconds of each search, and the share whose first candidate is the house that was meant."""
    times, right = [], 0
    for name, number in queries:
        text = typed(name, number)
        started = time.perf_counter()
        found = index.search(text, 5, None)
        times.append((time.perf_counter() - started) * 1000)
        right += bool(found) and (found[0].street, found[0].number) == (name, number)
    return times, right / len(queries)


def _slip(rng: random.Random, name: str) -> str:
    """One letter lost, doubled or changed places in every word but the kind of street."""
    words = []
    for word in name.lower().split():
        letters = list(word)
        if len(word) > 4 and word not in {"улица", "проспект", "переулок"}:
            at = rng.randrange(1, len(word) - 1)
            slip = rng.randrange(3)
            if slip == 0:
                del letters[at]
            elif slip == 1:
                letters.insert(at, letters[at])
            else:
                letters[at], letters[at - 1] = letters[at - 1], letters[at]
        words.append("".join(letters))
    return " ".join(words)


def _resident_mb() -> float:
    """Resident memory of this process, MB; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * resource.getpagesize() / 1e6
