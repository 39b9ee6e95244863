"""Names as real cities have them: ranks, first names, anniversaries, canals, micro-districts."""

import pytest

from brigada.geocoding.local import LocalIndex
from brigada.regions.gathered import Gathered, RawAddress, RawPlace, RawWay
from brigada.regions.places import write_places
from brigada.regions.progress import silent
from geocoder_judge import judge, labelled

STREETS = """улица Академика Королёва|улица Маршала Жукова|улица Карла Маркса|улица Розы Люксембург
улица Максима Горького|улица Космонавта Леонова|улица Александра Невского|улица Шота Руставели|улица Янки Купалы
улица Лётчика Тимошенко
улица Героев Панфиловцев|проспект 60-летия Октября|улица 40 лет Победы|1-я Красноармейская улица
2-я Красноармейская улица|3-й проезд Строителей|улица Строителей|Большая Морская улица|Малая Морская улица
Большая Садовая улица|Верхняя Садовая улица|Садовая улица|набережная канала Грибоедова|набережная реки Фонтанки
площадь Ленина|улица Ленина|Ленинский проспект|Ленинградское шоссе|Ленинградская улица|проспект Мира|улица Мира
улица Пушкина|Пушкинская улица|Октябрьская улица|Октябрьская набережная|Октябрьский проспект|Сибирский тракт
улица Калинина|улица Маркина|улица Генерала Маргелова|Морской проспект|Юбилейная улица|Студенческая улица
улица Невельского|улица Жуковского|улица Королева Хутора|Горная улица|улица Мечтателей|Набережная улица"""
PLACES = ("микрорайон Юбилейный", "5-й микрорайон", "Студгородок", "СНТ «Мечта»")
TOWN, HAMLET = "Нижнегорск", "деревня Малые Горки"
HOUSES = range(1, 21)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> LocalIndex:
    """A town with every name above, twenty houses each, and a hamlet 12 km off."""
    gathered = Gathered(south=56.0, north=56.3, west=44.0, east=44.3)
    names = STREETS.replace("\n", "|").split("|")
    for n, name in enumerate(names):
        _street(gathered, name, 56.05 + 0.004 * (n % 12), 44.05 + 0.02 * (n // 12), TOWN, n)
    _street(gathered, "Лесная улица", 56.25, 44.25, HAMLET, len(names))
    for n, name in enumerate(PLACES):
        for house in HOUSES:
            spot = (56.15 + 0.0004 * house, 44.05 + 0.02 * n)
            gathered.addresses.append(RawAddress(*spot, str(house), "", name, TOWN, "603000"))
    gathered.places += [
        RawPlace(56.08, 44.08, TOWN, "city", 400_000),
        RawPlace(56.25, 44.25, HAMLET, "hamlet", 40),
    ]
    path = tmp_path_factory.mktemp("elsewhere") / "places.sqlite"
    write_places(gathered, path, silent)
    return LocalIndex(path)


def _street(gathered: Gathered, name: str, lat: float, lon: float, town: str, number: int) -> None:
    nodes = [number * 20 + k for k in range(11)]
    gathered.ways.append(RawWay(name, nodes, [(lon + 0.0012 * k, lat) for k in range(11)]))
    for house in HOUSES:
        spot = (lat + (0.0002 if house % 2 else -0.0002), lon + 0.0006 * house)
        gathered.addresses.append(RawAddress(*spot, str(house), name, "", town, "603000"))


def test_names_of_other_cities_are_found_by_what_people_call_them(
    index: LocalIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = judge(index, labelled("queries_elsewhere.txt"))
    with capsys.disabled():
        print(f"\nnames of other cities, {verdict}")
        print("\n".join(verdict.missed))
    assert verdict.count >= 90
    assert verdict.first >= 0.95
    assert verdict.within >= 0.98
