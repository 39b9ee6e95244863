"""Picture A and the events after it give picture B, for a dispatcher and for a crew, whatever was done in between."""

import pytest

from listening import listening, told_all
from play import Play
from screens import Screen
from stage import Caller, Stage

pytestmark = pytest.mark.anyio


async def replay(
    stage: Stage, watchers: list[Caller], seed: int, commands: int
) -> list[tuple[Screen, Screen]]:
    """Play a shift before the watchers' screens; return each screen and what the server shows at the end."""
    play = Play(stage, seed)
    for _ in range(12):
        await play.act()
    result = []
    for watcher in watchers:
        before = await watcher.get("/snapshot")
        screen = Screen(before, watcher.id)
        async with listening(stage, watcher, f"after={before['seq']}&epoch={before['epoch']}") as socket:
            await socket.has("hello")
            seen = 0
            for _ in range(commands):
                await play.act()
                await told_all(stage)
                for frame in socket.frames[seen:]:
                    if frame["type"] == "event":
                        screen.apply(frame)
                    elif frame["type"] == "resync":  # the start-up path: the picture anew
                        screen = Screen(await watcher.get("/snapshot"), watcher.id)
                seen = len(socket.frames)
        numbers = [event["seq"] for event in socket.events]
        assert numbers == sorted(set(numbers)), "each event once, in order"
        result.append((screen, Screen(await watcher.get("/snapshot"), watcher.id)))
    return result


def check(pairs: list[tuple[Screen, Screen]]) -> None:
    for screen, server in pairs:
        shown, true = screen.picture(), server.picture()
        for part in true:
            assert shown[part] == true[part], part


async def test_a_screen_that_follows_the_events_shows_what_the_server_shows(stage: Stage) -> None:
    watchers = [stage.petrova, stage.crew12.worker, stage.crew13.worker]
    check(await replay(stage, watchers, seed=0, commands=30))


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(100, 140))
async def test_a_screen_shows_what_the_server_shows_after_long_shifts(stage: Stage, seed: int) -> None:
    watchers = [stage.petrova, stage.admin, stage.crew12.worker, stage.free_workers[0]]
    check(await replay(stage, watchers, seed, commands=120))


async def test_a_screen_that_ignores_the_events_is_found_out(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Screen, "apply", lambda *_: None)
    with pytest.raises(AssertionError):
        check(await replay(stage, [stage.petrova], 0, commands=40))
