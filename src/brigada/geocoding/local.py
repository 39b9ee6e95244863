"""The search over a region's own index: the default engine, without any network."""

import asyncio
import math
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from brigada.geocoding.catalogue import Catalogue, House, Poi, Street
from brigada.geocoding.houses import locate
from brigada.geocoding.matching import Contexts, match
from brigada.geocoding.names import effective, plain_name
from brigada.geocoding.numbers import parse_number
from brigada.geocoding.parsing import Hypothesis, Query, parse
from brigada.geocoding.port import Found, Kind
from brigada.geocoding.spelling import has_cyrillic, has_latin, other_layout, to_cyrillic
from brigada.kit.geo import Point, haversine_m

_STREETS_TRIED = 8  # streets whose houses are read for one reading of the query
_WEAK = 0.35  # candidates below it are noise
_SPARE_NUMBER = 0.03  # lost for each number that no part of the address explains (a flat, mostly)
_REMARK = 0.1  # lost by an address behind which words are left over
_NUMBER_FIRST = 0.01  # lost by a house number before the name, where it could be either way round
_UNSAID = 0.15  # lost by a crossing that the text does not speak of: two names in a row
_VARIANT = 0.02  # lost by what was found only in another layout or alphabet
_BUS_STOP = 0.92  # a stop is called after what stands there, and that is what is meant
_NEAR_BONUS = 0.015
_MAIN_TOWN_BONUS = 0.012
_TIE = 0.02  # candidates closer than this are as good as each other
_HOUSE_AT_M = 120.0  # a point so near to a house is at that house
_STREET_AT_M = 400.0


