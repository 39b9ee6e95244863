"""Whatever people press, in whatever order: what must always be true stays true."""

import pytest

from play import Play
from stage import Stage

pytestmark = pytest.mark.anyio


async def test_a_shift_keeps_its_invariants_whatever_is_pressed(stage: Stage) -> None:
    play = Play(stage, seed=0)
    for _ in range(50):
        await play.act()
        await play.look()
    assert play.done["POST assignments"] > 0
    assert play.done["POST steps"] > 0


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(100, 130))
async def test_a_long_shift_keeps_its_invariants(stage: Stage, seed: int) -> None:
    play = Play(stage, seed)
    for _ in range(300):
        await play.act()
        await play.look()
