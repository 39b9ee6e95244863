"""These tests share one event loop: the app of the stage lives in it."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
