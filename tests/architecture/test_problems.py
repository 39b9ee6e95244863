"""Every refusal has words in both languages and a code of its own, and the documentation declares it."""

import importlib
import pkgutil
import re
import string

import pytest

import brigada
from brigada.errors import Invalid, Problem

OWN = re.compile(r"^[a-z][a-z0-9_]+$")
CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)


def problem_classes() -> list[type[Problem]]:
    for module in pkgutil.walk_packages(brigada.__path__, "brigada."):
        if module.name.rsplit(".", 1)[-1] in {"errors", "settings"} or module.name.endswith(".errors"):
            importlib.import_module(module.name)
    found: list[type[Problem]] = []
    waiting = [Problem]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()
    return sorted(found, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", problem_classes(), ids=lambda kind: kind.__name__)
def test_a_refusal_speaks_both_languages(kind: type[Problem]) -> None:
    assert CYRILLIC.search(kind.ru)
    assert not CYRILLIC.search(kind.en)
    assert kind.ru.endswith(".")
    assert kind.en.endswith(".")
    assert OWN.match(kind.code)
    assert 400 <= kind.status <= 599
    fields = [
        {name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (kind.ru, kind.en)
    ]
    assert fields[0] == fields[1], "both languages name the same data"


def test_every_code_belongs_to_one_refusal() -> None:
    codes: dict[str, str] = {}
    for kind in problem_classes():
        if "code" in vars(kind):
            assert kind.code not in codes, f"{kind.__name__} and {codes[kind.code]}"
            codes[kind.code] = kind.__name__
    assert len(codes) > 20


def test_a_class_of_refusals_without_a_code_of_its_own_is_only_a_shape_of_another() -> None:
    shapes = {kind for kind in problem_classes() if "code" not in vars(kind)}
    assert all(issubclass(kind, Invalid) for kind in shapes), "malformed input alone comes in many shapes"
