"""Refusals of the advice."""

from typing import ClassVar

from brigada.errors import Conflict


class CallHasNoPlace(Conflict):
    """The call's address has no point yet."""

    code: ClassVar[str] = "call_has_no_place"
    ru: ClassVar[str] = "У вызова нет точки на карте: укажите место, чтобы подобрать бригаду."
    en: ClassVar[str] = "The call has no point on the map: set its place to find a team."
