"""What is known beside a late fix is the same however it is looked up."""

import random
from datetime import datetime, timedelta

import pytest

from brigada.positions.fixes import Fix, Flag
from brigada.positions.rules import PARKED_EVERY
from brigada.positions.storage import Known
from stage import Stage

pytestmark = pytest.mark.anyio


def fix(stage: Stage, at: datetime, source: int = 1, flags: int = 0) -> Fix:
    return Fix(
        car_id=stage.crew12.car_id, team_id=stage.crew12.id, lat=59.9, lon=30.3, at=at,
        received_at=stage.state.clock.now(), source=source, flags=flags,
    )  # fmt: skip


async def test_two_steps_down_the_index_tell_what_a_scan_of_everything_around_tells(stage: Stage) -> None:
    storage = stage.state.positions.storage
    chance = random.Random(7)
    start = stage.state.clock.now() - timedelta(hours=1)
    seconds = chance.sample(range(900), 250)
    kept = [
        fix(
            stage,
            start + timedelta(seconds=second),
            chance.choice([1, 2]),
            chance.choice([0, 0, int(Flag.JUMP)]),
        )
        for second in seconds
    ]
    await storage.write(kept, [])
    late = [
        fix(stage, start + timedelta(seconds=second), chance.choice([1, 2])) for second in range(-5, 1000, 3)
    ]
    one = Known(await storage._beside(late))
    other = Known(await storage._spans(late))
    assert any(one.has(each) for each in late)
    for each in late:
        assert one.has(each) == other.has(each)
        expected = other.before(each)
        if (
            expected is not None and each.at - expected.at <= PARKED_EVERY
        ):  # further back nothing is asked for
            assert one.before(each) == expected
