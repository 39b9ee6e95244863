"""Loaded before every other file of the tests: what they share says what differs, as the tests themselves do."""

import pytest

pytest.register_assert_rewrite(
    "access_model", "browser", "geocoder_judge", "listening", "live", "play", "screens", "stage"
)
