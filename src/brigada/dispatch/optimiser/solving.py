"""The assignment problem itself, and the part of its answer that the guards allow."""

import numpy as np
from numpy.typing import NDArray

from brigada.dispatch.optimiser.costs import NOBODY, Costs, lateness_price
from brigada.dispatch.optimiser.settings import OptimiserSettings
from brigada.dispatch.optimiser.state import Seconds

type Choice = NDArray[np.intp]
"""For each call the column of its team, or `NOBODY`."""

MAX_ROUNDS = 4
"""Times the problem is solved anew without the pairs a guard refused; what is left after that stays as it
was.
"""


def assign(cost: Seconds, left: Seconds, pinned: NDArray[np.bool_], current: Choice) -> Choice:
    """The cheapest assignment; `pinned` calls keep their team and nobody else may have it."""
    # Here and not above: it brings in half of SciPy, a third of what a process has to import at its start.
    from scipy.optimize import linear_sum_assignment

    choice = np.where(pinned, current, NOBODY).astype(np.intp)
    rows = np.flatnonzero(~pinned)
    if rows.size == 0:
        return choice
    open_columns = np.ones(cost.shape[1], dtype=np.bool_)
    open_columns[current[pinned]] = False
    columns = np.flatnonzero(open_columns)
    part = cost[np.ix_(rows, columns)]
    # One private "nobody" column for each call; a shared row of them would make ties depend on the order.
    nobody = np.full((rows.size, rows.size), np.inf)
    np.fill_diagonal(nobody, left[rows])
    picked_rows, picked = linear_sum_assignment(np.hstack([part, nobody]))
    real = picked < columns.size
    choice[rows[picked_rows[real]]] = columns[picked[real]]
    return choice


def keep(costs: Costs) -> Choice:
    """The best plan in which no crew turns round: what the dispatcher gets by saying no."""
    return assign(costs.cost, costs.left, costs.current != NOBODY, costs.current)


def improve(costs: Costs, kept: Choice, settings: OptimiserSettings) -> Choice:
    """The cheapest plan whose every switch passes the guards; `kept` where none does."""
    served = costs.current != NOBODY
    if not bool(np.any(served & ~costs.pinned)):
        return kept
    cost = costs.cost.copy()
    choice = kept
    for _ in range(MAX_ROUNDS):
        choice = assign(cost, costs.left, costs.pinned, costs.current)
        refused = refused_pairs(costs, kept, choice, settings)
        if not refused:
            return choice
        for row, column in refused:
            cost[row, column] = np.inf
    return _revert(costs, kept, choice, settings)


def response_of(costs: Costs, choice: Choice, settings: OptimiserSettings) -> Seconds:
    """Receipt to arrival for each call under a plan; a call left without a team counts as `unserved_s`
    more.
    """
    result = costs.age_s + settings.unserved_s
    rows = np.flatnonzero(choice != NOBODY)
    result[rows] = np.minimum(costs.response_s[rows, choice[rows]], result[rows])
    return result


def refused_pairs(
    costs: Costs, kept: Choice, choice: Choice, settings: OptimiserSettings
) -> list[tuple[int, int]]:
    """Pairs (call, team) of a plan that take a team from an equal or higher call without the gain
    required.
    """
    if not settings.guard_equal:
        return []
    holder = {int(column): row for row, column in enumerate(costs.current) if column != NOBODY}
    before = response_of(costs, kept, settings)
    after = response_of(costs, choice, settings)
    price = costs.weight * (
        lateness_price(before, costs.norm_s, settings) - lateness_price(after, costs.norm_s, settings)
    )
    refused = []
    for taker, column in enumerate(choice):
        giver = holder.get(int(column), NOBODY) if column != NOBODY else NOBODY
        if giver in (NOBODY, taker) or costs.criticality[taker] < costs.criticality[giver]:
            continue
        pair = np.array([taker, giver])
        both_gain = bool(np.all(after[pair] < before[pair]))
        saved = float(np.sum(price[pair]))
        newly_late = bool(np.any((after[pair] > costs.norm_s[pair]) & (before[pair] <= costs.norm_s[pair])))
        if not both_gain and (saved < settings.equal_gain_s or newly_late):
            refused.append((taker, int(column)))
    return refused


def components(kept: Choice, choice: Choice) -> list[list[int]]:
    """Groups of calls whose plans differ and hang together by a team that one gives and another takes."""
    changed = [int(row) for row in np.flatnonzero(kept != choice)]
    group = {row: row for row in changed}

    def root(row: int) -> int:
        while group[row] != row:
            row = group[row]
        return row

    owner: dict[int, int] = {}
    for row in changed:
        for column in (int(kept[row]), int(choice[row])):
            if column == NOBODY:
                continue
            if column in owner:
                group[root(row)] = root(owner[column])
            owner[column] = row
    found: dict[int, list[int]] = {}
    for row in changed:
        found.setdefault(root(row), []).append(row)
    return sorted(found.values())


def _revert(costs: Costs, kept: Choice, choice: Choice, settings: OptimiserSettings) -> Choice:
    """Put back every group with a refused pair. Two plans differ in independent groups, so any subset is
    valid.
    """
    result = choice.copy()
    while refused := refused_pairs(costs, kept, result, settings):
        bad = {row for row, _ in refused}
        for rows in components(kept, result):
            if bad.intersection(rows):
                result[rows] = kept[rows]
        if bool(np.array_equal(result, kept)):
            break
    return result
