"""Labelled sets of queries, and how a search is judged by one."""

import re
import time
from dataclasses import dataclass
from pathlib import Path

from brigada.geocoding.local import LocalIndex
from brigada.geocoding.port import Found, Kind


@dataclass(frozen=True)
class Labelled:
    """A query with what was meant, in the notation that `queries.txt` explains."""

    query: str
    meant: str

    def fits(self, found: Found) -> bool:
        """Whether a candidate is what was meant, or one of what may have been meant."""
        return any(_fits(found, meant) for meant in self.meant.split(" | "))


@dataclass(frozen=True)
class Verdict:
    """Shares of the queries whose first candidate, or one of the first five, is right."""

    count: int
    first: float
    within: float
    median_ms: float
    missed: list[str]

    def __str__(self) -> str:
        return (
            f"{self.count} queries: top-1 {self.first:.1%}, top-5 {self.within:.1%}, "
            f"median {self.median_ms:.1f} ms"
        )


def labelled(name: str) -> list[Labelled]:
    """The set in a file beside the tests of regions."""
    lines = (Path(__file__).parent / "regions" / name).read_text(encoding="utf-8").splitlines()
    pairs = [re.split(r"\s+=\s+", line, maxsplit=1) for line in lines if line and not line.startswith("#")]
    return [Labelled(query, meant) for query, meant in pairs]


def judge(index: LocalIndex, queries: list[Labelled]) -> Verdict:
    """Ask all queries and count what is right."""
    first = within = 0
    missed, times = [], []
    for item in queries:
        start = time.perf_counter()
        found = index.search(item.query, 5, None)
        times.append(time.perf_counter() - start)
        ranks = [n for n, candidate in enumerate(found) if item.fits(candidate)]
        first += ranks[:1] == [0]
        within += bool(ranks)
        if ranks[:1] != [0]:
            shown = "; ".join(f"{f.label} {f.confidence}" for f in found[:3])
            missed.append(f"  {item.query!r} means {item.meant!r}, found: {shown}")
    count = len(queries)
    return Verdict(count, first / count, within / count, sorted(times)[count // 2] * 1000, missed)


def _fits(found: Found, text: str) -> bool:
    meant, _, place = text.partition(" @ ")
    if place and place not in f"{found.district} {found.town} {found.street}":
        return False
    if meant == "point":
        return found.kind is Kind.POINT
    if meant.startswith("street: "):
        return found.street == meant[8:]
    if meant.startswith("poi: "):
        return found.kind is Kind.POI and found.name == meant[5:]
    if meant.startswith("place: "):
        return found.kind is Kind.PLACE and found.name == meant[7:]
    if meant.startswith("x: "):
        return found.kind is Kind.CROSSING and set(meant[3:].split(" / ")) == {found.street, found.name}
    street, _, number = meant.removeprefix("~").rpartition(", ")
    kind = Kind.INTERPOLATED if meant.startswith("~") else Kind.HOUSE
    return (found.kind, found.street, found.number) == (kind, street, number)
