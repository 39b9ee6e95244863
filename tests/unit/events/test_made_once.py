"""What many ask for at once is made once, and nobody gets anything older than what had happened when they asked."""

import asyncio

import pytest

from brigada.events.log import Position
from brigada.events.made import MadeOnce

pytestmark = pytest.mark.anyio


class Maker:
    """Makes "1", "2", …, each when it is let."""

    def __init__(self) -> None:
        self.begun = 0
        self.free = asyncio.Event()
        self.fails = False

    async def make(self) -> str:
        self.begun += 1
        made = str(self.begun)
        await self.free.wait()
        if self.fails:
            raise OSError("the database is away")
        return made


def at(seq: int, epoch: str = "e") -> Position:
    return Position(epoch, seq)


@pytest.fixture
def maker() -> Maker:
    return Maker()


async def test_of_many_who_ask_at_once_one_makes_it(maker: Maker) -> None:
    made = MadeOnce(maker.make)
    asking = [asyncio.create_task(made.get(at(7))) for _ in range(100)]
    await asyncio.sleep(0)
    maker.free.set()
    assert set(await asyncio.gather(*asking)) == {"1"}
    assert await made.get(at(7)) == "1"
    assert await made.get(at(6)) == "1", "whoever asked a moment earlier may have the newer one"


async def test_whoever_knows_of_a_later_event_does_not_get_what_was_begun_before_it(maker: Maker) -> None:
    made = MadeOnce(maker.make)
    before = asyncio.create_task(made.get(at(7)))
    await asyncio.sleep(0)
    after = asyncio.create_task(made.get(at(8)))
    await asyncio.sleep(0)
    maker.free.set()
    assert (await before, await after) == ("1", "2")


async def test_the_same_number_of_another_log_is_another_place(maker: Maker) -> None:
    made = MadeOnce(maker.make)
    maker.free.set()
    assert await made.get(at(7)) == "1"
    assert await made.get(at(7, "restored")) == "2"
    assert await made.get(at(3, "restored")) == "2"


async def test_a_failure_reaches_all_who_waited_and_is_not_kept(maker: Maker) -> None:
    made = MadeOnce(maker.make)
    maker.fails = True
    asking = [asyncio.create_task(made.get(at(7))) for _ in range(3)]
    await asyncio.sleep(0)
    maker.free.set()
    for one in asking:
        with pytest.raises(OSError, match="away"):
            await one
    maker.fails = False
    assert await made.get(at(7)) == "2"


async def test_whoever_goes_away_leaves_it_to_the_others(maker: Maker) -> None:
    made = MadeOnce(maker.make)
    gone, stays = (asyncio.create_task(made.get(at(7))) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    maker.free.set()
    assert await stays == "1"


async def test_what_also_changes_by_the_clock_is_made_anew_after_its_time(maker: Maker) -> None:
    maker.free.set()
    lasting, passing = MadeOnce(maker.make), MadeOnce(maker.make, fresh_s=0.0)
    assert [await lasting.get(at(7)) for _ in range(2)] == ["1", "1"]
    assert [await passing.get(at(7)) for _ in range(2)] == ["2", "3"]
