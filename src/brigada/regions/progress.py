"""The stages of an import and how they are reported."""

from collections.abc import Callable
from enum import StrEnum


class Stage(StrEnum):
    """In the order in which they run. The value names it in the manifest; titles are for people."""

    FETCH = "fetch"
    READ = "read"
    PLACES = "places"
    BASE_MAP = "base_map"
    EMERGENCY_ROADS = "emergency_roads"
    CAR_ROADS = "car_roads"
    PLANNING = "planning"
    FINISH = "finish"


TITLES: dict[Stage, tuple[str, str]] = {
    Stage.FETCH: ("Загрузка", "Download"),
    Stage.READ: ("Чтение карты", "Reading the extract"),
    Stage.PLACES: ("Адреса и места", "Addresses and places"),
    Stage.BASE_MAP: ("Карта-подложка", "Base map"),
    Stage.EMERGENCY_ROADS: ("Дороги: скорая помощь", "Roads: ambulance"),
    Stage.CAR_ROADS: ("Дороги: автомобиль", "Roads: car"),
    Stage.PLANNING: ("Дороги для расчётов", "Roads for planning"),
    Stage.FINISH: ("Проверка и установка", "Checking and installing"),
}

type Report = Callable[[Stage, float], None]
"""Called with a stage and the part of it that is done, 0 to 1."""


def silent(_stage: Stage, _done: float) -> None:
    """A report that nobody reads."""
