"""The public face of the optimiser: `recommend(state, settings)` and what it answers."""

from dataclasses import dataclass

import numpy as np

from brigada.dispatch.optimiser.costs import NOBODY, Costs, build_costs
from brigada.dispatch.optimiser.reasons import Code, Reason
from brigada.dispatch.optimiser.settings import DEFAULTS, OptimiserSettings
from brigada.dispatch.optimiser.solving import Choice, components, improve, keep, response_of
from brigada.dispatch.optimiser.state import DispatchState, OpenCall, Stage, Team


@dataclass(frozen=True, slots=True)
class Candidate:
    """One team as an answer to one call: arrival from now, its price, and why it stands where it does."""

    team_id: int
    stage: Stage
    eta_s: float
    """Seconds from now to the arrival; `inf` when it can't come."""
    cost: float
    possible: bool
    chosen: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """What changes for one call: team and arrival (seconds from now) before and after; None for nobody.

    `team_now` is on its way already; `team_before` is what the call would have without any switch, which for a
    waiting call is the best free team.
    """

    call_id: int
    team_now: int | None
    team_before: int | None
    team_after: int | None
    eta_before_s: float | None
    eta_after_s: float | None
    late_before: bool
    late_after: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """Changes that make sense only together, to be confirmed or declined as one.

    `saved_s` is the weighted price that falls. The first move is the call that gains most.
    """

    moves: tuple[Move, ...]
    saved_s: float


