"""The card's list ranks teams for one call, the joint plan for all of them: where they differ, it is said why."""

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from brigada.dispatch.advice import repository
from brigada.dispatch.advice.models import Advice
from brigada.dispatch.optimiser.reasons import Code, Reason, minutes, render
from brigada.errors import Language

_PLANS = {
    "send": ("Общий план: бригада {team}, через {eta}", "The joint plan: team {team}, in {eta}"),
    "divert": (
        "Общий план: снять бригаду {team} с её вызова, приедет через {eta}",
        "The joint plan: take team {team} off its call, there in {eta}",
    ),
    "wait": (
        "Общий план: дождаться бригады {team}, приедет через {eta}",
        "The joint plan: wait for team {team}, there in {eta}",
    ),
    "none": ("Общий план: пока никого", "The joint plan: nobody for now"),
}
_FIRST = ("{plan}. Бригада {first}: {why}.", "{plan}. Team {first}: {why}.")
_UNKNOWN = (
    "не подходила, когда план считался ({at})",
    "was out of the question when the plan was made ({at})",
)


async def plan_beside(
    session: AsyncSession, call_id: int, first: tuple[int, str] | None, language: Language, zone: ZoneInfo
) -> dict[str, Any] | None:
    """What the joint plan says of a call, beside the first of the list (its id and name); None: nothing yet."""
    found = await repository.current_of(session, call_id)
    if found is None:
        return None
    advice, name = found
    agrees = advice.kind == "keep" or advice.team_id == (None if first is None else first[0])
    shown = {
        "kind": advice.kind,
        "team_id": advice.team_id,
        "name": name,
        "eta_s": advice.eta_s,
        "agrees": agrees,
        "text": "",
        "computed_at": advice.computed_at,
    }
    if agrees:
        return shown
    index = 0 if language == "ru" else 1
    eta = "" if advice.eta_s is None else minutes(advice.eta_s)
    plan = _PLANS[advice.kind][index].format(team=name, eta=eta)
    if first is None:
        return shown | {"text": f"{plan}."}
    reasons = _weighed(advice, first[0])
    mentioned = {int(reason.data["call_id"]) for reason in reasons if "call_id" in reason.data}
    numbers = await repository.call_numbers(session, mentioned) if mentioned else {}
    why = ", ".join(render(reason, language, numbers) for reason in reasons)
    if not why:
        why = _UNKNOWN[index].format(at=f"{advice.computed_at.astimezone(zone):%H:%M:%S}")
    return shown | {"text": _FIRST[index].format(plan=plan, first=first[1], why=why)}


def _weighed(advice: Advice, team_id: int) -> list[Reason]:
    """What the plan thought of a team for this call; nothing where it did not weigh it."""
    found = next((item for item in advice.candidates["items"] if item["team_id"] == team_id), None)
    return [] if found is None else [Reason(Code(one["code"]), one["data"]) for one in found["reasons"]]
