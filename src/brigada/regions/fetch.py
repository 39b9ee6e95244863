"""Where extracts come from: a file, an address on the network, or a known name.

A download goes to `NAME.part` and is taken up again where it stopped, if the server still has that version;
the finished file is kept beside the regions, so that an import can be repeated without the network.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from brigada.regions.errors import RegionError
from brigada.regions.progress import Report, Stage

DEMO = "demo"

# City extracts of BBBike and districts of Geofabrik: OpenStreetMap, refreshed at least weekly.
_BBBIKE = "https://download.bbbike.org/osm/bbbike/{0}/{0}.osm.pbf"
_GEOFABRIK = "https://download.geofabrik.de/{0}-latest.osm.pbf"
KNOWN = {
    "saint-petersburg": _BBBIKE.format("SanktPetersburg"),
    "moscow": _BBBIKE.format("Moscow"),
    "liechtenstein": _GEOFABRIK.format("europe/liechtenstein"),
    "kaliningrad": _GEOFABRIK.format("russia/kaliningrad"),
    "crimea": _GEOFABRIK.format("russia/crimean-fed-district"),
    "central-district": _GEOFABRIK.format("russia/central-fed-district"),
    "northwestern-district": _GEOFABRIK.format("russia/northwestern-fed-district"),
    "volga-district": _GEOFABRIK.format("russia/volga-fed-district"),
    "ural-district": _GEOFABRIK.format("russia/ural-fed-district"),
    "siberian-district": _GEOFABRIK.format("russia/siberian-fed-district"),
    "south-district": _GEOFABRIK.format("russia/south-fed-district"),
    "far-eastern-district": _GEOFABRIK.format("russia/far-eastern-fed-district"),
}

_CHUNK = 262_144  # bytes between two reports of a download


def region_name(source: str) -> str:
    """The name that a region gets when nobody gives one: the known name, or that of the file."""
    if source in KNOWN or source == DEMO:
        return source
    stem = Path(urlsplit(source).path).name.split(".")[0].removesuffix("-latest")
    name = "".join(c if c.isascii() and c.isalnum() else "-" for c in stem.lower()).strip("-")
    return name or "region"


def is_address(source: str) -> bool:
    return source in KNOWN or urlsplit(source).scheme in {"http", "https"}


def download(source: str, folder: Path, report: Report, transport: httpx.BaseTransport | None = None) -> Path:
    """Fetch a known name or an address into `folder`, and return the file.

    Raises:
        RegionError: the network or the server failed; what was fetched so far stays for the next try.
    """
    url = KNOWN.get(source, source)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{region_name(source)}.osm.pbf"
    part = target.with_suffix(".part")
    mark = target.with_suffix(".part.version")
    version = mark.read_text(encoding="ascii") if mark.exists() else ""
    # Without a word of which version it is, what is there may be a piece of another file.
    have = part.stat().st_size if part.exists() and version else 0
    headers = {"Range": f"bytes={have}-", "If-Range": version} if have else {}
    with (
        _sentences(url),
        httpx.Client(follow_redirects=True, timeout=30, transport=transport) as client,
        client.stream("GET", url, headers=headers) as answer,
    ):
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink(missing_ok=True)
            mark.unlink(missing_ok=True)
            raise RegionError(f"The file at {url} has changed meanwhile: try again.")
        answer.raise_for_status()
        resumed = answer.status_code == httpx.codes.PARTIAL_CONTENT
        done = have if resumed else 0
        mark.write_text(_version_of(answer.headers), encoding="ascii")
        total = done + int(answer.headers.get("Content-Length", 0))
        with part.open("ab" if resumed else "wb") as file:
            for chunk in answer.iter_bytes(_CHUNK):
                file.write(chunk)
                done += len(chunk)
                report(Stage.FETCH, done / total if total > done else 0.99)
    part.replace(target)
    mark.unlink()
    report(Stage.FETCH, 1.0)
    return target


def _version_of(headers: httpx.Headers) -> str:
    """What `If-Range` takes to tell this version of a file from a later one; empty where the server says nothing."""
    tag = headers.get("ETag", "")
    found = tag if tag and not tag.startswith("W/") else headers.get("Last-Modified", "")
    return found if found.isascii() else ""


@contextmanager
def _sentences(url: str) -> Iterator[None]:
    try:
        yield
    except httpx.HTTPStatusError as error:
        raise RegionError(f"{url} answered {error.response.status_code}: check the address.") from error
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        raise RegionError(
            f"{url} can't be fetched ({reason}): try again, it goes on where it stopped."
        ) from error
