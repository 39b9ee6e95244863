"""What a build of a region holds: written once beside its files, read by everything that uses them."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FORMAT = 1
"""Raised when the files of a build change so that older builds can't be read; they are imported anew."""

FILE_NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Bounds:
    """A box in WGS 84 degrees."""

    south: float
    west: float
    north: float
    east: float

    def holds(self, lat: float, lon: float) -> bool:
        return self.south <= lat <= self.north and self.west <= lon <= self.east

    @property
    def centre(self) -> tuple[float, float]:
        """(latitude, longitude) of the middle."""
        return (self.south + self.north) / 2, (self.west + self.east) / 2


@dataclass(frozen=True, slots=True)
class Manifest:
    """One build. `seconds` and `peak_memory_bytes` tell what the import cost on the machine that ran it."""

    name: str
    build: str
    title: str
    created_at: str
    bounds: Bounds
    centre: tuple[float, float]
    time_zone: str
    time_zone_guessed: bool
    attribution: str
    source: str
    source_sha256: str
    source_bytes: int
    counts: dict[str, int]
    seconds: dict[str, float]
    peak_memory_bytes: int
    versions: dict[str, str]
    profiles: tuple[str, ...]
    checksums: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        (folder / FILE_NAME).write_text(text, encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a build.

    Raises:
        OSError: there is none.
        ValueError: it is damaged or of another format.
    """
    data: dict[str, Any] = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    if data.get("format") != FORMAT:
        raise ValueError(f"the region in {folder} was made by another version: import it again")
    try:
        data["bounds"] = Bounds(**data["bounds"])
        data["centre"] = (float(data["centre"][0]), float(data["centre"][1]))
        data["profiles"] = tuple(data["profiles"])
        return Manifest(**data)
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"the manifest in {folder} is damaged: import the region again") from error
