"""Calls, teams, notifications, audience, cursors, languages: pure rules."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brigada.calls.rules import (
    OPEN,
    TRANSITIONS,
    may_become,
    status_after_end,
    why_not_assign,
    why_not_complete,
)
from brigada.errors import pick_language
from brigada.events.log import StoredEvent
from brigada.kit.pagination import BadCursorError, decode_cursor, encode_cursor
from brigada.kit.text import fold, like_pattern, plate_letters, squeeze
from brigada.notifications.rules import notices_of
from brigada.realtime.audience import Listener, may_see
from brigada.teams.rules import is_free, on_shift, why_not_free

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_closed_call_is_closed_for_good() -> None:
    for status, wanted in TRANSITIONS.items():
        assert bool(wanted) == (status in OPEN)
    assert not may_become("completed", "new")
    assert not may_become("new", "completed")
    assert [why_not_complete(status) for status in ("new", "accepted", "rejected")] == [
        "not_accepted",
        None,
        "closed",
    ]


@given(st.sampled_from(sorted(TRANSITIONS)), st.integers(0, 3), st.booleans())
def test_a_second_team_goes_only_when_that_is_said(status: str, teams: int, additional: bool) -> None:
    refusal = why_not_assign(status, active_teams=teams, additional=additional)
    if status not in OPEN:
        assert refusal == "closed"
    else:
        assert refusal == ("has_team" if teams and not additional else None)


def test_a_call_waits_again_when_its_last_team_is_lost() -> None:
    lost = [status_after_end(active_teams=count, served=False) for count in (0, 1, 2)]
    assert lost == ["new", "accepted", "accepted"]
    assert [status_after_end(active_teams=count, served=True) for count in (0, 1)] == [
        "completed",
        "accepted",
    ]


@dataclass
class Shift:
    shift_start: datetime
    shift_end: datetime
    on_break_since: datetime | None = None
    ended_at: datetime | None = None


@given(st.integers(-30, 30), st.integers(1, 30), st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_free_is_on_shift_at_work_with_a_car_and_no_call(
    start: int, hours: int, paused: bool, ended: bool, busy: bool, serves: bool
) -> None:
    begin = NOW + timedelta(hours=start)
    team = Shift(begin, begin + timedelta(hours=hours), NOW if paused else None, NOW if ended else None)
    working = not ended and start <= 0 < start + hours
    assert on_shift(team, NOW) == working
    free = is_free(team, busy=busy, car_serves=serves, now=NOW)
    assert free == (working and not paused and not busy and serves)
    assert free == (why_not_free(team, busy=busy, car_serves=serves, now=NOW) is None)


def test_administrators_hear_of_broken_cars_and_of_no_other_trouble() -> None:
    for kind, told in (("car_broken", True), ("human_factor", False)):
        notice = notices_of(
            "assignment.troubled", {"assignment": {"trouble_kind": kind, "call_id": 1, "team_id": 2}}
        )
        assert notice is not None
        assert ("administrators" in notice.whom) == told
    assert notices_of("call.updated", {"call": {"id": 1}}) is None


def test_notifications_hold_no_personal_data() -> None:
    call = {
        "id": 1,
        "number": 7,
        "criticality": "critical",
        "patient": {"surname": "Ильин"},
        "address": "ул. Мира",
    }
    notice = notices_of("call.created", {"call": call})
    assert notice is not None
    assert notice.data == {"number": 7, "criticality": "critical"}


@given(
    st.sampled_from(["worker", "dispatcher", "admin"]), st.none() | st.integers(1, 3), st.sets(st.integers(1, 3)),
    st.sets(st.sampled_from(["worker", "dispatcher", "admin"])), st.sets(st.integers(1, 3)),
)  # fmt: skip
def test_an_event_is_seen_by_its_roles_its_crews_and_its_people_alone(
    role: str, team: int | None, teams: set[int], roles: set[str], people: set[int]
) -> None:
    event = StoredEvent(
        seq=1, at=NOW, kind="x.y", actor_kind="system", actor_id=None, actor_name=None, call_id=None,
        roles=frozenset(roles), team_ids=frozenset(teams), user_ids=frozenset(people), data="{}",
    )  # fmt: skip
    seen = may_see(Listener(2, role, "s", team), event)
    assert seen == (role in roles or 2 in people or team in teams)


@given(st.text(), st.integers(-(2**63) + 1, 2**63 - 1))
def test_a_cursor_says_again_what_was_put_in(name: str, number: int) -> None:
    if "\x00" in name or any(0xD800 <= ord(letter) <= 0xDFFF for letter in name):
        return
    assert decode_cursor(encode_cursor(name, number), tuple[str, int]) == (name, number)


@given(st.text() | st.sampled_from(["WzFd", "W10", encode_cursor("a", 2**70), encode_cursor("a\x00", 1)]))
def test_whatever_else_is_no_cursor(cursor: str) -> None:
    with pytest.raises(BadCursorError):
        decode_cursor(cursor, tuple[str, int])


@given(st.text(max_size=60))
def test_any_accept_language_gets_one_of_both_languages(header: str) -> None:
    assert pick_language(header) in {"ru", "en"}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "ru"),
        ("", "ru"),
        ("en", "en"),
        ("de, en;q=0.2", "en"),
        ("en;q=0.3, ru;q=0.9", "ru"),
        ("fr", "ru"),
    ],
)
def test_the_language_that_is_preferred_wins(header: str | None, language: str) -> None:
    assert pick_language(header) == language


@given(st.text(max_size=60))
def test_folded_text_stays_folded(text: str) -> None:
    assert squeeze(squeeze(text)) == squeeze(text)
    assert fold(" Ёлка\tЁж ") == "елка еж"
    assert "%" not in like_pattern(text)[1:-1].replace(r"\%", "")


def test_a_plate_is_one_whichever_keyboard_typed_it() -> None:
    assert plate_letters("a 123 bc-178") == plate_letters("А123ВС178") == "А123ВС178"
