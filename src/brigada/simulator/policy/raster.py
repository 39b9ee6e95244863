"""A population raster: an uncompressed GeoTIFF read without a library, and points drawn from it."""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from brigada.simulator.policy.roads import Floats

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _OFFSETS, _COUNTS = 256, 257, 258, 259, 273, 279
_SAMPLE_FORMAT, _PIXEL, _TIE = 339, 33550, 33922
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 11: 4, 12: 8}
_CODES = {1: "B", 3: "H", 4: "I", 11: "f", 12: "d"}


@dataclass(frozen=True, slots=True)
class Raster:
    """Non-negative weights of cells; `north`, `west` is the outer corner of the first, steps in degrees."""

    weight: NDArray[np.float64]
    north: float
    west: float
    step_lat: float
    step_lon: float

    def sample(self, count: int, seed: int) -> tuple[Floats, Floats]:
        """`count` points of equal weight, spread evenly over the population; returns latitudes and
        longitudes.

        Cells are walked along a Morton curve, so neighbours follow each other and every quarter of the city
        gets
        its share (systematic sampling); inside its cell a point is uniform.
        """
        rng = np.random.default_rng(seed)
        rows, columns = np.nonzero(self.weight > 0)
        order = np.argsort(morton(rows, columns), kind="stable")
        rows, columns = rows[order], columns[order]
        running = np.cumsum(self.weight[rows, columns])
        marks = (np.arange(count) + rng.random()) / count * running[-1]
        picked = np.minimum(np.searchsorted(running, marks), len(rows) - 1)
        lat = self.north - (rows[picked] + rng.random(count)) * self.step_lat
        lon = self.west + (columns[picked] + rng.random(count)) * self.step_lon
        return lat, lon


def morton(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.int64]:
    """Places along a curve on which neighbours on the ground mostly follow each other; 16 bits a side."""
    code = np.zeros(len(rows), dtype=np.int64)
    for bit in range(16):
        code |= ((columns >> bit) & 1) << (2 * bit)
        code |= ((rows >> bit) & 1) << (2 * bit + 1)
    return code


def read_geotiff(path: Path) -> Raster:
    """Read a single-band, uncompressed, little-endian raster of floats; `ValueError` for any other."""
    data = path.read_bytes()
    if data[:4] != b"II*\x00":
        raise ValueError(f"{path.name} is not a little-endian TIFF")
    tags = _tags(data)
    floats = tags.get(_SAMPLE_FORMAT, (1,))[0] == 3 and tags[_BITS][0] in (32, 64)
    if tags.get(_COMPRESSION, (1,))[0] != 1 or not floats:
        raise ValueError(f"{path.name} must hold uncompressed floats")
    width, height = int(tags[_WIDTH][0]), int(tags[_HEIGHT][0])
    strips = zip(tags[_OFFSETS], tags[_COUNTS], strict=True)
    raw = b"".join(data[int(offset) : int(offset) + int(size)] for offset, size in strips)
    cells = (
        np.frombuffer(raw, dtype=f"<f{int(tags[_BITS][0]) // 8}").reshape(height, width).astype(np.float64)
    )
    weight = np.where(np.isfinite(cells) & (cells > 0) & (cells < 1e30), cells, 0.0)
    tie, pixel = tags[_TIE], tags[_PIXEL]
    north, west = tie[4] + tie[1] * pixel[1], tie[3] - tie[0] * pixel[0]
    return Raster(weight, north, west, pixel[1], pixel[0])


def _tags(data: bytes) -> dict[int, tuple[float, ...]]:
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    found: dict[int, tuple[float, ...]] = {}
    for entry in range(count):
        place = start + 2 + 12 * entry
        tag, kind, number = struct.unpack_from("<HHI", data, place)
        if kind not in _CODES:
            continue
        inside = _SIZES[kind] * number <= 4
        (where,) = (place + 8,) if inside else struct.unpack_from("<I", data, place + 8)
        found[tag] = struct.unpack_from(f"<{number}{_CODES[kind]}", data, where)
    return found
