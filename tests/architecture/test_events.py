"""The log holds only kinds that the table of kinds explains, told to nobody else."""

import re
from pathlib import Path

import pytest

from brigada.events.kinds import KINDS, WrongEventError, check
from brigada.events.log import Event
from brigada.notifications.rules import _TABLE

SOURCES = Path(__file__).resolve().parents[2] / "src" / "brigada"
ENTITIES = {kind.split(".")[0] for kind in KINDS}
WORD = re.compile(rf'"((?:{"|".join(sorted(ENTITIES))})\.[a-z_]+)"')

RECORDED = re.compile(r'Event\(\s*kind="([a-z_]+\.[a-z_]+)"')


def named_in_sources() -> set[str]:
    """Every word of the sources that looks like a kind of event."""
    found = set()
    for path in SOURCES.rglob("*.py"):
        if path.name not in {"kinds.py", "permissions.py"} and "regions" not in path.parts:
            text = path.read_text(encoding="utf-8")
            found |= set(WORD.findall(text)) | set(RECORDED.findall(text))
    return found


def test_every_kind_that_the_sources_name_is_in_the_table() -> None:
    assert named_in_sources() <= set(KINDS)


def test_every_kind_of_the_table_is_recorded_somewhere() -> None:
    """Kinds that are put together from words (`f"{word}.created"`) are found by their words."""
    text = "\n".join(
        path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py") if path.name != "kinds.py"
    )
    made = {
        f"{word}.{verb}" for word in ("station", "hospital") for verb in ("created", "updated", "deleted")
    }
    made |= {f"assignment.{ending}" for ending in ("declined", "cancelled", "diverted", "troubled")}
    assert 'f"{_word(model)}.created"' in text
    assert 'f"assignment.{ending}"' in text
    assert set(KINDS) - named_in_sources() <= made


def test_a_kind_says_what_it_means_in_one_sentence() -> None:
    assert all(kind.meaning[0].isupper() and kind.meaning.endswith(".") for kind in KINDS.values())


def test_notifications_are_made_of_known_kinds() -> None:
    assert set(_TABLE) <= set(KINDS)


@pytest.mark.parametrize(
    "event",
    [
        Event(kind="call.imagined", data={}),
        Event(kind="user.created", data={}, roles=("worker",)),
        Event(kind="car.created", data={}, team_ids=(1,)),
        Event(kind="call.created", data={}, user_ids=(1,)),
    ],
    ids=["unknown", "role", "crew", "person"],
)
def test_an_event_of_an_unknown_kind_or_for_other_ears_never_enters_the_log(event: Event) -> None:
    with pytest.raises(WrongEventError):
        check(event)
