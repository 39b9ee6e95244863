"""Whom to send: the order, and the reasons for the chosen and the passed over."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brigada.dispatch.candidates.ranking import Asked, Code, Fit, Reason, Standing, fit_of, rank
from brigada.dispatch.candidates.repository import _TEAMS, Living
from brigada.dispatch.candidates.words import NO_TIME, TEXTS, in_words
from brigada.routing.port import Why

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
MOSCOW = ZoneInfo("Europe/Moscow")


def team(number: int, drive_s: float | None, **more: object) -> Asked:
    plain = Asked(
        team_id=number,
        name=str(number),
        profile="physician",
        standing=Standing.FREE,
        shift_end=NOW + timedelta(hours=5),
        drive_s=drive_s,
        distance_m=None if drive_s is None else drive_s * 10,
        position_age_s=5.0,
    )
    return plain._replace(**more)  # type: ignore[arg-type]  # fields by name


def order(*teams: Asked, required: str | None = None) -> list[int]:
    return [candidate.asked.team_id for candidate in rank(teams, required, NOW)]


def codes(teams: list[Asked], number: int, required: str | None = None) -> list[Code]:
    [found] = [c for c in rank(teams, required, NOW) if c.asked.team_id == number]
    return [reason.code for reason in found.reasons]


def test_the_nearest_by_road_goes() -> None:
    teams = [team(1, 300), team(2, 120), team(3, 500)]
    assert order(*teams) == [2, 1, 3]
    assert codes(teams, 2)[0] is Code.NEAREST
    assert codes(teams, 1)[0] is Code.SLOWER


def test_a_weaker_profile_goes_only_when_it_is_much_nearer() -> None:
    weak = team(1, 60, profile="paramedic")
    assert order(weak, team(2, 300), required="physician") == [2, 1]
    assert order(weak, team(2, 420), required="physician") == [1, 2]
    passed_over = codes([weak, team(2, 300)], 1, "physician")
    assert passed_over[:2] == [Code.FASTER_BUT, Code.WEAKER_PROFILE]


@pytest.mark.parametrize(
    ("profile", "required", "fit"),
    [
        ("physician", None, Fit.ANY),
        ("physician", "physician", Fit.RIGHT),
        ("intensive_care", "paramedic", Fit.STRONGER),
        ("paramedic", "intensive_care", Fit.WEAKER),
        ("physician", "paediatric", Fit.WEAKER),
        ("psychiatric", "physician", Fit.WEAKER),
    ],
)
def test_how_a_profile_suits_a_call(profile: str, required: str | None, fit: Fit) -> None:
    assert fit_of(profile, required) is fit


def test_a_team_whose_shift_ends_gives_way_to_one_a_little_farther() -> None:
    tired = team(1, 100, shift_end=NOW + timedelta(minutes=10))
    assert order(tired, team(2, 250)) == [2, 1]
    assert Code.SHIFT_ENDS in codes([tired, team(2, 250)], 1)
    assert order(tired, team(2, 400)) == [1, 2]


def test_a_team_at_the_hospital_counts_with_the_rest_of_its_work() -> None:
    soon = team(1, 60, standing=Standing.SOON_FREE, free_in_s=200)
    assert order(soon, team(2, 250)) == [2, 1]
    [first, *_] = rank([soon, team(2, 400)], None, NOW)
    assert (first.asked.team_id, first.eta_s) == (1, 260)
    assert Code.SOON_FREE in [reason.code for reason in first.reasons]


def test_a_car_lost_from_sight_is_not_believed_to_be_near() -> None:
    lost = team(1, 60, position_age_s=3_600.0)
    assert order(lost, team(2, 200)) == [2, 1]
    assert Code.OLD_POSITION in codes([lost], 1)
    assert Code.AT_STATION in codes([team(3, 60, position_age_s=None)], 3)


@pytest.mark.parametrize("standing", [Standing.BUSY, Standing.ON_BREAK, Standing.OFF_SHIFT, Standing.CAR_OUT])
def test_who_cannot_go_comes_last_and_says_why(standing: Standing) -> None:
    found = rank([team(1, 10, standing=standing), team(2, 900)], None, NOW)
    assert [(c.asked.team_id, c.possible) for c in found] == [(2, True), (1, False)]
    assert [reason.code.value for reason in found[1].reasons] == [standing.value]
    assert found[1].eta_s is None


def test_a_team_of_unknown_place_cannot_be_ranked() -> None:
    [found] = rank([team(1, None)], None, NOW)
    assert not found.possible
    assert found.reasons[0].code is Code.NO_PLACE


def test_an_estimate_is_said_to_be_one() -> None:
    told = {Code.ESTIMATE, Code.NO_ROAD, Code.OFF_ROAD, Code.ROADS_AWAY}
    assert Code.ROADS_AWAY in codes([team(1, 60, estimate=Why.ROUTER_DOWN)], 1)
    assert Code.OFF_ROAD in codes([team(1, 60, estimate=Why.FAR_FROM_ROAD)], 1)
    assert all(told & set(codes([team(1, 60, estimate=why)], 1)) for why in Why)
    assert not told & set(codes([team(1, 60)], 1))


def test_a_team_that_no_road_leads_from_comes_after_those_that_can_drive_and_says_so() -> None:
    over_the_water = team(1, 60, estimate=Why.UNREACHABLE)
    assert order(over_the_water, team(2, 900)) == [2, 1]
    assert Code.NO_ROAD in codes([over_the_water, team(2, 900)], 1)
    assert order(over_the_water) == [1]


def test_nobody_at_all_is_an_empty_list() -> None:
    assert rank([], "physician", NOW) == []


def test_reasons_are_told_in_both_languages_and_in_local_time() -> None:
    [found] = rank([team(1, 60, position_age_s=75.0)], "physician", NOW)
    ru = [in_words(reason, "ru", MOSCOW) for reason in found.reasons]
    en = [in_words(reason, "en", MOSCOW) for reason in found.reasons]
    assert ru == ["ближе всех", "нужный профиль", "до 23:00", "положение 1:15 назад"]
    assert en == ["nearest", "right profile", "until 23:00", "position 1:15 ago"]
    assert set(TEXTS) == set(Code)


TEAMS = st.lists(
    st.builds(
        team,
        st.integers(1, 10_000),
        st.one_of(st.none(), st.floats(0, 5_000)),
        standing=st.sampled_from(Standing),
        profile=st.sampled_from(["paramedic", "physician", "intensive_care", "paediatric"]),
        position_age_s=st.one_of(st.none(), st.floats(0, 10_000)),
        free_in_s=st.just(0.0),
    ),
    max_size=12,
    unique_by=lambda asked: asked.team_id,
)


@given(TEAMS, st.sampled_from([None, "physician", "paediatric"]))
def test_every_team_appears_once_with_a_reason_and_the_order_of_asking_does_not_matter(
    teams: list[Asked], required: str | None
) -> None:
    found = rank(teams, required, NOW)
    assert sorted(c.asked.team_id for c in found) == sorted(t.team_id for t in teams)
    assert all(c.reasons for c in found)
    possible = [c.possible for c in found]
    assert possible == sorted(possible, reverse=True)
    prices = [c.price_s for c in found if c.possible]
    assert prices == sorted(prices)
    again = [c.asked.team_id for c in rank(teams[::-1], required, NOW) if c.possible]
    assert again == [c.asked.team_id for c in found if c.possible]


def test_a_team_is_read_as_it_is_asked_for() -> None:
    assert tuple(_TEAMS.selected_columns.keys()) == Living._fields


@pytest.mark.parametrize("code", [code for code, (ru, _) in TEXTS.items() if "{minutes}" in ru])
def test_no_reason_speaks_of_a_duration_of_nothing(code: Code) -> None:
    assert in_words(Reason(code, {"seconds": 0.4}), "ru", MOSCOW) == NO_TIME[code][0]
    assert in_words(Reason(code, {"seconds": 0}), "en", MOSCOW) == NO_TIME[code][1]
    assert "1:00" in in_words(Reason(code, {"seconds": 60}), "ru", MOSCOW)


def test_a_crew_at_its_station_needs_its_turnout() -> None:
    teams = [team(1, 200, turnout_s=60.0), team(2, 250)]
    assert order(*teams) == [2, 1]
    assert [candidate.eta_s for candidate in rank(teams, None, NOW)] == [250, 260]


def test_the_first_of_a_list_are_those_of_the_whole_list() -> None:
    teams = [
        team(n, 100.0 + 10 * n, standing=Standing.BUSY if n % 3 == 0 else Standing.FREE) for n in range(9)
    ]
    whole = rank(teams, "physician", NOW)
    for first in range(11):
        assert rank(teams, "physician", NOW, first=first) == whole[:first]
