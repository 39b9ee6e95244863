"""What runs in the child process that holds the road graphs.

OSRM's Python binding keeps the interpreter's lock while it computes (measured: an event loop beside a table
of 300 × 1 stood still for 18 to 22 ms), so a thread would not help: decision 0021. The graphs are mapped
files; children of several API processes share their memory.
"""

import atexit
import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import wait
from typing import Any

import osrm

type Coordinates = list[tuple[float, float]]  # (longitude, latitude), as OSRM wants them

_NOTHING_FOUND = ("NoRoute", "NoSegment", "NoTable")

_graphs: dict[str, Any] = {}  # of this child, filled once by `open_graphs`


def open_graphs(paths: dict[str, str]) -> None:
    """Open every profile's graph; runs once when the child starts, and ends the child with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent decides when we end
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    atexit.register(_graphs.clear)  # before the interpreter ends, or the binding reports leaks
    for profile, path in paths.items():
        _graphs[profile] = osrm.OSRM(
            storage_config=path,
            algorithm="MLD",
            use_shared_memory=False,
            use_mmap=True,
            max_locations_distance_table=-1,
        )


def _end_with(sentinel: int) -> None:
    """Wait for the parent's end, however it ends, and end: nobody would ask any more."""
    wait([sentinel])
    os._exit(0)


def ready() -> list[str]:
    """The profiles that can be asked."""
    return sorted(_graphs)


def route(profile: str, coordinates: Coordinates) -> dict[str, Any]:
    parameters = osrm.RouteParameters(
        coordinates=coordinates, steps=True, overview="full", geometries="geojson", generate_hints=False
    )
    return _asked(_graphs[profile].Route, parameters)


def table(profile: str, coordinates: Coordinates) -> tuple[list[Any], list[Any], list[float], float]:
    """Durations, distances and metres to the road of all but the last, and the metres of the last."""
    count = len(coordinates) - 1
    parameters = osrm.TableParameters(
        coordinates=coordinates,
        sources=list(range(count)),
        destinations=[count],
        annotations=["duration", "distance"],
        generate_hints=False,
    )
    answer = _graphs[profile].Table(parameters)
    durations = [row[0] for row in answer["durations"]]
    distances = [row[0] for row in answer["distances"]]
    snaps = [float(source["distance"]) for source in answer["sources"]]
    return durations, distances, snaps, float(answer["destinations"][0]["distance"])


def nearest(profile: str, coordinates: Coordinates) -> dict[str, Any]:
    parameters = osrm.NearestParameters(coordinates=coordinates, generate_hints=False)
    return _asked(_graphs[profile].Nearest, parameters)


def tile(profile: str, z: int, x: int, y: int) -> bytes:
    """OSRM's own vector tile of roads; it draws from zoom 12 on."""
    return bytes(_graphs[profile].Tile(osrm.TileParameters(x, y, z)))


def _asked(method: Any, parameters: Any) -> dict[str, Any]:  # noqa: ANN401  the binding has no types
    try:
        answer = _plain(method(parameters))
    except RuntimeError as error:
        code = str(error).partition(" ")[0]
        if code not in _NOTHING_FOUND:
            raise
        return {"code": code}
    return dict(answer, code="Ok")


def _plain(value: Any) -> Any:  # noqa: ANN401  JSON of any shape
    """The binding's own objects as Python's, which can be sent to the parent."""
    if isinstance(value, osrm.Object):
        return {key: _plain(value[key]) for key in value}
    if isinstance(value, osrm.Array):
        return [_plain(item) for item in value]
    return value
