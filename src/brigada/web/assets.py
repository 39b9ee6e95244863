"""The console's files in memory, each with its sum, and one version for all of them.

Pages name their files by `/static/<version>/…`, so a browser keeps them for a year and a new build is never
mixed with an old one: the version is the sum of all files.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

_STATIC = Path(__file__).parent / "static"
_PAGES = Path(__file__).parent / "pages"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
# Text shrinks to a quarter; fonts and pictures are compressed already.
_COMPRESSIBLE = {".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".webmanifest"}
# Under one packet nothing is gained.
_COMPRESS_FROM_BYTES = 1400
# Level 6 takes 0.25 s for the whole tree, once; level 9 saves another 1 %.
_GZIP_LEVEL = 6
# The letters of the sum that stand in an address: 48 bits are enough to tell builds apart.
_VERSION_LETTERS = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes, plain and compressed, its type and its ETag."""

    plain: bytes
    compressed: bytes | None
    media_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class Assets:
    """Every file by its path under `static/`, the pages by their name, and the version of the whole."""

    files: dict[str, Asset]
    pages: dict[str, Asset]
    version: str


def load_assets(static: Path = _STATIC, pages: Path = _PAGES) -> Assets:
    """Read the console's files; `{{version}}` in a page becomes the version of the whole."""
    raw = {
        path.relative_to(static).as_posix(): path.read_bytes()
        for path in sorted(static.rglob("*"))
        if path.is_file() and path.suffix in _TYPES
    }
    templates = {path.name: path.read_bytes() for path in sorted(pages.iterdir()) if path.suffix in _TYPES}
    digest = hashlib.sha256()
    for name, data in [*raw.items(), *templates.items()]:
        digest.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
    version = digest.hexdigest()[:_VERSION_LETTERS]
    filled = {
        name: data.replace(b"{{version}}", version.encode()).replace(b"{{files}}", _file_list(raw, version))
        for name, data in templates.items()
    }
    return Assets(
        files={name: _asset(name, data) for name, data in raw.items()},
        pages={name: _asset(name, data) for name, data in filled.items()},
        version=version,
    )


def _file_list(raw: dict[str, bytes], version: str) -> bytes:
    """What the service worker keeps for work without a network: all but documents, types and print fonts."""
    kept = [
        f'"/static/{version}/{name}"'
        for name in raw
        if not name.startswith(("docs/", "vendor/licences/", "vendor/swagger"))
        and not name.endswith((".d.ts", ".ttf", ".txt", "vendor.json"))
    ]
    return ("[\n  " + ",\n  ".join(kept) + "\n]").encode()


def _asset(name: str, data: bytes) -> Asset:
    suffix = Path(name).suffix
    compressed = None
    if suffix in _COMPRESSIBLE and len(data) >= _COMPRESS_FROM_BYTES:
        # mtime=0: the same file gives the same bytes in every process.
        compressed = gzip.compress(data, compresslevel=_GZIP_LEVEL, mtime=0)
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    return Asset(data, compressed, _TYPES[suffix], etag)
