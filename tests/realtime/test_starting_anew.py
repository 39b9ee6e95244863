"""A client that says nonsense of where it stands is told to start anew, like one whose number is merely unknown."""

import pytest

from listening import listening
from stage import Stage

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "NaN", "", "9" * 20, "%00"])
async def test_a_number_that_is_none_is_as_unknown_as_one_not_given_yet(stage: Stage, after: str) -> None:
    async with listening(stage, stage.petrova, f"after={after}") as socket:
        assert (await socket.has("resync"))["reason"] == "unknown"
        await stage.petrova.take_in()
        await socket.has("call.created")
