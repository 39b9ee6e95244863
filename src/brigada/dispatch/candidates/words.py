"""The reasons of the ranking in both languages."""

from datetime import datetime
from zoneinfo import ZoneInfo

from brigada.dispatch.candidates.ranking import Code, Reason
from brigada.errors import Language

TEXTS: dict[Code, tuple[str, str]] = {
    Code.NEAREST: ("ближе всех", "nearest"),
    Code.SLOWER: ("на {minutes} дольше", "{minutes} longer"),
    Code.FASTER_BUT: ("на {minutes} быстрее, но", "{minutes} quicker, but"),
    Code.RIGHT_PROFILE: ("нужный профиль", "right profile"),
    Code.STRONGER_PROFILE: ("профиль выше нужного", "more than the profile needed"),
    Code.WEAKER_PROFILE: ("профиль слабее нужного", "weaker profile than needed"),
    Code.SHIFT_UNTIL: ("до {until}", "until {until}"),
    Code.SHIFT_ENDS: ("смена до {until}", "shift ends at {until}"),
    Code.OLD_POSITION: ("положение {minutes} назад", "position {minutes} ago"),
    Code.AT_STATION: (
        "положение неизвестно, считаем от подстанции",
        "place unknown, reckoned from its station",
    ),
    Code.SOON_FREE: ("освободится примерно через {minutes}", "free in about {minutes}"),
    Code.ESTIMATE: ("≈ по прямой, не по дорогам", "≈ by the straight line, not by road"),
    Code.NO_ROAD: (
        "≈ по прямой: на карте туда нет дороги",
        "≈ by the straight line: the map has no road there",
    ),
    Code.OFF_ROAD: ("≈ по прямой: далеко от дороги", "≈ by the straight line: far from any road"),
    Code.ROADS_AWAY: (
        "≈ по прямой: расчёт по дорогам недоступен",
        "≈ by the straight line: road times are away",
    ),
    Code.BUSY: ("занята на вызове", "busy on a call"),
    Code.ON_BREAK: ("перерыв", "on a break"),
    Code.OFF_SHIFT: ("не на смене", "off shift"),
    Code.CAR_OUT: ("машина не на ходу", "car out of service"),
    Code.NO_PLACE: ("место неизвестно", "place unknown"),
}

NO_TIME: dict[Code, tuple[str, str]] = {
    Code.SLOWER: ("так же быстро", "as quick"),
    Code.FASTER_BUT: ("так же быстро, но", "as quick, but"),
    Code.OLD_POSITION: ("положение только что", "position just now"),
    Code.SOON_FREE: ("вот-вот освободится", "free any moment"),
}
"""What is said in place of a duration that would be shown as 0:00."""


def in_words(reason: Reason, language: Language, zone: ZoneInfo) -> str:
    """The sentence of a reason; `{minutes}` comes of seconds as m:ss, `{until}` is local time."""
    data: dict[str, str | int | float] = dict(reason.data)
    if "seconds" in data:
        seconds = max(0, round(float(data["seconds"])))
        data["minutes"] = f"{seconds // 60}:{seconds % 60:02d}"
        if seconds == 0 and reason.code in NO_TIME:
            return NO_TIME[reason.code][0 if language == "ru" else 1]
    if "until" in data:
        data["until"] = f"{datetime.fromisoformat(str(data['until'])).astimezone(zone):%H:%M}"
    return TEXTS[reason.code][0 if language == "ru" else 1].format_map(data)
