"""Settings come from the environment, and unsafe ones do not start a real service."""

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from brigada.settings import Settings, SettingsError, kept_secret, load_settings

GOOD_KEY = "fJ3k9Zq7Lw2Xc8Vb5Nm1Qp4Rt6Yu0Io-as_DfGh"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in [name for name in os.environ if name.upper().startswith("BRIGADA_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_a_fresh_machine_needs_no_setting_at_all() -> None:
    settings = load_settings()
    assert settings.port == 8443
    assert settings.embedded_database
    assert settings.embedded_redis
    assert settings.tls


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BRIGADA_PORT=9001\nBRIGADA_WORKERS=3\n")
    monkeypatch.setenv("BRIGADA_PORT", "9002")
    settings = load_settings()
    assert (settings.port, settings.workers) == (9002, 3)


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIGADA_TRUSTED_PROXIES", "10.0.0.0/24, 192.0.2.1")
    assert load_settings().trusted_proxies == ("10.0.0.0/24", "192.0.2.1")


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"port": 40000}, "BRIGADA_PORT"),
        ({"time_zone": "Europe/Moskva"}, "BRIGADA_TIME_ZONE"),
        ({"tls_cert": Path("a.pem")}, "BRIGADA_TLS_KEY"),
        ({"secret_key": "short"}, "BRIGADA_SECRET_KEY"),
        ({"secret_key": "a" * 64}, "BRIGADA_SECRET_KEY"),
        ({"secret_key": GOOD_KEY + "change-me"}, "BRIGADA_SECRET_KEY"),
        ({"database_url": "postgresql://b:long-random@db/b"}, "BRIGADA_SECRET_KEY"),
        ({"database_url": "postgresql://b:postgres@db/b", "secret_key": GOOD_KEY}, "BRIGADA_DATABASE_URL"),
        ({"database_url": "mysql://db/b"}, "BRIGADA_DATABASE_URL"),
        ({"redis_url": "localhost:6379"}, "BRIGADA_REDIS_URL"),
        ({"tls": False}, "BRIGADA_TLS"),
        ({"trusted_proxies": "0.0.0.0/0"}, "BRIGADA_TRUSTED_PROXIES"),
        ({"trusted_proxies": "proxy"}, "BRIGADA_TRUSTED_PROXIES"),
        ({"public_origins": "http://dispatch.example.ru"}, "https"),
        ({"public_origins": "dispatch.example.ru"}, "BRIGADA_PUBLIC_ORIGINS"),
        ({"refresh_roaming_roles": "driver"}, "BRIGADA_REFRESH_ROAMING_ROLES"),
    ],
)
def test_an_unusable_value_is_refused_and_named(overrides: dict[str, object], named: str) -> None:
    with pytest.raises(SettingsError, match=named) as refusal:
        load_settings(**overrides)
    assert "\n" not in str(refusal.value)
    assert "long-random" not in str(refusal.value)


def test_a_demo_is_judged_leniently() -> None:
    assert load_settings(mode="demo", secret_key="short").mode == "demo"


def test_secrets_do_not_appear_in_a_printed_settings_object() -> None:
    settings = load_settings(
        secret_key=GOOD_KEY, database_url="postgresql://b:hidden-word@db/b", demo_password="hidden-word"
    )
    assert GOOD_KEY not in repr(settings)
    assert "hidden-word" not in repr(settings)


def test_settings_do_not_change_after_the_start() -> None:
    settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]  # the assignment is what must fail


def test_the_kept_key_is_made_once_and_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    first = load_settings(data_dir=tmp_path / "var").signing_key()
    assert len(first) >= 32
    assert load_settings(data_dir=tmp_path / "var").signing_key() == first
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600


def test_processes_that_start_together_agree_on_the_kept_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        values = set(pool.map(lambda _: kept_secret(tmp_path / "key", 48), range(64)))
    assert len(values) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_damaged_key_is_said_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("")
    with pytest.raises(SettingsError, match="damaged"):
        kept_secret(tmp_path / "key", 48)


def test_every_setting_changes_something(repository: Path) -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for path in (repository / "src").rglob("*.py")
        if path.name != "settings.py"
    ]
    own = (repository / "src" / "brigada" / "settings.py").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        used = re.compile(rf"\.{name}\b")
        assert any(used.search(text) for text in sources) or used.search(own), name


def test_every_setting_says_what_it_is() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith((".", "...")), name
