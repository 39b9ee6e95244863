"""To which settlement and district a place belongs: by borders where they are mapped, else by nearness."""

import shapely
from scipy.spatial import cKDTree
from shapely import STRtree

from brigada.regions.gathered import RawArea, RawPlace
from brigada.regions.streets import Flat

_TOWNS = {"city": 12_000.0, "town": 5_000.0, "village": 2_500.0, "hamlet": 1_200.0, "allotments": 800.0}
"""How far from its point a settlement without a border reaches, metres."""

_DISTRICTS = {"suburb": 3_000.0, "quarter": 1_200.0, "neighbourhood": 900.0}

_DISTRICT_LEVELS = {9, 10, 11}
_TOWN_LEVELS = {8, 7, 6, 5}


class Whereabouts:
    """Answers for many points at once; built once for an import."""

    def __init__(self, areas: list[RawArea], places: list[RawPlace], flat: Flat) -> None:
        self._flat = flat
        towns = [(a, _town_rank(a)) for a in areas if _town_rank(a)]
        districts = [(a, _district_rank(a)) for a in areas if _district_rank(a)]
        self._town_borders = _Borders(towns)
        self._district_borders = _Borders(districts)
        self._town_points = _Points([p for p in places if p.kind in _TOWNS], _TOWNS, flat)
        self._district_points = _Points([p for p in places if p.kind in _DISTRICTS], _DISTRICTS, flat)

    def of(self, points: list[tuple[float, float]]) -> list[tuple[str, str]]:
        """(settlement, district) for each (latitude, longitude); an empty text where there is none."""
        towns = self._town_borders.names(points)
        districts = self._district_borders.names(points)
        found = []
        for n, point in enumerate(points):
            town = towns[n] or self._town_points.nearest(point)
            district = districts[n] or self._district_points.nearest(point)
            found.append((town, "" if district == town else district))
        return found


def _town_rank(area: RawArea) -> int:
    """The larger, the more it decides: a village inside a city's border is named before the city."""
    if area.place in _TOWNS:
        return (
            20 - list(_TOWNS).index(area.place)
            if area.place == "city"
            else 30 + list(_TOWNS).index(area.place)
        )
    return area.level if area.level in _TOWN_LEVELS else 0


def _district_rank(area: RawArea) -> int:
    if area.place in _DISTRICTS:
        return 5
    return 20 - area.level if area.level in _DISTRICT_LEVELS else 0


class _Borders:
    def __init__(self, ranked: list[tuple[RawArea, int]]) -> None:
        self._names = []
        self._ranks = []
        shapes = []
        for area, rank in ranked:
            shape = shapely.from_geojson(area.geojson, on_invalid="ignore")
            if shape is not None:
                shapes.append(shape)
                self._names.append(area.name)
                self._ranks.append(rank)
        self._tree = STRtree(shapes)

    def names(self, points: list[tuple[float, float]]) -> list[str]:
        best: list[tuple[int, str]] = [(0, "")] * len(points)
        if self._names and points:
            lats, lons = zip(*points, strict=True)
            inside = self._tree.query(shapely.points(lons, lats), predicate="within")
            for n, shape in inside.T:
                candidate = (self._ranks[shape], self._names[shape])
                best[n] = max(best[n], candidate)
        return [name for _, name in best]


class _Points:
    def __init__(self, places: list[RawPlace], reaches: dict[str, float], flat: Flat) -> None:
        self._flat = flat
        self._places = places
        self._reach = [reaches[p.kind] for p in places]
        self._tree = cKDTree(flat.xy((p.lat, p.lon) for p in places)) if places else None

    def nearest(self, point: tuple[float, float]) -> str:
        """The place in whose reach the point lies deepest, as a part of the reach."""
        if self._tree is None:
            return ""
        count = min(6, len(self._places))
        distances, indices = self._tree.query(self._flat.xy([point])[0], k=list(range(1, count + 1)))
        depth, name = 1.0, ""
        for distance, index in zip(distances, indices, strict=True):
            share = distance / self._reach[index]
            if share < depth:
                depth, name = share, self._places[index].name
        return name
