"""115/у: the diary of the station's work, a row for each day."""

from typing import Any, Final

import numpy as np

from brigada.reports import words
from brigada.reports.facts import REJECT_REASONS, STATUSES
from brigada.reports.figures.common import Context, group_column, interval_of, report
from brigada.reports.filters import OUTCOMES, outcomes
from brigada.reports.measures import INTERVALS, MEASURED
from brigada.reports.selection import grouped
from brigada.reports.tables import Column, Report, Table, Text

TITLE: Final[Text] = (
    "Дневник работы станции скорой медицинской помощи (форма № 115/у)",
    "Diary of the ambulance station (form 115/у)",
)
BANDS: Final = ((0, 20), (20, 40), (40, 60), (60, None))
"""Minutes from receipt to arrival, the upper end counted in: the bands of the form."""


def build(ctx: Context) -> Report:
    """Calls received, fulfilled and fruitless, patients taken to hospital, arrivals by minutes, for each day."""
    rows, facts = ctx.chosen.rows, ctx.facts
    groups = grouped(ctx.chosen, "day", rows)
    ended = outcomes(facts, rows)
    status = facts.calls["status"][rows]
    fruitless = [OUTCOMES.index(name) for name in REJECT_REASONS if name not in {"refused", "duplicate"}]
    columns: dict[str, tuple[Text, Any]] = {
        "received": (("Принято вызовов", "Calls received"), np.ones(len(rows), dtype=np.bool_)),
        "completed": (("Выполнено", "Completed"), status == STATUSES.index("completed")),
        "hospital": (("Доставлено в стационар", "Taken to hospital"), ended == OUTCOMES.index("hospital")),
        "fruitless": (("Безрезультатных", "Fruitless"), np.isin(ended, fruitless)),
        "refused": (("Отказов", "Refused"), ended == OUTCOMES.index("refused")),
        "duplicate": (("Повторных", "Duplicates"), ended == OUTCOMES.index("duplicate")),
        "open": (("Не закончено", "Not finished"), ended == OUTCOMES.index("open")),
    }
    behind: dict[str, dict[str, Any]] = {
        "received": {}, "completed": {"status": "completed"}, "hospital": {"outcome": "hospital"},
        "refused": {"outcome": "refused"}, "duplicate": {"outcome": "duplicate"}, "open": {"outcome": "open"},
    }  # fmt: skip
    values = interval_of(ctx, INTERVALS["response"])
    for low, high in BANDS:
        minutes = values.seconds / 60
        with np.errstate(invalid="ignore"):
            inside = (values.state == MEASURED) & (minutes > low if low else minutes >= 0)
            inside &= True if high is None else minutes <= high
        text = (f"До {high} мин", f"Up to {high} min") if not low else (
            (f"{low}–{high} мин", f"{low}–{high} min") if high else (f"Более {low} мин", f"Over {low} min")
        )  # fmt: skip
        columns[f"within_{high or 'more'}"] = (text, inside)
    # So that the columns of arrivals add up to what was received.
    columns["unmeasured"] = (("Прибытие не измерено", "Arrival not measured"), values.state != MEASURED)
    counted = {
        key: np.bincount(groups.codes[mask & (groups.codes >= 0)], minlength=len(groups))
        for key, (_, mask) in columns.items()
    }
    lines = [
        {
            "group": label,
            **{key: int(values[n]) for key, values in counted.items()},
            "filter": groups.filters[n],
        }
        for n, label in enumerate(groups.labels)
    ]
    total = {"group": ctx.say(words.TOTAL), **{key: int(values.sum()) for key, values in counted.items()}}
    shown = (
        group_column(ctx, "day"),
        *(Column(key, ctx.say(text), filter=behind.get(key)) for key, (text, _) in columns.items()),
    )
    note = (
        "Время прибытия: от приёма вызова до прибытия первой бригады.",
        "Arrival: from receipt to the first team on scene.",
    )
    why = (
        "Прибытие не измерено: ещё не прибыли, вызов отклонён, время не отмечено, восстановлено или не по порядку.",
        "Arrival not measured: not there yet, the call was rejected, the time was not recorded, filled in or reversed.",
    )
    return report(
        ctx, TITLE, [Table("diary", ctx.say(TITLE), shown, lines, total)], notes=[ctx.say(note), ctx.say(why)]
    )
