"""Picture A and the events after it give picture B, for a dispatcher and for a crew, whatever was done in between."""

from typing import Any

import pytest

from listening import listening, told_all
from play import Play
from stage import Caller, Stage

pytestmark = pytest.mark.anyio

CLOSED = {"completed", "rejected"}


class Screen:
    """What a client keeps: entities by id, changed by merging what events say. Nothing is asked of the server."""

    def __init__(self, snapshot: dict[str, Any], me: int) -> None:
        self.me = me
        self.worker = snapshot["role"] == "worker"
        self.calls = {call["id"]: call for call in snapshot["calls"]}
        self.teams = {team["id"]: team for team in snapshot["teams"]}
        self.stations = {one["id"]: one for one in snapshot["stations"]}
        self.hospitals = {one["id"]: one for one in snapshot["hospitals"]}
        self.reasons = {one["code"]: one for one in snapshot["reasons"]}

    def picture(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("calls", "teams", "stations", "hospitals", "reasons")}

    def apply(self, event: dict[str, Any]) -> None:
        """Merge what an event says; drop what is closed, ended, deleted, or not ours any more."""
        data = event["data"]
        if "team" in data:
            self._team(data["team"])
        if "call" in data:
            self._call(data["call"])
        if "assignment" in data:
            self._assignment(data["assignment"])
        for word, kept, key in (
            ("station", self.stations, "id"), ("hospital", self.hospitals, "id"), ("reason", self.reasons, "code"),
        ):  # fmt: skip
            if word in data:
                self._dictionary(kept, data[word], key)
        if self.worker:
            self._keep_own()

    def _team(self, team: dict[str, Any]) -> None:
        self.teams[team["id"]] = {**self.teams.get(team["id"], {}), **team}
        if self.teams[team["id"]].get("ended_at"):
            del self.teams[team["id"]]

    def _call(self, call: dict[str, Any]) -> None:
        if call["id"] not in self.calls and "assignments" not in call:
            return  # a part of a call that this screen does not show
        self.calls[call["id"]] = {**self.calls.get(call["id"], {}), **call}
        if self.calls[call["id"]]["status"] in CLOSED:
            del self.calls[call["id"]]

    def _assignment(self, assignment: dict[str, Any]) -> None:
        call = self.calls.get(assignment["call_id"])
        if call is None:
            return
        known = {one["id"]: one for one in call["assignments"]}
        known[assignment["id"]] = {**known.get(assignment["id"], {}), **assignment}
        call["assignments"] = [known[number] for number in sorted(known)]

    @staticmethod
    def _dictionary(kept: dict[Any, Any], entry: dict[str, Any], key: str) -> None:
        if entry.get("deleted") or entry.get("active") is False:
            kept.pop(entry[key], None)
        else:
            kept[entry[key]] = {**kept.get(entry[key], {}), **entry}

    def _keep_own(self) -> None:
        """A crew's screen shows the own team and the call that it is on."""
        self.teams = {
            number: team
            for number, team in self.teams.items()
            if any(member["id"] == self.me for member in team.get("members", ()))
        }
        self.calls = {
            number: call
            for number, call in self.calls.items()
            if any(one["team_id"] in self.teams and one["ended_at"] is None for one in call["assignments"])
        }


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


@pytest.mark.parametrize("seed", range(2))
async def test_a_screen_that_follows_the_events_shows_what_the_server_shows(stage: Stage, seed: int) -> None:
    watchers = [stage.petrova, stage.crew12.worker, stage.crew13.worker]
    check(await replay(stage, watchers, seed, commands=30))


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
