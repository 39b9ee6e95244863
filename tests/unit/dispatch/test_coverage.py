"""Expected coverage and the standby post: the published formulas, by hand on small cases."""

import numpy as np
import pytest

from brigada.dispatch.optimiser.coverage import (
    clipped_busy_fraction,
    expected_coverage,
    marginal_loss,
    reachable,
)
from brigada.dispatch.optimiser.standby import standby

DEMAND = np.array([10.0, 5.0, 1.0])


def test_a_zone_reached_by_two_teams_is_covered_unless_both_are_busy() -> None:
    reached = np.array([[True, False, False], [True, True, False]])
    coverage = expected_coverage(reached, DEMAND, 0.3)
    assert coverage.by_zone == pytest.approx([0.91, 0.7, 0.0])
    assert coverage.share == pytest.approx((10 * 0.91 + 5 * 0.7) / 16)


def test_the_barest_zones_are_those_that_leave_most_demand_uncovered() -> None:
    reached = np.array([[True, False, False]])
    assert expected_coverage(reached, DEMAND, 0.3).barest(DEMAND, 2) == [1, 0]


def test_sending_a_team_loses_exactly_the_difference_of_coverage() -> None:
    rng = np.random.default_rng(5)
    reached = rng.random((6, 40)) < 0.4
    demand = rng.random(40)
    loss = marginal_loss(reached, demand, 0.3)
    whole = expected_coverage(reached, demand, 0.3).share
    for team in range(6):
        rest = np.delete(reached, team, axis=0)
        assert loss[team] == pytest.approx(whole - expected_coverage(rest, demand, 0.3).share)


def test_turnout_counts_against_the_threshold() -> None:
    travel = np.array([[400.0], [400.0]])
    assert reachable(travel, np.array([0.0, 60.0]), 430).tolist() == [[True], [False]]


def test_a_freed_team_goes_where_it_adds_most_coverage() -> None:
    reach = np.array([[True, True, False], [False, True, True]])
    assert standby(reach, DEMAND, []).post == 0
    assert standby(reach, DEMAND, [0, 0, 0]).post == 1
    assert standby(reach, DEMAND, [], allowed=np.array([False, True])).post == 1


def test_equal_posts_go_to_the_shorter_drive_then_to_the_first() -> None:
    reach = np.array([[True], [True]])
    one = np.array([1.0])
    assert standby(reach, one, []).post == 0
    assert standby(reach, one, [], drive_s=np.array([90.0, 30.0])).post == 1


def test_a_team_stays_at_home_unless_another_post_gains_more_by_the_margin() -> None:
    reach = np.array([[True, False], [False, True]])
    nearly = np.array([0.499, 0.501])
    assert standby(reach, nearly, []).post == 1
    assert standby(reach, nearly, [], home=0).post == 0
    assert standby(reach, nearly, [], home=0, margin=0.0).post == 1
    assert standby(reach, np.array([0.4, 0.6]), [], home=0).post == 1


def test_where_every_post_reaches_the_whole_town_nobody_is_sent_about() -> None:
    everywhere = np.ones((3, 2), dtype=bool)
    near_elsewhere = np.array([300.0, 0.0, 60.0])
    assert standby(everywhere, np.ones(2), [], drive_s=near_elsewhere, home=0).post == 0


def test_a_home_that_is_closed_is_no_home() -> None:
    reach = np.ones((2, 1), dtype=bool)
    assert standby(reach, np.ones(1), [], allowed=np.array([False, True]), home=0).post == 1


def test_the_gain_of_standby_is_the_growth_of_expected_coverage() -> None:
    rng = np.random.default_rng(6)
    reach = rng.random((5, 30)) < 0.3
    demand = rng.random(30)
    advice = standby(reach, demand, [1, 2])
    before = expected_coverage(reach[[1, 2]], demand, 0.3).share
    after = expected_coverage(reach[[1, 2, advice.post]], demand, 0.3).share
    assert advice.gain == pytest.approx(after - before)


def test_no_open_post_is_an_error() -> None:
    with pytest.raises(ValueError, match="no post"):
        standby(np.ones((1, 1), dtype=bool), np.ones(1), [], allowed=np.array([False]))


def test_the_busy_fraction_stays_within_its_bounds() -> None:
    assert clipped_busy_fraction(1, 100) == 0.2
    assert clipped_busy_fraction(45, 100) == 0.45
    assert clipped_busy_fraction(99, 100) == 0.6
    assert clipped_busy_fraction(0, 0) == 0.3
