"""What reports can be filtered by: the names that occur in the facts."""

from typing import Any

from brigada.errors import Language
from brigada.reports import words
from brigada.reports.facts import Names
from brigada.reports.figures.common import natural
from brigada.reports.tables import say


def options_of(names: Names, language: Language, *, people: bool) -> dict[str, Any]:
    """Return the choices of each filter, in the order in which people look for them."""

    def listed(pairs: list[tuple[object, str]]) -> list[dict[str, str]]:
        ordered = sorted(pairs, key=lambda pair: (natural(pair[1].lower()), str(pair[0])))
        return [{"value": str(value), "title": title} for value, title in ordered]

    sets = sorted({norm.norm_set for norm in names.all_norms})
    return {
        "norm_sets": [
            {"value": name, "title": say(words.NORM_SET.get(name, (name, name)), language)} for name in sets
        ],
        "stations": listed(list(names.stations.items())),
        "districts": listed([(name, name) for name in set(names.districts.values()) if name]),
        "teams": listed([(name, name) for name in {team.name for team in names.teams.values()}]),
        "reasons": listed([(code, say((ru, en), language)) for code, ru, en in names.reasons.values()]),
        "dispatchers": listed([(i, names.users[i]) for i in names.dispatchers if i in names.users])
        if people
        else [],
    }
