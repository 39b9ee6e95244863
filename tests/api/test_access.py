"""The permission matrix: every route × every kind of caller, against the committed table."""

import re

import pytest

from access_model import ACCESS, PUBLIC
from brigada.auth.permissions import ROLE_PERMISSIONS, TOKEN_SCOPES
from stage import Caller, Stage

pytestmark = pytest.mark.anyio

CALLERS = ("anonymous", *ROLE_PERMISSIONS, *TOKEN_SCOPES)


async def who(stage: Stage, kind: str) -> Caller:
    people = {
        "anonymous": stage.nobody,
        "admin": stage.admin,
        "dispatcher": stage.petrova,
        "worker": stage.crew12.worker,
    }
    return people[kind] if kind in people else await stage.outside_system(kind)


def address(path: str) -> str:
    """Fill in the numbers of things that are not there."""
    path = path.replace("{session_id}", "00000000-0000-0000-0000-000000000000").replace(
        "{code}", "nothing_at_all"
    )
    path = path.replace("{z}/{x}/{y}", "1/0/0")
    return re.sub(r"\{\w+\}", "999999", path)


@pytest.mark.parametrize("kind", CALLERS)
async def test_the_api_lets_in_exactly_those_whom_the_table_names(stage: Stage, kind: str) -> None:
    caller = await who(stage, kind)
    for name, allowed in ACCESS.items():
        method, path = name.split(" ", 1)
        if method == "WS" or allowed == PUBLIC:
            continue
        response = await caller.send(method, address(path))
        if kind == "anonymous":
            assert response.status_code == 401, f"{name}: {response.text}"
            assert response.json()["code"] == "not_signed_in"
        elif kind in allowed.split():
            assert response.status_code not in {401, 403}, f"{kind} {name}: {response.text}"
            assert response.status_code < 500 or response.json()["code"] != "internal", f"{kind} {name}"
        else:
            assert response.status_code == 403, f"{kind} {name}: {response.status_code} {response.text}"
            assert response.json()["code"] == "forbidden"


async def test_a_key_of_an_outside_system_opens_no_socket_and_no_account(stage: Stage) -> None:
    system = await stage.outside_system(*TOKEN_SCOPES)
    await system.refused(403, "forbidden", "GET", "/auth/me")
    await system.refused(403, "forbidden", "GET", "/snapshot")
