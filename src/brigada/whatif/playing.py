"""All plays of one question: today's service and its variants over the same calls and the same luck."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from brigada.simulator.policy.arrivals import Calls, draw_calls
from brigada.simulator.policy.engine import Simulation
from brigada.whatif import measuring
from brigada.whatif.changes import Play, Rules, Variant, apply
from brigada.whatif.past import CRITICALITIES
from brigada.whatif.town import Town, fleet_of

BASE = Variant("")
FIRST_SEED = 1

type Told = Callable[[float], None]
"""Called with the part that is done, 0 to 1, some times a second; what it raises ends the work."""


def play_all(
    town: Town, variants: Sequence[Variant], rules: Rules, *, repeats: int, told: Told | None = None
) -> dict[str, Any]:
    """Play the past as it was and each variant `repeats` times; the comparison as plain data.

    Raises:
        ImpossibleChangeError: a variant names a station that is not there.
    """
    plays = [apply(town, variant, rules) for variant in (BASE, *variants)]
    targets: measuring.Targets = {
        rank: tuple(sorted({play.scenario.demand.norms_s[rank] for play in plays})) for rank in range(3)
    }
    tallies = [measuring.new_tally(town) for _ in plays]
    most = max(plays, key=lambda play: len(play.slots))
    crowd = replace(town.scenario, fleet=fleet_of([*most.slots]))
    total = repeats * len(plays)
    done = 0
    for repeat in range(repeats):
        luck = draw_calls(crowd, FIRST_SEED + repeat, town.past.days + 1)
        for play, tally in zip(plays, tallies, strict=True):
            before = done

            def pulse(part: float, before: int = before) -> None:
                if told is not None:
                    told((before + part) / total)

            calls = calls_of(luck, play)
            outcome = Simulation(play.scenario, play.policy(), calls).run(town.past.days, pulse)
            measuring.add(tally, town, play, outcome, targets)
            done += 1
    return _result(town, plays, tallies, targets, repeats)


def calls_of(luck: Calls, play: Play) -> Calls:
    """The calls of a play with the luck that all plays share: the same call finds the same traffic before a team."""
    origin = play.origin
    return Calls(
        play.at_s,
        luck.criticality[origin],
        luck.zone[origin],
        luck.scene_s[origin],
        luck.transport[origin],
        luck.handover_s[origin],
        luck.noise[origin, : len(play.slots)],
        luck.need[origin],
        luck.hospital[origin],
    )


def _result(
    town: Town,
    plays: Sequence[Play],
    tallies: list[measuring.Tally],
    targets: measuring.Targets,
    repeats: int,
) -> dict[str, Any]:
    past, (base, *others) = town.past, tallies
    return {
        "period": {"from": past.start.isoformat(), "to": past.end.isoformat(), "days": past.days},
        "calls": int(town.counted.sum()),
        "left_out": past.left_out,
        "repeats": repeats,
        "approximate": town.approximate,
        "fit": {
            "triage_s": town.fit.triage_s, "turnout_s": town.fit.turnout_s, "travel": town.fit.travel,
            "sigma": town.fit.sigma, "trips": town.fit.trips,
        },
        "targets": {name: list(targets[rank]) for rank, name in enumerate(CRITICALITIES)},
        "fact": measuring.fact(town, targets),
        "base": measuring.summary(base, None, town, plays[0]),
        "variants": [
            {"name": play.name, **measuring.summary(tally, base, town, play), "posts": _posts(town, play)}
            for play, tally in zip(plays[1:], others, strict=True)
        ],
        "stations": _posts(town, plays[0]),
        "cells": measuring.cells(town, base, others),
    }  # fmt: skip


def _posts(town: Town, play: Play) -> list[dict[str, Any]]:
    """The posts of a play with the hours of shifts that they have in a day."""
    days = town.past.days
    found = []
    for number, post in enumerate(play.posts):
        row = town.posts[post]
        hours = measuring.team_hours([slot.duty for slot in play.slots if slot.station == number], days)
        found.append(
            {"id": row.id if row.id > 0 else None, "name": row.name, "lat": row.lat, "lon": row.lon,
             "team_h": hours if np.isfinite(hours) else None}
        )  # fmt: skip
    return found
