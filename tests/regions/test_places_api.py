"""Addresses, the map and the region through the API, over the imported demo city."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from brigada.app import create_app
from brigada.auth.models import User
from brigada.auth.passwords import Passwords
from brigada.regions.store import Installed
from brigada.settings import load_settings
from brigada.state import State

PASSWORD = "Zvezda-na-nebe-19"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def app_state(
    region: Installed, shared_database_url: str, redis_url: str, tmp_path: Path
) -> AsyncIterator[tuple[httpx.AsyncClient, State]]:
    """The service on the demo city, and a dispatcher who has signed in."""
    data = region.folder.parents[2]
    settings = load_settings(
        _env_file=None, mode="test", data_dir=data, database_url=shared_database_url, redis_url=redis_url
    )
    app = create_app(settings)
    state: State = app.state.brigada
    async with app.router.lifespan_context(app):
        passwords = Passwords()
        async with state.unit_of_work() as uow:
            login = f"d{datetime.now(UTC).timestamp():.6f}".replace(".", "")[:20]
            uow.session.add(
                User(
                    login=login,
                    password_hash=await passwords.hash(PASSWORD),
                    role="dispatcher",
                    name="Анна",
                    surname="Иванова",
                )
            )
            await uow.commit()
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="https://testserver") as client:
            answer = await client.post("/api/v1/auth/login", json={"login": login, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            client.headers["X-CSRF-TOKEN"] = client.cookies["csrf_access_token"]
            yield client, state


async def test_an_address_is_found_as_it_is_typed(app_state: tuple[httpx.AsyncClient, State]) -> None:
    client, _ = app_state
    answer = await client.get("/api/v1/geocode", params={"q": "пр мира 7"})
    assert answer.status_code == 200
    first = answer.json()["items"][0]
    assert (first["kind"], first["label"]) == ("house", "проспект Мира, 7")
    assert first["confidence"] > 0.9
