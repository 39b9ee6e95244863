"""How busy teams, cars and dispatchers were."""

from typing import Any, Final

import numpy as np

from brigada.reports import words
from brigada.reports.facts import TROUBLES, TeamName
from brigada.reports.figures.common import (
    Context,
    group_column,
    in_order,
    interval_of,
    natural,
    number,
    ratio,
    report,
)
from brigada.reports.figures.work import HOUR_US, driven_km, keyed, load_of, out_of_service, work
from brigada.reports.measures import INTERVALS, statistics
from brigada.reports.tables import MOST_BARS, Chart, Column, Report, Table, Text

TEAMS_TITLE: Final[Text] = ("Загрузка бригад", "Load of teams")
CARS_TITLE: Final[Text] = ("Автомобили", "Cars")
DISPATCHERS_TITLE: Final[Text] = ("Работа диспетчеров", "Dispatchers' work")
BROKEN: Final = TROUBLES.index("car_broken")
BEGUN: Final = {"begun": True}
"""An assignment counts where it began, not where its call came in."""

KM_NOTE: Final[Text] = (
    (
        "Пробег — по положениям автомобиля; прочерк — положений нет. «К больным ≈» — по прямой: от места бригады до "
        "больного и до стационара."
    ),
    (
        "Mileage is counted from the car's positions; a dash means that there are none. “To patients ≈” is as the crow "
        "flies: from the team's place to the patient and on to the hospital."
    ),
)
FILTER_NOTE: Final[Text] = (
    "Отбор вызовов относится к назначениям и занятости; часы смены и пробег — полные.",
    "Filters of calls apply to assignments and busy time; hours on shift and mileage are whole.",
)


def _notes(ctx: Context) -> list[str]:
    chosen = ctx.query.filters
    of_calls = (chosen.criticality, chosen.status, chosen.district, chosen.reason, chosen.outcome, chosen.hour,
                chosen.weekday, chosen.dispatcher_id, chosen.late, chosen.state, chosen.box)  # fmt: skip
    narrowed = any(value is not None for value in of_calls)
    return [ctx.say(KM_NOTE), *([ctx.say(FILTER_NOTE)] if narrowed else [])]


def _load_columns(ctx: Context) -> list[Column]:
    return [
        Column("calls", ctx.say(("Назначений", "Assignments")), filter=BEGUN),
        Column("completed", ctx.say(("Выполнено", "Completed")), filter={**BEGUN, "ending": "completed"}),
        Column("shift_h", ctx.say(("На смене", "On shift")), "hours"),
        Column("busy_h", ctx.say(("Занято", "Busy")), "hours"),
        Column("utilisation", ctx.say(("Загрузка", "Utilisation")), "share"),
        Column("per_shift", ctx.say(("Вызовов за 12 ч смены", "Calls per 12 h of shift")), "number"),
        Column("km", ctx.say(("Пробег", "Mileage")), "km"),
        Column("km_calls", ctx.say(("К больным ≈", "To patients ≈")), "km"),
    ]


def _of_load(calls: int, shift_h: float, busy_h: float) -> dict[str, float | None]:
    return {"utilisation": ratio(busy_h, shift_h), "per_shift": ratio(calls * 12, shift_h)}


def _total(ctx: Context, rows: list[dict[str, Any]], *keys: str) -> dict[str, Any]:
    sums = {key: [row[key] for row in rows if row[key] is not None] for key in keys}
    found = {key: sum(values) if values or not key.startswith("km") else None for key, values in sums.items()}
    return {"group": ctx.say(words.TOTAL), **found}


