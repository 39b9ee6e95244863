"""The forms that a Russian service must print (order 942): 109/у, 110/у, 114/у. Russian, as the order has them.

What the service knows is filled in; what the crew and the hospital write by hand has a line. 115/у is computed from
the facts and stands with the reports (`diary`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.auth.principal import short_name
from brigada.calls import repository as calls
from brigada.reports.periods import Period
from brigada.reports.words import CRITICALITY, ENDING, OUTCOME, PROFILE
from brigada.teams import repository as teams

MOST_CALLS: Final = 20_000
"""Of a journal: two weeks of a large city, some 900 pages."""

_STEPS: Final = (
    ("assigned_at", "Передача бригаде"),
    ("en_route_at", "Выезд"),
    ("on_scene_at", "Прибытие на место"),
    ("transporting_at", "Начало перевозки"),
    ("at_hospital_at", "Прибытие в стационар"),
    ("completed_at", "Окончание вызова"),
    ("", "Возвращение на станцию"),
)
"""As on the card; the last one is the crew's to write: the service frees a team where its call ends."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A form ready to be printed: the template, its data, the moment that it is dated."""

    template: str
    data: dict[str, Any]
    made_at: datetime


def make_paper(paper: Paper) -> bytes:
    """Return the form as PDF; runs in a worker process."""
    from brigada.reports.output.documents import compile_pdf

    return compile_pdf(paper.template, paper.data, paper.made_at)


@dataclass(frozen=True, slots=True)
class Printing:
    """What every form needs to know."""

    session: AsyncSession
    service: str
    zone: ZoneInfo
    now: datetime

    def time(self, at: datetime | None, form: str = "%H:%M:%S") -> str:
        return at.astimezone(self.zone).strftime(form) if at is not None else ""

    @property
    def footer(self) -> str:
        return f"Бригада · составлено {self.time(self.now, '%d.%m.%Y %H:%M')}"


async def card(printing: Printing, call_id: int, assignment_id: int | None) -> Paper | None:
    """Return 110/у for one departure (the one asked for, else who arrived first); None where there is no such."""
    found = await _departure(printing, call_id, assignment_id)
    if found is None:
        return None
    call, sent, crew = found
    milestones = sent["milestones"] if sent is not None else {}
    outcome = _outcome(call, sent)
    shown = ("on_place", "hospital", "refused", "patient_not_found", "address_not_found", "false",
             "served_by_other", "died_before_arrival")  # fmt: skip
    number = [item["id"] for item in call["assignments"]].index(sent["id"]) + 1 if sent is not None else 0
    data = {
        **_common(printing, call, crew),
        "title": f"Карта вызова № {call['number']}",
        "departure": f"{number} из {len(call['assignments'])}" if len(call["assignments"]) > 1 else "",
        "times": [
            ["Приём вызова", printing.time(call["received_at"])],
            *([title, printing.time(milestones.get(name))] for name, title in _STEPS),
        ],
        "marks": await _marks(printing, sent["id"]) if sent is not None else "",
        "outcomes": [[OUTCOME[name][0], name == outcome] for name in shown],
        "hospital": await _hospital(printing, sent),
        "taken_by": await _taken_by(printing, call_id),
        "delivered": printing.time(milestones.get("at_hospital_at")),
        "ending": ENDING.get((sent or {}).get("trouble_kind") or (sent or {}).get("status") or "", ("", ""))[
            0
        ],
    }
    return Paper("card", data, printing.now)


async def sheet(printing: Printing, call_id: int, assignment_id: int | None) -> Paper | None:
    """Return 114/у with its coupon, by default of who took the patient; None: no such call or departure."""
    found = await _departure(printing, call_id, assignment_id, carrier=True)
    if found is None:
        return None
    call, sent, crew = found
    milestones = sent["milestones"] if sent is not None else {}
    common = _common(printing, call, crew)
    data = {
        **common,
        "title": f"Сопроводительный лист № {call['number']}",
        "received": printing.time(call["received_at"], "%d.%m.%Y %H:%M"),
        "delivered": printing.time(milestones.get("at_hospital_at"), "%d.%m.%Y %H:%M"),
        "hospital": await _hospital(printing, sent),
        "crew": " ".join(part for part in (common["team"], common["members"]) if part),
    }
    return Paper("sheet", data, printing.now)


