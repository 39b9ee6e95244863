"""Sentences about changes and results, in both languages."""

from collections.abc import Mapping
from typing import Any, Final

from brigada.errors import Language
from brigada.reports.tables import Text, say
from brigada.reports.words import CRITICALITY, PROFILE

STEPS: Final[dict[str, Text]] = {
    "reading": ("Чтение вызовов", "Reading calls"),
    "roads": ("Дороги", "Roads"),
    "playing": ("Проигрывание", "Playing"),
}
TITLE: Final[Text] = ("Что, если", "What if")
ABOUT: Final[Text] = (
    "Прошлые недели сыграны заново: как было и с изменениями, на одних и тех же вызовах.",
    "The last weeks played again: as they were and with the changes, over the very same calls.",
)
FACT: Final[Text] = ("На деле (записано)", "As recorded")
BASE: Final[Text] = ("Сейчас (модель)", "Today (model)")
VARIANT: Final[Text] = ("Вариант", "Variant")
CALLS: Final[Text] = ("Вызовы", "Calls")
CHANGES: Final[Text] = (
    "Что изменится: варианты против «Сейчас», интервалы 95 %",
    "What changes: variants against “Today”, 95 % intervals",
)
MEAN: Final[Text] = ("Прибытие, среднее", "Arrival, mean")
P90: Final[Text] = ("90 % не позже", "90 % within")
LATE: Final[Text] = ("Позже {minutes} мин", "Past {minutes} min")
CHANGE: Final[Text] = ("Изменение прибытия", "Change of arrival")
LATE_CHANGE: Final[Text] = ("Изменение доли опозданий", "Change of the share late")
FROM: Final[Text] = ("от", "from")
TO: Final[Text] = ("до", "to")
VERDICT: Final[Text] = ("Вывод", "So")
EARLIER: Final[Text] = ("раньше", "earlier")
LATER: Final[Text] = ("позже", "later")
SAME: Final[Text] = ("разницы не видно", "no difference seen")
TEAMS: Final[Text] = ("Бригады", "Teams")
TEAM_HOURS: Final[Text] = ("Бригадо-часов в сутки", "Team-hours a day")
BUSY: Final[Text] = ("Занято", "Busy")
BUSY_CHANGE: Final[Text] = ("Изменение занятости", "Change of busy")
DRIVING: Final[Text] = ("Часов в пути в сутки", "Hours on the road a day")
UNSERVED: Final[Text] = ("Вызовов без бригады", "Calls without a team")
HOURS: Final[Text] = ("Прибытие по часам суток, среднее", "Arrival by hour of the day, mean")
HOUR: Final[Text] = ("Час", "Hour")
CHART_CHANGES: Final[Text] = (
    "Изменение среднего прибытия, 95 %: левее нуля — раньше",
    "Change of the mean arrival, 95 %: left of zero is earlier",
)
_MODEL: Final[Text] = (
    (
        "Это модель: реальные службы выигрывали меньше, чем обещали модели. Сравнивайте варианты между собой; "
        "насколько модели верить, видно по строке «На деле»."
    ),
    (
        "This is a model, and real services have gained less than models promised. Compare variants with each other; "
        "the row “As recorded” tells how far to trust the model."
    ),
)
_FIT: Final[Text] = (
    (
        "Подогнано к записям: назначение через {triage}, выезд через {turnout}, дорога × {travel} от расчёта "
        "(поездок: {trips}, разброс {sigma} %)."
    ),
    (
        "Fitted to the records: sent after {triage}, departs after {turnout}, drives {travel} times as long as "
        "reckoned ({trips} trips, spread {sigma} %)."
    ),
)
_DAYS: Final[Text] = (
    (
        "Интервалы парные, по дням ({days}); игр с разной удачей на дорогах: {repeats}. "
        "Первые шесть часов не считаются."
    ),
    (
        "Intervals are paired, over days ({days}); plays with other luck on the road: {repeats}. "
        "The first six hours are left out."
    ),
)
_LEFT_OUT: Final[Text] = (
    "Не сыграно вызовов: {no_team} — бригада не приезжала, {no_place} — без места на карте.",
    "Calls not played: {no_team} to which no team came, {no_place} without a place on the map.",
)
_APPROXIMATE: Final[Text] = (
    "≈ Дорог для расчётов нет (регион не установлен или установлен старой версией): время взято по прямой.",
    "≈ There are no roads to reckon with (no region, or one of an older version): times are by the straight line.",
)
_CREWS: Final[Text] = (
    "Перерывы, поломки и отказы бригад не разыгрываются.",
    "Breaks, breakdowns and refusals of crews are not played.",
)
NOTES: Final[dict[str, Text]] = {
    "model": _MODEL, "fit": _FIT, "days": _DAYS, "left_out": _LEFT_OUT, "approximate": _APPROXIMATE, "crews": _CREWS,
}  # fmt: skip