def build_teams(ctx: Context) -> Report:
    """Calls, hours on shift and busy, utilisation, kilometres: by team name, profile or station."""
    by = ctx.query.group if ctx.query.group in {"profile", "station"} else "team"

    def key(team: TeamName) -> str | int:
        if by == "station":
            return team.station_id or 0
        return team.name if by == "team" else team.profile

    done = work(ctx)
    groups, place, shift = keyed(ctx, done, key)
    codes = ctx.facts.of_teams(lambda team: place.get(team.id, -1))[done.rows]
    load = load_of(ctx, done, codes, len(groups))
    km = driven_km(ctx, "team_id", place, len(groups))
    rows: list[dict[str, Any]] = []
    for own, n in groups.items():
        hours = shift[n] / HOUR_US
        rows.append(
            {
                "group": _label(ctx, by, own), "calls": load.calls[n], "completed": load.completed[n],
                "shift_h": hours, "busy_h": load.busy_h[n], **_of_load(load.calls[n], hours, load.busy_h[n]),
                "km": km[n], "km_calls": load.km[n],
                "filter": {"station_id" if by == "station" else by: own, **BEGUN},
            }
        )  # fmt: skip
    rows = in_order("team", rows, "calls")
    total = _total(ctx, rows, "calls", "completed", "shift_h", "busy_h", "km", "km_calls")
    total |= _of_load(total["calls"], total["shift_h"], total["busy_h"])
    title = ctx.say(("Загрузка: доля времени смены на вызовах", "Utilisation: share of shift time on calls"))
    chart = Chart(
        "load", title, "rank" if len(rows) > MOST_BARS else "bar", "teams", "group", ("utilisation",)
    )
    table = Table("teams", ctx.say(TEAMS_TITLE), (group_column(ctx, by), *_load_columns(ctx)), rows, total)
    return report(ctx, TEAMS_TITLE, [table], charts=[chart], notes=_notes(ctx))


def _label(ctx: Context, by: str, own: Any) -> str:  # noqa: ANN401 -- a name, a word or a number
    if by == "profile":
        return ctx.say(words.PROFILE[own])
    return ctx.facts.names.stations.get(own, ctx.say(words.NONE)) if by == "station" else str(own)


def build_cars(ctx: Context) -> Report:
    """Calls, hours, kilometres, breakdowns and time out of service of each car."""
    names, done = ctx.facts.names, work(ctx)
    cars = sorted(names.cars)
    place = {car: n for n, car in enumerate(cars)}
    codes = ctx.facts.of_teams(lambda team: place.get(team.car_id, -1))[done.rows]
    load, km = load_of(ctx, done, codes, len(cars)), driven_km(ctx, "id", place, len(cars))
    groups, _, shifts = keyed(ctx, done, lambda team: team.car_id)
    frame = ctx.facts.assignments
    broken = np.bincount(
        codes[(frame["trouble"][done.rows] == BROKEN) & done.begun & (codes >= 0)], minlength=len(cars)
    ).tolist()
    rows: list[dict[str, Any]] = []
    for n, car in enumerate(names.cars[i] for i in cars):
        hours = shifts[groups[car.id]] / HOUR_US if car.id in groups else 0.0
        times, out_us = out_of_service(ctx, car)
        if not (hours or load.calls[n] or load.busy_h[n] or km[n] or times) and car.retired:
            continue
        if ctx.query.filters.car_id not in {None, car.id} or (
            ctx.query.filters.of_teams and car.id not in groups
        ):
            continue
        rows.append(
            {
                "group": car.number, "class": car.car_class, "model": car.model, "calls": load.calls[n],
                "completed": load.completed[n], "shift_h": hours, "busy_h": load.busy_h[n],
                **_of_load(load.calls[n], hours, load.busy_h[n]), "km": km[n], "km_calls": load.km[n],
                "breakdowns": broken[n], "out": times, "out_h": out_us / HOUR_US,
                "filter": {"car_id": car.id, **BEGUN},
            }
        )  # fmt: skip
    rows.sort(key=lambda row: natural(row["group"]))
    columns = (
        Column("group", ctx.say(("Автомобиль", "Car")), "text"),
        Column("class", ctx.say(("Класс", "Class")), "text"),
        Column("model", ctx.say(("Модель", "Model")), "text"),
        *(column for column in _load_columns(ctx) if column.key != "per_shift"),
        Column("breakdowns", ctx.say(("Поломок на вызове", "Breakdowns on a call")),
               filter={**BEGUN, "ending": "car_broken"}),
        Column("out", ctx.say(("Снят с линии, раз", "Out of service, times"))),
        Column("out_h", ctx.say(("Снят с линии", "Out of service")), "hours"),
    )  # fmt: skip
    total = _total(
        ctx, rows, "calls", "completed", "shift_h", "busy_h", "km", "km_calls", "breakdowns", "out", "out_h"
    )
    total |= _of_load(total["calls"], total["shift_h"], total["busy_h"])
    driven = any(row["km"] for row in rows)
    chart = Chart("km", ctx.say(("Пробег, км", "Mileage, km") if driven else ("К больным ≈, км", "To patients ≈, km")),
                  "rank", "cars", "group", ("km" if driven else "km_calls",))  # fmt: skip
    return report(
        ctx, CARS_TITLE, [Table("cars", ctx.say(CARS_TITLE), columns, rows, total)], charts=[chart],
        notes=_notes(ctx),
    )  # fmt: skip


