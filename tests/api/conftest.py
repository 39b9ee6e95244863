"""These tests share one event loop: the app of the stage lives in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from advice_town import Town, open_town


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def town(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(database_url, redis_url, tmp_path) as town:
        yield town
