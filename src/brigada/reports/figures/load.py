"""How busy teams, cars and dispatchers were."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from brigada.reports import words
from brigada.reports.facts import COMPLETED, NEVER, TROUBLES, Floats, Ints, TeamName
from brigada.reports.figures.common import Context, group_column, in_order, natural, number, ratio, report
from brigada.reports.measures import MEASURED, interval, statistics
from brigada.reports.periods import MICRO, micros
from brigada.reports.tables import Chart, Column, Report, Table, Text

TEAMS_TITLE: Final[Text] = ("Загрузка бригад", "Load of teams")
CARS_TITLE: Final[Text] = ("Автомобили", "Cars")
DISPATCHERS_TITLE: Final[Text] = ("Работа диспетчеров", "Dispatchers' work")
HOUR_US: Final = 3600 * MICRO
EARTH_KM: Final = 6371.0088
BROKEN: Final = TROUBLES.index("car_broken")


@dataclass(frozen=True, slots=True)
class Work:
    """Work within the period for each assignment that touches it.

    Attributes:
        rows: the assignments' rows.
        busy_us: microseconds of each within the period.
        km: estimated kilometres of each, NaN unknown; counted where the assignment began within the period.
        begun: whether it began within the period.
    """

    rows: Ints
    busy_us: Ints
    km: Floats
    begun: Any


def work(ctx: Context) -> Work:
    """Return what was done within the period; work over its borders counts by the part that lies inside."""
    frame = ctx.facts.assignments
    start, end = ctx.query.period.span
    now = min(micros(ctx.query.now), end)
    ended = np.where(frame["ended"] == NEVER, now, frame["ended"])
    rows = np.flatnonzero((frame["assigned"] < end) & (ended > start))
    inside = np.minimum(ended[rows], end) - np.maximum(frame["assigned"][rows], start)
    return Work(rows, np.maximum(inside, 0), _kilometres(ctx, rows), frame["assigned"][rows] >= start)


def _kilometres(ctx: Context, rows: Ints) -> Floats:
    """Estimate each trip as the crow flies: from where the team stood to the patient, and on to the hospital."""
    frame, calls = ctx.facts.assignments, ctx.facts.calls
    call = ctx.facts.call_row[rows]
    lat, lon = calls["lat"][call], calls["lon"][call]
    reached = frame["on_scene"][rows] != NEVER
    to_patient = _distance_km(frame["start_lat"][rows], frame["start_lon"][rows], lat, lon)
    places = ctx.facts.names.hospitals
    ids = np.array(sorted(places) or [0])
    spots = np.array([places[i][1:] if i in places else (np.nan, np.nan) for i in ids.tolist()])
    which = np.minimum(np.searchsorted(ids, frame["hospital_id"][rows]), len(ids) - 1)
    known = ids[which] == frame["hospital_id"][rows]
    onward = _distance_km(lat, lon, spots[which, 0], spots[which, 1])
    return np.where(reached, to_patient, 0.0) + np.where(known & ~np.isnan(onward), onward, 0.0)


def _distance_km(lat: Floats, lon: Floats, other_lat: Floats, other_lon: Floats) -> Floats:
    a, b = np.radians(lat), np.radians(other_lat)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(other_lon - lon) / 2) ** 2
    distance: Floats = 2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return distance


def _shift_us(ctx: Context, team: TeamName) -> int:
    start, end = ctx.query.period.span
    return max(0, min(team.end, end, micros(ctx.query.now)) - max(team.start, start))


KM_NOTE: Final[Text] = (
    "Километры оценены по прямой: от места бригады до больного и до стационара.",
    "Kilometres are estimated as the crow flies: from the team's place to the patient and on to the hospital.",
)


def build_teams(ctx: Context) -> Report:
    """Calls, hours on shift and busy, utilisation, kilometres: by team name, profile or station."""
    by = ctx.query.group if ctx.query.group in {"profile", "station"} else "team"
    names, done = ctx.facts.names, work(ctx)

    def key(team: TeamName) -> str:
        if by == "team":
            return team.name
        if by == "profile":
            return ctx.say(words.PROFILE[team.profile])
        return names.stations.get(team.station_id or 0, ctx.say(words.NONE))

    chosen = ctx.query.filters
    kept = {
        team.id for team in names.teams.values()
        if chosen.team in {None, team.name} and chosen.profile in {None, team.profile}
        and chosen.station_id in {None, team.station_id} and chosen.team_id in {None, team.id}
    }  # fmt: skip
    shift_us: dict[str, int] = {}
    number_of: dict[str, int] = {}
    for team in names.teams.values():
        length = _shift_us(ctx, team)
        if length and team.id in kept:
            shift_us[key(team)] = shift_us.get(key(team), 0) + length
            number_of.setdefault(key(team), len(number_of))
    for team_id in np.unique(ctx.facts.assignments["team_id"][done.rows]).tolist():
        if team_id in kept:  # worked after its shift had ended
            number_of.setdefault(key(names.teams[team_id]), len(number_of))
    codes = ctx.facts.of_teams(lambda team: number_of.get(key(team), -1) if team.id in kept else -1)[
        done.rows
    ]
    table = _load_rows(ctx, done, codes, list(number_of), shift_us)
    filter_key = {"team": "team", "profile": "profile", "station": "station_id"}[by]
    asks = {key(team): getattr(team, {"team": "name"}.get(by, filter_key)) for team in names.teams.values()}
    rows = [row | {"filter": {filter_key: asks[row["group"]]}} for row in table]
    rows = in_order("team", rows, "calls")
    columns = (
        group_column(ctx, by),
        Column("calls", ctx.say(("Назначений", "Assignments"))),
        Column("completed", ctx.say(("Выполнено", "Completed"))),
        Column("shift_h", ctx.say(("На смене", "On shift")), "hours"),
        Column("busy_h", ctx.say(("Занято", "Busy")), "hours"),
        Column("utilisation", ctx.say(("Загрузка", "Utilisation")), "share"),
        Column("per_shift", ctx.say(("Вызовов за 12 ч смены", "Calls per 12 h of shift")), "number"),
        Column("km", ctx.say(("Пробег ≈", "Distance ≈")), "km"),
    )
    total = _total(ctx, rows, ("calls", "completed", "shift_h", "busy_h", "km"))
    total["utilisation"] = ratio(total["busy_h"], total["shift_h"])
    total["per_shift"] = ratio(total["calls"] * 12, total["shift_h"])
    title = ctx.say(("Загрузка: доля времени смены на вызовах", "Utilisation: share of shift time on calls"))
    chart = Chart("load", title, "rank" if len(rows) > 12 else "bar", "teams", "group", ("utilisation",))
    return report(
        ctx, TEAMS_TITLE, [Table("teams", ctx.say(TEAMS_TITLE), columns, rows, total)], charts=[chart],
        notes=[ctx.say(KM_NOTE)],
    )  # fmt: skip


def _load_rows(
    ctx: Context, done: Work, codes: Ints, labels: list[str], shift_us: dict[str, int]
) -> list[dict[str, Any]]:
    inside, size = codes >= 0, len(labels)
    begun = inside & done.begun
    completed = begun & (ctx.facts.assignments["status"][done.rows] == COMPLETED)
    calls = np.bincount(codes[begun], minlength=size)
    finished = np.bincount(codes[completed], minlength=size)
    busy = np.bincount(codes[inside], weights=done.busy_us[inside], minlength=size) / HOUR_US
    known = begun & ~np.isnan(done.km)
    km = np.bincount(codes[known], weights=done.km[known], minlength=size)
    rows = []
    for n, label in enumerate(labels):
        hours = shift_us.get(label, 0) / HOUR_US
        rows.append(
            {
                "group": label, "calls": int(calls[n]), "completed": int(finished[n]), "shift_h": hours,
                "busy_h": float(busy[n]), "utilisation": ratio(busy[n], hours),
                "per_shift": ratio(calls[n] * 12, hours), "km": float(km[n]),
            }
        )  # fmt: skip
    return rows


def _total(ctx: Context, rows: list[dict[str, Any]], keys: tuple[str, ...]) -> dict[str, Any]:
    return {"group": ctx.say(words.TOTAL), **{key: sum(row[key] for row in rows) for key in keys}}


def build_cars(ctx: Context) -> Report:
    """Calls, hours, kilometres and breakdowns of each car."""
    names, done = ctx.facts.names, work(ctx)
    cars = sorted(names.cars)
    place = {car: n for n, car in enumerate(cars)}
    codes = ctx.facts.of_teams(lambda team: place.get(team.car_id, -1))[done.rows]
    labels = [str(n) for n in range(len(cars))]
    shift_us: dict[str, int] = {}
    for team in names.teams.values():
        if team.car_id in place:
            label = str(place[team.car_id])
            shift_us[label] = shift_us.get(label, 0) + _shift_us(ctx, team)
    start, end = ctx.query.period.span
    frame = ctx.facts.assignments
    fell = (frame["trouble"][done.rows] == BROKEN) & (frame["ended"][done.rows] >= start)
    fell &= (frame["ended"][done.rows] < end) & (codes >= 0)
    broken = np.bincount(codes[fell], minlength=len(cars))
    rows = [
        row | {
            "group": names.cars[cars[n]].number, "class": names.cars[cars[n]].car_class,
            "model": names.cars[cars[n]].model, "breakdowns": int(broken[n]),
        }
        for n, row in enumerate(_load_rows(ctx, done, codes, labels, shift_us))
        if row["shift_h"] or row["calls"] or not names.cars[cars[n]].retired
    ]  # fmt: skip
    rows.sort(key=lambda row: natural(row["group"]))
    columns = (
        Column("group", ctx.say(("Автомобиль", "Car")), "text"),
        Column("class", ctx.say(("Класс", "Class")), "text"),
        Column("model", ctx.say(("Модель", "Model")), "text"),
        Column("calls", ctx.say(("Назначений", "Assignments"))),
        Column("shift_h", ctx.say(("На смене", "On shift")), "hours"),
        Column("busy_h", ctx.say(("Занято", "Busy")), "hours"),
        Column("utilisation", ctx.say(("Загрузка", "Utilisation")), "share"),
        Column("km", ctx.say(("Пробег ≈", "Distance ≈")), "km"),
        Column("breakdowns", ctx.say(("Поломок на вызове", "Breakdowns on a call"))),
    )
    total = _total(ctx, rows, ("calls", "shift_h", "busy_h", "km", "breakdowns"))
    total["utilisation"] = ratio(total["busy_h"], total["shift_h"])
    chart = Chart("km", ctx.say(("Пробег ≈, км", "Distance ≈, km")), "rank", "cars", "group", ("km",))
    return report(
        ctx, CARS_TITLE, [Table("cars", ctx.say(CARS_TITLE), columns, rows, total)], charts=[chart],
        notes=[ctx.say(KM_NOTE)],
    )  # fmt: skip


def build_dispatchers(ctx: Context) -> Report:
    """Who took in how many calls, how long they took to be given a team, who sent how many teams."""
    facts, names = ctx.facts, ctx.facts.names
    taken = facts.calls["created_by"][ctx.chosen.rows]
    sent_rows = (
        np.flatnonzero(ctx.chosen.mask[facts.call_row]) if len(facts.assignments) else np.empty(0, np.int64)
    )
    sent = facts.assignments["assigned_by"][sent_rows]
    people = np.unique(np.concatenate((taken, sent)))
    received = np.bincount(np.searchsorted(people, taken), minlength=len(people))
    assigned = np.bincount(np.searchsorted(people, sent), minlength=len(people))
    values = interval(facts, "received", "assigned", ctx.chosen.mask)
    stats = statistics(values, np.searchsorted(people, facts.calls["created_by"][values.call]), len(people))
    rows: list[dict[str, Any]] = [
        {
            "group": names.users.get(person) or ctx.say(("Система или внешний вызов", "The system or an outside call")),
            "calls": int(received[n]), "assigned": int(assigned[n]), "n": int(stats.n[n]),
            "mean": number(stats.mean[n]), "median": number(stats.median[n]), "p90": number(stats.p90[n]),
            "filter": {"dispatcher_id": person},
        }
        for n, person in enumerate(people.tolist())
    ]  # fmt: skip
    measured = values.state == MEASURED
    columns = (
        group_column(ctx, "dispatcher"),
        Column("calls", ctx.say(("Принял вызовов", "Calls taken"))),
        Column("assigned", ctx.say(("Назначил бригад", "Teams sent"))),
        Column("n", ctx.say(("Обработка измерена", "Processing measured"))),
        Column("mean", ctx.say(("Среднее", "Mean")), "seconds"),
        Column("median", ctx.say(("Медиана", "Median")), "seconds"),
        Column("p90", ctx.say(("90 % не дольше", "P90")), "seconds"),
    )
    total = _total(ctx, rows, ("calls", "assigned", "n"))
    whole = statistics(values, np.zeros(len(measured), dtype=np.int64), 1)
    total |= {"mean": number(whole.mean[0]), "median": number(whole.median[0]), "p90": number(whole.p90[0])}
    rows = sorted(rows, key=lambda row: (-int(row["calls"]), str(row["group"])))
    title = ctx.say(("Обработка вызова, медиана и 90 %", "Call processing, median and P90"))
    chart = Chart("processing", title, "bar", "dispatchers", "group", ("median", "p90"))
    return report(
        ctx, DISPATCHERS_TITLE, [Table("dispatchers", ctx.say(DISPATCHERS_TITLE), columns, rows, total)],
        charts=[chart],
        notes=[ctx.say((
            "Обработка: от приёма вызова до назначения первой бригады; считается за тем, кто принял вызов.",
            "Processing: from receipt to the first team assigned; counted for whoever took the call.",
        ))],
    )  # fmt: skip
