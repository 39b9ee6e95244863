"""Whatever comes in, the answer is a clear refusal: small, in words, and never an echo of what was sent."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from brigada.kit.pagination import encode_cursor
from stage import Stage

pytestmark = pytest.mark.anyio

MARK = "zzmarkzz"
"""Stands in every bad value: an answer that holds it echoes."""
INT8_OVER = 2**63

BAD_CALLS: dict[str, str] = {
    "NaN": '{"reason": "chest_pain", "address": "x", "location": {"lat": NaN, "lon": 30}}',
    "infinity": '{"reason": "chest_pain", "address": "x", "location": {"lat": Infinity, "lon": 30}}',
    "minus infinity": '{"reason": "chest_pain", "address": "x", "location": {"lat": -Infinity, "lon": 30}}',
    "overflowing float": '{"reason": "chest_pain", "address": "x", "location": {"lat": 1e999, "lon": 30}}',
    "off the Earth": '{"reason": "chest_pain", "address": "x", "location": {"lat": 91, "lon": 30}}',
    "null byte": '{"reason": "chest_pain", "address": "zzmarkzz\\u0000"}',
    "null byte deeper": '{"reason": "chest_pain", "address": "x", "patient": {"notes": "zzmarkzz\\u0000"}}',
    "null byte in a key": '{"reason": "chest_pain", "address": "x", "zz\\u0000": 1}',
    "lone surrogate": '{"reason": "chest_pain", "address": "zzmarkzz\\ud800"}',
    "lone surrogate in a key": '{"reason": "chest_pain", "address": "x", "\\udfff": 1}',
    "wrong type": '{"reason": ["zzmarkzz"], "address": {"zzfield": "zzmarkzz"}}',
    "a number for a text": '{"reason": 7, "address": "x"}',
    "a text for a number": '{"reason": "chest_pain", "address": "x", "patient": {"age": "zzmarkzz"}}',
    "a fraction for a whole": '{"reason": "chest_pain", "address": "x", "patient": {"age": 1.5}}',
    "older than anybody": '{"reason": "chest_pain", "address": "x", "patient": {"age": 131}}',
    "a list": '["zzmarkzz"]',
    "a text": '"zzmarkzz"',
    "null": "null",
    "empty": "",
    "not JSON": "{zzmarkzz",
    "not UTF-8": "\udcff",
    "empty text": '{"reason": "chest_pain", "address": "   "}',
    "unknown field": '{"reason": "chest_pain", "address": "x", "zzfield": "zzmarkzz"}',
    "too long": '{"reason": "chest_pain", "address": "' + "zzmarkzz" * 100 + '"}',
    "no time zone": '{"reason": "chest_pain", "address": "x", "received_at": "2026-11-23T10:00:00"}',
    "in the year 2999": '{"reason": "chest_pain", "address": "x", "received_at": "2999-01-01T00:00:00Z"}',
    "before the calendar": '{"reason": "chest_pain", "address": "x", "received_at": "0001-01-01T00:00:00+14:00"}',
    "a time that is none": '{"reason": "chest_pain", "address": "x", "received_at": "zzmarkzz"}',
    "a time as a number": '{"reason": "chest_pain", "address": "x", "received_at": 1e300}',
    "deep nesting": '{"reason": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "deep objects": '{"patient":' * 20_000 + "1" + "}" * 20_000,
    "an endless number": '{"reason": "chest_pain", "address": "x", "patient": {"age": ' + "9" * 50_000 + "}}",
}


def check(response: Any, statuses: set[int]) -> dict[str, Any]:
    assert response.status_code in statuses, response.text[:300]
    assert response.headers["content-type"] == "application/problem+json"
    assert len(response.content) < 4_000
    assert MARK not in response.text
    problem: dict[str, Any] = response.json()
    assert problem["detail"]
    return problem


@pytest.mark.parametrize("name", BAD_CALLS)
async def test_a_malformed_call_is_refused_in_a_few_words(stage: Stage, name: str) -> None:
    response = await stage.petrova.send(
        "POST",
        "/calls",
        content=BAD_CALLS[name].encode("utf-8", "surrogateescape"),
        headers={"content-type": "application/json", "accept-language": "en"},
    )
    problem = check(response, {400, 422})
    assert response.headers["x-request-id"]
    if response.status_code == 422:
        assert problem["errors"]
        assert all(error["message"] and error["loc"] for error in problem["errors"])
    assert await stage.sql("SELECT id FROM calls") == []


@pytest.mark.parametrize("text", ["zzmarkzz-\\ud800", "zzmarkzz-\\u0000", "z" * 257])
async def test_a_password_that_can_not_be_kept_is_refused_like_any_text(stage: Stage, text: str) -> None:
    """Secrets are their own kind of field, and half a character in one once was a bug of the service."""
    for caller, method, path, body in (
        (stage.nobody, "POST", "/auth/login", '{"login": "petrova", "password": "%s"}'),
        (
            stage.petrova,
            "POST",
            "/auth/password",
            '{"current_password": "%s", "new_password": "zzmarkzz-2026"}',
        ),
        (stage.admin, "PATCH", f"/users/{stage.ivanova.id}", '{"password": "%s"}'),
    ):
        headers = {"content-type": "application/json"}
        check(await caller.send(method, path, content=(body % text).encode(), headers=headers), {422})


async def test_a_thousand_wrong_fields_get_a_short_answer(stage: Stage) -> None:
    body = {f"field{number}": MARK for number in range(1000)}
    check(await stage.petrova.send("POST", "/calls", json=body), {422})


@pytest.mark.parametrize("number", [INT8_OVER, -1, 0, 10**40, 1.5, "x", "%00", "ٱ"])
async def test_a_number_of_nothing_is_refused_wherever_it_stands(stage: Stage, number: Any) -> None:
    for path in (f"/calls/{number}", f"/teams/{number}", f"/users/{number}", f"/assignments/{number}"):
        check(await stage.admin.send("GET", path), {422, 404})
    call = await stage.petrova.take_in()
    check(
        await stage.petrova.send("POST", f"/calls/{call['id']}/assignments", json={"team_id": number}), {422}
    )


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=x",
        "limit=1e9",
        "cursor=zzmarkzz",
        "cursor=W10",
        "cursor=%00",
        "cursor=\u0444",
        "cursor=WzEsMl0",
        "cursor=WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwxXQ",
        "from=2026-11-23",
        "from=zzmarkzz",
        "to=2999-01-01T00:00:00Z",
        "status=zzmarkzz",
        "team_id=99999999999999999999",
        "q=%00zzmarkzz",
        f"cursor={encode_cursor('2026-01-01T00:00:00Z', 2**70)}",
        "q=" + "zzmarkzz" * 40,
        "view=all",
        "criticality=zzmarkzz",
        "&".join(["status=new"] * 5),
    ],
)
async def test_a_malformed_question_is_refused(stage: Stage, query: str) -> None:
    check(await stage.petrova.send("GET", f"/calls?{query}"), {422})


async def test_a_body_over_the_limit_is_cut_whether_it_says_its_length_or_not(stage: Stage) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1600):
            yield b"zzmarkzz" * 8192

    headers = {"content-type": "application/json"}
    chunked = await stage.petrova.send("POST", "/calls", content=endless(), headers=headers)
    assert check(chunked, {413})["limit_bytes"] == stage.state.settings.max_body_bytes
    declared = await stage.petrova.send(
        "POST", "/calls", content=b"{}", headers={**headers, "content-length": str(100 * 2**20)}
    )
    check(declared, {413})
    check(await stage.nobody.send("POST", "/auth/login", content=endless(), headers=headers), {413})


async def test_a_body_that_is_no_json_is_refused(stage: Stage) -> None:
    for kind in ("text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded"):
        response = await stage.petrova.send(
            "POST", "/calls", content=b'{"reason": "zzmarkzz"}', headers={"content-type": kind}
        )
        check(response, {400, 415, 422})


@pytest.mark.parametrize("value", [b"\x00", b"\xff\xfe", b"k" * 201, "ключ".encode()])
async def test_a_strange_idempotency_key_harms_nothing(stage: Stage, value: bytes) -> None:
    response = await stage.petrova.send(
        "POST",
        "/calls",
        json={"reason": "chest_pain", "address": "x"},
        headers=[
            (b"Idempotency-Key", value),
            (b"X-CSRF-TOKEN", stage.petrova.client.headers["X-CSRF-TOKEN"].encode()),
        ],
    )
    assert response.status_code in {201, 422}


async def test_strange_headers_harm_nothing(stage: Stage) -> None:
    for headers in (
        [(b"Accept-Language", b"\xff;q=zz,en;q=\xfe")],
        [(b"X-Request-ID", b"\xff\x00" * 100)],
        [(b"Authorization", b"Bearer \xff\xfe")],
        [(b"Authorization", b"Bearer " + b"x" * 10_000)],
        [(b"Cookie", b"access_token=\xff; csrf=\x00")],
        [(b"X-Forwarded-For", b"\xff, 1.2.3.4")],
    ):
        response = await stage.nobody.send("GET", "/auth/me", headers=headers)
        assert response.status_code == 401, headers


async def test_what_is_wrong_is_said_in_the_callers_language(stage: Stage) -> None:
    for language, word in (("ru", "Обязательное поле."), ("en-GB,en;q=0.9", "This field is required.")):
        response = await stage.petrova.send(
            "POST", "/calls", json={"reason": "chest_pain"}, headers={"accept-language": language}
        )
        [error] = response.json()["errors"]
        assert (error["loc"], error["message"]) == (["body", "address"], word)
    silent = await stage.nobody.refused(401, "not_signed_in", "GET", "/auth/me")
    assert silent["detail"] == "Войдите в систему."
    english = await stage.nobody.refused(
        401, "not_signed_in", "GET", "/auth/me", headers={"accept-language": "de, en;q=0.5, ru;q=0.4"}
    )
    assert english["detail"] == "Sign in first."


async def test_unknown_addresses_and_methods_are_problems_too(stage: Stage) -> None:
    await stage.petrova.refused(404, "not_found", "GET", "/nothing")
    await stage.petrova.refused(404, "not_found", "GET", "/calls/")
    response = await stage.petrova.send("DELETE", "/calls")
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in response.headers["allow"]


async def test_every_answer_carries_the_security_headers(stage: Stage) -> None:
    for response in (
        await stage.petrova.send("GET", "/calls"),
        await stage.nobody.send("GET", "/calls"),
        await stage.nobody.send("GET", "/nothing"),
        await stage.nobody.send("GET", "https://testserver/health/live"),
    ):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers["referrer-policy"] == "same-origin"
        assert "default-src" in response.headers["content-security-policy"]
        assert response.headers["strict-transport-security"].startswith("max-age=")
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-request-id"]


async def test_a_bug_is_answered_in_words_and_shows_nothing_of_itself(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError(MARK)

    await stage.petrova.take_in()  # the board must be made anew
    monkeypatch.setattr("brigada.calls.repository.board_stamps", fail)
    problem = check(await stage.petrova.send("GET", "/calls", params={"view": "actual"}), {500})
    assert problem["code"] == "internal"
