"""The API of reports is tried on the stage; its app and these tests share one event loop."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "reports" in item.path.parts and getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.drawn)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
