"""`brigada simulate live`: the living city beside a running service."""

import asyncio
import random
import signal
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brigada.demo.callers import invent_call
from brigada.demo.scene import scene_in_use
from brigada.regions.democity import build_city
from brigada.simulator.live.api import Account, Service
from brigada.simulator.live.city import Cast, City
from brigada.simulator.live.pace import Pace

REPORT_EVERY_S = 30.0
"""Seconds between two lines about the city."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for on the command line."""

    url: str
    ca: Path | None
    password: str
    caller_key: str
    admin: str
    dispatcher: str
    spared: frozenset[str]
    speed: float
    seed: int
    per_day: float
    flat: bool
    minutes: float | None
    dispatch_after_s: float | None
    welcome: int
    data_dir: Path | None
    """Of the service, where it runs on this machine: calls come from the region in use."""


def city_of(wishes: Wishes, service: Service) -> City:
    """Return the city that was asked for."""
    dispatcher = Account(service, wishes.dispatcher, wishes.password)
    caller = Account(service, "112", key=wishes.caller_key) if wishes.caller_key else dispatcher
    town = build_city() if wishes.data_dir is None else scene_in_use(wishes.data_dir)

    def invent(rng: random.Random) -> dict[str, Any]:
        return dict(invent_call(rng, town))

    return City(
        service,
        Cast(
            Account(service, wishes.admin, wishes.password),
            dispatcher,
            caller,
            wishes.password,
            wishes.spared,
        ),
        invent,
        Pace(wishes.speed),
        seed=wishes.seed,
        per_day=wishes.per_day,
        flat=wishes.flat,
        dispatch_after_s=wishes.dispatch_after_s,
        welcome=wishes.welcome,
    )


async def play(wishes: Wishes, say: Callable[[str], None], complain: Callable[[str], None]) -> City:
    """Let the city live for as long as was asked for, or until SIGTERM or Ctrl-C; return it.

    `say` is told how it does, `complain` what went wrong.
    """
    trust = ssl.create_default_context(cafile=wishes.ca) if wishes.ca else None
    service = Service(wishes.url, trust=trust)
    city = city_of(wishes, service)
    city.say = complain
    living = asyncio.ensure_future(city.live(None if wishes.minutes is None else wishes.minutes * 60))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, living.cancel)
    try:
        while not living.done():
            await asyncio.wait({living}, timeout=REPORT_EVERY_S)
            say(line_about(city))
        if not living.cancelled():
            living.result()
    finally:
        await service.close()
    return city


def line_about(city: City) -> str:
    """Return one line that says how the city does."""
    told = ("calls", "assigned", "en_route", "on_scene", "completed", "signal lost")
    figures = ", ".join(f"{name} {city.counts[name]}" for name in told)
    return f"{str(city.elapsed()).split('.')[0]}  crews {city.crews}, {figures}"
