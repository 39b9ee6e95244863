"""Which recent calls may be about the same thing: pure judgement of candidates."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from brigada.kit.geo import Point, haversine_m
from brigada.kit.text import fold

RADIUS_M = 300.0
"""Callers name places within a few houses of each other; 300 m is a block."""
WINDOW = timedelta(hours=2)
"""Later calls to one address are a new turn of events, not the same call."""
THRESHOLD = 0.35


@dataclass(frozen=True, slots=True)
class Facts:
    """What two calls are compared by."""

    address: str
    place: Point | None
    phone: str
    reason: str
    received_at: datetime


def likeness(new: Facts, old: Facts) -> tuple[float, list[str]]:
    """Return how alike two calls are, from 0 to 1, and the reasons as machine words."""
    score, reasons = 0.0, []
    if new.phone and _digits(new.phone) == _digits(old.phone):
        score += 0.5
        reasons.append("phone")
    if new.place and old.place:
        distance = haversine_m(new.place, old.place)
        if distance <= RADIUS_M:
            score += 0.45 * (1 - distance / RADIUS_M) + 0.1
            reasons.append("place")
    if new.address and fold(new.address) == fold(old.address):
        score += 0.5
        reasons.append("address")
    if reasons and new.reason and fold(new.reason) == fold(old.reason):
        score += 0.15
        reasons.append("reason")
    if reasons and abs(new.received_at - old.received_at) <= timedelta(minutes=15):
        score += 0.1
        reasons.append("time")
    return min(score, 1.0), reasons


def _digits(phone: str) -> str:
    digits = "".join(letter for letter in phone if letter.isdigit())
    return digits[-10:]