def build_dispatchers(ctx: Context) -> Report:
    """Who took in how many calls, how long they took to be given a team, who sent how many teams."""
    facts, names = ctx.facts, ctx.facts.names
    taken = facts.calls["created_by"][ctx.chosen.rows]
    sent = facts.assignments["assigned_by"][np.flatnonzero(ctx.chosen.sent)]
    people = np.unique(np.concatenate((taken, sent)))
    received = np.bincount(np.searchsorted(people, taken), minlength=len(people))
    assigned = np.bincount(np.searchsorted(people, sent), minlength=len(people))
    values = interval_of(ctx, INTERVALS["processing"])
    stats = statistics(values, np.searchsorted(people, facts.calls["created_by"][values.call]), len(people))
    rows: list[dict[str, Any]] = [
        {
            "group": names.users.get(person) or ctx.say(("Система или внешний вызов", "The system or an outside call")),
            "calls": int(received[n]), "assigned": int(assigned[n]), "n": int(stats.n[n]),
            "mean": number(stats.mean[n]), "median": number(stats.median[n]), "p90": number(stats.p90[n]),
            "filter": {"dispatcher_id": person}, "filters": {"assigned": {"sender_id": person}},
        }
        for n, person in enumerate(people.tolist())
    ]  # fmt: skip
    measured: dict[str, Any] = {"interval": "processing", "state": "measured"}
    columns = (
        group_column(ctx, "dispatcher"),
        Column("calls", ctx.say(("Принял вызовов", "Calls taken")), filter={}),
        Column("assigned", ctx.say(("Назначил бригад", "Teams sent")), filter={"sent": True}),
        Column("n", ctx.say(("Обработка измерена", "Processing measured")), filter=measured),
        Column("mean", ctx.say(("Среднее", "Mean")), "seconds"),
        Column("median", ctx.say(("Медиана", "Median")), "seconds"),
        Column("p90", ctx.say(("90 % не дольше", "P90")), "seconds"),
    )
    total = _total(ctx, rows, "calls", "assigned", "n")
    whole = statistics(values, np.zeros(len(values.call), dtype=np.int64), 1)
    total |= {"mean": number(whole.mean[0]), "median": number(whole.median[0]), "p90": number(whole.p90[0])}
    rows = sorted(rows, key=lambda row: (-int(row["calls"]), str(row["group"])))
    title = ctx.say(("Обработка вызова, медиана и 90 %", "Call processing, median and P90"))
    chart = Chart("processing", title, "rank", "dispatchers", "group", ("median", "p90"))
    return report(
        ctx, DISPATCHERS_TITLE, [Table("dispatchers", ctx.say(DISPATCHERS_TITLE), columns, rows, total)],
        charts=[chart],
        notes=[ctx.say((
            "Обработка: от приёма вызова до назначения первой бригады; считается за тем, кто принял вызов.",
            "Processing: from receipt to the first team assigned; counted for whoever took the call.",
        ))],
    )  # fmt: skip
