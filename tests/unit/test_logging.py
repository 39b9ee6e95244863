"""Log lines are JSON, carry the request's id, and can't quote a patient."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import structlog

from brigada.kit.tracing import request_id
from brigada.logging import HIDDEN, configure
from brigada.settings import load_settings

CLIENTS = ("httpx", "httpcore")


@contextmanager
def configured(*, log_json: bool) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in CLIENTS}
    output = io.StringIO()
    configure(load_settings(_env_file=None, mode="test", log_json=log_json), output)
    yield output
    root.handlers, root.level = handlers, level
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    logging.getLogger("uvicorn.access").disabled = False
    structlog.reset_defaults()


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    with configured(log_json=True) as output:
        yield output


def line(stream: io.StringIO) -> dict[str, object]:
    loaded: dict[str, object] = json.loads(stream.getvalue().splitlines()[-1])
    return loaded


def test_a_line_says_when_where_and_for_which_request(stream: io.StringIO) -> None:
    token = request_id.set("abc123")
    try:
        logging.getLogger("brigada.calls").info("call accepted", extra={"call_id": 7, "ms": 1.5})
    finally:
        request_id.reset(token)
    assert line(stream) == {
        "event": "call accepted",
        "logger": "brigada.calls",
        "level": "info",
        "request_id": "abc123",
        "call_id": 7,
        "ms": 1.5,
        "timestamp": line(stream)["timestamp"],
    }
    assert str(line(stream)["timestamp"]).endswith("Z")


@pytest.mark.parametrize("key", ["caller_phone", "address", "surname", "password", "location"])
def test_values_of_personal_keys_are_hidden_however_deep(stream: io.StringIO, key: str) -> None:
    logging.getLogger("brigada").warning("odd", extra={key: "Иванов", "call": {key: "Иванов", "id": 3}})
    assert "Иванов" not in stream.getvalue()
    assert line(stream)[key] == HIDDEN
    assert line(stream)["call"] == {key: HIDDEN, "id": 3}


def fail() -> None:
    raise ValueError("phone +7 921 000-00-00 is taken")


def test_an_error_appears_by_kind_and_place_without_its_words(stream: io.StringIO) -> None:
    try:
        fail()
    except ValueError:
        logging.getLogger("brigada").exception("unhandled error")
    assert "+7 921" not in stream.getvalue()
    assert line(stream)["exception"] == "ValueError"
    assert "test_logging.py" in str(line(stream)["trace"])
    assert "fail" in str(line(stream)["trace"])


def test_an_error_of_the_system_keeps_its_words_and_its_cause(stream: io.StringIO) -> None:
    try:
        try:
            fail()
        except ValueError as error:
            raise ConnectionRefusedError("no server at db:5432") from error
    except ConnectionRefusedError:
        structlog.get_logger("brigada").exception("database away")
    assert "no server at db:5432" in str(line(stream)["exception"])
    assert line(stream)["cause"] == "ValueError"
    assert "+7 921" not in stream.getvalue()


def test_servers_lines_take_the_same_form_and_addresses_with_queries_are_not_logged(
    stream: io.StringIO,
) -> None:
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 42)
    assert line(stream)["event"] == "Started server process [42]"
    logging.getLogger("uvicorn.access").info("GET /api/v1/geocode?q=secret")
    assert "secret" not in stream.getvalue()


def fail_over(patient: str) -> None:
    raise ValueError(f"{patient} is unknown")


def test_readable_logs_show_neither_an_errors_words_nor_the_variables_around_it() -> None:
    with configured(log_json=False) as output:
        try:
            fail_over("Иванов")
        except ValueError:
            logging.getLogger("brigada").exception("unhandled error")
            structlog.get_logger("brigada").exception("and told by the other way")
        assert "Иванов" not in output.getvalue()
        assert output.getvalue().count("\nValueError\n") == 2
        assert "fail_over" in output.getvalue()


def test_addresses_that_the_service_asks_itself_are_not_logged(stream: io.StringIO) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    with httpx.Client(transport=transport) as client:
        client.get("http://geocoder.example/search", params={"q": "Lenina 12, flat 7"})
    for name in CLIENTS:
        logging.getLogger(name).info("GET /search?q=Lenina")
    assert "Lenina" not in stream.getvalue()
    logging.getLogger("httpx").warning("told still")
    assert line(stream)["event"] == "told still"
