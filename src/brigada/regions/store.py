"""Where regions lie on the disk, and the two pointers that make an update one step.

    regions/current            -> NAME       which region the service uses
    regions/NAME/current       -> BUILD      which build of it
    regions/NAME/BUILD/…                     files of one import, never changed afterwards
    regions/NAME/.building-…                 an import that has not ended

A pointer is a symbolic link, replaced by a rename: whoever reads it sees the old build or the new one.
"""

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from brigada.regions.errors import ImportBusyError, RegionError
from brigada.regions.manifest import Manifest, read_manifest

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_POINTER = "current"
_DRAFT = ".building-"
KEPT_BUILDS = 2  # the one in use, and the one before it for a process that has just read the pointer


@dataclass(frozen=True, slots=True)
class Installed:
    """One build of a region on the disk."""

    folder: Path
    manifest: Manifest

    @property
    def places(self) -> Path:
        """Addresses, streets, places and points of interest, an SQLite file (see `regions.places`)."""
        return self.folder / "places.sqlite"

    @property
    def base_map(self) -> Path:
        return self.folder / "map.pmtiles"

    @property
    def planning_graph(self) -> Path:
        """The roads as arrays (see `regions.road_graph`); absent in builds of older versions."""
        return self.folder / "roads" / "planning.npz"

    def graph(self, profile: str) -> Path:
        """Base name of the OSRM files of a profile: `emergency` or `car`."""
        return self.folder / "roads" / profile / "region.osrm"


class RegionStore:
    """The regions under one data folder. Reads the disk at each call; cheap enough for a request."""

    def __init__(self, data_dir: Path) -> None:
        self.root = data_dir / "regions"

    def names(self) -> list[str]:
        """Regions with a usable build, in alphabetical order."""
        if not self.root.is_dir():
            return []
        found = (item.name for item in self.root.iterdir() if not item.is_symlink() and item.is_dir())
        return sorted(name for name in found if (self.root / name / _POINTER).exists())

    def generation(self) -> tuple[str, str] | None:
        """(region, build) in use now, or None; what a running service compares to notice a change."""
        try:
            name = (self.root / _POINTER).readlink().name
            return name, (self.root / name / _POINTER).readlink().name
        except OSError:
            return None

    def active(self) -> Installed | None:
        """The build in use.

        Raises:
            RegionError: its files are damaged.
        """
        generation = self.generation()
        return self.load(*generation) if generation else None

    def installed(self, name: str) -> Installed:
        """The current build of a region.

        Raises:
            RegionError: there is no such region or it is damaged.
        """
        return self.load(name, self._build(name))

    def _build(self, name: str) -> str:
        try:
            return (self.root / checked_name(name) / _POINTER).readlink().name
        except OSError as error:
            known = ", ".join(self.names()) or "none"
            raise RegionError(f"There is no region {name!r}; installed: {known}.") from error

    def load(self, name: str, build: str) -> Installed:
        folder = self.root / name / build
        try:
            return Installed(folder, read_manifest(folder))
        except (OSError, ValueError) as error:
            raise RegionError(f"The region {name!r} can't be read ({error}): import it again.") from error

    def use(self, name: str) -> Installed:
        """Make a region the one that the service uses; running services notice within a second."""
        region = self.installed(name)
        _point(self.root / _POINTER, name)
        return region

    def remove(self, name: str) -> None:
        """Delete a region, a damaged one too.

        Raises:
            RegionError: it is the one in use, or there is none of that name.
        """
        self._build(name)
        generation = self.generation()
        if generation and generation[0] == name:
            raise RegionError(
                f"The region {name!r} is in use: choose another with `brigada region use` first."
            )
        with self.lock(name):
            shutil.rmtree(self.root / name)

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the region against other imports; ends by itself with the process, however it ends."""
        home = self.root / checked_name(name)
        home.mkdir(parents=True, exist_ok=True)
        with (home / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ImportBusyError(
                    f"An import of {name!r} is running already: wait for its end."
                ) from error
            yield

    @contextmanager
    def draft(self, name: str, now: datetime) -> Iterator[Path]:
        """A new folder for a build, under the lock; deleted unless `publish` has moved it away.

        What earlier imports left behind when they were cut off is deleted first: the lock proves that
        nobody works on it.
        """
        with self.lock(name):
            home = self.root / name
            for left in home.glob(f"{_DRAFT}*"):
                shutil.rmtree(left, ignore_errors=True)
            folder = home / f"{_DRAFT}{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
            folder.mkdir()
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
                if not any(item for item in home.iterdir() if item.name != ".lock"):
                    shutil.rmtree(home, ignore_errors=True)

    def publish(self, name: str, draft: Path, *, activate: bool) -> Installed:
        """Make a finished draft the region's current build in one step; older builds are deleted."""
        home = self.root / name
        final = home / draft.name.removeprefix(_DRAFT)
        _sync(draft)
        draft.rename(final)
        _point(home / _POINTER, final.name)
        if activate or self.generation() is None:
            _point(self.root / _POINTER, name)
        builds = sorted(p for p in home.iterdir() if p.is_dir() and not p.is_symlink())
        for old in builds[:-KEPT_BUILDS]:
            shutil.rmtree(old, ignore_errors=True)
        return self.load(name, final.name)


def checked_name(name: str) -> str:
    """The name itself if it may be a folder.

    Raises:
        RegionError: it holds anything but small Latin letters, digits, `-` and `_`.
    """
    if not _NAME.fullmatch(name) or name == _POINTER:
        raise RegionError(f"{name!r} can't be a region's name: use small Latin letters, digits and hyphens.")
    return name


def _point(link: Path, target: str) -> None:
    draft = link.with_name(f".{link.name}.{os.getpid()}.{secrets.token_hex(3)}")
    draft.symlink_to(target)
    draft.replace(link)
    _sync(link.parent)


def _sync(folder: Path) -> None:
    """Make names and, for a build, all its files durable before anything points to them."""
    paths = [folder, *folder.rglob("*")] if folder.name.startswith(_DRAFT) else [folder]
    for path in paths:
        if path.is_symlink():
            continue
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
