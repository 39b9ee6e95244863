"""Advice and proposals as the API shows them, with sentences in the caller's language."""

from collections.abc import Mapping
from typing import Any

from brigada.dispatch.advice.models import Advice, AdviceSettings, Proposal
from brigada.dispatch.advice.picture import optimiser_settings
from brigada.dispatch.optimiser.reasons import Code, Reason, minutes, render
from brigada.dispatch.optimiser.settings import PRESETS, OptimiserSettings
from brigada.errors import Language

_TEXTS = {
    "divert": (
        "Снять бригаду {team} с вызова {origin} и направить на {call}: {gain}",
        "Divert team {team} from {origin} to {call}: {gain}",
    ),
    "free": ("бригада {team} — на вызов {call}: {gain}", "team {team} to {call}: {gain}"),
    "gains": ("приедет на {minutes} раньше", "arrives {minutes} sooner"),
    "waits": ("подождёт на {minutes} дольше", "waits {minutes} more"),
    "same": ("приедет тогда же", "arrives at the same time"),
    "queue": ("вызов {call} вернётся в очередь", "call {call} goes back to the queue"),
    "served": ("получит бригаду через {minutes}", "gets a team in {minutes}"),
}


def advice_view(advice: Advice, language: Language, numbers: Mapping[int, int]) -> dict[str, Any]:
    """One call's advice."""
    return {
        "call_id": advice.call_id,
        "kind": advice.kind,
        "team_id": advice.team_id,
        "eta_s": advice.eta_s,
        "late": advice.late,
        "approximate": advice.approximate,
        "made_at": advice.made_at,
        "computed_at": advice.computed_at,
        "candidates": [_candidate(item, language, numbers) for item in advice.candidates["items"]],
    }


def _candidate(item: dict[str, Any], language: Language, numbers: Mapping[int, int]) -> dict[str, Any]:
    reasons = [
        {**reason, "text": render(Reason(Code(reason["code"]), reason["data"]), language, numbers)}
        for reason in item["reasons"]
    ]
    return {**item, "reasons": reasons}


def proposal_view(proposal: Proposal, language: Language | None = None) -> dict[str, Any]:
    """A proposal; with a language also its sentence, without (in events) both."""
    moves = proposal.moves["items"]
    shown: dict[str, Any] = {
        "id": proposal.id,
        "status": proposal.status,
        "made_at": proposal.made_at,
        "computed_at": proposal.computed_at,
        "saved_s": proposal.saved_s,
        "moves": moves,
        "decided_at": proposal.decided_at,
        "decided_by": proposal.decided_by,
    }
    if language is not None:
        return shown | {"text": proposal_text(moves, language)}
    return shown | {"text_ru": proposal_text(moves, "ru"), "text_en": proposal_text(moves, "en")}


def proposal_text(moves: list[dict[str, Any]], language: Language) -> str:
    """The whole change in one sentence: who goes where, and who gains or waits by it."""
    index = 0 if language == "ru" else 1
    origin = {move["team_now"]: move["call_number"] for move in moves if move["team_now"] is not None}
    parts = []
    for move in moves:
        call, team = move["call_number"], move["team_after"]
        if team is None:
            parts.append(_TEXTS["queue"][index].format(call=call))
            continue
        gain = _gain(move, index)
        if team in origin and origin[team] != call:
            text = _TEXTS["divert"][index]
            parts.append(text.format(team=move["name_after"], origin=origin[team], call=call, gain=gain))
        else:
            parts.append(_TEXTS["free"][index].format(team=move["name_after"], call=call, gain=gain))
    return "; ".join(parts) + "."


def _gain(move: dict[str, Any], index: int) -> str:
    after, before = move["eta_after_s"], move["eta_before_s"]
    if before is None:
        return _TEXTS["served"][index].format(minutes=minutes(after))
    if minutes(abs(after - before)) == minutes(0):
        return _TEXTS["same"][index]
    key = "gains" if after < before else "waits"
    return _TEXTS[key][index].format(minutes=minutes(abs(after - before)))


def settings_view(row: AdviceSettings) -> dict[str, Any]:
    """What an administrator may set, and the preset that it is."""
    figures = _figures(optimiser_settings(row))
    named = (name for name, preset in PRESETS.items() if _figures(preset) == figures)
    return {
        "automatic": row.automatic,
        **figures,
        "preset": next(named, None),
        "version": row.version,
    }


def presets_view() -> list[dict[str, Any]]:
    """Sets of figures with a name, as `PUT /advice/settings` takes them."""
    return [{"name": name, **_figures(preset)} for name, preset in PRESETS.items()]


def _figures(settings: OptimiserSettings) -> dict[str, Any]:
    return {
        "weights": dict(zip(("critical", "important", "common"), settings.weights, strict=True)),
        "late_s": settings.late_s,
        "switch_s": settings.switch_s,
        "near_patient_s": settings.near_patient_s,
        "equal_gain_s": settings.equal_gain_s,
        "max_switches": settings.max_switches,
    }
