"""What trackers and phones say, in the words of the OsmAnd protocol."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from brigada.positions.osmand import NotTheProtocolError, read_json, read_parameters, read_time

AT = datetime(2026, 11, 22, 21, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1795383015", AT),
        ("1795383015000", AT),
        ("1795383015250", AT + timedelta(milliseconds=250)),
        ("2026-11-22T21:30:15Z", AT),
        ("2026-11-22T21:30:15.000Z", AT),
        ("2026-11-23T00:30:15+03:00", AT),
        ("2026-11-23T00:30:15 03:00", AT),
        ("2026-11-22T21:30:15", AT),
        ("2026-11-22 21:30:15", AT),
        ("2026-11-22T23:59:59.999Z", datetime(2026, 11, 22, 23, 59, 59, 999_000, UTC)),
        ("2026-11-23T00:00:00+00:00", datetime(2026, 11, 23, tzinfo=UTC)),
        ("", None),
        ("  ", None),
        ("yesterday", "unreadable"),
        ("2026-13-40 25:00:00", "unreadable"),
        ("99999999999999999", "unreadable"),
    ],
)
def test_every_form_of_a_time_is_read(text: str, at: datetime | str | None) -> None:
    assert read_time(text) == at


def test_midnight_of_another_zone_belongs_to_the_day_before() -> None:
    at = read_time("2026-11-23T00:00:30+03:00")
    assert isinstance(at, datetime)
    assert at.astimezone(UTC) == datetime(2026, 11, 22, 21, 0, 30, tzinfo=UTC)
    assert at.utcoffset() == timezone(timedelta(hours=3)).utcoffset(None)


def test_a_query_speaks_knots_and_per_cent() -> None:
    heard = read_parameters(
        {"id": "1", "lat": "59.93", "lon": "30.31", "timestamp": "1795383015", "speed": "10", "bearing": "270",
         "accuracy": "7.5", "batt": "80", "altitude": "12", "hdop": "0.8"}
    )  # fmt: skip
    assert heard.fix is not None
    assert (heard.fix.lat, heard.fix.lon, heard.fix.at) == (59.93, 30.31, AT)
    assert heard.fix.speed_mps == pytest.approx(5.1444, abs=1e-4)
    assert (heard.fix.heading_deg, heard.fix.accuracy_m, heard.battery) == (270, 7.5, 0.8)
    assert heard.flags == 0


def test_heading_is_another_word_for_bearing_and_location_for_both_coordinates() -> None:
    heard = read_parameters({"deviceid": "1", "location": "59.93,30.31", "heading": "15"})
    assert heard.fix is not None
    assert (heard.fix.lat, heard.fix.lon, heard.fix.heading_deg, heard.fix.at) == (59.93, 30.31, 15, None)


@pytest.mark.parametrize("valid", ["false", "0", "False"])
def test_a_receiver_that_says_it_has_no_fix_is_believed(valid: str) -> None:
    heard = read_parameters({"id": "1", "lat": "59.93", "lon": "30.31", "valid": valid})
    assert (heard.fix, heard.wrong) == (None, "no_fix")


@pytest.mark.parametrize("valid", ["true", "1", ""])
def test_a_valid_fix_is_one(valid: str) -> None:
    assert read_parameters({"id": "1", "lat": "59.93", "lon": "30.31", "valid": valid}).fix is not None


def test_a_heartbeat_without_coordinates_is_no_position() -> None:
    heard = read_parameters({"id": "1", "timestamp": "1795383015", "batt": "55"})
    assert (heard.fix, heard.wrong, heard.battery) == (None, None, 0.55)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"lat": "59.93"}, "coordinates"),
        ({"lat": "north", "lon": "30"}, "coordinates"),
        ({"lat": "nan", "lon": "30"}, "coordinates"),
        ({"lat": "59.93", "lon": "30.31", "timestamp": "noon"}, "time"),
    ],
)
def test_what_is_no_fix_says_why(given: dict[str, str], wrong: str) -> None:
    heard = read_parameters({"id": "1", **given})
    assert (heard.fix, heard.wrong) == (None, wrong)


@pytest.mark.parametrize(
    ("alarm", "kind"),
    [
        ("sos", "sos"),
        (" SOS ", "sos"),
        ("true", "sos"),
        ("1", "sos"),
        ("general", "sos"),
        ("a word of tomorrow", "sos"),
        ("lowBattery,sos", "sos"),
        ("accident", "crash"),
        ("fallDown", "crash"),
        ("accident,sos", "sos"),
        ("lowBattery", None),
        ("powerCut", None),
        ("hardBraking, vibration", None),
        ("geofenceExit", None),
        ("0", None),
        ("false", None),
        ("none", None),
        ("", None),
    ],
)
def test_what_means_people_in_danger_is_urgent_and_an_unknown_word_too(alarm: str, kind: str | None) -> None:
    assert read_parameters({"id": "1", "lat": "59.93", "lon": "30.31", "alarm": alarm}).alarm == kind
    (heard,) = read_json(body(location(extras={"alarm": alarm})))
    assert heard.alarm == kind


def test_an_alarm_without_a_place_is_heard_all_the_same() -> None:
    for query in ({"alarm": "sos"}, {"id": "1", "alarm": "sos"}, {"lat": "x", "lon": "y", "alarm": "sos"}):
        heard = read_parameters(query)
        assert (heard.fix, heard.alarm) == (None, "sos")


def test_a_request_without_any_word_of_the_protocol_is_refused() -> None:
    with pytest.raises(NotTheProtocolError):
        read_parameters({"q": "59.93"})


def location(**more: object) -> dict[str, Any]:
    return {
        "timestamp": "2026-11-22T21:30:15.000Z",
        "coords": {
            "latitude": 59.93, "longitude": 30.31, "accuracy": 7.5, "speed": 12.5, "heading": 270, "altitude": 12
        },
        "is_moving": True,
        "odometer": 1234.5,
        "event": "motionchange",
        "battery": {"level": 0.8, "is_charging": False},
        "activity": {"type": "in_vehicle"},
        "extras": {},
        **more,
    }  # fmt: skip


def body(location: object) -> bytes:
    return msgspec.json.encode({"location": location, "device_id": "48241179"})


def test_json_speaks_metres_a_second_and_shares() -> None:
    (heard,) = read_json(body(location()))
    assert heard.fix is not None
    assert (heard.fix.lat, heard.fix.lon, heard.fix.at) == (59.93, 30.31, AT)
    assert (heard.fix.speed_mps, heard.fix.heading_deg, heard.fix.accuracy_m) == (12.5, 270, 7.5)
    assert heard.battery == 0.8


def test_json_may_hold_all_that_was_kept_while_offline() -> None:
    assert len(read_json(body([location(), location()]))) == 2


def test_a_heartbeat_in_json_is_no_position() -> None:
    heard = [
        *read_json(body({"event": "heartbeat", "battery": {"level": 0.5}})),
        *read_json(b'{"device_id": "1"}'),
    ]
    assert [(one.fix, one.wrong) for one in heard] == [(None, None), (None, None)]


@pytest.mark.parametrize(
    ("broken", "wrong"),
    [
        ({"coords": {"latitude": "59.93", "longitude": 30}}, "coordinates"),
        ({"coords": {"latitude": True, "longitude": 30}}, "coordinates"),
        ({"timestamp": "noon"}, "time"),
    ],
)
def test_a_broken_location_says_why(broken: dict[str, Any], wrong: str) -> None:
    (heard,) = read_json(body(location(**broken)))
    assert (heard.fix, heard.wrong) == (None, wrong)


def test_an_alarm_in_json_stands_in_the_extras() -> None:
    (heard,) = read_json(body(location(extras={"alarm": "sos"})))
    assert heard.alarm == "sos"


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"7", b'{"positions": []}', b"[" * 100_000])
def test_other_json_is_refused(raw: bytes) -> None:
    with pytest.raises(NotTheProtocolError):
        read_json(raw)
