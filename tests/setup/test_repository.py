"""The working copy says the same thing everywhere: commands, locks, documents."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from brigada import __version__

LOCKS = (
    "requirements-bootstrap.lock",
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-sweep.lock",
)


def pins(repository: Path, lock: str) -> dict[str, str]:
    text = (repository / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE | re.IGNORECASE))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash_and_no_address(repository: Path, lock: str) -> None:
    text = (repository / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) == len(pins(repository, lock))
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "--index" not in text


def test_the_locks_agree_with_each_other(repository: Path) -> None:
    run, dev, sweep, bootstrap = (pins(repository, lock) for lock in LOCKS[1:] + LOCKS[:1])
    assert {name: sweep.get(name) for name in run} == run
    assert {name: dev.get(name) for name in run} == run
    # `make test-long` installs the sweep beside the rest.
    assert all(dev[name] == sweep[name] for name in sweep.keys() & dev.keys())
    for name in bootstrap.keys() & dev.keys():
        assert bootstrap[name] == dev[name]


def test_the_locks_hold_what_the_project_asks_for(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for wanted, lock in (
        (project["dependencies"], "requirements.lock"),
        (project["optional-dependencies"]["dev"], "requirements-dev.lock"),
        (project["optional-dependencies"]["sweep"], "requirements-sweep.lock"),
    ):
        names = {re.split(r"[\[>=<~! ]", requirement)[0].lower() for requirement in wanted}
        assert names <= {name.lower() for name in pins(repository, lock)}


def test_the_version_is_one(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__


def test_make_lists_every_target_that_a_person_uses(repository: Path) -> None:
    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony
    answer = subprocess.run(["make"], cwd=repository, capture_output=True, text=True, check=True)
    for target in phony[1].split():
        assert f"make {target}" in answer.stdout
    for target in ("demo", "run", "test", "test-long", "check", "bench", "migrate", "clean"):
        assert target in phony[1].split()


def test_a_suitable_python_is_found_even_where_python3_is_old(repository: Path, tmp_path: Path) -> None:
    for name in ("python3", "python", "python3.12", "python3.13", "python3.14"):  # shims that exist and fail
        shim = tmp_path / name
        shim.write_text("#!/bin/sh\necho 'version not installed' >&2\nexit 127\n")
        shim.chmod(0o755)
    home = tmp_path / "home" / ".pyenv" / "versions" / "3.12.99" / "bin"
    home.mkdir(parents=True)
    (home / "python3").symlink_to(Path(sys.executable).resolve())
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path / "home")}
    answer = subprocess.run(
        ["sh", "tools/find-python"],
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert Path(answer.stdout.strip()).exists()


def test_a_wrong_python_that_was_named_is_refused_in_one_sentence(repository: Path) -> None:
    answer = subprocess.run(
        ["sh", "tools/find-python"],
        cwd=repository,
        env={"PATH": "/usr/bin:/bin", "PYTHON": "/bin/true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1
    assert "3.12" in answer.stderr


def test_every_command_and_setting_that_the_documents_name_exists(repository: Path) -> None:
    from typer.testing import CliRunner

    from brigada.cli import app
    from brigada.commands import AREAS
    from brigada.settings import Settings

    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    settings = {name.upper() for name in Settings.model_fields} | {"TEST_DATA"}
    listed = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output
    documents = [*repository.glob("*.md"), *(repository / "docs").rglob("*.md")]
    assert documents
    for document in documents:
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"`make ([a-z-]+)", text):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{document.name}: make {target}"
        for command in re.findall(r"`brigada ([a-z]+)", text):
            assert command in AREAS or re.search(rf"\b{command}\b", listed), (
                f"{document.name}: brigada {command}"
            )
        for name in re.findall(r"BRIGADA_([A-Z_]+[A-Z])", text):
            assert name in settings, f"{document.name}: BRIGADA_{name}"


def test_every_file_that_the_documents_link_to_exists(repository: Path) -> None:
    for document in [*repository.glob("*.md"), *(repository / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"
