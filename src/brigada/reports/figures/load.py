"""How busy teams, cars and dispatchers were."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from brigada.reports import words
from brigada.reports.facts import TROUBLES, Ints, TeamName
from brigada.reports.figures.clock import km_in, slots_of, time_in
from brigada.reports.figures.common import (
    Context,
    group_column,
    in_order,
    incomplete_notes,
    interval_of,
    natural,
    number,
    ratio,
    report,
)
from brigada.reports.figures.work import (
    HOUR_US,
    Work,
    driven_km,
    keyed,
    load_of,
    out_of_service,
    until,
    work,
)
from brigada.reports.measures import INTERVALS, MEASURED, NOT_MEANT, statistics
from brigada.reports.selection import TIME_GROUPS, grouped, grouped_by_time
from brigada.reports.tables import MOST_BARS, Chart, ChartKind, Column, Report, Table, Text

TEAMS_TITLE: Final[Text] = ("Загрузка бригад", "Load of teams")
CARS_TITLE: Final[Text] = ("Автомобили", "Cars")
DISPATCHERS_TITLE: Final[Text] = ("Работа диспетчеров", "Dispatchers' work")
BROKEN: Final = TROUBLES.index("car_broken")
CALL_GROUPS: Final = ("criticality", "district", "reason", "outcome")
SUMMED: Final = (
    "cars", "calls", "completed", "shift_h", "busy_h", "km", "km_calls", "breakdowns", "out", "out_h",
)  # fmt: skip
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
TIME_NOTE: Final[Text] = (
    "Назначения — по часу, когда бригада назначена; смена, занятость и пробег — той частью, что приходится на него.",
    "Assignments count when the team was sent; shifts, busy time and mileage by the part that lies in each row.",
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
    """Calls, hours on shift and busy, utilisation, kilometres: by team name, profile, station, time or kind of call."""
    by = ctx.query.group or "team"
    done = work(ctx)
    columns = _load_columns(ctx)
    if by in TIME_GROUPS:
        rows = _by_time(ctx, done, by)
    elif by in CALL_GROUPS:
        rows = _by_call(ctx, done, by)
        columns = [column for column in columns if column.key in {"calls", "completed", "busy_h", "km_calls"}]
        columns.insert(3, Column("busy_share", ctx.say(("Доля занятости", "Share of busy time")), "share"))
    else:
        rows = _by_team(ctx, done, by)
    total = _total(ctx, rows, *(column.key for column in columns if column.key in SUMMED))
    if by in CALL_GROUPS:
        for row in (*rows, total):
            row["busy_share"] = ratio(row["busy_h"], total["busy_h"])
        title = ctx.say(("Занято на вызовах, ч", "Busy on calls, h"))
        chart = Chart("load", title, "rank", "teams", "group", ("busy_h",))
    else:
        total |= _of_load(total["calls"], total["shift_h"], total["busy_h"])
        title = ctx.say(
            ("Загрузка: доля времени смены на вызовах", "Utilisation: share of shift time on calls")
        )
        kind: ChartKind = "line" if by in TIME_GROUPS else "rank" if len(rows) > MOST_BARS else "bar"
        chart = Chart("load", title, kind, "teams", "group", ("utilisation",))
    table = Table("teams", ctx.say(TEAMS_TITLE), (group_column(ctx, by), *columns), rows, total)
    notes = [*_notes(ctx), *([ctx.say(TIME_NOTE)] if by in TIME_GROUPS else [])]
    return report(ctx, TEAMS_TITLE, [table], charts=[chart], notes=notes)


def _by_team(ctx: Context, done: Work, by: str) -> list[dict[str, Any]]:
    groups, place, shift = keyed(ctx, done, _key_of(by))
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
    return in_order("team", rows, "calls")


def _key_of(by: str) -> Callable[[TeamName], str | int]:
    keys: dict[str, Callable[[TeamName], str | int]] = {
        "station": lambda team: team.station_id or 0,
        "profile": lambda team: team.profile,
    }
    return keys.get(by, lambda team: team.name)


def _by_time(ctx: Context, done: Work, by: str) -> list[dict[str, Any]]:
    """Return the load in each hour, day, …: shifts, busy time and mileage by the part that lies in it."""
    frame, (start, _) = ctx.facts.assignments, ctx.query.period.span
    _, place, _ = keyed(ctx, done, lambda _: 0)
    slots, groups = slots_of(ctx, by), grouped_by_time(ctx.query, by, frame["assigned"][done.rows])
    size = len(groups)
    load = load_of(ctx, done, np.where(done.begun, groups.codes, -1), size)
    begin = np.maximum(frame["assigned"][done.rows], start)
    busy = time_in(slots, begin, begin + done.busy_us)
    teams = np.array(sorted(place), dtype=np.int64)
    span = np.isin(ctx.facts.team_ids, teams)
    begins, ends = (at[span] for at in ctx.facts.team_span)
    shift = time_in(slots, np.maximum(begins, start), np.minimum(ends, until(ctx)))
    km = km_in(ctx, slots, teams)
    rows: list[dict[str, Any]] = []
    for n, label in enumerate(groups.labels):
        hours, busy_h = shift[n] / HOUR_US, busy[n] / HOUR_US
        rows.append(
            {
                "group": label, "calls": load.calls[n], "completed": load.completed[n], "shift_h": hours,
                "busy_h": busy_h, **_of_load(load.calls[n], hours, busy_h), "km": km[n], "km_calls": load.km[n],
            }
        )  # fmt: skip
        if "from" in groups.filters[n]:  # an hour of the day to filter by is that of the call's receipt
            rows[-1]["filter"] = {**groups.filters[n], **BEGUN}
    return rows


def _by_call(ctx: Context, done: Work, by: str) -> list[dict[str, Any]]:
    """Return what calls of each kind took: nobody is on shift for one kind of them."""
    groups = grouped(ctx.chosen, by, ctx.facts.call_row[done.rows])
    load = load_of(ctx, done, groups.codes, len(groups))
    rows: list[dict[str, Any]] = [
        {
            "group": label, "calls": load.calls[n], "completed": load.completed[n], "busy_h": load.busy_h[n],
            "km_calls": load.km[n], "filter": {**groups.filters[n], **BEGUN},
        }
        for n, label in enumerate(groups.labels)
        if load.calls[n] or load.busy_h[n]
    ]  # fmt: skip
    return in_order(by, rows, "calls")


def _label(ctx: Context, by: str, own: Any) -> str:  # noqa: ANN401 -- a name, a word or a number
    if by == "profile":
        return ctx.say(words.PROFILE[own])
    return ctx.facts.names.stations.get(own, ctx.say(words.NONE)) if by == "station" else str(own)


def build_cars(ctx: Context) -> Report:
    """Calls, hours, kilometres, breakdowns and time out of service of each car; by class, or by the team's station."""
    by = ctx.query.group or "car"
    done = work(ctx)
    rows = _cars_by_station(ctx, done) if by == "station" else _each_car(ctx, done)
    if by == "class":
        rows = _cars_by_class(ctx, rows)
    own = {"car": ("class", "model"), "class": ("cars",)}.get(by, ())
    known: dict[str, Column] = {
        "class": Column("class", ctx.say(("Класс", "Class")), "text"),
        "model": Column("model", ctx.say(("Модель", "Model")), "text"),
        "cars": Column("cars", ctx.say(("Автомобилей", "Cars"))),
    }
    # Out of service is a car, not a station.
    out = (
        Column("out", ctx.say(("Снят с линии, раз", "Out of service, times"))),
        Column("out_h", ctx.say(("Снят с линии", "Out of service")), "hours"),
    )
    columns = (
        group_column(ctx, by),
        *(known[key] for key in own),
        *(column for column in _load_columns(ctx) if column.key != "per_shift"),
        Column("breakdowns", ctx.say(("Поломок на вызове", "Breakdowns on a call")),
               filter={**BEGUN, "ending": "car_broken"}),
        *(out if by != "station" else ()),
    )  # fmt: skip
    total = _total(ctx, rows, *(column.key for column in columns if column.key in SUMMED))
    total |= _of_load(total["calls"], total["shift_h"], total["busy_h"])
    driven = any(row["km"] for row in rows)
    chart = Chart("km", ctx.say(("Пробег, км", "Mileage, km") if driven else ("К больным ≈, км", "To patients ≈, km")),
                  "rank", "cars", "group", ("km" if driven else "km_calls",))  # fmt: skip
    return report(
        ctx, CARS_TITLE, [Table("cars", ctx.say(CARS_TITLE), columns, rows, total)], charts=[chart],
        notes=_notes(ctx),
    )  # fmt: skip


