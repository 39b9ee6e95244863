"""A proposal is told when two looks in a row make it, and not before."""

from datetime import UTC, datetime, timedelta

from brigada.dispatch.advice.settling import SECOND_LOOK, TwoLooks

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOON = NOON + timedelta(seconds=1)
THEN = NOON + SECOND_LOOK


def test_one_look_tells_nothing() -> None:
    assert TwoLooks().look(["a"], NOON) == frozenset()
    assert TwoLooks(timedelta(0)).look(["a"], NOON) == frozenset()


def test_a_second_look_some_seconds_later_that_agrees_tells_it() -> None:
    looks = TwoLooks()
    looks.look(["a"], NOON)
    assert looks.look(["a"], SOON) == frozenset()
    assert looks.look(["a", "b"], THEN) == {"a"}
    assert looks.look(["a", "b"], THEN + SECOND_LOOK) == {"a", "b"}


def test_what_one_look_leaves_out_begins_anew() -> None:
    looks = TwoLooks()
    looks.look(["a"], NOON)
    looks.look([], SOON)
    assert looks.look(["a"], THEN) == frozenset()
    assert looks.look(["a"], THEN + SECOND_LOOK) == {"a"}


def test_the_second_look_is_due_by_itself_and_only_while_something_waits() -> None:
    looks = TwoLooks()
    assert not looks.due(NOON)
    looks.look(["a"], NOON)
    assert not looks.due(SOON)
    assert looks.due(THEN)
    looks.look(["a"], THEN)
    assert not looks.due(THEN + timedelta(minutes=1))
