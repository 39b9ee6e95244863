"""The log is not the one that it was: a copy was restored, or a standby took over without the last entries."""

from collections.abc import AsyncIterator

import pytest

from live.fixtures import House
from live.race import Scene, scene

pytestmark = pytest.mark.anyio


@pytest.fixture
async def stage(house: House) -> AsyncIterator[Scene]:
    async with scene(house.processes, house.dsn) as made:
        yield made


async def everybody_starts_anew(stage: Scene, old_epoch: str) -> None:
    """Each socket is closed with "resume", finds another epoch, and sees the present after its start-up path."""
    for screen in stage.screens:
        assert (await screen.wait_closed())[0] == 4408
        await screen.resume()
        await screen.wait(lambda s=screen: bool(s.resyncs))  # type: ignore[misc]  # a default keeps a loop's value
        assert screen.resyncs == ["another_epoch"]
        screen.seqs.clear()
        await screen.open()
        assert screen.epoch != old_epoch
    await stage.dispatchers[0].new_call()
    await stage.all_screens_are_true()
    assert len({screen.epoch for screen in stage.screens}) == 1


async def test_after_a_restore_nobody_resumes_in_a_log_that_is_not_theirs(stage: Scene) -> None:
    await stage.facts.sql.execute("UPDATE event_counter SET epoch = gen_random_uuid()")
    await everybody_starts_anew(stage, stage.screens[0].epoch)


async def test_a_log_that_lost_its_last_entries_gets_a_new_epoch_once(stage: Scene) -> None:
    for _ in range(6):
        last = (await stage.dispatchers[0].new_call())["id"]
    assert last
    for screen in stage.screens:
        await screen.reach(await stage.facts.last_seq())
    old_epoch = stage.screens[0].epoch
    async with stage.facts.sql.transaction():
        # As a standby would be that never got them: append-only triggers do not run on replicas.
        await stage.facts.sql.execute("SET LOCAL session_replication_role = replica")
        await stage.facts.sql.execute("UPDATE event_counter SET last_seq = last_seq - 3")
        await stage.facts.sql.execute("DELETE FROM events WHERE seq > (SELECT last_seq FROM event_counter)")
    await everybody_starts_anew(stage, old_epoch)
