"""The board's cached bytes are never those of another moment, or of another log."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from brigada.assignments import repository as assignments
from stage import Stage, running_app, seeded_tables, set_stage, settings_for_tests

pytestmark = pytest.mark.anyio


@pytest.fixture
async def own(database_url: str, redis_url: str) -> AsyncIterator[Stage]:
    """A stage on a database of its own: its log is tampered with."""
    async with running_app(settings_for_tests(database_url, redis_url)) as app:
        stage = await set_stage(app, await seeded_tables(app))
        yield stage
        await stage.close()


async def numbers(stage: Stage) -> list[int]:
    return [call["id"] for call in (await stage.petrova.get("/calls", view="actual"))["items"]]


async def test_after_a_restore_the_same_number_shows_what_the_restored_log_holds(own: Stage) -> None:
    await own.petrova.take_in()
    lost = await own.petrova.take_in()
    assert lost["id"] in await numbers(own)
    assert lost["id"] in [call["id"] for call in (await own.petrova.get("/snapshot"))["calls"]]
    async with own.state.database.engine.begin() as connection:
        for statement in (
            # As a restored copy that never had it, and that came to the same number by other events.
            "SET LOCAL session_replication_role = replica",
            f"DELETE FROM calls WHERE id = {lost['id']}",
            "UPDATE event_counter SET epoch = gen_random_uuid()",
        ):
            await connection.exec_driver_sql(statement)
    assert lost["id"] not in await numbers(own)
    assert lost["id"] not in [call["id"] for call in (await own.petrova.get("/snapshot"))["calls"]]


async def test_a_board_shows_calls_and_their_teams_as_they_were_at_one_moment(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A team is sent right between the two queries of the board: it shows the moment before, and the next one after."""
    call = await stage.petrova.take_in()
    true_query = assignments.of_calls

    async def send_a_team_first(session: AsyncSession, call_ids: Sequence[int]) -> Any:
        monkeypatch.undo()
        await stage.ivanova.assign(call, stage.crew12)
        return await true_query(session, call_ids)

    monkeypatch.setattr(assignments, "of_calls", send_a_team_first)
    for status, teams in (("new", []), ("accepted", [stage.crew12.id])):
        [shown] = (await stage.petrova.get("/calls", view="actual"))["items"]
        assert (shown["status"], [one["team_id"] for one in shown["assignments"]]) == (status, teams)


async def test_whatever_changes_a_call_its_patient_or_its_teams_changes_the_board_and_the_rest_stays(
    stage: Stage,
) -> None:
    petrova = stage.petrova
    first, second = await petrova.take_in(criticality="common"), await petrova.take_in(criticality="common")

    async def shown(*order: int) -> None:
        board = (await petrova.get("/calls", view="actual"))["items"]
        assert [call["id"] for call in board] == list(order)
        for call in board:
            assert call == await petrova.get(f"/calls/{call['id']}")

    async def correct(**changes: Any) -> None:
        version = (await petrova.get(f"/calls/{second['id']}"))["version"]
        await petrova.ok("PATCH", f"/calls/{second['id']}", json={"version": version, **changes})

    await shown(first["id"], second["id"])
    await correct(comment="домофон не работает")
    await shown(first["id"], second["id"])
    await correct(patient={"surname": "Ильина", "age": 61})
    await shown(first["id"], second["id"])
    await correct(patient={"surname": "Ильина", "age": 62})
    await shown(first["id"], second["id"])
    await correct(criticality="critical")
    await shown(second["id"], first["id"])
    sent = await petrova.assign(second, stage.crew12)
    await shown(second["id"], first["id"])
    await petrova.post(f"/assignments/{sent['id']}/cancel")
    await shown(second["id"], first["id"])
    await petrova.post(f"/calls/{first['id']}/reject", {"reason": "false", "comment": "шутка"})
    await shown(second["id"])
