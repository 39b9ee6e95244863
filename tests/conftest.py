"""Fixtures of every test: one PostgreSQL and one Redis a worker, started when first needed."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