class LocalIndex:
    """The search itself; plain functions of one thread. `LocalGeocoder` runs it off the event loop."""

    def __init__(self, path: Path) -> None:
        self.catalogue = catalogue = Catalogue(path)
        self._street_names = [street.name for street in catalogue.streets]
        self._poi_names = [poi.name for poi in catalogue.pois]
        self._place_names = [place.name for place in catalogue.places]
        around: dict[tuple[str, ...], tuple[str, ...]] = {}

        def words(*texts: str) -> tuple[str, ...]:
            if texts not in around:
                around[texts] = tuple(word for text in texts for word in plain_name(text))
            return around[texts]

        self._street_around = Contexts([words(s.town, s.district) for s in catalogue.streets])
        self._poi_around = Contexts([words(p.town, p.district, p.street) for p in catalogue.pois])
        self._place_around = Contexts([() for _ in catalogue.places])

    def search(self, text: str, limit: int, near: Point | None) -> list[Found]:
        """Candidates, the best first."""
        best: dict[tuple[str, ...], Found] = {}
        for variant, loss in _variants(text, latin_map=self.catalogue.latin):
            for found in self._candidates(parse(variant)):
                scored = replace(found, confidence=found.confidence - loss + self._bonus(found, near))
                key = (found.kind, found.label, found.town, found.district, _grid(found.point))
                if key not in best or best[key].confidence < scored.confidence:
                    best[key] = scored
        ranked = sorted(best.values(), key=lambda found: -found.confidence)[:limit]
        return [_rounded(found) for found in _marked(ranked)]

    def reverse(self, point: Point) -> Found | None:
        """What stands at a point: the house, else the street, else the nearest settlement."""
        catalogue = self.catalogue
        house = catalogue.nearest_house(point, _HOUSE_AT_M)
        if house:
            return self._at_house(*house)
        street = catalogue.nearest_street(point, _STREET_AT_M)
        if street:
            found, spot, distance = street
            return replace(self._street(found, 1.0), point=spot, distance_m=round(distance, 1))
        far = catalogue.nearest_house(point, _STREET_AT_M * 2)
        if far:
            return self._at_house(*far)
        place = min(catalogue.places, key=lambda p: haversine_m(point, p.point), default=None)
        if place is None or (distance := haversine_m(point, place.point)) > 10_000:
            return None
        return Found(
            Kind.PLACE, place.title, place.point, 0.5, name=place.title, distance_m=round(distance, 1)
        )

    # -- candidates -----------------------------------------------------------------------------------------

    def _candidates(self, query: Query) -> Iterable[Found]:
        if query.point:
            yield self._point(query.point)
            return
        for one, other in query.crossings:
            yield from self._crossings(one, other, said=query.said)
        for reading in query.hypotheses:
            yield from self._addresses(reading)
            yield from self._institutions(reading)
            if reading.number is None:
                yield from self._settlements(reading)

    def _point(self, point: Point) -> Found:
        """Typed coordinates, turned round where that alone brings them into the region."""
        here = self.reverse(point)
        if here is None and abs(point.lon) <= 90:
            turned = Point(point.lon, point.lat)
            if there := self.reverse(turned):
                point, here = turned, there
        label = f"{point.lat:.5f}, {point.lon:.5f}" + (f" ({here.label})" if here else "")
        town, district = (here.town, here.district) if here else ("", "")
        return Found(Kind.POINT, label, point, 1.0, town=town, district=district)

    def _known(self, word: str) -> bool:
        """Whether anything in the region is called like this."""
        catalogue = self.catalogue
        return any(
            vocabulary.like(word)
            for vocabulary in (catalogue.street_words, catalogue.poi_words, catalogue.place_words)
        )

    def _streets(self, reading: Hypothesis) -> list[tuple[Street, float]]:
        catalogue = self.catalogue
        vocabulary = catalogue.street_words
        words, types = effective(list(vocabulary.apart(reading.words)), list(reading.types))
        matches = match(
            words, types, vocabulary, self._street_names, self._street_around, reading.starts, self._known
        )
        loss = _SPARE_NUMBER * reading.spare + (_REMARK if reading.aside else 0.0)
        loss += _NUMBER_FIRST if reading.number_first else 0.0
        return [(catalogue.streets[m.document], m.score - loss) for m in matches if m.score - loss > _WEAK]

    def _addresses(self, reading: Hypothesis) -> Iterable[Found]:
        for street, score in self._streets(reading)[:_STREETS_TRIED]:
            if reading.number is None:
                yield self._street(street, score * 0.96)
                continue
            houses = partial(self.catalogue.houses, street.id)
            spots = locate(houses, reading.number, reading.number_text, reading.to)
            for spot in spots:
                found = self._street(street, score * spot.factor)
                yield replace(
                    found,
                    kind=Kind.HOUSE if spot.exact else Kind.INTERPOLATED,
                    label=_label(street, spot.number, self.catalogue.main_town),
                    number=spot.number,
                    point=spot.point,
                    postcode=spot.postcode,
                )
            if not spots:
                yield self._street(street, score * 0.62)

    def _street(self, street: Street, confidence: float) -> Found:
        return Found(
            Kind.STREET,
            _label(street, "", self.catalogue.main_town),
            street.point,
            confidence,
            street=street.title,
            town=street.town,
            district=street.district,
        )

    def _crossings(self, one: Hypothesis, other: Hypothesis, *, said: bool) -> Iterable[Found]:
        firsts = self._streets(one)[:_STREETS_TRIED]
        seconds = self._streets(other)[:_STREETS_TRIED] if firsts else []
        gain = 0.02 if said else -_UNSAID
        for first, a in firsts:
            for second, b in seconds:
                for point in self.catalogue.crossings(first.id, second.id) if first.id != second.id else ():
                    yield Found(
                        Kind.CROSSING,
                        f"{first.title} / {second.title}",
                        point,
                        (a + b) / 2 + gain,
                        street=first.title,
                        name=second.title,
                        town=first.town,
                        district=first.district,
                    )

    def _institutions(self, reading: Hypothesis) -> Iterable[Found]:
        catalogue = self.catalogue
        # the kind of a street that was typed may be a word of the name: "Набережная" as a café
        words = catalogue.poi_words.apart((*(reading.words or reading.types), *reading.also))
        matches = match(
            words, (), catalogue.poi_words, self._poi_names, self._poi_around, reading.starts, self._known
        )
        for m in matches[:_STREETS_TRIED]:
            poi = catalogue.pois[m.document]
            score = m.score - _SPARE_NUMBER * reading.spare - (_REMARK if reading.aside else 0.0)
            if poi.category == "highway=bus_stop":
                score *= _BUS_STOP
            if reading.number is not None:
                own = parse_number(poi.number)
                fits = own is not None and own.main == reading.number.main
                score = score * 0.98 if fits else score * 0.7
            if score > _WEAK:
                yield self._poi(poi, score)

    def _poi(self, poi: Poi, score: float) -> Found:
        address = f"{poi.street}, {poi.number}" if poi.street and poi.number else poi.street
        return Found(
            Kind.POI,
            f"{poi.title} ({address})" if address else poi.title,
            poi.point,
            score,
            street=poi.street,
            number=poi.number,
            name=poi.title,
            town=poi.town,
            district=poi.district,
            category=poi.category,
        )

    def _settlements(self, reading: Hypothesis) -> Iterable[Found]:
        catalogue = self.catalogue
        words = (*reading.words, *(t for t in reading.types if t in catalogue.place_words))
        for m in match(words, (), catalogue.place_words, self._place_names, self._place_around)[:3]:
            place = catalogue.places[m.document]
            if m.score > _WEAK:
                yield Found(
                    Kind.PLACE, place.title, place.point, m.score * 0.9, name=place.title, category=place.kind
                )

    def _at_house(self, house: House, distance: float) -> Found:
        street = self.catalogue.streets[house.street - 1]
        return replace(
            self._street(street, 1.0),
            kind=Kind.INTERPOLATED if house.estimated else Kind.HOUSE,
            label=_label(street, house.number, self.catalogue.main_town),
            number=house.number,
            point=house.point,
            postcode=house.postcode,
            distance_m=round(distance, 1),
        )

    def _bonus(self, found: Found, near: Point | None) -> float:
        bonus = _MAIN_TOWN_BONUS if found.town == self.catalogue.main_town else 0.0
        if near is not None:
            bonus += _NEAR_BONUS * math.exp(-haversine_m(near, found.point) / 5_000)
        return bonus


