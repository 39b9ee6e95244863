"""The demo's service as a newcomer finds it: people, cars, places, teams on shift, the three accounts."""

import asyncio
from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from brigada.auth.passwords import Passwords
from brigada.demo.seed import seed
from stage import settings_for_tests

PASSWORD = "пароль демо 7"
COUNTS = {
    "workers": "FROM users WHERE role = 'worker'",
    "cars": "FROM cars",
    "stations": "FROM stations",
    "hospitals": "FROM hospitals",
    "teams on shift": "FROM teams WHERE ended_at IS NULL AND now() BETWEEN shift_start AND shift_end",
    "open calls": "FROM calls WHERE status IN ('new', 'accepted')",
    "past calls": "FROM calls WHERE status NOT IN ('new', 'accepted')",
    "past calls without all their time stamps": "FROM assignments WHERE status = 'completed' AND (acknowledged_at"
    " IS NULL OR en_route_at IS NULL OR on_scene_at IS NULL OR completed_at IS NULL)",
    "cars in two teams": "FROM (SELECT car_id FROM teams WHERE ended_at IS NULL GROUP BY 1 HAVING count(*) > 1) AS two",
    "log": "FROM events",
}


async def look(database_url: str) -> tuple[dict[str, int], dict[str, Any], int]:
    """Return the counts, the hashes of the demo's accounts by login, and on how many teams on shift `worker` is."""
    connection = await asyncpg.connect(database_url)
    try:
        counts = {
            name: await connection.fetchval(f"SELECT count(*) {source}") for name, source in COUNTS.items()
        }
        accounts = await connection.fetch(
            "SELECT login, role, password_hash FROM users WHERE active AND login IN ('admin', 'dispatcher', 'worker')"
        )
        teams = await connection.fetchval(
            "SELECT count(*) FROM team_members m JOIN users u ON u.id = m.user_id JOIN teams t ON t.id = m.team_id"
            " WHERE u.login = 'worker' AND m.left_at IS NULL AND t.ended_at IS NULL"
            " AND now() BETWEEN t.shift_start AND t.shift_end"
        )
        return counts, {row["login"]: (row["role"], row["password_hash"]) for row in accounts}, teams
    finally:
        await connection.close()


def test_a_demo_is_a_town_at_work_and_is_filled_once(
    database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The package gives the function its module's name.
    monkeypatch.setattr(import_module("brigada.demo.town"), "HISTORY_CALLS", 300)
    settings = settings_for_tests(database_url, redis_url, data_dir=tmp_path, demo_password=PASSWORD)
    said: list[str] = []
    seed(settings, said.append)
    counts, accounts, teams = asyncio.run(look(database_url))
    past, log = counts.pop("past calls"), counts.pop("log")
    assert counts == {
        "workers": 160, "cars": 60, "stations": 8, "hospitals": 5, "teams on shift": 40, "open calls": 8,
        "past calls without all their time stamps": 0, "cars in two teams": 0,
    }  # fmt: skip
    assert 200 <= past <= 400
    assert log > 0
    assert len(said) == 2
    assert {login: role for login, (role, _) in accounts.items()} == {
        "admin": "admin", "dispatcher": "dispatcher", "worker": "worker",
    }  # fmt: skip
    assert teams == 1

    async def all_may_sign_in(password: str, hashes: dict[str, Any]) -> bool:
        passwords = Passwords()
        try:
            return all([await passwords.check(one, password) for _, one in hashes.values()])
        finally:
            passwords.close()

    assert asyncio.run(all_may_sign_in(PASSWORD, accounts))
    # A second start: nothing is filled twice, the accounts have the password that is printed now.
    other = settings.model_copy(update={"demo_password": type(settings.demo_password)("другой пароль 7")})
    seed(other, said.append)
    again, accounts, teams = asyncio.run(look(database_url))
    assert (again.pop("past calls"), again.pop("log")) == (past, log)
    assert (again, teams) == (counts, 1)
    assert len(said) == 2
    assert asyncio.run(all_may_sign_in("другой пароль 7", accounts))
