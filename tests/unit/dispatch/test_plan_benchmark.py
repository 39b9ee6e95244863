"""What `brigada bench --only plan` measures is work that the service really has."""

from brigada.bench.plan import CALLS, ON_THE_WAY, TEAMS, measure, picture
from brigada.dispatch.optimiser.recommendation import recommend


def test_the_measured_picture_has_everything_that_costs_time() -> None:
    for seed in range(3):
        state = picture(seed)
        assert state.travel_s.shape == (CALLS, TEAMS)
        assert sum(call.team_id is not None for call in state.calls) == ON_THE_WAY
        plan = recommend(state)
        assert plan.proposals()
        assert None not in plan.assignment_without_switches().values()
        assert recommend(picture(seed)).assignment() == plan.assignment()


def test_the_measure_tells_warm_and_cold_solutions_apart() -> None:
    figures = measure(lambda _: None, rounds=2, processes=1)
    assert [figure.goal for figure in figures] == [20.0, None, 20.0, None, None]
    assert all(figure.value > 0 for figure in figures)
