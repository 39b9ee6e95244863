"""What crews are told at turns, how the hour slows traffic, and how far off its line a car is."""

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brigada.dispatch.routes import metres_off
from brigada.kit.geo import Point, distances_m, haversine_m
from brigada.regions.timezones import time_zone_of
from brigada.routing.directions import step_texts
from brigada.routing.port import Profile, Why
from brigada.routing.speeds import load_speed_factors
from brigada.routing.straight_line import StraightLine

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(
    ("kind", "modifier", "more", "ru", "en"),
    [
        ("depart", "", {"bearing": 92.0}, "Выезжайте на восток: улица Гоголя", "Head east: улица Гоголя"),
        ("turn", "left", {}, "Поверните налево: улица Гоголя", "Turn left: улица Гоголя"),
        ("turn", "sharp right", {}, "Поверните резко направо: улица Гоголя", "Turn sharply right: улица Гоголя"),
        ("continue", "uturn", {}, "Развернитесь: улица Гоголя", "Make a U-turn: улица Гоголя"),
        ("new name", "straight", {}, "Продолжайте прямо: улица Гоголя", "Go straight: улица Гоголя"),
        ("roundabout", "right", {"exit_number": 2}, "На кольце — 2-й съезд: улица Гоголя",
         "At the roundabout take the 2nd exit: улица Гоголя"),
        ("fork", "slight left", {}, "Держитесь левее: улица Гоголя", "Keep left: улица Гоголя"),
        ("off ramp", "slight right", {}, "Держитесь правее на съезд: улица Гоголя",
         "Keep right to the exit: улица Гоголя"),
        ("end of road", "right", {}, "В конце дороги поверните направо: улица Гоголя",
         "At the end of the road turn right: улица Гоголя"),
        ("arrive", "left", {}, "Вы на месте, цель слева", "You have arrived, on the left"),
        ("something new", "", {}, "Продолжайте прямо: улица Гоголя", "Go straight: улица Гоголя"),
    ],
)  # fmt: skip
def test_each_manoeuvre_has_words(kind: str, modifier: str, more: dict[str, float], ru: str, en: str) -> None:
    exit_number, bearing = int(more.get("exit_number", 0)), more.get("bearing", 0.0)
    assert step_texts(kind, modifier, "улица Гоголя", exit_number, bearing) == (ru, en)


def test_speeds_change_evenly_from_hour_to_hour_and_by_the_kind_of_day() -> None:
    factors = load_speed_factors()
    tuesday = [factors.at(datetime(2026, 11, 24, 8, m, tzinfo=MOSCOW), Profile.CAR) for m in (0, 30)]
    assert tuesday == [pytest.approx(0.72), pytest.approx(0.74)]
    assert factors.at(datetime(2026, 11, 28, 8, 0, tzinfo=MOSCOW), Profile.CAR) == 0.94
    assert factors.at(datetime(2026, 11, 29, 3, 0, tzinfo=MOSCOW), Profile.CAR) == 1.0
    midnight = factors.at(datetime(2026, 11, 24, 23, 59, tzinfo=MOSCOW), Profile.EMERGENCY)
    assert midnight == pytest.approx(1.0)


def test_a_service_may_bring_speeds_of_its_own_but_not_nonsense(tmp_path: Path) -> None:
    path = tmp_path / "speeds.json"
    days = {kind: [0.5] * 24 for kind in ("weekday", "saturday", "sunday")}
    path.write_text(json.dumps({"car": days, "emergency": days}), encoding="utf-8")
    assert load_speed_factors(path).at(datetime(2026, 11, 24, 3, tzinfo=MOSCOW), Profile.CAR) == 0.5
    days["sunday"] = [0.0] * 24
    path.write_text(json.dumps({"car": days, "emergency": days}), encoding="utf-8")
    with pytest.raises(ValueError, match=r"0\.1 to 2"):
        load_speed_factors(path)
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match="can't be read"):
        load_speed_factors(path)


def test_the_straight_line_is_longer_slower_and_marked() -> None:
    a, b = Point(58.9, 33.9), Point(58.95, 33.95)
    reach = StraightLine().reach(a, b, Profile.EMERGENCY)
    assert reach.distance_m == pytest.approx(haversine_m(a, b) * 1.35)
    assert reach.duration_s > haversine_m(a, b) / (110 / 3.6)
    assert reach.estimate is Why.ROUTER_DOWN


def test_a_car_on_its_line_is_not_off_it_and_one_in_the_next_street_is() -> None:
    line = [Point(58.90, 33.90), Point(58.90, 33.92), Point(58.91, 33.92)]
    assert metres_off(line, Point(58.90, 33.91)) < 1
    assert metres_off(line, Point(58.9009, 33.91)) == pytest.approx(100, rel=0.02)
    assert metres_off(line, Point(58.92, 33.92)) == pytest.approx(1_112, rel=0.02)
    assert metres_off([], Point(58.9, 33.9)) == float("inf")


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        (Point(59.93, 30.31), "Europe/Helsinki"),
        (Point(47.14, 9.52), "Europe/Zurich"),
        (Point(53.5, -113.5), "America/Edmonton"),
        (Point(56.83, 60.6), "Asia/Yekaterinburg"),
        (Point(-36.85, 174.76), "Pacific/Auckland"),
    ],
)
def test_a_time_zone_is_guessed_by_the_nearest_main_city_and_marked(place: Point, zone: str) -> None:
    assert time_zone_of(place, []) == (zone, True)


def test_the_zone_of_the_service_is_believed_where_it_is_likely() -> None:
    assert time_zone_of(Point(59.93, 30.31), [], "Europe/Moscow") == ("Europe/Moscow", True)
    assert time_zone_of(Point(53.5, -113.5), [], "Europe/Moscow") == ("America/Edmonton", True)


def test_a_tagged_time_zone_counts_the_widest_border_first_and_nonsense_not_at_all() -> None:
    tagged = [(9, "Europe/Samara"), (4, "Europe/Moscow"), (2, "Mars/Olympus")]
    assert time_zone_of(Point(53.2, 50.1), tagged) == ("Europe/Moscow", False)


@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), max_size=20), st.floats(-90, 90))
def test_many_distances_at_once_are_those_one_by_one(places: list[tuple[float, float]], lat: float) -> None:
    points, place = [Point(*degrees) for degrees in places], Point(lat, 30.3)
    assert distances_m(points, place) == pytest.approx([haversine_m(point, place) for point in points], abs=1)
