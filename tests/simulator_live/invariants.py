"""What must hold of a service at any moment, asked of its tables and of its API."""

from itertools import pairwise
from typing import Any

import msgspec

from brigada.assignments.rules import STEPS
from stage import Stage

ALWAYS = ("assigned", "acknowledged", "en_route", "on_scene", "completed")
"""Steps that no completed assignment lacks."""
ENDED = frozenset({"completed", "declined", "cancelled", "diverted", "troubled"})


async def check(stage: Stage) -> None:
    """Check everything."""
    await check_time_lines(stage)
    await check_calls(stage)
    await check_no_team_is_on_two_calls(stage)
    await check_log(stage)
    await check_replay(stage)
    await check_positions(stage)


async def check_time_lines(stage: Stage) -> None:
    """Each assignment's milestones are in order, complete when it is completed, and those of its time line."""
    for row in await stage.sql("SELECT * FROM assignments"):
        moments = {step: row[f"{step}_at"] for step in ("assigned", *STEPS) if row[f"{step}_at"] is not None}
        assert list(moments.values()) == sorted(moments.values()), row
        assert (row["ended_at"] is not None) == (row["status"] in ENDED), row
        if row["status"] == "completed":
            assert set(ALWAYS) <= set(moments), row
            assert row["ended_at"] == row["completed_at"], row
        elif row["status"] not in ENDED:
            assert list(moments)[-1] == row["status"], row
        written = await stage.sql(
            "SELECT step, at FROM milestones WHERE assignment_id = :id AND corrects IS NULL ORDER BY id",
            id=row["id"],
        )
        assert {one["step"]: one["at"] for one in written} == moments, (written, row)
        assert len(written) == len(moments), "a milestone is written once"


async def check_calls(stage: Stage) -> None:
    """A call is accepted while a team is on it, new while none is, completed when one has done it."""
    rows = await stage.sql(
        "SELECT c.*, (SELECT count(*) FROM assignments a WHERE a.call_id = c.id AND a.ended_at IS NULL) AS working,"
        " (SELECT count(*) FROM assignments a WHERE a.call_id = c.id AND a.status = 'completed') AS done,"
        " (SELECT max(a.ended_at) FROM assignments a WHERE a.call_id = c.id) AS last_end FROM calls c"
    )
    assert rows
    for row in rows:
        assert (row["working"] > 0) == (row["status"] == "accepted"), row
        if row["status"] == "completed":
            assert row["done"] > 0, row
            assert row["closed_at"] >= row["last_end"], row
        else:
            assert row["closed_at"] is None, row


async def check_no_team_is_on_two_calls(stage: Stage) -> None:
    """At no moment was a team on two calls, nor a car or a worker on two teams."""
    rows = await stage.sql(
        "SELECT team_id, assigned_at, ended_at FROM assignments ORDER BY team_id, assigned_at, id"
    )
    for before, after in pairwise(rows):
        if before["team_id"] == after["team_id"]:
            assert before["ended_at"] is not None, (before, after)
            assert before["ended_at"] <= after["assigned_at"], (before, after)
    for what, where in (
        ("car_id", "teams WHERE ended_at IS NULL"),
        ("user_id", "team_members WHERE left_at IS NULL"),
    ):
        twice = await stage.sql(f"SELECT {what} FROM {where} GROUP BY 1 HAVING count(*) > 1")
        assert twice == []


async def check_log(stage: Stage) -> None:
    """Numbers have no gap, and each call's story begins with its receipt and ends with its closing."""
    log = await stage.sql("SELECT seq, kind, at, call_id FROM events ORDER BY seq")
    assert [row["seq"] for row in log] == list(range(log[0]["seq"], log[0]["seq"] + len(log)))
    for call in await stage.sql("SELECT id, status FROM calls"):
        story = [
            row["kind"] for row in log if row["call_id"] == call["id"] and not row["kind"].startswith(SIDE)
        ]
        assert story[0] == "call.created", story
        assert story.count("call.created") == 1, story
        assert (f"call.{call['status']}" in story) == (call["status"] in {"completed", "rejected"}), story


SIDE = ("attention.", "notification.", "proposal.", "advice.")
"""What is told about a call without being its story."""


async def check_replay(stage: Stage) -> None:
    """The events alone, replayed, give what the API shows: every field of calls, assignments and teams they tell of."""
    held: dict[str, dict[int, dict[str, Any]]] = {"call": {}, "assignment": {}, "team": {}}
    for row in await stage.sql("SELECT data FROM events ORDER BY seq"):
        data = row["data"] if isinstance(row["data"], dict) else msgspec.json.decode(row["data"])
        for entity, known in held.items():
            if entity in data:
                known.setdefault(data[entity]["id"], {}).update(data[entity])
    for number in [row["id"] for row in await stage.sql("SELECT id FROM assignments")]:
        shown = await stage.petrova.get(f"/assignments/{number}")
        _same(
            held["assignment"][number],
            shown,
            needed={"status", "milestones", "team_id", "call_id", "version"},
        )
    for number in [row["id"] for row in await stage.sql("SELECT id FROM calls")]:
        shown = await stage.petrova.get(f"/calls/{number}")
        _same(held["call"][number], shown, needed={"status", "version", "received_at", "criticality"})
    for shown in (await stage.petrova.get("/teams", limit=500))["items"]:
        if "assignment_id" in held["team"].get(shown["id"], {}):
            replayed = held["team"][shown["id"]]
            assert replayed["assignment_id"] == shown["assignment_id"], (replayed, shown)
            assert replayed["call_id"] == shown["call_id"], (replayed, shown)


def _same(replayed: dict[str, Any], shown: dict[str, Any], *, needed: set[str]) -> None:
    assert needed <= replayed.keys(), replayed
    told = {name: value for name, value in replayed.items() if name in shown and name != "assignments"}
    assert told == {name: shown[name] for name in told}


async def check_positions(stage: Stage) -> None:
    """The marker is the newest good fix; no fix is later than its receipt; each is of the team that had its car."""
    rows = await stage.sql(
        "SELECT p.car_id, p.at, (SELECT max(h.at) FROM positions h WHERE h.car_id = p.car_id AND h.flags & 7 = 0)"
        " AS newest FROM car_positions p"
    )
    assert rows
    assert all(row["at"] >= row["newest"] for row in rows if row["newest"] is not None)
    assert await stage.sql("SELECT * FROM positions WHERE delay_ms < 0 LIMIT 1") == []
    strange = "SELECT * FROM positions p JOIN teams t ON t.id = p.team_id WHERE t.car_id != p.car_id LIMIT 1"
    assert await stage.sql(strange) == []
    twice = "SELECT car_id, at, source FROM positions GROUP BY 1, 2, 3 HAVING count(*) > 1"
    assert await stage.sql(twice) == []
