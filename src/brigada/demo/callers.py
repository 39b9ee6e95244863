"""Calls that the demo town's people make: where, why, who, how urgent."""

import random

from brigada.demo.people import invent, invent_phone
from brigada.demo.rhythm import REASON_WEIGHTS, invent_age
from brigada.demo.scene import Scene


def invent_call(rng: random.Random, city: Scene) -> dict[str, object]:
    """Return a new call as the API takes it."""
    address = rng.choice(city.addresses)
    reason = rng.choices(list(REASON_WEIGHTS), list(REASON_WEIGHTS.values()))[0]
    patient = invent(rng)
    tall = rng.random() < 0.7
    return {
        "reason": reason,
        "address": address.text,
        "address_details": {
            "entrance": str(rng.randrange(1, 6)) if tall else "",
            "floor": str(rng.randrange(1, 10)) if tall else "",
            "flat": str(rng.randrange(1, 180)) if tall else "",
            "district": address.district,
        },
        "location": {"lat": address.point.lat, "lon": address.point.lon},
        "caller_phone": invent_phone(rng),
        "patient": {
            "surname": patient.surname,
            "name": patient.name,
            "patronym": patient.patronym,
            "sex": patient.sex,
            "age": invent_age(rng, reason),
        },
    }