async def _departure(
    printing: Printing, call_id: int, assignment_id: int | None, *, carrier: bool = False
) -> tuple[dict[str, Any], dict[str, Any] | None, dict[str, Any] | None] | None:
    call = await calls.view(printing.session, call_id)
    if call is None:
        return None
    call["reason"] = await _reason_in_words(printing, call)
    sent = chosen(call["assignments"], assignment_id, carrier=carrier)
    if sent is None and assignment_id is not None:
        return None
    crew = await teams.view(printing.session, sent["team_id"], printing.now) if sent is not None else None
    if crew is not None:
        crew["station"] = await _station(printing, crew["station_id"])
    return call, sent, crew


async def _station(printing: Printing, station_id: int | None) -> str:
    query = text("SELECT name FROM stations WHERE id = :id")
    return (await printing.session.execute(query, {"id": station_id})).scalar() or ""


async def _reason_in_words(printing: Printing, call: Mapping[str, Any]) -> str:
    """Return the reason as people read it: an outside system may have sent the code of the dictionary."""
    if call["reason"] == call["reason_code"]:
        query = text("SELECT title_ru FROM reasons WHERE code = :code")
        return str((await printing.session.execute(query, {"code": call["reason_code"]})).scalar_one())
    return str(call["reason"])


def chosen(
    sent: Sequence[dict[str, Any]], assignment_id: int | None, *, carrier: bool
) -> dict[str, Any] | None:
    """Return the departure asked for, else (`carrier`) who took the patient, else who came first or was sent last."""
    if assignment_id is not None:
        return next((item for item in sent if item["id"] == assignment_id), None)
    carried = ("transporting_at", "at_hospital_at")
    took = [item for item in sent if any(item["milestones"][step] is not None for step in carried)]
    if carrier and took:
        return took[-1]
    arrived = [item for item in sent if item["milestones"]["on_scene_at"] is not None]
    if arrived:
        first: dict[str, Any] = min(arrived, key=lambda item: item["milestones"]["on_scene_at"])
        return first
    return sent[-1] if sent else None


def _common(printing: Printing, call: Mapping[str, Any], crew: Mapping[str, Any] | None) -> dict[str, str]:
    patient, details = call["patient"], call["address_details"]
    name = " ".join(part for part in (patient["surname"], patient["name"], patient["patronym"]) if part)
    entry = [
        f"{title} {details[key]}"
        for title, key in (("подъезд", "entrance"), ("этаж", "floor"), ("кв.", "flat"), ("код", "intercom"))
        if details[key]
    ]
    members = crew["members"] if crew is not None else []
    return {
        "service": printing.service,
        "station": crew["station"] if crew is not None else "",
        "number": str(call["number"]),
        "date": printing.time(call["received_at"], "%d.%m.%Y"),
        "footer": printing.footer,
        "team": crew["name"] if crew is not None else "",
        "profile": PROFILE[crew["profile"]][0] if crew is not None else "",
        "car": f"{crew['car']['number']} (класс {crew['car']['class']})" if crew is not None else "",
        "members": ", ".join(short_name(one["surname"], one["name"], one["patronym"]) for one in members),
        "address": call["address"],
        "district": call["district"],
        "entry": ", ".join(entry),
        "landmark": details["landmark"],
        "reason": call["reason"],
        "criticality": CRITICALITY[call["criticality"]][0],
        "caller": ", ".join(part for part in (call["caller_name"], call["caller_phone"]) if part),
        "comment": call["comment"],
        "patient": name,
        "age": _age(patient["age"]),
        "sex": {"male": "мужской", "female": "женский", None: ""}[patient["sex"]],
    }


