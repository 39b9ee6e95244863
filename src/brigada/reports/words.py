"""The words of reports in both languages: the field's own terms."""

from typing import Final

from brigada.reports.measures import INFERRED, MISSING, OPEN, REVERSED
from brigada.reports.tables import Text

CRITICALITY: Final[dict[str, Text]] = {
    "critical": ("Критичный", "Critical"),
    "important": ("Важный", "Important"),
    "common": ("Обычный", "Common"),
}
STATUS: Final[dict[str, Text]] = {
    "new": ("Ждёт", "Waiting"),
    "accepted": ("В работе", "In work"),
    "completed": ("Выполнен", "Completed"),
    "rejected": ("Отклонён", "Rejected"),
}
OUTCOME: Final[dict[str, Text]] = {
    "open": ("Ещё открыт", "Still open"),
    "on_place": ("Помощь на месте", "Treated on scene"),
    "hospital": ("Доставлен в стационар", "Taken to hospital"),
    "refused": ("Отказ", "Refused"),
    "false": ("Ложный", "False call"),
    "duplicate": ("Повторный", "Duplicate"),
    "patient_not_found": ("Больной не найден", "Patient not found"),
    "address_not_found": ("Адрес не найден", "Address not found"),
    "served_by_other": ("Обслужен другой бригадой", "Served by another team"),
    "died_before_arrival": ("Смерть до прибытия", "Died before arrival"),
    "other": ("Отклонён по другой причине", "Rejected for another reason"),
}
PROFILE: Final[dict[str, Text]] = {
    "paramedic": ("Фельдшерская", "Paramedic"),
    "physician": ("Врачебная", "Physician"),
    "intensive_care": ("Реанимационная", "Intensive care"),
    "paediatric": ("Педиатрическая", "Paediatric"),
    "psychiatric": ("Психиатрическая", "Psychiatric"),
    "obstetric": ("Акушерская", "Obstetric"),
}
ENDING: Final[dict[str, Text]] = {
    "declined": ("Отказ бригады", "Declined by the crew"),
    "cancelled": ("Снята диспетчером", "Cancelled by the dispatcher"),
    "diverted": ("Перенаправлена", "Diverted"),
    "car_broken": ("Поломка автомобиля", "Car broken"),
    "human_factor": ("Человеческий фактор", "Human factor"),
    "external_factor": ("Внешние причины", "External factor"),
}
WEEKDAYS: Final[tuple[Text, ...]] = (
    ("Понедельник", "Monday"),
    ("Вторник", "Tuesday"),
    ("Среда", "Wednesday"),
    ("Четверг", "Thursday"),
    ("Пятница", "Friday"),
    ("Суббота", "Saturday"),
    ("Воскресенье", "Sunday"),
)
SHORT_WEEKDAYS: Final[tuple[Text, ...]] = (
    ("Пн", "Mon"), ("Вт", "Tue"), ("Ср", "Wed"), ("Чт", "Thu"), ("Пт", "Fri"), ("Сб", "Sat"), ("Вс", "Sun"),
)  # fmt: skip
INTERVALS: Final[dict[str, Text]] = {
    "processing": ("Обработка вызова", "Call processing"),
    "turnout": ("Выезд", "Turnout"),
    "travel": ("Доезд", "Travel"),
    "response": ("Прибытие от приёма вызова", "Response"),
    "on_scene": ("Работа на месте", "On scene"),
    "transport": ("Перевозка", "Transport"),
    "turnaround": ("Передача в стационаре", "Hospital turnaround"),
    "committed": ("Занятость на вызове", "Committed time"),
}
CLOCK: Final[dict[str, Text]] = {
    "received": ("приём вызова", "receipt"),
    "assigned": ("назначение", "assignment"),
    "acknowledged": ("принятие бригадой", "acknowledgement"),
    "en_route": ("выезд", "departure"),
    "on_scene": ("прибытие", "arrival"),
    "transporting": ("начало перевозки", "transport begun"),
    "at_hospital": ("прибытие в стационар", "arrival at hospital"),
    "completed": ("окончание", "completion"),
}
NORM_SET: Final[dict[str, Text]] = {
    "ru": ("Россия", "Russia"),
    "arp": ("NHS England ARP", "NHS England ARP"),
    "nfpa1710": ("NFPA 1710", "NFPA 1710"),
}
GROUP: Final[dict[str, Text]] = {
    "hour": ("Час суток", "Hour of the day"),
    "day": ("День", "Day"),
    "week": ("Неделя с", "Week from"),
    "month": ("Месяц", "Month"),
    "weekday": ("День недели", "Weekday"),
    "time_line": ("Час", "Hour"),
    "station": ("Подстанция", "Station"),
    "district": ("Район", "District"),
    "team": ("Бригада", "Team"),
    "profile": ("Профиль", "Profile"),
    "criticality": ("Критичность", "Criticality"),
    "reason": ("Повод", "Reason"),
    "outcome": ("Исход", "Outcome"),
    "dispatcher": ("Диспетчер", "Dispatcher"),
    "car": ("Автомобиль", "Car"),
    "class": ("Класс", "Class"),
}
NONE: Final[Text] = ("Не указано", "Not given")
OWN_REASON: Final[Text] = ("Другое (своими словами)", "Other (in own words)")
"""The group of calls whose reason stands in no dictionary."""
NO_TEAM: Final[Text] = ("Без бригады", "No team")
TOTAL: Final[Text] = ("Всего", "Total")
STATUS_TITLE: Final[Text] = ("Состояние", "Status")
CORRECTED: Final[Text] = ("исправлено", "corrected")
STATE: Final[dict[int, Text]] = {
    OPEN: ("ещё идёт", "still under way"),
    MISSING: ("не отмечено", "not recorded"),
    REVERSED: ("обратный порядок", "reversed"),
    INFERRED: ("восстановлено", "filled in"),
}
"""Why a duration was not measured."""
STATE_NAMES: Final[dict[str, Text]] = {
    "measured": ("измерено", "measured"),
    "incomplete": ("неполные", "incomplete"),
    "corrected": ("исправленные", "corrected"),
    "late": ("сверх норматива", "over the norm"),
}
ADVICE: Final[dict[str, Text]] = {
    "any": ("была", "given"),
    "followed": ("принята", "followed"),
    "overruled": ("выбрана другая бригада", "another team was chosen"),
    "slower": ("выбрана другая бригада, дольше", "another team was chosen, slower"),
}
NOT_LATE: Final[Text] = ("без опоздания", "not late")
FILTER: Final[dict[str, Text]] = {
    "criticality": ("критичность", "criticality"),
    "status": ("состояние", "status"),
    "district": ("район", "district"),
    "reason": ("повод", "reason"),
    "outcome": ("исход", "outcome"),
    "profile": ("профиль", "profile"),
    "station_id": ("подстанция", "station"),
    "team": ("бригада", "team"),
    "team_id": ("бригада", "team"),
    "dispatcher_id": ("принял", "taken by"),
    "hour": ("час суток", "hour of the day"),
    "weekday": ("день недели", "weekday"),
    "box": ("клетка карты", "a cell of the map"),
    "late": ("с опозданием", "late"),
    "norm_id": ("норматив", "norm"),
    "state": ("отметки", "time stamps"),
    "sent": ("любая посланная бригада", "any team sent"),
    "begun": ("назначенные в этот период", "assigned within the period"),
    "ending": ("чем закончилось назначение", "how the assignment ended"),
    "advice": ("подсказка", "advice"),
    "gps_off": ("отметка расходится с GPS", "declared off the GPS"),
    "car_id": ("автомобиль", "car"),
    "sender_id": ("назначил", "sent by"),
}
FILTER_VALUES: Final[dict[str, dict[str, Text]]] = {
    "criticality": CRITICALITY,
    "status": STATUS,
    "outcome": OUTCOME,
    "profile": PROFILE,
    "state": STATE_NAMES,
    "ending": {"completed": ("завершено", "completed"), **ENDING},
    "advice": ADVICE,
    "gps_off": CLOCK,
}
