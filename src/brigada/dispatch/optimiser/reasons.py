"""Why a team was chosen or passed over: machine codes with data; the sentences are made from them at the
edge.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

type Language = Literal["ru", "en"]


class Code(StrEnum):
    """One fact about a pair of a call and a team, or about a call left waiting."""

    NEAREST = "nearest"
    SLOWER = "slower"
    PREFERRED_PROFILE = "preferred_profile"
    WEAKER_PROFILE = "weaker_profile"
    WITHIN_NORM = "within_norm"
    LATE = "late"
    ON_THE_ROAD = "on_the_road"
    SOON_FREE = "soon_free"
    ALREADY_GOING = "already_going"
    DIVERTED_FROM = "diverted_from"
    BETTER_FOR = "better_for"
    PROFILE_FORBIDDEN = "profile_forbidden"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    NEAR_PATIENT = "near_patient"
    ALREADY_SWITCHED = "already_switched"
    SWITCH_NOT_WORTH_IT = "switch_not_worth_it"
    NO_TEAM = "no_team"


@dataclass(frozen=True, slots=True)
class Reason:
    """A code and the numbers that belong to it (`seconds`, `call_id`, `stage`, …)."""

    code: Code
    data: dict[str, str | int | float] = field(default_factory=dict)


TEXTS: dict[Code, tuple[str, str]] = {
    Code.NEAREST: ("ближе всех по дорогам", "nearest by road"),
    Code.SLOWER: ("на {minutes} дольше первой", "{minutes} longer than the first"),
    Code.PREFERRED_PROFILE: ("подходящий профиль", "the right profile"),
    Code.WEAKER_PROFILE: ("профиль слабее желаемого", "a weaker profile than wished"),
    Code.WITHIN_NORM: ("успевает, запас {minutes}", "in time, {minutes} to spare"),
    Code.LATE: ("опоздает на {minutes}", "late by {minutes}"),
    Code.ON_THE_ROAD: ("уже в машине", "already on the road"),
    Code.SOON_FREE: ("освободится через {minutes}", "free in {minutes}"),
    Code.ALREADY_GOING: ("уже едет на этот вызов", "already on its way to this call"),
    Code.DIVERTED_FROM: (
        "снимается с вызова {call_id}, там подождут на {minutes} дольше",
        "taken from call {call_id}, which waits {minutes} more",
    ),
    Code.BETTER_FOR: ("нужнее на вызове {call_id}", "needed more at call {call_id}"),
    Code.PROFILE_FORBIDDEN: ("профиль не допускается", "profile not allowed"),
    Code.UNREACHABLE: ("проезда нет", "no way by road"),
    Code.BLOCKED: ("недоступна: {why}", "not available: {why}"),
    Code.NEAR_PATIENT: ("в {minutes} от своего пациента", "{minutes} from its own patient"),
    Code.ALREADY_SWITCHED: (
        "с вызова {call_id} бригаду уже снимали",
        "call {call_id} has lost a team before",
    ),
    Code.SWITCH_NOT_WORTH_IT: (
        "снимать с вызова {call_id} невыгодно",
        "not worth taking from call {call_id}",
    ),
    Code.NO_TEAM: ("подходящих бригад нет", "no suitable team"),
}
"""Russian and English sentence of every code; `{minutes}` is made from `seconds`."""

NO_TIME: dict[Code, tuple[str, str]] = {
    Code.SLOWER: ("так же быстро, как первая", "as quick as the first"),
    Code.WITHIN_NORM: ("успевает в последний миг", "just in time"),
    Code.LATE: ("опоздает на миг", "late by a moment"),
    Code.SOON_FREE: ("вот-вот освободится", "free any moment"),
    Code.DIVERTED_FROM: (
        "снимается с вызова {call_id}, там ждать не дольше",
        "taken from call {call_id}, which waits no longer",
    ),
    Code.NEAR_PATIENT: ("уже у своего пациента", "beside its own patient"),
}
"""What is said in place of a duration that would be shown as 0:00."""

BLOCKS: dict[str, tuple[str, str]] = {
    "on_break": ("перерыв", "on a break"),
    "off_shift": ("не на смене", "off shift"),
    "no_position": ("нет сведений о месте", "place unknown"),
    "busy": ("занята", "busy"),
}
"""Names of the blocks that the service itself sets; another code is shown as it is."""


def minutes(seconds: float) -> str:
    """`m:ss` of a duration, as the board shows it."""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def render(reason: Reason, language: Language, numbers: Mapping[int, int] | None = None) -> str:
    """The sentence of a reason in one of the two languages; `numbers` are what people call the calls by id."""
    index = 0 if language == "ru" else 1
    data: dict[str, str | int | float] = dict(reason.data)
    if numbers is not None and "call_id" in data:
        data["call_id"] = numbers.get(int(data["call_id"]), data["call_id"])
    if "seconds" in data:
        data["minutes"] = minutes(float(data["seconds"]))
    if reason.code is Code.BLOCKED:
        why = str(data.get("why", ""))
        data["why"] = BLOCKS[why][index] if why in BLOCKS else why
    texts = NO_TIME if data.get("minutes") == minutes(0) and reason.code in NO_TIME else TEXTS
    return texts[reason.code][index].format_map(data)