def _age(years: int | None) -> str:
    return "" if years is None else "до года" if years == 0 else str(years)


def _outcome(call: Mapping[str, Any], sent: Mapping[str, Any] | None) -> str:
    if call["status"] == "rejected":
        return str(call["reject_reason"])
    if sent is None or sent["status"] != "completed":
        return ""
    carried = sent["milestones"]["transporting_at"] or sent["milestones"]["at_hospital_at"]
    return "hospital" if carried else "on_place"


async def _hospital(printing: Printing, sent: Mapping[str, Any] | None) -> str:
    if sent is None or sent["hospital_id"] is None:
        return ""
    query = text("SELECT name FROM hospitals WHERE id = :id")
    return str((await printing.session.execute(query, {"id": sent["hospital_id"]})).scalar_one())


async def _taken_by(printing: Printing, call_id: int) -> str:
    query = text(
        "SELECT u.surname, u.name, u.patronym FROM calls c JOIN users u ON u.id = c.created_by WHERE c.id = :id"
    )
    row = (await printing.session.execute(query, {"id": call_id})).one_or_none()
    return short_name(row.surname, row.name, row.patronym) if row is not None else ""


async def _marks(printing: Printing, assignment_id: int) -> str:
    """Say which times were corrected or filled in: a card must not hide it."""
    query = text(
        "SELECT step, at, corrects, reason, source FROM milestones WHERE assignment_id = :id"
        " AND (corrects IS NOT NULL OR source = 'inferred') ORDER BY id"
    )
    steps = {name.removesuffix("_at"): title.lower() for name, title in _STEPS}
    said = []
    for row in (await printing.session.execute(query, {"id": assignment_id})).all():
        step = steps.get(row.step, row.step)
        if row.corrects is not None:
            said.append(f"{step}: исправлено на {printing.time(row.at)} ({row.reason})")
        else:
            said.append(f"{step}: восстановлено по следующей отметке")
    return "Отметки: " + "; ".join(said) if said else ""


_JOURNAL: Final = text(
    """
    SELECT c.id, c.number, c.received_at, c.address, c.flat,
        CASE WHEN c.reason = c.reason_code THEN r.title_ru ELSE c.reason END AS reason,
        c.caller_phone, c.caller_name, c.status,
        c.reject_reason, p.surname, p.name, p.patronym, p.age, a.assigned_at, a.en_route_at, a.on_scene_at,
        a.completed_at, a.transporting_at, a.at_hospital_at, a.status AS ending, t.name AS team, h.name AS hospital,
        u.surname AS taken_surname, u.name AS taken_name, marks.inferred, marks.corrected,
        came.on_scene_at AS came_at, came.id <> a.id AS came_other
    FROM calls c
    LEFT JOIN reasons r ON r.code = c.reason_code
    LEFT JOIN patients p ON p.id = c.patient_id
    LEFT JOIN LATERAL (
        SELECT * FROM (
            SELECT *, transporting_at IS NOT NULL OR at_hospital_at IS NOT NULL AS carried FROM assignments
            WHERE call_id = c.id
        ) s
        ORDER BY s.carried DESC, CASE WHEN s.carried THEN s.id END DESC, s.on_scene_at NULLS LAST, s.id DESC LIMIT 1
    ) a ON true
    LEFT JOIN LATERAL (
        SELECT id, on_scene_at FROM assignments WHERE call_id = c.id AND on_scene_at IS NOT NULL
        ORDER BY on_scene_at, id LIMIT 1
    ) came ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(step) FILTER (WHERE source = 'inferred') AS inferred,
            array_agg(step) FILTER (WHERE corrects IS NOT NULL) AS corrected
        FROM milestones WHERE assignment_id = a.id AND (source = 'inferred' OR corrects IS NOT NULL)
    ) marks ON true
    LEFT JOIN teams t ON t.id = a.team_id
    LEFT JOIN hospitals h ON h.id = a.hospital_id
    LEFT JOIN users u ON u.id = c.created_by
    WHERE c.received_at >= :start AND c.received_at < :end
    ORDER BY c.received_at, c.id LIMIT :most
    """
)
"""A line names the team that took the patient, as the accompanying sheet does; else who came first or was sent last."""