def _broken(ctx: Context, done: Work, codes: Ints, size: int) -> list[int]:
    """Return how many cars broke down on a call of each group."""
    broken = (ctx.facts.assignments["trouble"][done.rows] == BROKEN) & done.begun & (codes >= 0)
    found: list[int] = np.bincount(codes[broken], minlength=size).tolist()
    return found


def _each_car(ctx: Context, done: Work) -> list[dict[str, Any]]:
    names = ctx.facts.names
    cars = sorted(names.cars)
    place = {car: n for n, car in enumerate(cars)}
    codes = ctx.facts.of_teams(lambda team: place.get(team.car_id, -1))[done.rows]
    load, km = load_of(ctx, done, codes, len(cars)), driven_km(ctx, "id", place, len(cars))
    groups, _, shifts = keyed(ctx, done, lambda team: team.car_id)
    broken = _broken(ctx, done, codes, len(cars))
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
    return rows


def _cars_by_class(ctx: Context, cars: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for name in sorted({str(car["class"]) for car in cars}):
        own = [{**car, "cars": 1} for car in cars if car["class"] == name]
        row = _total(ctx, own, *SUMMED) | {"group": name}
        rows.append(row | _of_load(row["calls"], row["shift_h"], row["busy_h"]))
    return rows


def _cars_by_station(ctx: Context, done: Work) -> list[dict[str, Any]]:
    groups, place, _ = keyed(ctx, done, _key_of("station"))
    codes = ctx.facts.of_teams(lambda team: place.get(team.id, -1))[done.rows]
    broken = dict(zip(groups, _broken(ctx, done, codes, len(groups)), strict=True))
    return [
        row | {"breakdowns": broken[row["filter"]["station_id"]]} for row in _by_team(ctx, done, "station")
    ]


def build_dispatchers(ctx: Context) -> Report:
    """Who took in how many calls, how long they took to be given a team, who sent how many teams."""
    facts, names = ctx.facts, ctx.facts.names
    taken = facts.calls["created_by"][ctx.chosen.rows]
    sent = facts.assignments["assigned_by"][np.flatnonzero(ctx.chosen.sent)]
    people = np.unique(np.concatenate((taken, sent)))
    received = np.bincount(np.searchsorted(people, taken), minlength=len(people))
    assigned = np.bincount(np.searchsorted(people, sent), minlength=len(people))
    values = interval_of(ctx, INTERVALS["processing"])
    takers = np.searchsorted(people, facts.calls["created_by"][values.call])
    stats = statistics(values, takers, len(people))
    unusable = ~np.isin(values.state, (MEASURED, NOT_MEANT))
    incomplete = np.bincount(takers[unusable], minlength=len(people))
    rows: list[dict[str, Any]] = [
        {
            "group": names.users.get(person) or ctx.say(("Система или внешний вызов", "The system or an outside call")),
            "calls": int(received[n]), "assigned": int(assigned[n]), "n": int(stats.n[n]),
            "incomplete": int(incomplete[n]), "mean": number(stats.mean[n]),
            "median": number(stats.median[n]), "p90": number(stats.p90[n]),
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
        Column(
            "incomplete", ctx.say(("Не измерено", "Incomplete")), filter={**measured, "state": "incomplete"}
        ),
        Column("mean", ctx.say(("Среднее", "Mean")), "seconds"),
        Column("median", ctx.say(("Медиана", "Median")), "seconds"),
        Column("p90", ctx.say(("90 % не дольше", "P90")), "seconds"),
    )
    total = _total(ctx, rows, "calls", "assigned", "n", "incomplete")
    whole = statistics(values, np.zeros(len(values.call), dtype=np.int64), 1)
    total |= {"mean": number(whole.mean[0]), "median": number(whole.median[0]), "p90": number(whole.p90[0])}
    rows = sorted(rows, key=lambda row: (-int(row["calls"]), str(row["group"])))
    title = ctx.say(("Обработка вызова, медиана и 90 %", "Call processing, median and P90"))
    chart = Chart("processing", title, "rank", "dispatchers", "group", ("median", "p90"))
    return report(
        ctx, DISPATCHERS_TITLE, [Table("dispatchers", ctx.say(DISPATCHERS_TITLE), columns, rows, total)],
        charts=[chart],
        notes=[*incomplete_notes(ctx, values, ctx.say(words.INTERVALS["processing"])), ctx.say((
            "Обработка: от приёма вызова до назначения первой бригады; считается за тем, кто принял вызов.",
            "Processing: from receipt to the first team assigned; counted for whoever took the call.",
        ))],
    )  # fmt: skip