class Recommendation:
    """The plan for one picture. Ranked lists and reasons are worked out when asked for."""

    def __init__(
        self, state: DispatchState, settings: OptimiserSettings, costs: Costs, kept: Choice, joint: Choice
    ) -> None:
        self._state = state
        self._settings = settings
        self._costs = costs
        self._kept = kept
        self._joint = joint
        self._rows = {call.id: row for row, call in enumerate(state.calls)}

    def _team(self, column: int) -> Team | None:
        return None if column == NOBODY else self._state.teams[column]

    def assignment(self) -> dict[int, int | None]:
        """Team of every call in the joint plan, switches included; None where a call waits."""
        return self._as_ids(self._joint)

    def assignment_without_switches(self) -> dict[int, int | None]:
        """Team of every call when no crew turns round."""
        return self._as_ids(self._kept)

    def _as_ids(self, choice: Choice) -> dict[int, int | None]:
        return {
            call.id: None if column == NOBODY else self._state.teams[column].id
            for call, column in zip(self._state.calls, choice.tolist(), strict=True)
        }

    def orders(self) -> list[tuple[int, int]]:
        """(call, team) pairs that differ from what is under way and can be sent at once; soon-free ones
        wait.
        """
        teams, current = self._state.teams, self._costs.current
        return [
            (call.id, teams[column].id)
            for row, (call, column) in enumerate(zip(self._state.calls, self._joint.tolist(), strict=True))
            if column not in (NOBODY, current[row]) and teams[column].stage is not Stage.SOON_FREE
        ]

    def price(self) -> float:
        """Price of the joint plan."""
        return self._price(self._joint)

    def price_without_switches(self) -> float:
        """Price of the plan in which no crew turns round."""
        return self._price(self._kept)

    def _price(self, choice: Choice) -> float:
        rows = np.flatnonzero(choice != NOBODY)
        left = np.flatnonzero(choice == NOBODY)
        return float(self._costs.cost[rows, choice[rows]].sum() + self._costs.left[left].sum())

    def proposals(self) -> list[Proposal]:
        """Groups of changes in which at least one crew turns round, the most saving first."""
        before = response_of(self._costs, self._kept, self._settings)
        after = response_of(self._costs, self._joint, self._settings)
        found = []
        for rows in components(self._kept, self._joint):
            if not any(self._costs.current[row] not in (NOBODY, self._joint[row]) for row in rows):
                continue
            ordered = sorted(rows, key=lambda row: (after[row] - before[row], self._state.calls[row].id))
            saved = sum(
                self._pair_price(self._kept, row) - self._pair_price(self._joint, row) for row in rows
            )
            found.append(Proposal(tuple(self._move(row) for row in ordered), saved))
        return sorted(found, key=lambda p: (-p.saved_s, p.moves[0].call_id))

    def _pair_price(self, choice: Choice, row: int) -> float:
        column = int(choice[row])
        return float(self._costs.left[row] if column == NOBODY else self._costs.cost[row, column])

    def _move(self, row: int) -> Move:
        call, norm = self._state.calls[row], self._costs.norm_s[row]

        def arrival(column: int) -> tuple[int | None, float | None, bool]:
            team = self._team(column)
            if team is None:
                return None, None, True
            response = float(self._costs.response_s[row, column])
            return team.id, response - call.age_s, bool(response > norm)

        team_before, eta_before, late_before = arrival(int(self._kept[row]))
        team_after, eta_after, late_after = arrival(int(self._joint[row]))
        current = self._team(int(self._costs.current[row]))
        team_now = None if current is None else current.id
        return Move(
            call.id, team_now, team_before, team_after, eta_before, eta_after, late_before, late_after
        )

    def ranked(self, call_id: int, limit: int | None = None) -> list[Candidate]:
        """Every team for one call, the plan's choice first, then by price; impossible ones last, with
        reasons. `limit`: only so many of the first.
        """
        row = self._rows[call_id]
        call = self._state.calls[row]
        order = sorted(
            range(len(self._state.teams)),
            key=lambda j: (j != self._joint[row], self._costs.cost[row, j], self._state.teams[j].id),
        )
        finite = np.isfinite(self._costs.cost[row])
        fastest = float(np.min(self._costs.response_s[row][finite])) if finite.any() else float("inf")
        return [self._candidate(row, call, j, fastest) for j in order[:limit]]

    def _candidate(self, row: int, call: OpenCall, column: int, fastest: float) -> Candidate:
        team = self._state.teams[column]
        cost = float(self._costs.cost[row, column])
        response = float(self._costs.response_s[row, column])
        chosen = int(self._joint[row]) == column
        refused = self._why_not(row, call, column)
        reasons = [] if refused and not chosen else self._merits(row, call, column, fastest)
        return Candidate(
            team.id,
            team.stage,
            response - call.age_s,
            cost,
            bool(np.isfinite(cost)) and (chosen or not any(r.code in _IMPOSSIBLE for r in refused)),
            chosen,
            tuple(reasons if chosen else [*refused, *reasons]),
        )

    def _merits(self, row: int, call: OpenCall, column: int, fastest: float) -> list[Reason]:
        team = self._state.teams[column]
        response = float(self._costs.response_s[row, column])
        reasons = []
        if int(self._costs.current[row]) == column:
            reasons.append(Reason(Code.ALREADY_GOING))
        if response <= fastest:
            reasons.append(Reason(Code.NEAREST))
        else:
            reasons.append(Reason(Code.SLOWER, {"seconds": response - fastest}))
        if call.preferred:
            fits = team.profile in call.preferred
            reasons.append(Reason(Code.PREFERRED_PROFILE if fits else Code.WEAKER_PROFILE))
        slack = call.norm_s - response
        reasons.append(Reason(Code.WITHIN_NORM if slack >= 0 else Code.LATE, {"seconds": abs(slack)}))
        if team.stage is Stage.SOON_FREE:
            reasons.append(Reason(Code.SOON_FREE, {"seconds": team.ready_s}))
        elif team.stage is Stage.FREE and team.ready_s == 0:
            reasons.append(Reason(Code.ON_THE_ROAD))
        giver = self._holder(column)
        if giver not in (NOBODY, row):
            before = response_of(self._costs, self._kept, self._settings)[giver]
            after = response_of(self._costs, self._joint, self._settings)[giver]
            other, more = self._state.calls[giver].id, max(0.0, float(after - before))
            reasons.append(Reason(Code.DIVERTED_FROM, {"call_id": other, "seconds": more}))
        return reasons

    def _holder(self, column: int) -> int:
        rows = np.flatnonzero(self._costs.current == column)
        return int(rows[0]) if rows.size else NOBODY

    def _why_not(self, row: int, call: OpenCall, column: int) -> list[Reason]:
        team = self._state.teams[column]
        if int(self._costs.current[row]) == column:
            return []
        if team.blocked is not None:
            return [Reason(Code.BLOCKED, {"why": team.blocked})]
        if not np.isfinite(self._costs.response_s[row, column]):
            return [Reason(Code.UNREACHABLE)]
        if call.allowed is not None and team.profile not in call.allowed | call.preferred:
            return [Reason(Code.PROFILE_FORBIDDEN)]
        giver = self._holder(column)
        if giver != NOBODY:
            return [self._why_kept(giver, column)]
        taker = np.flatnonzero(self._joint == column)
        if taker.size and int(taker[0]) != row:
            return [Reason(Code.BETTER_FOR, {"call_id": self._state.calls[int(taker[0])].id})]
        return []

    def _why_kept(self, giver: int, column: int) -> Reason:
        """Why a team on its way elsewhere is not turned round."""
        other = self._state.calls[giver]
        rest = float(self._costs.response_s[giver, column]) - other.age_s
        if self._settings.guard_near_patient and rest <= self._settings.near_patient_s:
            return Reason(Code.NEAR_PATIENT, {"seconds": rest})
        if self._settings.guard_once and other.switches >= self._settings.max_switches:
            return Reason(Code.ALREADY_SWITCHED, {"call_id": other.id})
        return Reason(Code.SWITCH_NOT_WORTH_IT, {"call_id": other.id})


_IMPOSSIBLE = frozenset(
    {Code.BLOCKED, Code.UNREACHABLE, Code.PROFILE_FORBIDDEN, Code.NEAR_PATIENT, Code.ALREADY_SWITCHED}
)


def recommend(state: DispatchState, settings: OptimiserSettings = DEFAULTS) -> Recommendation:
    """The joint plan for every call not yet reached and every team that can be asked.

    Equal pictures give equal plans, in whatever order calls and teams are listed. Durations are seconds.
    Raises `ValueError` when `travel_s` has not one row for a call and one column for a team.
    """
    ordered = state.sorted()
    costs = build_costs(ordered, settings)
    kept = keep(costs)
    return Recommendation(ordered, settings, costs, kept, improve(costs, kept, settings))
