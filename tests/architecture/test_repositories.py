"""Which areas ask the repositories of others: a listed few, each below the one that asks."""

import ast
from pathlib import Path

ALLOWED = {
    # One command locks in one order what it changes together.
    "dispatch": {"assignments", "calls", "cars", "stations", "teams"},
    "teams": {"assignments", "cars", "stations"},
    "cars": {"stations"},
    "users": {"auth"},
    # A call is shown with its assignments, a position with its team.
    "calls": {"assignments", "teams"},
    "positions": {"teams"},
    # One picture of many areas.
    "realtime": {"attention", "calls", "notifications", "positions", "stations", "teams"},
    "replay": {"calls", "journal", "teams"},
    "reports": {"calls", "teams"},
    # What is old is forgotten everywhere by one rule.
    "retention": {"auth", "notifications"},
}


def asked_by(file: Path, package: Path) -> set[tuple[str, str]]:
    """(the area of this file, an area whose repository it imports)."""
    area = file.relative_to(package).with_suffix("").parts[0]
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        words = node.module.split(".")
        if words[0] == "brigada" and len(words) > 1 and words[1] != area:
            names = {name.name for name in node.names}
            if "repository" in words[2:] or "repository" in names:
                found.add((area, words[1]))
    return found


def test_repositories_are_asked_by_the_areas_that_the_decision_names(repository: Path) -> None:
    package = repository / "src" / "brigada"
    pairs = set().union(*(asked_by(file, package) for file in package.rglob("*.py")))
    assert pairs == {(area, other) for area, others in ALLOWED.items() for other in others}