class LocalGeocoder:
    """A `Geocoder` over one build of a region; its one thread keeps the event loop free."""

    def __init__(self, index: LocalIndex) -> None:
        self._index = index
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="geocoder")

    @classmethod
    async def open(cls, path: Path) -> "LocalGeocoder":
        """Load the names; about a third of a second for a large city."""
        return cls(await asyncio.to_thread(LocalIndex, path))

    async def search(self, text: str, limit: int = 5, near: Point | None = None) -> list[Found]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._index.search, text, limit, near)

    async def reverse(self, point: Point) -> Found | None:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._index.reverse, point)

    async def close(self) -> None:
        self._thread.submit(self._index.catalogue.close)
        self._thread.shutdown(wait=False)


def _variants(text: str, *, latin_map: bool) -> list[tuple[str, float]]:
    """The text as typed, and as it may have been meant: the other layout, Russian in Latin letters."""
    variants = [(text, 0.0)]
    if has_latin(text) and not latin_map:
        variants += [(other_layout(text), _VARIANT), (to_cyrillic(text), _VARIANT)]
    elif latin_map and has_cyrillic(text):
        variants.append((other_layout(text), _VARIANT))
    return variants


def _label(street: Street, number: str, main_town: str) -> str:
    line = f"{street.title}, {number}" if number else street.title
    if street.town and street.town not in {main_town, street.title}:
        return f"{street.town}, {line}"
    return line


def _marked(ranked: list[Found]) -> list[Found]:
    """Say so where equal addresses lie in different places and none of them is clearly meant."""
    marked = []
    for found in ranked:
        rivals = [
            other
            for other in ranked
            if other is not found
            and (other.kind, other.street, other.number, other.name)
            == (found.kind, found.street, found.number, found.name)
            and abs(other.confidence - found.confidence) < _TIE
        ]
        marked.append(replace(found, ambiguous=bool(rivals)))
    return marked


def _rounded(found: Found) -> Found:
    return replace(found, confidence=round(min(1.0, max(0.0, found.confidence)), 3))


def _grid(point: Point) -> str:
    return f"{point.lat:.3f} {point.lon:.3f}"
