"""A screen that follows events without asking the server, as `docs/realtime.md` tells clients to."""

from typing import Any

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
