"""How often a request asks the database: a command a fixed number of times, a list as often for 50 rows as for 5."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from sqlalchemy import event

from brigada.db.engine import Database
from stage import Caller, Stage

pytestmark = pytest.mark.anyio

# The app's chores ask the database too, in tasks of their own: what a request asks is told apart by its context.
_asked: ContextVar[list[str] | None] = ContextVar("asked", default=None)


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that this task asks; the requests of the stage run the app within the task."""
    statements: list[str] = []
    token = _asked.set(statements)
    try:
        yield statements
    finally:
        _asked.reset(token)


def note(statement: str) -> None:
    statements = _asked.get()
    if statements is not None:
        statements.append(statement)


@pytest.fixture(autouse=True)
def noted(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Note each statement, of the sessions and of the hot ones that pass SQLAlchemy by."""

    def of_a_session(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        note(statement)

    for name in ("fetch_one", "fetch_all"):
        true = getattr(Database, name)

        async def hot(self: Database, sql: str, *args: object, _true: Any = true) -> Any:
            note(sql)
            return await _true(self, sql, *args)

        monkeypatch.setattr(Database, name, hot)
    engine = stage.state.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", of_a_session)
    yield
    event.remove(engine, "before_cursor_execute", of_a_session)


async def test_a_command_asks_the_database_a_fixed_number_of_times(stage: Stage) -> None:
    """The numbers of docs/benchmarks/service.md; who finds a way with fewer lowers them here and there."""
    worker = stage.crew12.worker
    # Once beforehand: what a process keeps after the first time is not what a command costs.
    first = await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    for step in ("acknowledged", "completed"):
        await worker.step(first, step)
    with counted() as taken_in:
        call = await stage.petrova.take_in()
    with counted() as sent:
        assignment = await stage.petrova.assign(call, stage.crew12)
    with counted() as stepped:
        await worker.step(assignment, "acknowledged")
    with counted() as completed:
        await worker.step(assignment, "completed")
    for asked, most in ((taken_in, 8), (sent, 16), (stepped, 8), (completed, 13)):
        assert 0 < len(asked) <= most, "\n".join(asked)


async def more_staff(stage: Stage, count: int) -> None:
    """So many further teams, each of one worker and one car."""
    await stage.sql(
        """
        WITH numbered AS (SELECT n, now() AS at FROM generate_series(1, :count) AS n),
        people AS (
            INSERT INTO users (login, password_hash, role, name, surname)
            SELECT 'w' || n, '', 'worker', 'Имя', 'Фамилия' FROM numbered RETURNING id, login
        ), fleet AS (
            INSERT INTO cars (number, class, model)
            SELECT 'К' || to_char(n, 'FM000') || 'КК53', 'B', 'ГАЗель' FROM numbered RETURNING id, number
        ), made AS (
            INSERT INTO teams (name, profile, car_id, shift_start, shift_end)
            SELECT 'Б' || n, 'paramedic', fleet.id, at - interval '1 hour', at + interval '9 hours'
            FROM numbered JOIN fleet ON fleet.number = 'К' || to_char(n, 'FM000') || 'КК53' RETURNING id, name
        )
        INSERT INTO team_members (team_id, user_id, place, joined_at)
        SELECT made.id, people.id, 0, at
        FROM numbered JOIN made ON made.name = 'Б' || n JOIN people ON people.login = 'w' || n
        """,
        count=count,
    )


LISTS: dict[str, dict[str, object]] = {
    # A filter, so that it is asked for and not taken from the cached bytes.
    "/calls": {"view": "actual", "criticality": "critical"},
    "/calls ": {"limit": 100},
    "/teams": {"limit": 100},
    "/users": {"limit": 100},
    "/cars": {"limit": 100},
}


async def asked_for_lists(caller: Caller) -> dict[str, tuple[int, int]]:
    """For each list how many rows it has and how many statements they took."""
    found = {}
    for path, params in LISTS.items():
        with counted() as asked:
            answer = await caller.get(path.strip(), **params)
        found[path] = (len(answer["items"]), len(asked))
    return found


async def test_a_list_asks_as_often_for_many_rows_as_for_few(stage: Stage) -> None:
    calls = [await stage.petrova.take_in(criticality="critical") for _ in range(5)]
    for call, crew in zip(calls, stage.crews, strict=False):
        await stage.petrova.assign(call, crew)
    await asked_for_lists(stage.admin)
    few = await asked_for_lists(stage.admin)
    for _ in range(45):
        await stage.petrova.take_in(criticality="critical")
    await more_staff(stage, 40)
    many = await asked_for_lists(stage.admin)
    assert {path: rows for path, (rows, _) in few.items()} == {
        "/calls": 5, "/calls ": 5, "/teams": 2, "/users": 9, "/cars": 3,
    }  # fmt: skip
    assert {path: rows for path, (rows, _) in many.items()} == {
        "/calls": 50, "/calls ": 50, "/teams": 42, "/users": 49, "/cars": 43,
    }  # fmt: skip
    assert {path: asked for path, (_, asked) in many.items()} == {
        path: asked for path, (_, asked) in few.items()
    }
    assert all(asked > 0 for _, asked in few.values())
