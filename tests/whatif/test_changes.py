"""Each change does what it says to the fleet, the posts, the norms and the calls, and nothing else."""

import numpy as np
import pytest

from brigada.simulator.policy.policies import CoveragePost, HomePost, Joint
from brigada.simulator.policy.scenario import Duty
from brigada.whatif.changes import (
    CallsChange,
    CloseChange,
    NormChange,
    Play,
    PostChange,
    Rules,
    RulesChange,
    TeamsChange,
    Variant,
    apply,
    windows,
    without,
)
from brigada.whatif.errors import ImpossibleChangeError
from brigada.whatif.town import Town

DAY_S, HOUR_S = 86_400.0, 3600.0
TODAY = Rules()


def on_duty(duties: list[Duty], at: float) -> int:
    return sum(any(start <= at < end for start, end in duty) for duty in duties)


def crowd(play: Play, day: int, hour: float) -> int:
    return on_duty([slot.duty for slot in play.slots], day * DAY_S + hour * HOUR_S)


def played(town: Town, *changes: object) -> Play:
    return apply(town, Variant("", changes), TODAY)  # type: ignore[arg-type]  # changes of several kinds


def test_without_changes_it_is_the_past_itself(town: Town) -> None:
    play = played(town)
    assert play.scenario.demand == town.scenario.demand
    assert play.origin.tolist() == list(range(len(town.past.calls)))
    assert [town.posts[post].id for post in play.posts] == [11, 12]
    assert all(crowd(play, day, hour) == 3 for day in range(14) for hour in (0, 7, 9, 19, 21))


def test_two_teams_fewer_at_night_are_fewer_each_night_and_at_no_other_hour(town: Town) -> None:
    play = played(town, TeamsChange(-2, 22, 6))
    for day in range(14):
        assert [crowd(play, day, hour) for hour in (5.9, 6.1, 21.9, 22.1)] == [1, 3, 3, 1]


def test_teams_are_taken_from_where_most_are_on_duty(town: Town) -> None:
    play = played(town, TeamsChange(-1, 10, 12))
    at = 5 * DAY_S + 11 * HOUR_S
    assert [on_duty([s.duty for s in play.slots if s.station == n], at) for n in (0, 1)] == [1, 1]


def test_of_a_named_station_no_more_teams_are_taken_than_it_has(town: Town) -> None:
    play = played(town, TeamsChange(-5, 0, 0, station_id=12))
    at = 5 * DAY_S + 11 * HOUR_S
    assert [on_duty([s.duty for s in play.slots if s.station == n], at) for n in (0, 1)] == [2, 0]


def test_teams_are_added_at_their_hours_where_they_cover_most(town: Town) -> None:
    play = played(town, TeamsChange(2, 20, 2), TeamsChange(1, 0, 0, station_id=12, profile="physician"))
    assert [crowd(play, 3, hour) for hour in (1, 3, 19, 21)] == [6, 4, 4, 6]
    assert [slot.profile for slot in play.slots].count("physician") == 1
    assert {slot.station for slot in play.slots[-3:-1]} <= {0, 1}


def test_a_new_post_gets_its_teams_from_the_stations_or_beside_them(town: Town) -> None:
    moved = played(town, PostChange(59.93, 30.30, "Рынок", teams=1))
    added = played(town, PostChange(59.93, 30.30, "Рынок", teams=1, additional=True))
    for play, whole in ((moved, 3), (added, 4)):
        at = 5 * DAY_S + 11 * HOUR_S
        assert on_duty([slot.duty for slot in play.slots if slot.station == 2], at) == 1
        assert crowd(play, 5, 11) == whole
        assert len(play.scenario.places.posts) == 3


def test_a_closed_station_sends_its_teams_to_the_nearest_other(town: Town) -> None:
    play = played(town, CloseChange(11))
    assert [town.posts[post].id for post in play.posts] == [12]
    assert {slot.station for slot in play.slots} == {0}
    assert crowd(play, 5, 11) == 3
    with pytest.raises(ImpossibleChangeError, match="11"):
        played(town, CloseChange(11), CloseChange(11))
    with pytest.raises(ImpossibleChangeError, match="99"):
        played(town, CloseChange(99))


def test_another_norm_changes_what_is_judged_and_what_teams_are_sent_by(town: Town) -> None:
    play = played(town, NormChange("critical", 15))
    assert play.scenario.demand.norms_s == (900.0, 1200.0, 7200.0)
    assert town.scenario.demand.norms_s == (1200.0, 1200.0, 7200.0)


@pytest.mark.parametrize(("percent", "share"), [(30.0, 1.3), (150.0, 2.5), (-40.0, 0.6)])
def test_more_or_fewer_calls_keep_their_places_and_the_rhythm_of_the_day(
    town: Town, percent: float, share: float
) -> None:
    play = played(town, CallsChange(percent))
    size = len(town.past.calls)
    assert len(play.origin) == pytest.approx(size * share, abs=1)
    assert (np.diff(play.at_s) >= 0).all()
    was = np.array([call.at_s for call in town.past.calls])[play.origin]
    assert (np.abs(play.at_s - was) <= 1800).all()
    assert np.bincount(play.origin, minlength=size).max() <= int(np.ceil(max(1, share)))
    assert played(town, CallsChange(percent)).origin.tolist() == play.origin.tolist()


def test_rules_change_the_very_object_that_advises_the_live_service(town: Town) -> None:
    policy = played(town).policy()
    assert isinstance(policy, Joint)
    assert isinstance(policy.rule, HomePost)
    assert policy.settings.allow_switches
    other = played(town, RulesChange(standby=True, switches=False, urgent_first=True)).policy()
    assert isinstance(other, Joint)
    assert isinstance(other.rule, CoveragePost)
    assert not other.settings.allow_switches
    assert other.settings.weights == (2.0, 2.0, 1.0)
    assert other.settings.switch_s == town.past.plan.switch_s


def test_windows_go_over_midnight_and_equal_hours_mean_all_day() -> None:
    night = windows(22, 6, 2)
    assert night[0] == (-2 * HOUR_S, 6 * HOUR_S)
    assert night[1] == (22 * HOUR_S, 30 * HOUR_S)
    assert windows(0, 24, 2) == windows(7, 7, 2) == [(-DAY_S, 3 * DAY_S)]


def test_a_window_is_cut_out_of_spans_of_work() -> None:
    duty: Duty = ((0.0, 10.0), (20.0, 30.0))
    assert without(duty, (5.0, 25.0)) == ((0.0, 5.0), (25.0, 30.0))
    assert without(duty, (2.0, 3.0)) == ((0.0, 2.0), (3.0, 10.0), (20.0, 30.0))
    assert without(duty, (-5.0, 40.0)) == ()
    assert without(duty, (10.0, 20.0)) == duty
