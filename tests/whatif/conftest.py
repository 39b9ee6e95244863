"""The small past and the town that is made of it, once for all tests."""

import pytest

from brigada.whatif.past import Past
from brigada.whatif.town import Town
from small_past import invented, invented_town


@pytest.fixture(scope="session")
def past() -> Past:
    return invented()


@pytest.fixture(scope="session")
def town(past: Past) -> Town:
    return invented_town(past)
