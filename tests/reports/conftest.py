"""The API of reports is tried on the stage; its app and these tests share one event loop."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
