"""The state machine of an assignment, for every order in which steps may come."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from brigada.assignments.rules import (
    ACTIVE,
    BEFORE_PATIENT,
    CLOCK_WRONG,
    STEPS,
    Do,
    Precise,
    Refuse,
    Same,
    decide_correction,
    decide_ending,
    decide_step,
    moment_in_force,
)

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
ORDER = ("assigned", *STEPS)
taps = st.lists(
    st.tuples(st.sampled_from(STEPS), st.none() | st.integers(-100_000, 100_000), st.integers(0, 900)),
    max_size=14,
)


@given(taps)
def test_milestones_stay_in_order_whatever_is_tapped_and_whatever_the_phone_s_clock_says(
    tapped: list[tuple[str, int | None, int]],
) -> None:
    status, now = "assigned", START
    times: dict[str, datetime | None] = dict.fromkeys(ORDER)
    times["assigned"] = START
    inferred: set[str] = set()
    for step, ahead, passed in tapped:
        now += timedelta(seconds=passed)
        occurred = None if ahead is None else now + timedelta(seconds=ahead)
        before = dict(times)
        decision = decide_step(status, times, frozenset(inferred), step, occurred, now)
        if isinstance(decision, Do):
            assert STEPS.index(step) > (STEPS.index(status) if status in STEPS else -1), "never backwards"
            assert decision.entries[-1].step == step
            for entry in decision.entries:
                assert times[entry.step] is None, "written once"
                times[entry.step] = entry.at
                inferred |= {entry.step} if entry.inferred else set()
            status = decision.status
        elif isinstance(decision, Precise):
            assert decision.step in inferred
            times[decision.step] = decision.at
            inferred.discard(decision.step)
        else:
            assert times == before
            assert isinstance(decision, Same | Refuse)
        known = [moment for name in ORDER if (moment := times[name]) is not None]
        assert known == sorted(known)
        assert all(START <= moment <= now for moment in known)
        assert (times["transporting"] is not None) or (times["at_hospital"] is None)


@given(st.sampled_from(STEPS), st.integers(-100_000, 100_000))
def test_the_same_tap_twice_is_no_error(step: str, ahead: int) -> None:
    times: dict[str, datetime | None] = dict.fromkeys(ORDER)
    times["assigned"] = START
    first = decide_step("assigned", times, frozenset(), step, START + timedelta(seconds=ahead), START)
    assert isinstance(first, Do)
    for entry in first.entries:
        times[entry.step] = entry.at
    assert isinstance(decide_step(first.status, times, frozenset(), step, None, START), Same)


@given(st.integers(-(10**6), 10**6))
def test_the_moment_in_force_lies_between_the_assignment_and_now(seconds: int) -> None:
    now = START + timedelta(hours=3)
    found = moment_in_force(START + timedelta(seconds=seconds), now=now, assigned_at=START)
    assert START <= found <= now


def test_a_clock_that_is_plainly_wrong_is_not_believed() -> None:
    now = START + timedelta(hours=20)
    assert moment_in_force(now - CLOCK_WRONG - timedelta(seconds=1), now=now, assigned_at=START) == now
    assert moment_in_force(now + timedelta(minutes=3), now=now, assigned_at=START) == now
    assert moment_in_force(None, now=now, assigned_at=START) == now


@given(st.integers(-7200, 7200))
def test_a_correction_stays_between_its_neighbours(seconds: int) -> None:
    times: dict[str, datetime | None] = dict.fromkeys(ORDER)
    hours = {"assigned": 0, "acknowledged": 1, "en_route": 2, "on_scene": 3}
    times |= {name: START + timedelta(hours=hour) for name, hour in hours.items()}
    wanted = START + timedelta(hours=2, seconds=seconds)
    decision = decide_correction(times, "en_route", wanted, START + timedelta(hours=4))
    assert isinstance(decision, Do) == (START + timedelta(hours=1) <= wanted <= START + timedelta(hours=3))


@given(st.integers(0, 999_999), st.integers(0, 3))
def test_the_second_of_the_milestone_before_means_its_moment(parts: int, later: int) -> None:
    """A person who corrects sees and writes whole seconds."""
    before = START + timedelta(microseconds=parts)
    times: dict[str, datetime | None] = {
        "assigned": before,
        "acknowledged": before + timedelta(seconds=later),
    }
    now = START + timedelta(minutes=1)
    decision = decide_correction(times, "acknowledged", START, now)
    assert isinstance(decision, Do)
    assert decision.entries[0].at == before
    earlier = decide_correction(times, "acknowledged", START - timedelta(seconds=1), now)
    assert earlier == Refuse("out_of_order")


def test_what_has_not_happened_can_not_be_corrected() -> None:
    times: dict[str, datetime | None] = {"assigned": START}
    assert decide_correction(times, "on_scene", START, START) == Refuse("step_missing")


def test_endings_depend_on_whether_the_patient_is_reached() -> None:
    for status in (
        "assigned",
        "acknowledged",
        "en_route",
        "on_scene",
        "transporting",
        "at_hospital",
        "completed",
    ):
        for ending in ("declined", "cancelled", "diverted", "troubled"):
            decision = decide_ending(status, ending)
            if status not in ACTIVE:
                assert decision == Refuse("ended")
            elif ending in {"declined", "diverted"} and status not in BEFORE_PATIENT:
                assert decision == Refuse("not_before_patient")
            else:
                assert decision == Do(ending, ())
