"""What it costs to send each team to each call: the formula, and who is out of the question."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from brigada.dispatch.optimiser.settings import OptimiserSettings
from brigada.dispatch.optimiser.state import DispatchState, OpenCall, Seconds, Stage

NOBODY = -1
"""Column index that stands for no team."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Arrays over calls (rows) and teams (columns); `inf` marks a pair that must not be.

    `age_s`: since the receipt. `response_s`: receipt to arrival. `cost`: the price of the pair. `left`: the
    price of leaving the call without
    a team for now. `current`: column of the team on its way to the call, or `NOBODY`. `pinned`: its team
    stays.
    """

    age_s: Seconds
    response_s: Seconds
    cost: Seconds
    left: Seconds
    current: NDArray[np.intp]
    norm_s: Seconds
    criticality: NDArray[np.intp]
    pinned: NDArray[np.bool_]
    weight: Seconds


def lateness_price(response_s: Seconds, norm_s: Seconds, settings: OptimiserSettings) -> Seconds:
    """Seconds of wait plus the price of a missed, or nearly missed, norm; before the weight of the call."""
    margin = np.maximum(0.0, response_s - settings.margin_share * norm_s)
    price: Seconds = response_s + settings.late_s * (response_s > norm_s) + settings.margin_weight * margin
    return price


def _profile_price(call: OpenCall, profiles: dict[str, int], settings: OptimiserSettings) -> Seconds:
    price = np.zeros(len(profiles))
    for profile, index in profiles.items():
        if call.allowed is not None and profile not in call.allowed and profile not in call.preferred:
            price[index] = np.inf
        elif call.preferred and profile not in call.preferred:
            price[index] = settings.weaker_profile_s
    return price


def suitability(state: DispatchState, settings: OptimiserSettings) -> Seconds:
    """Price of each team's profile for each call: 0 preferred, a penalty if weaker, `inf` if forbidden."""
    profiles: dict[str, int] = {}
    for team in state.teams:
        profiles.setdefault(team.profile, len(profiles))
    column = np.array([profiles[team.profile] for team in state.teams], dtype=np.intp)
    seen: dict[tuple[frozenset[str], frozenset[str] | None], Seconds] = {}
    rows = np.zeros((len(state.calls), len(state.teams)))
    for row, call in enumerate(state.calls):
        key = (call.preferred, call.allowed)
        if key not in seen:
            seen[key] = _profile_price(call, profiles, settings)[column]
        rows[row] = seen[key]
    return rows


def build_costs(state: DispatchState, settings: OptimiserSettings) -> Costs:
    """The cost matrix of a sorted state, guards that concern a single pair already applied."""
    columns = {team.id: index for index, team in enumerate(state.teams)}
    current = np.array(
        [columns.get(c.team_id, NOBODY) if c.team_id is not None else NOBODY for c in state.calls]
    )
    current = current.astype(np.intp)
    age = np.array([call.age_s for call in state.calls], dtype=np.float64)
    norm = np.array([call.norm_s for call in state.calls], dtype=np.float64)
    rank = np.array([int(call.criticality) for call in state.calls], dtype=np.intp)
    weight = np.asarray(settings.weights, dtype=np.float64)[rank]
    ready = np.array([team.ready_s for team in state.teams], dtype=np.float64)
    reserve = np.array([team.reserve_s for team in state.teams], dtype=np.float64)

    response = age[:, None] + ready[None, :] + state.travel_s
    served = np.flatnonzero(current != NOBODY)
    own = current[served]
    cost = weight[:, None] * lateness_price(response, norm[:, None], settings)
    cost += suitability(state, settings) + reserve[None, :]
    if state.price_s is not None:
        cost += state.price_s
    switch = np.where(current != NOBODY, weight * settings.switch_s, 0.0)
    cost += switch[:, None]
    cost[served, own] -= switch[served] + reserve[own]
    if state.price_s is not None:
        cost[served, own] -= state.price_s[served, own]
    # The same price as for being served, so much later: with a bare "age + wait" an old call would become
    # cheaper to leave than to serve, and would wait for ever beside free teams.
    left = weight * lateness_price(age + settings.unserved_s, norm, settings) + switch

    closed = [j for j, team in enumerate(state.teams) if team.blocked is not None]
    if not settings.use_soon_free:
        closed += [j for j, team in enumerate(state.teams) if team.stage is Stage.SOON_FREE]
    kept = cost[served, own]
    cost[:, closed] = np.inf
    # The team that a call already has stays possible whatever its profile or state: taking it away is a
    # decision.
    cost[served, own] = np.where(np.isfinite(kept), kept, weight[served] * settings.unserved_s)
    pinned = _pinned(state, settings, current, response - age[:, None])
    return Costs(age, response, cost, left, current, norm, rank, pinned, weight)


def _pinned(
    state: DispatchState, settings: OptimiserSettings, current: NDArray[np.intp], rest_s: Seconds
) -> NDArray[np.bool_]:
    """Calls whose team must stay: it is nearly there, the call was already left once, or switching is off."""
    pinned = np.zeros(len(state.calls), dtype=np.bool_)
    for row, call in enumerate(state.calls):
        column = current[row]
        if column == NOBODY:
            continue
        near = settings.guard_near_patient and rest_s[row, column] <= settings.near_patient_s
        spent = settings.guard_once and call.switches >= settings.max_switches
        pinned[row] = near or spent or not settings.allow_switches
    return pinned
