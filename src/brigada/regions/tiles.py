"""Tiles of the base map out of one PMTiles file (version 3), as they lie there: compressed vector tiles.

The file is mapped, so all processes share its pages; finding a tile is two binary searches.
"""

import hashlib
import mmap
from collections import OrderedDict
from pathlib import Path
from typing import Any

from pmtiles.tile import Compression, deserialize_directory, deserialize_header, find_tile, zxy_to_tileid

_DIRECTORIES = 64  # unpacked directories kept; a city has fewer
MAX_ZOOM = 22


class Tiles:
    """One map file, opened for reading. Safe for several threads."""

    def __init__(self, path: Path, build: str) -> None:
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._header = deserialize_header(self._data[:127])
        self._directories: OrderedDict[tuple[int, int], list[Any]] = OrderedDict()
        self._build = build

    @property
    def zooms(self) -> tuple[int, int]:
        """First and last zoom that the file has."""
        return int(self._header["min_zoom"]), int(self._header["max_zoom"])

    @property
    def gzipped(self) -> bool:
        return bool(self._header["tile_compression"] == Compression.GZIP)

    def get(self, z: int, x: int, y: int) -> bytes | None:
        """The tile's bytes, compressed as `gzipped` says, or None where the map is empty."""
        if not self.zooms[0] <= z <= self.zooms[1]:
            return None
        wanted = zxy_to_tileid(z, x, y)
        offset, length = self._header["root_offset"], self._header["root_length"]
        for _ in range(4):  # the format's deepest nesting
            entry = find_tile(self._directory(offset, length), wanted)
            if entry is None:
                return None
            if entry.run_length:
                start = self._header["tile_data_offset"] + entry.offset
                return self._data[start : start + entry.length]
            offset = self._header["leaf_directory_offset"] + entry.offset
            length = entry.length
        return None

    def etag(self, z: int, x: int, y: int) -> str:
        """A tag that changes with the build: builds are never changed, so no byte needs to be read."""
        return '"' + hashlib.blake2s(f"{self._build}/{z}/{x}/{y}".encode(), digest_size=9).hexdigest() + '"'

    def _directory(self, offset: int, length: int) -> list[Any]:
        key = (offset, length)
        known = self._directories.get(key)
        if known is None:
            known = deserialize_directory(self._data[offset : offset + length])
            self._directories[key] = known
            if len(self._directories) > _DIRECTORIES:
                self._directories.popitem(last=False)
        return known
