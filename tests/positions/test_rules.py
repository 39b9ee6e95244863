"""What a fix is worth."""

from datetime import UTC, datetime, timedelta

import pytest

from brigada.positions.fixes import Fix, Flag, Source
from brigada.positions.rules import Track, clock_offset, in_order, judge, put_right

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
METRE = 1 / 111_195  # degrees of latitude


def fix(second: float = 0, *, north_m: float = 0, **more: object) -> Fix:
    at = NOON + timedelta(seconds=second)
    values: dict[str, object] = {
        "car_id": 1, "team_id": 1, "lat": 59.93 + north_m * METRE, "lon": 30.31, "at": at, "received_at": at,
        "accuracy_m": 5.0,
    }  # fmt: skip
    return Fix(**{**values, **more})  # type: ignore[arg-type]  # the values are those of a fix


def test_a_newer_fix_moves_the_marker_and_is_kept() -> None:
    track = Track()
    assert judge(fix(), track).move
    verdict = judge(fix(5, north_m=60), track)
    assert (verdict.keep, verdict.move, verdict.flags) == (True, True, 0)


def test_a_late_fix_is_kept_and_never_moves_the_marker_back() -> None:
    track = Track()
    judge(fix(60), track)
    verdict = judge(fix(5, north_m=60), track)
    assert verdict.keep
    assert not verdict.move


def test_the_same_moment_again_does_not_move_the_marker() -> None:
    track = Track()
    judge(fix(), track)
    assert not judge(fix(north_m=60), track).move


def test_a_jump_is_marked_kept_and_not_shown() -> None:
    track = Track()
    judge(fix(), track)
    verdict = judge(fix(5, north_m=5_000), track)
    assert verdict.keep
    assert not verdict.move
    assert verdict.flags == Flag.JUMP
    assert judge(fix(10, north_m=100), track).move


def test_a_jump_that_the_next_fix_confirms_is_believed() -> None:
    track = Track()
    judge(fix(), track)
    judge(fix(5, north_m=5_000), track)
    verdict = judge(fix(10, north_m=5_050), track)
    assert verdict.move
    assert verdict.flags == 0


def test_a_fast_drive_after_an_hour_without_signal_is_no_jump() -> None:
    track = Track()
    judge(fix(), track)
    assert judge(fix(3600, north_m=60_000), track).move


def test_a_poor_fix_is_marked_and_moves_only_an_old_marker() -> None:
    track = Track()
    judge(fix(), track)
    verdict = judge(fix(10, north_m=300, accuracy_m=500.0), track)
    assert verdict.flags == Flag.POOR
    assert not verdict.move
    assert judge(fix(40, north_m=300, accuracy_m=500.0), track).move


def test_the_cars_own_tracker_goes_before_a_phone_while_it_speaks() -> None:
    track = Track()
    judge(fix(source=Source.TRACKER), track)
    assert not judge(fix(10, north_m=50, source=Source.PHONE), track).move
    assert judge(fix(20, north_m=90, source=Source.PHONE), track).move
    assert judge(fix(21, north_m=95, source=Source.TRACKER), track).move


def test_a_parked_car_keeps_one_point_a_minute_and_stays_fresh() -> None:
    track = Track()
    verdicts = [judge(fix(second, north_m=second % 3, speed_mps=0.0), track) for second in range(0, 180, 5)]
    assert sum(verdict.keep for verdict in verdicts) == 3
    assert all(verdict.move for verdict in verdicts)


def test_a_crawling_car_is_not_parked() -> None:
    track = Track()
    verdicts = [judge(fix(second, north_m=second, speed_mps=1.0), track) for second in range(0, 60, 5)]
    assert all(verdict.keep for verdict in verdicts)


def test_an_alarm_is_kept_even_while_parked() -> None:
    track = Track()
    judge(fix(), track)
    assert judge(fix(5, flags=int(Flag.ALARM)), track).keep


@pytest.mark.parametrize(
    ("newest", "sent_at", "offset"),
    [
        (timedelta(seconds=-5), None, timedelta(0)),
        (timedelta(minutes=1), None, timedelta(0)),
        (timedelta(days=1), None, timedelta(days=-1)),
        (timedelta(days=-1), None, timedelta(0)),
        (timedelta(days=-1), timedelta(days=-1), timedelta(days=1)),
        (timedelta(days=1), timedelta(days=1), timedelta(days=-1)),
        (timedelta(hours=-3), timedelta(seconds=30), timedelta(0)),
    ],
    ids=[
        "in time", "a minute ahead", "a day ahead", "buffered for a day", "a day behind, and it says so",
        "a day ahead, and it says so", "buffered for hours by a good clock",
    ],
)  # fmt: skip
def test_a_wrong_clock_is_put_right_as_far_as_it_can_be_told(
    newest: timedelta, sent_at: timedelta | None, offset: timedelta
) -> None:
    assert clock_offset(NOON + newest, NOON, None if sent_at is None else NOON + sent_at) == offset


def test_no_fix_is_later_than_its_receipt() -> None:
    at, flags = put_right(NOON + timedelta(seconds=40), timedelta(0), NOON)
    assert (at, flags) == (NOON, 0)


@pytest.mark.parametrize("years", [-8_000, 7_990])
def test_a_clock_that_is_wrong_by_ages_gives_a_time_that_can_be_written(years: int) -> None:
    at, flags = put_right(NOON, timedelta(days=365 * years), NOON)
    assert at <= NOON
    assert flags & Flag.CLOCK
    assert bool(flags & Flag.LATE) == (years < 0)


def test_what_comes_after_more_than_a_minute_is_marked_late() -> None:
    _, flags = put_right(NOON - timedelta(seconds=61), timedelta(0), NOON)
    assert flags == Flag.LATE


def test_a_burst_is_judged_by_its_times_and_each_moment_once() -> None:
    burst = [fix(20), fix(5), fix(5), fix(10), fix(5, source=Source.TRACKER)]
    ordered = in_order(burst)
    assert [(one.at - NOON).seconds for one in ordered] == [5, 5, 10, 20]


def test_late_fixes_are_marked_and_thinned_like_any_others() -> None:
    track = Track()
    judge(fix(3600), track)
    parked = [judge(fix(second, speed_mps=0.0), track) for second in range(0, 120, 5)]
    assert sum(verdict.keep for verdict in parked) == 2
    assert judge(fix(125, north_m=9_000), track).flags == Flag.JUMP
    assert judge(fix(130, north_m=50), track).flags == 0
    assert track.marker is not None
    assert track.marker.at == NOON + timedelta(hours=1)


def test_a_late_fix_is_judged_by_what_the_history_has_before_it() -> None:
    track = Track()
    judge(fix(3600), track)
    kept = fix(0)
    assert judge(fix(5, north_m=9_000), track, before=kept).flags == Flag.JUMP
    assert not judge(fix(20, north_m=1), track, before=kept).keep


def test_a_second_burst_of_older_fixes_is_a_track_of_its_own() -> None:
    track = Track()
    judge(fix(3600), track)
    judge(fix(1800, north_m=30_000), track)
    assert judge(fix(600), track).flags == 0
