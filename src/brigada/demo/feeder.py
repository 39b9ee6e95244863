"""Brings new calls into a running demo through the public API, with a key of its own: `python -m brigada.demo.feeder`.

It is an outside system like any other, a 112 centre in small: nothing here touches the database.
"""

import argparse
import os
import random
import ssl
import time
from pathlib import Path
from uuid import uuid4

import httpx

from brigada.demo.key import KEY_VARIABLE
from brigada.demo.people import invent, invent_phone
from brigada.demo.rhythm import REASON_WEIGHTS, invent_age
from brigada.regions.democity import City, build_city

ENOUGH_OPEN = 25
"""With so many calls open nobody is dispatching: the feeder waits instead of burying the board."""


def invent_call(rng: random.Random, city: City) -> dict[str, object]:
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


def feed(client: httpx.Client, rng: random.Random, *, mean_s: float) -> None:
    """Post calls for ever, `mean_s` seconds apart on average; an answer that got lost is asked for again."""
    city = build_city()
    while True:
        time.sleep(rng.expovariate(1 / mean_s))
        call, key = invent_call(rng, city), uuid4().hex
        try:
            board = client.get("/calls", params={"view": "actual"})
            if board.is_success and len(board.json()["items"]) < ENOUGH_OPEN:
                client.post("/calls", json=call, headers={"Idempotency-Key": key}).raise_for_status()
        except httpx.HTTPError:
            continue  # the service is starting or restarting; the next call comes soon


def main() -> None:
    parser = argparse.ArgumentParser(prog="brigada.demo.feeder")
    parser.add_argument("--url", required=True, help="address of the service")
    parser.add_argument("--ca", type=Path, help="certificate to trust")
    parser.add_argument("--mean", type=float, default=20.0, help="seconds between calls, on average")
    arguments = parser.parse_args()
    trust: ssl.SSLContext | bool = ssl.create_default_context(cafile=arguments.ca) if arguments.ca else True
    headers = {"Authorization": f"Bearer {os.environ[KEY_VARIABLE]}"}
    with httpx.Client(
        base_url=f"{arguments.url}/api/v1", verify=trust, headers=headers, timeout=10
    ) as client:
        feed(client, random.Random(), mean_s=arguments.mean)  # noqa: S311 -- invented data


if __name__ == "__main__":
    main()