_FILLED_IN, _CORRECTED, _OTHER_FIRST = "*", "†", "‡"
_SIGNS: Final = {
    _FILLED_IN: "время восстановлено по следующей отметке",
    _CORRECTED: "время исправлено",
    _OTHER_FIRST: "первой прибыла другая бригада: «От приёма» — до её прибытия",
}
_COLUMNS: Final = (
    "№", "Принят", "Фамилия, имя, отчество", "Возр.", "Адрес", "Повод", "Кто вызвал, телефон", "Бр.", "Передан",
    "Выезд", "Прибытие", "Окончание", "От приёма, мин", "Результат", "Принял",
)  # fmt: skip


async def journal(printing: Printing, period: Period) -> Paper:
    """Return 109/у: every call of the period with its patient, address, team and times."""
    rows = (
        await printing.session.execute(
            _JOURNAL, {"start": period.start, "end": period.end, "most": MOST_CALLS + 1}
        )
    ).all()
    lines = [_journal_row(printing, row) for row in rows[:MOST_CALLS]]
    start, end = (printing.time(at, "%d.%m.%Y %H:%M") for at in (period.start, period.end))
    more = f" (показаны первые {MOST_CALLS})" if len(rows) > MOST_CALLS else ""
    data = {
        "title": "Журнал записи вызовов", "service": printing.service, "period": f"{start} – {end}",
        "count": f"{len(lines)}{more}", "columns": list(_COLUMNS), "rows": lines, "footer": printing.footer,
        "signs": _explained(lines),
    }  # fmt: skip
    return Paper("journal", data, printing.now)


def _explained(lines: Sequence[Sequence[str]]) -> str:
    """Say what the signs at the times and teams of these lines mean, those that are there."""
    signed = "".join(cell[-1:] for line in lines for cell in line[_FIRST_SIGNED:_LAST_SIGNED])
    return "; ".join(f"{sign} — {text}" for sign, text in _SIGNS.items() if sign in signed)


_FIRST_SIGNED, _LAST_SIGNED = _COLUMNS.index("Бр."), _COLUMNS.index("Результат")


def _journal_row(printing: Printing, row: Any) -> list[str]:  # noqa: ANN401 -- a row of the query above
    patient = " ".join(part for part in (row.surname, row.name, row.patronym) if part)
    waited = ""
    if row.came_at is not None:
        waited = f"{(row.came_at - row.received_at).total_seconds() / 60:.0f}"
    if row.status == "rejected":
        result = OUTCOME[row.reject_reason][0]
    elif row.status != "completed":
        result = "в работе"
    else:
        carried = row.transporting_at or row.at_hospital_at
        result = (f"доставлен: {row.hospital}" if row.hospital else OUTCOME["hospital"][0]) if carried else (
            OUTCOME["on_place"][0]
        )  # fmt: skip

    def signed(step: str, at: datetime | None) -> str:
        # One that was filled in and reported later is corrected.
        filled_in = _FILLED_IN if step in (row.inferred or ()) else ""
        sign = _CORRECTED if step in (row.corrected or ()) else filled_in
        return printing.time(at, "%H:%M") + sign if at is not None else ""

    team = (row.team or "") + (_OTHER_FIRST if row.came_other else "")
    return [
        str(row.number), printing.time(row.received_at, "%d.%m %H:%M"), patient,
        _age(row.age),
        f"{row.address}{f', кв. {row.flat}' if row.flat else ''}", row.reason,
        " ".join(part for part in (row.caller_name, row.caller_phone) if part), team,
        *(signed(step, getattr(row, f"{step}_at")) for step in ("assigned", "en_route", "on_scene", "completed")),
        waited, result, short_name(row.taken_surname, row.taken_name) if row.taken_surname else "",
    ]  # fmt: skip
