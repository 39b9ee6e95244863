"""Refusals about addresses and the map."""

from typing import ClassVar

from brigada.errors import Unavailable


class NoRegion(Unavailable):
    """Nothing is installed: the administrator does it on the server."""

    code: ClassVar[str] = "no_region"
    ru: ClassVar[str] = "Карта местности не установлена: администратору — `brigada region add`."
    en: ClassVar[str] = "No region is installed: the administrator runs `brigada region add`."

    def __init__(self) -> None:
        super().__init__(retry_after=60)


class GeocoderAway(Unavailable):
    """The geocoding server does not answer; an address can be entered with its point on the map."""

    code: ClassVar[str] = "geocoder_away"
    ru: ClassVar[str] = "Поиск адресов временно недоступен: укажите место на карте."
    en: ClassVar[str] = "The search for addresses is away: set the place on the map."

    def __init__(self) -> None:
        super().__init__(retry_after=5)
