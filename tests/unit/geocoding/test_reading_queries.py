"""How a typed address is taken apart, before any map is asked."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brigada.geocoding.http import HttpGeocoder
from brigada.geocoding.numbers import Number, parse_number
from brigada.geocoding.numerals import digits_for_words
from brigada.geocoding.parsing import parse, parse_point, unglued
from brigada.geocoding.port import GeocoderDownError, Kind
from brigada.geocoding.spelling import fold, is_contraction, other_layout, stem, to_cyrillic, type_as_typed
from brigada.geocoding.vocabulary import Vocabulary
from brigada.kit.geo import Point


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", Number(12)),
        ("12А", Number(12, "а")),
        ("12 к2", Number(12, block="2")),
        ("12 корп. 2", Number(12, block="2")),
        ("12к2с1", Number(12, block="2", building="1")),
        ("12 стр 3", Number(12, building="3")),
        ("12/5", Number(12, slash="5")),
        ("12А/5Б", Number(12, "а", slash="5б")),
        ("7 лит А", Number(7, "а")),
        ("без номера", None),
    ],
)
def test_a_house_number_has_parts(text: str, number: Number | None) -> None:
    assert parse_number(text) == number


def test_a_number_is_like_itself_and_less_like_its_neighbours() -> None:
    asked = Number(12, block="2")
    assert asked.likeness(Number(12, block="2")) == 1.0
    assert asked.likeness(Number(12)) < asked.likeness(Number(12, block="2"))
    assert asked.likeness(Number(14, block="2")) == 0.0


def test_flat_entrance_and_floor_are_no_part_of_the_house() -> None:
    for text in (
        "гоголя 12 кв 5",
        "гоголя 12, подъезд 3, этаж 2",
        "гоголя 12 2 подъезд",
        "гоголя 12 домофон 45",
    ):
        numbers = {h.number for h in parse(text).hypotheses if h.words == ("гоголя",)}
        assert numbers == {Number(12)}, text


def test_a_number_may_be_the_house_or_a_part_of_the_name() -> None:
    readings = {(h.words, h.number.main if h.number else None) for h in parse("8 марта 5").hypotheses}
    assert (("8", "марта"), 5) in readings
    assert (("марта", "5"), 8) in readings


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("58.9, 33.9", Point(58.9, 33.9)),
        ("58.90123 33.90456", Point(58.90123, 33.90456)),
        ("58,90123; 33,90456", Point(58.90123, 33.90456)),
        ("N58.9 E33.9", Point(58.9, 33.9)),
        ("58.9° с.ш., 33.9° в.д.", Point(58.9, 33.9)),
        ("58°54'00\" 33°54'00\"", Point(58.9, 33.9)),
        ("S 33°30.0' E 151°", None),
        ("58.9 N, 33.9 E", Point(58.9, 33.9)),
        ("12, 45", None),
        ("гоголя 12", None),
        ("33.5, 158.2", Point(33.5, 158.2)),
        ("158.2, 33.5", Point(33.5, 158.2)),
        ("999.1, 999.2", None),
    ],
)
def test_coordinates_are_understood_as_people_copy_them(text: str, point: Point | None) -> None:
    assert parse_point(text) == point


def test_two_streets_make_a_crossing() -> None:
    for text in (
        "угол гоголя и чехова",
        "гоголя / чехова",
        "перекресток гоголя и чехова",
        "гоголя угол чехова",
        "на углу гоголя и чехова",
        "перекр. гоголя - чехова",
        "гоголя пересечение с чехова",
    ):
        query = parse(text)
        assert query.said, text
        assert [tuple(side.words for side in pair) for pair in query.crossings] == [
            (("гоголя",), ("чехова",))
        ], text
    assert parse("гоголя 12/5").crossings == ()
    assert parse("гоголя 12").crossings == ()


def test_two_names_in_a_row_may_be_a_crossing_though_nobody_says_so() -> None:
    query = parse("гоголя чехова")
    assert not query.said
    assert [tuple(side.words for side in pair) for pair in query.crossings] == [(("гоголя",), ("чехова",))]


def test_what_follows_a_house_may_be_a_remark() -> None:
    readings = {(h.words, h.aside) for h in parse("гоголя 12 вход со двора").hypotheses if h.number}
    assert (("гоголя",), 3) in readings
    assert (("гоголя", "вход", "со", "двора"), 0) in readings


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("вторая линия", "2 линия"),
        ("сорок лет победы", "40 лет победы"),
        ("шестидесятилетия октября", "60 летия октября"),
        ("дом двадцать пять", "дом 25"),
        ("третьего интернационала", "3 интернационала"),
        ("первомайская", "первомайская"),
        ("стоматология", "стоматология"),
        ("50 5", "50 5"),
    ],
)
def test_numbers_may_be_written_as_words(text: str, digits: str) -> None:
    assert digits_for_words(text) == digits


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("пр78", "пр 78"),
        ("калинина-44-12", "калинина 44-12"),
        ("д/с 13", "дс 13"),
        ("боткина 2к2", "боткина 2к2"),
        ("к2", "к2"),
        ("наб.р.светлой 17", "наб реки светлой 17"),
        ("в. садовая", "в_ садовая"),
    ],
)
def test_what_is_glued_together_is_taken_apart(text: str, first: str) -> None:
    assert unglued(text).split() == first.split()


def test_a_word_nobody_is_called_is_taken_apart_where_that_gives_names() -> None:
    words = Vocabulary([["янки", "купалы"], ["городской", "сад"], ["областная", "больница"], ["садовая"]])
    assert words.apart(["янки-купалы"]) == ("янки", "купалы")
    assert words.apart(["горсад"]) == ("гор", "сад")
    assert words.apart(["облбольница"]) == ("обл", "больница")
    assert words.apart(["садовая", "ыыыыыыыы", "12"]) == ("садовая", "ыыыыыыыы", "12")


def test_a_contraction_leaves_the_middle_out() -> None:
    assert is_contraction("пр-зд", "проезд")
    assert is_contraction("кр-армейская", "красноармейская")
    assert not is_contraction("пр-зд", "проспект")
    assert not is_contraction("-зд", "проезд")


def test_a_slash_stands_for_a_block_as_well_as_for_a_corner() -> None:
    asked = Number(22, slash="2")
    assert asked.likeness(Number(22, block="2")) > asked.likeness(Number(22))
    assert asked.likeness(Number(22, slash="2")) > asked.likeness(Number(22, block="2"))


def test_the_wrong_layout_and_latin_letters_come_back_to_russian() -> None:
    assert other_layout("ghjcgtrn vbhf") == "проспект мира"
    assert other_layout("проспект") == "ghjcgtrn"
    assert to_cyrillic("ulitsa Chekhova") == "улица чехова"
    assert to_cyrillic("shchorsa") == "щорса"


def test_endings_and_slips_do_not_hide_a_kind_of_street() -> None:
    assert stem("садовой") == stem("садовая")
    assert type_as_typed("проспекте") == ("проспект",)
    assert type_as_typed("прошпект") == ("проспект",)
    assert type_as_typed("пр") == ("проспект", "проезд")
    assert type_as_typed("прохорова") == ()
    assert fold("Ёлочная «Берёзка» № 5 — Straße") == "елочная  березка    5 - strasse"


def test_a_word_finds_its_like_by_stem_beginning_and_slip() -> None:
    words = Vocabulary([["садовая"], ["садовая", "гоголя"], ["маяковского"]])
    assert words.like("садовая")["садовая"] == 1.0
    assert words.like("садовой")["садовая"] > 0.9
    assert words.like("маяк")["маяковского"] > 0.7
    assert words.like("маяковскго")["маяковского"] > 0.85
    assert words.like("чехова") == {}
    assert words.weight("маяковского") > words.weight("садовая")


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    query = parse(text)
    assert all(h.words or h.types for h in query.hypotheses)


NOMINATIM = [
    {
        "lat": "59.93", "lon": "30.31", "display_name": "12, улица Гоголя, Бригадск", "importance": 0.4,
        "category": "building", "type": "yes", "name": "",
        "address": {"house_number": "12", "road": "улица Гоголя", "city": "Бригадск", "suburb": "Центр"},
    }
]  # fmt: skip
PHOTON = {
    "features": [
        {
            "geometry": {"coordinates": [30.31, 59.93]},
            "properties": {"housenumber": "12", "street": "улица Гоголя", "city": "Бригадск"},
        }
    ]
}


@pytest.mark.anyio
@pytest.mark.parametrize("dialect", ["nominatim", "photon"])
async def test_other_geocoders_are_asked_in_their_own_words(dialect: str) -> None:
    asked: list[str] = []

    def server(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json=NOMINATIM if dialect == "nominatim" else PHOTON)

    geocoder = HttpGeocoder("http://geo.example", dialect, transport=httpx.MockTransport(server))  # type: ignore[arg-type]  # one of the two words
    [found] = await geocoder.search("гоголя 12")
    assert (found.kind, found.label, found.town) == (Kind.HOUSE, "улица Гоголя, 12", "Бригадск")
    assert found.point == Point(59.93, 30.31)
    assert asked == ["/search" if dialect == "nominatim" else "/api"]
    await geocoder.close()


@pytest.mark.anyio
@pytest.mark.parametrize("dialect", ["nominatim", "photon"])
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(200, text="<html>no JSON</html>"),
        httpx.Response(200, json={"error": "Unable to geocode"}),
        httpx.Response(200, json=[{"lat": "north", "lon": None}]),
        httpx.Response(200, json={"features": [{"properties": {}, "geometry": None}]}),
    ],
    ids=["failed", "no-json", "refusal", "no-numbers", "no-geometry"],
)
async def test_a_geocoder_that_fails_or_answers_something_else_says_so(
    dialect: str, answer: httpx.Response
) -> None:
    transport = httpx.MockTransport(lambda _: answer)
    geocoder = HttpGeocoder("http://geo.example", dialect, transport=transport)  # type: ignore[arg-type]  # one of the two words
    with pytest.raises(GeocoderDownError):
        await geocoder.search("гоголя 12")
    await geocoder.close()


@pytest.mark.anyio
async def test_a_place_that_another_geocoder_does_not_know_is_no_failure() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"error": "Unable to geocode"}))
    geocoder = HttpGeocoder("http://geo.example", "nominatim", transport=transport)
    assert await geocoder.reverse(Point(59.93, 30.31)) is None
    await geocoder.close()
