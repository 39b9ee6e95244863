"""The joint plan: what it may never do, and that it is the best that it could be."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brigada.dispatch.optimiser.costs import NOBODY, build_costs, lateness_price
from brigada.dispatch.optimiser.reasons import NO_TIME, TEXTS, Code, Reason, render
from brigada.dispatch.optimiser.recommendation import Recommendation, recommend
from brigada.dispatch.optimiser.settings import DEFAULTS, PRESETS, OptimiserSettings
from brigada.dispatch.optimiser.solving import assign, response_of
from brigada.dispatch.optimiser.state import Criticality, DispatchState, OpenCall, Stage, Team

NORMS = {Criticality.CRITICAL: 480.0, Criticality.IMPORTANT: 480.0, Criticality.COMMON: 1200.0}
PROFILES = ("paramedic", "physician", "intensive_care")
LIMITS = st.sampled_from([DEFAULTS, *PRESETS.values()])
"""What holds for one set of figures must hold for all that an administrator may take by a click."""


def call(number: int, rank: int = 0, age: float = 60.0, team: int | None = None, **more: object) -> OpenCall:
    criticality = Criticality(rank)
    return OpenCall(number, criticality, age, NORMS[criticality], team_id=team, **more)  # type: ignore[arg-type]  # keywords of the dataclass


def free(number: int, ready: float = 60.0) -> Team:
    return Team(number, "paramedic", Stage.FREE, ready)


def going(number: int) -> Team:
    return Team(number, "paramedic", Stage.EN_ROUTE)


def picture(calls: Sequence[OpenCall], teams: Sequence[Team], travel: list[list[float]]) -> DispatchState:
    return DispatchState(calls, teams, np.array(travel, dtype=np.float64).reshape(len(calls), len(teams)))


@st.composite
def pictures(
    draw: st.DrawFn, most_calls: int = 6, most_teams: int = 7, en_route: bool = True
) -> DispatchState:
    calls_count = draw(st.integers(1, most_calls))
    teams_count = draw(st.integers(0, most_teams))
    seconds = st.integers(0, 2400).map(float)
    taken = draw(st.integers(0, min(calls_count, teams_count))) if en_route else 0
    teams = [
        Team(
            index,
            draw(st.sampled_from(PROFILES)),
            Stage.EN_ROUTE if index < taken else draw(st.sampled_from([Stage.FREE, Stage.SOON_FREE])),
            0.0 if index < taken else draw(st.integers(0, 600).map(float)),
            blocked=None if index < taken else draw(st.sampled_from([None, None, None, "on_break"])),
        )
        for index in range(teams_count)
    ]
    calls = [
        call(
            100 + index,
            draw(st.integers(0, 2)),
            draw(seconds),
            index if index < taken else None,
            preferred=draw(st.sampled_from([frozenset(), frozenset({"physician"})])),
            allowed=draw(st.sampled_from([None, frozenset({"physician", "intensive_care"})])),
            switches=draw(st.integers(0, 2)),
        )
        for index in range(calls_count)
    ]
    size = calls_count * teams_count
    travel = draw(st.lists(seconds, min_size=size, max_size=size))
    return DispatchState(calls, teams, np.array(travel, dtype=np.float64).reshape(calls_count, teams_count))


def giver_of(state: DispatchState, team_id: int) -> OpenCall | None:
    return next((c for c in state.calls if c.team_id == team_id), None)


def test_the_nearest_suitable_team_is_sent_when_one_call_waits() -> None:
    state = picture([call(1)], [free(1), free(2), free(3)], [[300, 200, 250]])
    assert recommend(state).assignment() == {1: 2}


def test_a_team_on_the_road_beats_a_slightly_nearer_one_at_its_post() -> None:
    state = picture([call(1)], [free(1, ready=60), free(2, ready=0)], [[200, 250]])
    assert recommend(state).assignment() == {1: 2}


def test_a_team_is_diverted_from_a_common_call_when_a_critical_one_gains() -> None:
    calls = [call(101, 0, 30), call(102, 2, 200, team=7)]
    state = picture(calls, [going(7), free(8)], [[150, 700], [400, 450]])
    plan = recommend(state)
    assert plan.assignment() == {101: 7, 102: 8}
    [proposal] = plan.proposals()
    first, second = proposal.moves
    assert (first.call_id, first.team_before, first.team_after) == (101, 8, 7)
    assert (first.eta_before_s, first.eta_after_s) == (760, 150)
    assert (first.late_before, first.late_after) == (True, False)
    assert (second.call_id, second.eta_before_s, second.eta_after_s) == (102, 400, 510)
    assert plan.assignment_without_switches() == {101: 8, 102: 7}


def test_a_team_within_two_minutes_of_its_patient_is_left_alone() -> None:
    calls = [call(101, 0, 30), call(102, 2, 200, team=7)]
    state = picture(calls, [going(7), free(8)], [[150, 700], [119, 450]])
    plan = recommend(state)
    assert plan.assignment() == {101: 8, 102: 7}
    refused = next(c for c in plan.ranked(101) if c.team_id == 7)
    assert [reason.code for reason in refused.reasons] == [Code.NEAR_PATIENT]
    assert not refused.possible


def test_a_call_that_was_left_once_keeps_its_second_team() -> None:
    calls = [call(101, 0, 30), call(102, 2, 200, team=7, switches=1)]
    state = picture(calls, [going(7), free(8)], [[150, 700], [400, 450]])
    assert recommend(state).assignment() == {101: 8, 102: 7}


def test_an_equal_call_keeps_its_team_unless_the_gain_is_large() -> None:
    calls = [call(101, 1, 30), call(102, 1, 30, team=7)]
    little = picture(calls, [going(7), free(8)], [[150, 260], [200, 200]])
    eager = OptimiserSettings(switch_s=0, margin_weight=0)
    assert recommend(little, eager).assignment()[102] == 7
    calls = [call(101, 1, 30), call(102, 1, 30, team=7)]
    large = picture(calls, [going(7), free(8)], [[150, 410], [200, 260]])
    assert recommend(large, eager).assignment() == {101: 7, 102: 8}


def test_nothing_is_switched_when_switching_is_off() -> None:
    calls = [call(101, 0, 30), call(102, 2, 200, team=7)]
    state = picture(calls, [going(7), free(8)], [[150, 700], [400, 450]])
    assert recommend(state, OptimiserSettings(allow_switches=False)).proposals() == []


def test_a_team_that_finishes_nearby_is_waited_for_when_it_arrives_first() -> None:
    soon = Team(2, "paramedic", Stage.SOON_FREE, ready_s=120)
    state = picture([call(1)], [free(1), soon], [[900, 60]])
    assert recommend(state).assignment() == {1: 2}
    assert recommend(state).orders() == []
    assert recommend(state, OptimiserSettings(use_soon_free=False)).orders() == [(1, 1)]


def test_a_forbidden_profile_is_never_sent_and_a_weaker_one_only_when_much_nearer() -> None:
    wants = call(1, preferred=frozenset({"intensive_care"}), allowed=frozenset({"physician"}))
    teams = [Team(1, "paramedic"), Team(2, "physician"), Team(3, "intensive_care")]
    assert recommend(picture([wants], teams, [[10, 200, 300]])).assignment() == {1: 3}
    assert recommend(picture([wants], teams, [[10, 200, 2000]])).assignment() == {1: 2}
    assert recommend(picture([wants], teams[:1], [[10]])).assignment() == {1: None}


@pytest.mark.parametrize("hours", [0, 1, 3, 100])
def test_an_old_call_is_never_left_waiting_beside_a_free_team(hours: int) -> None:
    state = picture([call(1, 2, hours * 3600.0)], [free(1)], [[3000]])
    assert recommend(state).assignment() == {1: 1}


def test_a_call_without_any_team_waits_and_its_list_is_empty() -> None:
    plan = recommend(picture([call(1)], [], [[]]))
    assert plan.assignment() == {1: None}
    assert plan.ranked(1) == []
    assert plan.proposals() == []


def test_a_matrix_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="travel_s"):
        recommend(DispatchState([call(1)], [free(1)], np.zeros((2, 1))))


@given(pictures(en_route=False))
def test_never_worse_than_nearest_suitable_when_nothing_can_be_switched(state: DispatchState) -> None:
    costs = build_costs(state, OptimiserSettings())
    total, used = 0.0, set()
    for row in range(len(state.calls)):
        options = [(costs.cost[row, j], j) for j in range(len(state.teams)) if j not in used]
        price, column = min(options, default=(np.inf, NOBODY))
        if price < costs.left[row]:
            used.add(column)
        total += min(price, costs.left[row])
    assert recommend(state).price() <= total + 1e-6


@given(pictures(most_calls=1, en_route=False))
def test_one_call_gets_exactly_the_cheapest_suitable_team(state: DispatchState) -> None:
    costs = build_costs(state, OptimiserSettings())
    best = costs.cost[0].min(initial=np.inf)
    chosen = recommend(state).assignment()[state.calls[0].id]
    assert chosen is not None or best >= costs.left[0]
    assert chosen is None or costs.cost[0, chosen] == best


@given(pictures(), LIMITS)
def test_the_plan_is_never_dearer_than_the_plan_without_switches(
    state: DispatchState, limits: OptimiserSettings
) -> None:
    plan = recommend(state, limits)
    assert plan.price() <= plan.price_without_switches() + 1e-6


@given(pictures())
def test_every_team_goes_to_one_call_at_most(state: DispatchState) -> None:
    for plan in (recommend(state).assignment(), recommend(state).assignment_without_switches()):
        teams = [team for team in plan.values() if team is not None]
        assert len(teams) == len(set(teams))


def response(plan: Recommendation, state: DispatchState, call_id: int, joint: bool) -> float:
    costs, choice = plan._costs, plan._joint if joint else plan._kept
    row = [c.id for c in state.calls].index(call_id)
    return float(response_of(costs, choice, OptimiserSettings())[row])


@pytest.mark.long
@given(pictures(), LIMITS)
@settings(max_examples=300)
def test_guards_are_never_broken(state: DispatchState, limits: OptimiserSettings) -> None:
    plan = recommend(state, limits)
    for taker_id, team_id in plan.assignment().items():
        giver = giver_of(state, team_id) if team_id is not None else None
        if giver is None or giver.id == taker_id:
            continue
        taker = next(c for c in state.calls if c.id == taker_id)
        rest = state.travel_s[state.calls.index(giver), team_id]
        assert rest > limits.near_patient_s
        assert giver.switches < limits.max_switches
        if taker.criticality >= giver.criticality:
            pairs = [
                (response(plan, state, c.id, joint=False), response(plan, state, c.id, joint=True), c)
                for c in (taker, giver)
            ]
            both = all(after < before for before, after, _ in pairs)
            saved = sum(
                limits.weights[c.criticality]
                * float(
                    lateness_price(np.array(before), np.array(c.norm_s), limits)
                    - lateness_price(np.array(after), np.array(c.norm_s), limits)
                )
                for before, after, c in pairs
            )
            late = any(after > c.norm_s >= before for before, after, c in pairs)
            assert both or (saved >= limits.equal_gain_s and not late)
    for before in state.calls:
        if before.team_id is not None and before.switches >= limits.max_switches:
            assert plan.assignment()[before.id] == before.team_id


@given(pictures(), st.randoms(use_true_random=False))
def test_the_plan_depends_on_the_picture_alone_and_not_on_the_order_of_its_rows(
    state: DispatchState, random: object
) -> None:
    rows, columns = list(range(len(state.calls))), list(range(len(state.teams)))
    random.shuffle(rows)  # type: ignore[attr-defined]  # random.Random given by Hypothesis
    random.shuffle(columns)  # type: ignore[attr-defined]  # the same
    shuffled = DispatchState(
        [state.calls[i] for i in rows],
        [state.teams[j] for j in columns],
        state.travel_s[np.ix_(rows, columns)],
    )
    first, again, other = recommend(state), recommend(state), recommend(shuffled)
    assert first.assignment() == again.assignment() == other.assignment()
    assert first.proposals() == again.proposals() == other.proposals()
    for one in state.calls:
        assert first.ranked(one.id) == other.ranked(one.id)


@given(pictures(most_calls=4, most_teams=4), LIMITS)
@settings(max_examples=150)
def test_no_assignment_found_by_trying_them_all_is_cheaper(
    state: DispatchState, limits: OptimiserSettings
) -> None:
    costs = build_costs(state.sorted(), limits)
    everyone = np.zeros(len(state.calls), dtype=np.bool_)
    found = assign(costs.cost, costs.left, everyone, costs.current)

    def price(choice: Sequence[int]) -> float:
        pairs = enumerate(choice)
        return float(sum(costs.left[r] if c == NOBODY else costs.cost[r, c] for r, c in pairs))

    options = [NOBODY, *range(len(state.teams))]
    best = min(
        price(choice)
        for choice in itertools.product(options, repeat=len(state.calls))
        if len({c for c in choice if c != NOBODY}) == sum(c != NOBODY for c in choice)
    )
    assert price(found.tolist()) == pytest.approx(best)


@given(pictures())
def test_every_team_is_listed_once_with_a_reason_and_the_chosen_one_first(state: DispatchState) -> None:
    plan = recommend(state)
    for one in state.calls:
        ranked = plan.ranked(one.id)
        assert sorted(c.team_id for c in ranked) == sorted(t.id for t in state.teams)
        assert all(candidate.reasons for candidate in ranked)
        chosen = [c.team_id for c in ranked if c.chosen]
        assert chosen == [t for t in [plan.assignment()[one.id]] if t is not None]
        assert not chosen or ranked[0].chosen
        for candidate in ranked:
            for reason in candidate.reasons:
                assert render(reason, "ru")
                assert render(reason, "en")


@pytest.mark.parametrize("code", [code for code, (ru, _) in TEXTS.items() if "{minutes}" in ru])
@pytest.mark.parametrize("seconds", [0.0, 0.4])
def test_no_reason_speaks_of_a_duration_of_nothing(code: Code, seconds: float) -> None:
    texts = [render(Reason(code, {"seconds": seconds, "call_id": 7}), language) for language in ("ru", "en")]
    assert not [text for text in texts if "0:00" in text]
    assert texts == [text.format(call_id=7) for text in NO_TIME[code]]
    assert "0:01" in render(Reason(code, {"seconds": 0.6, "call_id": 7}), "ru")


def test_what_speaks_against_a_pair_is_weighed_as_seconds_but_not_against_the_team_on_its_way() -> None:
    travel = np.array([[200.0, 250.0]])
    teams = [free(1), free(2)]
    for price, chosen in ((40.0, 1), (60.0, 2)):
        state = DispatchState([call(1)], teams, travel, np.array([[price, 0.0]]))
        assert recommend(state).assignment() == {1: chosen}
    on_its_way = DispatchState([call(1, team=1)], [going(1), free(2)], travel, np.array([[900.0, 0.0]]))
    assert recommend(on_its_way, OptimiserSettings(switch_s=0)).assignment() == {1: 1}
    with pytest.raises(ValueError, match="price_s"):
        recommend(DispatchState([call(1)], teams, travel, np.zeros((2, 2))))


def test_every_reason_has_a_sentence_in_both_languages() -> None:
    assert set(TEXTS) == set(Code)
    assert all(ru and en and ru != en for ru, en in TEXTS.values())
