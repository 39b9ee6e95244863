"""Whether a person plays along is seen by the service's word and by what the person does."""

from datetime import UTC, datetime, timedelta

from brigada.simulator.live.people import SEEN_WITHIN, Person

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def here(person: Person) -> bool:
    return person.is_here


def test_who_signed_in_is_here_until_not_heard_of_for_too_long() -> None:
    person = Person(7)
    assert not here(person)
    person.seen(NOON, NOON + timedelta(minutes=1))
    assert here(person)
    person.seen(NOON, NOON + SEEN_WITHIN)
    assert not here(person)


def test_who_signed_out_is_away() -> None:
    person = Person(7)
    person.seen(NOON, NOON)
    person.seen(None, NOON)
    assert not here(person)


def test_who_let_the_crew_wait_is_away_until_heard_of_again() -> None:
    person = Person(7)
    person.seen(NOON, NOON)
    person.gone()
    person.seen(NOON, NOON + timedelta(minutes=1))
    assert not here(person)
    person.seen(NOON + timedelta(minutes=2), NOON + timedelta(minutes=2))
    assert here(person)


def test_a_tap_of_the_person_and_of_nobody_else_brings_it_back() -> None:
    person = Person(7)
    person.seen(NOON, NOON)
    person.gone()
    person.heard_of({"kind": "user", "id": 8})
    assert not here(person)
    person.heard_of({"kind": "user", "id": 7})
    assert here(person)