_TEAMS = ("{count} бр. {hours}", "{count} teams {hours}")
_POST = ("пост «{name}», бригад: {teams}", "post “{name}”, teams: {teams}")
_CLOSE = ("закрыть «{name}»", "close “{name}”")
_NORM = ("{calls}: норма {minutes} мин", "{calls}: norm {minutes} min")
_MORE = ("вызовов {percent} %", "calls {percent} %")
_RULES: Final[dict[tuple[str, bool], Text]] = {
    ("standby", True): ("ждать там, где больше охват", "wait where coverage gains most"),
    ("standby", False): ("ждать на своих подстанциях", "wait at own stations"),
    ("switches", True): ("перенаправлять", "divert"),
    ("switches", False): ("не перенаправлять", "never divert"),
    ("urgent_first", True): ("срочные важнее вдвое", "urgent calls count double"),
    ("urgent_first", False): ("все вызовы равны", "all calls count alike"),
}


def variant_name(variant: Mapping[str, Any], stations: Mapping[int, str], language: Language) -> str:
    """The name given, or what the variant changes."""
    given = str(variant.get("name") or "")
    return given or ", ".join(describe(change, stations, language) for change in variant["changes"])


def describe(change: Mapping[str, Any], stations: Mapping[int, str], language: Language) -> str:
    """One change in a few words."""
    match change["kind"]:
        case "teams":
            where = [stations[change["station_id"]]] if change.get("station_id") in stations else []
            kind = [say(PROFILE[change["profile"]], language)] if change.get("profile") else []
            text = say(_TEAMS, language).format(
                count=_signed(change["count"]), hours=_hours(change, language)
            )
            return ", ".join([text, *kind, *where])
        case "post":
            name = change.get("name") or f"{change['lat']:.3f}, {change['lon']:.3f}"
            return say(_POST, language).format(name=name, teams=change.get("teams", 1))
        case "close":
            number = change["station_id"]
            return say(_CLOSE, language).format(name=stations.get(number, f"№ {number}"))
        case "norm":
            calls = say(CRITICALITY[change["criticality"]], language)
            return say(_NORM, language).format(calls=calls, minutes=f"{change['minutes']:g}")
        case "calls":
            return say(_MORE, language).format(percent=_signed(change["percent"]))
    chosen = [say(text, language) for (name, value), text in _RULES.items() if change.get(name) is value]
    return ", ".join(chosen)


def _signed(value: float) -> str:
    return f"{value:+g}".replace("-", "−")


def _hours(change: Mapping[str, Any], language: Language) -> str:
    start, end = float(change.get("from_hour", 0)), float(change.get("to_hour", 0))
    if start % 24 == end % 24:
        return "круглосуточно" if language == "ru" else "all day"
    return f"{_clock(start)}–{_clock(end)}"


def _clock(hour: float) -> str:
    whole, part = divmod(round(hour * 60), 60)
    return f"{whole % 24}:{part:02}"
