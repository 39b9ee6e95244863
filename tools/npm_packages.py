"""Fetch npm packages by name and version, checked against a lock of sha512 sums.

`npm pack` is asked for one tarball at a time, so no registry's address stands in any file of this project.
Tarballs are kept under `var/npm/`; a tarball whose sum differs from the lock is an error, never a warning.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from shutil import which

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "tools" / "vendor.lock.json"
CACHE = ROOT / "var" / "npm"


class NpmMissingError(RuntimeError):
    """No `npm`, or no registry that it reaches: what needs the package is skipped by the caller, who says so."""


@dataclass(frozen=True, slots=True)
class Package:
    """One locked package: its npm name, exact version and the sum of its tarball."""

    name: str
    version: str
    integrity: str

    @property
    def tarball(self) -> Path:
        return CACHE / f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


def read_lock() -> dict[str, Package]:
    """Read the lock: package name → package."""
    rows = json.loads(LOCK.read_text("utf-8"))
    return {name: Package(name, row["version"], row["integrity"]) for name, row in rows.items()}


def integrity(data: bytes) -> str:
    """The sum in the notation of npm's own lock files."""
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def download(package: Package) -> bytes:
    """Return the tarball's bytes, from the cache or through `npm pack`, without checking them."""
    if not package.tarball.exists():
        npm = which("npm")
        if npm is None:
            raise NpmMissingError("npm is not installed")
        CACHE.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(
            [npm, "pack", "--silent", f"{package.name}@{package.version}"],
            cwd=CACHE,
            check=False,
            capture_output=True,
        )
        if packed.returncode != 0:
            raise NpmMissingError(f"npm could not fetch {package.name}@{package.version}")
    return package.tarball.read_bytes()


def fetch(package: Package) -> Path:
    """Return the unpacked folder of a package whose sum agrees with the lock."""
    data = download(package)
    if integrity(data) != package.integrity:
        raise RuntimeError(f"{package.name}@{package.version}: the tarball differs from the lock")
    folder = CACHE / "unpacked" / package.name / package.version
    if not folder.exists():
        with tarfile.open(package.tarball) as archive:
            archive.extractall(folder, filter="data")
    # One folder, named `package` by most packers.
    (root,) = folder.iterdir()
    return root


def write_lock(versions: dict[str, str]) -> None:
    """Write the lock anew for these versions: a maintainer's step, whose difference is read in review."""
    rows = {}
    for name, version in sorted(versions.items()):
        data = download(Package(name, version, ""))
        rows[name] = {"version": version, "integrity": integrity(data)}
    LOCK.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")
