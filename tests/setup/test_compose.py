"""compose.yaml, Dockerfile and proxy name only what exists: checked without a Docker engine."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from brigada.cli import app
from brigada.settings import Settings, load_settings

COMPOSE_ONLY = {"DATABASE_PASSWORD", "SITE_ADDRESS"}
GOOD = {
    "DATABASE_PASSWORD": "fJ3k9Zq7Lw2Xc8Vb5Nm1",
    "BRIGADA_SECRET_KEY": "fJ3k9Zq7Lw2Xc8Vb5Nm1Qp4Rt6Yu0Io-as_DfGh",
}


@pytest.fixture(scope="module")
def compose_text(repository: Path) -> str:
    return (repository / "compose.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose(compose_text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(compose_text)
    return loaded


@pytest.fixture(scope="module")
def dockerfile(repository: Path) -> list[tuple[str, str]]:
    """Each instruction with its arguments, continued lines joined."""
    text = (repository / "Dockerfile").read_text(encoding="utf-8")
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in joined.splitlines() if line.strip()]


def filled(text: str, **more: str) -> str:
    """The text with its variables replaced, as compose does it."""

    given = GOOD | more

    def value(match: re.Match[str]) -> str:
        name, default = match[1], match[3] if match[2] == ":-" else None
        return given.get(name, default if default is not None else "MISSING")

    while (
        inner := re.sub(r"\$\{(\w+)(:[-?])?([^${}]*)\}", value, text)
    ) != text:  # a default may name another one
        text = inner
    return text


def test_the_service_has_its_four_parts(compose: dict[str, Any]) -> None:
    assert {"database", "cache", "api", "proxy"} <= set(compose["services"])
    assert compose["services"]["api"]["deploy"]["replicas"] >= 2
    assert compose["services"]["database"]["image"].startswith("postgres:16")


def test_every_variable_is_a_setting_and_is_documented(compose_text: str, repository: Path) -> None:
    example = (repository / ".env.example").read_text(encoding="utf-8")
    known = {f"BRIGADA_{name.upper()}" for name in Settings.model_fields} | COMPOSE_ONLY
    used = set(re.findall(r"\$\{(\w+)", compose_text))
    assert used <= known
    for name in used:
        assert re.search(rf"^#?{name}=", example, re.MULTILINE), name


def test_the_environment_of_the_api_is_one_that_it_accepts_in_production(
    compose: dict[str, Any],
    dockerfile: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    image = dict(
        pair.split("=", 1) for kind, rest in dockerfile if kind == "ENV" for pair in shlex.split(rest)
    )
    environment = {name: value for name, value in image.items() if name.startswith("BRIGADA_")} | {
        name: filled(str(value)) for name, value in compose["services"]["api"]["environment"].items()
    }
    assert "MISSING" not in "".join(environment.values())
    for name, value in environment.items():
        assert name.removeprefix("BRIGADA_").lower() in Settings.model_fields
        monkeypatch.setenv(name, value)
    settings = load_settings(_env_file=None)
    assert settings.mode == "production"
    assert settings.database_url.get_secret_value().endswith(f"@database:{5432}/brigada")
    assert settings.redis_url.get_secret_value() == "redis://cache:6379/0"
    subnet = compose["networks"]["inside"]["ipam"]["config"][0]["subnet"]
    assert settings.trusted_proxies == (subnet,)


def test_every_dependency_and_volume_and_network_is_declared(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for other, condition in (service.get("depends_on") or {}).items():
            assert other in compose["services"], name
            if condition["condition"] == "service_healthy":
                checked = compose["services"][other]
                assert "healthcheck" in checked or "build" in checked, other
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source.startswith("./") or source in compose["volumes"], volume
        assert set(service["networks"]) <= set(compose["networks"])


def test_every_file_that_is_mounted_or_copied_exists(
    compose: dict[str, Any], dockerfile: list[tuple[str, str]], repository: Path
) -> None:
    mounted = [
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
        if volume.startswith("./")
    ]
    copied = [
        source
        for kind, rest in dockerfile
        if kind == "COPY" and "--from=" not in rest
        for source in rest.split()[:-1]
    ]
    assert mounted
    assert copied
    for path in (*mounted, *copied):
        assert (repository / path).exists(), path


def test_the_image_gets_what_it_copies_and_nothing_secret(
    dockerfile: list[tuple[str, str]], repository: Path
) -> None:
    ignore = (repository / ".dockerignore").read_text(encoding="utf-8").split()
    assert "*" in ignore
    allowed = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    for kind, rest in dockerfile:
        if kind == "COPY" and "--from=" not in rest:
            assert {Path(source).parts[0] for source in rest.split()[:-1]} <= allowed


def test_every_command_of_brigada_exists(compose: dict[str, Any], dockerfile: list[tuple[str, str]]) -> None:
    commands = [service["command"] for service in compose["services"].values() if "command" in service]
    for kind, rest in dockerfile:
        if kind in {"CMD", "HEALTHCHECK"}:
            commands.append(re.findall(r'"([^"]+)"', rest))
    ours = [command for command in commands if command[0] == "brigada"]
    assert len(ours) >= 3
    for command in ours:
        assert CliRunner().invoke(app, [*command[1:], "--help"]).exit_code == 0, command


def test_the_image_runs_without_privileges(
    dockerfile: list[tuple[str, str]], compose: dict[str, Any]
) -> None:
    assert [rest for kind, rest in dockerfile if kind == "USER"] == ["brigada"]
    assert dockerfile[-1] == ("CMD", '["brigada", "serve"]')
    api = compose["services"]["api"]
    assert api["read_only"]
    assert api["cap_drop"] == ["ALL"]


def test_the_images_python_is_one_that_the_package_takes(
    dockerfile: list[tuple[str, str]], repository: Path
) -> None:
    wanted = (repository / ".python-version").read_text(encoding="utf-8").strip()
    for kind, rest in dockerfile:
        if kind == "FROM":
            assert rest.startswith(f"python:{wanted}-"), rest


def test_the_proxy_reaches_the_port_that_the_api_opens(
    compose: dict[str, Any], dockerfile: list[tuple[str, str]], repository: Path
) -> None:
    caddy = (repository / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    name, port = re.search(r"dynamic a (\w+) (\d+)", caddy).groups()  # type: ignore[union-attr]  # fails if absent
    assert name in compose["services"]
    assert ("EXPOSE", port) in dockerfile
    assert caddy.count("{") == caddy.count("}")
    for variable in re.findall(r"\{\$(\w+)", caddy):
        assert variable in compose["services"]["proxy"]["environment"]


@pytest.mark.parametrize("port", ["8443", "9443"])
def test_at_another_port_browsers_proxy_and_sockets_agree_on_the_address(
    compose: dict[str, Any], port: str
) -> None:
    def of(text: str) -> str:
        return filled(text, **({} if port == "8443" else {"BRIGADA_PORT": port}))

    proxy = compose["services"]["proxy"]
    assert of(proxy["environment"]["SITE_ADDRESS"]) == f"https://localhost:{port}"
    assert [of(published) for published in proxy["ports"]] == [f"{port}:{port}"]
    origins = compose["services"]["api"]["environment"]["BRIGADA_PUBLIC_ORIGINS"]
    assert of(origins) == f"https://localhost:{port}"


def test_a_public_name_is_served_at_the_port_that_is_open(compose: dict[str, Any]) -> None:
    name = "https://103.example.ru"
    settings = {"SITE_ADDRESS": name, "BRIGADA_PUBLIC_ORIGINS": name, "BRIGADA_PORT": "443"}
    proxy = compose["services"]["proxy"]
    assert filled(proxy["environment"]["SITE_ADDRESS"], **settings) == name
    assert [filled(published, **settings) for published in proxy["ports"]] == ["443:443"]


def test_no_secret_has_a_default(compose_text: str) -> None:
    for name in GOOD:
        assert re.search(rf"\$\{{{name}:\?", compose_text), name
        assert f"{name}:-" not in compose_text
