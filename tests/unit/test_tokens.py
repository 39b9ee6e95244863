"""A token that was read once is known again: by its whole text only, in its own kind, until its time is over."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from brigada.auth.errors import SessionEnded, TokenExpired
from brigada.auth.tokens import Claims, Tokens

CLAIMS = Claims(session_id="0b0e7d1e-0000-4000-8000-000000000000", csrf="word", serial=3)
LIFE = timedelta(minutes=15)


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(b"s" * 64, access_life=LIFE, refresh_life=2 * LIFE)


def test_a_known_token_expires_all_the_same(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    token = tokens.make("access", CLAIMS, now)
    assert tokens.read("access", token) == tokens.read("access", token) == CLAIMS
    monkeypatch.setattr(time, "time", lambda: (now + LIFE + timedelta(seconds=1)).timestamp())
    with pytest.raises(TokenExpired):
        tokens.read("access", token)


def test_a_known_token_is_of_one_kind(tokens: Tokens) -> None:
    token = tokens.make("refresh", CLAIMS, datetime.now(UTC))
    assert tokens.read("refresh", token) == CLAIMS
    with pytest.raises(SessionEnded):
        tokens.read("access", token)


def test_a_token_changed_in_one_sign_or_made_elsewhere_is_none_of_ours(tokens: Tokens) -> None:
    token = tokens.make("access", CLAIMS, datetime.now(UTC))
    assert tokens.read("access", token) == CLAIMS
    body, _, signature = token.rpartition(".")
    changed = ("B" if signature[0] == "A" else "A") + signature[1:]
    elsewhere = Tokens(b"t" * 64, access_life=LIFE, refresh_life=LIFE).make(
        "access", CLAIMS, datetime.now(UTC)
    )
    for other in (f"{body}.{changed}", f"{body}.", body, elsewhere, "", "..", "ы.ы.ы"):
        with pytest.raises(SessionEnded):
            tokens.read("access", other)
