"""Both languages are complete, and every word that the console asks for exists."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import brigada.web

JS = Path(brigada.web.__file__).parent / "static" / "js"
PLURAL_FORMS = {"ru": {"one", "few", "many", "other"}, "en": {"one", "other"}}

type Entry = str | dict[str, str]


def dictionaries(language: str) -> list[dict[str, Entry]]:
    """The dictionaries of a language: one shared, one for each screen that has its own."""
    found = []
    for path in sorted((JS / "i18n").glob(f"{language}*.js")):
        text = path.read_text("utf-8")
        body = text[text.index("= {") + 2 : text.rindex("}") + 1]
        quoted = re.sub(r"([{,] )(one|few|many|other): ", r'\1"\2": ', body)
        found.append(json.loads(re.sub(r",(\s*})$", r"\1", quoted)))
    return found


def words(language: str) -> dict[str, Entry]:
    return {key: entry for dictionary in dictionaries(language) for key, entry in dictionary.items()}


def sources() -> list[Path]:
    return [path for path in JS.rglob("*.js") if path.parent.name != "i18n"]


def values_of(entry: Entry) -> set[str]:
    texts = [entry] if isinstance(entry, str) else list(entry.values())
    return set(re.findall(r"\{(\w+)\}", " ".join(texts)))


def test_russian_and_english_have_the_same_words() -> None:
    assert words("ru").keys() == words("en").keys()


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_word_stands_in_one_dictionary(language: str) -> None:
    keys = [key for dictionary in dictionaries(language) for key in dictionary]
    assert len(keys) == len(set(keys))


def test_a_word_takes_the_same_values_in_both_languages() -> None:
    ru, en = words("ru"), words("en")
    assert [key for key in ru if values_of(ru[key]) - {"n"} != values_of(en[key]) - {"n"}] == []


@pytest.mark.parametrize("language", ["ru", "en"])
def test_no_word_is_empty_and_every_plural_has_its_forms(language: str) -> None:
    for key, entry in words(language).items():
        if isinstance(entry, str):
            assert entry.strip(), key
        else:
            assert entry.keys() == PLURAL_FORMS[language], key


def test_english_words_hold_no_russian_letters() -> None:
    exceptions = {"language.ru", "car.numberHint"}
    russian = [
        key
        for key, entry in words("en").items()
        if re.search("[а-яё]", json.dumps(entry, ensure_ascii=False), re.IGNORECASE) and key not in exceptions
    ]
    assert russian == []


def test_every_word_that_the_console_asks_for_exists() -> None:
    known = words("ru")
    missing = {
        key
        for path in sources()
        for key in re.findall(r'\bt\("([^"]+)"', path.read_text("utf-8"))
        if key not in known
    }
    assert missing == set()


def test_every_group_of_words_that_is_asked_for_by_a_code_exists() -> None:
    groups = {
        group
        for path in sources()
        for group in re.findall(r"\bt(?:Or)?\(`([a-zA-Z]+(?:\.[a-z]+)*)\.\$\{", path.read_text("utf-8"))
    }
    known = words("ru")
    assert groups
    assert [group for group in groups if not any(key.startswith(f"{group}.") for key in known)] == []


def test_no_text_of_a_screen_stands_outside_the_dictionaries() -> None:
    allowed = {"Русский", "Ая", "Сб"}
    outside = []
    for path in sources():
        text = re.sub(r"/\*.*?\*/|^\s*//.*$", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
        found = set(re.findall(r"[А-Яа-яЁё]{2,}", text)) - allowed
        if found and path.name != "command-words.js":
            outside.append((path.name, found))
    assert outside == []


def test_every_kind_of_event_has_words_in_the_journal() -> None:
    package = Path(brigada.web.__file__).parents[1]
    kinds = {
        kind
        for path in package.rglob("*.py")
        for kind in re.findall(r'\bkind="([a-z_]+\.[a-z_]+)"', path.read_text("utf-8"))
    }
    known = words("ru")
    assert kinds
    assert [kind for kind in sorted(kinds) if f"event.{kind}" not in known] == []
