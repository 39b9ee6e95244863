"""`brigada user add`: the first administrator of a real service comes from the command line."""

import asyncio
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from brigada.cli import app
from stage import API, running_app, settings_for_tests

PASSWORD = "длинный пароль 7"


@pytest.fixture(autouse=True)
def service(monkeypatch: pytest.MonkeyPatch, database_url: str, redis_url: str, tmp_path: Path) -> None:
    """The command finds its service as in life, by the environment."""
    monkeypatch.chdir(tmp_path)  # no .env of this working copy
    for name, value in {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "MODE": "test"}.items():
        monkeypatch.setenv(f"BRIGADA_{name}", value)


def add(login: str, password: str = PASSWORD, *more: str) -> Result:
    names = ["--surname", "Орлова", "--name", "Вера"]
    return CliRunner().invoke(app, ["user", "add", login, *names, "--password", password, *more])


def refused(result: Result) -> str:
    """The one sentence of a command that could not do its work."""
    assert result.exit_code == 2, result.output
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.output
    assert "Traceback" not in result.output
    return lines[0]


def test_the_first_administrator_of_an_empty_service_can_sign_in(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    added = add("orlova")
    assert added.exit_code == 0, added.output
    assert "Added: orlova (admin)" in added.output
    assert PASSWORD not in added.output

    async def sign_in() -> tuple[int, dict[str, object]]:
        settings = settings_for_tests(database_url, redis_url, data_dir=tmp_path)
        async with running_app(settings) as service:
            transport = httpx.ASGITransport(app=service)
            async with httpx.AsyncClient(transport=transport, base_url=API) as client:
                body = {"login": "orlova", "password": PASSWORD}
                answer = await client.post(f"{API}/auth/login", json=body)
                me = await client.get(f"{API}/auth/me")
                return answer.status_code, me.json()

    status, me = asyncio.run(sign_in())
    assert (status, me["role"], me["surname"]) == (200, "admin", "Орлова")
    listed = CliRunner().invoke(app, ["user", "list"])
    assert "orlova" in listed.output


def test_every_account_is_listed_with_its_whole_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("brigada.users.commands.AT_ONCE", 2)
    monkeypatch.setenv("COLUMNS", "40")
    logins = [f"worker-with-a-long-login-{number}" for number in range(5)]
    for login in logins:
        assert add(login, PASSWORD, "--role", "worker").exit_code == 0
    listed = CliRunner().invoke(app, ["user", "list"]).output
    assert [login for login in logins if login not in listed] == []


def test_a_taken_login_is_refused_in_one_sentence_whatever_its_case() -> None:
    assert add("orlova").exit_code == 0
    for login in ("orlova", "ORLOVA"):
        assert f"The login {login} is taken" in refused(add(login))


def test_a_weak_password_and_an_unknown_role_are_refused_in_one_sentence_without_the_password() -> None:
    sentence = refused(add("orlova", "кротко7"))
    assert "password" in sentence
    assert "8" in sentence
    assert "кротко7" not in sentence
    assert "role" in refused(add("orlova", PASSWORD, "--role", "chief"))
    assert add("orlova").exit_code == 0  # none of them left anything behind
